//! GrowthBook's features and experiments: spec 0.8.0 with the readings of its SDK 1.8.0 (standards.md, semantics 10 to 14).
//!
//! For `danbi/testing` alone: campaigns have variants of their own, and no shop loads this. It holds what both are made of,
//! conditions and bucketing, against GrowthBook's own cases.

use super::audience::bucketing::{Range, bucket_ranges, choose, in_namespace, in_range};
use super::audience::{printed, truthy};
use super::base::hash;
use super::base::host::{Address, Host};
use super::base::json;
use super::base::text::{cut, digits, join};
use super::base::value::{MAX_DEPTH, Map, Value};
use super::replay::eval_condition;

/// Features that one evaluation looks at: where each asks for several others, the questions double with every step.
const FUEL: usize = 10_000;

/// Who is asked about, and what there is: GrowthBook's `Context`.
pub struct Context<'a> {
    given: &'a Value,
    attributes: Value,
    /// Sticky documents by `attribute||value`; none where assignments are not kept.
    documents: Option<Map>,
    host: &'a dyn Host,
    fuel: usize,
}

/// Where somebody was put.
#[derive(Default)]
struct Assigned {
    variation: Option<usize>,
    /// None where it was not the hash that decided.
    bucket: Option<f64>,
    sticky: bool,
}

/// What other features say about a rule.
enum Prerequisites {
    Met,
    Unmet { gate: bool },
    Cyclic,
}

/// What was kept of an experiment.
enum Kept {
    Nothing,
    Variation(usize),
    /// A version that may take part no more.
    Blocked,
}

