/** What conditions can ask and texts can say, with names that a marketer knows; what the bundle defines itself comes with its own name. */
import { currency, good, purposes } from "../state/bundle";
import { pages } from "../state/cast";
import { pathWord } from "../paths";
import { lang, say, word } from "../words";
import { list, table } from "./edits";
import { t } from "./words";

export type Kind = "number" | "money" | "text" | "moment" | "truth" | "one";
export interface Fact {
  path: string;
  name: string;
  kind: Kind;
  /** What it can be, of kind `one`. */
  among?: [string, string][];
}

const known: [string, Kind][] = [
  ["user.name", "text"],
  ["user.birthday", "moment"],
  ["context.visits", "number"],
  ["context.page.kind", "one"],
  ["context.cart.quantity", "number"],
  ["context.cart.value", "money"],
  ["context.cart.changedAt", "moment"],
  ["context.cart.lead.item_name", "text"],
  ["context.cart.lead.item_id", "text"],
  ["context.review.item_name", "text"],
  ["context.review.deliveredAt", "moment"],
  ["context.delivery.at", "moment"],
  ["context.inApp", "one"],
  ["user.answers.nps", "number"],
  ["user.answered.nps", "moment"],
];
const called = (path: string) => pathWord(path) ?? path.replace(/^\w+\./, "");

/** The facts that there are, as far as the bundle tells. */
export const facts = (): Fact[] => {
  const bundle = table(good.value);
  const all: Fact[] = known.map(([path, kind]): Fact => ({
    path, kind, name: called(path),
    ...(path === "context.page.kind" && { among: pages.map((page): [string, string] => [page, t(page as "home")]) }),
    ...(path === "context.inApp" && { among: [["kakaotalk", word(["카카오톡", "KakaoTalk"])], ["naver", word(["네이버", "Naver"])], ["instagram", "Instagram"]] as [string, string][] }),
  }));
  const more = (path: string, kind: Kind, name: string, among?: [string, string][]) => {
    if (!all.some((one) => one.path === path)) all.push({ path, kind, name, ...(among && { among }) });
  };
  for (const [id, meter] of Object.entries(table(bundle.meters))) {
    const kind = "last" in table(meter) || "since" in table(meter) ? "moment" : /\.value$/.test(String(table(meter).sum)) ? "money" : "number";
    more(`meter.${id}`, kind, called(`meter.${id}`));
  }
  for (const program of list(bundle.programs)) {
    for (const [id, tier] of Object.entries(table(program.tiers))) {
      const name = say(tier.label ?? id) || id;
      more(`loyalty.tiers.${id}.level`, "one", name, list(tier.levels).map((level): [string, string] => [String(level.id), say(level.label ?? level.id)]));
      more(`loyalty.tiers.${id}.remaining`, "money", t("toNext", { name }));
      more(`loyalty.tiers.${id}.next`, "text", t("nextOf", { name }));
    }
    for (const [id, currency] of Object.entries(table(program.currencies))) {
      const name = say(currency.label ?? id) || id;
      more(`loyalty.currencies.${id}.active`, "number", t("usableOf", { name }));
      more(`loyalty.currencies.${id}.nextExpiry.at`, "moment", t("expiryOf", { name }));
    }
  }
  for (const id of Object.keys(table(bundle.derived))) more(`derived.${id}`, "number", called(`derived.${id}`));
  for (const [id, dimension] of Object.entries(table(bundle.interests))) more(`user.${table(dimension).said ?? id}`, "one", `${t("saidTaste")} ${id}`, Object.keys(table(table(dimension).shares)).map((one): [string, string] => [one, one]));
  for (const [id, dimension] of Object.entries(table(bundle.interests))) for (const category of Object.keys(table(table(dimension).shares))) more(`interest.${id}.${category}.share`, "number", called(`interest.${id}.${category}.share`));
  for (const survey of Object.values(table(bundle.surveys))) for (const question of list(survey.questions)) {
    const among = list(question.options).map((option): [string, string] => [String(option.value), say(option.label)]);
    more(`user.answers.${question.id}`, among.length ? "one" : ["nps", "rating"].includes(question.kind) ? "number" : "text", `${t("answerTo")} ${say(question.title)}`, among.length ? among : undefined);
  }
  for (const purpose of purposes(bundle.purposes)) more(`consent.${purpose}`, "one", called(`consent.${purpose}`), [["granted", t("granted")], ["denied", t("denied")]]);
  return all;
};
/** Moments that a trigger can count from. */
export const moments = () => facts().filter(({ kind }) => kind === "moment");

