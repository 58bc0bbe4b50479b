/**
 * Whether the shopper is about to leave, once a page view. With a mouse: the pointer goes out at the top, to the tabs and
 * the address. By touch nothing tells it, so this is a guess: after reading half of the page the shopper flings it up by
 * more than a screen within half a second, as one does to bring the address bar back.
 */
import type { Listen } from "./listen.js";

export const watchExit = (listen: Listen, leaves: () => void): ((on: boolean) => void) => {
  let armed = false;
  let read = false;
  let from = { at: 0, y: 0 };
  let touched = -Infinity;
  const leave = () => {
    if (armed) leaves();
    armed = false;
  };
  listen(document, "mouseout", ({ relatedTarget, clientY, buttons }) => {
    // Not while something is dragged, nor into a frame of the page.
    if (!relatedTarget && clientY <= 0 && !buttons) leave();
  });
  listen(document, "touchmove", () => (touched = performance.now()));
  listen(window, "scroll", () => {
    const at = performance.now();
    const y = scrollY;
    if (y + innerHeight > document.documentElement.scrollHeight / 2) read = true;
    if (y >= from.y || at - from.at > 500) from = { at, y };
    // A link to the top jumps there too, without a finger that moves.
    else if (read && at - touched < 1500 && from.y - y > innerHeight) leave();
  });
  return (on) => {
    armed = on;
    read = false;
    from = { at: 0, y: scrollY };
  };
};