impl<'a> Context<'a> {
    /// A context in which assignments are not kept.
    pub fn new(given: &'a Value, host: &'a dyn Host) -> Context<'a> {
        let mut attributes = Map::new();
        for name in ["user", "attributes", "attributeOverrides"] {
            given.field(name).members().for_each(|(key, value)| attributes.set(key, value.clone()));
        }
        Context { given, attributes: attributes.into(), documents: None, host, fuel: FUEL }
    }

    /// A context in which assignments are kept. Of the documents it loads those of what its rules hash.
    fn sticky(given: &'a Value, documents: &[Value], host: &'a dyn Host) -> Context<'a> {
        let mut context = Context::new(given, host);
        let mut known = given.field("stickyBucketAssignmentDocs").map().cloned().unwrap_or_default();
        for document in documents {
            let name = printed(document.field("attributeName"), host);
            known.set(&context.document_key(&name, document.field("attributeValue")), document.clone());
        }
        let rules = given.field("features").members().flat_map(|(_, feature)| feature.field("rules").list());
        let experiments =
            rules.filter(|rule| truthy(rule.field("variations"))).chain(given.field("experiments").list());
        let mut loaded = Map::new();
        for experiment in experiments {
            let fallback = Some(experiment.field("fallbackAttribute")).filter(|name| truthy(name));
            for name in [Some(experiment.field("hashAttribute")), fallback].into_iter().flatten() {
                let (name, value) = context.attribute(name, &Value::Null);
                let key = context.document_key(&name, &value);
                if let Some(document) = known.get(&key) {
                    loaded.set(&key, document.clone());
                }
            }
        }
        context.documents = Some(loaded);
        context
    }

    /// GrowthBook's `run`: the result of an experiment.
    pub fn run(&mut self, experiment: &Value) -> Map {
        self.experiment(experiment, Value::Null, &mut Vec::new())
    }

    /// GrowthBook's `evalFeature`: the result of a feature.
    pub fn feature(&mut self, key: &str) -> Map {
        self.evaluated(key, &mut Vec::new())
    }

    /// `asking` are the features that wait for this one. As many as a document nests deep are followed.
    fn evaluated(&mut self, key: &str, asking: &mut Vec<String>) -> Map {
        if self.fuel == 0 || asking.len() == MAX_DEPTH || asking.iter().any(|waiting| waiting == key) {
            return answer(Value::Null, "cyclicPrerequisite");
        }
        self.fuel -= 1;
        asking.push(key.to_string());
        let answer = self.ruled(key, asking);
        asking.pop();
        answer
    }

    fn ruled(&mut self, key: &str, asking: &mut Vec<String>) -> Map {
        let given = self.given;
        if let Some(forced) = member(given.field("forcedFeatureValues"), key) {
            return answer(forced.clone(), "override");
        }
        let feature = given.field("features").field(key);
        if !truthy(feature) {
            return answer(Value::Null, "unknownFeature");
        }
        for rule in feature.field("rules").list() {
            match self.prerequisites(rule.field("parentConditions"), asking) {
                Prerequisites::Met => (),
                Prerequisites::Unmet { gate: false } => continue,
                Prerequisites::Unmet { gate: true } => return answer(Value::Null, "prerequisite"),
                Prerequisites::Cyclic => return answer(Value::Null, "cyclicPrerequisite"),
            }
            if self.filtered_out(rule.field("filters")) {
                continue;
            }
            let named = |answer: Map| match rule.field("id") {
                id if truthy(id) => answer.with("ruleId", id.clone()),
                _ => answer,
            };
            if let Some(forced) = member(rule, "force") {
                if self.meets(rule.field("condition")) && self.rolled_out(rule, key) {
                    return named(answer(forced.clone(), "force"));
                }
            } else if truthy(rule.field("variations")) {
                let experiment = Value::from(experiment_of(rule, key));
                let result = self.experiment(&experiment, key.into(), asking);
                let of = |name| result.get(name).is_some_and(truthy);
                if of("inExperiment") && !of("passthrough") {
                    let value = result.get("value").cloned().unwrap_or_default();
                    let answer = answer(value, "experiment").with("experiment", experiment);
                    return named(answer.with("experimentResult", result));
                }
            }
        }
        answer(feature.field("defaultValue").clone(), "defaultValue")
    }

    fn prerequisites(&mut self, conditions: &Value, asking: &mut Vec<String>) -> Prerequisites {
        for parent in conditions.list() {
            let result = self.evaluated(&name(member(parent, "id"), self.host), asking);
            if result.get("source").and_then(Value::text) == Some("cyclicPrerequisite") {
                return Prerequisites::Cyclic;
            }
            let value = result.get("value").cloned().unwrap_or_default();
            if !self.passes(parent.field("condition"), &Map::new().with("value", value).into()) {
                return Prerequisites::Unmet { gate: truthy(parent.field("gate")) };
            }
        }
        Prerequisites::Met
    }

    fn experiment(&mut self, given: &Value, feature: Value, asking: &mut Vec<String>) -> Map {
        let key = name(member(given, "key"), self.host);
        let mut experiment = given.clone();
        if let Value::Map(map) = &mut experiment {
            self.given.field("overrides").field(&key).members().for_each(|(name, value)| map.set(name, value.clone()));
        }
        let assigned = self.assigned(&experiment, &key, asking).unwrap_or_default();
        let result = self.result(&experiment, feature, &assigned);
        if assigned.bucket.is_some() {
            self.keep(&experiment, &key, &result);
        }
        result
    }

    /// None where somebody takes no part.
    fn assigned(&mut self, experiment: &Value, key: &str, asking: &mut Vec<String>) -> Option<Assigned> {
        let (given, host) = (self.given, self.host);
        let url = given.field("url").text().unwrap_or_default();
        let is = |condition: bool| condition.then_some(());
        let forced = |variation| Some(Assigned { variation, ..Assigned::default() });

        let count = experiment.field("variations").list().len();
        is(count >= 2)?;
        is(given.field("enabled").bool() != Some(false))?;
        let targets = experiment.field("urlPatterns");
        is(!truthy(targets) || targeted(url, targets.list(), host))?;
        if let Some(variation) = query_string_override(key, url, count as f64) {
            return forced(Some(variation));
        }
        if let Some(variation) = member(given.field("forcedVariations"), key) {
            return forced(index(variation));
        }
        let status = experiment.field("status").text();
        is(status != Some("draft") && experiment.field("active").bool() != Some(false))?;
        let (_, value) = self.hashed(experiment);
        is(truthy(&value))?;

        let kept = self.kept(experiment, key);
        if !matches!(kept, Kept::Variation(_)) {
            let (filters, namespace) = (experiment.field("filters"), experiment.field("namespace"));
            if truthy(filters) {
                is(!self.filtered_out(filters))?;
            } else if truthy(namespace) {
                is(in_named(&printed(&value, host), namespace, host))?;
            }
            is(self.meets(experiment.field("condition")))?;
            is(matches!(self.prerequisites(experiment.field("parentConditions"), asking), Prerequisites::Met))?;
            let (groups, wanted) = (given.field("groups"), experiment.field("groups"));
            is(!truthy(wanted) || wanted.list().iter().any(|group| truthy(groups.field(&printed(group, host)))))?;
        }
        let pattern = experiment.field("url");
        is(!truthy(pattern) || at_url(url, pattern, host))?;

        let bucket = self.bucket(self.seed(experiment, key), &value, experiment.field("hashVersion"), 1)?;
        let variation = match kept {
            Kept::Blocked => return Some(Assigned { sticky: true, ..Assigned::default() }),
            Kept::Variation(variation) => variation,
            Kept::Nothing => choose(bucket, &ranges(experiment, count))?,
        };
        if let Some(variation) = member(experiment, "force") {
            return forced(index(variation));
        }
        is(!truthy(given.field("qaMode")) && status != Some("stopped"))?;
        let sticky = matches!(kept, Kept::Variation(_));
        Some(Assigned { variation: Some(variation), bucket: Some(bucket), sticky })
    }

    fn result(&self, experiment: &Value, feature: Value, assigned: &Assigned) -> Map {
        let variations = experiment.field("variations").list();
        let variation = assigned.variation.filter(|variation| *variation < variations.len());
        let index = variation.unwrap_or(0);
        let meta = experiment.field("meta").list().get(index).unwrap_or(&Value::Null);
        let (attribute, value) = self.hashed(experiment);
        let said = |name| Some(meta.field(name)).filter(|value| truthy(value)).cloned();

        let mut result = Map::of([
            ("key", said("key").unwrap_or_else(|| printed(&(index as f64).into(), self.host).into())),
            ("featureId", feature),
            ("inExperiment", variation.is_some().into()),
            ("hashUsed", assigned.bucket.is_some().into()),
            ("variationId", (index as f64).into()),
            ("value", variations.get(index).cloned().unwrap_or_default()),
            ("hashAttribute", attribute.into()),
            ("hashValue", value),
            ("stickyBucketUsed", assigned.sticky.into()),
        ]);
        let bucket = assigned.bucket.map(Value::from);
        for (name, value) in [("name", said("name")), ("bucket", bucket), ("passthrough", said("passthrough"))] {
            if let Some(value) = value {
                result.append(name, value);
            }
        }
        result
    }

    /// Whether a rule that forces a value is for this share of the users.
    fn rolled_out(&self, rule: &Value, key: &str) -> bool {
        let (range, coverage) = (rule.field("range"), member(rule, "coverage"));
        if !truthy(range) && coverage.is_none() {
            return true;
        }
        let (_, value) = self.hashed(rule);
        let bucket = self.bucket(self.seed(rule, key), &value, rule.field("hashVersion"), 1);
        bucket.filter(|_| truthy(&value)).is_some_and(|bucket| match truthy(range) {
            true => in_range(bucket, range_of(range)),
            false => number(coverage) > 0.0 && bucket <= number(coverage),
        })
    }

    fn filtered_out(&self, filters: &Value) -> bool {
        filters.list().iter().any(|filter| {
            let (_, value) = self.attribute(filter.field("attribute"), &Value::Null);
            let seed = name(member(filter, "seed"), self.host);
            let bucket = self.bucket(seed, &value, filter.field("hashVersion"), 2).filter(|_| truthy(&value));
            let ranges = filter.field("ranges").list();
            !bucket.is_some_and(|bucket| ranges.iter().any(|range| in_range(bucket, range_of(range))))
        })
    }

    fn meets(&self, condition: &Value) -> bool {
        self.passes(condition, &self.attributes)
    }

    /// No condition is met.
    fn passes(&self, condition: &Value, document: &Value) -> bool {
        !truthy(condition) || eval_condition(condition, document, self.given.field("savedGroups"), self.host)
    }

    /// What is hashed for an experiment or a rule, with the name of the attribute.
    fn hashed(&self, rule: &Value) -> (String, Value) {
        let fallback = if self.keeps(rule) { rule.field("fallbackAttribute") } else { &Value::Null };
        self.attribute(rule.field("hashAttribute"), fallback)
    }

    /// An attribute, else the one in its place; without a name it is `id`.
    fn attribute(&self, name: &Value, fallback: &Value) -> (String, Value) {
        let name = if truthy(name) { printed(name, self.host) } else { String::from("id") };
        let of = |name: &str| Some(self.attributes.field(name)).filter(|value| truthy(value)).cloned();
        if let Some(value) = of(&name) {
            return (name, value);
        }
        let instead = printed(fallback, self.host);
        match of(&instead).filter(|_| truthy(fallback)) {
            Some(value) => (instead, value),
            None => (name, "".into()),
        }
    }

    fn bucket(&self, seed: String, value: &Value, version: &Value, default: i64) -> Option<f64> {
        let version = if truthy(version) { version.integer()? } else { default };
        hash::bucket(&seed, &printed(value, self.host), version)
    }

    fn seed(&self, rule: &Value, key: &str) -> String {
        let seed = rule.field("seed");
        if truthy(seed) { printed(seed, self.host) } else { key.to_string() }
    }

    fn keeps(&self, experiment: &Value) -> bool {
        self.documents.is_some() && !truthy(experiment.field("disableStickyBucketing"))
    }

    fn document_key(&self, attribute: &str, value: &Value) -> String {
        join(&[attribute, "||", &self.text(value)])
    }

    fn text(&self, value: &Value) -> String {
        value.text().map_or_else(|| json::write(value, self.host), String::from)
    }

    fn version_key(&self, experiment: &Value, key: &str) -> String {
        let version = experiment.field("bucketVersion");
        join(&[key, "__", &if truthy(version) { printed(version, self.host) } else { String::from("0") }])
    }

    fn kept(&self, experiment: &Value, key: &str) -> Kept {
        let Some(documents) = self.documents.as_ref().filter(|_| self.keeps(experiment)) else { return Kept::Nothing };
        // Of the same version, what was kept for the attribute itself counts. Without a name the fallback, too, is `id`.
        let assignments = ["hashAttribute", "fallbackAttribute"].map(|place| {
            let (name, value) = self.attribute(experiment.field(place), &Value::Null);
            if place == "fallbackAttribute" && !truthy(&value) {
                return &Value::Null;
            }
            documents
                .get(&self.document_key(&name, &value))
                .map_or(&Value::Null, |document| document.field("assignments"))
        });
        let blocked = |entry: &str| {
            let version = entry.strip_prefix(key).and_then(|rest| rest.strip_prefix("__"));
            let version = version.filter(|version| *version == "0" || !version.starts_with('0')).and_then(digits);
            version
                .is_some_and(|version| (version as f64) < experiment.field("minBucketVersion").number().unwrap_or(0.0))
        };
        if assignments.iter().any(|kept| kept.members().any(|(entry, _)| blocked(entry))) {
            return Kept::Blocked;
        }
        let entry = self.version_key(experiment, key);
        let Some(variation) = assignments.iter().find_map(|kept| member(kept, &entry)) else { return Kept::Nothing };
        let meta = experiment.field("meta").list();
        let found = meta.iter().position(|meta| member(meta, "key") == Some(variation));
        found.map_or(Kept::Nothing, Kept::Variation)
    }

    /// Keeps the variation for whom it was given to.
    fn keep(&mut self, experiment: &Value, key: &str, result: &Map) {
        if !self.keeps(experiment) {
            return;
        }
        let (attribute, value) = self.hashed(experiment);
        let (place, entry, value) =
            (self.document_key(&attribute, &value), self.version_key(experiment, key), self.text(&value));
        let Some(documents) = &mut self.documents else { return };
        let kept = documents.get(&place).map_or(&Value::Null, |document| document.field("assignments"));
        let variation = result.get("key").cloned().unwrap_or_default();
        if member(kept, &entry) == Some(&variation) {
            return;
        }
        let assignments = kept.map().cloned().unwrap_or_default().with(&entry, variation);
        let document = [
            ("attributeName", attribute.into()),
            ("attributeValue", value.into()),
            ("assignments", assignments.into()),
        ];
        documents.set(&place, Map::of(document));
    }
}

