/** The caller's mistakes: found at once, thrown in words that say what to do. */

/** Thrown only for a mistake in the calling code; what goes wrong in the world is told through `on("error")`. */
export class DanbiError extends Error {
  /** What kind of mistake, for programs. */
  declare readonly code: string;
  /** JSON Pointer into the argument, `""` for the argument itself. */
  declare readonly path: string;
  constructor(code: string, message: string, path = "") {
    super(message);
    Object.assign(this, { name: "DanbiError", code, path });
  }
}

/** Throws that `what` must be `must`, unless it is good. */
export const need = (good: unknown, what: string, must: string, path = ""): void => {
  if (!good) throw new DanbiError(what, (path || what) + " must be " + must, path);
};

/** Hears of a value that cannot be carried; by default it throws. What it returns stands in the value's place. */
export type Bad = (code: string, path: string, value: unknown) => unknown;
const fail: Bad = (code, path) => need(0, code, "finite, acyclic, 32 deep, 1,000 values, 32 KB", path);

/** A deep copy, taken now, of what JSON can carry; `undefined` members are left out. */
export const copy = (root: unknown, bad: Bad = fail): unknown => {
  let count = 0;
  let size = 0;
  const keys: string[] = [];
  const above: unknown[] = [];
  const wrong = (code: string, value: unknown) =>
    bad(code, keys.map((key) => "/" + key.replace(/~/g, "~0").replace(/\//g, "~1")).join(""), value);
  const walk = (value: any): unknown => {
    if (typeof value?.toJSON == "function" && !Array.isArray(value)) value = value.toJSON();
    const type = typeof value;
    if (value == null || type == "boolean") return value;
    if (type == "string") return (size += value.length), value;
    if (type == "number") return isFinite(value) ? value : wrong("not_finite", value);
    if (type != "object" || value.nodeType) return wrong("not_json", value);
    if (above.includes(value)) return wrong("cycle", value);
    if (above.length > 31) return wrong("too_deep", value);
    const list = Array.isArray(value);
    const out: any = list ? [] : {};
    above.push(value);
    for (const key of Object.keys(value)) {
      keys.push(key);
      size += key.length + 12;
      const member = ++count > 1000 ? wrong("too_many", value[key]) : walk(value[key]);
      if (list || (member !== undefined && key != "__proto__")) out[key] = member ?? null;
      keys.pop();
    }
    above.pop();
    return out;
  };
  const out = walk(root);
  // Counting bytes costs a second pass, so only what could be too large is counted.
  return size * 3 > 32768 && new Blob([JSON.stringify(out)]).size > 32768 ? wrong("too_large", out) : out;
};
