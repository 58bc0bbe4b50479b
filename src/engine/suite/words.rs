//! What is expected and what there is instead, in Korean and English.

use super::Expectation;
use crate::engine::Decision;
use crate::engine::audience::printed;
use crate::engine::base::json;
use crate::engine::base::time::Time;
use crate::engine::base::value::Value;
use crate::engine::campaign::{Class, INTERRUPTIVE};
use crate::engine::message::josa;
use crate::engine::message::template::Text;
use crate::engine::words::Speaker;

/// Korean and English.
pub type Both = [String; 2];

/// The names of a suite and of an expectation, as far as there are any.
pub fn name<'a>(names: impl IntoIterator<Item = Text<'a>>, speaker: Speaker<'a>) -> String {
    let names: Vec<String> = names.into_iter().map(|name| speaker.print(name, &Value::Null)).collect();
    names.join(": ")
}

/// What is expected, as a sentence without its end.
pub fn wanted(want: Expectation, speaker: Speaker) -> String {
    let mut parts = Vec::new();
    let quoted = |text: Text| {
        let all = text.languages(speaker.lang);
        let own = all.iter().find(|(lang, _)| *lang == speaker.lang).or(all.first());
        format!("“{}”", own.map_or("", |(_, words)| *words))
    };
    let says = want.says().map(quoted);
    // A campaign has a name; messages of a kind are any of them.
    let (subject, noun) = (subject(want, speaker), want.campaign().is_none());
    let particle = josa::particle(&subject, "이/가");
    let shows = want.shows().or(says.as_ref().map(|_| true));
    parts.extend(shows.map(|shows| match (speaker.korean(), shows, says, noun) {
        (true, true, Some(says), _) => format!("{subject}에 {says} 문구가 있어야 해요"),
        (true, false, Some(says), _) => format!("{subject}에 {says} 문구가 없어야 해요"),
        (true, true, None, _) => format!("{subject}{particle} 보여야 해요"),
        (true, false, None, _) => format!("{subject}{particle} 보이지 않아야 해요"),
        (false, shows, says, noun) => {
            let whose = match (shows, noun) {
                (true, true) => format!("a {subject}"),
                (false, true) => format!("no {subject}"),
                _ => subject.clone(),
            };
            let should = if shows || noun { "should" } else { "should not" };
            format!("{whose} {should} {}", says.map_or(String::from("show"), |says| format!("say {says}")))
        }
    }));
    let codes = [want.stage().map(|word| stage(word, speaker)), want.code().map(String::from)];
    let reason: Vec<String> = codes.into_iter().flatten().chain(want.reason().map(quoted)).collect();
    if !reason.is_empty() {
        let reason = reason.join(", ");
        parts.push(match (speaker.korean(), noun) {
            (true, true) => format!("모든 {subject}의 까닭이 이래야 해요: {reason}"),
            (true, false) => format!("{subject}의 까닭이 이래야 해요: {reason}"),
            (false, true) => format!("the reason for every {subject} should be {reason}"),
            (false, false) => format!("the reason for {subject} should be {reason}"),
        });
    }
    if want.when().iter().next().is_some() {
        let when = want.when().0;
        let when = when.text().map_or_else(|| json::write(when, speaker.world.host), String::from);
        parts.push(speaker.either("쇼퍼는 이래야 해요: ", "the shopper should be so: ") + &when);
    }
    parts.join(", ")
}

/// Which messages it is about.
fn subject(want: Expectation, speaker: Speaker) -> String {
    let kind = match want.class() {
        Some(Class::Marketing) => speaker.either("프로모션", "promotion"),
        Some(Class::Service) => speaker.either("서비스 안내", "service message"),
        None => speaker.either("메시지", "message"),
    };
    let whose = want.campaign().map_or(kind, |id| speaker.label(&id.into()));
    let parts: Vec<&str> = [Some(whose.as_str()), want.step(), want.variant()].into_iter().flatten().collect();
    let whose = parts.join(" ");
    match (want.slot(), speaker.korean()) {
        (None, _) => whose,
        (Some(INTERRUPTIVE), true) => format!("화면 위로 뜨는 {whose}"),
        (Some(INTERRUPTIVE), false) => format!("{whose} over the page"),
        (Some(slot), true) => format!("{slot} 자리의 {whose}"),
        (Some(slot), false) => format!("{whose} in {slot}"),
    }
}

