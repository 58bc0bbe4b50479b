//! What `danbi/studio` and `danbi/testing` export: checking, replay, words. A plain shop visit never loads it.

use wasm_bindgen::prelude::*;

use super::convert;
use super::given::{Thrown, first, given, tables, thrown};
use super::platform::Browser;
use crate::engine::audience::bucketing::{self, Range};
use crate::engine::audience::{Clock, Condition, Facts, Matcher};
use crate::engine::base::document::{List, Part, Table};
use crate::engine::base::hash;
use crate::engine::base::host::Host;
use crate::engine::base::json;
use crate::engine::base::record;
use crate::engine::base::text::{decimal, join};
use crate::engine::base::time::{Time, Zones};
use crate::engine::base::value::{Map, Value};
use crate::engine::beliefs::{self, Asked};
use crate::engine::bundle::plan::Plan;
use crate::engine::bundle::{Bundle, exposure, lint};
use crate::engine::error::Error;
use crate::engine::feature::{self, Context};
use crate::engine::fold::World;
use crate::engine::message::template::{self, Scope};
use crate::engine::offer::{Draw, Learnt, Model, Moment, Scene, Terms};
use crate::engine::preview::{self, Look};
use crate::engine::profile::Grant;
use crate::engine::replay::{self, Options, Replay};
use crate::engine::suite::run as suites;
use crate::engine::words::Speaker;

/// Findings of a check: `{severity, code, pointer, ko, en}`; `unknown` are zones that the platform does not know.
#[wasm_bindgen]
pub fn check(bundle: &JsValue, unknown: Vec<String>) -> Thrown<JsValue> {
    let bundle = given(bundle)?;
    let is_known = |zone: &str| unknown.iter().all(|one| one != zone);
    let findings = [lint::check(&bundle), lint::zones(&bundle, &is_known)];
    let lines: Vec<Value> = findings.iter().flatten().map(|finding| finding.line().into()).collect();
    Ok(convert::write(&lines.into()))
}

/// The zones that a bundle speaks of, however broken it is.
#[wasm_bindgen]
pub fn zones_in(bundle: &JsValue) -> Thrown<Vec<String>> {
    let bundle = given(bundle)?;
    Ok(Bundle(&bundle).zone_places().into_iter().map(|(_, zone)| zone.to_string()).collect())
}

/// What a bundle may come to cost: see [`exposure::exposure`].
#[wasm_bindgen(js_name = exposure)]
pub fn exposure_of(bundle: &JsValue) -> Thrown<JsValue> {
    let source = given(bundle)?;
    Ok(convert::write(&exposure::exposure(Bundle::read(&source).map_err(first)?).into()))
}

/// The JSON Schema of the bundle.
#[wasm_bindgen]
pub fn schema() -> JsValue {
    convert::write(&Bundle::json_schema())
}

/// Verdicts with their labels and texts; `now` in ms since 1970.
#[wasm_bindgen]
pub fn describe(bundle: &JsValue, verdicts: &JsValue, lang: &str, zones: &JsValue, now: f64) -> Thrown<JsValue> {
    let source = given(bundle)?;
    let bundle = Bundle::read(&source).map_err(first)?;
    let (zones, host) = (tables(zones)?, Browser::default());
    let world = World { bundle, plan: &Plan::new(bundle), zones: &zones, host: &host, assumed: Grant::Unknown };
    let speaker = Speaker { world, lang, now: Time(now as i64) };
    Ok(convert::write(&speaker.each(&given(verdicts)?)))
}

/// `proofs`: what was found of checkpoints, by `messageId`.
fn collect(bundle: &JsValue, events: &JsValue, proofs: &Value) -> Thrown<Replay> {
    let mut replay = Replay::new(given(bundle)?).map_err(first)?;
    for line in given(events)?.list() {
        let proof = line.field("messageId").text().map_or(&Value::Null, |id| proofs.field(id));
        // As on the command line, a bad line loses nothing but itself.
        replay.add_proven(line, proof.clone()).ok();
    }
    Ok(replay)
}

/// The lines of contract.md section 3, one per shopper.
#[wasm_bindgen]
pub fn replay(bundle: &JsValue, events: &JsValue, options: &JsValue, zones: &JsValue) -> Thrown<JsValue> {
    let options = given(options)?;
    let replay = collect(bundle, events, options.field("proofs"))?;
    let options = Options::read(&options).map_err(thrown)?;
    let lines = replay.finish(&tables(zones)?, &Browser::default(), &options, &mut |_, _| ());
    Ok(convert::write(&lines.into()))
}

