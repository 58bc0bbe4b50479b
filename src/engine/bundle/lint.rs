//! What `danbi check` says: errors, and warnings about what is legal but rarely meant, with remedies in Korean and English.

use super::{Bundle, Dwell, Idle, Scroll, contact, is_later, messages, offers, program, suites};
use crate::engine::audience::{Condition, contrary, holds_for_missing, is_junction};
use crate::engine::base::document::{Check, List, Part};
use crate::engine::base::time::{Span, Zones};
use crate::engine::base::value::{Map, Value};
use crate::engine::campaign::{Campaign, Class, Edge, INTERRUPTIVE, Requirements, Trigger, matches_path};
use crate::engine::error::Error;
use crate::engine::message::josa;
use crate::engine::message::template::{Notes, Text};
use crate::engine::message::url::{Use, is_allowed};
use crate::engine::message::view::TEXTS;
use crate::engine::meter::Meter;
use crate::engine::profile::{Dimension, value};

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

/// Zones that a bundle speaks of and nobody knows: only the platform can tell.
pub fn zones(source: &Value, is_known: &dyn Fn(&str) -> bool) -> Vec<Finding> {
    let places = Bundle(source).zone_places().into_iter();
    let unknown = places.filter(|(_, zone)| !zone.is_empty() && !is_known(zone));
    let error =
        |(path, zone): (String, &str)| Error { code: "zone", path, message: format!("not an IANA zone: {zone}") };
    unknown.map(|place| Finding { fatal: true, error: error(place) }).collect()
}

fn doubts(bundle: Bundle, source: &Value) -> Vec<Error> {
    let mut doubts = Check::default();
    let check = &mut doubts;
    Bundle::check(source, check);
    check.errors.retain(|error| is_later(&error.path));
    for error in &mut check.errors {
        (error.code, error.message) = ("not_read", String::from("this version does not read it yet; it does nothing"));
    }
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
                contact::doubts(bundle, campaign, check);
                // What waits for something, or is for some, is a standing service; what is for all at once is a promotion.
                let standing = campaign.class() == Class::Service
                    || campaign.audience().iter().next().is_some()
                    || campaign.all_steps().any(|step| !matches!(step.trigger, Trigger::Always));
                let schedule = campaign.schedule();
                // Between whole days the zone does not matter.
                let zones = Zones::default();
                check.within("schedule", |check| match (schedule.from(), schedule.until()) {
                    (_, None) if !standing => {
                        check.fail("no_end", "has no end; add until if it is not meant to run for ever")
                    }
                    (Some(Edge::On(day)), Some(Edge::On(_)))
                        if schedule.opening(&zones, "UTC", zones.midnight("UTC", day)).is_none() =>
                    {
                        check.within("windows", |check| {
                            check.fail("never_open", "is never open between its dates; choose other hours or days")
                        })
                    }
                    _ => (),
                });
                check.within("trigger", |check| silence(bundle, campaign.trigger(), check));
                reach(bundle, campaign, check);
                check.within("steps", |check| {
                    for (index, step) in campaign.steps().iter().enumerate() {
                        let own = step.trigger();
                        check.within(&index.to_string(), |check| {
                            check.within("trigger", |check| own.into_iter().for_each(|own| silence(bundle, own, check)))
                        });
                    }
                });
            });
        }
    });
    for (pointer, notes) in std::mem::take(&mut check.templates) {
        let owner = pointer.split('/').skip(1).take(2).try_fold(source, |value, key| value.member(key));
        let mut asked = Vec::new();
        waited_for(bundle, owner.unwrap_or(&Value::Null), &mut asked);
        check.at(&pointer, |check| template(bundle, &pointer, &notes, &asked, check));
    }
    let locales: Vec<&str> = bundle.house().locales().iter().collect();
    // What shoppers did is no rule.
    let rules = &suites::bare(source);
    texts(rules, &locales, check);
    check.within("interests", |check| {
        for (name, dimension) in bundle.interests().iter() {
            check.within(name, |check| tastes(dimension, check));
        }
    });
    facts(bundle, rules, check);
    for key in ["campaigns", "offers", "surveys"] {
        check.within(key, |check| shown(bundle, source.field(key), check));
    }
    suites::doubts(bundle, check);
    messages::doubts(bundle, check);
    offers::doubts(bundle, check);
    check.within("programs", |check| {
        for index in 0..bundle.programs().iter().len() {
            check.within(&index.to_string(), |check| program::doubts(bundle, index, check));
        }
    });
    doubts.errors
}

