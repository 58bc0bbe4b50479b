/** The look of the widgets, over that of messages, where their colours (`--a` and so on) come from. */
export const sheet = `[part~=widget]{position:relative;display:grid;gap:.75em;font-variant-numeric:tabular-nums}
[part~=widget],[part~=widget] *{box-sizing:border-box;min-inline-size:0;max-inline-size:100%;margin:0;padding:0;list-style:none;unicode-bidi:plaintext}
[part~=widget] p{justify-self:start}
[part=heard]{position:absolute;inline-size:1px;block-size:1px;overflow:hidden;clip-path:inset(50%);white-space:nowrap}
[part=head]{display:flow-root}
[part=small]{color:var(--m);font-size:.875em}
[part=standing]{font-size:1.5em;font-weight:700;line-height:1.3;letter-spacing:-.01em}
[part=strong]{font-weight:600}
[part=pair]{display:flex;flex-wrap:wrap;align-items:baseline;justify-content:space-between;gap:.1em .75em}
[part~=chip]{padding:.1em .6em;border:1px solid var(--l);border-radius:1em;font-size:.8125em;font-weight:500}
[part~=full]{background:color-mix(in srgb,var(--a) 12%,#0000);border-color:#0000}
[part~=medal]{inline-size:4.5em;fill:none;stroke:var(--m);stroke-width:1.5;stroke-linecap:round;stroke-linejoin:round}
[part=head] [part~=medal]{float:inline-end;inline-size:min(3.75em,22%)}
[part=outline]{stroke-dasharray:2.5 3}
[part~=got] *{stroke:var(--o);stroke-width:3}
[part~=got] [part=outline]{fill:var(--a);stroke:none}
[part=number]{fill:var(--m);stroke:none;font-size:18px;font-weight:700;text-anchor:middle;dominant-baseline:central}
[part~=got] [part=number]{fill:var(--o);stroke:none}
[part=track],[part=ring]{stroke:var(--l);stroke-width:2.5}
[part=ring]{stroke:var(--a)}
[part~=mark]{position:relative;display:block;flex:none;align-self:start;margin-block-start:.15em;inline-size:1.25em;aspect-ratio:1;border:2px solid var(--l);border-radius:50%;background:var(--s)}
[part~=mark]:before{position:absolute;inset:0;margin:auto}
[part~=done]{border-color:var(--a);background:var(--a)}
[part~=done]:before{content:"";inline-size:28%;block-size:56%;border:solid var(--o);border-width:0 2px 2px 0;transform:translateY(-12%) rotate(45deg)}
[part~=here]{border:.375em solid var(--a);background:var(--o)}
[part~=missed]:before{content:"";inline-size:50%;block-size:2px;background:var(--m)}
[part~=frozen],[part~=today]{border-color:var(--a)}
[part~=frozen]:before{content:"";inline-size:34%;block-size:40%;border:solid var(--a);border-width:0 2px}
[part~=missed],[part~=ahead]{border-style:dashed}
[part~=none]{border-color:#0000}
[part~=tier]{gap:1em;container-type:inline-size}
[part=gauge],[part=what],[part=purse],[part=tickets]{display:grid;gap:.5em}
[part~=rung]{position:relative;display:flex;flex-wrap:wrap;align-items:center;gap:0 .5em;padding-block:.3em;padding-inline-start:1.9em;color:var(--m)}
[part~=rung] [part~=mark]{position:absolute;inset-block-start:.3em;inset-inline-start:0}
[part~=rung]:not(:last-child):before{content:"";position:absolute;inset-block-start:1em;inset-inline-start:calc(.625em - 1px);inline-size:2px;block-size:100%;background:var(--l)}
[part~=passed]:not(:last-child):before{background:var(--a)}
[part~=current]{color:var(--t);font-weight:700}
[part=from]{margin-inline-start:auto;font-size:.8125em;font-weight:400;color:var(--m)}
@container (min-width:26em){[part~=few]{display:flex}[part~=few] [part~=rung]{flex:1;flex-direction:column;padding:1.5em .25em 0;text-align:center}[part~=few] [part~=mark]{inset:0 0 auto;margin:auto}[part~=few] [part~=rung]:not(:last-child):before{inset-block-start:.55em;inset-inline-start:50%;inline-size:100%;block-size:2px}[part~=few] [part=from]{margin:0}[part~=few] [part~=chip]{order:1}}
[part~=shelf]{grid-template-columns:repeat(auto-fill,minmax(min(100%,6em),1fr));gap:1.25em .5em}
[part~=shelf] li{display:grid;justify-items:center;align-content:start;gap:.1em;line-height:1.4;text-align:center}
[part~=mission]{display:flex;gap:.75em}
[part~=mission]+*{padding-block-start:.75em;border-block-start:1px solid var(--l)}
[part=what]{flex:1}
[part=calendar]{inline-size:100%;max-inline-size:36em;table-layout:fixed;border-spacing:0 .5em;color:var(--m);font-size:.75em;line-height:1.4;text-align:center}
[part=calendar] [part~=mark]{inline-size:min(2.25em,82%);margin:auto}
[part=now]{color:var(--t);font-weight:700}
[part=tickets]{grid-template-columns:repeat(auto-fill,minmax(min(100%,15em),1fr))}
[part~=ticket]{padding:.75em 1em;border:1px solid var(--l);border-inline-start:.375em solid var(--a);border-radius:calc(var(--r)/2)}
[part~=over]{border-inline-start-color:var(--l);color:var(--m)}
@media (forced-colors:active){[part~=widget]{--a:Highlight;--s:Canvas;--o:HighlightText;--m:CanvasText;--l:GrayText}[part=bar],[part=track]{mask:none!important;background:Canvas;stroke:#0000}[part~=mark],[part~=medal]{forced-color-adjust:none}}`;
