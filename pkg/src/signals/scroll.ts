/** How far down a page the shopper has come. */
import type { Listen } from "./listen.js";

/**
 * Tells each of these percents once, when that part of the page was above the lower edge of the window. What it returns
 * begins anew, or rests.
 */
export const watchScroll = (listen: Listen, percents: number[], reached: (percent: number) => void): ((on: boolean) => void) => {
  let left: number[] = [];
  let timer: ReturnType<typeof setTimeout> | undefined;
  const measure = () => {
    timer = undefined;
    // A pixel's part is lost where the screen has more than one for each of the page's.
    const percent = ((scrollY + innerHeight + 1) / (document.scrollingElement ?? document.documentElement).scrollHeight) * 100;
    // At its top nobody has scrolled, however short it is.
    while (scrollY > 0 && left[0]! <= percent) reached(left.shift()!);
  };
  listen(window, "scroll", () => {
    if (left[0]) timer ??= setTimeout(measure, 100);
  });
  return (on) => void (left = on ? [...percents] : []);
};
