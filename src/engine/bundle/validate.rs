//! What the types alone cannot say: references, order, ranges.

use super::derived::{Derived, OPERANDS, Pair};
use super::messages::{message, surveys};
use super::program::program;
use super::{Bundle, Dwell, House, Idle, Place, Signals};
use crate::engine::base::document::Check;
use crate::engine::base::time::{DAY, Span, Zones};
use crate::engine::base::value::Value;
use crate::engine::campaign::{Campaign, Requirements, Schedule, Trigger, WINDOWS, When};
use crate::engine::meter::{Meter, Window};
use crate::engine::profile::{Dimension, Worth};
use crate::engine::signal::PAGES;
use std::collections::{BTreeMap, BTreeSet};

pub fn validate(bundle: Bundle, check: &mut Check) {
    for (pointer, notes) in std::mem::take(&mut check.templates) {
        check.at(&pointer, |check| {
            for key in &notes.keys {
                if bundle.house().texts().get(key).is_none() {
                    check.fail("unknown_reference", format!("no text is called {key}; add it to house.texts"));
                } else if pointer.starts_with("/house/texts/") {
                    check.fail("cycle", "a text of the house cannot hold another; write it out");
                }
            }
        });
    }
    check.within("house", |check| {
        house(bundle.house(), check);
        check.within("pacing", |check| super::contact::pacing(bundle, check));
    });
    check.within("signals", |check| signals(bundle.signals(), check));
    check.within("places", |check| {
        for (name, one) in bundle.places().iter() {
            check.within(name, |check| place(one, check));
        }
    });
    check.within("interests", |check| {
        for (id, one) in bundle.interests().iter() {
            check.within(id, |check| dimension(one, check));
        }
    });
    check.within("value", |check| worth(bundle.value(), check));
    check.within("meters", |check| {
        for (id, one) in bundle.meters().iter() {
            check.within(id, |check| meter(one, check));
        }
    });
    check.within("derived", |check| {
        for (name, one) in bundle.derived().iter() {
            check.within(name, |check| derived(bundle, one, check));
        }
    });
    check.within("audiences", |check| {
        for (name, one) in bundle.audiences().iter() {
            check.within(name, |check| audience(bundle, one, check));
        }
    });
    check.within("campaigns", |check| {
        let mut ids = BTreeSet::new();
        for (index, one) in bundle.campaigns().iter().enumerate() {
            check.within(&index.to_string(), |check| {
                if !ids.insert(one.id()) {
                    check.within("id", |check| check.fail("duplicate", "another campaign has this id; choose another"));
                }
                campaign(bundle, one, check);
                super::contact::campaign(bundle, one, check);
            });
        }
    });
    circles(bundle, check);
    surveys(bundle, check);
    super::offers::validate(bundle, check);
    super::suites::validate(bundle, check);
    check.within("programs", |check| {
        for (index, one) in bundle.programs().iter().enumerate() {
            check.within(&index.to_string(), |check| program(bundle, one, check));
        }
    });
}

/// Audiences that are made of themselves, and campaigns that wait for themselves.
fn circles(bundle: Bundle, check: &mut Check) {
    let audiences = bundle.audiences().iter();
    let audiences = audiences.map(|(name, all)| {
        let named = all.iter().filter_map(|one| match one.when() {
            When::Audience(other) => Some(other.to_string()),
            When::Condition(_) => None,
        });
        (name.to_string(), named.collect())
    });
    for name in closing(&audiences.collect()) {
        check.within("audiences", |check| check.within(&name, |check| check.fail("cycle", CYCLE)));
    }
    let campaigns = bundle.campaigns().iter().map(|campaign| {
        let awaited = campaign.prerequisites().iter().map(|prerequisite| prerequisite.campaign().to_string());
        (campaign.id().to_string(), awaited.collect())
    });
    let closing = closing(&campaigns.collect());
    for (index, campaign) in bundle.campaigns().iter().enumerate() {
        if closing.contains(campaign.id()) {
            check.within("campaigns", |check| {
                check.within(&index.to_string(), |check| {
                    check.within("prerequisites", |check| check.fail("cycle", CYCLE))
                })
            });
        }
    }
}

const CYCLE: &str = "leads back to itself by way of what it names; name another one";

