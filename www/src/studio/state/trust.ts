/** What comes from outside — this browser's memory, a link, a file — is taken for no more than what it is seen to be. */
import type { Line, Shopper } from "./cast";

export const isRecord = (given: unknown): given is Record<string, unknown> => typeof given === "object" && given !== null && !Array.isArray(given);
const isText = (given: unknown) => typeof given === "string";
const isBoth = (given: unknown) => isRecord(given) && isText(given.ko) && isText(given.en);
const or = (is: (given: unknown) => boolean) => (given: unknown) => given === undefined || is(given);

/** A moment at which a clock can stand: of the years 1970 to 2199. */
export const isMoment = (ms: unknown): ms is number => typeof ms === "number" && ms >= 0 && ms < Date.UTC(2200, 0);
export const isLine = (given: unknown): given is Line =>
  isRecord(given) && isText(given.type) && isText(given.timestamp) && isMoment(Date.parse(given.timestamp as string)) &&
  ["messageId", "event", "userId", "anonymousId"].every((key) => or(isText)(given[key])) && ["properties", "traits", "context"].every((key) => or(isRecord)(given[key]));
export const isShopper = (given: unknown): given is Shopper =>
  isRecord(given) && isText(given.id) && isBoth(given.name) && isBoth(given.about) && isText(given.page) && isText(given.language) &&
  Array.isArray(given.lines) && given.lines.every((line) => isLine(line) && isText(line.messageId));
