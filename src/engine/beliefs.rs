//! What the policy believes of the offers of a slot, for one shopper at a moment: what each score is made of, how probable each
//! is in the draw, and what one more answer would change. The live engine is asked; nothing is reckoned beside it.

use super::Decision;
use super::base::host::Host;
use super::base::text::join;
use super::base::time::{DAY, MINUTE, Span, Time, Zones};
use super::base::value::{Map, Value};
use super::bundle::Bundle;
use super::campaign::verdict::{Circumstances, Stage};
use super::campaign::{ANSWER, Campaign, DECISION, EXPOSURE, INTERRUPTIVE, Wanted};
use super::error::Error;
use super::offer::{Chosen, DISMISSED, Draw, Moment, PATIENCE, Terms, logistic};
use super::preview::{Look, Page};
use super::replay::Options;
use super::words::Speaker;

/// What is asked about.
#[derive(Clone, Copy)]
pub struct Asked<'a> {
    /// The slot.
    pub slot: &'a str,
    /// One more answer, as if it had been given.
    pub then: Option<Then<'a>>,
}

/// An offer is shown once more, and this becomes of it.
#[derive(Clone, Copy)]
pub struct Then<'a> {
    /// The offer.
    pub offer: &'a str,
    /// What the shopper does.
    pub answer: Answer,
    /// The id of the decision; its lines go by it, too.
    pub id: &'a str,
}

/// What a shopper does with an offer.
#[derive(Clone, Copy, PartialEq)]
pub enum Answer {
    /// Clicks it.
    Click,
    /// Dismisses it.
    Dismiss,
    /// Sees it and does nothing until it counts as unanswered.
    Ignore,
}

fn fault(code: &'static str, path: &str, message: &str) -> Error {
    Error { code, path: path.to_string(), message: message.to_string() }
}

impl<'a> Asked<'a> {
    /// Reads `{slot, then: {offer, answer, id}}`.
    pub fn read(value: &'a Value) -> Result<Asked<'a>, Error> {
        let text = |key: &str| value.at(key).text();
        let slot = text("slot").ok_or_else(|| fault("missing", "/slot", "name the slot that is asked about"))?;
        if value.at("then").is_null() {
            return Ok(Asked { slot, then: None });
        }
        let offer = text("then.offer").ok_or_else(|| fault("missing", "/then/offer", "name the offer by its id"))?;
        let answer = match text("then.answer") {
            Some("click") => Answer::Click,
            Some("dismiss") => Answer::Dismiss,
            Some("ignore") => Answer::Ignore,
            _ => return Err(fault("unknown_choice", "/then/answer", "choose one of click dismiss ignore")),
        };
        Ok(Asked { slot, then: Some(Then { offer, answer, id: text("then.id").unwrap_or("then") }) })
    }
}

/// What is believed of the offers of a slot: `{at, slot, stands, campaign, candidates, policy, holdout, experiments, lines,
/// refused}`. With an answer to come: the same once its `lines` are in the log; none where the offer could not be shown now.
pub fn beliefs(
    source: &Value,
    look: &Look,
    asked: Asked,
    zones: Zones,
    host: Box<dyn Host>,
) -> Result<Value, Vec<Error>> {
    Bundle::read(source)?;
    let now = look.now();
    let page = Page::open(source.clone(), look, zones, host);
    let (weighed, decisions) = page.weighed(asked.slot, &look.terms.lang);
    let Some(then) = asked.then else { return Ok(weighed.with("lines", Vec::new()).into()) };
    if !Bundle(source).offers().iter().any(|offer| offer.id() == then.offer) {
        return Err(vec![fault("unknown_reference", "/then/offer", "no offer has this id")]);
    }
    let decision = decisions.into_iter().find(|decision| decision.offer.as_deref() == Some(then.offer));
    let Some(decision) = decision else { return Ok(weighed.with("lines", Vec::new()).into()) };
    let lines = then.lines(decision, look, now);
    let all: Vec<Value> = look.happened().chain(&lines).cloned().collect();
    let now = if then.answer == Answer::Ignore { now.plus(PATIENCE) } else { now };
    let terms = Options { at: Some(now), ..look.terms.clone() };
    let (weighed, _) = page.another(&Look { lines: &all, terms, ..*look }).weighed(asked.slot, &look.terms.lang);
    Ok(weighed.with("lines", lines).into())
}

impl Then<'_> {
    /// What a page would have in its log: that it was chosen, that it was seen, and the answer.
    fn lines(self, decision: Decision, look: &Look, now: Time) -> Vec<Value> {
        let decision = Decision { id: self.id.to_string(), ..decision };
        let action = if self.answer == Answer::Click { "click" } else { "dismiss" };
        let mut told = vec![(DECISION, decision.line()), (EXPOSURE, decision.properties())];
        if self.answer != Answer::Ignore {
            told.push((ANSWER, decision.properties().with("action", action)));
        }
        let (user, anonymous) = (look.who("userId"), look.who("anonymousId"));
        let anonymous = anonymous.or(user.is_none().then_some("studio"));
        let line = |(place, (event, properties)): (usize, (&str, Map))| {
            let mut line = Map::of([
                ("type", "track".into()),
                ("event", event.into()),
                ("messageId", join(&[self.id, ".", &(place + 1).to_string()]).into()),
                ("timestamp", now.text().into()),
                ("userId", user.into()),
                ("anonymousId", anonymous.into()),
                ("properties", properties.into()),
            ]);
            line.drop_nulls();
            line.into()
        };
        told.into_iter().enumerate().map(line).collect()
    }
}

