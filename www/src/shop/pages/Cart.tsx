import { testids } from "../../testids";
import { changeCart } from "../actions";
import { say, t, won } from "../i18n";
import { Art, Empty, ShippingGauge, Stepper, Sums } from "../parts";
import { to } from "../router";
import { cartLines, cartShipping, cartTotal } from "../store";

export const Cart = () => (
  <div class="stack">
    <h1 tabIndex={-1}>{t("cart")}</h1>
    {cartLines.value.length === 0 ? <Empty text={t("cartEmpty")} /> : (
      <div class="split">
        <ul class="lines">
          {cartLines.value.map(({ product, quantity }) => (
            <li key={product.id} data-testid={testids.cartLine(product.id)}>
              <Art product={product} />
              <div class="body">
                <a href={to.product(product.id)}>{say(product.name)}</a>
                <span class="small soft">{say(product.note)}</span>
                <div class="row">
                  <Stepper
                    product={product} quantity={quantity} least={1} change={(by) => changeCart(product, by)}
                    ids={{ more: testids.cartMore(product.id), less: testids.cartLess(product.id) }}
                  />
                  <span class="price">{won(product.price * quantity)}</span>
                </div>
                <div>
                  <button
                    type="button" class="link small soft" aria-label={t("removeOf", { product: say(product.name) })}
                    data-testid={testids.cartRemove(product.id)} onClick={() => changeCart(product, -quantity)}
                  >{t("remove")}</button>
                </div>
              </div>
            </li>
          ))}
        </ul>
        <aside class="side card stack">
          <ShippingGauge total={cartTotal.value} />
          <Sums total={cartTotal.value} shipping={cartShipping.value} testid={testids.cartTotal} />
          <a class="button" href={to.checkout} data-testid={testids.goCheckout}>{t("checkout")}</a>
        </aside>
      </div>
    )}
  </div>
);
