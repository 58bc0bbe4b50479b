/**
 * The IndexedDB database of one client: `log` (rows in the order of their keys), `kv`, `claims`, `dead`.
 * Nothing is created before consent: opening what is not there yet, unallowed, leaves nothing behind.
 */
import type { Line } from "../core.js";
import type { Grant } from "../types.js";

/** Who the rows are of, in `kv` under `identity`; made and changed only inside the transaction that writes rows. */
export interface Identity {
  anonymousId: string;
  userId?: string;
  /** Seeds every draw; another seed means another shopper: what was folded before counts no more. */
  seed: string;
  /** The answers that the last consent row told. */
  consent: { [purpose: string]: Grant };
}

/** A row as it is kept: its position is its key. */
export interface Kept {
  line: Line;
  send: boolean;
  fold: boolean;
  /** The engine broke on it: never fed again. */
  bad?: boolean;
}

/**
 * Runs `body` in one transaction over all stores and resolves with its result once that is committed; `undefined`
 * when there is no database and none may be made, or the client is gone. `body` may run twice: after a lost connection
 * the database is opened again, once.
 */
export type Run = <T>(mode: IDBTransactionMode, body: (store: (name: Store) => IDBObjectStore) => T) => Promise<T | undefined>;
export type Store = "log" | "kv" | "claims" | "dead";

export const STORES: Store[] = ["log", "kv", "claims", "dead"];

/** Calls back with what a request answers. */
export const got = <T>(request: IDBRequest<T>, then: (value: T) => void): void => {
  request.onsuccess = () => then(request.result);
};

export const openStorage = (name: string, mayCreate: () => unknown, silent: () => unknown): [run: Run, close: () => void] => {
  let handle: Promise<IDBDatabase | undefined> | undefined;
  const close = () => {
    handle?.then((db) => db?.close(), () => {});
    handle = undefined;
  };
  const open = async (): Promise<IDBDatabase | undefined> => {
    // Without this WebKit keeps an empty database, though its making is broken off below.
    if (!mayCreate() && indexedDB.databases && !(await indexedDB.databases()).some((db) => db.version && db.name == name)) return (handle = undefined);
    return new Promise((resolve, reject) => {
      const request = indexedDB.open(name, 1);
      // An open can wait for ever behind another tab's deletion, or a browser's fault.
      setTimeout(reject, 9000, "no answer");
      request.onupgradeneeded = () => {
        if (mayCreate()) for (const store of STORES) request.result.createObjectStore(store, { autoIncrement: true });
        else request.transaction!.abort();
      };
      request.onerror = (event) => {
        event.preventDefault();
        request.error?.name == "AbortError" ? resolve((handle = undefined)) : reject(request.error);
      };
      got(request, (db) => {
        // Another tab upgrades or deletes, or the browser lets go: open anew at the next use.
        db.onversionchange = db.onclose = close;
        resolve(db);
      });
    });
  };
  return [
    async (mode, body) => {
      for (let retried: unknown; ; retried = 1) {
        try {
          const db = await (handle ??= open());
          // Where there was none, one may be allowed since it was looked for.
          if (db ? silent() : !mayCreate()) return;
          if (!db) continue;
          return await new Promise((resolve, reject) => {
            const transaction = db.transaction(STORES, mode);
            const result = body((store) => transaction.objectStore(store));
            transaction.oncomplete = () => resolve(result);
            transaction.onabort = () => reject(transaction.error);
          });
        } catch (error) {
          close();
          if (retried) throw error;
        }
      }
    },
    close,
  ];
};