impl Page {
    /// What is believed of a slot's offers, and the decision that each would be that could be shown now.
    fn weighed(&self, slot: &str, lang: &str) -> (Map, Vec<Decision>) {
        let Page { engine, now, shown, .. } = self;
        let stands = match slot == INTERRUPTIVE {
            true => shown.clone(),
            false => engine.decide(slot, *now).or_else(|| engine.silent(slot, 1, *now).pop()),
        };
        let campaign = stands.as_ref().and_then(|stands| engine.bundle().campaign(stands.campaign.as_deref()?));
        let speaks_of = campaign.and_then(|campaign| campaign.offers());
        let own = Value::from(slot);
        let (wanted, alone) = match speaks_of {
            Some(wanted) => (wanted, None),
            None => (Wanted::slot(&own), Some(slot)),
        };
        // Where nothing stands there was no draw.
        let id = stands.as_ref().map_or("", |stands| stands.id.as_str());
        let visible = stands.as_ref().filter(|stands| !stands.silent && (campaign.is_none() || speaks_of.is_some()));
        let speaker = self.speaker(lang);
        let (mut answer, mut decisions) = (Map::new(), Vec::new());
        self.ask(&mut |circumstances| {
            // Of one who is held out it is told what would have shown.
            let circumstances = Circumstances { ghost: true, ..circumstances };
            let (eligible, moment) = (circumstances.eligible(wanted, alone), circumstances.moment(slot));
            let policy = circumstances.model().policy;
            let seed = join(&[policy.seed(), "/", &engine.setting.options.seed]);
            let terms = Terms { count: 1, chance: policy.chance(), diversity: policy.diversity() };
            let mut list = terms.odds(&moment, &eligible, Draw { seed: &seed, id });
            if let Some(stands) = visible {
                // Of one draw all are told alike, but for what each is.
                for chosen in &list {
                    let Some((offer, _)) = circumstances.plan.offers.offer(chosen.entry) else { continue };
                    let [features, score] = moment.named(chosen.entry);
                    let log = stands.log.clone().with("draw", id).with("features", features).with("score", score);
                    let (offer, propensity) = (Some(offer.to_string()), chosen.propensity);
                    decisions.push(Decision { offer, propensity, log, ..stands.clone() });
                }
            }
            let mut others: Vec<usize> = (0..circumstances.plan.offers.len())
                .filter(|entry| !eligible.contains(entry) && circumstances.is_wanted(*entry, wanted))
                .collect();
            others.sort_by(|one, other| moment.score(*other).total.total_cmp(&moment.score(*one).total));
            list.extend(others.into_iter().map(|entry| Chosen { entry, propensity: 0.0 }));
            let candidates: Vec<Value> = list
                .into_iter()
                .enumerate()
                .filter_map(|(place, chosen)| {
                    let rank = (place < eligible.len()).then_some(place as i64 + 1);
                    circumstances.candidate(&moment, chosen, rank, alone, speaker)
                })
                .collect();
            answer = Map::of([
                ("at", now.text().into()),
                ("slot", slot.into()),
                ("stands", stands.as_ref().map_or(Value::Null, |stands| told(stands, circumstances))),
                ("campaign", campaign.map(Campaign::id).into()),
                ("candidates", candidates.into()),
                ("policy", circumstances.constants()),
                ("holdout", circumstances.holdout_line()),
                ("experiments", circumstances.experiments(speaker).into()),
            ]);
        });
        (answer.with("refused", self.refused()), decisions)
    }
}

