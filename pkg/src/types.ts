/** Everything plain data on both sides. Instants are RFC 3339 in UTC, money and points integers in minor units. */
export type Json = null | boolean | number | string | Json[] | { [key: string]: Json };
export type Properties = { [key: string]: unknown };

/** Consent purposes: the four that every bundle has, and the bundle's own. */
export type Purpose = "functional" | "analytics" | "personalization" | "advertising" | (string & {});
export type Grant = "granted" | "denied" | "unknown";
/** `true` is granted, `false` denied; a purpose not named stays as it is. */
export type ConsentChange = { [purpose in Purpose]?: Grant | boolean };

/** A value, several, or null for "not any more". */
export type Declaration = { [dimension: string]: string | number | boolean | (string | number | boolean)[] | null };

export interface Options {
  /** URL of the bundle (JSON), or the bundle itself. */
  bundle: string | URL | object;
  /** Segment-shaped `/batch` endpoint. Without it nothing leaves the device. */
  endpoint?: string | URL;
  /** Sent as HTTP Basic user name, as Segment does. */
  writeKey?: string;
  /**
   * Public Ed25519 keys of the server that signs checkpoints, by `kid`: the 32 bytes in base64url, or a JWK. Without them, or where
   * the browser has no Ed25519, all points and levels stay projected.
   */
  keys?: Keys;
  /** What the shopper has already answered; a purpose not named is unknown, and unknown counts as denied. */
  consent?: ConsentChange;
  /** BCP 47 tag of the page's language; default: the document's `lang`, else the browser's. */
  locale?: string;
  /** Name of the GA4 `dataLayer` array to read from its beginning; `false` reads none. Default `"dataLayer"`. */
  dataLayer?: string | false;
  /** `false`: danbi draws nothing, `on("message")` hears what it would draw. Default `true`. */
  render?: boolean;
  /** Whether messages may have frames of custom HTML, `sandbox="allow-scripts"` and nothing else. Default `false`. */
  html?: boolean;
  /** Schemes of the shop's own apps, e.g. `["onsae"]`, which links may have beside `https`, `tel` and `mailto`. */
  schemes?: string[];
  /** Colours, radius and font of what danbi draws; the page's CSS may set `--danbi-*` as well, what stands here goes before. */
  theme?: Theme;
  /** Name of the IndexedDB database; two shops on one origin need two. Default `"danbi"`. */
  name?: string;
  /** Where the `.wasm` is, or its bytes or module, when it is not beside this file. */
  wasm?: string | URL | BufferSource | WebAssembly.Module;
  /**
   * Milliseconds since 1970, used as it is; for previews and tests. Default: the device's clock as it stood at the start,
   * carried on steadily, and corrected by the server that the bundle comes from when it is off by more than 5 minutes.
   */
  clock?: () => number;
}

/** Each as a value of CSS, without `var()` or `url()`: a colour (`light-dark()` for both schemes), `px` or `em`, names of fonts. What is none is left out. */
export interface Theme {
  accent?: string;
  /** Text on the accent. */
  onAccent?: string;
  surface?: string;
  text?: string;
  muted?: string;
  radius?: string;
  font?: string;
  /** Default: as the device, and for cards as the page. */
  scheme?: "light" | "dark" | "auto";
}

export type Keys = { [kid: string]: string | JsonWebKey };
/**
 * A server's signed word on an account: `payload` is base64url of `{user, seq, asOf, exp, kid, currencies, tiers, meters, consent}`,
 * `sig` base64url of the Ed25519 signature over that very text.
 */
export interface Checkpoint {
  payload: string;
  sig: string;
}

/** What became of a redemption: its points are `held` until `redemption_confirmed` or `redemption_cancelled` comes. */
export interface Redemption {
  /** The `redemption_id`; empty where nothing was held. */
  id: string;
  status: "held" | "dropped";
  /** E.g. `insufficient`, `gate`, `unknown`, `consent`, `unavailable`. */
  reason?: string;
}

