import type { TierCard } from "../../types.js";
import type { Drawer } from "../pen.js";
import { bar, flower, frame, head, medal, pair, seen } from "./shared.js";

/** The level held, what is missing to the next, and all levels in order. */
export const tier: Drawer<TierCard> = (pen, into, { label, level, value, next, percent, rungs, text }) => {
  const card = frame(pen, into, "div", "tier");
  const held = rungs.findLastIndex(({ reached }) => reached);
  // Each level has a petal more.
  head(pen, card, label, level, (lines) => medal(lines, flower(6 + held), true, "heart"));

  const gauge = pen.add(card, "div", "gauge");
  const words = text ?? (next ? pen.say(`${next.label}까지 ${next.remaining} 남았어요`, `${next.remaining} to ${next.label}`) : pen.say("가장 높은 단계예요", "Highest level"));
  pen.add(gauge, "p", "strong", words);
  if (next) bar(pen, gauge, label, percent, words);
  pair(pen, gauge, value, next?.target);
  if (held < 0) return;

  // Few stand side by side where there is room, many one below the other.
  const ladder = pen.add(card, "ol", rungs.length < 8 ? "ladder few" : "ladder");
  rungs.forEach(({ label, from, reached }, index) => {
    const rung = pen.add(ladder, "li", `rung ${index === held ? "current" : reached ? "passed" : "open"}`);
    seen(pen, rung, `mark ${index === held ? "here" : reached ? "done" : "open"}`);
    pen.add(rung, "span", "", label);
    if (index === held) {
      rung.ariaCurrent = "step";
      pen.add(rung, "span", "chip full", pen.say("지금", "Current"));
    }
    pen.add(rung, "span", "from", from);
  });
};
