import type { BadgeShelf } from "../../types.js";
import type { Drawer } from "../pen.js";
import { flower, frame, grouped, medal, nothing } from "./shared.js";

/** Badges got, and those still to be got, each a flower of its own. */
export const badges: Drawer<BadgeShelf> = (pen, into, { items }) => {
  if (items.length === 0) return nothing(pen, into, "아직 배지가 없어요.", "No badges yet.");
  const shelf = frame(pen, into, "ul", "shelf badges");
  shelf.ariaLabel = pen.say("배지", "Badges");
  items.forEach(({ label, level, levels, value, target, got }, index) => {
    const badge = pen.add(shelf, "li", got ? "badge earned" : "badge");
    medal(badge, flower(5 + ((index * 3) % 8)), got, !got ? "heart" : levels > 1 ? level : "tick", target ? value / target : undefined);
    pen.add(badge, "span", "strong", label);
    const words = !got ? pen.say("아직이에요", "Not yet")
      : levels > 1 ? pen.say(`${levels}단계 중 ${level}단계`, `Level ${level} of ${levels}`)
      : pen.say("받았어요", "Earned");
    pen.add(badge, "span", "small", words);
    if (target) pen.add(badge, "span", "small", `${got ? pen.say("다음까지 ", "Next: ") : ""}${grouped(value)} / ${grouped(target)}`);
  });
};
