// What the page's own words mean: declared preferences, facts of a visit, consent in the words of others. The browser's part is in tests/e2e.
import assert from "node:assert/strict";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { after, test } from "node:test";
import { fileURLToPath, pathToFileURL } from "node:url";
import { build } from "esbuild";

const folder = await mkdtemp(path.join(tmpdir(), "danbi-signals-"));
after(() => rm(folder, { recursive: true, force: true }));
const bundled = async (contents, name) => {
  const result = await build({
    stdin: { contents, resolveDir: fileURLToPath(new URL("../../pkg/src/", import.meta.url)), loader: "ts" },
    bundle: true, format: "esm", target: "es2022", write: false, external: ["*/danbi.js"], logLevel: "silent",
  });
  const file = path.join(folder, name + ".mjs");
  await writeFile(file, result.outputFiles[0].contents);
  return import(pathToFileURL(file).href);
};
const { createClient, DanbiError } = await bundled(`export * from "./index.js"`, "shell");
const { readMode, readFacts, searched, followTcf, openFeeds } = await bundled(
  `export * from "./consent/mode.js"; export * from "./consent/tcf.js"; export * from "./consent/index.js"; export * from "./signals/facts.js"`, "parts");
const define = (name, value) => Object.defineProperty(globalThis, name, { value, configurable: true, writable: true });

test("declare: what cannot be a preference is the caller's mistake", async () => {
  const client = createClient({ bundle: "/b.json" }); // no window: nothing happens, all is typed
  const wrong = [
    [null, "declare", ""],
    ["scent", "declare", ""],
    [["none"], "declare", ""],
    [new Map(), "declare", ""],
    [{ skin: { type: "dry" } }, "declare", "/skin"],
    [{ skin: ["dry", ["oily"]] }, "declare", "/skin"],
    [{ skin: [null] }, "declare", "/skin"],
    [{ age: NaN }, "not_finite", "/age"],
    [{ cb() {} }, "not_json", "/cb"],
    ...["1990-05-12", "5-12", "05-32", "13-01", "00-10", "02-30", "04-31", "05-12Z", "", "0512", 512].map((day) => [{ birthday: day }, "birthday", "/birthday"]),
  ];
  for (const [change, code, at] of wrong)
    assert.throws(() => client.declare(change), (error) => {
      assert.ok(error instanceof DanbiError);
      assert.deepEqual([error.code, error.path], [code, at], JSON.stringify(change));
      return true;
    });
  for (const change of [{}, { birthday: "02-29" }, { birthday: "12-31" }, { birthday: null }, { scent: "none", skin: ["dry", "sensitive"], size: 55, vegan: true, gone: null }])
    assert.equal((await client.declare(change)).reason, "no_window", JSON.stringify(change));
});

test("Consent Mode: an answer is an answer, a default is none", () => {
  const all = (grant) => Object.fromEntries(["ad_storage", "ad_user_data", "ad_personalization", "analytics_storage", "functionality_storage", "personalization_storage", "security_storage"].map((key) => [key, grant]));
  const every = (grant) => ({ analytics: grant, functional: grant, personalization: grant, advertising: grant });
  const talk = (...commands) => {
    const read = readMode();
    const known = {};
    for (const [mode, given] of commands) Object.assign(known, read(mode, given, known));
    return known;
  };
  assert.deepEqual(talk(["default", all("denied")]), {});
  assert.deepEqual(talk(["default", { ...all("denied"), wait_for_update: 500 }], ["update", all("granted")]), every("granted"));
  assert.deepEqual(talk(["update", all("granted")], ["update", all("denied")]), every("denied"));
  assert.deepEqual(talk(["default", all("granted")]), every("granted"));
  assert.deepEqual(talk(["update", all("denied")], ["default", all("granted")]), every("denied"));
  // Only what is named is spoken of.
  assert.deepEqual(talk(["update", { analytics_storage: "granted" }]), { analytics: "granted" });
  assert.deepEqual(talk(["update", { security_storage: "granted", url_passthrough: true }]), {});
  assert.deepEqual(talk(["update", { analytics_storage: "yes" }]), {});
  // Advertising needs all of its keys, as far as they were named, defaults included.
  assert.deepEqual(talk(["update", { ad_storage: "granted" }]), { advertising: "granted" });
  assert.deepEqual(talk(["update", { ad_storage: "granted" }], ["update", { ad_user_data: "denied" }]), { advertising: "denied" });
  assert.deepEqual(talk(["default", all("denied")], ["update", { ad_storage: "granted" }]), { advertising: "denied" });
  // A region may be the shopper's: its denial counts, its grant does not.
  assert.deepEqual(talk(["default", { ...all("denied"), region: ["ES"] }], ["default", all("granted")]), {});
  assert.deepEqual(talk(["default", { ...all("granted"), region: ["US-CA"] }]), {});
  for (const junk of [["reset", all("granted")], ["update", null], ["update", "granted"], [undefined, undefined], ["update", []]]) assert.deepEqual(talk(junk), {});
});

