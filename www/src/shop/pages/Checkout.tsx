import { testids } from "../../testids";
import { pay } from "../actions";
import { t, won } from "../i18n";
import { Empty, Field, Lines, Sums } from "../parts";
import { cart, cartLines, cartShipping, cartTotal, member } from "../store";

const methods = ["card", "easyPay", "transfer"] as const;

export function Checkout() {
  const submit = (event: SubmitEvent) => {
    event.preventDefault();
    pay(String(new FormData(event.currentTarget as HTMLFormElement).get("method")));
  };
  return (
    <div class="stack">
      <h1 tabIndex={-1}>{t("payment")}</h1>
      {cartLines.value.length === 0 ? <Empty text={t("cartEmpty")} /> : (
        <form class="split" onSubmit={submit}>
          <div class="stack">
            <section class="stack">
              <h2>{t("deliverTo")}</h2>
              <p class="small soft">{t("prefilled")}</p>
              <Field label={t("recipient")} name="recipient" initial={member.value?.name ?? t("guest")} required autocomplete="name" />
              <Field label={t("phone")} name="phone" inputMode="tel" initial="010-0000-0000" required autocomplete="tel" />
              <Field label={t("address")} name="address" initial={t("demoAddress")} required autocomplete="street-address" />
            </section>
            <fieldset class="stack">
              <legend class="unseen">{t("payWith")}</legend>
              <h2 aria-hidden="true">{t("payWith")}</h2>
              <div class="choices">
                {methods.map((method, index) => (
                  <label class="choice" key={method}>
                    <input type="radio" name="method" value={method} defaultChecked={index === 0} />
                    <span>{t(method)}</span>
                  </label>
                ))}
              </div>
            </fieldset>
          </div>
          <aside class="side card stack">
            <h2>{t("orderItems")}</h2>
            <Lines lines={cart.value} />
            <Sums total={cartTotal.value} shipping={cartShipping.value} />
            <button class="button" data-testid={testids.pay}>{t("pay", { total: won(cartTotal.value + cartShipping.value) })}</button>
            <p class="small soft">{t("payNote")}</p>
          </aside>
        </form>
      )}
    </div>
  );
}
