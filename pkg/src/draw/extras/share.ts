/** Passing something on: by KakaoTalk through the host, by the device's own sheet, or by its address. */
import type { Share } from "../../types.js";
import type { Drawer } from "../pen.js";
import { copy, css } from "./copy.js";

// Yellow and nearly black are KakaoTalk's own, in the dark too.
const look = `[part=share]{display:flex;flex-wrap:wrap;gap:8px;max-inline-size:28em;margin-block-start:.75em}
[part=share] button{flex:1 0 auto;max-inline-size:100%;padding:10px 16px;background:rgb(128 128 128/.16);color:var(--t);font-size:1em;font-weight:600}
[part=share] [part~=kakao]{flex-basis:100%;background:#fee500;color:#191919}
[part=share] :is([part=code],[part=status]){flex:1 0 100%;font-size:.875em}
@media(forced-colors:active){[part=share] button{border:1px solid}}`;

export const share: Drawer<Share> = (pen, into, { title, text, url, channels }) => {
  const address = pen.address(url);
  // A reason not to draw it at all: a friend who is sent nowhere is worse than nobody asked.
  if (!address) return;
  pen.style(css + look);
  const { add, say } = pen;
  const what = { title, ...(text && { text }), url: new URL(address, document.baseURI).href };
  const able = !!navigator.canShare?.(what);
  const offered = channels.filter((channel) => channel != "system" || able);
  const box = add(into, "div", "share");
  const told = new Set<string>();
  const labels = { kakao: say("카카오톡으로 보내기", "Send on KakaoTalk"), system: say("공유하기", "Share"), copy: say("주소 복사", "Copy link") };
  // A block of sharing without anything to press would be a riddle.
  for (const channel of offered.length > 0 ? offered : ["copy" as const]) {
    const button = pen.button(box, `button ${channel}`, labels[channel], () => {
      const link = () => copy(pen, box, button, what.url, say("주소를 복사했어요", "Link copied"));
      if (!pen.share(channel, what)) {
        // Where nobody speaks for KakaoTalk the device's sheet does, which has it too; whoever closes that sheet wants nothing else.
        if (channel == "copy" || !able) void link();
        else navigator.share(what).catch(({ name }) => void (name == "AbortError" || link()));
      }
      if (!told.has(channel)) pen.answer({ action: "click", value: channel, more: true });
      told.add(channel);
    });
  }
};