test("TCF: purposes become purposes, once the shopper has answered", () => {
  const calls = [];
  let heard;
  const api = (...all) => { calls.push(all); if (all[0] === "addEventListener") heard = all[2]; };
  define("window", { __tcfapi: api });
  const said = [];
  const stop = followTcf(api, (change) => said.push(change));
  const tell = (more, success = true) => heard({ listenerId: 7, gdprApplies: true, eventStatus: "tcloaded", purpose: { consents: { 1: true, 5: true, 6: true, 8: true } }, ...more }, success);
  tell({ eventStatus: "cmpuishown" });
  tell({ gdprApplies: false });
  tell({ gdprApplies: undefined });
  tell({}, false);
  heard(null, false);
  assert.deepEqual(said, []);
  tell({});
  assert.deepEqual(said.pop(), { functional: "granted", analytics: "granted", personalization: "granted" });
  tell({ eventStatus: "useractioncomplete", purpose: { consents: { 1: true, 2: true, 3: true, 4: false, 5: true, 6: false, 8: true } } });
  assert.deepEqual(said.pop(), { functional: "granted", analytics: "granted", personalization: "denied", advertising: "denied" });
  // Without storage on the device there is nothing.
  tell({ purpose: { consents: { 2: true, 3: true, 4: true, 5: true, 6: true, 8: true } } });
  assert.deepEqual(said.pop(), { functional: "denied", analytics: "denied", personalization: "denied", advertising: "denied" });
  tell({ purpose: { consents: Object.fromEntries(Array.from({ length: 11 }, (_, i) => [i + 1, true])) } });
  assert.equal(said.pop().advertising, "granted");
  tell({ purpose: undefined });
  assert.equal(said.pop().analytics, "denied");
  stop();
  assert.deepEqual(calls.at(-1).toSpliced(2, 1), ["removeEventListener", 2, 7]);
  tell({});
  assert.deepEqual(said, []);
  assert.deepEqual([calls[0][0], calls[0][1]], ["addEventListener", 2]);
});

test("Shopify: its judgement, the visitor's own no before all", () => {
  const document = new EventTarget();
  define("document", document);
  const privacy = {
    own: { marketing: "", analytics: "", preferences: "", sale_of_data: "" },
    allowed: { analytics: false, preferences: false, marketing: false, sale: true },
    currentVisitorConsent() { return this.own; },
    analyticsProcessingAllowed() { return this.allowed.analytics; },
    preferencesProcessingAllowed() { return this.allowed.preferences; },
    marketingAllowed() { return this.allowed.marketing; },
    saleOfDataAllowed() { return this.allowed.sale; },
  };
  const Shopify = { loadFeatures(features, done) { assert.equal(features[0].name, "consent-tracking-api"); this.customerPrivacy = privacy; done(); } };
  define("window", { Shopify });
  let known = {};
  const puts = [];
  const errors = [];
  const feeds = openFeeds({ grants: () => known, line: () => ({}), put: ({ grants }) => { puts.push(grants); known = { ...known, ...grants }; } }, (code) => errors.push(code));
  feeds.look();
  feeds.look();
  assert.deepEqual(puts, []); // asked, not answered
  const answer = (own, allowed) => {
    Object.assign(privacy.own, own);
    Object.assign(privacy.allowed, allowed);
    document.dispatchEvent(new Event("visitorConsentCollected"));
    return puts.splice(0);
  };
  assert.deepEqual(answer({ analytics: "yes" }, { analytics: true }), [{ analytics: "granted" }]);
  assert.deepEqual(answer({ preferences: "yes", marketing: "yes" }, { preferences: true, marketing: true }),
    [{ analytics: "granted", functional: "granted", personalization: "granted", advertising: "granted" }]);
  assert.deepEqual(answer({}, {}), []);
  assert.deepEqual(answer({ sale_of_data: "no" }, {}).map(({ advertising }) => advertising), ["denied"]);
  assert.deepEqual(answer({ preferences: "no" }, { preferences: false }).map(({ personalization, functional }) => [personalization, functional]), [["denied", "denied"]]);
  privacy.analyticsProcessingAllowed = () => { throw Error("theirs"); };
  assert.deepEqual(answer({ analytics: "no" }, {}).length, 1); // the own answer is enough
  assert.deepEqual(answer({ analytics: "" }, {}), []);
  assert.deepEqual(errors, ["consent"]);
  feeds.stop();
  assert.deepEqual(answer({ analytics: "no" }, {}), []);
});