/// What stands in the slot; what would, to one who is held out or in another variant.
fn told(stands: &Decision, circumstances: Circumstances) -> Value {
    let campaign = stands.campaign.as_deref().and_then(|id| circumstances.bundle.campaign(id));
    let held_out = circumstances.held_out(campaign.unwrap_or(Campaign(&Value::Null))).is_some();
    let why = match stands.silent {
        false => None,
        true => Some(if held_out { "holdout" } else { "control" }),
    };
    stands.properties().with("propensity", stands.propensity).with("silent", why).into()
}

impl<'a> Circumstances<'a> {
    fn is_wanted(self, entry: usize, wanted: Wanted) -> bool {
        let offer = self.plan.offers.offer(entry).and_then(|(_, place)| self.bundle.offers().get(place));
        offer.is_some_and(|offer| wanted.has(offer))
    }

    /// An offer with why it may not be shown, what its score is made of, and what became of it so far.
    fn candidate(
        self,
        moment: &Moment,
        chosen: Chosen,
        rank: Option<i64>,
        alone: Option<&str>,
        speaker: Speaker,
    ) -> Option<Value> {
        let Chosen { entry, propensity } = chosen;
        let (id, place) = self.plan.offers.offer(entry)?;
        let offer = self.bundle.offers().get(place)?;
        let verdict = self.offered(place, offer, alone);
        let (score, belief) = (moment.score(entry), moment.belief(entry));
        let deviation = belief.variance.sqrt();
        let usual = self.plan.offers.prior(&join(&["offer:", id])).map(|prior| logistic(prior.mean));
        let terms: Vec<Value> = moment
            .terms(entry)
            .into_iter()
            .map(|(name, x, weight)| {
                let prior = self.plan.offers.prior(&name).map_or(weight.mean, |prior| prior.mean);
                Map::of([
                    ("name", name.into()),
                    ("x", x.into()),
                    ("weight", weight.mean.into()),
                    ("deviation", weight.variance.sqrt().into()),
                    ("prior", prior.into()),
                    ("adds", (weight.mean * x).into()),
                    ("learnt", ((weight.mean - prior) * x).into()),
                ])
                .into()
            })
            .collect();
        let around = [-1.0, 1.0].map(|side| Value::from(logistic(belief.mean + side * deviation)));
        let contact = self.learnt.offers.get(id);
        let waits =
            self.learnt.opened.iter().filter(|(_, open)| open.seen.is_some() && open.offer.as_deref() == Some(id));
        let time = |time: Option<Time>| Value::from(time.map(Time::text));
        let evidence = Map::of([
            ("exposures", contact.map_or(0, |contact| contact.shown).into()),
            ("waiting", (waits.count() as i64).into()),
            ("clicked", time(contact.and_then(|contact| contact.clicked))),
            ("dismissed", time(contact.and_then(|contact| contact.dismissed))),
        ]);
        let mut line = Map::of([
            ("offer", id.into()),
            ("label", speaker.print(offer.label(), self.document).into()),
            ("category", offer.category().into()),
            ("eligible", (verdict.stage == Stage::Shown).into()),
        ]);
        for (key, value) in verdict.of_offer().iter() {
            line.append(key, value.clone());
        }
        let Value::Map(line) = speaker.offered(line.into()) else { return None };
        let line = line
            .with("rank", rank)
            .with("propensity", propensity)
            .with("terms", terms)
            .with("sum", belief.mean)
            .with("deviation", deviation)
            .with("chance", score.chance)
            .with("usual", usual.map_or(Value::Null, Value::from))
            .with("between", around.to_vec())
            .with("margin", offer.margin())
            .with("worth", score.worth)
            .with("bonus", score.bonus)
            .with("score", score.total)
            .with("evidence", evidence);
        Some(line.into())
    }