/// A trigger that waits for what the page tells only if it is asked to.
fn silence(bundle: Bundle, trigger: Trigger, check: &mut Check) {
    let signals = bundle.signals();
    let enough = |told: Option<Span>, wanted: Span| told.is_some_and(|told| told.exact >= wanted.exact);
    let (key, told) = match trigger {
        Trigger::Dwell(dwell) => ("dwell", enough(signals.dwell().on().map(Dwell::after), dwell.after())),
        Trigger::Inactivity(one) => ("idle", enough(signals.idle().on().map(Idle::after), one.after())),
        Trigger::Scroll(scroll) => {
            let percents = signals.scroll().on().map(Scroll::percents);
            let deep = |percents: List<i64>| {
                percents.is_empty() && scroll.percent() <= 90 || percents.iter().any(|deep| deep >= scroll.percent())
            };
            ("scroll", percents.is_some_and(deep))
        }
        Trigger::Exit(_) => ("exit", signals.exit()),
        _ => return,
    };
    if !told {
        check.within(trigger.key(), |check| {
            check.fail("not_told", format!("the page does not tell it, or not that much; see signals.{key}"))
        });
    }
}

/// Whether anybody can be meant, by the campaign and by each of its steps.
fn reach(bundle: Bundle, campaign: Campaign, check: &mut Check) {
    let nobody = |own: Requirements, trigger: Trigger| {
        let fact = match trigger {
            Trigger::Since(since) => Some(since.fact()),
            Trigger::Date(date) => Some(date.fact()),
            _ => None,
        };
        let there = fact.map(|path| Map::new().with(path, Map::new().with("$exists", true)).into());
        let mut all: Vec<Condition> = there.iter().map(Condition).collect();
        for audience in [campaign.audience(), own] {
            audience.conditions("", bundle, &mut |condition, _| all.extend(condition));
        }
        contrary(&all, &|path| levels(bundle, path))
    };
    let tell = |path: String, check: &mut Check| {
        let remedy = ["nobody is so: what is asked of ", &path, " cannot hold together; change one of the conditions"];
        check.within("audience", |check| check.fail("unreachable", remedy.concat()));
    };
    let nothing = Requirements(&Value::Null);
    if let Some(path) = nobody(nothing, campaign.trigger()) {
        return tell(path, check);
    }
    check.within("steps", |check| {
        for (index, step) in campaign.steps().iter().enumerate() {
            if let Some(path) = nobody(step.audience(), step.trigger().unwrap_or(campaign.trigger())) {
                check.within(&index.to_string(), |check| tell(path, check));
            }
        }
    });
}

/// The levels that a fact may name, where it names one of a tier.
fn levels(bundle: Bundle, path: &str) -> Option<Vec<String>> {
    let (id, name) = path.strip_prefix("loyalty.tiers.")?.split_once('.')?;
    let tiers = bundle.programs().iter().filter_map(|program| program.tiers().get(id));
    let levels = tiers.flat_map(|tier| tier.levels().iter().map(|level| level.id().to_string())).collect();
    ["level", "next"].contains(&name).then_some(levels)
}

/// Links that lead nowhere, and pictures without words.
fn shown(bundle: Bundle, value: &Value, check: &mut Check) {
    each(value, check, &mut |key, member, check| match key {
        "url" | "map" => {
            if let Some(fault) = Text::of(member).templates().find_map(|url| dead(bundle, url)) {
                check.fail("dead_link", fault);
            }
        }
        "image" if member.field("alt").is_null() && !member.field("src").is_null() => {
            check.fail("no_alt", "has no words for those who cannot see it; add alt, \"\" where it is decoration")
        }
        _ => (),
    });
}

