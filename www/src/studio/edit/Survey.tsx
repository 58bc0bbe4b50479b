/** A survey: questions one after another. */
import { at, freshId, list, table } from "./edits";
import { Amount, Check, Choice, Group, Line, options, Rest, Rows } from "./fields";
import { Options } from "./Message";
import { Texts } from "./Texts";
import { t } from "./words";

const kinds = ["nps", "rating", "choice", "text"] as const;
export function Survey({ name }: { name: string }) {
  const path = ["surveys", name, "questions"];
  const questions = list(at(path));
  return (
    <>
      <Group title={t("questions")} path={path} testid="questions">
        <Rows path={path} items={questions} name={t("question")} testid="question" whole={false} add={() => ({ id: freshId("", questions.map(({ id }) => id), `question_${questions.length + 1}`), kind: "choice", title: { ko: "", en: "" }, options: [{ label: { ko: "", en: "" }, value: "option_1" }] })} item={(one, place) => {
          const of = table(one), here = [...path, place];
          const field = (key: string) => ({ path: [...here, key], value: of[key], testid: `question-${place}-${key}` });
          return (
            <>
              <Texts label={t("question")} {...field("title")} variables />
              <div class="row">
                <Choice label={t("answeredBy")} {...field("kind")} options={options(kinds, "question_")} />
                <Line label={t("questionId")} {...field("id")} required />
                {of.kind === "rating" && <Amount label={t("atMostStars")} {...field("max")} />}
                <Check label={t("optional")} {...field("optional")} />
              </div>
              {(of.kind === "nps" || of.kind === "rating") && <><Texts label={t("lowEnd")} {...field("low")} optional /><Texts label={t("highEnd")} {...field("high")} optional /></>}
              {of.kind === "text" && <Texts label={t("placeholder")} {...field("placeholder")} optional />}
              {of.kind === "choice" && <Options path={[...here, "options"]} items={of.options} testid={`question-${place}-option`} />}
              <Rest path={here} value={one} known={["id", "kind", "title", "low", "high", "max", "options", "placeholder", "optional"]} />
            </>
          );
        }} />
      </Group>
      <Group title={t("afterwards")} path={["surveys", name, "thanks"]}><Texts label={t("thanks")} path={["surveys", name, "thanks"]} value={table(at(["surveys", name])).thanks} optional variables testid="thanks" /></Group>
    </>
  );
}
