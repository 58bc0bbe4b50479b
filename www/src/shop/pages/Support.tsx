import { t, type TextKey } from "../i18n";

const questions: [TextKey, TextKey][] = [
  ["faqShip", "faqShipText"],
  ["faqReturn", "faqReturnText"],
  ["faqPoints", "faqPointsText"],
  ["faqData", "faqDataText"],
];

export const Support = () => (
  <div class="narrow stack">
    <div>
      <h1 tabIndex={-1}>{t("supportTitle")}</h1>
      <p class="soft">{t("supportText")}</p>
    </div>
    <div class="faq">
      {questions.map(([question, answer]) => (
        <details key={question}><summary>{t(question)}</summary><p>{t(answer)}</p></details>
      ))}
    </div>
  </div>
);
