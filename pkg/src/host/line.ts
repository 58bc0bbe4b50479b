/** Event lines and their ids. */

let before: number;
let nth: number;
let pool: bigint[] = [];

/**
 * A UUID of version 7: sortable by the millisecond it was made in and, in this page, within it, so that what one task says
 * keeps its order; 60 random bits, drawn for many at once. Needs no secure context.
 */
export const uuid = (ms: number): string => {
  if (ms != before) nth = 0;
  before = ms;
  if (!pool[0]) pool = [...crypto.getRandomValues(new BigUint64Array(16))];
  // A one before each number keeps its zeros: of the time it is cut off, of the random bits it is the variant.
  const hex = (Math.trunc(ms) + 2 ** 48).toString(16).slice(1) + (28672 + (nth++ & 4095)).toString(16) + ((pool.pop()! >> 4n) | (1n << 63n)).toString(16);
  return hex.replace(/^.{8}|.{4}(?=.{12})/g, "$&-");
};
