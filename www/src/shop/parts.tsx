/** Pieces that more than one page uses. */
import { createElement, type ComponentChildren } from "preact";
import { testids } from "../testids";
import { FREE_SHIPPING_FROM, type Product } from "./catalog";
import { commerce } from "./datalayer";
import { say, t, won } from "./i18n";
import { to } from "./router";
import { full, type Order } from "./store";

/** A place where danbi draws cards. No children and no changing props: what is inside belongs to danbi. */
export const Slot = ({ name }: { name: string }) => <div class="slot" data-danbi-slot={name} />;

/** One of danbi's widgets under a heading of the shop's, which goes where the widget has nothing to show. */
export const Widget = ({ title, kind, of, testid }: { title: string; kind: string; of?: string; testid: string }) => (
  <section class="widget" data-testid={testid}>
    <h2>{title}</h2>
    {createElement("danbi-progress", { kind, of })}
  </section>
);

export const Art = ({ product, alt = "" }: { product: Product; alt?: string }) => (
  <span class={`art ${product.tone}`}>
    <img src={`art/${product.id}.svg`} alt={alt} width="400" height="500" />
  </span>
);

/** `list` names the list for the data layer; `beside` another page's main thing the tiles are smaller. */
export const Grid = ({ products, list, beside = false }: { products: Product[]; list: string; beside?: boolean }) => (
  <ul class={beside ? "grid beside" : "grid"}>
    {products.map((product) => (
      <li key={product.id}>
        <a
          class="tile"
          href={to.product(product.id)}
          data-testid={testids.product(product.id)}
          onClick={() => commerce("select_item", [{ product, quantity: 1 }], { item_list_id: list })}
        >
          <Art product={product} />
          <span>
            <span class="tile-name">{say(product.name)}</span>
            <br />
            <span class="tile-note">{say(product.note)}</span>
          </span>
          <span class="price">{won(product.price)}</span>
        </a>
      </li>
    ))}
  </ul>
);

interface StepperProps {
  product: Product;
  quantity: number;
  least: number;
  change: (by: number) => void;
  ids?: { more: string; less: string };
}
export function Stepper({ product, quantity, least, change, ids }: StepperProps) {
  const name = { product: say(product.name) };
  return (
    <span class="stepper" role="group" aria-label={t("quantity")}>
      <button type="button" aria-label={t("less", name)} disabled={quantity <= least} data-testid={ids?.less} onClick={() => change(-1)}>−</button>
      <output aria-live="polite">{quantity}</output>
      <button type="button" aria-label={t("more", name)} disabled={quantity >= product.stock} data-testid={ids?.more} onClick={() => change(1)}>+</button>
    </span>
  );
}

export const Bar = ({ label, percent }: { label: string; percent: number }) => (
  <div class="bar" role="progressbar" aria-label={label} aria-valuemin={0} aria-valuemax={100} aria-valuenow={percent}>
    <i style={{ inlineSize: `${percent}%` }} />
  </div>
);

export function ShippingGauge({ total }: { total: number }) {
  const gap = FREE_SHIPPING_FROM - total;
  const text = gap > 0 ? t("toFree", { gap: won(gap) }) : t("isFree");
  return (
    <div class="gauge">
      <p>{text}</p>
      <Bar label={text} percent={Math.min(100, Math.floor((total / FREE_SHIPPING_FROM) * 100))} />
    </div>
  );
}

export const Sums = ({ total, shipping, testid }: { total: number; shipping: number; testid?: string }) => (
  <dl class="sums">
    <div><dt>{t("subtotal")}</dt><dd>{won(total)}</dd></div>
    <div><dt>{t("shipping")}</dt><dd>{shipping === 0 ? t("free") : won(shipping)}</dd></div>
    <div class="grand"><dt>{t("total")}</dt><dd data-testid={testid}>{won(total + shipping)}</dd></div>
  </dl>
);

/** Bought or about to be: picture, name, count and price, nothing to press. */
export const Lines = ({ lines }: { lines: Order["lines"] }) => (
  <ul class="lines brief">
    {full(lines).map(({ product, quantity }) => (
      <li key={product.id}>
        <Art product={product} />
        <div class="body">
          <span>{say(product.name)}</span>
          <span class="row small soft"><span>{t("quantity")} {quantity}</span><span>{won(product.price * quantity)}</span></span>
        </div>
      </li>
    ))}
  </ul>
);

interface FieldProps {
  label: string;
  name: string;
  inputMode?: "email" | "tel";
  /** What it holds at first; a redraw never overwrites what was typed. */
  initial?: string;
  required?: boolean;
  autocomplete?: string;
  testid?: string;
}
export const Field = ({ label, testid, initial, ...input }: FieldProps) => (
  <label class="field">
    <span>{label}</span>
    <input defaultValue={initial} data-testid={testid} {...input} />
  </label>
);

/** A page without what was asked for. */
export const Empty = ({ text, children }: { text: string; children?: ComponentChildren }) => (
  <div class="empty">
    <p>{text}</p>
    {children ?? <a class="button quiet" href={to.list()}>{t("keepLooking")}</a>}
  </div>
);
