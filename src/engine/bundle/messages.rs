//! What is wrong or doubtful about messages and surveys: addresses, references, ways through the questions.

use super::{AdMode, Bundle};
use crate::engine::base::document::{Check, Part, Table};
use crate::engine::base::value::Value;
use crate::engine::message::survey::{END, Kind, Question, Survey};
use crate::engine::message::template::Text;
use crate::engine::message::url::{Use, is_allowed};
use crate::engine::message::{BlockSpec, Form, Message, Position};
use std::collections::BTreeSet;

const URL: &str = "only https, tel, mailto, schemes that the page registers, and addresses within the shop are allowed";
const PICTURE: &str = "a picture is https or within the shop";

/// Tells a mistake at a member.
fn at(check: &mut Check, key: &str, code: &'static str, remedy: impl Into<String>) {
    check.within(key, |check| check.fail(code, remedy));
}

/// Whether what a message needs is there, and its addresses are allowed.
pub fn message(bundle: Bundle, message: Message, check: &mut Check) {
    let form = message.form();
    if message.position() == Position::Top && !matches!(form, Form::Banner | Form::Toast) {
        at(check, "position", "unsupported", "only a banner or a toast stands at an edge; leave it out");
    }
    match message.stays() {
        Some(_) if form != Form::Toast => {
            at(check, "stays", "unsupported", "only a toast leaves by itself; leave it out")
        }
        Some(stays) if !stays.is_exact() || stays.exact < 5_000 => {
            at(check, "stays", "range", "choose 5 seconds or more, e.g. PT8S, so that it can be read")
        }
        _ => (),
    }
    check.within("blocks", |check| {
        for (index, one) in message.blocks().iter().enumerate() {
            check.within(&index.to_string(), |check| block(bundle, one, check));
        }
    });
}

fn block(bundle: Bundle, block: BlockSpec, check: &mut Check) {
    let programs = || bundle.programs().iter();
    match block {
        BlockSpec::Progress(progress)
            if progress.fact().is_empty()
                && !programs().any(|program| program.tiers().get(progress.tier()).is_some()) =>
        {
            check.fail("unknown_reference", format!("no program has this tier: {}", progress.tier()));
        }
        BlockSpec::Image(image) => check.within("image", |check| address(check, "src", image.src())),
        BlockSpec::Buttons(buttons) => check.within("buttons", |check| {
            if buttons.is_empty() {
                check.fail("empty", "name a button, or leave the block out");
            }
            for (index, button) in buttons.iter().enumerate() {
                check.within(&index.to_string(), |check| {
                    button.url().into_iter().for_each(|url| address(check, "url", url))
                });
            }
        }),
        BlockSpec::Choice(choice) => check.within("choice", |check| options(choice.0, check)),
        BlockSpec::Survey(id) if bundle.surveys().get(id).is_none() => {
            at(check, "survey", "unknown_reference", format!("no survey has this id: {id}"))
        }
        BlockSpec::Share(share) => check.within("share", |check| {
            address(check, "url", share.url());
            if share.channels().is_empty() {
                at(check, "channels", "empty", "name a channel: kakao, system or copy");
            }
        }),
        BlockSpec::Store(store) => {
            check.within("store", |check| store.map().into_iter().for_each(|map| address(check, "map", map)))
        }
        BlockSpec::Html(html) if !(1..=10_000).contains(&html.height()) => {
            check.within("html", |check| at(check, "height", "range", "choose pixels, 1 to 10000"))
        }
        BlockSpec::Tier(one) => of(one.0, "tiers", check, &|id| programs().any(|program| named(program.tiers(), id))),
        BlockSpec::Badges(one) => of(one.0, "badges", check, &|id| {
            programs().any(|program| program.badges().iter().any(|it| is(it.id(), id)))
        }),
        BlockSpec::Missions(one) => {
            of(one.0, "missions", check, &|id| programs().any(|it| it.missions().iter().any(|it| is(it.id(), id))))
        }
        BlockSpec::Streak(one) => {
            of(one.0, "streaks", check, &|id| programs().any(|it| it.streaks().iter().any(|it| is(it.id(), id))))
        }
        BlockSpec::Collection(one) => of(one.0, "collections", check, &|id| {
            programs().any(|it| it.collections().iter().any(|it| is(it.id(), id)))
        }),
        BlockSpec::Wallet(one) => of(one.0, "currencies or rewards", check, &|id| {
            programs().any(|it| named(it.currencies(), id) || it.rewards().iter().any(|it| is(it.id(), id)))
        }),
        _ => (),
    }
}

