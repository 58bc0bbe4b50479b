/** The driver layer itself, on a page of its own. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { serve } from "../../scripts/serve.mjs";
import { engines, launch } from "./browsers.mjs";

for (const name of Object.keys(engines)) {
  test(`${name}: clicks, keys, shadow roots, promises`, { timeout: 120_000 }, async () => {
    const site = await serve({ folder: fileURLToPath(new URL("fixture", import.meta.url)), head: "<script>window.prepared = true</script>" });
    const browser = await launch(name);
    try {
      await browser.open(site.url);
      assert.equal(await browser.evaluate(() => window.prepared), true);
      await browser.waitFor("x-card >>> dialog[open]");
      assert.match(await browser.text("x-card >>> dialog p"), /시카 앰플 C를/);
      assert.match(await browser.text("x-card"), /시카 앰플 C를/);
      await browser.click('x-card >>> dialog button[data-action="click"]');
      await browser.waitFor(() => read(find("p")) === "closed true");
      await browser.type("@name", "서준");
      await browser.click("@add");
      assert.equal(await browser.text("@out"), "true 서준");
      assert.equal(await browser.attribute("@out", "data-testid"), "out");
      assert.equal(await browser.exists("@none"), false);
      assert.deepEqual(await browser.evaluate(async (a, b) => ({ sum: (await Promise.resolve(a)) + b.n }), 1, { n: 2 }), { sum: 3 });
      await assert.rejects(browser.waitFor("@none", { timeout: 300 }), /@none/);
      await assert.rejects(browser.evaluate(() => { throw new Error("from the page"); }), /from the page/);
      const png = await browser.engine.png();
      assert.equal(Buffer.from(png).subarray(1, 4).toString(), "PNG");
    } finally {
      await browser.close();
      await site.close();
    }
  });
}