/// Why an address leads nowhere, as far as the bundle tells where its pages are; what is printed into it may be anything.
fn dead(bundle: Bundle, url: &str) -> Option<String> {
    let mut rest = url.trim();
    let mut read = String::new();
    while let Some((before, after)) = rest.split_once("{{") {
        read.push_str(before);
        // All of it comes from a fact.
        read.push(if read.is_empty() { return None } else { 'x' });
        rest = after.split_once("}}")?.1;
    }
    read.push_str(rest);
    if read.contains("{%") {
        return None;
    }
    if read.is_empty() || read == "#" {
        return Some(String::from("leads nowhere; name a page, or leave it out where the button only closes"));
    }
    let scheme = read.split(['/', '?', '#']).next().and_then(|start| start.split_once(':'));
    if let Some((scheme, _)) = scheme {
        let own: Vec<String> = bundle.house().schemes().iter().map(str::to_string).collect();
        return (!is_allowed(&read, Use::Link(&own))).then(|| {
            format!("the shop does not say that it opens {scheme}:; add it to house.schemes, and to createClient({{schemes}})")
        });
    }
    let pages = || bundle.house().pages().iter().flat_map(|(_, page)| page.0.field("url").several());
    let mut patterns = pages().filter_map(Value::text).peekable();
    patterns.peek()?;
    let bare = read.split('?').next().unwrap_or_default();
    (!patterns.any(|pattern| matches_path(pattern, &read) || matches_path(pattern, bare)))
        .then(|| format!("no page of the shop is at {read}; correct it, or say it in url of house.pages"))
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
        let localized = TEXTS.contains(&key) || ["sender", "unit", "why"].contains(&key);
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

/// What a template prints that may not be there, that never is, or that nobody knows how to read out.
fn template(bundle: Bundle, pointer: &str, notes: &Notes, asked: &[&str], check: &mut Check) {
    // What the words of a verdict know besides; where they lack something, danbi's own are said.
    const VERDICT: [&str; 6] = ["actual", "expected", "next", "end", "until", "left"];
    let is_why = pointer.split('/').rev().take(2).any(|key| key == "why");
    let mut told: Vec<&str> = Vec::new();
    for met in &notes.met {
        let root = met.path.split('.').next().unwrap_or_default();
        let of_message = ["offer", "held"].contains(&root) || is_why && VERDICT.contains(&root);
        let fault = unknown(bundle, &met.path).filter(|_| !of_message);
        let missing = || {
            let is_there = asked.iter().any(|asked| leads_to(asked, &met.path));
            (met.is_bare && !is_why && !is_there && may_be_missing(bundle, &met.path)).then(|| {
                [
                    &met.path,
                    " may be missing, and then this text is left out; add | default: \"...\", or put {% if ",
                    &met.path,
                    " %} around it",
                ]
                .concat()
            })
        };
        if let Some(fault) = fault.or_else(missing).filter(|_| !told.contains(&met.path.as_str())) {
            told.push(&met.path);
            check.fail("template_variable", fault);
        }
    }
    let with_particle = notes.met.iter().filter(|met| met.has_particle);
    let named = with_particle.flat_map(|met| labels(bundle, &met.path)).map(String::from);
    for word in notes.unreadable.iter().cloned().chain(named.filter(|word| !josa::is_readable(word))) {
        check.fail(
            "josa_reading",
            format!("nobody knows how {word} is read, so both forms are printed, as in 을(를); add its reading, e.g. {word}(씨)"),
        );
    }
}

/// Whether a path is another, or a part of what stands there.
fn leads_to(outer: &str, path: &str) -> bool {
    path.strip_prefix(outer).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
}

/// What must be there for a campaign or an offer to be shown, as far as its own conditions and triggers name it.
fn waited_for<'a>(bundle: Bundle<'a>, value: &'a Value, found: &mut Vec<&'a str>) {
    for (key, member) in value.members() {
        match key {
            "fact" => {
                let path = member.text().unwrap_or_default();
                found.push(path);
                // Of what has several members all are there together.
                found.extend(path.rsplit_once('.').map(|(outer, _)| outer).filter(|outer| outer.contains('.')));
            }
            "audience" | "when" => {
                for one in member.several() {
                    let named = one.text().and_then(|name| bundle.audiences().get(name));
                    waited_for(bundle, named.map_or(one, |named| named.0), found);
                }
            }
            key if key.contains('.') => found.push(key),
            // What a shopper reads is no condition.
            "message" | "variants" => (),
            _ => waited_for(bundle, member, found),
        }
    }
    for item in value.list() {
        waited_for(bundle, item, found);
    }
}