/// GrowthBook's `getQueryStringOverride`: the variation that an address names, if there is one of that number.
pub fn query_string_override(key: &str, url: &str, count: f64) -> Option<usize> {
    let (_, search) = cut(url, b'?')?;
    let search = search.split(['?', '#']).next()?;
    let (_, value) =
        search.split('&').filter_map(|pair| cut(pair, b'=').or(Some((pair, "")))).find(|(name, _)| *name == key)?;
    leading_integer(value)
        .filter(|variation| *variation >= 0.0 && *variation < count)
        .map(|variation| variation as usize)
}

/// JavaScript's `parseInt`; none for NaN.
fn leading_integer(text: &str) -> Option<f64> {
    let text = text.trim_start_matches(|letter: char| letter.is_whitespace() || letter == '\u{feff}');
    let (sign, text) = match text.strip_prefix('-') {
        Some(rest) => (-1.0, rest),
        None => (1.0, text.strip_prefix('+').unwrap_or(text)),
    };
    let hex = text.strip_prefix("0x").or_else(|| text.strip_prefix("0X"));
    let radix = if hex.is_some() { 16 } else { 10 };
    let read = |number: Option<f64>, digit: u32| Some(number.unwrap_or(0.0) * f64::from(radix) + f64::from(digit));
    let number = hex.unwrap_or(text).chars().map_while(|letter| letter.to_digit(radix)).fold(None, read)?;
    Some(sign * number)
}

