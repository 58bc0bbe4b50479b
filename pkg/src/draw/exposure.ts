/** Exposure: at least half of an element in view for one second without a break, on a page that is itself visible. */

/** Calls back once, when the element has been seen; what it returns ends the waiting. Throws where the browser cannot tell. */
export const watchExposure = (element: Element, seen: () => void): (() => void) => {
  let inView = false;
  let timer: ReturnType<typeof setTimeout> | undefined;
  /** Each break begins the second anew. */
  const turned = () => {
    if (!inView || document.hidden) timer = void clearTimeout(timer);
    else
      timer ??= setTimeout(() => {
        end();
        seen();
      }, 1000);
  };
  const observer = new IntersectionObserver(
    (entries) => {
      inView = entries.at(-1)!.intersectionRatio >= 0.5;
      turned();
    },
    { threshold: 0.5 },
  );
  const end = () => {
    observer.disconnect();
    document.removeEventListener("visibilitychange", turned);
    clearTimeout(timer);
  };
  observer.observe(element);
  document.addEventListener("visibilitychange", turned);
  return end;
};
