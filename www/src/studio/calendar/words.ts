/** The words of the calendar. */
import { shared, speaker } from "../words";

const words = {
  calendarRun: ["지금부터 30일 보기", "Run 30 days from now"],
  calendarAgain: ["다시 보기", "Run again"],
  cancel: ["그만두기", "Cancel"],
  whose: ["누구의 달력인가요?", "Whose calendar?"],
  thisShopper: ["이 쇼퍼", "This shopper"],
  everybody: ["모든 쇼퍼", "All shoppers"],
  visitsADay: ["하루 방문", "Visits a day"],
  times: ["{n}번", "{n}"],
  chosenPage: ["고른 화면", "The page chosen"],
  ownPage: ["각자의 화면", "Each one's own page"],
  whatTheyDo: ["뜬 메시지에", "With what shows they"],
  answer_none: ["보기만 해요", "only see it"],
  answer_dismiss: ["닫아요", "close it"],
  answer_click: ["눌러요", "click it"],
  answer_hide_today: ["오늘 하루 보지 않기를 눌러요", "hide it for today"],
  calendarText: ["시계의 시각부터 날마다, 여러 번이면 {apart}시간 간격으로 와서 뜬 것을 모두 본다고 쳐요. 예측이 아니에요.", "Supposes visits every day from the clock's moment on, {apart} hours apart where there are several, and that all that shows is seen. Not a forecast."],
  calendarBusy: ["{whole}일 가운데 {done}일을 봤어요", "{done} of {whole} days"],
  calendarStale: ["그 사이 쇼퍼, 시계, 가정이나 번들이 바뀌었어요. 다시 보기를 눌러 주세요.", "Shopper, clock, assumptions or bundle have changed since: run it again."],
  calendarNone: ["아직 본 날이 없어요. 가정을 고르고 위의 버튼을 눌러 주세요.", "No days yet: choose what to suppose and press the button above."],
  calendarOne: ["날마다 자리별로 보이는 캠페인", "What shows in each slot, day by day"],
  calendarAll: ["날마다 쇼퍼별로 화면 위로 뜨는 캠페인", "What lies over each shopper's page, day by day"],
  dayColumn: ["날", "Day"],
  daysShown: ["뜬 날", "Days shown"],
  daysOf: ["{n}일", "{n}"],
  calendarSays: ["{all}일 가운데 {n}일에 화면 위로 메시지가 떠요.", "On {n} of {all} days something shows over the page."],
  calendarReach: ["쇼퍼 {all}명 가운데 {n}명이 화면 위로 뜬 메시지를 봐요.", "{n} of {all} shoppers see something over the page."],
  calendarMost: ["가장 많이 보는 쇼퍼는 {name}, {n}일이에요.", "{name} sees the most: {n} days."],
} satisfies Record<string, [string, string]>;
export type Word = keyof typeof words;
export const t = speaker({ ...shared, ...words });
