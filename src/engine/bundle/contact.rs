//! What is wrong or doubtful about how often campaigns show, after which others, and in which variant.

use super::Bundle;
use super::lint::unknown;
use super::messages::message;
use super::validate::audience;
use crate::engine::base::document::Check;
use crate::engine::base::time::Span;
use crate::engine::campaign::{Beside, Campaign, Exclude, Experiment, When};
use crate::engine::profile::PURPOSES;

/// Goes into a member and tells a mistake there, where there is one.
fn unless(good: bool, check: &mut Check, keys: &[&str], code: &'static str, remedy: impl Into<String>) {
    match (good, keys) {
        (true, _) => (),
        (false, []) => check.fail(code, remedy),
        (false, [key, rest @ ..]) => check.within(key, |check| unless(false, check, rest, code, remedy)),
    }
}

fn purpose(bundle: Bundle, name: &str) -> bool {
    PURPOSES.contains(&name) || bundle.purposes().iter().any(|one| one == name)
}

/// The house's pacing.
pub fn pacing(bundle: Bundle, check: &mut Check) {
    let pacing = bundle.house().pacing();
    for (key, count) in [("session", pacing.session()), ("day", pacing.day())] {
        unless(count.is_none_or(|count| count >= 0), check, &[key], "range", "choose 0 or more");
    }
    if let Some(rolling) = pacing.rolling() {
        unless(rolling.count() >= 0, check, &["rolling", "count"], "range", "choose 0 or more");
        unless(rolling.days() >= 1, check, &["rolling", "days"], "range", "choose a day or more");
    }
    let lasts = |span: Span| span != Span::default();
    unless(pacing.gap().is_none_or(lasts), check, &["gap"], "range", "choose a duration above 0, e.g. PT36H");
    if let Some(ramp) = pacing.ramp() {
        unless(lasts(ramp.lasts()), check, &["ramp", "for"], "range", "choose a duration above 0, e.g. P14D");
        unless(lasts(ramp.per()), check, &["ramp", "per"], "range", "choose a duration above 0, e.g. PT72H");
    }
    if let Some(quiet) = pacing.quiet() {
        let remedy = "begins when it ends, so nothing would ever interrupt; choose another hour";
        unless(quiet.from() != quiet.to(), check, &["quiet", "to"], "range", remedy);
        let known =
            quiet.unless().is_none_or(|path| path.strip_prefix("consent.").is_some_and(|it| purpose(bundle, it)));
        let remedy = "no such purpose; add it to the bundle's purposes, and name it as consent.NAME";
        unless(known, check, &["quiet", "unless"], "unknown_reference", remedy);
    }
    check.within("states", |check| {
        let states = pacing.states();
        states.each("", &mut |state, at| {
            let When::Audience(name) = state.when() else { return };
            let named = format!("no audience has this name: {name}");
            let bare = state.is_bare();
            let keys: Vec<&str> = at.split('/').skip(1).chain((!bare).then_some("when")).collect();
            unless(bundle.audiences().get(name).is_some(), check, &keys, "unknown_reference", named);
        });
    });
}

/// A campaign.
pub fn campaign(bundle: Bundle, campaign: Campaign, check: &mut Check) {
    let step = |of: Campaign, id: &str| of.steps().iter().any(|step| step.id() == id);
    each(check, "needs", campaign.needs().iter(), |need, check| {
        let named = format!("no purpose has this name: {need}; add it to the bundle's purposes");
        unless(purpose(bundle, need), check, &[], "unknown_reference", named);
    });
    each(check, "steps", campaign.steps().iter().enumerate(), |(place, one), check| {
        let again = campaign.steps().iter().take(place).any(|other| other.id() == one.id());
        unless(!again, check, &["id"], "duplicate", "another step has this id; choose another");
        check.within("audience", |check| audience(bundle, one.audience(), check));
    });
    each(check, "caps", campaign.caps().iter(), |cap, check| {
        unless(cap.count() >= 1, check, &["count"], "range", "choose 1 or more");
        unless(
            cap.step().is_none_or(|id| step(campaign, id)),
            check,
            &["step"],
            "unknown_reference",
            "no step has this id",
        );
        let both = cap.rest().is_some() && cap.per().is_some();
        unless(!both, check, &["rest"], "ambiguous", "per and rest say when it is free again; keep one of them");
    });
    let gap = campaign.gap().is_none_or(|gap| gap.after() != Span::default());
    unless(gap, check, &["gap", "after"], "range", "choose a duration above 0, e.g. PT48H");
    each(check, "excludes", campaign.excludes().iter(), |exclude, check| {
        each(check, "campaigns", exclude.campaigns().iter(), |id, check| {
            let named = format!("no campaign has this id: {id}");
            unless(bundle.campaign(id).is_some(), check, &[], "unknown_reference", named);
            let own = id == campaign.id() && exclude.when() != Some(Beside::Shown);
            unless(!own, check, &[], "cycle", "waits for itself, so it never shows; name another campaign");
        });
    });
    each(check, "prerequisites", campaign.prerequisites().iter(), |wanted, check| {
        let Some(other) = bundle.campaign(wanted.campaign()) else {
            let named = format!("no campaign has this id: {}", wanted.campaign());
            return unless(false, check, &["campaign"], "unknown_reference", named);
        };
        unless(
            wanted.step().is_none_or(|id| step(other, id)),
            check,
            &["step"],
            "unknown_reference",
            "it has no such step",
        );
    });
    each(check, "variants", campaign.variants().iter().enumerate(), |(place, one), check| {
        let again = campaign.variants().iter().take(place).any(|other| other.id() == one.id());
        unless(!again, check, &["id"], "duplicate", "another variant has this id; choose another");
        let all: f64 = campaign.variants().iter().map(|variant| variant.weight()).sum();
        let good = one.weight() >= 0.0 && all > 0.0;
        unless(good, check, &["weight"], "range", "choose 0 or more, above 0 for one of them");
        let stepped = !campaign.steps().is_empty();
        let remedy = "the steps have the messages; give them by step, in steps";
        unless(one.message().is_none() || !stepped, check, &["message"], "ambiguous", remedy);
        one.message().into_iter().for_each(|own| check.within("message", |check| message(bundle, own, check)));
        check.within("steps", |check| {
            for (id, own) in one.steps().iter() {
                unless(step(campaign, id), check, &[id], "unknown_reference", "the campaign has no such step");
                check.within(id, |check| message(bundle, own, check));
            }
        });
    });
    check.within("experiment", |check| experiment(campaign.experiment(), check));
}

