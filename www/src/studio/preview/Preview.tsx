/** One shopper at one moment: who they are, what they see, and why. */
import { useEffect, useState } from "preact/hooks";
import "./preview.css";
import { shopper } from "../state/people";
import { lang } from "../words";
import { Moment } from "./Moment";
import { Shoppers } from "./Shoppers";
import { Stage } from "./Stage";
import { decided, Why } from "./Why";

/** A change of the decision is told in a sentence, once what changes it has come to rest. */
function Told() {
  const [said, say] = useState("");
  const now = `${shopper.value?.name[lang.value] ?? ""}. ${decided()}`;
  useEffect(() => {
    const timer = setTimeout(() => say(now), 600);
    return () => clearTimeout(timer);
  }, [now]);
  return <p role="status" class="heard" data-testid="decided">{said}</p>;
}

export const Preview = () => (
  <main id="main" class="preview">
    <Shoppers />
    <div class="middle">
      <Moment />
      <Stage />
    </div>
    <Why />
    <Told />
  </main>
);