/// A shopper's page at a moment, by the live engine: see [`preview::preview`].
#[wasm_bindgen(js_name = preview)]
pub fn preview_of(
    bundle: &JsValue,
    events: &JsValue,
    context: &JsValue,
    options: &JsValue,
    zones: &JsValue,
) -> Thrown<JsValue> {
    let zones = tables(zones)?;
    looked(bundle, events, context, options, &|bundle, look, _| {
        preview::preview(bundle, look, zones.clone(), browser()).map_err(first)
    })
}

/// `{zones, from, to}`: the zones that a bundle's suites need, and the range of time (ms since 1970) that their tables must span.
#[wasm_bindgen]
pub fn suites_need(bundle: &JsValue) -> Thrown<JsValue> {
    let (zones, from, to) = suites::needs(&given(bundle)?).map_err(first)?;
    let zones: Vec<Value> = zones.into_iter().map(Value::from).collect();
    Ok(convert::write(&Map::of([("zones", zones.into()), ("from", from.0.into()), ("to", to.0.into())]).into()))
}

/// How each expectation of a bundle's suites comes out: see [`suites::Outcome::line`].
#[wasm_bindgen]
pub fn suites(bundle: &JsValue, zones: &JsValue) -> Thrown<JsValue> {
    let outcomes = suites::run(&given(bundle)?, &tables(zones)?, &browser).map_err(first)?;
    Ok(convert::write(&outcomes.iter().map(|outcome| outcome.line().into()).collect::<Vec<Value>>().into()))
}

/// What the policy believes of a slot's offers, for a shopper at a moment: see [`beliefs::beliefs`].
#[wasm_bindgen(js_name = beliefs)]
pub fn beliefs_of(
    bundle: &JsValue,
    events: &JsValue,
    context: &JsValue,
    options: &JsValue,
    zones: &JsValue,
) -> Thrown<JsValue> {
    let zones = tables(zones)?;
    looked(bundle, events, context, options, &|bundle, look, options| {
        let asked = Asked::read(options).map_err(thrown)?;
        beliefs::beliefs(bundle, look, asked, zones.clone(), browser()).map_err(first)
    })
}

/// What is found where a shopper's page is looked at: under a bundle, as options say.
fn looked(
    bundle: &JsValue,
    events: &JsValue,
    context: &JsValue,
    options: &JsValue,
    find: &dyn Fn(&Value, &Look, &Value) -> Thrown<Value>,
) -> Thrown<JsValue> {
    let (bundle, events, context, options) = (given(bundle)?, given(events)?, given(context)?, given(options)?);
    let look = Look {
        lines: events.list(),
        context: &context,
        locale: options.field("locale").text(),
        proofs: options.field("proofs"),
        force: options.field("force"),
        terms: Options::read(&options).map_err(thrown)?,
    };
    Ok(convert::write(&find(&bundle, &look, &options)?))
}

fn browser() -> Box<dyn Host> {
    Box::new(Browser::default())
}

/// IANA zones that a bundle needs, and these events, if any.
#[wasm_bindgen]
pub fn zones_of(bundle: &JsValue, events: &JsValue) -> Thrown<Vec<String>> {
    Ok(collect(bundle, events, &Value::Null)?.needs(None).0)
}

/// GrowthBook's hash: a number in [0, 1), or undefined for an unknown version.
#[wasm_bindgen]
pub fn hash(seed: &str, value: &str, version: f64) -> Option<f64> {
    hash::bucket(seed, value, Value::Number(version).integer()?)
}

/// Most variations that there may be ranges for; of more there are none.
const MOST: f64 = 10_000.0;

fn count(number: f64) -> usize {
    if number <= MOST { number as usize } else { 0 }
}

fn numbers(numbers: &[f64]) -> Value {
    numbers.iter().copied().map(Value::from).collect::<Vec<_>>().into()
}

/// GrowthBook's `getBucketRanges`.
#[wasm_bindgen]
pub fn bucket_ranges(variations: f64, coverage: f64, weights: &JsValue) -> Thrown<JsValue> {
    let ranges = bucketing::bucket_ranges(count(variations), coverage, &feature::weights(&given(weights)?));
    Ok(convert::write(&ranges.iter().map(|range| numbers(range)).collect::<Vec<_>>().into()))
}