/** Near which of the bundle's places the shopper is, as far as the device can tell. */
export interface Nearby {
  status: "known" | "dropped";
  /** Names of the places that are near. */
  places?: string[];
  /** `gesture`: nothing was tapped yet. `denied`, `timeout`, `unavailable`: the browser's answer. `consent`: to `geo`. `unknown`: no places. */
  reason?: string;
}

/** What became of a signal. */
export interface Receipt {
  id: string;
  /** `stored`: committed to IndexedDB. `held`: consent is unknown, kept in memory. `memory`: no storage here. `dropped`: see reason. */
  status: "stored" | "held" | "memory" | "dropped";
  reason?: string;
}

/** The choice for a slot. */
export interface Decision {
  /** Id to give to `exposed` and `answer`; absent when there is nothing to show. */
  id?: string;
  slot: string;
  campaign: string | null;
  step: string | null;
  variant: string | null;
  offer: string | null;
  /**
   * Why: `targeting_match`, or `split` where an experiment chose the variant; or why there is nothing: `none`, `holdout`, `control`
   * (the variant that shows nothing), `other_tab` (another tab shows it), `unavailable`.
   */
  reason: string;
  /** Probability with which this choice was made, 0 when nothing was chosen. */
  propensity: number;
  message?: Message;
  /** Campaigns that were held back and are listed in this message, where the house's pacing says `coalesce`. */
  held?: string[];
}

/** How a message stands on the page: all but `card` lie over it. */
export type Form = "modal" | "sheet" | "fullscreen" | "banner" | "toast" | "card";

/** A message with every text ready, for hosts that draw it themselves. */
export interface Message {
  form: Form;
  lang: string;
  /** Of `banner` and `toast`: the edge of the screen; bottom where it is left out. */
  position?: "top" | "bottom";
  /** Of `toast`: leaves by itself after so many seconds in which nobody pointed at it or was in it; stays where it is left out. */
  seconds?: number;
  /** Texts of the controls; `hide` and `week` are absent where that is not offered. */
  close: string;
  /** Not again today: until midnight in the house's zone. */
  hide?: string;
  /** Not again for 7 days. */
  week?: string;
  /** The mark of an advertisement, stands before everything else; `optOut` takes back the consent to advertising. */
  ad?: { label: string; sender?: string; optOut?: string };
  blocks: Block[];
}
/** One piece of content; those drawn by parts that are loaded only then stand after `choice`. */
export type Block =
  | { title: string }
  | { text: string }
  /** Fine print. */
  | { note: string }
  | { image: { src: string; alt: string } }
  | { progress: Bar }
  | { buttons: Button[] }
  /** A question; a text is answered as `choice`, a number as `score`. */
  | { choice: { question?: string; options: Option[] } }
  | { survey: Survey }
  | { coupon: Coupon }
  | { share: Share }
  | { store: Store }
  /** Drawn only where `createClient({ html: true })` allows it, in a frame of its own. */
  | { html: { source: string; title: string; height: number } }
  | { tier: TierCard }
  | { badges: BadgeShelf }
  | { missions: MissionList }
  | { streak: StreakCalendar }
  | { collection: CollectionBoard }
  | { wallet: Wallet };