/// What shows.
pub fn shows(decisions: &[&Decision], speaker: Speaker) -> String {
    let label = |one: &&Decision| {
        let whose = one.campaign.as_deref().map(|id| speaker.label(&id.into()));
        let whose = whose.or_else(|| one.offer.clone()).unwrap_or_default();
        [Some(whose), one.step.clone()].into_iter().flatten().collect::<Vec<_>>().join(" ")
    };
    let labels = decisions.iter().map(label).collect::<Vec<_>>().join(", ");
    if labels.is_empty() {
        return speaker.either("아무것도 보이지 않아요", "nothing shows");
    }
    speaker.either(&format!("{labels}{} 보여요", josa::particle(&labels, "이/가")), &format!("{labels} shows"))
}

/// What a message says.
pub fn says(text: &str, speaker: Speaker) -> String {
    const LONGEST: usize = 200;
    let cut: String = text.chars().take(LONGEST).collect();
    let text = if cut.len() < text.len() { cut + "…" } else { cut };
    speaker.either(&format!("문구는 “{text}”"), &format!("it says “{text}”"))
}

/// A verdict: `{campaign, step, stage, code}` with its reason; none is there where the line is nothing.
pub fn verdict(line: &Value, text: &str, speaker: Speaker) -> String {
    if line.is_null() {
        return speaker.either("그런 캠페인이 없어요", "there is no such campaign");
    }
    let word = |key: &str| line.field(key).text().unwrap_or_default();
    let label = speaker.label(line.field("campaign"));
    let label = if word("step").is_empty() { label } else { label + " " + word("step") };
    format!("{label}: {text} ({}, {})", stage(word("stage"), speaker), word("code"))
}

/// A stage, as the Studio calls it.
fn stage(word: &str, speaker: Speaker) -> String {
    let (ko, en) = match word {
        "house" => ("매장 규칙", "house rules"),
        "consent" => ("동의", "consent"),
        "schedule" => ("기간", "schedule"),
        "trigger" => ("트리거 조건", "trigger"),
        "targeting" => ("노출 대상", "targeting"),
        "prerequisite" => ("앞선 조건", "prerequisites"),
        "holdout" => ("비교 집단", "holdout"),
        "frequency" => ("피로도 관리", "frequency"),
        "experiment" => ("실험", "experiment"),
        "lost" => ("우선 노출", "priority"),
        _ => ("노출", "shown"),
    };
    speaker.either(ko, en)
}

/// A fact that is another; none: what it was held against is not there.
pub fn fact(fact: Option<&(String, Value)>, speaker: Speaker) -> String {
    let Some((path, actual)) = fact else {
        return speaker.either("그런 집단이 없어요", "there is no such audience");
    };
    let host = speaker.world.host;
    let actual = match actual {
        Value::Null => speaker.either("없음", "absent"),
        Value::Map(_) => json::write(actual, host),
        actual => printed(actual, host),
    };
    speaker.either(&format!("{path}{} {actual}", josa::particle(path, "은/는")), &format!("{path} is {actual}"))
}

/// What is told where something is not as expected: at which moment first, at how many of how many.
pub fn failed(name: &str, wanted: &str, found: &str, at: Time, of: [usize; 2], speaker: Speaker) -> String {
    let ([failed, looked], at) = (of, speaker.moment(at));
    let often = match looked {
        1 => String::new(),
        _ => speaker.either(&format!(" ({looked}번 가운데 {failed}번)"), &format!(" ({failed} of {looked} moments)")),
    };
    speaker.either(
        &format!("{name} ({at}): {wanted}. 그런데 {found}{often}"),
        &format!("{name} ({at}): {wanted}, but {found}{often}"),
    )
}

/// What is told where it was too much to look at.
pub fn left_out(name: &str, speaker: Speaker) -> String {
    speaker.either(
        &format!("{name}: 살펴볼 것이 너무 많아 확인하지 못했어요. 기간을 줄이거나 간격을 넓히거나 이벤트를 줄여 주세요."),
        &format!("{name}: not looked at, which would take too long; choose a shorter time, moments further apart or fewer lines"),
    )
}
