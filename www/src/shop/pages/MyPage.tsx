import { signal } from "@preact/signals";
import { testids } from "../../testids";
import { markDelivered, review } from "../actions";
import { changes, danbi, declareBirthday, declareTaste, enterStore, leave, nearby, said, tastes, type Taste } from "../danbi";
import { day, points, say, t, tierName, won, type TextKey } from "../i18n";
import { Bar, Empty, Field, Slot, Widget } from "../parts";
import { to } from "../router";
import { full, member, myOrders, type Order } from "../store";

/** Points and tier as danbi projects them; the shop's own ledger would confirm them later. */
function Summary() {
  changes.value; // read, so that this part draws again when danbi's answers change
  const progress = danbi.progress();
  const currency = progress && Object.values(progress.currencies)[0];
  const tier = progress && Object.values(progress.tiers)[0];
  if (!currency && !tier) return <p class="card soft">{t("noProgress")}</p>;
  const gap = tier?.next ? t("tierGap", { tier: tierName(tier.next), gap: won(tier.remaining) }) : t("tierTop");
  return (
    <section class="card stack">
      <div class="summary">
        {tier && (
          <div data-testid={testids.tier}>
            <h2 class="small soft">{t("tier")} <span class="chip">{t("projected")}</span></h2>
            <p class="figure">{tierName(tier.level)}</p>
            <div class="gauge">
              <Bar label={gap} percent={tier.percent} />
              <p class="small soft">{gap}</p>
            </div>
          </div>
        )}
        {currency && (
          <div data-testid={testids.points}>
            <h2 class="small soft">{t("points")} <span class="chip">{t("projected")}</span></h2>
            <p class="figure"><span class="unseen">{t("usable")} </span>{points(currency.active)}</p>
            <p class="small soft">{t("pending")} {points(currency.pending)}</p>
            {currency.nextExpiry && (
              <p class="small soft">
                {t("expires", { points: points(currency.nextExpiry.amount), date: day(Date.parse(currency.nextExpiry.at) - 1) })}
              </p>
            )}
          </div>
        )}
      </div>
      <p class="small soft">{t("projectedNote")}</p>
    </section>
  );
}

/** Rewards of the loyalty program that are worth a place in the wallet; its points stand above already. */
const perks = "welcome_coupon free_shipping now_coupon friend_coupon birthday_coupon hand_cream winback_coupon sample_kit";

/** Drawn by danbi, which knows how far the member is. */
const Progress = () => (
  <div class="two">
    <Widget title={t("missions")} kind="missions" testid={testids.missions} />
    <Widget title={t("badges")} kind="badges" testid={testids.badges} />
    <Widget title={t("perks")} kind="wallet" of={perks} testid={testids.perks} />
  </div>
);

/** Preferences the shopper states: danbi keeps them apart from what it observes. */
function Tastes() {
  changes.value; // as above
  return (
    <section class="card stack">
      {(Object.keys(tastes) as Taste[]).map((taste) => (
        <div key={taste} role="group" aria-labelledby={taste}>
          <h2 class="small soft" id={taste}>{t(taste)}</h2>
          <div class="actions">
            {tastes[taste].map((answer) => (
              <button key={answer} type="button" class="button quiet slim" aria-pressed={said(taste) === answer} data-testid={testids.taste(taste, answer)} onClick={() => void declareTaste(taste, answer)}>{t(answer === "none" ? "unscented" : answer)}</button>
            ))}
          </div>
        </div>
      ))}
      <p class="small soft">{t("skinWhy")}</p>
    </section>
  );
}

function Birthday() {
  changes.value; // as above
  const known = said("birthday");
  const save = (event: SubmitEvent) => {
    event.preventDefault();
    const day = String(new FormData(event.currentTarget as HTMLFormElement).get("birthday")).trim();
    if (/^(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])$/.test(day)) void declareBirthday(day);
  };
  return (
    <section class="card stack" aria-labelledby="birthday">
      <h2 class="small soft" id="birthday">{t("birthday")}</h2>
      {typeof known === "string" ? (
        <div class="title-row">
          <span>{known}</span>
          <button type="button" class="button quiet slim" data-testid={testids.birthdayErase} onClick={() => void declareBirthday(null)}>{t("erase")}</button>
        </div>
      ) : (
        <form class="stack" onSubmit={save}>
          <Field label={t("birthdayDay")} name="birthday" required testid={testids.birthdayInput} />
          <button class="button quiet slim" data-testid={testids.birthdaySave}>{t("save")}</button>
        </form>
      )}
      <p class="small soft">{t("birthdayWhy")}</p>
    </section>
  );
}