/// Of names that lead to others, those whose next step closes a circle.
fn closing(leads: &BTreeMap<String, Vec<String>>) -> BTreeSet<String> {
    // By name whether all that it leads to was followed. Not by recursion: a way may be long.
    let (mut followed, mut closing) = (BTreeMap::new(), BTreeSet::new());
    for start in leads.keys() {
        let mut way = Vec::new();
        if !followed.contains_key(start) {
            followed.insert(start, false);
            way.push((start, 0));
        }
        while let Some((name, next)) = way.last_mut() {
            let (name, index) = (*name, *next);
            *next += 1;
            let Some(other) = leads.get(name).and_then(|all| all.get(index)) else {
                followed.insert(name, true);
                way.pop();
                continue;
            };
            match followed.get(other) {
                Some(true) => (),
                Some(false) => drop(closing.insert(name.clone())),
                None => {
                    followed.insert(other, false);
                    way.push((other, 0));
                }
            }
        }
    }
    closing
}

fn house(house: House, check: &mut Check) {
    if !(house.currency().len() == 3 && house.currency().bytes().all(|byte| byte.is_ascii_uppercase())) {
        check.within("currency", |check| check.fail("currency", "not an ISO 4217 code such as KRW"));
    }
    if house.holdout().is_some_and(|holdout| !(0.0..=1.0).contains(&holdout.share())) {
        check.within("holdout", |check| {
            check.within("share", |check| check.fail("range", "choose a share from 0 to 1"))
        });
    }
    let kept = house.retention();
    for (key, span) in [("events", kept.events()), ("anonymous", kept.anonymous()), ("member", kept.member())] {
        if span == Span::default() {
            check.within("retention", |check| {
                check.within(key, |check| check.fail("range", "choose a day or more, e.g. P90D"))
            });
        }
    }
    if !house.session().is_exact() || house.session().exact == 0 {
        check.within("session", |check| check.fail("range", "choose hours or minutes, e.g. PT30M"));
    }
}

fn signals(signals: Signals, check: &mut Check) {
    let (dwell, idle) = (signals.dwell().on().map(Dwell::after), signals.idle().on().map(Idle::after));
    for (key, after) in [("dwell", dwell), ("idle", idle)] {
        if after.is_some_and(|after| !after.is_exact() || after.exact == 0) {
            check.within(key, |check| {
                check.within("after", |check| check.fail("range", "choose seconds or minutes, e.g. PT30S"))
            });
        }
    }
    let depths = signals.scroll().on().map(|scroll| scroll.percents());
    if depths.is_some_and(|percents| percents.iter().any(|percent| !(1..=100).contains(&percent))) {
        check.within("scroll", |check| {
            check.within("percents", |check| check.fail("range", "choose percents from 1 to 100"))
        });
    }
}

fn place(place: Place, check: &mut Check) {
    for (key, degrees, most) in [("lat", place.lat(), 90.0), ("lng", place.lng(), 180.0)] {
        if !(-most..=most).contains(&degrees) {
            check.within(key, |check| check.fail("range", format!("choose degrees from -{most} to {most}")));
        }
    }
    if place.radius() <= 0.0 {
        check.within("radius", |check| check.fail("range", "choose metres, e.g. 300"));
    }
}

fn schedule(schedule: Schedule, check: &mut Check) {
    // Any zone serves to tell which comes first.
    let (zones, zone) = (Zones::default(), "UTC");
    if let (Some(from), Some(until)) = (schedule.from(), schedule.until())
        && until.end(&zones, zone) <= from.first(&zones, zone)
    {
        check.within("until", |check| check.fail("too_early", "is not after from; write a later one"));
    }
    check.within("windows", |check| {
        if schedule.windows().iter().len() > WINDOWS {
            check.fail("range", format!("write {WINDOWS} windows at most"));
        }
        for (index, window) in schedule.windows().iter().enumerate() {
            if window.from() == window.to() {
                check.within(&index.to_string(), |check| {
                    check
                        .within("to", |check| check.fail("empty", "closes when it opens; write another time, or 24:00"))
                });
            }
        }
    });
}