fn is(id: &str, wanted: Option<&str>) -> bool {
    wanted.is_none_or(|wanted| wanted == id)
}

fn named<'a, T: Part<'a>>(table: Table<'a, T>, id: Option<&str>) -> bool {
    id.map_or(!table.is_empty(), |id| table.get(id).is_some())
}

/// Whether a program has what a widget shows.
fn of(widget: &Value, what: &str, check: &mut Check, has: &dyn Fn(Option<&str>) -> bool) {
    let of = widget.field("of");
    if of.is_null() {
        if !has(None) {
            check.fail("unknown_reference", format!("no program has {what}; add some, or leave the block out"));
        }
        return;
    }
    for id in of.several().iter().filter_map(Value::text).filter(|id| !has(Some(id))) {
        at(check, "of", "unknown_reference", format!("no program has {what} called {id}"));
    }
}

/// Whether an address may be allowed: of a template what stands before its first tag.
fn address(check: &mut Check, key: &str, url: Text) {
    let picture = key == "src";
    let refused = |template: &str| {
        let before = template.split_once('{').map_or(template.to_string(), |(before, _)| [before, "x"].concat());
        // Which schemes are those of the shop's own app the page alone knows.
        let own: Vec<String> = before.split_once(':').map(|(scheme, _)| scheme.to_string()).into_iter().collect();
        !is_allowed(&before, if picture { Use::Picture } else { Use::Link(&own) })
    };
    if url.templates().any(refused) {
        at(check, key, "url", if picture { PICTURE } else { URL });
    }
}

/// Whether there are options, all of them different.
fn options(whose: &Value, check: &mut Check) {
    let options = whose.field("options").list();
    check.within("options", |check| {
        if options.is_empty() {
            check.fail("empty", "name what can be answered");
        }
        for (index, option) in options.iter().enumerate() {
            let again = options.iter().take(index).any(|other| other.field("value") == option.field("value"));
            if again {
                check.within(&index.to_string(), |check| {
                    at(check, "value", "duplicate", "another option has this value; choose another")
                });
            }
        }
    });
}

/// The bundle's surveys.
pub fn surveys(bundle: Bundle, check: &mut Check) {
    check.within("surveys", |check| {
        for (id, one) in bundle.surveys().iter() {
            check.within(id, |check| check.within("questions", |check| survey(one, check)));
        }
    });
}