export interface Bar {
  label: string;
  value: number;
  target: number;
  percent: number;
}
export interface Button {
  label: string;
  /** Where it leads; already passed the URL allow-list. */
  url?: string;
  /** Sent with the answer. */
  value?: string;
}
export interface Option {
  label: string;
  value: string | number;
  /** A second, smaller line, e.g. what each of two choices means. */
  note?: string;
}
/** Questions one after another; the first is shown, each answer says which is next. */
export interface Survey {
  id: string;
  questions: Question[];
  /** Said when it is over. */
  thanks?: string;
}
export interface Question {
  /** Under which name the answer is kept, as `user.answers.NAME`. */
  id: string;
  /** `nps`: 0 to 10. `rating`: 1 to `max`. `choice`: one of `options`. `text`: free text, at most 1,000 characters. */
  kind: "nps" | "rating" | "choice" | "text";
  title: string;
  /** What the ends of the scale mean. */
  low?: string;
  high?: string;
  /** Of `rating`; 5 where it is left out. */
  max?: number;
  options?: Option[];
  placeholder?: string;
  /** It may be passed over. */
  optional?: boolean;
  /** The first that fits says where it goes on: a value, or a number from `min` to `max`; `to` is a question, or `end`. None: the next one. */
  next?: { value?: string | number; min?: number; max?: number; to: string }[];
}
export interface Coupon {
  code: string;
  label: string;
  /** Terms, in small print. */
  note?: string;
  /** The last good day, in words. */
  until?: string;
}
export interface Share {
  /** What is shared. */
  title: string;
  text?: string;
  url: string;
  /** One button each, in this order. `kakao` asks the host by `on("share")`, `system` is Web Share where the browser has it, `copy` the address. */
  channels: ("kakao" | "system" | "copy")[];
}
export interface Store {
  name: string;
  address?: string;
  hours?: string;
  phone?: string;
  /** A map's address. */
  map?: string;
}
/** A level of a tier, the lowest first. */
export interface Rung {
  id: string;
  label: string;
  /** Where it begins, in words: "400,000원". */
  from: string;
  /** The level held and all below it. */
  reached: boolean;
}
export interface TierCard {
  id: string;
  label: string;
  level: string;
  /** Where the shopper stands, in words, and what is missing to the next level; without a next one both are left out of `next`. */
  value: string;
  next?: { label: string; target: string; remaining: string };
  percent: number;
  rungs: Rung[];
  /** What the marketer says of the way to the next level, instead of danbi's own words. */
  text?: string;
}
export interface BadgeShelf {
  items: { id: string; label: string; level: number; levels: number; value: number; target: number | null; got: boolean }[];
}
export interface MissionList {
  /** `deadline`: the last good day, in words. */
  items: { id: string; label: string; status: "open" | "done" | "missed"; done: number; need: number; deadline?: string; reward?: string }[];
}
export interface StreakCalendar {
  id: string;
  label: string;
  /** What `length` and `best` count. */
  unit: "day" | "week" | "month";
  length: number;
  best: number;
  freezes: number;
  /** Four whole weeks up to this one, in order; `ahead`: still to come. `date` is `YYYY-MM-DD` in the house's zone. */
  days: { date: string; state: "done" | "frozen" | "missed" | "today" | "ahead" | "none" }[];
}
export interface CollectionBoard {
  id: string;
  label: string;
  have: number;
  need: number;
  items: { id: string; label: string; got: boolean }[];
}
export interface Wallet {
  /** Amounts in words, and the last good day of what expires next. `projected`: no server has confirmed them. */
  currencies: { id: string; label: string; active: string; pending?: string; expiring?: { amount: string; date: string }; status: "projected" | "confirmed" }[];
  /** `until`: the last good day, in words. */
  rewards: { id: string; label: string; state: RewardState; until?: string }[];
}
/** What became of a reward: for `available` and `locked` it is not had yet, `held` waits to be confirmed. */
export type RewardState = "available" | "locked" | "held" | "granted" | "used" | "expired" | "revoked";

export type Stage =
  | "house" | "consent" | "schedule" | "trigger" | "targeting" | "prerequisite"
  | "holdout" | "frequency" | "experiment" | "priority" | "shown" | "lost";