/// The result of a feature.
fn answer(value: Value, source: &str) -> Map {
    let on = truthy(&value);
    Map::of([
        ("value", value),
        ("on", on.into()),
        ("off", (!on).into()),
        ("source", source.into()),
        ("ruleId", "".into()),
    ])
}

/// The experiment that a rule describes.
fn experiment_of(rule: &Value, key: &str) -> Map {
    const COPIED: [&str; 16] = [
        "coverage",
        "weights",
        "hashAttribute",
        "fallbackAttribute",
        "disableStickyBucketing",
        "bucketVersion",
        "minBucketVersion",
        "namespace",
        "meta",
        "ranges",
        "name",
        "phase",
        "seed",
        "hashVersion",
        "filters",
        "condition",
    ];
    let named = Some(rule.field("key")).filter(|key| truthy(key)).cloned();
    let key = named.unwrap_or_else(|| key.into());
    let mut experiment = Map::of([("variations", rule.field("variations").clone()), ("key", key)]);
    for name in COPIED {
        let zero_counts = matches!(name, "coverage" | "bucketVersion" | "minBucketVersion");
        if let Some(value) = member(rule, name).filter(|value| zero_counts || truthy(value)) {
            experiment.append(name, value.clone());
        }
    }
    experiment
}

fn member<'a>(object: &'a Value, name: &str) -> Option<&'a Value> {
    object.map()?.get(name)
}

