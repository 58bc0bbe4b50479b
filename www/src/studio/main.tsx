import { render } from "preact";
import "@picocss/pico/css/pico.min.css";
import "./studio.css";
import { beginJudging } from "./state/bundle";
import { restore } from "./state/kept";
import { beginLooking } from "./state/seen";
import { beginProving } from "./state/proof";
import { keepFocus } from "./focus";
import { arrive, Studio } from "./Studio";
import { lang, speak } from "./words";

speak(lang.value);
keepFocus();
render(<Studio />, document.getElementById("app")!);
void restore().then(arrive).then(() => {
  beginJudging();
  beginLooking();
  beginProving();
});
