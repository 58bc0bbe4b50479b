/**
 * Questions one after another. A press answers and goes on; what went before can be looked at again and answered otherwise.
 * Each answer is told when it is given, so it is kept even where the rest never comes.
 */
import type { Option, Question, Survey } from "../../types.js";
import type { Drawer, Pen, Told } from "../pen.js";
import { mark } from "./mark.js";
import { ahead, following, values, type Value } from "./route.js";

const LIMIT = 1000;
/** For so many ms a new question takes no press of a finger: the second of a double tap is meant for the one before. */
const PAUSE = 300;

const css = `[part=survey]{display:grid;gap:.75em;max-inline-size:36em;container-type:inline-size}
[part=at],[part=ends],[part=count]{margin:0;color:var(--m);font-size:.875em;font-variant-numeric:tabular-nums}
[part=question]{margin:-.25em 0 0;font-size:1.125em;font-weight:700;line-height:1.4;text-wrap:balance}
[part=question]:focus{outline:0}
[part=scores],[part=stars]{display:flex;flex-wrap:wrap;gap:4px}
[part=score],[part=star]{flex:1 0 max(2em,(100% + 4px)/var(--n) - 4px);min-inline-size:0;padding:2px;color:var(--t);font-variant-numeric:tabular-nums}
[part=score],[part=option]{border:1px solid rgb(128 128 128/.4);font-size:1em}
[part=star]{color:var(--m)}
[part=star]::before{content:"☆";content:"☆"/"";display:block;font-size:2.25em;line-height:1;color:var(--a)}
[part=star]:is([aria-current],:has(~[aria-current]))::before{content:"★";content:"★"/""}
[part=star][aria-current]{color:var(--t);font-weight:700;text-decoration:underline}
[part=ends],[part=way]{display:flex;flex-wrap:wrap;justify-content:space-between;gap:0 1em}
[part=options]{display:grid;gap:8px}
[part=option]{padding:10px 16px;color:var(--t);font-weight:600;text-align:start}
[part=hint]{display:block;color:var(--m);font-size:.875em;font-weight:400}
:is([part=score],[part=option])[aria-current]{border-color:var(--a);box-shadow:inset 0 0 0 2px var(--a);font-weight:700}
[part=area]{box-sizing:border-box;inline-size:100%;min-block-size:7em;margin:0;padding:10px 12px;border:1px solid var(--m);border-radius:calc(var(--r)*.625);background:none;color:inherit;font:inherit;resize:vertical}
[part=area]::placeholder{color:var(--m);opacity:1}
[part=count]{margin-block-start:-.5em;text-align:end}
[aria-invalid]{border-width:2px}
[aria-invalid]+[part=count]{color:var(--t);font-weight:600;text-align:start}
[part=survey] [part=buttons]{margin:0}
[part=way]{margin-block:-.25em -.75em}
[part=back],[part=pass]{padding-inline:0;text-align:start}
[part=pass]{margin-inline-start:auto;text-align:end}
@container(min-width:30em){[part=score]{flex-basis:2em}}
@media(hover:hover){:is([part=score],[part=option]):hover{background:rgb(128 128 128/.1)}:is([part=score],[part=option],[part=star]):hover{text-decoration:none}[part=star]:is(:hover,:has(~:hover))::before{content:"★";content:"★"/""}[part=star]:hover~[part=star]::before{content:"☆";content:"☆"/""}}
@media(forced-colors:active){[aria-current]{outline:3px solid Highlight}}`;

/** As many as a reader counts letters; of a text that is far too long some. */
const letters = (text: string): number => {
  let count = 0;
  for (const _ of globalThis.Intl?.Segmenter ? new Intl.Segmenter().segment(text) : text) if (++count > 9 * LIMIT) break;
  return count;
};

/** Where the shopper is in a survey. */
interface Walk {
  given: Map<string, Value>;
  /** Texts not sent yet. */
  drafts: Map<string, string>;
  /** The places of the questions on the way, the one at hand last. */
  trail: number[];
}
/** By what draws: an answer may change the message it stands in, which is then drawn anew. */
const walks = new WeakMap<Pen, { [survey: string]: Walk }>();

