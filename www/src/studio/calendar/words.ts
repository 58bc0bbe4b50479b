/** The words of the calendar. */
import { shared, speaker } from "../words";

const words = {
  calendarRun: ["지금부터 30일 보기", "Run 30 days from now"],
  calendarText: ["하루에 한 번, 지금 고른 화면에 와서 뜬 것을 보고 답하지 않는다고 쳐요. 예측이 아니에요.", "Supposes one visit a day to the page chosen, that what shows is seen and not answered. Not a forecast."],
  calendarSays: ["{all}일 가운데 {n}일에 화면 위로 메시지가 떠요.", "On {n} of {all} days something shows over the page."],
} satisfies Record<string, [string, string]>;
export type Word = keyof typeof words;
export const t = speaker({ ...shared, ...words });
