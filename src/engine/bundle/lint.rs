//! What `danbi check` says: errors, and warnings about what is legal but rarely meant, with remedies in Korean and English.

use super::Bundle;
use crate::engine::base::document::Check;
use crate::engine::base::value::{Map, Value};
use crate::engine::campaign::INTERRUPTIVE;
use crate::engine::error::Error;
use crate::engine::profile::Dimension;

/// A finding: an error, or a warning.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// Whether the bundle cannot be used.
    pub fatal: bool,
    /// What and where.
    pub error: Error,
}

impl Finding {
    /// `{severity, code, pointer, ko, en}`.
    pub fn line(&self) -> Map {
        Map::new()
            .with("severity", if self.fatal { "error" } else { "warning" })
            .with("code", self.error.code)
            .with("pointer", self.error.path.clone())
            .with("ko", korean(self.error.code))
            .with("en", self.error.message.clone())
    }
}

/// All that is wrong or doubtful in a bundle.
pub fn check(source: &Value) -> Vec<Finding> {
    match Bundle::read(source) {
        Err(errors) => errors.into_iter().map(|error| Finding { fatal: true, error }).collect(),
        Ok(bundle) => doubts(bundle, source).into_iter().map(|error| Finding { fatal: false, error }).collect(),
    }
}

fn doubts(bundle: Bundle, source: &Value) -> Vec<Error> {
    let mut doubts = Check::default();
    let check = &mut doubts;
    check.within("campaigns", |check| {
        for (index, campaign) in bundle.campaigns().iter().enumerate() {
            check.within(&index.to_string(), |check| {
                let interrupts = campaign.all_steps().any(|step| step.slot == INTERRUPTIVE);
                if interrupts && campaign.caps().is_empty() {
                    check.within("caps", |check| {
                        check.fail(
                            "no_cap",
                            "interrupts without a cap of its own; add one, e.g. {\"count\": 1, \"per\": \"P14D\"}",
                        )
                    });
                }
                if campaign.schedule().until().is_none() {
                    check.within("schedule", |check| {
                        check.fail("no_end", "has no end; add until if it is not meant to run for ever")
                    });
                }
            });
        }
    });
    let locales: Vec<&str> = bundle.house().locales().iter().collect();
    texts(source, &locales, check);
    check.within("interests", |check| {
        for (name, dimension) in bundle.interests().iter() {
            check.within(name, |check| tastes(dimension, check));
        }
    });
    facts(bundle, source, check);
    doubts.errors
}

/// GA4's names of what an item tells: another is the shop's own, or a slip of the pen.
const TOLD: [&str; 11] = [
    "item_id",
    "item_name",
    "item_brand",
    "item_category",
    "item_category2",
    "item_category3",
    "item_category4",
    "item_category5",
    "item_variant",
    "item_list_id",
    "item_list_name",
];

/// A property that is a slip of the pen, as far as one can tell.
fn tastes(dimension: Dimension, check: &mut Check) {
    let property = dimension.property();
    if property.starts_with("item_") && !TOLD.contains(&property) {
        check.within("property", |check| {
            check.fail(
                "unknown_property",
                "GA4 has no such item property; nothing will be observed unless the shop adds it",
            )
        });
    }
}

/// Localized texts that lack one of the house's languages.
fn texts(value: &Value, locales: &[&str], check: &mut Check) {
    each(value, check, &mut |key, member, check| {
        let localized = ["label", "title", "text", "why", "alt"].contains(&key);
        let Some(map) = member.map().filter(|map| localized && map.iter().all(|(_, text)| text.text().is_some()))
        else {
            return;
        };
        for locale in locales.iter().filter(|locale| map.get(locale).is_none()) {
            check.fail(
                "missing_locale",
                ["no text in ", locale, "; shoppers of that language read another one"].concat(),
            );
        }
    });
}