/** In KakaoTalk's own browser there is no place to be had: the code at the store's door serves instead, and wherever asking failed. */
const framed = /KAKAOTALK/i.test(navigator.userAgent);
const asksCode = signal(framed);
const nearbyText = signal<TextKey | null>(null);

function Stores() {
  const ask = async () => {
    const { status, places = [] } = await nearby();
    asksCode.value = status !== "known";
    nearbyText.value = status !== "known" ? "storeNoPlace" : places.length > 0 ? "storeNear" : "storeFar";
  };
  const enter = (event: SubmitEvent) => {
    event.preventDefault();
    const code = String(new FormData(event.currentTarget as HTMLFormElement).get("code")).trim();
    nearbyText.value = enterStore(code) ? "storeNear" : "storeNoCode";
  };
  return (
    <section class="card stack" aria-labelledby="stores">
      <h2 class="small soft" id="stores">{t("stores")}</h2>
      {!framed && <button type="button" class="button quiet slim" data-testid={testids.storesNearby} onClick={() => void ask()}>{t("storesNearby")}</button>}
      {asksCode.value && (
        <form class="stack" onSubmit={enter}>
          <Field label={t("storeCode")} name="code" required testid={testids.storeCode} />
          <button class="button quiet slim" data-testid={testids.storeCodeSubmit}>{t("storeCodeSubmit")}</button>
        </form>
      )}
      <p class="small soft" role="status">{nearbyText.value ? t(nearbyText.value) : t("storesWhy")}</p>
    </section>
  );
}

function OrderRow({ order }: { order: Order }) {
  const [first, ...rest] = full(order.lines);
  return (
    <li class="order" data-testid={testids.order(order.id)}>
      <div class="title-row">
        <span class="small soft">{day(order.at)} · {order.id}</span>
        <span class={`chip ${order.state === "cancelled" ? "off" : "on"}`}>{t(order.state)}</span>
      </div>
      <div class="title-row">
        <span>{first && say(first.product.name)}{rest.length > 0 && ` ${t("more_items", { n: rest.length })}`}</span>
        <span class="price">{won(order.total + order.shipping)}</span>
      </div>
      {order.state === "delivered" && (
        <div class="actions">
          {full(order.lines).filter(({ product }) => !order.reviewed?.includes(product.id)).map(({ product }) => (
            <button key={product.id} type="button" class="button quiet slim" data-testid={testids.orderReview(order.id, product.id)} onClick={() => review(order, product)}>{t("writeReview", { product: say(product.name) })}</button>
          ))}
        </div>
      )}
      {order.state === "paid" && (
        <div class="actions">
          <button type="button" class="button quiet slim" data-testid={testids.orderDelivered(order.id)} onClick={() => markDelivered(order)}>{t("markDelivered")}</button>
          <a class="button quiet slim" href={to.cancel(order.id)} data-testid={testids.orderCancel(order.id)}>{t("cancel")}</a>
        </div>
      )}
    </li>
  );
}

export function MyPage() {
  const who = member.value;
  return (
    <div class="narrow stack">
      <div class="title-row">
        <h1 tabIndex={-1} data-testid={testids.memberName}>{who ? t("hello", { name: who.name }) : t("myPage")}</h1>
        {who && <button type="button" class="link small soft" data-testid={testids.logout} onClick={leave}>{t("logout")}</button>}
      </div>
      <Slot name="mypage" />
      {who ? <Summary /> : <Empty text={t("memberOnly")}><a class="button" href={to.login} data-testid={testids.goLogin}>{t("login")}</a></Empty>}
      {who && <Progress />}
      {who && <Tastes />}
      {who && <Birthday />}
      {who && <Stores />}
      {(who || myOrders.value.length > 0) && (
        <section class="stack">
          <h2>{t("orders")}</h2>
          {myOrders.value.length === 0
            ? <p class="soft">{t("noOrders")}</p>
            : <ul>{myOrders.value.map((order) => <OrderRow key={order.id} order={order} />)}</ul>}
        </section>
      )}
    </div>
  );
}