fn survey(survey: Survey, check: &mut Check) {
    let questions: Vec<Question> = survey.questions().iter().collect();
    if questions.is_empty() {
        return check.fail("empty", "ask at least one question");
    }
    for (index, question) in questions.iter().enumerate() {
        check.within(&index.to_string(), |check| {
            if questions.iter().take(index).any(|other| other.id() == question.id()) {
                at(check, "id", "duplicate", "another question has this id; choose another");
            }
            if question.id() == END {
                at(check, "id", "reserved", "means the end of the survey; choose another name");
            }
            asked(*question, check);
            check.within("next", |check| {
                for (index, branch) in question.next().iter().enumerate() {
                    check.within(&index.to_string(), |check| {
                        if branch.to() != END && !questions.iter().any(|other| other.id() == branch.to()) {
                            let remedy = format!("no question is called {}; name one, or end", branch.to());
                            at(check, "to", "unknown_reference", remedy);
                        }
                        if branch.min().zip(branch.max()).is_some_and(|(min, max)| min > max) {
                            at(check, "max", "order", "is less than min; write the smaller number first");
                        }
                        let value = branch.value().map(|value| value.0);
                        let known = |value: &Value| question.options().iter().any(|option| option.value().0 == value);
                        if question.kind() == Kind::Choice && value.is_some_and(|value| !known(value)) {
                            at(check, "value", "unknown_reference", "no option has this value; name one of them");
                        }
                    });
                }
            });
        });
    }
    // Backwards from the end: what never comes there goes round for ever.
    let leads: Vec<Vec<Option<usize>>> = (0..questions.len()).map(|index| leads(&questions, index)).collect();
    let mut ends = BTreeSet::new();
    while let Some(index) = (0..leads.len()).find(|index| {
        let there = |to: &Option<usize>| to.is_none_or(|to| ends.contains(&to));
        !ends.contains(index) && leads.get(*index).is_some_and(|all| all.iter().any(there))
    }) {
        ends.insert(index);
    }
    for index in (0..leads.len()).filter(|index| !ends.contains(index)) {
        check.within(&index.to_string(), |check| {
            at(check, "next", "cycle", "goes round without an end; let one of the answers lead to end")
        });
    }
}

/// Where a question may lead: places of others; none is the end.
fn leads(questions: &[Question], index: usize) -> Vec<Option<usize>> {
    let place = |id: &str| questions.iter().position(|other| other.id() == id);
    let mut leads = Vec::new();
    let mut all = false;
    if let Some(question) = questions.get(index) {
        for branch in question.next().iter().filter(|branch| branch.to() == END || place(branch.to()).is_some()) {
            leads.push(place(branch.to()));
            all |= branch.value().is_none() && branch.min().is_none() && branch.max().is_none();
        }
        let covered =
            |value: &Value| question.next().iter().any(|branch| branch.value().is_some_and(|it| it.0 == value));
        let options = question.options();
        all |= question.kind() == Kind::Choice
            && !question.optional()
            && !options.is_empty()
            && options.iter().all(|option| covered(option.value().0));
    }
    if !all {
        leads.push(Some(index + 1).filter(|next| *next < questions.len()));
    }
    leads
}

/// Whether a question says what its kind needs, and nothing that another needs.
fn asked(question: Question, check: &mut Check) {
    let kind = question.kind();
    if kind == Kind::Choice {
        options(question.0, check);
    } else if !question.options().is_empty() {
        at(check, "options", "unsupported", "only a choice has options; leave them out");
    }
    match question.max() {
        Some(_) if kind != Kind::Rating => {
            at(check, "max", "unsupported", "only a rating has a scale of its own; leave it out")
        }
        Some(max) if !(2..=10).contains(&max) => at(check, "max", "range", "choose 2 to 10 steps"),
        _ => (),
    }
}

/// What is legal and rarely meant.
pub fn doubts(bundle: Bundle, check: &mut Check) {
    let ad = bundle.house().ad_label();
    if ad.mode() != AdMode::Off && ad.sender().is_none() {
        check.within("house", |check| {
            at(check, "adLabel", "no_sender", "does not say who advertises; add sender, the name of the shop")
        });
    }
    check.within("surveys", |check| {
        for (id, survey) in bundle.surveys().iter() {
            let questions: Vec<Question> = survey.questions().iter().collect();
            let (mut asked, mut way) = (BTreeSet::new(), vec![0]);
            while let Some(index) = way.pop() {
                if asked.insert(index) {
                    way.extend(leads(&questions, index).into_iter().flatten());
                }
            }
            for index in (0..questions.len()).filter(|index| !asked.contains(index)) {
                check.within(id, |check| {
                    check.within("questions", |check| {
                        at(check, &index.to_string(), "never_asked", "no answer leads here; let one, or leave it out")
                    })
                });
            }
        }
    });
}