/** Why one campaign shows or does not, in codes and numbers; `danbi/studio` puts it into words. */
export interface Verdict {
  campaign: string;
  step: string | null;
  slot: string;
  stage: Stage;
  /** The campaign that was first, when the stage is `lost`. */
  to: string | null;
  /** The next moment it could show, or null when no time alone can bring it. */
  next: string | null;
  /** When the rule that spoke lets go; another may speak then. */
  ends: string | null;
  /** Which rule of the stage spoke, e.g. `page`, `member`, `session_cap`. */
  code: string;
  /** The fact the rule looked at, and what it wanted. */
  path: string | null;
  expected: Json;
  actual: Json;
  /** JSON Pointer to the rule in the bundle. */
  at: string;
  /** The variant that an experiment gives the shopper. */
  variant: string | null;
  /** Steps that were passed over, with the reasons; `danbi/studio` adds each one's `text`. */
  skipped?: (Pick<Verdict, "step" | "stage" | "code" | "path" | "expected" | "actual" | "at"> & { text?: string })[];
}

export interface CurrencyProgress {
  earned: number; pending: number; active: number; spent: number; expired: number;
  reversed: number; writtenOff: number; debt: number;
  nextExpiry: { amount: number; at: string } | null;
  /** `confirmed`: all of it rests on a server's checkpoint, and nothing has moved it since. */
  status: "projected" | "confirmed";
}
export interface TierProgress {
  level: string; since: string | null; value: number; target: number | null;
  remaining: number; percent: number; graceUntil: string | null; next: string | null;
}
/** Projections computed on this device until a server confirms them. */
export interface Progress {
  rewards?: { [id: string]: { state: string; reason: string | null; [key: string]: Json } };
  currencies: { [id: string]: CurrencyProgress };
  tiers: { [id: string]: TierProgress };
}
/** A category of a dimension of taste, each from 0 to 1: what was said of it, what was done, and both together; null where there is nothing. */
export interface Interest {
  said: number | null;
  did: number | null;
  share: number;
}
export interface Profile {
  userId: string | null;
  anonymousIds: string[];
  traits: Properties;
  consent: { [purpose: string]: Grant };
  /** What the shopper said, and when. */
  declared: { [dimension: string]: { value: Json; at: string } };
  /** By dimension, then by category; `conflict` is true where what was said and what is done differ for sure. */
  interests: { [dimension: string]: { [category: string]: Interest } & { conflict?: boolean } };
  audiences: string[];
  meters: { [id: string]: number | { [key: string]: number } };
}

export interface Events {
  /** About to open; answer `false` to keep it closed. Where danbi does not draw: what lies over the page is to be opened now. */
  message: (decision: Decision) => void | boolean;
  /** It stands on the page. */
  open: (decision: Decision) => void;
  /** Seen by the shopper: half of it visible for a second. */
  exposure: (decision: Decision) => void;
  /** Click, dismissal or choice; answer `true` to say the click is handled and danbi must not navigate. */
  answer: (answer: Answer) => void | boolean;
  /** About to go. Where danbi does not draw: what lies over the page may not be shown any longer, and is to be taken away. */
  close: (closing: Closing) => void;
  /** It is off the page, and the focus is where it was. */
  closed: (closing: Closing) => void;
  /** To be shared; answer `true` to say that the host has done it. `kakao` nobody else can. */
  share: (share: { decision: Decision; channel: string; title: string; text?: string; url: string }) => void | boolean;
  /** Profile or progress may have changed. */
  change: () => void;
  /** Points are held for a reward: ask the server, and report its answer as `redemption_confirmed` or `redemption_cancelled`. */
  redeem: (redemption: { id: string; reward: string; currency: string; value: number }) => void;
  /** Something the program tells the host of followed from what this page has tracked. */
  hook: (told: { at: string; event: string; hook: string; [key: string]: Json }) => void;
  /**
   * The world failed; told once per code, never thrown into the page. Who listens late hears what was told before.
   * `path` is a JSON Pointer where there is something to point at.
   */
  error: (error: { code: string; message: string; path?: string | undefined }) => void;
}
export interface Answer {
  decision: Decision;
  /** `score` is a number, `text` what the shopper wrote: that stays on the device unless the bundle says `signals.answers.send`. */
  action: "click" | "dismiss" | "hide_today" | "hide_7d" | "choice" | "score" | "text";
  value?: string | number;
  url?: string;
  /** Which question it answers, where that has a name. */
  question?: string;
  /** More is asked: the decision stays open, and the message stays. */
  partial?: boolean;
}
export interface Closing {
  decision: Decision;
  /**
   * What ended it: an answer, `opt_out` from advertising, `gone`: it was over by itself, or the page took it or its slot away,
   * `hide`: it may not be shown any longer, `next`: another stands in its slot.
   */
  by: Answer["action"] | "opt_out" | "gone" | "hide" | "next";
}

