//! What is wrong or doubtful about offers and the policy that chooses among them.

use super::Bundle;
use super::messages::message;
use super::validate::audience;
use crate::engine::base::document::Check;
use crate::engine::campaign::INTERRUPTIVE;
use crate::engine::offer::{FAMILIES, Offer};

/// What cannot be used.
pub fn validate(bundle: Bundle, check: &mut Check) {
    check.within("offers", |check| {
        for (index, one) in bundle.offers().iter().enumerate() {
            check.within(&index.to_string(), |check| {
                if bundle.offers().iter().take(index).any(|other| other.id() == one.id()) {
                    check.within("id", |check| check.fail("duplicate", "another offer has this id; choose another"));
                }
                offer(bundle, one, check);
            });
        }
    });
    check.within("policy", |check| policy(bundle, check));
    check.within("campaigns", |check| {
        for (index, campaign) in bundle.campaigns().iter().enumerate() {
            let Some(wanted) = campaign.offers() else { continue };
            check.within(&index.to_string(), |check| {
                check.within("offers", |check| {
                    for id in wanted.ids().filter(|id| !bundle.offers().iter().any(|offer| offer.id() == *id)) {
                        check.fail("unknown_reference", format!("no offer has this id: {id}"));
                    }
                    if !bundle.offers().iter().any(|offer| wanted.has(offer)) {
                        check.fail("unknown_reference", "no offer is for this; name a slot of offers, or their ids");
                    }
                })
            });
        }
    });
}

fn range(check: &mut Check, key: &str, good: bool, remedy: &str) {
    if !good {
        check.within(key, |check| check.fail("range", remedy));
    }
}

fn offer(bundle: Bundle, offer: Offer, check: &mut Check) {
    check.within("slots", |check| {
        if offer.slots().is_empty() {
            check.fail("empty", "name at least one slot of the page");
        }
        if offer.slots().iter().any(|slot| slot == INTERRUPTIVE) {
            check.fail("reserved", "only a campaign may interrupt; choose another name, and name it in its offers");
        }
    });
    range(check, "margin", offer.margin() > 0.0, "choose a number above 0");
    range(check, "ceiling", offer.ceiling().is_none_or(|most| most > 0), "choose 1 or more, or leave it out");
    if let Some(prior) = offer.prior() {
        check.within("prior", |check| {
            range(
                check,
                "p0",
                prior.share() > 0.0 && prior.share() < 1.0,
                "choose a share above 0 and below 1, e.g. 0.012",
            );
            range(check, "n0", prior.count() > 0.0, "choose a number of exposures above 0, e.g. 40");
        });
    }
    check.within("features", |check| {
        for (name, x) in offer.features().iter() {
            range(check, name, x.abs() <= 10.0, "choose a number from -10 to 10");
        }
    });
    check.within("audience", |check| audience(bundle, offer.audience(), check));
    if let Some(one) = offer.message() {
        check.within("message", |check| message(bundle, one, check));
    }
}

fn policy(bundle: Bundle, check: &mut Check) {
    let policy = bundle.policy();
    if policy.0.is_null() {
        return;
    }
    range(check, "c", policy.curiosity() >= 0.0, "choose a number from 0, e.g. 0.5");
    range(check, "eps", (0.0..=1.0).contains(&policy.chance()), "choose a share from 0 to 1, e.g. 0.05");
    let half_life = policy.half_life();
    range(check, "halfLife", half_life.months == 0 && half_life.nominal() > 0, "choose days or hours, e.g. P60D");
    range(check, "diversity", policy.diversity().is_none_or(|most| most > 0), "choose 1 or more, or leave it out");
    if !policy.interest().is_empty() && bundle.interests().get(policy.interest()).is_none() {
        check.within("interest", |check| {
            check.fail("unknown_reference", format!("no dimension of interests has this name: {}", policy.interest()))
        });
    }
    check.within("features", |check| {
        for (name, belief) in policy.features().iter() {
            check.within(name, |check| {
                let family = name.split(':').next().unwrap_or_default();
                if !FAMILIES.iter().any(|(known, _)| *known == family) {
                    let known: Vec<&str> = FAMILIES.iter().map(|(known, _)| *known).collect();
                    check.fail("unknown_choice", format!("begins with none of {}", known.join(" ")));
                }
                range(
                    check,
                    "q0",
                    belief.precision().is_none_or(|q| q > 0.0),
                    "choose a precision above 0, one by the variance",
                );
            });
        }
    });
}

/// What is legal but rarely meant.
pub fn doubts(bundle: Bundle, check: &mut Check) {
    let policy = bundle.policy();
    if !bundle.offers().is_empty() && policy.chance() == 0.0 {
        check.within("policy", |check| {
            check.within("eps", |check| {
                check.fail(
                    "no_chance",
                    "nothing is left to chance, so no other policy can be judged by the log; choose e.g. 0.05",
                )
            })
        });
    }
    let shares = bundle.interests().get(policy.interest()).map(|dimension| dimension.shares());
    check.within("offers", |check| {
        for (index, offer) in bundle.offers().iter().enumerate() {
            check.within(&index.to_string(), |check| {
                if shares.is_some_and(|shares| shares.get(offer.category()).is_none()) {
                    check.within("category", |check| {
                        check.fail("no_taste", "is no category of the policy's interest, so taste does not lift it; add its share, or another category")
                    });
                }
                if offer.price().is_some() && offer.item().is_none() {
                    check.within("price", |check| check.fail("no_item", "no page can say that it has changed; name the item"));
                }
            });
        }
    });
}
