import { effect } from "@preact/signals";
import { render } from "preact";
import "@picocss/pico/css/pico.min.css";
import "./studio.css";
import { beginJudging } from "./state/bundle";
import { fault } from "./state/engine";
import { restore } from "./state/kept";
import { beginLooking, seen } from "./state/seen";
import { beginProving } from "./state/proof";
import { keepFocus } from "./focus";
import { arrive, Studio } from "./Studio";
import { lang, speak } from "./words";

speak(lang.value);
keepFocus();
effect(() => void (seen.value && import("./fonts.css")));
render(<Studio />, document.getElementById("app")!);
try {
  await restore();
  await arrive();
  beginJudging();
  beginLooking();
  beginProving();
} catch {
  fault.value = true;
}
