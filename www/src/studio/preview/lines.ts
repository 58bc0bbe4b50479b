/** Event lines in the words of a shop. */
import { label } from "../state/bundle";
import { lang, named } from "../words";
import type { Line } from "../state/cast";

const names: Record<string, [string, string]> = {
  sign_up: ["가입", "Signed up"], login: ["로그인", "Logged in"], view_item: ["상품을 봄", "Viewed an item"], view_item_list: ["목록을 봄", "Viewed a list"],
  add_to_cart: ["장바구니에 담음", "Added to the bag"], remove_from_cart: ["장바구니에서 뺌", "Removed from the bag"], begin_checkout: ["주문을 시작함", "Began checkout"],
  purchase: ["주문", "Ordered"], refund: ["환불", "Refunded"], order_delivered: ["배송 완료", "Delivered"], quiz_completed: ["취향 질문을 마침", "Finished the taste quiz"],
  review_approved: ["후기를 올림", "Wrote a review"], danbi_declare: ["취향을 말함", "Said a preference"], danbi_exposure: ["메시지를 봄", "Saw a message"],
  danbi_answer: ["메시지에 답함", "Answered a message"], place_entered: ["매장 가까이 옴", "Came near a store"], place_left: ["매장에서 멀어짐", "Left a store"],
  store_finder_opened: ["가까운 매장을 누름", "Tapped nearby stores"], complaint_opened: ["불편을 알림", "Raised a complaint"], complaint_closed: ["불편이 풀림", "Complaint settled"],
  profile_set: ["프로필을 채움", "Filled in the profile"], dwell: ["오래 봄", "Dwelt"],
};
const types: Record<string, [string, string]> = { consent: ["동의", "Consent"], identify: ["회원 확인", "Identified"], page: ["화면", "Page"] };

export const describeLine = ({ type, event, properties = {}, traits }: Line): string => {
  const place = lang.value === "ko" ? 0 : 1;
  const what = (event ? names[event]?.[place] ?? event : types[type]?.[place] ?? type) || type;
  const item = (properties.items as { item_name?: string }[] | undefined)?.[0]?.item_name;
  const more = type === "page" ? named(String(properties.kind ?? "")) : item ?? (properties.campaign ? label(String(properties.campaign)) : undefined) ?? properties.place ?? traits?.name;
  const action = properties.action ? ` · ${properties.action}${properties.value == null ? "" : ` ${properties.value}`}` : "";
  return more ? `${what} · ${more}${action}` : what + action;
};