/// GrowthBook's `chooseVariation`: −1 where there is none.
#[wasm_bindgen]
pub fn choose_variation(bucket: f64, ranges: &JsValue) -> Thrown<f64> {
    let ranges: Vec<Range> = given(ranges)?.list().iter().map(feature::range_of).collect();
    Ok(bucketing::choose(bucket, &ranges).map_or(-1.0, |index| index as f64))
}

/// GrowthBook's `inNamespace`.
#[wasm_bindgen]
pub fn in_namespace(id: &str, namespace: &JsValue) -> Thrown<bool> {
    Ok(feature::in_named(id, &given(namespace)?, &Browser::default()))
}

/// GrowthBook's `getEqualWeights`.
#[wasm_bindgen]
pub fn equal_weights(variations: f64) -> JsValue {
    convert::write(&numbers(&bucketing::equal_weights(count(variations))))
}

/// GrowthBook's `getQueryStringOverride`: undefined where the address names no variation.
#[wasm_bindgen]
pub fn query_string_override(key: &str, url: &str, variations: f64) -> Option<f64> {
    feature::query_string_override(key, url, variations).map(|variation| variation as f64)
}

/// The result of a GrowthBook experiment.
#[wasm_bindgen]
pub fn run_experiment(context: &JsValue, experiment: &JsValue) -> Thrown<JsValue> {
    let context = given(context)?;
    Ok(convert::write(&Context::new(&context, &Browser::default()).run(&given(experiment)?).into()))
}

/// The result of a GrowthBook feature.
#[wasm_bindgen]
pub fn eval_feature(context: &JsValue, key: &str) -> Thrown<JsValue> {
    let context = given(context)?;
    Ok(convert::write(&Context::new(&context, &Browser::default()).feature(key).into()))
}

/// The result of a GrowthBook feature's experiment, and the sticky documents afterwards.
#[wasm_bindgen]
pub fn sticky_bucket(context: &JsValue, documents: &JsValue, key: &str) -> Thrown<JsValue> {
    let (context, documents) = (given(context)?, given(documents)?);
    Ok(convert::write(&feature::sticky_bucket(&context, documents.list(), key, &Browser::default()).into()))
}

/// GrowthBook's `evalCondition`; `now` in ms since 1970.
#[wasm_bindgen]
pub fn eval_condition(condition: &JsValue, attributes: &JsValue, groups: &JsValue, now: f64) -> Thrown<bool> {
    let (condition, attributes, groups) = (given(condition)?, given(attributes)?, given(groups)?);
    Ok(replay::eval_condition_at(Time(now as i64), &condition, &attributes, &groups, &Browser::default()))
}

/// Conditions over one document that changes.
#[wasm_bindgen]
pub struct Conditions {
    matcher: Matcher,
    host: Browser,
}

#[wasm_bindgen]
impl Conditions {
    /// Reads an array of conditions.
    #[wasm_bindgen(constructor)]
    pub fn new(conditions: &JsValue) -> Thrown<Conditions> {
        let conditions = given(conditions)?;
        let matcher = Matcher::new(conditions.list().iter().map(Condition));
        Ok(Conditions { matcher, host: Browser::default() })
    }

    /// The paths of what they read.
    pub fn paths(&self) -> Vec<String> {
        self.matcher.paths().map(str::to_string).collect()
    }

    /// The places of those that hold. `values`: JSON, for each path what it leads to; `now` in ms since 1970.
    pub fn eligible(&mut self, values: &str, now: f64) -> Thrown<Vec<u32>> {
        let Value::List(values) = self.read(values)? else { return Err(unread()) };
        self.with(now, |matcher, facts| matcher.take(values, facts));
        Ok(self.matcher.holding())
    }

    /// Likewise; none where they are the same as before. `place`: of the path that leads to this value now, in JSON.
    pub fn change(&mut self, place: usize, value: &str, now: f64) -> Thrown<Option<Vec<u32>>> {
        let value = self.read(value)?;
        let turned = self.with(now, |matcher, facts| matcher.change(place, value, facts));
        Ok(turned.then(|| self.matcher.holding()))
    }

    fn read(&self, value: &str) -> Thrown<Value> {
        json::read(value, &self.host).ok_or_else(unread)
    }