/** How a fact of a kind is asked: operators of the condition language, in words. `now` asks of time itself. */
export const operators: Record<Kind, readonly string[]> = {
  number: ["$gte", "$gt", "$lte", "$lt", "$eq", "$ne", "$exists"],
  money: ["$gte", "$gt", "$lte", "$lt", "$eq", "$exists"],
  text: ["$exists", "$eq", "$ne", "$in", "$regex"],
  moment: ["past", "not past", "coming", "$danbiBefore", "$danbiAfter", "$exists"],
  truth: ["$eq", "$exists"],
  one: ["$eq", "$ne", "$in", "$nin", "$exists"],
};

/** What a text can say of the shopper: where it stands, how it is printed, what stands for it where it is missing. */
export interface Variable {
  name: string;
  path: string;
  filters: string;
  fallback: { ko: string; en: string };
  /** What follows it in Korean. */
  after?: string;
  /** The bundle has it at all times for whom the message is. */
  sure?: boolean;
}
export const variables = (): Variable[] => {
  const bundle = table(good.value);
  const all: Variable[] = [
    { name: called("user.name"), path: "user.name", filters: "", fallback: { ko: "고객", en: "there" }, after: "님" },
    { name: called("context.cart.lead.item_name"), path: "context.cart.lead.item_name", filters: "", fallback: { ko: "담아둔 상품", en: "your pick" } },
    { name: called("context.cart.value"), path: "context.cart.value", filters: " | money", fallback: { ko: "", en: "" } },
    { name: called("context.review.item_name"), path: "context.review.item_name", filters: "", fallback: { ko: "주문하신 상품", en: "your order" } },
  ];
  for (const program of list(bundle.programs)) {
    for (const [id, tier] of Object.entries(table(program.tiers))) {
      const name = say(tier.label ?? id) || id;
      all.push(
        { name, path: `loyalty.tiers.${id}.levelLabel`, filters: "", fallback: { ko: "", en: "" } },
        { name: t("nextOf", { name }), path: `loyalty.tiers.${id}.nextLabel`, filters: "", fallback: { ko: "다음", en: "the next" } },
        { name: t("toNext", { name }), path: `loyalty.tiers.${id}.remaining`, filters: " | money", fallback: { ko: "", en: "" } },
      );
    }
    for (const [id, currency] of Object.entries(table(program.currencies))) {
      const name = say(currency.label ?? id) || id;
      const unit = say(currency.unit ?? "");
      all.push(
        { name: t("usableOf", { name }), path: `loyalty.currencies.${id}.active`, filters: ` | number${unit ? ` | append: "${unit}"` : ""}`, fallback: { ko: "", en: "" } },
        { name: t("expiringOf", { name }), path: `loyalty.currencies.${id}.nextExpiry.amount`, filters: ` | number${unit ? ` | append: "${unit}"` : ""}`, fallback: { ko: "", en: "" } },
        { name: t("lastDayOf", { name }), path: `loyalty.currencies.${id}.nextExpiry.at`, filters: " | last_date", fallback: { ko: "곧", en: "soon" } },
      );
    }
  }
  for (const { path, name, kind } of facts()) if (!all.some((one) => one.path === path) && !/^(consent|interest)\./.test(path) && !/(_id|\.next|\.kind|inApp|\.level)$/.test(path))
    all.push({ name, path, filters: { money: " | money", number: " | number", moment: " | date" }[kind as string] ?? "", fallback: { ko: "", en: "" } });
  return all;
};
export const particles = ["을/를", "이/가", "은/는", "와/과", "으로/로", "이에요/예요", "이랑/랑", "아/야"];
/** A variable as a template: `{{ x | default: "상품" | josa: "을/를" }}`. */
export const written = (variable: Variable, fallback: string, particle: string) => {
  const quoted = (text: string) => `"${text.replace(/"/g, "'")}"`;
  return `{{ ${variable.path}${variable.filters}${fallback ? ` | default: ${quoted(fallback)}` : ""}${particle ? ` | josa: ${quoted(particle)}` : ""} }}`;
};

/** What the house's currency is called behind an amount. */
export const money = () => (currency.value !== "KRW" ? currency.value : lang.value === "ko" ? "원" : "₩");
