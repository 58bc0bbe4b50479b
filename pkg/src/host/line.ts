/** Event lines and their ids. */

let made = 0;
/**
 * A UUID of version 7: sortable by the millisecond it was made in and, on one page, by its turn in that millisecond, then
 * 60 random bits. So the order of ids is the order of the log. Needs no secure context.
 */
export const uuid = (ms: number): string => {
  let hex = "";
  for (const byte of crypto.getRandomValues(new Uint8Array(8))) hex += (byte | 256).toString(16).slice(1);
  hex = Math.trunc(ms).toString(16).padStart(12, "0") + (0x7000 + (made++ & 0xfff)).toString(16) + 8 + hex.slice(1);
  return hex.replace(/(.{8})(.{4})(.{4})(.{4})/, "$1-$2-$3-$4-");
};