    fn with<T>(&mut self, now: f64, then: impl FnOnce(&mut Matcher, Facts) -> T) -> T {
        let clock = Clock { now: Time(now as i64), zones: &Zones::default(), zone: "UTC" };
        let facts = Facts { document: &Value::Null, groups: &Value::Null, host: &self.host, clock };
        then(&mut self.matcher, facts)
    }
}

fn unread() -> JsValue {
    thrown(convert::fault("not_json", "only plain data can be read, at most 64 levels deep"))
}

/// Prints a template over data; throws where it cannot be read.
#[wasm_bindgen]
pub fn render(source: &str, data: &JsValue, lang: &str) -> Thrown<String> {
    let document = given(data)?;
    let currency = document.field("currency").text().unwrap_or("KRW");
    let host: &dyn Host = &Browser::default();
    let (locales, texts) = (List::of(&Value::Null), Table::of(document.field("texts")));
    let scope = Scope { document: &document, currency, lang, locales, texts, host, moment: None };
    template::liquid(source, scope).map_err(|message| thrown(Error { code: "template", path: String::new(), message }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::web::script::tests::eval;
    use wasm_bindgen_test::*;

    wasm_bindgen_test_configure!(run_in_browser);

    const BUNDLE: &str =
        "{ bundle: 'test', version: 1, house: { zone: 'Asia/Seoul', currency: 'KRW', locales: ['ko', 'en'] },
        campaigns: [{ id: 'hello', label: { ko: '인사', en: 'Greeting' }, class: 'service', slot: 'side',
            message: { blocks: [{ title: { ko: '안녕', en: 'Hello' } }] } }] }";

    fn given(source: &str) -> JsValue {
        eval(&["return (", source, ")"].concat(), &[])
    }

    fn zones() -> JsValue {
        given("{ 'Asia/Seoul': [-1e15, 540] }")
    }

    #[wasm_bindgen_test]
    fn findings_have_a_place_and_words() {
        let findings = check(&given(&BUNDLE.replace("'side'", "7")), Vec::new()).unwrap();
        let shape = "return a.some(it => it.severity === 'error' && it.pointer === '/campaigns/0/slot' && it.code && it.ko && it.en)";
        assert_eq!(eval(shape, &[&findings]), JsValue::TRUE);
        let errors = eval(
            "return a.filter(it => it.severity === 'error').length",
            &[&check(&given(BUNDLE), Vec::new()).unwrap()],
        );
        assert_eq!(errors, 0.0);
    }

    #[wasm_bindgen_test]
    fn verdicts_in_words() {
        let events =
            "[{ type: 'page', anonymousId: 'a', messageId: 'm', timestamp: '2026-01-05T00:00:00Z', context: {} }]";
        let lines = replay(&given(BUNDLE), &given(events), &given("{ explain: true }"), &zones()).unwrap();
        assert_eq!(eval("return a.length", &[&lines]), 1.0);
        let verdicts = given("[{ campaign: 'hello', slot: 'side', stage: 'shown', code: 'targeting_match' }]");
        let spoken = describe(&given(BUNDLE), &verdicts, "en", &zones(), 1.7e12).unwrap();
        assert_eq!(eval("return a[0].label", &[&spoken]), "Greeting");
        assert_eq!(eval("return typeof a[0].text", &[&spoken]), "string");
        let error = describe(&given("{}"), &verdicts, "en", &zones(), 0.0).unwrap_err();
        assert_eq!(eval("return typeof a.code + typeof a.path", &[&error]), "stringstring");
    }

    #[wasm_bindgen_test]
    fn zones_and_schema() {
        assert_eq!(zones_of(&given(BUNDLE), &JsValue::NULL).unwrap(), ["Asia/Seoul"]);
        assert!(zones_of(&given("{}"), &JsValue::NULL).is_err());
        assert_eq!(eval("return a.$id", &[&schema()]), "https://danbi.dev/schema/bundle.json");
    }

    #[wasm_bindgen_test]
    fn hashes_and_conditions_as_growthbook() {
        assert_eq!(hash("", "a", 1.0), Some(0.22));
        assert_eq!(hash("seed", "a", 2.0), Some(0.0505));
        assert_eq!(hash("", "a", 99.0), None);
        let holds = |condition| eval_condition(&given(condition), &given("{ age: 30 }"), &given("{}"), 0.0);
        assert_eq!(holds("{ age: { $gt: 18 } }"), Ok(true));
        assert_eq!(holds("{ age: { $gt: 40 } }"), Ok(false));
        assert!(holds("1n").is_err());
    }

    #[wasm_bindgen_test]
    fn features_and_buckets_as_growthbook() {
        let same = |answer: JsValue, expected: &str| {
            assert_eq!(eval("return JSON.stringify(a)", &[&answer]), expected);
        };
        same(bucket_ranges(2.0, 0.5, &JsValue::NULL).unwrap(), "[[0,0.25],[0.5,0.75]]");
        same(bucket_ranges(f64::NAN, f64::NAN, &JsValue::UNDEFINED).unwrap(), "[]");
        same(equal_weights(4.0), "[0.25,0.25,0.25,0.25]");
        same(equal_weights(1e300), "[]");
        assert_eq!(choose_variation(0.6, &given("[[0, 0.25], [0.5, 0.75]]")), Ok(1.0));
        assert_eq!(choose_variation(0.6, &given("[null, 'x', {}]")), Ok(-1.0));
        assert_eq!(in_namespace("1", &given("['namespace1', 0.4, 1]")), Ok(true));
        assert_eq!(query_string_override("test", "https://a.example/?test=1", 2.0), Some(1.0));
        let context = given(
            "{ attributes: { id: '1' }, url: 'https://a.example/cart',
            features: { a: { defaultValue: 0, rules: [{ key: 'my-test', hashVersion: 2, variations: [1, 2] }] } } }",
        );
        let result = eval_feature(&context, "a").unwrap();
        assert_eq!(eval("return a.source + a.experimentResult.bucket", &[&result]), "experiment0.1871");
        let experiment = given("{ key: 'k', variations: [1, 2], urlPatterns: [{ type: 'simple', pattern: '/c*t' }] }");
        let result = run_experiment(&context, &experiment).unwrap();
        assert_eq!(eval("return a.inExperiment", &[&result]), JsValue::TRUE);
        let result = sticky_bucket(&context, &given("[]"), "a").unwrap();
        assert_eq!(eval("return Object.keys(a.docs)[0]", &[&result]), "id||1");
    }

    #[wasm_bindgen_test]
    fn templates() {
        let print = |source| render(source, &given("{ user: { name: 'Ann' } }"), "en");
        assert_eq!(print("Hi {{ user.name }}").as_deref(), Ok("Hi Ann"));
        assert_eq!(eval("return a.code", &[&print("{% if %}").unwrap_err()]), "template");
    }
}

