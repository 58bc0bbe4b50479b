/**
 * `npm run sheet`: every form and widget as a shopper sees it (Korean, English, dark, 320 px wide, text at 200 %), photographed in
 * Chromium and laid out in one picture, `www/messages.png`. Needs a build.
 */
import { writeFileSync } from "node:fs";
import { hang } from "../tests/e2e/gallery.mjs";
import { cards, forms } from "../tests/e2e/gallery/bundle.mjs";
import { main } from "./step.mjs";

/** Rows of the picture: what it says beside them, and how the page and the browser are set. */
const rows = [
  { title: "한국어", parameters: "lang=ko&light", settings: {} },
  { title: "English", parameters: "lang=en&light", settings: {} },
  { title: "Dark", parameters: "lang=ko", settings: { dark: true } },
  { title: "320 px", parameters: "lang=ko&light", settings: { width: 320 } },
  { title: "Text at 200 %", parameters: "lang=ko&light", settings: { text: 32 } },
];
/** Plain content, which forms have as well: once is enough. */
const plain = ["words", "image", "buttons", "html"];
const WIDE = 400, HIGH = 540;

await main(async () => {
  const shots = [];
  for (const { title, parameters, settings } of rows) {
    const wall = await hang("chromium", { still: true, width: WIDE, height: HIGH, ...settings });
    try {
      for (const name of [...Object.keys(forms), ...Object.keys(cards)]) {
        if (plain.includes(name) && title !== rows[0].title) continue;
        const inline = name in cards;
        // A card that is higher than the window would be photographed in another, where text has its usual size.
        await wall.browser.resize(settings.width ?? WIDE, inline ? 2400 : name === "banner" || name === "toast" ? 270 : HIGH);
        await wall.open(`${parameters}&font&bare&which=${name}`);
        await wall.browser.evaluate(() => gallery.settled());
        const bytes = inline ? await wall.browser.engine.piece("main") : await wall.browser.engine.png();
        shots.push({ row: title, name, bytes: Buffer.from(bytes).toString("base64") });
      }
    } finally {
      await wall.close();
    }
  }
  // The picture is a page as well.
  const escape = (text) => text.replace(/[&<]/g, (sign) => `&#${sign.charCodeAt(0)};`);
  const picture = ({ name, bytes }) => `<figure><img src="data:image/png;base64,${bytes}" alt=""><figcaption>${escape(name)}</figcaption></figure>`;
  const html = `<!doctype html><meta charset="utf-8"><style>
    body { margin: 0; padding: 20px; background: #e9ebee; font: 15px "Noto Sans KR Variable", sans-serif; color: #1a1f24; inline-size: 1560px }
    h2 { margin: 20px 0 8px; font-size: 20px } h2:first-child { margin-block-start: 0 } section { columns: 8; column-gap: 10px }
    figure { margin: 0 0 10px; break-inside: avoid } img { display: block; border-radius: 6px; inline-size: 100% } figcaption { margin-block-start: 2px; font-size: 11px; color: #555 }
  </style>${rows.map(({ title }) => `<h2>${escape(title)}</h2><section>${shots.filter(({ row }) => row === title).map(picture).join("")}</section>`).join("")}`;
  const wall = await hang("chromium", { width: 1600, height: 1000, given: { "/sheet.html": html } });
  try {
    await wall.browser.open(`${wall.site.url}sheet.html`);
    await wall.browser.evaluate(async () => {
      document.head.append(Object.assign(document.createElement("link"), { rel: "stylesheet", href: "/font/index.css" }));
      await new Promise((resolve) => setTimeout(resolve, 300));
      await document.fonts.ready;
    });
    writeFileSync("www/messages.png", await wall.browser.engine.piece("body"));
  } finally {
    await wall.close();
  }
  console.log(`www/messages.png: ${shots.length} pictures`);
});