/// Conditions that read facts outside the one document, or of a dimension of taste that is none.
fn facts(bundle: Bundle, value: &Value, check: &mut Check) {
    const ROOTS: [&str; 10] =
        ["user", "event", "context", "meter", "interest", "value", "loyalty", "consent", "profile", "derived"];
    each(value, check, &mut |key, member, check| {
        if !["when", "where", "audience"].contains(&key) {
            return;
        }
        for (path, _) in member.map().into_iter().flat_map(Map::iter) {
            let mut parts = path.split('.');
            let root = parts.next().unwrap_or_default();
            if let Some(dimension) = parts.next().filter(|_| root == "interest")
                && bundle.interests().get(dimension).is_none()
            {
                check.within(path, |check| check.fail("unknown_fact", "interests has no dimension of this name"));
            }
            if let Some(name) = path.strip_prefix("derived.")
                && bundle.derived().get(name).is_none()
            {
                check.within(path, |check| check.fail("unknown_fact", "derived has no fact of this name"));
            }
            if !path.starts_with('$') && !["when", "why"].contains(&path) && !ROOTS.contains(&root) {
                check.within(path, |check| {
                    check.fail("unknown_fact", ["no such fact; facts begin with ", &ROOTS.join(" ")].concat())
                });
            }
        }
    });
}

/// Calls back for every member of every object.
fn each(value: &Value, check: &mut Check, seen: &mut dyn FnMut(&str, &Value, &mut Check)) {
    for (key, member) in value.map().into_iter().flat_map(Map::iter) {
        check.within(key, |check| {
            seen(key, member, check);
            each(member, check, seen);
        });
    }
    for (index, item) in value.list().iter().enumerate() {
        check.within(&index.to_string(), |check| each(item, check, seen));
    }
}

fn korean(code: &str) -> &'static str {
    match code {
        "ambiguous" => "뜻이 둘이에요. 하나만 남겨 주세요.",
        "derived" => "difference와 ratio 가운데 하나만 적어 주세요.",
        "currency" => "ISO 4217 통화 코드가 아니에요. KRW처럼 세 글자로 적어 주세요.",
        "duplicate" => "같은 id가 이미 있어요. 다른 id를 적어 주세요.",
        "empty" => "비어 있어요. 하나 이상 적어 주세요.",
        "json" => "JSON으로 읽을 수 없어요.",
        "levels" => "등급 구간이 맞지 않아요. 첫 등급은 0부터, 다음 등급은 더 높은 min으로 적어 주세요.",
        "meter" => "count sum distinct max last since 가운데 하나만 적어 주세요.",
        "missing" => "꼭 필요한 항목이에요. 추가해 주세요.",
        "missing_locale" => "빠진 언어가 있어요. 그 언어의 고객은 다른 언어로 보게 돼요.",
        "no_cap" => "횟수 제한이 없는 팝업이에요. caps를 추가해 주세요.",
        "no_end" => "종료일이 없어요. 계속 띄울 것이 아니면 until을 추가해 주세요.",
        "range" => "범위를 벗어났어요.",
        "reserved" => "다른 뜻으로 쓰는 이름이에요. 다른 이름을 적어 주세요.",
        "template" => "템플릿을 읽을 수 없어요.",
        "type" => "값의 형식이 달라요.",
        "unknown_choice" => "고를 수 있는 값이 아니에요.",
        "unknown_fact" => "없는 항목을 읽고 있어요. user event context meter 등으로 시작해야 해요.",
        "unknown_key" => "모르는 항목이에요. 철자를 확인하거나 지워 주세요.",
        "unknown_operator" => "모르는 연산자예요. GrowthBook 조건 언어를 확인해 주세요.",
        "unknown_property" => "GA4에 없는 상품 속성이에요. 쇼핑몰이 직접 보내지 않으면 아무것도 쌓이지 않아요.",
        "unknown_reference" => "이 이름으로 정의된 것이 없어요.",
        "unsupported" => "아직 지원하지 않는 조합이에요.",
        "url" => "허용되지 않는 주소예요. https, tel, mailto 또는 쇼핑몰 안의 주소만 쓸 수 있어요.",
        _ => "확인이 필요해요.",
    }
}
