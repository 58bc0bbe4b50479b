import { useState } from "preact/hooks";
import { testids } from "../../testids";
import { addToCart } from "../actions";
import { FREE_SHIPPING_FROM, productOf, products } from "../catalog";
import { say, t, won } from "../i18n";
import { Art, Empty, Grid, Stepper } from "../parts";
import { go, to } from "../router";

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
            <p class="price">{won(product.price)}</p>
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
