/** A clock that does not jump while the page is open. */

/** A device clock that is off by less is left as it is. */
const DOUBT = 3e5;

/**
 * The wall clock as it stood when the page began, carried on by the monotonic one: that the device's clock is set forward
 * or back meanwhile is not followed. Only a server's word corrects it.
 */
export const openClock = (wall: () => number = Date.now) => {
  let base = wall() - performance.now();
  const now = () => Math.floor(base + performance.now());
  return {
    now,
    /** The wall clock tells another time: it was set, or the device slept. */
    doubtful: () => Math.abs(wall() - now()) > DOUBT,
    /** A reply came from a server just now: its time holds. Other origins do not let theirs be read. */
    heard: ({ headers }: Response) => {
      const off = Date.parse(headers.get("date")!) + (+headers.get("age")! || 0) * 1000 - now();
      if (Math.abs(off) > DOUBT) base += off;
    },
  };
};
