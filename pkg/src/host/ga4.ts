/** What a `dataLayer` entry means, as a tag manager reads it. */
import type { Properties } from "../types.js";
import type { Captured } from "./datalayer.js";

const OURS = /^(event(_?[cC]allback|_?[tT]imeout)?$|ecommerce$|gtm)/;
const isObject = (value: unknown) => !!value && typeof value == "object" && !Array.isArray(value);

/** Recursive, lists index by index, as Google's data-layer-helper does. */
const merge = (from: any, into: any): any => {
  for (const key of Object.keys(from)) {
    const value = from[key];
    const list = Array.isArray(value);
    if (!value || typeof value != "object") into[key] = value;
    else into[key] = merge(value, list ? (Array.isArray(into[key]) ? into[key] : []) : isObject(into[key]) ? into[key] : {});
  }
  return into;
};

/**
 * `ecommerce` objects are merged into a model that lasts until `ecommerce: null`; an event's properties are that model
 * and the entry's own other keys. `gtag()` commands: `event` is an event, `set` and `config` may tell the user, `consent`
 * what the shopper allows.
 */
export const readGa4 = (
  event: (name: string, properties: Properties, at: number) => void,
  user: (id: string, at: number) => void,
  consent: (mode: unknown, given: unknown) => void,
  wrong: (path: string) => void,
) => {
  let model: Properties = {};
  return ({ at, command, entry, wrong: path }: Captured) => {
    if (path !== undefined) wrong(path);
    let own: any = entry;
    let called: unknown;
    if (command) {
      const { 0: verb, 1: target, 2: params } = own ?? {};
      const id = target == "user_id" ? params : (params?.user_id ?? target?.user_id);
      if ((verb == "set" || verb == "config") && /^(string|number)$/.test(typeof id) && id !== "") user(String(id), at);
      if (verb == "consent") consent(target, params);
      if (verb != "event") return;
      own = isObject(params) ? params : {};
      called = target;
    } else {
      // A function or a list is a command to the tag manager itself.
      if (own === undefined || Array.isArray(own)) return;
      if (!isObject(own)) return wrong("");
      called = own.event;
      if (own.ecommerce === null) model = {};
      else if (isObject(own.ecommerce)) merge(own.ecommerce, model);
      else if (own.ecommerce !== undefined) wrong("/ecommerce");
    }
    if (called === undefined) return;
    if (typeof called != "string" || !called) return wrong("/event");
    if (called.startsWith("gtm.")) return;
    // A page is shown without what was bought on the one before.
    const bare = command || (called == "page_view" && !own.ecommerce);
    const properties: Properties = bare ? {} : structuredClone(model);
    for (const key of Object.keys(own)) if (!OURS.test(key)) properties[key] = own[key];
    const kind = properties.kind ?? properties.content_group ?? properties.page_type;
    if (called == "page_view" && kind != null) properties.kind = kind;
    event(called, properties, at);
  };
};