fn experiment(experiment: Experiment, check: &mut Check) {
    let share = (0.0..=1.0).contains(&experiment.coverage());
    unless(share, check, &["coverage"], "range", "choose a share from 0 to 1");
    unless(
        [1, 2].contains(&experiment.version()),
        check,
        &["version"],
        "range",
        "choose 1 or 2, the versions of the hash",
    );
    let least = experiment.min_bucket_version() <= experiment.bucket_version();
    unless(least, check, &["minBucketVersion"], "range", "choose no more than bucketVersion");
}

fn each<T>(check: &mut Check, key: &str, items: impl Iterator<Item = T>, mut see: impl FnMut(T, &mut Check)) {
    check.within(key, |check| {
        for (index, item) in items.enumerate() {
            check.within(&index.to_string(), |check| see(item, check));
        }
    });
}

/// What is legal and rarely meant.
pub fn doubts(bundle: Bundle, campaign: Campaign, check: &mut Check) {
    each(check, "caps", campaign.caps().iter(), |cap, check| {
        if let Some(fault) = cap.by().and_then(|by| unknown(bundle, by)) {
            unless(false, check, &["by"], "unknown_fact", fault);
        }
    });
    each(check, "prerequisites", campaign.prerequisites().iter(), |wanted, check| {
        let Some(other) = bundle.campaign(wanted.campaign()) else { return };
        let silent = !other.variants().is_empty() && other.variants().iter().all(|variant| variant.none());
        let remedy = "is shown to nobody, so this one is neither; give it a variant that shows";
        unless(!silent && other.experiment().coverage() > 0.0, check, &["campaign"], "never_shown", remedy);
    });
    each(check, "variants", campaign.variants().iter(), |variant, check| {
        unless(
            variant.weight() > 0.0,
            check,
            &["weight"],
            "never_shown",
            "is for nobody; raise it, or leave the variant out",
        );
    });
    let own = campaign.experiment();
    let covered = campaign.variants().is_empty() || own.coverage() > 0.0;
    unless(covered, check, &["experiment", "coverage"], "never_shown", "is for nobody; raise it");
    unless(
        campaign.variants().is_empty() || own.seed().is_some(),
        check,
        &["experiment", "seed"],
        "no_seed",
        "the campaign's id decides who gets which variant; name a seed, so that it may be renamed",
    );
    unless(
        !campaign.variants().is_empty() || own.0.is_null(),
        check,
        &["experiment"],
        "no_variants",
        "there are no variants to draw; add some, or leave it out",
    );
    each(check, "excludes", campaign.excludes().iter(), |exclude, check| {
        each(check, "campaigns", exclude.campaigns().iter(), |id, check| {
            let due = |exclude: &Exclude| exclude.when() != Some(Beside::Shown);
            let back = bundle.campaign(id).is_some_and(|other| {
                let mut backs = other.excludes().iter().filter(due);
                backs.any(|back| back.campaigns().iter().any(|one| one == campaign.id()))
            });
            let remedy = "each of the two waits while the other is due; let one of them go first";
            unless(!(back && due(&exclude)), check, &[], "mutual", remedy);
        });
    });
}
