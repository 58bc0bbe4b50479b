/** The words of the contact sheet. */
import { shared, speaker } from "../words";

const words = {
  sheetText: ["메시지마다, 이 쇼퍼라면 어떻게 보일지 강제로 그려요. 아래 줄은 지금 정말 뜨는지예요. 기록은 남지 않아요.", "Each message as that shopper would have it, forced. The line below says whether it would really show now. Nothing is recorded."],
  campaign: ["캠페인", "Campaign"],
  allCampaigns: ["모든 캠페인", "All campaigns"],
  language: ["메시지 언어", "Language"],
  own: ["쇼퍼 언어", "The shopper's"],
  dark: ["어둡게", "Dark"],
  people: ["쇼퍼 {n}/{of}", "Shoppers {n}/{of}"],
  everyone: ["모두", "All"],
  png: ["PNG로 내려받기", "Download a PNG"],
  print: ["인쇄", "Print"],
  stop: ["그만두기", "Stop"],
  going: ["그리는 중: {of}칸 가운데 {done}칸", "Drawing: {done} of {of}"],
  stopped: ["그리기를 멈췄어요.", "Drawing was stopped."],
  again: ["다시 그리기", "Draw again"],
  message: ["메시지", "Message"],
  table: ["메시지와 쇼퍼의 표", "Messages by shopper"],
  shows: ["지금 떠요", "Shows now"],
  variantIs: ["이 쇼퍼의 시안은 {name}예요", "This shopper's variant is {name}"],
  stepIs: ["지금은 {name} 차례예요", "It is the turn of {name} now"],
  gone: ["판정이 없어요", "No verdict"],
  empty: ["이 메시지가 말하는 값이 이 쇼퍼에게 없어요", "This shopper lacks what the message speaks of"],
  partial: ["일부 빠짐", "Parts left out"],
  partialText: ["‘일부 빠짐’은 쇼퍼에게 없는 값을 말하는 부분이 빠졌다는 뜻이에요.", "“Parts left out”: the shopper lacks what they speak of."],
  pngFailed: ["PNG를 만들지 못했어요. 인쇄로 PDF를 만들 수 있어요.", "The PNG could not be made. Print it to a PDF instead."],
  nobody: ["쇼퍼를 한 명 이상 고르세요.", "Choose at least one shopper."],
  at: ["{moment} 기준", "As of {moment}"],
} satisfies Record<string, [string, string]>;
export type Word = keyof typeof words;
export const t = speaker({ ...shared, ...words });
