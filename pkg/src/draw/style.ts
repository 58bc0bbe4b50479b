/**
 * The look of messages, one rule a line, adopted by each shadow root as a constructed stylesheet, which a strict `style-src` lets
 * through. What the page's own `*{}` rules put on the host element is inherited into the shadow tree, so the reset is on the dialog
 * and the card as well; sizes are `em` of the reader's default, never `rem` of the page; a card follows the page's `color-scheme`,
 * what lies over it the device's, and `danbi-message{color-scheme:light}` on the page overrides it; the page sets `--danbi-*` to
 * change colours, radius and font.
 */
export const css = `:host{all:initial;position:fixed;color-scheme:light dark;--a:var(--danbi-accent,#0f6b63);--o:var(--danbi-on-accent,#fff);--s:var(--danbi-surface,#fff);--t:var(--danbi-text,#1a1f24);--m:var(--danbi-muted,#5c656e);--r:var(--danbi-radius,16px);--p:clamp(16px,6vw,1.5em)}
@media (prefers-color-scheme:dark){:host{--a:var(--danbi-accent,#6fd3c4);--o:var(--danbi-on-accent,#06231f);--s:var(--danbi-surface,#1e2226);--t:var(--danbi-text,#f1f3f5);--m:var(--danbi-muted,#a9b1b9)}}
@supports (color:light-dark(red,red)){:host{--a:var(--danbi-accent,light-dark(#0f6b63,#6fd3c4));--o:var(--danbi-on-accent,light-dark(#fff,#06231f));--s:var(--danbi-surface,light-dark(#fff,#1e2226));--t:var(--danbi-text,light-dark(#1a1f24,#f1f3f5));--m:var(--danbi-muted,light-dark(#5c656e,#a9b1b9))}}
:host(danbi-card){display:block;position:static;color-scheme:inherit}
dialog,section{all:initial;display:block;box-sizing:border-box;overflow:auto;color-scheme:inherit;color:var(--t);background:var(--s);border-radius:var(--r);font-family:var(--danbi-font,"Pretendard Variable",Pretendard,"Noto Sans KR Variable","Noto Sans KR","Apple SD Gothic Neo","Malgun Gothic",sans-serif);line-height:1.5;overflow-wrap:anywhere}
dialog{position:fixed;inset:0;margin:auto;inline-size:min(24em,100% - 32px);block-size:fit-content;max-block-size:calc(100vh - 32px);max-block-size:calc(100dvh - 32px);overscroll-behavior:contain;scrollbar-width:thin;scroll-padding-block:4em;box-shadow:0 1px 2px rgb(0 0 0/.12),0 16px 48px rgb(0 0 0/.24)}
dialog::backdrop{background:rgb(0 0 0/.48)}
section{border:1px solid rgb(128 128 128/.24)}
:lang(ko){word-break:keep-all;overflow-wrap:anywhere;line-break:strict;line-height:1.55}
[part=body]{display:grid;gap:.5em;padding:var(--p)}
[part=title]{margin:0;font-size:1.25em;font-weight:700;line-height:1.4;letter-spacing:-.01em;text-wrap:balance}
section [part=title]{font-size:1.125em}
[part=text]{margin:0;white-space:pre-line}
[part=image]{display:block;inline-size:100%;block-size:auto;max-block-size:40vh;object-fit:cover;border-radius:calc(var(--r)/2)}
[part=bar]{block-size:8px;margin-block:.25em;overflow:hidden;border-radius:8px;background:rgb(128 128 128/.22)}
[part=fill]{block-size:100%;border-radius:8px;background:var(--a)}
[part=buttons],[part=choice]{display:flex;flex-wrap:wrap;gap:8px;margin-block-start:.75em}
[part=foot]{position:sticky;inset-block-end:0;background:var(--s);display:flex;justify-content:space-between;gap:8px;padding:0 calc(var(--p) - 8px);border-block-start:1px solid rgb(128 128 128/.24)}
button{box-sizing:border-box;min-block-size:44px;min-inline-size:44px;margin:0;padding:8px;border:0;border-radius:calc(var(--r)*.625);background:none;color:var(--m);font:inherit;font-size:.875em;letter-spacing:inherit;cursor:pointer;touch-action:manipulation}
[part=button]{flex:1 0 auto;max-inline-size:100%;padding:10px 16px;background:rgb(128 128 128/.16);color:var(--t);font-size:1em;font-weight:600}
[part=buttons]>:first-child{background:var(--a);color:var(--o)}
[part=hide]{text-align:start}
[part=close]{flex:none;margin-inline-start:auto;color:var(--t)}
:focus{outline:0}
:focus-visible{outline:3px solid var(--a);outline-offset:2px}
[part=foot]>:focus-visible{outline-offset:-4px}
dialog:focus-visible{outline:0}
@media (hover:hover){button:hover{text-decoration:underline;text-underline-offset:.2em}[part=button]:hover{text-decoration:none;filter:brightness(.92)}}
@media (forced-colors:active){dialog,section,[part=bar],[part=button]{border:1px solid}[part=fill]{forced-color-adjust:none;background:Highlight}}
@media (prefers-reduced-motion:no-preference){dialog{animation:rise .22s ease-out}dialog::backdrop{animation:fade .22s}}
@keyframes rise{from{opacity:0;transform:translateY(12px)}}
@keyframes fade{from{opacity:0}}`;

/** Gives a shadow root these rules, a sheet for each root: parsing it takes less than keeping one. */
export const adopt = (root: ShadowRoot, rules: string): void => {
  try {
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(rules);
    root.adoptedStyleSheets = [...root.adoptedStyleSheets, sheet];
  } catch {
    // WebKit before 16.4 has no constructed stylesheets.
    root.prepend(Object.assign(document.createElement("style"), { textContent: rules }));
  }
};
