/** Event lines and their ids. */

let before: number;
let nth: number;
let pool = "";

/**
 * A UUID of version 7: sortable by the millisecond it was made in and, in this page, within it, so that what one task says
 * keeps its order; 60 random bits, drawn for many at once. Needs no secure context.
 */
export const uuid = (ms: number): string => {
  nth = ms == before ? Math.min(nth + 1, 4095) : 0;
  before = ms;
  if (!pool) for (const byte of crypto.getRandomValues(new Uint8Array(120))) pool += (byte | 256).toString(16).slice(1);
  const time = Math.trunc(ms).toString(16).padStart(12, "0");
  const id = [time.slice(0, 8), time.slice(8), (0x7000 + nth).toString(16), 8 + pool.slice(0, 3), pool.slice(3, 15)].join("-");
  pool = pool.slice(15);
  return id;
};
