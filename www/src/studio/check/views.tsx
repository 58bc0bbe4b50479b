/** The two parts of the check: what is looked at before a launch, and what the marketer expects. */
import { signal } from "@preact/signals";
import { failing } from "../state/proof";
import { t } from "./suites-words";

export const view = signal<"check" | "suites">("check");
export const Views = () => (
  <fieldset class="switch" aria-label={t("check")}>
    {(["check", "suites"] as const).map((name) => (
      <label key={name}>
        <input type="radio" name="check-view" checked={view.value === name} data-testid={`view-${name}`} onChange={() => (view.value = name)} />
        {t(name)}{name === "suites" && failing.value > 0 && <span class="badge bad">{failing.value}</span>}
      </label>
    ))}
  </fieldset>
);
