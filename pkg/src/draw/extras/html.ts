/**
 * The marketer's own HTML, where the shop allows it: in a frame of an origin of its own, that reaches neither the page nor its
 * storage, may not navigate the page, open windows, dialogs or forms. Nothing that it sends is listened to.
 */
import type { Block } from "../../types.js";
import type { Drawer } from "../pen.js";

type Html = Extract<Block, { html: unknown }>["html"];

const css = `[part=html]{display:block;inline-size:100%;border:0}`;

export const html: Drawer<Html> = (pen, into, { source, title, height }) => {
  const frame = document.createElement("iframe");
  // First of all, so that no document ever stands there without it.
  frame.setAttribute("sandbox", "allow-scripts");
  frame.setAttribute("allow", "");
  frame.referrerPolicy = "no-referrer";
  frame.loading = "lazy";
  frame.title = title;
  frame.height = `${height}`;
  frame.setAttribute("part", "html");
  try {
    // Under `require-trusted-types-for 'script'` this throws, unless the shop has a default policy: then it is that policy's to decide.
    frame.srcdoc = source;
  } catch (error) {
    reportError(error);
    return;
  }
  pen.style(css);
  into.append(frame);
};
