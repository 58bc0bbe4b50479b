/** Instants and wall-clock times in the house's zone, whatever the device's own zone is. */
export const MINUTE = 6e4, HOUR = 36e5, DAY = 864e5;

const formats = new Map<string, Intl.DateTimeFormat>();
const format = (zone: string) => {
  let found = formats.get(zone);
  if (!found) {
    found = new Intl.DateTimeFormat("en-CA", {
      timeZone: zone, hourCycle: "h23", year: "numeric", month: "2-digit", day: "2-digit", hour: "2-digit", minute: "2-digit", second: "2-digit",
    });
    formats.set(zone, found);
  }
  return found;
};
const parts = (ms: number, zone: string) => Object.fromEntries(format(zone).formatToParts(ms).map(({ type, value }) => [type, value])) as Record<string, string>;

/** `2026-05-12T10:00`, as `<input type="datetime-local">` has it; to the second where one asks for it. */
export const local = (ms: number, zone: string, precise = false) => {
  const { year, month, day, hour, minute, second } = parts(ms, zone);
  return `${year!.padStart(4, "0")}-${month}-${day}T${hour}:${minute}${precise ? `:${second}` : ""}`;
};
/** Minutes by which a zone is ahead of UTC at a moment. */
export const offset = (ms: number, zone: string) => {
  const { year, month, day, hour, minute, second } = parts(ms, zone);
  return (Date.UTC(+year!, +month! - 1, +day!, +hour!, +minute!, +second!) - Math.floor(ms / 1000) * 1000) / MINUTE;
};
/** The moment of a wall-clock time; in a gap the later one, in an overlap the earlier one. NaN where it is none. */
export const instant = (text: string, zone: string) => {
  const wall = Date.parse(text + (/T\d\d:\d\d$/.test(text) ? ":00Z" : "Z"));
  if (Number.isNaN(wall)) return NaN;
  const candidates = [offset(wall - DAY, zone), offset(wall + DAY, zone)].map((minutes) => wall - minutes * MINUTE);
  const fits = candidates.filter((ms) => local(ms, zone) === text.slice(0, 16));
  return fits.length ? Math.min(...fits) : Math.max(...candidates);
};
/** RFC 3339 with the zone's offset: `2026-05-12T10:00:00+09:00`. */
export const stamp = (ms: number, zone: string) => {
  const minutes = offset(ms, zone);
  const two = (number: number) => String(Math.floor(Math.abs(number))).padStart(2, "0");
  const wall = new Date(ms + minutes * MINUTE).toISOString().replace(/\.000Z$|Z$/, "");
  return `${wall}${minutes < 0 ? "-" : "+"}${two(minutes / 60)}:${two(minutes % 60)}`;
};