test("facts of a visit: origin, campaign, device, language, app", () => {
  const facts = (agent, { url = "https://shop.test/", referrer = "", touch = 0 } = {}) => {
    const { pathname, search, hash, origin } = new URL(url);
    define("location", { pathname, search, hash, origin });
    define("document", { referrer });
    define("navigator", { userAgent: agent, language: "ko-KR", maxTouchPoints: touch });
    return readFacts();
  };
  const mac = "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.0 Safari/605.1.15";
  const iphone = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Mobile/15E148";
  const android = "Mozilla/5.0 (Linux; Android 14; SM-S921N) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/130.0.0.0 Mobile Safari/537.36";
  const table = [
    [mac, "desktop", null],
    [mac, "tablet", null, 5],
    ["Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/130.0.0.0 Safari/537.36", "desktop", null],
    ["Mozilla/5.0 (Windows NT 10.0; Win64; x64; Trident/7.0; Touch; rv:11.0) like Gecko", "desktop", null],
    ["Mozilla/5.0 (X11; Linux x86_64; rv:130.0) Gecko/20100101 Firefox/130.0", "desktop", null],
    ["Mozilla/5.0 (iPad; CPU OS 16_0 like Mac OS X) AppleWebKit/605.1.15 Mobile/15E148", "tablet", null],
    ["Mozilla/5.0 (Linux; Android 13; SM-X700) AppleWebKit/537.36 Chrome/120.0.0.0 Safari/537.36", "tablet", null],
    ["Mozilla/5.0 (Android 14; Mobile; rv:130.0) Gecko/130.0 Firefox/130.0", "mobile", null],
    [iphone + " Safari/604.1", "mobile", null],
    [android, "mobile", null],
    [android + ";KAKAOTALK 2410810", "mobile", "kakaotalk"],
    [iphone + " KAKAOSTORY 7.0.0", "mobile", "kakaostory"],
    [iphone + " NAVER(inapp; search; 1100; 12.8.5; 14PRO)", "mobile", "naver"],
    [iphone + " Instagram 320.0.2.29.98 (iPhone14,5; iOS 18_0; ko_KR)", "mobile", "instagram"],
    [iphone + " [FBAN/FBIOS;FBAV/450.0.0.38;FBBV/1]", "mobile", "facebook"],
    [android + " [FB_IAB/FB4A;FBAV/440.0.0.1;]", "mobile", "facebook"],
    [iphone + " Safari Line/14.2.0", "mobile", "line"],
    [android + " BAND/20.1.1 (Android OS 14;SM-S921N)", "mobile", "band"],
    [android + " DaumApps/8.1.1 DaumDevice/mobile", "mobile", "daum"],
    ["", "desktop", null],
  ];
  for (const [agent, device, inApp, touch] of table) {
    const found = facts(agent, { touch });
    assert.deepEqual([found.device, found.inApp], [device, inApp], agent);
  }
  assert.deepEqual(facts(mac, { url: `https://shop.test/a?utm_source=kakao&utm_medium=%20cpc%20&utm_campaign=${"봄".repeat(300)}&utm_term=&fbclid=1#x`, referrer: "https://search.naver.com/search?query=secret" }),
    { referrer: "https://search.naver.com", utm: { source: "kakao", medium: "cpc", campaign: "봄".repeat(100) }, device: "desktop", language: "ko-KR", inApp: null });
  assert.deepEqual(facts(mac, { url: "https://shop.test/#/list?utm_source=band", referrer: "https://shop.test/other?x" }).utm, { source: "band" });
  assert.equal(facts(mac, { referrer: "https://shop.test/other?x" }).referrer, null);
  assert.equal(facts(mac, { referrer: "android-app://com.kakao.talk/path?secret" }).referrer, "android-app://com.kakao.talk");
  for (const referrer of ["", "nonsense"]) assert.equal(facts(mac, { referrer }).referrer, null);

  facts(mac, { url: "https://shop.test/s?q=&query=%ED%86%A0%EB%84%88#/x?keyword=b" });
  assert.equal(searched(["q", "s", "search", "query", "keyword"]), "토너");
  assert.equal(searched(["keyword"]), "b");
  assert.equal(searched(["none"]), undefined);
});

test("places: metres over the ground", async () => {
  const { distance } = await bundled(`export * from "./host/places.js"`, "places");
  const from = (latitude, longitude, lat, lng) => distance({ latitude, longitude }, { lat, lng, radius: 0 });
  const near = (metres, expected) => assert.ok(Math.abs(metres - expected) <= expected / 100, `${metres} instead of ${expected}`);
  assert.equal(from(37.5446, 127.0559, 37.5446, 127.0559), 0);
  near(from(37.5464, 127.0559, 37.5446, 127.0559), 200);
  near(from(37.5446, 127.0593, 37.5446, 127.0559), 300); // a degree of longitude is shorter here than one of latitude
  near(from(37.5563, 126.9236, 37.5446, 127.0559), 11_740); // from Hongdae to Seongsu
  near(from(0, 179.999, 0, -179.999), 222); // across the date line
  near(from(89.999, 0, 89.999, 180), 222); // over the pole
  near(from(0, 0, 0, 180), 20_015_000);
});
