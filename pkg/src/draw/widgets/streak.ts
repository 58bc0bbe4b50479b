import type { StreakCalendar } from "../../types.js";
import type { Drawer } from "../pen.js";
import { drop, frame, head, heard, medal, seen } from "./shared.js";

/** How long it has gone on, and the last four weeks as a table: a shape for the eye, a word for the ear. */
export const streak: Drawer<StreakCalendar> = (pen, into, { label, unit, length, best, freezes, days }) => {
  const card = frame(pen, into, "div", "streak");
  const counted = (count: number) => pen.say(`${count}${{ day: "일", week: "주", month: "개월" }[unit]}`, `${count} ${unit}${count === 1 ? "" : "s"}`);
  const standing = length > 0 ? pen.say(`${counted(length)} 연속`, `${counted(length)} in a row`) : pen.say("오늘부터 시작해요", "Start today");
  head(pen, card, label, standing, (lines) => medal(lines, drop, length > 0, "gleam"));
  const facts = [best > 0 && pen.say(`가장 길게 ${counted(best)}`, `Best: ${counted(best)}`), freezes > 0 && pen.say(`쉬어 가기 ${freezes}번 남음`, `Freezes left: ${freezes}`)];
  const told = facts.filter(Boolean).join(" · ");
  if (told) pen.add(card, "p", "small", told);
  if (days.length === 0) return;

  const written = (date: string, how: Intl.DateTimeFormatOptions) => new Intl.DateTimeFormat(pen.say("ko", "en-GB"), { timeZone: "UTC", ...how }).format(new Date(date));
  pen.add(card, "p", "small", [days[0]!, days.at(-1)!].map(({ date }) => written(date, { month: "long", day: "numeric" })).join(" – "));
  const table = pen.add(card, "table", "calendar");
  table.ariaLabel = label;
  const names = pen.add(pen.add(table, "thead"), "tr");
  for (const { date } of days.slice(0, 7)) {
    const name = pen.add(names, "th");
    name.scope = "col";
    seen(pen, name, "", written(date, { weekday: "narrow" }));
    heard(pen, name, written(date, { weekday: "long" }));
  }
  const words = {
    done: pen.say("했어요", "done"), frozen: pen.say("쉬어 갔어요", "freeze used"), missed: pen.say("못 했어요", "missed"),
    today: pen.say("아직이에요", "not yet"), ahead: pen.say("앞으로 올 날", "to come"), none: pen.say("기록 없음", "no record"),
  };
  const rows = pen.add(table, "tbody");
  const now = days.findLastIndex(({ state }) => state !== "ahead");
  let week: Node;
  days.forEach(({ date, state }, index) => {
    if (index % 7 === 0) week = pen.add(rows, "tr");
    const day = pen.add(week, "td", index === now ? "now" : "");
    if (index === now) day.ariaCurrent = "date";
    seen(pen, day, `mark ${state}`);
    pen.add(day, "span", "", String(Number(date.slice(8))));
    heard(pen, day, words[state]);
  });
};