/// As JavaScript makes a text of it.
fn name(value: Option<&Value>, host: &dyn Host) -> String {
    value.map_or_else(|| String::from("undefined"), |value| printed(value, host))
}

/// Whether a value is in the share that `[name, start, end]` gives.
pub fn in_named(value: &str, namespace: &Value, host: &dyn Host) -> bool {
    let part = |index: &str| namespace.member(index);
    in_namespace(value, &name(part("0"), host), [number(part("1")), number(part("2"))])
}

/// A number; anything else is 0.
fn number(value: Option<&Value>) -> f64 {
    value.and_then(Value::number).unwrap_or(0.0)
}

fn index(value: &Value) -> Option<usize> {
    usize::try_from(value.integer()?).ok()
}

/// A range; an end that is missing is 0.
pub fn range_of(value: &Value) -> Range {
    [number(value.member("0")), number(value.member("1"))]
}

/// The weights in a list; what is no number weighs nothing.
pub fn weights(list: &Value) -> Vec<f64> {
    list.list().iter().map(|weight| number(Some(weight))).collect()
}

fn ranges(experiment: &Value, count: usize) -> Vec<Range> {
    let given = experiment.field("ranges");
    if truthy(given) {
        return given.list().iter().map(range_of).collect();
    }
    let coverage = member(experiment, "coverage").map_or(1.0, |coverage| number(Some(coverage)));
    bucket_ranges(count, coverage, &weights(experiment.field("weights")))
}

/// Whether an address is among the targets: in one that includes, if any does, and in none that excludes.
fn targeted(url: &str, targets: &[Value], host: &dyn Host) -> bool {
    let address = host.address(url, "https://_");
    let at = |target: &&Value| {
        let there = address.as_ref().zip(target.field("pattern").text());
        there.is_some_and(|(address, pattern)| match target.field("type").text() {
            Some("simple") => at_simple(address, pattern, host),
            Some("regex") => {
                let behind = address.href.get(address.origin.len()..).unwrap_or_default();
                [&address.href, behind].into_iter().any(|text| found(pattern, text, host))
            }
            _ => false,
        })
    };
    let (excluding, including): (Vec<&Value>, Vec<&Value>) =
        targets.iter().partition(|target| target.field("include").bool() == Some(false));
    !targets.is_empty() && !excluding.iter().any(at) && (including.is_empty() || including.iter().any(at))
}

