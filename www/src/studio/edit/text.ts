/** The JSON editor, loaded when somebody edits. */
import { defaultKeymap, indentWithTab } from "@codemirror/commands";
import { json } from "@codemirror/lang-json";
import { bracketMatching, foldGutter, syntaxHighlighting } from "@codemirror/language";
import { lintGutter, setDiagnostics } from "@codemirror/lint";
import { EditorState } from "@codemirror/state";
import { drawSelection, EditorView, highlightActiveLine, keymap, lineNumbers } from "@codemirror/view";
import { classHighlighter } from "@lezer/highlight";
import type { Diagnostic } from "danbi/studio";
import { parseTree } from "jsonc-parser";
import { nodeAt } from "./lines";
import { redo, undo } from "../state/bundle";

export interface Written {
  show(text: string): void;
  mark(findings: Diagnostic[], lang: "ko" | "en"): void;
  go(pointer: string): void;
  end(): void;
}

export const open = (place: HTMLElement, text: string, write: (text: string) => void): Written => {
  const act = (run: () => void) => () => (run(), true);
  const view = new EditorView({
    parent: place,
    state: EditorState.create({
      doc: text,
      extensions: [
        lineNumbers(), foldGutter(), drawSelection(), highlightActiveLine(), bracketMatching(), lintGutter(), json(), syntaxHighlighting(classHighlighter),
        // Undoing is the Studio's: what a form changes is undone by the same keys.
        keymap.of([{ key: "Mod-z", run: act(undo) }, { key: "Mod-Shift-z", run: act(redo) }, { key: "Mod-y", run: act(redo) }, ...defaultKeymap, indentWithTab]),
        EditorView.updateListener.of(({ docChanged, state }) => docChanged && write(state.doc.toString())),
        EditorView.contentAttributes.of({ "aria-labelledby": "bundle-title", spellcheck: "false" }),
      ],
    }),
  });
  return {
    show: (next) => {
      const now = view.state.doc.toString();
      if (next !== now) view.dispatch({ changes: { from: 0, to: now.length, insert: next } });
    },
    mark: (findings, lang) => {
      if (!findings.length) return view.dispatch(setDiagnostics(view.state, []));
      const root = parseTree(view.state.doc.toString());
      const marks = findings.flatMap((one) => {
        const node = nodeAt(root, one.pointer);
        return node ? [{ from: node.offset, to: node.offset + Math.min(node.length, 200), severity: one.severity, message: one[lang] }] : [];
      });
      view.dispatch(setDiagnostics(view.state, marks));
    },
    go: (pointer) => {
      const node = nodeAt(parseTree(view.state.doc.toString()), pointer);
      if (!node) return view.focus();
      view.dispatch({ selection: { anchor: node.offset }, effects: EditorView.scrollIntoView(node.offset, { y: "center" }) });
      view.focus();
    },
    end: () => view.destroy(),
  };
};
