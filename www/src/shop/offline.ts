/** Keeps the shop working with the network off, once it was loaded: a service worker, the fonts in use, the late parts. */
import { bundleUrl } from "./danbi";
import { products } from "./catalog";
import { texts } from "./i18n";

const idle = (work: () => void) => ("requestIdleCallback" in window ? requestIdleCallback(work, { timeout: 4000 }) : setTimeout(work, 1000));

export function prepareOffline() {
  // In development nothing is built, so there is nothing to keep.
  if (import.meta.env.DEV) return;
  if (document.readyState === "complete") idle(prepare);
  else addEventListener("load", () => idle(prepare), { once: true });
}

async function prepare() {
  // Every step is a courtesy: refused or impossible, the shop goes on without it.
  try {
    const bundle = await fetch(bundleUrl).then((answer) => answer.text());
    // One subset file holds about a hundred syllables; asking by text loads just those files that the shop can need.
    await document.fonts.load('1rem "Noto Sans KR Variable"', JSON.stringify([texts, products]) + bundle);
  } catch {
    // No such font, or no network already.
  }
  import("danbi/studio").catch(() => {});
  try {
    await navigator.serviceWorker.register(new URL("sw.js", document.baseURI));
    await navigator.serviceWorker.ready;
    if (!navigator.serviceWorker.controller) {
      await new Promise((taken) => navigator.serviceWorker.addEventListener("controllerchange", taken, { once: true }));
    }
    // What came before the worker passed it by: ask once more, from the browser's cache, so that it keeps them.
    const fonts = performance.getEntriesByType("resource").filter(({ name }) => name.endsWith(".woff2"));
    await Promise.all(fonts.map(({ name }) => fetch(name)));
  } catch {
    // No service workers here, or not allowed.
  }
}
