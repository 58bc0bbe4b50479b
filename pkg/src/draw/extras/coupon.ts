/** A coupon with its code to take along. */
import type { Coupon } from "../../types.js";
import type { Drawer } from "../pen.js";
import { copy, css } from "./copy.js";
import { mark } from "./mark.js";

// A ticket, bitten where it is torn off: half of each bite is above the line and half below.
const look = `[part=coupon]{display:grid;gap:.5em;margin-block-start:.5em}
[part=ticket]{max-inline-size:28em;--b:var(--s) 8px,#0000 8.5px;border-radius:calc(var(--r)*.75);background:rgb(128 128 128/.1);background:color-mix(in srgb,var(--a) 10%,var(--s))}
[part=offer],[part=take]{display:flex;padding:14px 20px;background:radial-gradient(circle at 0 100%,var(--b)),radial-gradient(circle at 100% 100%,var(--b))}
[part=offer]{flex-direction:column}
[part=label]{margin:0;font-size:1.25em;font-weight:700;line-height:1.4}
[part=until]{margin:0;color:var(--m);font-size:.875em}
[part=take]{position:relative;flex-wrap:wrap;align-items:center;justify-content:space-between;gap:4px 12px;padding-block:10px;background:radial-gradient(circle at 0 0,var(--b)),radial-gradient(circle at 100% 0,var(--b))}
[part=take]::before{content:"";position:absolute;inset:-1px 14px auto;border-block-start:2px dashed var(--l)}
[part=take] [part=code]{font-size:1.125em;letter-spacing:.04em}
[part=take] button{padding-inline:16px;background:var(--s);color:var(--t);font-weight:600}
[part=ticket] [part=status]{padding:0 20px 14px}
@media(forced-colors:active){[part=ticket],[part=take] button{border:1px solid}}`;

export const coupon: Drawer<Coupon> = (pen, into, { code, label, note, until }) => {
  pen.style(css + look);
  const { add, say } = pen;
  const box = add(into, "div", "coupon");
  const ticket = add(box, "div", "ticket");
  const offer = add(ticket, "div", "offer");
  add(offer, "p", "label", label);
  if (until) add(offer, "p", "until", until);
  const take = add(ticket, "div", "take");
  add(take, "code", "code", code);
  let told = false;
  const button = pen.button(take, "copy", say("복사", "Copy"), () => {
    void copy(pen, ticket, button, code, say("복사했어요", "Copied"));
    if (!told) pen.answer({ action: "click", value: "copy", more: (told = true) });
  });
  mark(button, { "aria-label": say(`코드 복사: ${label}`, `Copy the code: ${label}`) });
  if (note) add(box, "p", "note", note);
};