/// The Korean names that a path may lead to, where the bundle says them.
fn labels<'a>(bundle: Bundle<'a>, path: &str) -> Vec<&'a str> {
    let parts: Vec<&str> = path.split('.').collect();
    let names: Vec<Text> = match parts.as_slice() {
        ["offer", "label"] => bundle.offers().iter().map(|offer| offer.label()).collect(),
        ["loyalty", "tiers", id, "levelLabel" | "nextLabel" | "noticeLabel"] => {
            let tiers = bundle.programs().iter().filter_map(|program| program.tiers().get(id));
            tiers.flat_map(|tier| tier.levels().iter().filter_map(|level| level.label())).collect()
        }
        _ => Vec::new(),
    };
    names.into_iter().filter_map(|name| name.template("ko")).filter(|name| !name.contains('{')).collect()
}

/// What is read outside the one document, or what the bundle does not define; and conditions that hold where a fact is missing.
fn facts(bundle: Bundle, value: &Value, check: &mut Check) {
    each(value, check, &mut |key, member, check| match key {
        "fact" => {
            if let Some(fault) = member.text().and_then(|path| unknown(bundle, path)) {
                check.fail("unknown_fact", fault);
            }
        }
        "when" | "where" | "audience" => asked(bundle, member, check),
        _ => (),
    });
    check.within("audiences", |check| {
        for (name, audience) in bundle.audiences().iter() {
            check.within(name, |check| asked(bundle, audience.0, check));
        }
    });
}

/// A condition, or several; what stands under `when` is met by itself.
pub(super) fn asked(bundle: Bundle, value: &Value, check: &mut Check) {
    for (index, one) in value.list().iter().enumerate() {
        check.within(&index.to_string(), |check| asked(bundle, one, check));
    }
    if !value.field("when").is_null() {
        return;
    }
    for (path, operand) in value.members() {
        check.within(path, |check| {
            if is_junction(path) {
                return asked(bundle, operand, check);
            }
            if let Some(fault) = unknown(bundle, path) {
                check.fail("unknown_fact", fault);
            } else if may_be_missing(bundle, path) && holds_for_missing(operand) {
                check.fail(
                    "missing_fact",
                    "also holds where the fact is missing, which counts as 0; add \"$exists\": true beside it if it should not",
                );
            }
        });
    }
}

/// Whether a fact is not always there: counts and the visit's are.
fn may_be_missing(bundle: Bundle, path: &str) -> bool {
    let (root, rest) = path.split_once('.').unwrap_or((path, ""));
    match root {
        "user" | "event" | "derived" | "value" => true,
        "context" => !["cart", "visits"].contains(&rest.split('.').next().unwrap_or_default()),
        "meter" => rest.split('.').next().and_then(|name| bundle.meters().get(name)).is_some_and(Meter::is_instant),
        _ => false,
    }
}

/// Why no fact is at a path, if none ever is.
pub fn unknown(bundle: Bundle, path: &str) -> Option<String> {
    const ROOTS: [&str; 10] =
        ["user", "event", "context", "meter", "interest", "value", "loyalty", "consent", "profile", "derived"];
    let mut parts = path.split('.');
    let (root, name) = (parts.next().unwrap_or_default(), parts.next());
    let defined = |name: &str| match root {
        "interest" => bundle.interests().get(name).is_some(),
        "meter" => bundle.meters().get(name).is_some(),
        "derived" => bundle.derived().get(name).is_some(),
        "value" => value::FACTS.contains(&name),
        _ => true,
    };
    if !ROOTS.contains(&root) {
        return Some(["no such fact; facts begin with ", &ROOTS.join(" ")].concat());
    }
    if let Some(name) = name.filter(|name| !defined(name)) {
        return Some(format!("no {root} is called {name}; add it to the bundle, or choose another"));
    }
    let (part, id) = (name.filter(|_| root == "loyalty")?, parts.next()?);
    let mut programs = bundle.programs().iter();
    let known = programs.any(|program| match part {
        "currencies" => program.currencies().get(id).is_some(),
        "tiers" => program.tiers().get(id).is_some(),
        "badges" => program.badges().iter().any(|badge| badge.id() == id),
        "missions" => program.missions().iter().any(|mission| mission.id() == id),
        "streaks" => program.streaks().iter().any(|streak| streak.id() == id),
        "collections" => program.collections().iter().any(|collection| collection.id() == id),
        "rewards" => program.rewards().iter().any(|reward| reward.id() == id),
        "boards" => program.boards().iter().any(|board| board.id() == id),
        _ => true,
    });
    (!known).then(|| format!("no program has {part} called {id}"))
}

