import { useState } from "preact/hooks";
import { testids } from "../../testids";
import { register, signIn, signInDemo } from "../actions";
import { t, type TextKey } from "../i18n";
import { Field } from "../parts";
import { go, to } from "../router";

/** One text field of a submitted form, without the spaces around it. */
const typed = (form: FormData, name: string) => String(form.get(name) ?? "").trim();

export function Login() {
  const [problem, setProblem] = useState<{ in: "signup" | "login"; key: TextKey } | null>(null);
  const submit = (handle: (form: FormData) => void) => (event: SubmitEvent) => {
    event.preventDefault();
    handle(new FormData(event.currentTarget as HTMLFormElement));
  };
  const join = submit((form) => {
    const name = typed(form, "name");
    if (!name) return;
    if (register(name, typed(form, "email"))) go(to.home);
    else setProblem({ in: "signup", key: "taken" });
  });
  const enter = submit((form) => {
    if (signIn(typed(form, "who"))) go(to.my);
    else setProblem({ in: "login", key: "unknownMember" });
  });
  return (
    <div class="stack">
      <h1 class="unseen" tabIndex={-1}>{t("login")}</h1>
      <div class="two">
        <form class="card stack" onSubmit={join}>
          <div>
            <h2>{t("signup")}</h2>
            <p class="small soft">{t("signupText")}</p>
          </div>
          <Field label={t("name")} name="name" required autocomplete="name" testid={testids.signupName} />
          <Field label={t("email")} name="email" inputMode="email" autocomplete="email" testid={testids.signupEmail} />
          <p class="problem" role="alert">{problem?.in === "signup" && t(problem.key)}</p>
          <button class="button" data-testid={testids.signupSubmit}>{t("signupDo")}</button>
        </form>
        <form class="card stack" onSubmit={enter}>
          <div>
            <h2>{t("login")}</h2>
            <p class="small soft">{t("loginText")}</p>
          </div>
          <Field label={t("emailOrName")} name="who" required autocomplete="username" testid={testids.loginName} />
          <p class="problem" role="alert">{problem?.in === "login" && t(problem.key)}</p>
          <button class="button" data-testid={testids.loginSubmit}>{t("login")}</button>
          <button type="button" class="button quiet" data-testid={testids.loginDemo} onClick={() => { signInDemo(t("demoName")); go(to.my); }}>{t("loginDemo")}</button>
        </form>
      </div>
    </div>
  );
}