fn trigger(bundle: Bundle, trigger: Trigger, check: &mut Check) {
    let exact = |check: &mut Check, key: &str, span: Span| {
        if !span.is_exact() {
            check.within(key, |check| check.fail("range", "choose hours, minutes or seconds, e.g. PT30S"));
        }
    };
    let fact = |check: &mut Check, fact: &str| {
        if fact.is_empty() {
            check.within("fact", |check| check.fail("missing", "name the fact it counts from"));
        }
    };
    check.within(trigger.key(), |check| match trigger {
        Trigger::Since(since) => fact(check, since.fact()),
        Trigger::Date(date) => {
            fact(check, date.fact());
            for (key, shift) in [("from", date.from()), ("to", date.to())] {
                if shift.span.exact != 0 {
                    check.within(key, |check| check.fail("range", "choose days, e.g. -P3D"));
                }
            }
            if date.from().nominal() > date.to().nominal() {
                check.within("to", |check| check.fail("window", "ends before it begins; write the earlier end first"));
            }
        }
        Trigger::Page(page) if page.kind().is_none() && page.path().is_none() => {
            check.fail("missing", "name the kind or the path of the page")
        }
        Trigger::Page(page) => {
            if let Some(kind) = page.kind().filter(|kind| !kind.contains('*') && !PAGES.contains(kind)) {
                check.within("kind", |check| {
                    check.fail("unknown_choice", format!("{kind} is none; choose one of {}", PAGES.join(" ")))
                });
            }
        }
        Trigger::Dwell(dwell) => exact(check, "after", dwell.after()),
        Trigger::Inactivity(inactivity) => exact(check, "after", inactivity.after()),
        Trigger::Scroll(scroll) if !(0..=100).contains(&scroll.percent()) => {
            check.within("percent", |check| check.fail("range", "choose percents from 1 to 100"))
        }
        Trigger::Place(place) if bundle.places().get(place.name()).is_none() => check.within("name", |check| {
            check.fail("unknown_reference", format!("no place has this name: {}", place.name()))
        }),
        Trigger::Answer(answer) => {
            let asked = bundle.campaigns().iter().find(|campaign| campaign.id() == answer.campaign());
            let Some(asked) = asked else {
                return check.within("campaign", |check| {
                    check.fail("unknown_reference", format!("no campaign has this id: {}", answer.campaign()))
                });
            };
            if let Some(step) = answer.step().filter(|step| !asked.all_steps().any(|known| known.id == Some(*step))) {
                check.within("step", |check| {
                    check.fail("unknown_reference", format!("this campaign has no such step: {step}"))
                });
            }
        }
        _ => (),
    });
}

fn dimension(dimension: Dimension, check: &mut Check) {
    check.within("shares", |check| {
        for (category, share) in dimension.shares().iter() {
            check.within(category, |check| {
                if category == "conflict" {
                    check.fail("reserved", "means the conflict of word and deed; choose another name");
                }
                if !(share > 0.0 && share <= 1.0) {
                    check.fail("range", "choose a share above 0, at most 1");
                }
            });
        }
        if (dimension.shares().iter().map(|(_, share)| share).sum::<f64>() - 1.0).abs() > 0.01 {
            check.fail("range", "the shares must come to 1 together");
        }
    });
    for (key, half_life) in [("halfLife", dimension.half_life()), ("purchaseHalfLife", dimension.purchase_half_life())]
    {
        if half_life.months != 0 || half_life == Span::default() {
            check.within(key, |check| check.fail("range", "choose days or hours, e.g. P30D"));
        }
    }
}

fn worth(worth: Worth, check: &mut Check) {
    let above = |check: &mut Check, key: &str, number: f64, least: f64| {
        if number <= least {
            check.within(key, |check| check.fail("range", format!("choose a number above {least}")));
        }
    };
    if let Some(params) = worth.params() {
        let all = [("r", params.r()), ("alpha", params.alpha()), ("a", params.a()), ("b", params.b())];
        check.within("params", |check| all.into_iter().for_each(|(key, number)| above(check, key, number, 0.0)));
    }
    if let Some(spend) = worth.spend() {
        let all = [("p", spend.p(), 0.0), ("q", spend.q(), 1.0), ("v", spend.v(), 0.0)];
        check
            .within("spend", |check| all.into_iter().for_each(|(key, number, least)| above(check, key, number, least)));
    }
    for (key, span, most) in [("unit", worth.unit(), 366), ("horizon", worth.horizon(), 5_200 * 7)] {
        if span.months != 0 || !(DAY..=most * DAY).contains(&span.nominal()) {
            check.within(key, |check| check.fail("range", format!("choose days or weeks, P1D to P{most}D")));
        }
    }
    let grades = worth
        .rfm()
        .map(|rfm| [("recency", rfm.recency()), ("frequency", rfm.frequency()), ("monetary", rfm.monetary())]);
    for (key, edges) in grades.into_iter().flatten() {
        if edges.iter().zip(edges.iter().skip(1)).any(|(one, next)| one >= next) {
            check.within("rfm", |check| {
                check.within(key, |check| check.fail("order", "write the edges from low to high"))
            });
        }
    }
}

