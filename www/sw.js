// The build puts VERSION and FILES above this line.
// Only GET requests for the shop's own files are answered here; posts, the collector and everything else pass by untouched.
const SHOP = `onsae-${VERSION}`;
const FONTS = "onsae-fonts";
const own = new Set(FILES.map((file) => new URL(file, registration.scope).href));

addEventListener("install", (event) => {
  event.waitUntil(caches.open(SHOP).then((cache) => cache.addAll(FILES)));
});

addEventListener("activate", (event) => {
  const stale = (name) => name.startsWith("onsae-") && name !== SHOP && name !== FONTS;
  event.waitUntil(
    caches.keys()
      .then((names) => Promise.all(names.filter(stale).map((name) => caches.delete(name))))
      .then(() => clients.claim()),
  );
});

addEventListener("fetch", (event) => {
  const { request } = event;
  if (request.method !== "GET" || !request.url.startsWith(registration.scope)) return;
  const url = new URL(request.url);
  url.search = url.hash = "";
  if (url.href === registration.scope) url.pathname += "index.html";
  if (own.has(url.href)) {
    // Pages and bundles may change under the same name: the network first. Built files carry a hash: the cache first.
    const changing = /\.(html|json)$/.test(url.pathname);
    event.respondWith(changing ? fetch(request).catch(() => kept(url.href)) : kept(url.href).catch(() => fetch(request)));
  } else if (url.pathname.endsWith(".woff2")) {
    event.respondWith(kept(url.href).catch(() => keep(request)));
  }
});

async function kept(href) {
  const answer = await caches.match(href, { ignoreVary: true });
  if (!answer) throw new TypeError(`not kept: ${href}`);
  return answer;
}

async function keep(request) {
  const answer = await fetch(request);
  if (answer.ok) await (await caches.open(FONTS)).put(request, answer.clone());
  return answer;
}
