/** Events of the page, heard so that the page notices nothing. */

export type Stop = () => void;
/** Calls `act` at each of these events (names with blanks between) until all is stopped. */
export type Listen = (target: EventTarget, types: string, act: (event: any) => void) => void;

/** What goes wrong in `act` is told to `failed` and nobody else; nothing waits for us, whatever others stop on its way. */
export const openListener = (failed: (error: unknown) => void): [listen: Listen, safe: (act: () => void) => void, stop: Stop] => {
  const stops: Stop[] = [];
  const safe = (act: () => void) => {
    try {
      act();
    } catch (error) {
      failed(error);
    }
  };
  return [
    (target, types, act) => {
      const own = (event: Event) => safe(() => act(event));
      for (const type of types.split(" ")) {
        target.addEventListener(type, own, { passive: true, capture: true });
        stops.push(() => target.removeEventListener(type, own, true));
      }
    },
    safe,
    () => stops.splice(0).forEach((stop) => stop()),
  ];
};
