/**
 * The marketer's own HTML, where the shop allows it: in a frame of an origin of its own, that reaches neither the page nor its
 * storage, may not navigate the page, open windows, dialogs or forms. Nothing that it sends is listened to.
 */
import type { Block } from "../../types.js";
import type { Drawer } from "../pen.js";
import { mark } from "./mark.js";

type Html = Extract<Block, { html: unknown }>["html"];

const css = `[part=html]{display:block;inline-size:100%;border:0}`;

export const html: Drawer<Html> = (pen, into, { source, title, height }) => {
  const frame = document.createElement("iframe");
  // Before it has content or a place, so that no document ever stands there without it.
  mark(frame, { part: "html", sandbox: "allow-scripts", allow: "", referrerpolicy: "no-referrer", loading: "lazy", title, height: `${height}` });
  // Under `require-trusted-types-for 'script'` this throws, unless the shop has a default policy: then it is that policy's to decide.
  frame.srcdoc = source;
  pen.style(css);
  into.append(frame);
};
