//! What cannot be read or held against anything in the suites.

use super::Bundle;
use super::lint::asked;
use super::validate::audience;
use crate::engine::base::document::Check;
use crate::engine::base::time::{Span, Zones};
use crate::engine::base::value::Value;
use crate::engine::campaign::verdict::Stage;
use crate::engine::signal::{PAGES, Signal};
use crate::engine::suite::{Expectation, MOMENTS, Moments, Suite};

/// A bundle without its suites, which no shop needs.
pub fn bare(source: &Value) -> Value {
    let members = source.members().filter(|(key, _)| *key != "suites");
    Value::Map(members.map(|(key, member)| (key, member.clone())).collect())
}

/// What cannot be used.
pub fn validate(bundle: Bundle, check: &mut Check) {
    check.within("suites", |check| {
        for (index, one) in bundle.suites().iter().enumerate() {
            check.within(&index.to_string(), |check| suite(bundle, index, one, check));
        }
    });
}

fn suite(bundle: Bundle, index: usize, suite: Suite, check: &mut Check) {
    for (line, event) in suite.events().iter().enumerate() {
        if let Err(error) = Signal::read(event, &|name| bundle.name(name)) {
            let pointer = format!("/suites/{index}/events/{line}{}", error.path);
            check.at(&pointer, |check| check.fail(error.code, error.message));
        }
    }
    check.within("expect", |check| {
        for (index, one) in suite.expect().iter().enumerate() {
            check.within(&index.to_string(), |check| expectation(bundle, one, check));
        }
    });
}

fn expectation(bundle: Bundle, want: Expectation, check: &mut Check) {
    let of_verdicts = want.stage().is_some() || want.code().is_some() || want.reason().is_some();
    let of_page = want.shows().is_some() || want.says().is_some();
    if !of_verdicts && !of_page && want.when().iter().next().is_none() {
        check.fail("empty", "expects nothing; add one of shows says stage code reason when");
    }
    check.within("at", |check| moments(want.at(), check));
    if let Some(kind) = want.page().filter(|kind| !PAGES.contains(kind)) {
        check.within("page", |check| {
            check.fail("unknown_choice", format!("{kind} is none; choose one of {}", PAGES.join(" ")))
        });
    }
    if let Some(stage) = want.stage().filter(|stage| !Stage::ALL.iter().any(|one| one.word() == *stage)) {
        let words = Stage::ALL.map(Stage::word).join(" ");
        check.within("stage", |check| check.fail("unknown_choice", format!("{stage} is none; choose one of {words}")));
    }
    check.within("when", |check| audience(bundle, want.when(), check));
    let Some(id) = want.campaign() else { return };
    let Some(campaign) = bundle.campaign(id) else {
        let message = format!("no campaign has this id: {id}");
        return check.within("campaign", |check| check.fail("unknown_reference", message));
    };
    if let Some(step) = want.step().filter(|step| !campaign.all_steps().any(|known| known.id == Some(*step))) {
        let message = format!("this campaign has no such step: {step}");
        check.within("step", |check| check.fail("unknown_reference", message));
    }
    if let Some(variant) = want.variant().filter(|id| !campaign.variants().iter().any(|known| known.id() == *id)) {
        let message = format!("this campaign has no such variant: {variant}");
        check.within("variant", |check| check.fail("unknown_reference", message));
    }
}

fn moments(moments: Moments, check: &mut Check) {
    let Moments::Range(range) = moments else { return };
    if range.until() <= range.from() {
        check.within("until", |check| check.fail("too_early", "is not after from; write a later one"));
    }
    if range.every() == Span::default() {
        return check.within("every", |check| check.fail("range", "choose days, hours or minutes, e.g. P1D"));
    }
    if moments.each(&Zones::default(), "UTC").len() > MOMENTS {
        let message = format!("more than {MOMENTS} moments; choose a shorter time, or moments further apart");
        check.within("every", |check| check.fail("range", message));
    }
}

/// Facts that never are, in what should hold of a shopper.
pub fn doubts(bundle: Bundle, check: &mut Check) {
    for (suite, one) in bundle.suites().iter().enumerate() {
        for (index, want) in one.expect().iter().enumerate() {
            check.at(&format!("/suites/{suite}/expect/{index}/when"), |check| asked(bundle, want.when().0, check));
        }
    }
}