/// The offers of a bundle and what a device has learnt about them: choices as a page makes them, for measuring and trying out.
#[wasm_bindgen]
pub struct Offers {
    source: Value,
    plan: Plan,
    learnt: Learnt,
    slot: String,
    document: Value,
}

#[wasm_bindgen]
impl Offers {
    /// `learnt`: weights by name as a snapshot has them, `{m, q, at}`; all offers are eligible.
    #[wasm_bindgen(constructor)]
    pub fn new(bundle: &JsValue, learnt: &JsValue, slot: String, document: &JsValue) -> Thrown<Offers> {
        let source = given(bundle)?;
        let plan = Plan::new(Bundle::read(&source).map_err(first)?);
        let learnt = record::read(&given(learnt)?).unwrap_or_default();
        Ok(Offers { source, plan, learnt, slot, document: given(document)? })
    }

    /// Chooses once a second from a moment on, under the decisions' numbers: the place of each choice among all ids, sorted, and its
    /// probability.
    pub fn choose(&self, now: f64, from: u32, count: u32) -> Vec<f64> {
        let bundle = Bundle::of(&self.source);
        let model = Model { policy: bundle.policy(), catalogue: &self.plan.offers };
        let shares = bundle.interests().get(model.policy.interest()).map(|dimension| dimension.shares());
        let now = Time(now as i64);
        let scene = Scene { slot: &self.slot, document: &self.document, shares, now };
        let mut moment = Moment::new(model, &self.learnt, scene);
        let terms = Terms { count: 1, chance: model.policy.chance(), diversity: None };
        let all: Vec<usize> = (0..self.plan.offers.len()).collect();
        let mut answers = Vec::new();
        for number in from..from + count {
            moment.pass(now.plus(1000 * i64::from(number)));
            let id = join(&["tab.", &decimal(i64::from(number), 1)]);
            for chosen in terms.choose(&moment, &all, &[], Draw { seed: model.policy.seed(), id: &id }) {
                answers.extend([chosen.entry as f64, chosen.propensity]);
            }
        }
        answers
    }
}
