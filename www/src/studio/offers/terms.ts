/** The terms of a score in words. The numbers are the engine's. */
import type { Beliefs, Candidate, Term } from "danbi/studio";
import { lang } from "../words";
import { t, type Word } from "./words";

const format = (options: Intl.NumberFormatOptions) => (value: number) => new Intl.NumberFormat(lang.value, options).format(value);
export const signed = (value: number) => format({ signDisplay: "exceptZero", minimumFractionDigits: 2, maximumFractionDigits: 2 })(value).replace("-", "−");
export const plain = format({ maximumFractionDigits: 2 });
export const percent = (share: number) => format({ style: "percent", maximumFractionDigits: share < 0.1 ? 1 : 0 })(share);
/** Of a hundred. */
export const hundred = (share: number) => format({ maximumFractionDigits: share < 0.1 ? 1 : 0 })(share * 100);

const family = ({ name }: Pick<Term, "name">) => name.split(":")[0]!;
const rest = ({ name }: Pick<Term, "name">) => name.slice(name.indexOf(":") + 1);
export const own = (term: Term) => family(term) === "offer";
/** What a term is called. */
export const called = (term: Term) => t(`n_${family(term)}` as Word, { of: rest(term) });

interface Reason {
  text: string;
  adds: number;
}
/** What these weights have before anything is learnt says nothing of this shopper: it is where every shopper starts. */
const begun = /^(offer|category|intercept|slot)$/;
/** What moves an offer up or down for this shopper. */
const reasons = ({ terms, category, worth, evidence }: Candidate, interest: string): Reason[] => {
  const told = terms.map((term): Reason => {
    const of = { interest, category: family(term) === "affinity" ? category : rest(term) };
    const adds = begun.test(family(term)) ? term.learnt : term.adds;
    if (!own(term)) return { adds, text: t(`r_${family(term)}_${adds > 0 ? "up" : "down"}` as Word, of) };
    const why = term.learnt > 0 ? "click" : evidence.dismissed ? "dismiss" : "ignore";
    return { adds, text: t(`r_own_${why}` as Word) };
  });
  told.push({ adds: worth, text: t(worth > 0 ? "r_worth_up" : "r_worth_down") });
  return told.filter(({ adds }) => Math.abs(adds) >= 0.005).sort((one, other) => Math.abs(other.adds) - Math.abs(one.adds));
};

/** Why an offer stands where it does, in a sentence; of what may not be shown the rule's own words. */
export const sentence = (candidate: Candidate, { interest }: Beliefs["policy"]) => {
  const { rank, text, usual } = candidate;
  if (rank === null) return `${t("cannot")}. ${text}`;
  const why = reasons(candidate, interest).slice(0, 3).map(({ text, adds }) => `${text} ${signed(adds)}`);
  const place = rank === 1 ? t("first") : t("nth", { n: rank });
  if (why.length) return place + t("because", { reasons: why.join(", ") });
  return `${place}. ${t("fresh", { n: hundred(usual) })}`;
};