export const survey: Drawer<Survey> = (pen, into, { id: name, questions, thanks }) => {
  pen.style(css);
  const { add, button, say } = pen;
  const box = add(into, "div", "survey");
  // Without a prototype: a survey may be named as what every object has.
  const mine = walks.get(pen) ?? Object.create(null);
  walks.set(pen, mine);
  const { given, drafts, trail }: Walk = (mine[name] ??= { given: new Map(), drafts: new Map(), trail: [0] });

  // The same for all questions: without a title it is what the message is called.
  const heading = add(box, pen.view.blocks.some((block) => "title" in block) ? "h3" : "h2", "question");
  heading.tabIndex = -1;
  /** Says what comes next, below a line that may come before. It gets the focus where the shopper has moved on, and so is read out. */
  const head = (text: string, moved: boolean, ...before: Node[]) => {
    heading.textContent = text;
    box.replaceChildren(...before, heading);
    if (moved) heading.focus();
  };
  /** Goes on with an answer, or without one, and tells what there is to tell. */
  const go = (value?: Value, told?: Told) => {
    const to = following(questions, trail[trail.length - 1]!, value);
    const on = to < questions.length;
    if (on) trail.push(to);
    else delete mine[name];
    if (told) pen.answer({ ...told, ...(on ? { more: true } : thanks && told.action != "dismiss" && { stay: true }) });
    if (on) ask(true);
    else if (thanks && told?.action != "dismiss") head(thanks, true);
  };
  const answer = ({ id, kind }: Question, value: Value) => {
    // What is only looked at again has been told already.
    const known = given.get(id) === value;
    given.set(id, value);
    go(value, known ? undefined : { action: kind == "text" ? "text" : typeof value == "number" ? "score" : "choice", value, question: id });
  };
  const pass = ({ id }: Question) => {
    const value = given.get(id);
    const last = following(questions, trail[trail.length - 1]!, value) >= questions.length;
    // Passing over the last one is a press like any other, but who has answered nothing at all has turned the survey down.
    go(value, !last ? undefined : given.size > 0 ? { action: "click", value: "skip", question: id } : { action: "dismiss" });
  };

  /** Buttons that answer. Each is in the order of Tab; arrows, Home and End are for those who know them. */
  const presses = (question: Question, part: string, all: Option[], ends: string[] = []) => {
    const row = mark(add(box, "div", `${part}s`), { role: "group", "aria-label": [question.title, ...ends].join(" ") });
    row.style.setProperty("--n", `${all.length > 5 ? Math.ceil(all.length / 2) : all.length}`);
    const drawn = all.map(({ label, value, note }) => {
      const one = button(row, part, label, () => answer(question, value));
      if (note) add(one, "small", "hint", note);
      if (given.get(question.id) === value) mark(one, { "aria-current": "true" });
      return one;
    });
    row.addEventListener("keydown", (event) => {
      const { direction } = getComputedStyle(row);
      const here = drawn.indexOf(event.target as HTMLButtonElement);
      const step = { ArrowUp: -1, ArrowDown: 1, ArrowLeft: direction == "rtl" ? 1 : -1, ArrowRight: direction == "rtl" ? -1 : 1, Home: -here, End: drawn.length - 1 - here }[event.key];
      if (step === undefined) return;
      event.preventDefault();
      drawn[here + step]?.focus();
    });
  };
  const scale = (question: Question) => {
    const { kind, low, high } = question;
    const all = values(question);
    const ends = [low && `${all[0]} ${low}`, high && `${all[all.length - 1]} ${high}`].filter((end) => end) as string[];
    presses(question, kind == "nps" ? "score" : "star", all.map((value) => ({ label: `${value}`, value })), ends);
    const line = add(box, "p", "ends");
    for (const end of ends) add(line, "span", "end", end);
  };
  const writing = (question: Question, last: boolean) => {
    const { id, title, placeholder = "", optional } = question;
    const area = mark(add(box, "textarea", "area"), { "aria-label": title, placeholder });
    area.value = drafts.get(id) ?? "";
    const count = add(box, "p", "count");
    const number = (of: number) => of.toLocaleString(pen.say("ko", "en"));
    /** How many letters there are too many. */
    const counted = () => {
      const length = letters(area.value.trim());
      const over = length - LIMIT;
      drafts.set(id, area.value);
      count.textContent = over > 0
        ? say(`${number(LIMIT)}자까지 쓸 수 있어요. ${number(over)}자를 줄여 주세요.`, `Up to ${number(LIMIT)} characters: please take out ${number(over)}.`)
        : `${number(length)} / ${number(LIMIT)}`;
      if (over <= 0) area.removeAttribute("aria-invalid");
      return over;
    };
    area.addEventListener("input", counted);
    counted();
    button(add(box, "div", "buttons"), "button", last ? say("보내기", "Send") : say("다음", "Next"), () => {
      const text = area.value.trim();
      const over = counted();
      if (text && over <= 0) return answer(question, text);
      if (!text && optional) return pass(question);
      if (!text) count.textContent = say("한 글자 이상 적어 주세요.", "Please write something first.");
      mark(area, { "aria-invalid": "true" }).focus();
      pen.announce(count.textContent!);
    });
  };

  const ask = (moved: boolean) => {
    if (moved && !box.isConnected) return;
    const at = trail[trail.length - 1]!;
    const question = questions[at];
    if (!question) return;
    const { id, kind, title, optional, options = [] } = question;
    const left = ahead(questions, at);
    const [step, total] = [trail.length, trail.length - 1 + left];
    const place = total > 1 ? [mark(add(box, "p", "at", `${step} / ${total}`), { role: "img", "aria-label": say(`질문 ${total}개 중 ${step}번째`, `Question ${step} of ${total}`) })] : [];
    head(title, moved, ...place);
    if (kind == "text") writing(question, left == 1);
    else if (kind == "choice") presses(question, "option", options);
    else scale(question);
    const known = given.has(id);
    const pressed = kind != "text";
    if (step > 1 || optional || (known && pressed)) {
      const way = add(box, "div", "way");
      if (step > 1)
        button(way, "back", say("이전", "Back"), () => {
          trail.pop();
          ask(true);
        });
      if (known && pressed) button(way, "pass", say("다음", "Next"), () => pass(question));
      else if (optional) button(way, "pass", say("건너뛰기", "Skip"), () => pass(question));
    }
    if (moved) {
      box.style.pointerEvents = "none";
      setTimeout(() => (box.style.pointerEvents = ""), PAUSE);
    }
  };
  ask(false);
};
