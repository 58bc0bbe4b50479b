/** Where a store is, and when it is open. */
import type { Store } from "../../types.js";
import type { Drawer } from "../pen.js";

const css = `[part=store]{display:grid;gap:.125em;margin-block-start:.25em}
[part=name]{margin:0;font-weight:700}
[part=address],[part=hours]{margin:0;color:var(--m);font-style:normal}
[part=links]{display:flex;flex-wrap:wrap;gap:8px;max-inline-size:28em;margin:.75em 0 0}
[part=links] a{display:flex;flex:1 0 auto;box-sizing:border-box;align-items:center;justify-content:center;max-inline-size:100%;min-block-size:44px;padding:10px 16px;border-radius:calc(var(--r)*.625);background:rgb(128 128 128/.16);color:var(--t);font-weight:600;text-align:center;text-decoration:none}
@media(hover:hover){[part=links] a:hover{filter:brightness(.92)}}
@media(forced-colors:active){[part=links] a{border:1px solid}}`;

export const store: Drawer<Store> = (pen, into, { name, address, hours, phone, map }) => {
  pen.style(css);
  const { add, say } = pen;
  const card = add(into, "div", "store");
  add(card, "p", "name", name);
  if (address) add(card, "address", "address", address);
  if (hours) add(card, "p", "hours", hours);
  const digits = phone?.replace(/[^+\d]/g, "");
  const links = [
    ["phone", say(`전화 ${phone}`, `Call ${phone}`), digits && `tel:${digits}`],
    ["map", say("지도 보기", "Map"), map],
  ] as const;
  const reachable = links.flatMap(([value, label, url]) => pen.address(url) ? [[value, label, pen.address(url)!] as const] : []);
  if (reachable.length == 0) return;
  const row = add(card, "div", "links");
  for (const [value, label, url] of reachable) {
    const link = add(row, "a", value, label);
    link.href = url;
    // The host may have a map of its own, and is asked as with any press; a new tab is the shopper's wish and nobody else's.
    link.addEventListener("click", (event) => {
      if (event.ctrlKey || event.metaKey || event.shiftKey) return;
      event.preventDefault();
      pen.answer({ action: "click", value, url, more: true });
    });
  }
};
