//! What a bundle may come to cost: what its rules, missions, referrals and rewards give at most, by the limits that it states.

use super::Bundle;
use crate::engine::base::value::{Map, Value};
use crate::engine::loyalty::Program;
use crate::engine::loyalty::program::{Per, Prize, Rate};
use crate::engine::loyalty::rule::Grant;

/// What is given: one line each, `{pointer, kind, id, label, campaigns, currency, most, cash, once, cap}`. `most`: of one time, in
/// points, or for a reward its value in minor units; left out where nothing bounds it. `cash`: what one point is worth in minor
/// units. `once`: a shopper has it once. `cap`: the limits beside, as they are written. `campaigns`: those it hears of, or shares
/// the name of. And each budget of a program, `{pointer, kind: "budget", currency, most, per, cash}`.
pub fn exposure(bundle: Bundle) -> Vec<Value> {
    let mut lines = Vec::new();
    for (place, program) in bundle.programs().iter().enumerate() {
        let mut told = Told { bundle, program, at: format!("/programs/{place}"), lines: &mut lines };
        told.program();
    }
    lines
}

struct Told<'a, 'b> {
    bundle: Bundle<'a>,
    program: Program<'a>,
    at: String,
    lines: &'b mut Vec<Value>,
}

impl<'a> Told<'a, '_> {
    fn program(&mut self) {
        let program = self.program;
        for (index, rule) in program.rules().iter().enumerate() {
            let own = self.line("rule", &format!("rules/{index}"), rule.id(), rule.0);
            let once = rule.once().is_some_and(|once| once.properties().is_empty());
            let own = own.with("once", once).with("cap", rule.cap().0.clone());
            // Saved instead of used at once, it grows.
            let save = rule.choice().map(|choice| choice.save());
            let times: Vec<Rate> = save
                .into_iter()
                .flat_map(|save| save.by_variant().iter().map(|(_, one)| one).chain([save.times()]))
                .collect();
            for (currency, grant) in rule.grant().iter() {
                let event = rule.cap().limits().into_iter().filter(|one| one.what == currency && one.per == Per::Event);
                let cap = event.map(|one| one.most).min();
                let most = match grant {
                    Grant::Fixed(fixed) => {
                        Some(rule.bonus().iter().fold(fixed, |sum, one| sum.saturating_add(one.add().of(fixed))))
                    }
                    Grant::Rate(..) => None,
                };
                let most = [most, cap].into_iter().flatten().min();
                let most = most.map(|most| times.iter().map(|times| times.of(most)).fold(most, i64::max));
                self.points(own.clone(), currency, most);
            }
            rule.reward().into_iter().for_each(|prize| self.prize(&own, prize));
        }
        for (index, mission) in program.missions().iter().enumerate() {
            let own = self.line("mission", &format!("missions/{index}"), mission.id(), mission.0);
            let own = own.with("once", mission.repeat().is_none()).with("cap", mission.cap().0.clone());
            mission.reward().into_iter().for_each(|prize| self.prize(&own, prize));
        }
        if let Some(referral) = program.referral() {
            let own = self.line("referral", "referral", "referral", referral.0);
            let own = own.with("once", false).with("cap", referral.0.field("cap").clone());
            let give = referral.give();
            give.referrer().into_iter().chain(give.friend()).for_each(|prize| self.prize(&own, prize));
        }
        for (index, reward) in program.rewards().iter().enumerate() {
            // What is bought with points was paid for when they were given.
            let Some(value) = reward.value().filter(|_| reward.cost().is_empty()) else { continue };
            let own = self.line("reward", &format!("rewards/{index}"), reward.id(), reward.0);
            let own = own.with("once", false).with("cap", reward.0.field("per").clone());
            self.lines.push(own.with("most", value).with("cash", 1).into());
        }
        for (currency, budget) in program.budget().iter() {
            let own = Map::new().with("pointer", format!("{}/budget/{currency}", self.at)).with("kind", "budget");
            let own = own.with("per", program.0.field("budget").field(currency).field("per").clone());
            self.points(own, currency, Some(budget.issue()));
        }
    }

    fn line(&self, kind: &str, place: &str, id: &str, whole: &Value) -> Map {
        let mut said = Vec::new();
        texts(whole, &mut said);
        // What meters count that it asks of.
        let meters = self.bundle.meters().iter().filter(|(name, _)| {
            said.iter().any(|text| text.strip_prefix("meter.").is_some_and(|rest| rest.split('.').next() == Some(name)))
        });
        let mut heard = said.clone();
        meters.for_each(|(_, meter)| texts(meter.0, &mut heard));
        let campaigns = self.bundle.campaigns().iter().map(|campaign| campaign.id());
        let own: Vec<Value> =
            campaigns.filter(|campaign| heard.contains(campaign) || *campaign == id).map(Value::from).collect();
        let label = whole.field("label").clone();
        Map::new()
            .with("pointer", format!("{}/{place}", self.at))
            .with("kind", kind)
            .with("id", id)
            .with("label", label)
            .with("campaigns", own)
    }

    fn points(&mut self, own: Map, currency: &str, most: Option<i64>) {
        let of = self.program.currencies().get(currency);
        let cash = of.and_then(|of| of.cash()).unwrap_or(0);
        self.lines.push(own.with("currency", currency).with("most", most).with("cash", cash).into());
    }

    fn prize(&mut self, own: &Map, prize: Prize<'a>) {
        prize.points().for_each(|(currency, points)| self.points(own.clone(), currency, Some(points)));
    }
}

/// The names of facts, and texts, in a document.
fn texts<'a>(value: &'a Value, found: &mut Vec<&'a str>) {
    found.extend(value.text());
    value.list().iter().for_each(|one| texts(one, found));
    for (key, member) in value.members() {
        found.push(key);
        texts(member, found);
    }
}
