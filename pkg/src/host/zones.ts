/** Offset tables of IANA zones, from `Intl`, exact to the minute. */

const DAY = 864e5;
const formats = new Map<string, Intl.DateTimeFormat>();

/** Minutes east of UTC. */
const offset = (format: Intl.DateTimeFormat, at: number): number => {
  const part: { [type: string]: number } = {};
  for (const { type, value } of format.formatToParts(at)) part[type] = +value;
  const { year = 0, month = 1, day, hour, minute, second } = part;
  return Math.round((Date.UTC(year, month - 1, day, hour, minute, second) - Math.floor(at / 1000) * 1000) / 60000);
};

/**
 * Pairs `[utcMs, offsetMinutes, …]`, each valid from its instant on; the first begins at `from`.
 * Steps of two weeks see even Morocco's month of Ramadan. Throws a RangeError for a zone that the platform does not know.
 */
export const zoneTable = (zone: string, from: number, to: number): Float64Array => {
  // Knows the transitions, where `Intl` has to be asked for each, and takes a long task before its first answer.
  const { Instant } = (globalThis as any).Temporal ?? {};
  if (Instant) {
    const table: number[] = [];
    let at = Math.floor(from);
    for (let there = Instant.fromEpochMilliseconds(at).toZonedDateTimeISO(zone); there && at <= to; at = there?.epochMilliseconds) {
      table.push(at, Math.round(there.offsetNanoseconds / 6e10));
      there = there.getTimeZoneTransition("next");
    }
    return new Float64Array(table);
  }
  let format = formats.get(zone);
  if (!format) {
    const two = "2-digit";
    const options = { timeZone: zone, calendar: "gregory", numberingSystem: "latn", hourCycle: "h23" } as const;
    format = new Intl.DateTimeFormat("en-US", { ...options, year: "numeric", month: two, day: two, hour: two, minute: two, second: two });
    formats.set(zone, format);
  }
  const minute = (at: number) => Math.floor(at / 60000) * 60000;
  let at = minute(from);
  let now = offset(format, at);
  const table = [at, now];
  while (at < to) {
    const end = Math.min(at + 14 * DAY, minute(to) + 60000);
    const then = offset(format, end);
    if (then != now) {
      let low = at;
      let high = end;
      while (high - low > 60000) {
        const middle = minute((low + high) / 2);
        if (offset(format, middle) == now) low = middle;
        else high = middle;
      }
      // Whatever else happens before `end` is found from here.
      at = high;
      now = offset(format, at);
      table.push(at, now);
    } else at = end;
  }
  return new Float64Array(table);
};
