/** The focus is never lost: where what had it is moved or taken away, it goes back to it, or to what stands nearest. */
const focusable = "a[href],button:not(:disabled),input:not(:disabled),select:not(:disabled),textarea:not(:disabled),summary,[tabindex]";

export const keepFocus = () => {
  let path: HTMLElement[] = [];
  /** What has the focus, and all that it stands in. */
  const note = (target: EventTarget | null) => {
    path = [];
    for (let one = target as HTMLElement | null; one && one !== document.body; one = one.parentElement) path.push(one);
  };
  document.addEventListener("focusin", ({ target }) => note(target));
  // Who presses an empty spot gives the focus up.
  document.addEventListener("pointerdown", ({ target }) => note((target as Element).closest?.(focusable) ?? null));
  new MutationObserver(() => {
    if (document.activeElement !== document.body || !path.length) return;
    const [own] = path;
    if (own!.isConnected) return own!.focus({ preventScroll: true });
    const within = path.find((one) => one.isConnected && one.closest("main")) ?? document.querySelector("main");
    if (!within) return;
    const near = [...within.querySelectorAll<HTMLElement>(focusable)].find((one) => one.tabIndex >= 0 && one.checkVisibility());
    // Of another part of the Studio its beginning: what is read next is what it is.
    if (near && within.tagName !== "MAIN") return near.focus();
    within.tabIndex = -1;
    within.focus();
  }).observe(document.body, { childList: true, subtree: true });
};
