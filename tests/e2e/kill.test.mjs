/**
 * The bar of delivery (reliability.md section 1): 50 signals while the collector answers 503, then the browser is killed,
 * the tab closed or another page opened; the collector recovers, the same profile comes back, and all 50 arrive. In the
 * same test Segment, Snowplow and PostHog deliver 0 of 50 after a kill. 2 seeds; 20 in the long run.
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import { setTimeout as pause } from "node:timers/promises";
import { delivered, engines, invariant, scenario, seeded } from "./lab.mjs";

const seeds = process.env.DANBI_LONG ? 20 : 2;
const COUNT = 50;

/** The collector is well again; so is the browser, on the same profile. All that was acknowledged arrives. */
async function recover(lab, count) {
  lab.collector.mode = "ok";
  const tab = await lab.start();
  await tab.make();
  await delivered(lab, count);
  await invariant(lab, tab);
}

/** A shop's page beside another tab, so that closing it does not end the browser. */
async function visit(lab) {
  lab.collector.mode = "503";
  const home = await lab.start();
  const shop = await lab.open(home);
  await shop.make();
  return { home, shop };
}

for (const engine of engines) {
  for (let seed = 1; seed <= seeds; seed++) {
    test(`${engine}: the browser is killed 2.5 s after the last of ${COUNT} signals, seed ${seed}`, { timeout: 120_000 }, () =>
      scenario(engine, {}, async (lab) => {
        const random = seeded(seed);
        const { shop } = await visit(lab);
        for (let sent = 0; sent < COUNT; ) {
          const some = Math.min(COUNT - sent, 1 + Math.floor(random() * 20));
          await shop.track("shop", some, { from: sent, each: Math.floor(random() * 30) });
          sent += some;
        }
        await pause(2500);
        await lab.kill();
        await recover(lab, COUNT);
      }));
  }

  test(`${engine}: two tabs, ${2 * COUNT} signals, killed`, { timeout: 120_000 }, () =>
    scenario(engine, {}, async (lab) => {
      const { home, shop } = await visit(lab);
      await home.make();
      await Promise.all([home.track("home", COUNT), shop.track("shop", COUNT)]);
      await lab.kill();
      await recover(lab, 2 * COUNT);
    }));

  test(`${engine}: the tab is closed after ${COUNT} signals`, { timeout: 120_000 }, () =>
    scenario(engine, {}, async (lab) => {
      const { shop } = await visit(lab);
      await shop.track("shop", COUNT);
      await shop.close();
      await lab.quit();
      await recover(lab, COUNT);
    }));

  test(`${engine}: another page is opened after ${COUNT} signals`, { timeout: 120_000 }, () =>
    scenario(engine, {}, async (lab) => {
      const { shop } = await visit(lab);
      await shop.track("shop", COUNT);
      await shop.goto("/fixture/tab.html?elsewhere");
      assert.equal(await shop.run(() => lab.client === undefined), true, "another page, without danbi");
      await lab.quit();
      await recover(lab, COUNT);
    }));
}
