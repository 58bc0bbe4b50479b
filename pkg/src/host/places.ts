/**
 * Whether the shopper is near one of the bundle's places. Loaded by pages that ask for it.
 *
 * Where the shopper is stays here: it is compared with the places and forgotten. It is in no line, no storage, no error and no
 * answer; what is told is the name of a place.
 */
import type { Journal } from "./journal.js";
import type { Nearby } from "../types.js";

interface Place {
  lat: number;
  lng: number;
  radius: number;
}

const METRES = 6371009;
/** A position that is less sure than this is none. */
const UNSURE = 1000;
const WHY: { [code: number]: string } = { 1: "denied", 3: "timeout" };

/** Metres between two positions, over the ground. */
export const distance = (a: { latitude: number; longitude: number }, b: Place): number => {
  const rad = Math.PI / 180;
  const half = (one: number, other: number) => Math.sin(((one - other) * rad) / 2) ** 2;
  const across = half(a.latitude, b.lat) + Math.cos(a.latitude * rad) * Math.cos(b.lat * rad) * half(a.longitude, b.lng);
  return 2 * METRES * Math.asin(Math.min(1, Math.sqrt(across)));
};

export const openPlaces = (journal: Journal) => {
  const inside = new Set<string>();
  let watching: number | undefined;
  const say = (event: string, place: string) => void journal.put({ line: journal.line("track", { event, properties: { place } }) });

  const judge = (places: [string, Place][], { coords }: GeolocationPosition) => {
    const { accuracy = 0 } = coords;
    for (const [name, place] of places) {
      const metres = distance(coords, place);
      if (!inside.has(name)) {
        if (metres > place.radius || accuracy > Math.max(UNSURE, place.radius)) continue;
        inside.add(name);
        say("place_entered", name);
        // At the edge nobody comes and goes with each reading: who has left is surely outside.
      } else if (metres - accuracy > place.radius && inside.delete(name)) say("place_left", name);
    }
  };
  const stop = () => {
    if (watching !== undefined) navigator.geolocation.clearWatch(watching);
    watching = undefined;
  };
  return {
    /** Asks the browser where it is, and goes on listening while the page is there. */
    locate: async (bundle: any): Promise<Nearby> => {
      const places = Object.entries((bundle?.places ?? {}) as { [name: string]: Place });
      const none = (reason: string): Nearby => ({ status: "dropped", reason });
      if (!places[0]) return none("unknown");
      const may = () => !bundle.purposes?.includes("geo") || journal.grants().geo == "granted";
      if (!may()) return none("consent");
      // Nobody is asked on arrival.
      if ((navigator as any).userActivation?.hasBeenActive === false) return none("gesture");
      try {
        stop();
        return await new Promise<Nearby>((resolve) => {
          watching = navigator.geolocation.watchPosition(
            (position) => {
              // It may be taken back meanwhile.
              if (!may()) return stop();
              judge(places, position);
              resolve({ status: "known", places: [...inside] });
            },
            ({ code }) => {
              if (code == 1) stop();
              resolve(none(WHY[code] ?? "unavailable"));
            },
            { timeout: 20000, maximumAge: 60000 },
          );
        });
      } catch {
        return none("unavailable");
      }
    },
    stop,
  };
};
