import type { Wallet } from "../../types.js";
import type { Drawer } from "../pen.js";
import { frame, nothing, pair, until as last } from "./shared.js";

/** Points that can be used, that are to come and that will go, and the rewards held. */
export const wallet: Drawer<Wallet> = (pen, into, { currencies, rewards }) => {
  if (currencies.length + rewards.length === 0) return nothing(pen, into, "지갑이 아직 비어 있어요.", "Your wallet is still empty.");
  const card = frame(pen, into, "div", "wallet");
  let guess = false;
  for (const { label, active, pending, expiring, status } of currencies) {
    const projected = status === "projected";
    guess ||= projected;
    const purse = pen.add(card, "div", "purse");
    pair(pen, purse, label, projected && pen.say("예상", "Projected"), "small", "chip");
    pen.add(purse, "p", "standing", active);
    if (pending) pair(pen, purse, pen.say("적립 예정", "To come"), pending);
    if (expiring) pair(pen, purse, pen.say(`${expiring.date}에 사라져요`, `Expire on ${expiring.date}`), expiring.amount);
  }
  if (rewards.length > 0) {
    const tickets = pen.add(card, "ul", "tickets");
    const words = {
      available: pen.say("받을 수 있어요", "Can be taken"), held: pen.say("확인 중이에요", "Being confirmed"), granted: pen.say("쓸 수 있어요", "Ready to use"),
      locked: pen.say("아직 잠겨 있어요", "Locked"), used: pen.say("썼어요", "Used"), expired: pen.say("기한이 지났어요", "Expired"), revoked: pen.say("취소됐어요", "Taken back"),
    };
    for (const { label, state, until } of rewards) {
      const over = /^[luer]/.test(state);
      const ticket = pen.add(tickets, "li", over ? "ticket over" : "ticket");
      pen.add(ticket, "p", "strong", label);
      pair(pen, ticket, words[state], !over && until && last(pen, until));
    }
  }
  if (guess) pen.add(card, "p", "small", pen.say("예상 금액은 쇼핑몰이 확인하면 확정돼요.", "Projected until the shop confirms it."));
};
