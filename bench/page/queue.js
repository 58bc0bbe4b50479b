/**
 * The measure: the least that a careful page could write by hand. Events wait in IndexedDB, written once for each task; a
 * request carries up to 100 of them, at most one a second; what is answered with 2xx goes, anything else is tried again later.
 * No profile, no campaigns, no consent, no identity.
 */
import "./mark.js";

export function begin({ endpoint }) {
  let database, timer, writing, sending, wait = 500, pending = [];
  const answer = (request) => new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
  const inStore = (mode, act) => new Promise((resolve, reject) => {
    const transaction = database.transaction("events", mode);
    const result = act(transaction.objectStore("events"));
    transaction.oncomplete = () => resolve(result);
    transaction.onabort = () => reject(transaction.error);
  });
  const later = (ms) => { timer ??= setTimeout(() => { timer = undefined; send(); }, ms); };

  async function write() {
    while (database && pending.length > 0) {
      const batch = pending;
      pending = [];
      await inStore("readwrite", (store) => batch.forEach((event) => store.add(event)));
      later(1000);
    }
    writing = undefined;
  }
  const post = (lock) => lock && (sending ??= (async () => {
    for (;;) {
      const [keys, events] = await inStore("readonly", (store) => Promise.all([answer(store.getAllKeys(null, 100)), answer(store.getAll(null, 100))]));
      if (keys.length === 0) return;
      const { ok } = await fetch(endpoint, { method: "POST", body: JSON.stringify({ batch: events }) });
      if (!ok) throw new Error("refused");
      wait = 500;
      await inStore("readwrite", (store) => store.delete(IDBKeyRange.bound(keys[0], keys.at(-1))));
    }
  })().catch(() => later(wait = Math.min(wait * 2, 8000))).finally(() => { sending = undefined; }));
  const send = () => navigator.locks.request("queue", { ifAvailable: true }, post);

  const ready = (async () => {
    const opening = indexedDB.open("queue", 1);
    opening.onupgradeneeded = () => opening.result.createObjectStore("events", { autoIncrement: true });
    database = await answer(opening);
    writing ??= Promise.resolve().then(write);
    send();
  })();
  return {
    ready,
    track(event, properties) {
      pending.push({ messageId: crypto.randomUUID(), timestamp: new Date().toISOString(), event, properties });
      writing ??= Promise.resolve().then(write);
    },
    flush: async () => { await ready; await writing; await send(); },
  };
}
