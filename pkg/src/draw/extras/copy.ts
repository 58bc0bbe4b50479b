/** Copying, for coupons and addresses. */
import type { Pen } from "../pen.js";

/** What a text to be copied looks like, and what is said where that is not allowed. */
export const css = `[part=code]{font-family:ui-monospace,"SF Mono",Menlo,Consolas,monospace;font-weight:600;user-select:all;-webkit-user-select:all}
[part=status]{margin:0;color:var(--m);font-size:.875em}`;

/**
 * Copies a text. A webview, a policy of the page or plain http may not allow that: then it is selected where it stands, or is put
 * there for it, and the words say what is left to do. Only on a press, since browsers allow it to nothing else.
 */
export const copy = async (pen: Pen, into: HTMLElement, button: HTMLElement, text: string, done: string) => {
  let said = done;
  try {
    await navigator.clipboard.writeText(text);
    button.textContent = done;
    button.removeAttribute("aria-label");
  } catch {
    const part = (name: string, tag: "code" | "p") => into.querySelector<HTMLElement>(`[part=${name}]`) ?? pen.add(into, tag, name);
    const shown = part("code", "code");
    shown.textContent = text;
    getSelection()?.selectAllChildren(shown);
    said = pen.say("여기서는 바로 복사할 수 없어요. 선택된 글자를 직접 복사해 주세요.", "Copying is blocked here. The text is selected: please copy it yourself.");
    part("status", "p").textContent = said;
  }
  pen.announce(said);
};
