/** In the page: one of the twelve shoppers, from event lines to what stands on the screen. */
const { gallery } = globalThis;
let at = 0, client, begun = 0;
/** Stands where it is put, and runs on from there. */
const clock = () => at + performance.now() - begun;
const set = (time) => {
  at = Date.parse(time);
  begun = performance.now();
};
const make = async (options) => {
  client = (await import("/danbi/index.js")).createClient({ bundle: "/bundles/onsae.json", dataLayer: false, clock, ...options });
  gallery.client = client;
  client.on("error", ({ code, message, path }) => gallery.told.push(`${code}: ${message} ${path ?? ""}`));
  const { engine } = await client.ready;
  if (!engine) throw new Error("the engine did not start");
};
const give = ({ type, event, userId, traits, properties }) => {
  if (type === "consent") return client.consent(properties);
  if (type === "identify") return client.identify(userId, traits);
  return type === "page" ? client.page(properties) : client.track(event, properties);
};

/** The shopper's past, which nobody watched; then they open the page at `time`. */
export async function begin(lines, time, { kind, lang, slots, facts }) {
  const name = `persona-${Math.random()}`;
  client?.destroy();
  gallery.clear();
  set(lines[0].timestamp);
  await make({ name, locale: lang, render: false });
  if (facts) client.context(facts);
  for (const line of lines) {
    set(line.timestamp);
    await give(line);
  }
  await client.destroy();
  set(time);
  document.documentElement.lang = lang;
  await make({ name, locale: lang });
  if (facts) client.context(facts);
  for (const slot of slots) gallery.slot(slot);
  await client.page({ kind });
}
/** The clock moves on, and something happens: lines of the same shape, the last of them the page. */
export async function go(time, lines) {
  set(time);
  for (const line of lines) await give(line);
}

const said = (host) => host?.shadowRoot.querySelector("[lang]").innerText.replace(/\s+/g, " ") ?? null;
/** What the shopper reads: what lies over the page, in which language, and by slot. */
const screen = () => ({
  over: said(gallery.over()), lang: gallery.over()?.shadowRoot.querySelector("[lang]").lang ?? null,
  cards: Object.fromEntries([...document.querySelectorAll("[data-danbi-slot]")].map((slot) => [slot.dataset.danbiSlot, said(slot.querySelector("danbi-card"))])),
});
const fits = (text, wanted) => wanted === undefined || (wanted === null ? text === null : !!text?.includes(wanted));
/** Waits until the screen says what is wanted (null: nothing, undefined: whatever), and still does a moment later; answers with it. */
export async function read(over, cards = {}) {
  const holds = (seen) => fits(seen.over, over) && Object.entries(cards).every(([slot, wanted]) => fits(seen.cards[slot] ?? null, wanted));
  for (const end = performance.now() + 8000; performance.now() < end; ) {
    await new Promise((resolve) => setTimeout(resolve, 20));
    if (!holds(screen())) continue;
    await new Promise((resolve) => setTimeout(resolve, 250));
    if (holds(screen())) break;
  }
  return screen();
}
/** Presses a control by what is written on it. */
export async function press(text) {
  const button = gallery.hosts().flatMap(({ shadowRoot }) => [...shadowRoot.querySelectorAll("button, a")]).find(({ textContent }) => textContent.includes(text));
  if (!button) throw new Error(`nothing says ${text}: ${gallery.hosts().map(said)}`);
  button.click();
  await gallery.frame();
}
export const end = () => client?.destroy();
export const points = () => client.progress().currencies.point;
