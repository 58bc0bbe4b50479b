/** The way through a survey: which question an answer leads to, and how many are still to come. */
import type { Question } from "../../types.js";

export type Value = string | number;

/** All that may be answered by a press: a scale's numbers, or what the options stand for. */
export const values = ({ kind, max = 5, options = [] }: Question): Value[] =>
  kind == "choice" ? options.map(({ value }) => value)
  : kind == "nps" ? [...Array(11).keys()]
  : kind == "rating" ? Array.from({ length: max }, (_, star) => star + 1)
  : [];

/** The place of the question that follows; as many as there are questions where none does. Without a value it was passed over. */
export const following = (questions: Question[], at: number, value?: Value): number => {
  const within = (min: number, max: number) => typeof value == "number" && value >= min && value <= max;
  const rule = questions[at]!.next?.find((rule) =>
    "value" in rule ? rule.value === value : "min" in rule || "max" in rule ? within(rule.min ?? -Infinity, rule.max ?? Infinity) : true,
  );
  if (!rule) return at + 1;
  const to = questions.findIndex(({ id }) => id == rule.to);
  return to < 0 ? questions.length : to;
};

/** How many questions the longest way from here asks, this one included. Ways back are no progress. */
export const ahead = (questions: Question[], from: number): number => {
  const counts: number[] = [];
  for (let at = questions.length; at-- > from; ) {
    const question = questions[at]!;
    const possible = [...values(question), ...(question.kind == "text" ? (question.next ?? []).map(({ value }) => value) : []), undefined];
    // Passing over is a way only where it is allowed; what a text says is not known before.
    if (!question.optional && question.kind != "text") possible.pop();
    counts[at] = 1 + Math.max(0, ...possible.map((value) => following(questions, at, value)).map((to) => (to > at && counts[to]) || 0));
  }
  return counts[from] ?? 0;
};
