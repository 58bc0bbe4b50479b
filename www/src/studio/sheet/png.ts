/** The contact sheet as one picture: the cells' pictures with their words, drawn once more beside each other. */
import { label } from "../state/bundle";
import type { Shopper } from "../state/cast";
import type { Told } from "../state/messages";
import { lang } from "../words";
import { cell } from "./run";
import { verdict, which } from "./Sheet";
import { t } from "./words";

const COLUMN = 200, GAP = 16, HEAD = 150, LINE = 16, SMALL = 12, TITLE = 14, EDGE = 24, MOST_LINES = 4;
/** No browser's canvas is larger. */
const LONGEST = 16_000, AREA = 120_000_000;

const load = (url: string) => new Promise<HTMLImageElement>((resolve, reject) => {
  const image = Object.assign(new Image(), { onload: () => resolve(image), onerror: reject });
  image.src = url;
});

export async function picture(rows: Told[], columns: Shopper[], title: string): Promise<Blob> {
  await document.fonts.ready;
  const { fontFamily } = getComputedStyle(document.body);
  const colour = (name: string) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
  // What a property says by light-dark() is resolved where it is used.
  const probe = document.body.appendChild(document.createElement("p"));
  const used = (name: string) => {
    probe.style.color = `var(${name}, ${colour(name)})`;
    return getComputedStyle(probe).color;
  };
  const [ink, calm, good, ground, rule] = ["--ink", "--calm", "--good", "--pico-background-color", "--pico-muted-border-color"].map(used) as [string, string, string, string, string];
  probe.remove();

  const draw = document.createElement("canvas").getContext("2d")!;
  const font = (size: number, weight = 400) => (draw.font = `${weight} ${size}px ${fontFamily}`);
  /** Words in lines that fit, as many as there is room for. */
  const wrap = (text: string, size: number, wide: number, weight = 400) => {
    font(size, weight);
    const lines: string[] = [];
    let line = "";
    for (const word of text.split(/(?<= )/)) {
      if (line && draw.measureText(line + word).width > wide) (lines.push(line.trim()), (line = ""));
      for (const letter of word) {
        if (line && draw.measureText(line + letter).width > wide) (lines.push(line.trim()), (line = ""));
        line += letter;
      }
    }
    if (line.trim()) lines.push(line.trim());
    return lines.length > MOST_LINES ? [...lines.slice(0, MOST_LINES - 1), `${lines[MOST_LINES - 1]!.slice(0, -1)}…`] : lines;
  };

  const table = await Promise.all(rows.map(async (told) => {
    const found = await Promise.all(columns.map(async (who) => {
      const one = cell(told, who).peek();
      const shot = one?.shot ? { image: await load(one.shot.url), height: Math.round((one.shot.height * COLUMN) / one.shot.width) } : null;
      return { shows: one?.state === "shows", shot, words: one ? wrap([verdict(one), one.partial && t("partial")].filter(Boolean).join(" · "), SMALL, COLUMN) : [], empty: one && !one.shot ? wrap(t("empty"), SMALL, COLUMN) : [] };
    }));
    const tall = Math.max(2 * LINE, ...found.map(({ shot, empty }) => shot?.height ?? empty.length * LINE));
    return { told, found, tall, height: tall + 8 + Math.max(...found.map(({ words }) => words.length)) * LINE + GAP };
  }));
  const heads = columns.map(({ name, about }) => ({ name: name[lang.peek()], about: wrap(about[lang.peek()], SMALL, COLUMN) }));
  const top = EDGE + TITLE + GAP + LINE + Math.max(0, ...heads.map(({ about }) => about.length)) * LINE + GAP;
  const width = 2 * EDGE + HEAD + columns.length * (COLUMN + GAP), height = top + table.reduce((all, one) => all + one.height, 0) + EDGE;
  const scale = Math.min(2, LONGEST / width, LONGEST / height, Math.sqrt(AREA / (width * height)));
  Object.assign(draw.canvas, { width: Math.round(width * scale), height: Math.round(height * scale) });
  draw.scale(scale, scale);
  draw.fillStyle = ground;
  draw.fillRect(0, 0, width, height);
  draw.textBaseline = "top";
  const write = (lines: string[], x: number, y: number, size: number, style: string, weight = 400) => {
    font(size, weight);
    draw.fillStyle = style;
    lines.forEach((line, place) => draw.fillText(line, x, y + place * LINE));
  };
  const x = (place: number) => EDGE + HEAD + place * (COLUMN + GAP);
  write([title], EDGE, EDGE, TITLE, ink, 600);
  heads.forEach(({ name, about }, place) => {
    write([name], x(place), EDGE + TITLE + GAP, SMALL + 1, ink, 600);
    write(about, x(place), EDGE + TITLE + GAP + LINE, SMALL, calm);
  });
  let y = top;
  for (const { told, found, tall, height } of table) {
    draw.fillStyle = rule;
    draw.fillRect(EDGE, y - GAP / 2, width - 2 * EDGE, 1);
    const name = wrap(label(told.campaign), SMALL + 1, HEAD - GAP, 600);
    write(name, EDGE, y, SMALL + 1, ink, 600);
    write(wrap(which(told), SMALL, HEAD - GAP), EDGE, y + name.length * LINE, SMALL, calm);
    found.forEach(({ shot, words, empty, shows }, place) => {
      if (shot) {
        draw.drawImage(shot.image, x(place), y, COLUMN, shot.height);
        draw.strokeStyle = rule;
        draw.strokeRect(x(place), y, COLUMN, shot.height);
      } else write(empty, x(place), y, SMALL, calm);
      write(words, x(place), y + tall + 8, SMALL, shows ? good : calm, shows ? 600 : 400);
    });
    y += height;
  }
  const blob = await new Promise<Blob | null>((resolve) => draw.canvas.toBlob(resolve));
  if (!blob) throw new Error("no picture");
  return blob;
}
