import { useState } from "preact/hooks";
import { testids } from "../../testids";
import { addToCart, wish } from "../actions";
import { FREE_SHIPPING_FROM, productOf, products } from "../catalog";
import { say, t, won } from "../i18n";
import { Art, Empty, Grid, Stepper } from "../parts";
import { go, to } from "../router";
import { wishes } from "../store";

const SCARCE = 15;

export function ProductPage({ id }: { id: string }) {
  const [quantity, setQuantity] = useState(1);
  const product = productOf(id);
  if (!product) return <><h1 class="unseen" tabIndex={-1}>{t("notFound")}</h1><Empty text={t("notFound")} /></>;
  const others = products.filter((other) => other !== product).slice(0, 4);
  return (
    <>
      <article class="product">
        <Art product={product} alt={say(product.name)} />
        <div class="stack">
          <div>
            <a class="crumb" href={to.list(product.category)}>{t(product.category)}</a>
            <h1 tabIndex={-1} data-testid={testids.productTitle}>{say(product.name)}</h1>
            <p class="soft">{say(product.note)}</p>
          </div>
          <div>
            <div class="title-row">
              <p class="price">{won(product.price)}</p>
              <button type="button" class="icon wish" aria-label={t("wish")} aria-pressed={wishes.value.includes(product.id)} data-testid={testids.wish} onClick={() => wish(product)}>
                <svg viewBox="0 0 24 24" fill="none" stroke="currentColor" stroke-width="1.5" stroke-linejoin="round" aria-hidden="true"><path d="M12 20S3.8 15 3.8 9.2A4.4 4.4 0 0 1 12 7a4.4 4.4 0 0 1 8.2 2.2C20.2 15 12 20 12 20z" /></svg>
              </button>
            </div>
            <p class="small soft">{product.price >= FREE_SHIPPING_FROM ? t("shippingFree") : t("shippingNote")}</p>
          </div>
          <div class="title-row">
            <Stepper product={product} quantity={quantity} least={1} change={(by) => setQuantity(quantity + by)} />
            {product.stock <= SCARCE && <span class="small soft">{t("fewLeft", { n: product.stock })}</span>}
          </div>
          <div class="actions">
            <button type="button" class="button grow" data-testid={testids.addToCart} onClick={() => addToCart(product, quantity)}>{t("addToCart")}</button>
            <button type="button" class="button quiet grow" data-testid={testids.buyNow} onClick={() => { addToCart(product, quantity); go(to.checkout); }}>{t("buyNow")}</button>
          </div>
          <p>{say(product.about)}</p>
          <dl class="table">
            {product.facts.map(([name, value]) => (
              <div key={name.en}><dt>{say(name)}</dt><dd>{say(value)}</dd></div>
            ))}
          </dl>
        </div>
      </article>
      <section class="section">
        <h2>{t("alsoSee")}</h2>
        <Grid products={others} list="product" beside />
      </section>
    </>
  );
}
