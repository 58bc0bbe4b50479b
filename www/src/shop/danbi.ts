/** All that the shop says to danbi directly. The rest danbi hears on the data layer. */
import { createClient, type ConsentChange } from "danbi";
import { signal } from "@preact/signals";
import { products } from "./catalog";
import { now } from "./clock";
import { say } from "./i18n";
import { consent, lang, member, type Member } from "./store";

export const bundleUrl = new URL("bundles/onsae.json", document.baseURI);
export const collector = new URLSearchParams(location.search).get("collector") ?? undefined;

const grant = (yes: boolean): ConsentChange => ({ functional: yes, analytics: yes, personalization: yes, advertising: yes });

export const danbi = createClient({
  bundle: bundleUrl,
  endpoint: collector,
  consent: consent.value ? grant(consent.value === "granted") : {},
  clock: now,
  locale: lang.value,
});

/** What the page knows of its products: danbi asks before it speaks of one. */
const tellItems = () => danbi.context({
  items: Object.fromEntries(products.map(({ id, stock, price, review }) => [id, { stock, price, image: `art/${id}.svg`, review: say(review) }])),
});
tellItems();

/** Grows whenever danbi's answers may have changed; read it, then ask danbi. */
export const changes = signal(0);
const changed = () => { changes.value += 1; };
danbi.on("change", changed);

/** The shop may remember a member whom danbi forgot: no storage for danbi, everything erased, consent given late. */
function introduce() {
  const who = member.value;
  if (who && danbi.profile()?.userId !== who.id) void danbi.identify(who.id, { name: who.name });
}
void danbi.ready.then(() => {
  introduce();
  changed();
});

export function enter(who: Member) {
  member.value = who;
  void danbi.identify(who.id, { name: who.name });
}

export function leave() {
  member.value = null;
  void danbi.reset().then(changed);
}

export function answerConsent(yes: boolean) {
  consent.value = yes ? "granted" : "denied";
  void danbi.consent(grant(yes)).then(introduce);
}

/** What the taste questions ask, and what can be said. */
export const tastes = {
  skin: ["dry", "oily", "mixed", "sensitive"],
  scent: ["none", "floral", "citrus"],
  budget: ["small", "middle", "open"],
} as const;
export type Taste = keyof typeof tastes;
/** What the shopper says, by danbi's own record. */
export const said = (key: string) => danbi.profile()?.declared?.[key]?.value;

/** Said once more, a taste is taken back. */
export const declareTaste = (taste: Taste, answer: string) => tell(taste, said(taste) === answer ? null : answer);

/** The third answer ends the quiz. */
async function tell(taste: Taste, answer: string | null) {
  await danbi.declare({ [taste]: answer });
  if (Object.keys(tastes).every(said)) await danbi.track("quiz_completed", { quiz: "taste" });
  changed();
}

/** Month and day alone. To tell it is to agree that it is used to congratulate; null deletes it. */
export async function declareBirthday(day: string | null) {
  await danbi.consent({ birthday: day !== null });
  await danbi.declare({ birthday: day });
  if (day) await danbi.track("profile_set", { field: "birthday" });
  changed();
}

danbi.on("answer", ({ decision, question, value }) => {
  // Whoever would rather see scented products takes "fragrance-free" back.
  if (decision.campaign === "taste_mismatch" && value === "scented") void danbi.declare({ scent: null });
  // What is said in the list is said of the same tastes as on my page.
  if (decision.campaign === "taste_quiz" && question && question in tastes) void tell(question as Taste, String(value));
});

/** The codes at the doors of the stores. */
const doors: { [code: string]: string } = { "0412": "seongsu" };

/** To tap it is to agree that the device compares where it is with the stores; nobody else hears of it. */
export async function nearby() {
  await danbi.consent({ geo: true });
  return danbi.locate();
}

/** Whether a store has this code. */
export function enterStore(code: string) {
  const store = doors[code];
  if (store) void danbi.track("store_code_entered", { store });
  return store !== undefined;
}

/** Everything gone means the answer too: the shop asks again. */
export async function forget() {
  await danbi.erase();
  consent.value = null;
  changed();
}

export function speak(language: "ko" | "en") {
  lang.value = language;
  danbi.setLocale(language);
  tellItems();
}