/// Calls back for every member of every object.
fn each(value: &Value, check: &mut Check, seen: &mut dyn FnMut(&str, &Value, &mut Check)) {
    for (key, member) in value.members() {
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
        "clock" => "시각이 아니에요. 11:00처럼 적어 주세요. 24:00까지예요.",
        "creates_points" => "바꾸고 되바꾸면 포인트가 늘어나요. 비율을 낮춰 주세요.",
        "currency" => "ISO 4217 통화 코드가 아니에요. KRW처럼 세 글자로 적어 주세요.",
        "cycle" => "돌고 돌아 자기에게 돌아와요. 다른 것을 적어 주세요.",
        "dead_link" => {
            "이 주소로 열리는 화면이 없어요. 주소를 고치거나, 화면 주소는 house.pages의 url에, 앱 주소는 house.schemes에 적어 주세요."
        }
        "date" => "없는 날짜예요. 12-31처럼 월-일로 적어 주세요.",
        "derived" => "difference와 ratio 가운데 하나만 적어 주세요.",
        "duplicate" => "같은 id가 이미 있어요. 다른 id를 적어 주세요.",
        "empty" => "비어 있어요. 하나 이상 적어 주세요.",
        "hidden_reward" => "미션이 주는 배지가 숨겨져 있어요. 무엇을 위한 미션인지 알 수 없으니 배지를 보여 주세요.",
        "josa_reading" => {
            "읽는 법을 알 수 없어 을(를)처럼 둘 다 적게 돼요. 끝에 (씨)처럼 읽는 법을 붙이거나 조사가 필요 없는 문장으로 바꿔 주세요."
        }
        "json" => "JSON으로 읽을 수 없어요.",
        "levels" => "단계가 맞지 않아요. 등급은 0부터, 다음 단계는 앞보다 높은 값으로 적어 주세요.",
        "meter" => "count sum distinct max last since 가운데 하나만 적어 주세요.",
        "meter_kind" => "시각을 보여 주는 미터예요. 세거나 더하는 미터를 적어 주세요.",
        "missing" => "꼭 필요한 항목이에요. 추가해 주세요.",
        "missing_fact" => {
            "값이 없는 고객에게도 맞는 조건이에요. 없는 값은 0으로 세요. 빼려면 \"$exists\": true를 같이 적어 주세요."
        }
        "missing_locale" => "빠진 언어가 있어요. 그 언어의 고객은 다른 언어로 보게 돼요.",
        "money" => "하우스의 통화와 맞지 않아요. 하우스의 통화와 소수 자릿수로 적어 주세요.",
        "moved" => "프로그램이 아니라 번들의 다른 곳에 적는 항목이에요. 옮겨 주세요.",
        "mutual" => "두 캠페인이 서로를 기다려요. 한쪽만 기다리게 해 주세요.",
        "namespace" => "[이름, 시작, 끝]으로, 0에서 1 사이에 적어 주세요.",
        "never_asked" => "어떤 답으로도 나오지 않는 질문이에요. 이 질문으로 가는 next를 추가하거나 지워 주세요.",
        "never_given" => "받을 방법이 없어요. cost나 meter를 추가하거나, 주는 곳에 이름을 적어 주세요.",
        "never_open" => "이 기간에는 열리는 시간이 없어요. 시간이나 요일을 바꿔 주세요.",
        "never_shown" => "아무에게도 보이지 않아요. 비율을 올리거나 보여 줄 변형을 추가해 주세요.",
        "never_told" => "알려 주는 캠페인이 없어 등급이 내려가지 않아요. 캠페인을 추가하거나 needs를 지워 주세요.",
        "no_alt" => "그림을 볼 수 없는 분께 들려줄 말이 없어요. alt에 무엇인지 적고, 장식이면 \"\"로 비워 두세요.",
        "no_chance" => {
            "우연에 맡기는 몫이 없어 기록으로 다른 정책을 평가할 수 없어요. eps를 0.05처럼 0보다 크게 적어 주세요."
        }
        "no_item" => "가격이 바뀐 것을 알 수 없어요. item을 추가해 주세요.",
        "no_taste" => {
            "정책의 interest에 없는 카테고리라 취향이 반영되지 않아요. 비율을 추가하거나 카테고리를 바꿔 주세요."
        }
        "no_cap" => "횟수 제한이 없는 팝업이에요. caps를 추가해 주세요.",
        "no_end" => "종료일이 없어요. 계속 띄울 것이 아니면 until을 추가해 주세요.",
        "no_expiry" => "유효기간이 없는 포인트예요. expiry를 추가해 주세요.",
        "no_meter" => "이 이름의 미터가 없어 0으로 세요. 미터를 추가하거나 다른 이름을 적어 주세요.",
        "no_seed" => "캠페인 id가 변형을 정하고 있어요. 이름을 바꿔도 되도록 seed를 적어 주세요.",
        "no_variants" => "나눌 변형이 없어요. variants를 추가하거나 이 항목을 지워 주세요.",
        "no_sender" => "누구의 광고인지 나와 있지 않아요. sender에 쇼핑몰 이름을 적어 주세요.",
        "no_until" => "keep을 언제 판단하는지 알 수 없어요. until을 추가하거나 미터에 달력 기간을 적어 주세요.",
        "not_told" => "화면이 알려 주지 않거나 그만큼은 알려 주지 않아요. signals를 확인해 주세요.",
        "not_read" => "이 버전에서는 아직 쓰지 않는 항목이에요.",
        "order" => "순서가 맞지 않아요. 낮은 값부터 적어 주세요.",
        "range" => "범위를 벗어났어요.",
        "regex" => "쓸 수 없는 정규식이에요. 괄호를 맞추고 반복을 겹치지 말아 주세요.",
        "reserved" => "다른 뜻으로 쓰는 이름이에요. 다른 이름을 적어 주세요.",
        "same_day" => "같은 날 시작하는 버전이 또 있어요. 시작일을 바꾸거나 하나를 지워 주세요.",
        "slack_cap" => "더 긴 기간의 한도가 같거나 낮아 쓰이지 않는 한도예요. 낮추거나 지워 주세요.",
        "template" => "템플릿을 읽을 수 없어요.",
        "template_variable" => {
            "없을 수 있는 값이에요. 값이 없으면 이 문장은 보이지 않아요. | default: \"고객\"처럼 대신할 말을 적거나 {% if %}로 감싸 주세요."
        }
        "too_deep" => "너무 깊어요. 32단계까지 읽어요.",
        "too_large" => "번들이 너무 커요. 4 MB까지 읽어요. 줄여 주세요.",
        "too_many" => "너무 많아요. 10,000개까지 읽어요. 줄여 주세요.",
        "too_early" => "끝이 시작보다 늦지 않아요. 더 늦은 때를 적어 주세요.",
        "type" => "값의 형식이 달라요.",
        "unknown_choice" => "고를 수 있는 값이 아니에요.",
        "unknown_fact" => {
            "없는 항목을 읽고 있어요. user event context meter 등으로 시작하고, 번들에 정의된 이름이어야 해요."
        }
        "unknown_hook" => "이 이름으로 알리는 것이 없어요. rank, summary, segment 가운데 고르거나 지워 주세요.",
        "unknown_key" => "모르는 항목이에요. 철자를 확인하거나 지워 주세요.",
        "unknown_operator" => "모르는 연산자예요. GrowthBook 조건 언어를 확인해 주세요.",
        "unknown_property" => "GA4에 없는 상품 속성이에요. 쇼핑몰이 직접 보내지 않으면 아무것도 쌓이지 않아요.",
        "unknown_reference" => "이 이름으로 정의된 것이 없어요.",
        "unmatched" => "무엇을 되돌리는지 알 수 없어요. once나 by를 추가해 주세요.",
        "unreachable" => "절대 이를 수 없는 값이에요. 서로 어긋나는 값이나 조건을 바꿔 주세요.",
        "unsupported" => "아직 지원하지 않는 조합이에요.",
        "url" => "허용되지 않는 주소예요. https, tel, mailto 또는 쇼핑몰 안의 주소만 쓸 수 있어요.",
        "version_order" => "나중에 시작하는데 버전이 더 높지 않아요. 시작일과 함께 버전을 올려 주세요.",
        "weekday" => "요일이 아니에요. MO TU WE TH FR SA SU 가운데 적어 주세요.",
        "window" => "기간이 맞지 않아요. 이른 쪽을 먼저, 생일 전은 -를 붙여 적어 주세요.",
        "zone" => "IANA 시간대 이름이 아니에요. Asia/Seoul처럼 적어 주세요.",
        _ => "확인이 필요해요.",
    }
}