fn meter(meter: Meter, check: &mut Check) {
    let (count, sum, distinct) = (meter.count().is_some(), meter.sum().is_some(), meter.distinct().is_some());
    let ways = [count, sum, distinct, meter.max().is_some(), meter.last().is_some(), meter.since().is_some()];
    if ways.into_iter().filter(|named| *named).count() != 1 {
        check.fail("meter", "name exactly one of count sum distinct max last since");
    }
    if !(count || sum) && meter.minus().iter().next().is_some() {
        check.within("minus", |check| {
            check.fail("unsupported", "only from a count or a sum can be taken away; leave it out")
        });
    }
    if meter.window() != Window::Life && !count && !sum {
        check.within("window", |check| check.fail("unsupported", "only count and sum can have a window; leave it out"));
    }
}

fn derived(bundle: Bundle, derived: Derived, check: &mut Check) {
    if derived.difference().is_some() == derived.ratio().is_some() {
        check.fail("derived", "name exactly one of difference and ratio");
    }
    for (key, pair) in [("difference", derived.difference()), ("ratio", derived.ratio())] {
        for (index, path) in pair.into_iter().flat_map(|Pair(one, other)| [one, other]).enumerate() {
            let (root, rest) = path.split_once('.').unwrap_or((path, ""));
            let meter = rest.split('.').next().unwrap_or_default();
            let problem = match root {
                "meter" if bundle.meters().get(meter).is_none() => Some(format!("no meter has this name: {meter}")),
                _ if !OPERANDS.contains(&root) || rest.is_empty() => {
                    Some(format!("no such fact; facts begin with one of {}", OPERANDS.join(" ")))
                }
                _ => None,
            };
            if let Some(message) = problem {
                check.within(key, |check| {
                    check.within(&index.to_string(), |check| check.fail("unknown_reference", message))
                });
            }
        }
    }
}

/// Whether the audiences that are named are there.
pub fn audience(bundle: Bundle, requirements: Requirements, check: &mut Check) {
    for (index, requirement) in requirements.iter().enumerate() {
        let When::Audience(name) = requirement.when() else { continue };
        if bundle.audiences().get(name).is_some() {
            continue;
        }
        let fail = |check: &mut Check| check.fail("unknown_reference", format!("no audience has this name: {name}"));
        match requirements.0 {
            Value::List(_) => check.within(&index.to_string(), fail),
            _ => fail(check),
        }
    }
}

fn campaign(bundle: Bundle, campaign: Campaign, check: &mut Check) {
    check.within("schedule", |check| schedule(campaign.schedule(), check));
    check.within("trigger", |check| trigger(bundle, campaign.trigger(), check));
    check.within("audience", |check| audience(bundle, campaign.audience(), check));
    match (campaign.message(), campaign.steps().is_empty()) {
        (None, true) => check.fail("missing", "a campaign needs a message or steps; add one"),
        (Some(_), false) => {
            check.within("message", |check| check.fail("ambiguous", "the steps have the messages; remove this one"))
        }
        (Some(one), true) => check.within("message", |check| message(bundle, one, check)),
        (None, false) => check.within("steps", |check| {
            for (index, step) in campaign.steps().iter().enumerate() {
                check.within(&index.to_string(), |check| {
                    if let Some(own) = step.trigger() {
                        check.within("trigger", |check| trigger(bundle, own, check));
                    }
                    check.within("message", |check| message(bundle, step.message(), check));
                });
            }
        }),
    }
}
