/** The shoppers, what they did, and what they are made to do here. */
import { computed, signal } from "@preact/signals";
import type { Decision } from "danbi";
import { zone } from "./bundle";
import { everybody, keepable, lineId, START, type Line, type Shopper } from "./cast";
import { at, bare, chosen, forced, frame, language, page, soldOut } from "./scene";
import { stamp } from "./zone";

export const shoppers = signal<Shopper[]>([]);
export const shopper = computed(() => shoppers.value.find(({ id }) => id === chosen.value) ?? shoppers.value[0]);

export const time = (line: Line) => Date.parse(line.timestamp);
export const inOrder = (lines: Line[]) => [...lines].sort((one, other) => time(one) - time(other));
/** Whose lines these are, by the last that says it. */
export const owner = (lines: Line[]): Pick<Line, "userId" | "anonymousId"> => {
  const { userId, anonymousId } = inOrder(lines).findLast((line) => line.userId || line.anonymousId) ?? { anonymousId: "studio" };
  return { ...(userId && { userId }), ...(anonymousId && { anonymousId }) };
};

/** What a browser knows that keeps nothing yet: what the shop tells it on this page, consent and who they are. */
const anew = (lines: Line[]) => inOrder(lines).filter(({ type }) => type === "consent" || type === "identify").map((line) => ({ ...line, timestamp: stamp(Math.min(at.value, Math.max(time(line), at.value - 1000)), zone.value) }));

/** A shopper's lines, and a view of the page they are looked at on where they were on another one last. */
export const linesOn = (who: Shopper, page: string, at: number, zone: string): Line[] => {
  const own = inOrder(who.lines);
  const happened = own.filter((line) => time(line) <= at);
  const kind = happened.findLast(({ type }) => type === "page")?.properties?.kind ?? who.page;
  if (kind === page) return own;
  return inOrder([...own, { type: "page", messageId: "studio-page", timestamp: stamp(at, zone), properties: { kind: page }, ...owner(happened.length ? happened : own.slice(0, 1)) }]);
};
export const lines = computed<Line[]>(() => {
  const who = shopper.value;
  if (!who) return [];
  return linesOn(frame.value === "kakao" && bare.value ? { ...who, lines: anew(who.lines) } : who, page.value, at.value, zone.value);
});
/** The shopper comes back, at the moment that the clock shows. */
export const visit = () => happen({ type: "page", properties: { kind: page.peek() } });

/** Looks at a shopper as they were when they came. */
export const choose = (id: string) => {
  chosen.value = id;
  const who = shoppers.peek().find((one) => one.id === id);
  if (!who) return;
  at.value = who.own ? Math.max(...who.lines.map(time), 0) || START : START;
  page.value = who.page;
  language.value = who.language;
  forced.value = null;
  soldOut.value = [];
  frame.value = who.id === "guest" ? "kakao" : frame.peek() === "kakao" ? "phone" : frame.peek();
};
export const change = (id: string, with_: Partial<Shopper>) => {
  shoppers.value = shoppers.peek().map((one) => (one.id === id ? { ...one, ...with_, own: true } : one));
};
export const join = (who: Shopper) => {
  shoppers.value = [...shoppers.peek(), who];
  choose(who.id);
};
export const remove = (id: string) => {
  shoppers.value = shoppers.peek().filter((one) => one.id !== id);
  if (chosen.peek() === id) choose(shoppers.peek()[0]?.id ?? "");
};
/** Takes up shoppers from elsewhere, in the place of those of the same id. */
export const take = (some: Shopper[]) => {
  const known = shoppers.peek();
  shoppers.value = [...known.map((one) => some.find(({ id }) => id === one.id) ?? one), ...some.filter(({ id }) => !known.some((one) => one.id === id))];
};
/** Something more that the shown shopper did. */
export const happen = (...events: (Pick<Line, "type"> & Partial<Line>)[]) => {
  const who = shopper.peek();
  if (!who) return;
  const told = events.map((event) => keepable({ messageId: lineId(), timestamp: stamp(at.peek(), zone.peek()), ...owner(who.lines), ...event }));
  change(who.id, { lines: [...who.lines, ...told] });
};
/** The visit in which something is seen is part of the history, too. */
const visited = () => lines.peek().filter(({ messageId }) => messageId === "studio-page").map((view) => ({ ...view, messageId: lineId() }));
/** Lines that the engine told become the shopper's, with the visit they are of. */
export const record = (told: Line[]) => happen(...visited(), ...told);
type Shown = Decision & { log?: object };
/** What is seen, as lines tell it: of an offer, too, what it was chosen by, from which is learnt. And what every line of the decision says. */
export const exposure = ({ campaign, step, variant, offer, slot, log }: Shown, decision: string) => {
  const properties = Object.fromEntries(Object.entries({ decision, campaign, step, variant, offer, slot }).filter(([, value]) => value != null));
  const seen = { type: "track", event: "danbi_exposure", properties };
  return { properties, events: log ? [{ type: "track", event: "danbi_decision", properties: { ...log, decision } }, seen] : [seen] };
};
/** What the shopper did with a message: that it was seen, and the answer. */
export const answer = (decision: Shown, told?: { action: string; value?: unknown; question?: string; more?: boolean }) => {
  const { campaign, step, offer, log } = decision;
  // Each look is by an engine that begins to count anew: a decision is one by what it shows, and when.
  // An offer is learnt from once for each time that it was chosen: after an answer, and on another day, it is chosen anew.
  const answers = lines.peek().filter(({ event, properties }) => event === "danbi_answer" && properties?.offer === offer).length;
  const id = log ? `studio.${offer}.${stamp(at.peek(), zone.peek()).slice(0, 10)}.${answers + 1}` : ["studio", at.peek(), campaign, ...(step ? [step] : [])].join(".");
  const { properties, events: seen } = exposure(decision, id);
  const exposed = lines.peek().some(({ event, properties: of }) => event === "danbi_exposure" && of?.decision === id && of?.campaign === campaign && of?.step === (step ?? undefined));
  const events: Parameters<typeof happen> = [...visited(), ...(exposed ? [] : seen)];
  if (told) {
    const { more, ...said } = told;
    events.push({ type: "track", event: "danbi_answer", properties: { ...properties, ...said, ...(more && { partial: true }) } });
  }
  happen(...events);
};

/** Month and day of the birthday that the shown shopper declared. */
export const birthday = computed(() => {
  // Said last, which may be that it is to be forgotten.
  const told = inOrder(shopper.value?.lines ?? []).findLast(({ properties = {}, traits = {} }) => "birthday" in properties || "birthday" in traits);
  return /(\d\d-\d\d)$/.exec(String(told?.properties?.birthday ?? told?.traits?.birthday ?? ""))?.[1];
});

/** A shopper of the demo as they first were. */
export const asFirst = async (id: string) => {
  const first = (await everybody()).find((one) => one.id === id);
  if (!first) return;
  shoppers.value = shoppers.peek().map((one) => (one.id === id ? first : one));
  choose(id);
};
