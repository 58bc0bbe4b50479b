/** What draws one block has at hand. Blocks that few messages have stand in chunks of their own, loaded with the first of them. */
import type { Answer, Block, Message } from "../types.js";

/** What a press tells. */
export interface Told extends Pick<Answer, "action" | "value" | "url"> {
  question?: string;
  /** The message stays for the next answer, and its decision stays open. */
  more?: boolean;
  /**
   * The last answer, but the message has a word of thanks to say: the decision is over as with any answer, what is drawn stays
   * until it is closed, and the stage tells nothing more of that. Controls that hide it have no business there.
   */
  stay?: boolean;
}

export interface Pen {
  /** The message that is drawn. */
  readonly view: Message;
  /** One of two words, by the language of the message: Korean, or English for all others. */
  say(korean: string, english: string): string;
  /** A new element at the end of another, of this `part`, with this text (never markup). */
  add<Tag extends keyof HTMLElementTagNameMap>(into: Node, tag: Tag, part?: string, text?: string): HTMLElementTagNameMap[Tag];
  /** A `type="button"` that acts when pressed. */
  button(into: Node, part: string, label: string, act: () => void): HTMLButtonElement;
  /** An address as a link or picture may have it; none where a browser's URL parser finds another scheme than those allowed. */
  address(url: string | undefined): string | undefined;
  /** Tells an answer; without `more` or `stay` what lies over the page closes first. Then a `url` is followed, unless the host did. */
  answer(told: Told): void;
  /** Draws blocks, e.g. what a survey says at its end. */
  blocks(into: Node, blocks: Block[]): void;
  /** Tells those who listen to `on("share")`; true where one of them has handled it. */
  share(channel: string, what: { title: string; text?: string; url: string }): boolean;
  /** Rules for this shadow root, once. */
  style(css: string): void;
  /** Says a word to assistive technology without moving the focus. */
  announce(text: string): void;
}

/** Draws the content of one kind of block, in one element. */
export type Drawer<Content> = (pen: Pen, into: HTMLElement, content: Content) => void;
