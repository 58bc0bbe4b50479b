import type { MissionList } from "../../types.js";
import type { Drawer } from "../pen.js";
import { bar, frame, grouped, nothing, pair, seen, until } from "./shared.js";

/** What there is to do, by when, and what for. */
export const missions: Drawer<MissionList> = (pen, into, { items }) => {
  if (items.length === 0) return nothing(pen, into, "지금은 미션이 없어요.", "No missions right now.");
  const list = frame(pen, into, "ul", "missions");
  list.ariaLabel = pen.say("미션", "Missions");
  for (const { label, status, done, need, deadline, reward } of items) {
    const open = status === "open";
    const mission = pen.add(list, "li", "mission");
    seen(pen, mission, `mark ${status}`);
    const what = pen.add(mission, "div", "what");
    pair(pen, what, label, reward, "strong", status === "missed" ? "chip" : "chip full");
    const far = pen.say(`${grouped(need)}번 중 ${grouped(done)}번`, `${grouped(done)} of ${grouped(need)}`);
    if (open && need > 0) bar(pen, what, label, (done / need) * 100, far, need);
    const words = open ? far : status === "done" ? pen.say("다 했어요", "Done") : pen.say("기한이 지났어요", "Time is up");
    pair(pen, what, words, open && deadline && until(pen, deadline));
  }
};
