/** A picture of the message that is drawn, cut at its own edges. It is made inside the page it stands in, whose fonts and sizes count. */
import { toCanvas } from "html-to-image";

export interface Picture {
  blob: Blob;
  /** In CSS pixels. */
  width: number;
  height: number;
  /** What it says, for those who cannot see it. */
  says: string;
}

/** As many pixels for each of the page's: it is looked at made smaller. */
const DENSITY = 1.5;

const files = new Map<string, Promise<string>>();
const inlined = (url: string) => {
  let found = files.get(url);
  if (!found) {
    found = fetch(url).then((reply) => reply.blob()).then((blob) => new Promise<string>((resolve, reject) => {
      const reader = Object.assign(new FileReader(), { onload: () => resolve(String(reader.result)), onerror: reject });
      reader.readAsDataURL(blob);
    }));
    files.set(url, found);
  }
  return found;
};
/** Whether a face has one of these letters. */
const has = (ranges: string, letters: number[]) =>
  ranges.split(",").some((range) => {
    const [from, to = from] = range.trim().replace(/^u\+/i, "").split("-").map((one) => one!);
    const [least, most] = [parseInt(from!.replace(/\?/g, "0"), 16), parseInt(to!.replace(/\?/g, "f"), 16)];
    return letters.some((letter) => letter >= least && letter <= most);
  });
/** The font's faces that hold these words. All 124 of them would be 4.6 MB in each picture. */
async function faces(words: string) {
  const letters = [...new Set(words)].map((letter) => letter.codePointAt(0)!);
  const rules = [...document.styleSheets].flatMap((sheet) => [...sheet.cssRules].map((rule) => ({ rule, base: sheet.href ?? document.baseURI })));
  const wanted = rules.filter(({ rule }) => rule instanceof CSSFontFaceRule && has(rule.style.getPropertyValue("unicode-range") || "u+0-10ffff", letters));
  return (await Promise.all(wanted.map(async ({ rule, base }) => {
    const address = /url\("?([^")]+)"?\)/.exec(rule.cssText)?.[1];
    return address ? rule.cssText.replace(address, await inlined(new URL(address, base).href)) : "";
  }))).join("\n");
}

/** Safari's first pictures can be blank. */
const blank = (canvas: HTMLCanvasElement) => {
  const small = Object.assign(document.createElement("canvas"), { width: 24, height: 24 }).getContext("2d", { willReadFrequently: true })!;
  small.drawImage(canvas, 0, 0, 24, 24);
  const points = new Uint32Array(small.getImageData(0, 0, 24, 24).data.buffer);
  return points.every((point) => point === points[0]);
};
const TRIES = 3;

export async function shoot(): Promise<Picture | null> {
  const top = document.querySelector("danbi-message, danbi-card")?.shadowRoot?.querySelector<HTMLElement>("[lang]");
  if (!top) return null;
  await document.fonts.ready;
  await Promise.all([...top.querySelectorAll("img")].filter(({ hidden }) => !hidden).map((image) => image.decode().catch(() => {})));
  const { width, height } = top.getBoundingClientRect();
  const says = top.innerText.replace(/\s+/g, " ").trim();
  const fontEmbedCSS = await faces(`${says}…`);
  const options = {
    width: Math.ceil(width), height: Math.ceil(height), pixelRatio: DENSITY, fontEmbedCSS,
    // It stands alone, wherever it lay.
    style: { position: "static", inset: "auto", margin: "0", inlineSize: `${width}px`, blockSize: `${height}px`, maxBlockSize: "none", boxShadow: "none", animation: "none" },
  } satisfies Parameters<typeof toCanvas>[1];
  let canvas = await toCanvas(top, options);
  for (let one = 1; one < TRIES && blank(canvas); one++) canvas = await toCanvas(top, options);
  const blob = await new Promise<Blob | null>((resolve) => canvas.toBlob(resolve));
  return blob && { blob, width: options.width, height: options.height, says };
}