export interface Client {
  /** Settles when the engine is in place, or when it is sure that it cannot be; never rejects. */
  readonly ready: Promise<{ engine: boolean; storage: boolean; reason?: string }>;
  track(event: string, properties?: Properties): Promise<Receipt>;
  page(properties?: Properties): Promise<Receipt>;
  /** Of a `birthday` among the traits month and day are kept. With `checkpoint` the account starts from what the server says. */
  identify(userId: string, traits?: Properties, extra?: { checkpoint?: Checkpoint }): Promise<Receipt>;
  /**
   * What the shopper says of themselves: `{ scent: "none", skin: ["dry", "sensitive"], birthday: "05-12" }`; null takes it
   * back. A birthday has no year. `never_show` lists items, categories or campaigns not wanted any more.
   */
  declare(change: Declaration): Promise<Receipt>;
  consent(change: ConsentChange): Promise<Receipt>;
  /** Facts the page knows: `{ items: { sku: { stock, price } }, ... }`; read as `context.*`, never stored. */
  context(facts: Properties): void;
  /** What to show in a slot, from this tab's last fold. Never throws, never waits. */
  decide(slot: string): Decision;
  /** So many decisions at most, the best first: several where the slot speaks of offers. Each is to be told of by its own id. */
  decide(slot: string, list: { count: number }): Decision[];
  /** Calls back with the decision for a slot, now and whenever it changes. */
  watch(slot: string, callback: (decision: Decision) => void): () => void;
  on<E extends keyof Events>(event: E, callback: Events[E]): () => void;
  /** For hosts that draw: the shopper saw it. Counts once for each decision. */
  exposed(id: string): Promise<Receipt>;
  /**
   * For hosts that draw: the shopper answered it, which ends the decision, and with it a message that danbi has drawn. Counts once,
   * but for answers of which more are to come: those are `partial`.
   */
  answer(id: string, action: Answer["action"], value?: string | number, more?: Pick<Answer, "question" | "partial">): Promise<Receipt>;
  /** Holds the points that a reward costs, and tells `on("redeem")`. */
  redeem(reward: string): Promise<Redemption>;
  /**
   * Asks the browser where the shopper is and compares that with the bundle's `places`, on the device: what is tracked is
   * `place_entered` and `place_left` with the name of the place, now and as long as the page is there. Call it when the shopper
   * taps something that says so, e.g. "stores nearby"; before any tap it asks nothing.
   */
  locate(): Promise<Nearby>;
  progress(): Progress | null;
  profile(): Profile | null;
  explain(): Verdict[];
  setLocale(locale: string): void;
  /** Sends what is queued now; resolves when it is delivered or cannot be at present. */
  flush(): Promise<void>;
  /** The shopper left: a new anonymous one begins, nothing of the old one stays on the device but what still has to be delivered. */
  reset(): Promise<void>;
  /** All that is known of the shopper, as readable JSON: `{ identity, consent, profile, progress, events, dead, exportedAt }`. */
  export(): Promise<object>;
  /**
   * Removes all of it, here and in other tabs; nothing is written or sent afterwards but the word of it to the endpoint.
   * Waits two seconds at most for the part that tells it; rejects where what is kept could not be removed.
   */
  erase(): Promise<void>;
  destroy(): void;
}
