/**
 * The look of messages, one rule a line, adopted by each shadow root as a constructed stylesheet, which a strict `style-src` lets
 * through. What the page's own `*{}` rules put on the host element is inherited into the shadow tree, so the reset is on what stands
 * in it as well (all of that has a `lang`); sizes are `em` of the reader's default, never `rem` of the page, and parts of the
 * containing block, never of the viewport, which a page may zoom; a card follows the page's `color-scheme`, what lies over it the
 * device's, and `danbi-message{color-scheme:light}` on the page overrides it; the page sets `--danbi-*` to change colours, radius and font.
 */
import type { Theme } from "../types.js";

export const css = `:host{all:initial;color-scheme:light dark;z-index:2147483647}
:host(danbi-message){position:fixed!important;display:block!important}
:host(danbi-card){display:block;color-scheme:inherit}
[lang]{all:initial;display:block;box-sizing:border-box;overflow:auto;color-scheme:inherit;color:var(--t);background:var(--s);border-radius:var(--r);font-family:var(--danbi-font,"Pretendard Variable",Pretendard,"Noto Sans KR Variable","Noto Sans KR","Apple SD Gothic Neo","Malgun Gothic",sans-serif);line-height:1.5;overflow-wrap:anywhere;--a:var(--danbi-accent,#0f6b63);--o:var(--danbi-on-accent,#fff);--s:var(--danbi-surface,#fff);--t:var(--danbi-text,#1a1f24);--m:var(--danbi-muted,#5c656e);--r:var(--danbi-radius,16px);--p:clamp(16px,6vw,1.5em);--l:rgb(128 128 128/.24)}
@media (prefers-color-scheme:dark){[lang]{--a:var(--danbi-accent,#6fd3c4);--o:var(--danbi-on-accent,#06231f);--s:var(--danbi-surface,#1e2226);--t:var(--danbi-text,#f1f3f5);--m:var(--danbi-muted,#a9b1b9)}}
@supports (color:light-dark(red,red)){[lang]{--a:var(--danbi-accent,light-dark(#0f6b63,#6fd3c4));--s:var(--danbi-surface,light-dark(#fff,#1e2226));--t:var(--danbi-text,light-dark(#1a1f24,#f1f3f5));--m:var(--danbi-muted,light-dark(#5c656e,#a9b1b9))}}
@supports (color:lab(from red calc(1 - l) 0 0)){[lang]{--o:var(--danbi-on-accent,lab(from var(--a) calc((49.4 - l)*999) 0 0))}}
[part~=dialog]{position:fixed;inset:0;margin:auto;inline-size:min(24em,100% - 32px);block-size:fit-content;max-block-size:calc(100% - 32px);overscroll-behavior:contain;scroll-padding-block:4em}
[part~=dialog],[popover]{box-shadow:0 0 0 1px var(--l),0 16px 48px rgb(0 0 0/.24)}
[part~=sheet]{inset-block-start:auto;inline-size:100%;max-block-size:calc(100% - 48px);border-end-start-radius:0;border-end-end-radius:0}
[part~=fullscreen]{display:flex;flex-direction:column;inline-size:100%;block-size:100%;max-block-size:none;border-radius:0}
dialog::backdrop{background:rgb(0 0 0/.48)}
[popover]{--e:0px;position:fixed;inset:auto 0 var(--e);inline-size:100%;max-block-size:60%;border-radius:0;padding-block-end:env(safe-area-inset-bottom)}
[popover][part~=top]{inset-block:var(--e) auto}
[part~=toast]{--e:16px;margin:auto;inline-size:min(26em,100% - 32px);border-radius:var(--r)}
[part=card]{border:1px solid var(--l)}
:lang(ko){word-break:keep-all;line-break:strict;line-height:1.55}
[hidden],[part=foot]:empty{display:none!important}
[part=body]{display:grid;grid-template-columns:minmax(0,1fr);gap:.5em;padding:var(--p)}
[part~=fullscreen] [part=body]{flex:1 0 auto;align-content:center;box-sizing:border-box;inline-size:min(28em,100%);margin-inline:auto}
[part~=fullscreen] [part=body]:has(>[part=image]:first-child){align-content:start}
[part~=fullscreen] [part=foot]{padding-inline:max(var(--p) - 8px,50% - 14em + var(--p) - 8px)}
[part=title]{margin:0;font-size:1.25em;font-weight:700;line-height:1.4;letter-spacing:-.01em;text-wrap:balance}
:is([popover],[part=card]) [part=title]{font-size:1.125em}
[part=text],[part=note]{margin:0;white-space:pre-line;text-wrap:pretty}
[part=note],[part=ad]{color:var(--m);font-size:.8125em}
[part=image]{display:block;inline-size:100%;aspect-ratio:var(--danbi-image,1);max-block-size:40vh;object-fit:contain;border-radius:calc(var(--r)/2);background:rgb(128 128 128/.1)}
[part=image]:first-child{inline-size:calc(100% + 2*var(--p));margin:calc(-1*var(--p)) calc(-1*var(--p)) .5em;border-radius:0}
[part=bar]{block-size:8px;margin-block:.5em;overflow:hidden;border-radius:8px;background:var(--l)}
[part=fill]{block-size:100%;border-radius:8px;background:var(--a)}
[part=buttons],[part~=choice]{display:flex;flex-wrap:wrap;gap:8px;margin-block-start:.75em}
[part=card] :is([part=buttons],[part~=choice]){max-inline-size:28em}
[part=foot]{position:sticky;inset-block-end:0;background:var(--s);display:flex;flex-wrap:wrap;gap:0 8px;padding:0 calc(var(--p) - 8px);border-block-start:1px solid var(--l)}
:is([part~=sheet],[part~=fullscreen]) [part=foot]{padding-block-end:env(safe-area-inset-bottom)}
[part=ad]{display:flex;flex-wrap:wrap;align-items:center;justify-content:space-between;gap:0 1em}
button{box-sizing:border-box;min-block-size:44px;min-inline-size:44px;margin:0;padding:8px;border:0;border-radius:calc(var(--r)*.625);background:none;color:var(--m);font:inherit;font-size:.875em;cursor:pointer}
[part=button]{flex:1 0 auto;max-inline-size:100%;padding:10px 16px;background:rgb(128 128 128/.16);color:var(--t);font-size:1em;font-weight:600}
[part=button] [part=note]{display:block;font-weight:400}
[part=buttons]>:first-child{background:var(--a);color:var(--o)}
[part~=scores]{display:grid;grid-template-columns:repeat(auto-fit,minmax(max(44px,100%/6 - 8px),1fr))}
[part~=scores]>*{padding:8px 0}
[popover]{display:flex;flex-wrap:wrap;align-items:center}
[part~=banner]{padding-inline:max(0px,50% - 32em)}
[popover] [part=body]{flex:999 1 14em;grid-template-columns:auto minmax(0,1fr) auto;align-items:center;gap:0;padding:12px 16px}
[popover] [part=body]>*{grid-column:2}
[popover] [part=image]{grid-area:1/1/span 4;inline-size:3.5em;margin:0;margin-inline-end:12px;border-radius:calc(var(--r)/2)}
[popover] [part=ad]{justify-content:start}
[part~=toast] [part=body]{flex-basis:10em}
[popover] :is([part=buttons],[part~=choice]){margin-block-start:8px}
[popover] [part=foot]{flex:1 0 auto;max-inline-size:100%;box-sizing:border-box;border:0;padding:0 8px}
@media (min-width:40em){[part~=sheet]{inset-block-end:32px;inline-size:26em;border-radius:var(--r)}[part~=banner] [part=buttons]{grid-area:1/3/span 4;margin-block:0;margin-inline-start:16px}}
[part=hide]{text-align:start}
[part=close]{flex:none;margin-inline-start:auto;color:var(--t)}
[part=optout]{min-block-size:24px;padding:0;font-size:1em;text-decoration:underline}
[part=live]{position:absolute;inline-size:1px;block-size:1px;margin:0;overflow:hidden;clip-path:inset(50%)}
:not([lang]):focus-visible{outline:3px solid var(--a);outline-offset:2px}
[part=foot]>:focus-visible{outline-offset:-4px}
@media (hover:hover){[part=button]:hover{filter:brightness(.92)}[part=foot] :hover{text-decoration:underline}}
@media (forced-colors:active){[lang],[part=bar],[part=button]{border:1px solid}[part=fill]{forced-color-adjust:none;background:Highlight}}
@media (prefers-reduced-motion:no-preference){[part~=dialog],[popover]{animation:rise .22s ease-out}[part~=sheet]{animation:slide .28s cubic-bezier(.2,.8,.2,1)}::backdrop{animation:fade .22s}}
@keyframes rise{from{opacity:0;transform:translateY(12px)}}
@keyframes slide{from{transform:translateY(100%)}}
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

/** A value of this property and of no other: `var()`, `attr()` and `inherit` are let through everywhere, `url()` in no colour. */
const only = (property: string) => (value: string) => CSS.supports(property, value) && !CSS.supports("order", value);
const colour = only("color");
const allowed: { [Name in keyof Theme]-?: (value: string) => boolean } = {
  accent: colour, onAccent: colour, surface: colour, text: colour, muted: colour, font: only("font-family"),
  radius: (value) => /^\d*\.?\d+(px|em)$/.test(value),
  scheme: (value) => /^(light|dark)$/.test(value),
};

/** Gives a host element the shop's theme, by the custom properties that a page's CSS may set too. What is no such value is left out. */
export const brand = (host: HTMLElement, theme: Theme = {}): void => {
  for (const [name, fits] of Object.entries(allowed)) {
    const value = theme[name as keyof Theme];
    if (typeof value == "string" && fits(value)) host.style.setProperty(name == "scheme" ? "color-scheme" : `--danbi-${name.replace("A", "-a")}`, value);
  }
};