/// Whether an address is one that a pattern with `*` describes, part by part; what the pattern does not speak of may be anything.
fn at_simple(actual: &Address, pattern: &str, host: &dyn Host) -> bool {
    let begin = pattern.split([':', '/', '?']).next().unwrap_or_default();
    let scheme = if begin.contains('.') { "https://" } else { "" };
    // A `*` is no letter of a host everywhere.
    let expected = host.address(&join(&[scheme, pattern]).replace('*', ANYTHING), &join(&["https://", ANYTHING]));
    let Some(expected) = expected else { return false };
    let like = |actual: &str, pattern: &str| wildcard(&host.lowercase(actual), &host.lowercase(pattern));
    let path = expected.pathname.strip_prefix('/').unwrap_or(&expected.pathname);
    let path = path.strip_suffix('/').unwrap_or(path);
    let there = [Some(&*actual.pathname), actual.pathname.strip_prefix('/')].into_iter().flatten();
    let mut there = there.flat_map(|path| [Some(path), path.strip_suffix('/')]).flatten();
    let queried = parameters(&actual.search);
    like(&actual.host, &expected.host)
        && there.any(|actual| like(actual, path))
        && (expected.hash.is_empty() || like(&actual.hash, &expected.hash))
        && parameters(&expected.search).into_iter().all(|(name, value)| {
            let actual = queried.iter().find(|(given, _)| *given == name);
            like(actual.map_or("", |(_, value)| value), &value)
        })
}

/// What a `*` is written as in an address.
const ANYTHING: &str = "_____";

/// Whether a text is a pattern's, in which anything may stand for [`ANYTHING`].
fn wildcard(text: &str, pattern: &str) -> bool {
    let parts: Vec<&str> = pattern.split(ANYTHING).collect();
    let [first, middle @ .., last] = parts.as_slice() else { return text == pattern };
    let inner = text.strip_prefix(first).and_then(|text| text.strip_suffix(last));
    let rest =
        inner.and_then(|text| middle.iter().try_fold(text, |text, part| text.get(text.find(part)? + part.len()..)));
    rest.is_some()
}

/// The names and values of a query, decoded.
fn parameters(search: &str) -> Vec<(String, String)> {
    let pairs = search.strip_prefix('?').unwrap_or(search).split('&').filter(|pair| !pair.is_empty());
    pairs
        .map(|pair| cut(pair, b'=').unwrap_or((pair, "")))
        .map(|(name, value)| (decoded(name), decoded(value)))
        .collect()
}

fn decoded(text: &str) -> String {
    let (mut bytes, mut rest) = (Vec::new(), text.as_bytes());
    while let Some((byte, after)) = rest.split_first() {
        let digit = |at: usize| after.get(at).and_then(|digit| char::from(*digit).to_digit(16));
        let code =
            digit(0).zip(digit(1)).filter(|_| *byte == b'%').and_then(|(high, low)| u8::try_from(high * 16 + low).ok());
        bytes.push(code.unwrap_or(if *byte == b'+' { b' ' } else { *byte }));
        rest = after.get(if code.is_some() { 2 } else { 0 }..).unwrap_or_default();
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

/// Whether an address matches a regular expression, as a whole or from its path on.
fn at_url(url: &str, pattern: &Value, host: &dyn Host) -> bool {
    let bare = url.strip_prefix("https://").or_else(|| url.strip_prefix("http://")).unwrap_or(url);
    let path = cut(bare, b'/').map_or_else(|| bare.to_string(), |(_, path)| join(&["/", path]));
    let pattern = pattern.text().filter(|_| !url.is_empty());
    pattern.is_some_and(|pattern| found(pattern, url, host) || found(pattern, &path, host))
}

/// With the bounds that patterns have in conditions.
fn found(pattern: &str, subject: &str, host: &dyn Host) -> bool {
    let condition = Map::new().with("url", Map::new().with("$regex", pattern)).into();
    eval_condition(&condition, &Map::new().with("url", subject).into(), &Value::Null, host)
}

/// GrowthBook's sticky buckets: the result of a feature's experiment, if it was in one, and the loaded documents afterwards.
pub fn sticky_bucket(given: &Value, documents: &[Value], key: &str, host: &dyn Host) -> Map {
    let mut context = Context::sticky(given, documents, host);
    let result = context.feature(key).get("experimentResult").cloned().unwrap_or_default();
    Map::of([("result", result), ("docs", context.documents.unwrap_or_default().into())])
}
