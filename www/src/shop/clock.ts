/** The demo clock: the device's, moved by what the panel says. Everything the shop dates, it dates with this. */
import { clockOffset } from "./store";

export const HOUR = 3_600_000;
export const DAY = 24 * HOUR;

export const now = () => Date.now() + clockOffset.peek();

/** Seoul is nine hours ahead all year; Korea has had no summer time since 1988. */
const SEOUL = 9 * HOUR;
/** A date whose UTC fields read as Seoul's wall clock. */
export const seoul = (ms: number) => new Date(ms + SEOUL);
/** For `<input type="datetime-local">`, and back. */
export const toInput = (ms: number) => seoul(ms).toISOString().slice(0, 16);
export const fromInput = (text: string) => Date.parse(`${text}:00Z`) - SEOUL;
