/** The state of the Studio in the fragment of a link, which no server is ever sent. */
import { original, source, write } from "./bundle";
import { pages, type Shopper } from "./cast";
import { choose, shoppers, take } from "./people";
import { at, chosen, forced, frame, frames, language, looks, page } from "./scene";
import { isMoment, isRecord, isShopper } from "./trust";
import type { Word } from "../words";

interface State {
  v: 1;
  source?: string;
  shoppers?: Shopper[];
  chosen: string;
  at: number;
  page: string;
  language: string;
  frame: typeof frame.value;
  looks: typeof looks.value;
  forced?: typeof forced.value;
}
/** Longer links are cut by messengers and mail. */
export const LONG = 8000;

const through = async (bytes: Uint8Array<ArrayBuffer>, stream: CompressionStream | DecompressionStream) => new Uint8Array(await new Response(new Blob([bytes]).stream().pipeThrough(stream)).arrayBuffer());
const toText = (bytes: Uint8Array) => {
  let text = "";
  for (const byte of bytes) text += String.fromCharCode(byte);
  return btoa(text).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");
};
const toBytes = (text: string) => Uint8Array.from(atob(text.replace(/-/g, "+").replace(/_/g, "/")), (one) => one.charCodeAt(0));

/** A link to what is on screen, with what was changed. */
export const link = async (): Promise<string> => {
  const own = shoppers.peek().filter((one) => one.own);
  const state: State = {
    v: 1, chosen: chosen.peek(), at: at.peek(), page: page.peek(), language: language.peek(), frame: frame.peek(), looks: looks.peek(),
    ...(forced.peek() && { forced: forced.peek() }),
    ...(source.peek() !== original.peek() && { source: source.peek() }), ...(own.length && { shoppers: own }),
  };
  const bytes = await through(new TextEncoder().encode(JSON.stringify(state)), new CompressionStream("deflate-raw"));
  return `${location.href.split("#")[0]}#s=${toText(bytes)}`;
};
const isOne = <Known extends string>(known: readonly Known[], given: unknown): given is Known => known.includes(given as Known);
/** What a link says; throws where it says nothing that can be taken up. */
const read = (text: string): State => {
  const state: unknown = JSON.parse(text);
  if (!isRecord(state)) throw new Error("no object");
  if (state.v !== 1) throw new Error("another version", { cause: "otherLink" satisfies Word });
  const { source, shoppers = [], chosen, at, page, language, frame, looks, forced = null } = state;
  const good = (source === undefined || typeof source === "string") && Array.isArray(shoppers) && shoppers.every(isShopper) && typeof chosen === "string" && isMoment(at) &&
    isOne(pages, page) && isOne(["ko", "en"], language) && isOne(frames, frame) && isRecord(looks) && Object.values(looks).every((one) => typeof one === "boolean") &&
    (forced === null || (isRecord(forced) && typeof forced.campaign === "string" && [forced.step, forced.variant].every((one) => one === null || typeof one === "string")));
  if (!good) throw new Error("not what a link holds");
  return state as unknown as State;
};
/** The campaigns of a bundle's text, where it can be read. */
const campaignsOf = (text: string): string[] => {
  try {
    return JSON.parse(text).campaigns.map(({ id }: { id: string }) => id);
  } catch {
    return [];
  }
};
/** Takes up what a link holds. Answers with what is to be told of it; where it is broken, nothing is changed. */
export const follow = async (hash: string): Promise<Word | null> => {
  let state: State;
  try {
    const bytes = await through(toBytes(hash.slice(3)), new DecompressionStream("deflate-raw"));
    state = read(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
  } catch (error) {
    return (error as Error).cause === "otherLink" ? "otherLink" : "brokenLink";
  }
  const text = state.source ?? original.peek();
  write(text);
  take(state.shoppers ?? []);
  choose(state.chosen);
  at.value = state.at;
  page.value = state.page;
  language.value = state.language;
  frame.value = state.frame;
  looks.value = { ...looks.peek(), ...state.looks };
  const { forced: force = null } = state;
  const gone = force !== null && !campaignsOf(text).includes(force.campaign);
  forced.value = gone ? null : force;
  return gone ? "forcedGone" : null;
};