    /// What the policy is set to, and what it holds fixed.
    fn constants(self) -> Value {
        let policy = self.model().policy;
        let patience = Span { exact: PATIENCE / MINUTE * MINUTE, ..Span::default() };
        Map::of([
            ("version", policy.version().into()),
            ("c", policy.curiosity().into()),
            ("eps", policy.chance().into()),
            ("halfLife", policy.half_life().text().into()),
            ("halfLifeDays", (policy.half_life().nominal() as f64 / DAY as f64).into()),
            ("interest", policy.interest().into()),
            ("diversity", policy.diversity().into()),
            ("dismissal", DISMISSED.into()),
            ("patience", patience.text().into()),
        ])
        .into()
    }

    /// Whether offers are held out from this shopper; `null` where the house holds out none, `bucket` where nobody is signed in.
    fn holdout_line(self) -> Value {
        let Some(holdout) = self.bundle.house().holdout() else { return Value::Null };
        let bucket = self.holdout_of(Campaign(&Value::Null)).map(|(bucket, _)| bucket);
        Map::of([
            ("share", holdout.share().into()),
            ("seed", holdout.seed().into()),
            ("bucket", bucket.map_or(Value::Null, Value::from)),
            ("out", self.held_out(Campaign(&Value::Null)).is_some().into()),
        ])
        .into()
    }

    /// The variant that this shopper has of each campaign with several, or why there is none.
    fn experiments(self, speaker: Speaker) -> Vec<Value> {
        let mut lines = Vec::new();
        for (place, campaign) in self.bundle.campaigns().iter().enumerate() {
            if campaign.variants().is_empty() {
                continue;
            }
            let variant = self.variant(campaign, self.histories.get(campaign.id()));
            let fresh = self.variant(campaign, None).ok().flatten().map(|variant| variant.id());
            let has = variant.as_ref().ok().copied().flatten();
            let variants: Vec<Value> = campaign
                .variants()
                .iter()
                .map(|variant| {
                    Map::of([
                        ("id", variant.id().into()),
                        ("weight", variant.weight().into()),
                        ("none", variant.none().into()),
                    ])
                    .into()
                })
                .collect();
            let code = match variant {
                Ok(Some(variant)) if variant.none() => Some("control"),
                Ok(_) => None,
                Err(code) => Some(code),
            };
            let at = join(&["/campaigns/", &place.to_string(), "/experiment"]);
            let verdict = Map::of([
                ("campaign", campaign.id().into()),
                ("stage", Stage::Experiment.word().into()),
                ("code", code.into()),
                ("at", at.into()),
            ]);
            let spoken = speaker.spoken(verdict);
            lines.push(
                Map::of([
                    ("campaign", campaign.id().into()),
                    ("label", spoken.at("label").clone()),
                    ("variants", variants.into()),
                    ("bucket", self.bucket(campaign).map_or(Value::Null, Value::from)),
                    ("coverage", campaign.experiment().coverage().into()),
                    ("variant", has.map(|variant| variant.id()).into()),
                    // It was seen first when another one would be drawn now.
                    ("kept", (has.is_some() && has.map(|variant| variant.id()) != fresh).into()),
                    ("text", code.map_or(Value::Null, |_| spoken.at("text").clone())),
                ])
                .into(),
            );
        }
        lines
    }
}
