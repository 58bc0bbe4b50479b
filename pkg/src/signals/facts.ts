/** What the page's address and the browser tell of a visit, as `context.*`; never stored, never sent. */
import type { Properties } from "../types.js";

const APPS: [app: string, mark: RegExp][] = [
  ["kakaotalk", /KAKAOTALK/i],
  ["kakaostory", /KAKAOSTORY/i],
  ["naver", /NAVER\(inapp/i],
  ["daum", /DaumApps/i],
  ["band", /\bBAND\//i],
  ["line", /\bLine\//i],
  ["instagram", /Instagram/],
  ["threads", /Barcelona/],
  ["facebook", /FBA[NV]|FB_IAB/],
  ["tiktok", /TikTok|musical_ly|BytedanceWebview/i],
  ["wechat", /MicroMessenger/],
  ["twitter", /Twitter/],
  ["snapchat", /Snapchat/],
  ["pinterest", /Pinterest/],
  ["linkedin", /LinkedInApp/],
];

/** Query parameters, those of a hash route (`#/list?q=…`) too. */
export const query = (): URLSearchParams => new URLSearchParams(location.search + "&" + (location.hash.split("?")[1] ?? ""));

/** A short one, or nothing. */
const short = (text: string | null | undefined) => text?.trim().slice(0, 100) || undefined;

const referrer = (): string | null => {
  try {
    const { origin } = new URL(document.referrer);
    // Apps have addresses without an origin: `android-app://com.kakao.talk/`.
    const from = origin == "null" ? document.referrer.slice(0, 100).split("/", 3).join("/") : origin;
    return from == location.origin ? null : from;
  } catch {
    return null;
  }
};

const device = (agent: string): string => {
  // An iPad says that it is a Mac, and no Mac has a touch screen.
  const tablet = /iPad|Tablet(?! PC)|^(?!.*Mobi).*Android/i.test(agent) || (/Macintosh/.test(agent) && navigator.maxTouchPoints > 1);
  return tablet ? "tablet" : /Mobi|iPhone|iPod/i.test(agent) ? "mobile" : "desktop";
};

/** `referrer` is the origin that the shopper came from, null when it is this one or none; `inApp` the app whose browser this is, or null. */
export const readFacts = (): Properties => {
  const agent = navigator.userAgent ?? "";
  const params = query();
  const utm: Properties = {};
  for (const key of ["source", "medium", "campaign", "term", "content"]) {
    const value = short(params.get("utm_" + key));
    if (value) utm[key] = value;
  }
  return {
    referrer: referrer(),
    utm,
    device: device(agent),
    language: navigator.language,
    inApp: APPS.find(([, mark]) => mark.test(agent))?.[0] ?? null,
  };
};

/** The first of these parameters that says something: what was searched for. */
export const searched = (names: string[]): string | undefined => {
  const params = query();
  for (const name of names) {
    const term = short(params.get(name));
    if (term) return term;
  }
  return;
};
