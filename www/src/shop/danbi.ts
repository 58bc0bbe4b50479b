/** All that the shop says to danbi directly. The rest danbi hears on the data layer. */
import { createClient, type ConsentChange } from "danbi";
import { signal } from "@preact/signals";
import { products } from "./catalog";
import { now } from "./clock";
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

danbi.context({ items: Object.fromEntries(products.map(({ id, stock, price }) => [id, { stock, price }])) });

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

export const skins = ["dry", "oily", "mixed", "sensitive"] as const;
/** What the shopper says of their skin, by danbi's own record; said once more, it is taken back. */
export const skin = () => danbi.profile()?.declared?.skin?.value;
export const declareSkin = (type: string) => void danbi.declare({ skin: skin() === type ? null : type }).then(changed);

/** Everything gone means the answer too: the shop asks again. */
export async function forget() {
  await danbi.erase();
  consent.value = null;
  changed();
}

export function speak(language: "ko" | "en") {
  lang.value = language;
  danbi.setLocale(language);
}
