import type { CollectionBoard } from "../../types.js";
import type { Drawer } from "../pen.js";
import { flower, frame, head, heard, medal, nothing } from "./shared.js";

/** Stamps got, and places for those to come. */
export const collection: Drawer<CollectionBoard> = (pen, into, { label, have, need, items }) => {
  if (items.length === 0) return nothing(pen, into, "아직 모을 것이 없어요.", "Nothing to collect yet.");
  const board = frame(pen, into, "div", "collection");
  head(pen, board, label, have < need ? pen.say(`${need}개 중 ${have}개`, `${have} of ${need}`) : pen.say("다 모았어요", "All collected"));
  const stamps = pen.add(board, "ul", "widget shelf");
  stamps.ariaLabel = label;
  items.forEach(({ label, got }, index) => {
    const stamp = pen.add(stamps, "li", got ? "stamp earned" : "stamp");
    medal(stamp, flower(8), got, got ? "tick" : index + 1);
    pen.add(stamp, "span", "strong", label);
    heard(pen, stamp, got ? pen.say("모았어요", "collected") : pen.say("아직이에요", "not yet"));
  });
};
