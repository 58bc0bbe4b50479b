/** Event lines and their ids. */

let before: number;
let nth: number;

/**
 * A UUID of version 7: sortable by the millisecond it was made in and, in this page, within it, so that what one task says
 * keeps its order; 60 random bits. Needs no secure context.
 */
export const uuid = (ms: number): string => {
  if (ms != before) nth = 0;
  before = ms;
  let hex = "";
  for (const byte of crypto.getRandomValues(new Uint8Array(8))) hex += (byte | 256).toString(16).slice(1);
  hex = Math.trunc(ms).toString(16).padStart(12, "0") + (0x7000 + (nth++ & 0xfff)).toString(16) + 8 + hex.slice(1);
  return hex.replace(/(.{8})(.{4})(.{4})(.{4})/, "$1-$2-$3-$4-");
};
