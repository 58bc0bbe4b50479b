/** Event lines and their ids. */

/** A UUID of version 7: sortable by the millisecond it was made in, 72 random bits. Needs no secure context. */
export const uuid = (ms: number): string => {
  let hex = "";
  for (const byte of crypto.getRandomValues(new Uint8Array(9))) hex += (byte | 256).toString(16).slice(1);
  hex = Math.trunc(ms).toString(16).padStart(12, "0") + 7 + hex.slice(0, 3) + 8 + hex.slice(3);
  return hex.replace(/(.{8})(.{4})(.{4})(.{4})/, "$1-$2-$3-$4-");
};
