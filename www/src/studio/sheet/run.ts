/** The contact sheet: each message as each of the shoppers would have it, and whether it would really show now. */
import { signal, type Signal } from "@preact/signals";
import type { Message } from "danbi";
import type { Described } from "danbi/studio";
import type { Picture } from "../frame/shoot";
import { campaigns, good, zone } from "../state/bundle";
import type { Shopper } from "../state/cast";
import { withEngine } from "../state/engine";
import { blocksOf, breathe, messagesOf, outOfSight, seenBy, type Told } from "../state/messages";
import { shoppers } from "../state/people";
import { at } from "../state/scene";
import { lang } from "../words";

/** The page in which messages are drawn: a phone's width. */
const WIDTH = 360, HEIGHT = 720;

/** The campaign whose messages are shown, all of them for "*"; the first one where it is none. */
export const only = signal<string | null>(null);
export const without = signal<ReadonlySet<string>>(new Set());
/** The language that messages are in: each shopper's own, or one for all. */
export const spoken = signal<"own" | "ko" | "en">("own");
export const dark = signal(false);
export const progress = signal<{ done: number; of: number } | null>(null);

type Shot = Omit<Picture, "blob"> & { url: string };
export interface Cell {
  /** None where the shopper lacks what the message speaks of. */
  shot: Shot | null;
  /** Some of its blocks speak of what the shopper lacks, and are left out. */
  partial: boolean;
  state: "shows" | "waits" | "variant" | "step" | "gone";
  /** The verdict's sentence, the shopper's own variant, the step whose turn it is. */
  text: string;
  name: string;
}
export const rows = () => {
  const chosen = only.value ?? campaigns.value[0]?.id;
  return messagesOf(campaigns.value).filter(({ campaign }) => chosen === "*" || campaign === chosen);
};
export const columns = () => shoppers.value.filter(({ id }) => !without.value.has(id));

const cells = new Map<string, Signal<Cell | null>>();
/** What stands in a cell; nothing until it is known. */
export const cell = ({ pointer }: Told, { id }: Shopper): Signal<Cell | null> => {
  const key = `${pointer} ${id}`;
  let found = cells.get(key);
  if (!found) cells.set(key, (found = signal(null)));
  return found;
};

/** Pictures that were taken: what is the same to several shoppers is taken once. */
const shots = new Map<string, Shot | null>();
let turn = 0;
export const leave = () => {
  turn++;
  progress.value = null;
  for (const one of cells.values()) one.value = null;
  for (const shot of shots.values()) if (shot) URL.revokeObjectURL(shot.url);
  shots.clear();
};

/** Whether it would show now, by the engine's verdict of the campaign. */
const judged = ({ campaign, step, variants }: Told, verdicts: Described[]): Omit<Cell, "shot" | "partial"> => {
  const verdict = verdicts.find((one) => one.campaign === campaign && one.step === step) ?? verdicts.find((one) => one.campaign === campaign);
  if (!verdict) return { state: "gone", text: "", name: "" };
  if (verdict.variant && variants.length && !variants.includes(verdict.variant)) return { state: "variant", text: verdict.text, name: verdict.variant };
  // What stands before all of them says it for all; where one is due, the others wait for their turn.
  if (verdict.step !== step) return { state: "step", text: /^(shown|lost)$/.test(verdict.stage) ? "" : verdict.text, name: verdict.step ?? "" };
  return { state: verdict.stage === "shown" ? "shows" : "waits", text: verdict.text, name: "" };
};

export async function fill() {
  const bundle = good.peek(), own = ++turn, asked = rows(), people = columns();
  if (!bundle) return;
  const alive = () => own === turn;
  const looks = { dark: dark.peek() }, moment = { at: at.peek(), zone: zone.peek(), lang: lang.peek() };
  progress.value = { done: 0, of: asked.length * people.length };
  for (const one of cells.values()) one.value = null;
  let frame: Awaited<ReturnType<typeof outOfSight>> | undefined;
  const picture = async (message: Message) => {
    const key = JSON.stringify([message, looks]);
    if (shots.has(key)) return shots.get(key)!;
    frame ??= await outOfSight(WIDTH, HEIGHT);
    await frame.paint(message, looks);
    const taken = await frame.page.shoot!();
    if (!alive()) return null;
    const shot = taken && { url: URL.createObjectURL(taken.blob), width: taken.width, height: taken.height, says: taken.says };
    shots.set(key, shot);
    return shot;
  };
  await withEngine(async () => {
    for (const told of asked) {
      const blocks = blocksOf(bundle, told);
      for (const who of people) {
        const { message, verdicts } = await seenBy(bundle, who, told, { ...moment, locale: spoken.peek() === "own" ? who.language : spoken.peek() });
        if (!alive()) return;
        const shot = message ? await picture(message) : null;
        if (!alive()) return;
        cell(told, who).value = { shot, partial: !!message && message.blocks.length < blocks, ...judged(told, verdicts) };
        progress.value = { done: progress.peek()!.done + 1, of: progress.peek()!.of };
        await breathe();
        if (!alive()) return;
      }
    }
  });
  frame?.close();
  if (alive()) progress.value = null;
}
