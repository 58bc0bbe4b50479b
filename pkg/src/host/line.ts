/** Event lines and their ids. */

let before: number;
let nth: number;
let pool = "";

/**
 * A UUID of version 7: sortable by the millisecond it was made in and, in this page, within it, so that what one task says
 * keeps its order; 60 random bits, drawn for many at once. Needs no secure context.
 */
export const uuid = (ms: number): string => {
  if (ms != before) nth = 0;
  before = ms;
  if (!pool) for (const byte of crypto.getRandomValues(new Uint8Array(120))) pool += (byte | 256).toString(16).slice(1);
  const hex = Math.trunc(ms).toString(16).padStart(12, "0") + (28672 + (nth++ & 4095)).toString(16) + 8 + pool.slice(0, 15);
  pool = pool.slice(15);
  return hex.replace(/(.{8})(.{4})(.{4})(.{4})/, "$1-$2-$3-$4-");
};
