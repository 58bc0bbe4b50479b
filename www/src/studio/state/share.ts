/** The state of the Studio in the fragment of a link, which no server is ever sent. */
import { original, source, write } from "./bundle";
import type { Shopper } from "./cast";
import { shoppers } from "./people";
import { at, chosen, forced, frame, language, looks, page } from "./scene";

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
/** Takes up what a link holds; false where it is broken, and then nothing is changed. */
export const follow = async (hash: string): Promise<boolean> => {
  try {
    const bytes = await through(toBytes(hash.slice(3)), new DecompressionStream("deflate-raw"));
    const state = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes)) as State;
    if (state.v !== 1 || !Number.isFinite(state.at)) return false;
    if (typeof state.source === "string") write(state.source);
    const own = Array.isArray(state.shoppers) ? state.shoppers.filter((one) => one && typeof one.id === "string" && Array.isArray(one.lines)) : [];
    const known = shoppers.peek();
    shoppers.value = [...known.map((one) => own.find(({ id }) => id === one.id) ?? one), ...own.filter(({ id }) => !known.some((one) => one.id === id))];
    chosen.value = state.chosen;
    at.value = state.at;
    page.value = state.page;
    language.value = state.language;
    frame.value = state.frame;
    looks.value = { ...looks.peek(), ...state.looks };
    forced.value = state.forced ?? null;
    return true;
  } catch {
    return false;
  }
};
