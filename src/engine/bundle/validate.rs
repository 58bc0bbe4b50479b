//! What the types alone cannot say: references, order, ranges.

use super::Bundle;
use crate::engine::base::document::{Mode, Walk};
use crate::engine::campaign::{Campaign, Requirement, Trigger, When};
use crate::engine::error::Error;
use crate::engine::loyalty::Program;
use crate::engine::message::{BlockSpec, is_allowed_url};
use crate::engine::meter::{Meter, Window};

pub fn validate(bundle: &Bundle) -> Vec<Error> {
    let mut walk = Walk::new(Mode::Write);
    let at = &mut walk;
    at.within("house", &mut |at| house(bundle, at));
    at.within("meters", &mut |at| {
        for (id, meter) in bundle.meters.iter() {
            at.within(id, &mut |at| check_meter(meter, at));
        }
    });
    at.within("campaigns", &mut |at| {
        for (index, campaign) in bundle.campaigns.iter().enumerate() {
            at.within(&index.to_string(), &mut |at| {
                if bundle.campaigns.iter().take(index).any(|other| other.id == campaign.id) {
                    at.within("id", &mut |at| at.fail("duplicate", "another campaign has this id; choose another"));
                }
                check_campaign(bundle, campaign, at);
            });
        }
    });
    at.within("programs", &mut |at| {
        for (index, program) in bundle.programs.iter().enumerate() {
            at.within(&index.to_string(), &mut |at| check_program(bundle, program, at));
        }
    });
    walk.errors
}

fn house(bundle: &Bundle, at: &mut Walk) {
    let house = &bundle.house;
    if !(house.currency.len() == 3 && house.currency.bytes().all(|byte| byte.is_ascii_uppercase())) {
        at.within("currency", &mut |at| at.fail("currency", "not an ISO 4217 code such as KRW"));
    }
    if house.locales.is_empty() {
        at.within("locales", &mut |at| at.fail("empty", "name at least one language, e.g. ko"));
    }
    if house.holdout.as_ref().is_some_and(|holdout| !(0.0..=1.0).contains(&holdout.share)) {
        at.within("holdout", &mut |at| at.within("share", &mut |at| at.fail("range", "choose a share from 0 to 1")));
    }
    if !house.session.is_exact() || house.session.exact == 0 {
        at.within("session", &mut |at| at.fail("range", "choose hours or minutes, e.g. PT30M"));
    }
}

fn check_meter(meter: &Meter, at: &mut Walk) {
    if meter.ways() != 1 {
        at.fail("meter", "name exactly one of count sum distinct max last since");
    }
    if meter.window != Window::Life && meter.count.is_none() && meter.sum.is_none() {
        at.within("window", &mut |at| at.fail("unsupported", "only count and sum can have a window; leave it out"));
    }
}

fn check_campaign(bundle: &Bundle, campaign: &Campaign, at: &mut Walk) {
    at.within("audience", &mut |at| check_requirements(bundle, campaign.audience.0.iter(), at));
    if campaign.message.is_none() && campaign.steps.is_empty() {
        at.fail("missing", "a campaign needs a message or steps; add one");
    }
    if campaign.message.is_some() && !campaign.steps.is_empty() {
        at.within("message", &mut |at| at.fail("ambiguous", "the steps have the messages; remove this one"));
    }
    for step in campaign.steps() {
        let place = match step.index {
            Some(index) => vec![String::from("steps"), index.to_string()],
            None => Vec::new(),
        };
        let mut check = |at: &mut Walk| {
            if matches!(step.trigger, Trigger::Since(since) if since.fact.is_empty()) {
                at.within("trigger", &mut |at| at.fail("missing", "name the fact it counts from"));
            }
            at.within("message", &mut |at| at.within("blocks", &mut |at| check_blocks(bundle, &step.message.blocks, at)));
        };
        descend(at, &place, &mut check);
    }
}

fn descend(at: &mut Walk, place: &[String], check: &mut dyn FnMut(&mut Walk)) {
    match place.split_first() {
        Some((first, rest)) => at.within(first, &mut |at| descend(at, rest, check)),
        None => check(at),
    }
}

fn check_requirements<'a>(bundle: &Bundle, requirements: impl Iterator<Item = &'a Requirement>, at: &mut Walk) {
    for requirement in requirements {
        if let When::Audience(name) = &requirement.0.when
            && bundle.audiences.get(name).is_none()
        {
            at.fail("unknown_reference", &["no audience has this name: ", name].concat());
        }
    }
}

fn check_blocks(bundle: &Bundle, blocks: &[BlockSpec], at: &mut Walk) {
    for (index, block) in blocks.iter().enumerate() {
        at.within(&index.to_string(), &mut |at| match block {
            BlockSpec::Progress(progress) if !bundle.programs.iter().any(|program| program.tiers.get(&progress.tier).is_some()) => {
                at.fail("unknown_reference", &["no program has this tier: ", &progress.tier].concat());
            }
            BlockSpec::Image(image) if !is_allowed_url(&image.src) => at.fail("url", URL),
            BlockSpec::Buttons(buttons) if buttons.iter().filter_map(|button| button.url.as_deref()).any(|url| !is_allowed_url(url)) => {
                at.fail("url", URL);
            }
            _ => (),
        });
    }
}

const URL: &str = "only https, http, tel, mailto and addresses within the shop are allowed";

fn check_program(bundle: &Bundle, program: &Program, at: &mut Walk) {
    at.within("rules", &mut |at| {
        for (index, rule) in program.rules.iter().enumerate() {
            at.within(&index.to_string(), &mut |at| {
                for (currency, _) in rule.grant.iter().filter(|(currency, _)| program.currencies.get(currency).is_none()) {
                    at.within("grant", &mut |at| at.within(currency, &mut |at| at.fail("unknown_reference", "no currency has this id")));
                }
                if program.rules.iter().take(index).any(|other| other.id == rule.id) {
                    at.within("id", &mut |at| at.fail("duplicate", "another rule has this id; choose another"));
                }
            });
        }
    });
    at.within("tiers", &mut |at| {
        for (id, tier) in program.tiers.iter() {
            at.within(id, &mut |at| {
                if bundle.meters.get(&tier.meter).is_none_or(|meter| meter.by.is_some()) {
                    at.within("meter", &mut |at| at.fail("unknown_reference", "no meter without keys has this name"));
                }
                let mins: Vec<i64> = tier.levels.iter().map(|level| level.min).collect();
                if mins.first() != Some(&0) {
                    at.within("levels", &mut |at| at.fail("levels", "the first level begins at 0: everyone starts there"));
                }
                if mins.iter().zip(mins.iter().skip(1)).any(|(low, high)| low >= high) {
                    at.within("levels", &mut |at| at.fail("levels", "levels overlap; give each a higher min than the one before"));
                }
            });
        }
    });
}
