//! Verdicts in words: the bundle's own reasons first, generic ones else, in Korean or English.

use super::audience::printed;
use super::base::document::Part;
use super::base::money::grouped;
use super::base::text::cut_last;
use super::base::time::{Day, HOUR, MINUTE, Time};
use super::base::value::{Map, Value};
use super::fold::World;
use super::message::template::{Moment, Scope, Text};
use super::message::{date, josa};

/// Speaks about one bundle, at one moment, in one language.
#[derive(Clone, Copy)]
pub struct Speaker<'a> {
    /// The bundle, zones and platform.
    pub world: World<'a>,
    /// `ko` or `en`.
    pub lang: &'a str,
    /// The moment.
    pub now: Time,
}

impl<'a> Speaker<'a> {
    /// A verdict line with its `label` and `text`.
    pub fn spoken(self, verdict: Map) -> Value {
        let value: Value = verdict.clone().into();
        let label = self.label(value.at("campaign"));
        let text = self.sentence(&value);
        // Why steps were passed over stands with each: the text is the verdict's own.
        let mut skipped = value.at("skipped").clone();
        if let Value::List(skipped) = &mut skipped {
            for one in skipped {
                let why = self.sentence(one);
                if let Value::Map(line) = one {
                    line.set("text", why);
                }
            }
        }
        let mut spoken = Map::new();
        // The order of contract.md section 3 first.
        for key in ["campaign", "step", "slot", "stage", "to", "next"] {
            spoken.set(key, value.at(key).clone());
        }
        spoken.set("text", text);
        spoken.set("label", label);
        if !skipped.is_null() {
            spoken.set("skipped", skipped);
        }
        for (key, member) in verdict.iter().filter(|(key, _)| spoken.get(key).is_none()).collect::<Vec<_>>() {
            spoken.set(key, member.clone());
        }
        spoken.into()
    }

    /// Verdict lines, each so.
    pub fn each(self, verdicts: &Value) -> Value {
        let verdicts = verdicts.list().iter().filter_map(Value::map);
        verdicts.map(|verdict| self.spoken(verdict.clone())).collect::<Vec<_>>().into()
    }

    /// What is said of an offer, with its `text`: why it may not be shown, else why it is offered.
    pub fn offered(self, line: Value) -> Value {
        let id = line.field("offer").text();
        let offer = self.world.bundle.offers().iter().find(|offer| Some(offer.id()) == id);
        let shows = line.field("stage").text() == Some("shown");
        let text = match offer.and_then(|offer| offer.why()).filter(|_| shows) {
            Some(why) => self.print(why, &Value::Null),
            None if shows => self.either("보여드릴 수 있어요", "May be shown"),
            None => self.sentence(&line),
        };
        line.map().cloned().unwrap_or_default().with("text", text).into()
    }

    /// The date in the house's zone.
    pub fn day(self, at: Time) -> Day {
        self.world.zones.day(self.world.bundle.house().zone(), at)
    }

    /// Whether it speaks Korean.
    pub fn korean(self) -> bool {
        self.lang.starts_with("ko")
    }

    /// What a campaign is called, by its id.
    pub fn label(self, campaign: &Value) -> String {
        let id = campaign.text().unwrap_or_default();
        let campaigns = self.world.bundle.campaigns();
        let label = campaigns
            .iter()
            .find(|campaign| campaign.id() == id)
            .map(|campaign| self.print(campaign.label(), &Value::Null));
        label.filter(|label| !label.is_empty()).unwrap_or_else(|| id.to_string())
    }

    /// A text of the bundle in this language.
    pub fn print(self, text: Text, document: &Value) -> String {
        let house = self.world.bundle.house();
        let (currency, locales, texts) = (house.currency(), house.locales(), house.texts());
        let moment = Some(Moment { now: self.now, zone: house.zone(), zones: self.world.zones });
        text.print(Scope { document, currency, lang: self.lang, locales, texts, host: self.world.host, moment })
    }

    fn sentence(self, verdict: &Value) -> String {
        let instant = |key: &str| verdict.at(key).text().and_then(Time::parse).map(|(at, _)| at);
        let next = instant("next").map(|at| self.moment(at));
        if let Some(why) = self.why(verdict.at("at").text().unwrap_or_default()).or_else(|| self.why_within(verdict)) {
            // When the rule itself lets go; the last good day before it, and how many days are left.
            let ends = instant("ends");
            let mut document = Map::new()
                .with("actual", verdict.at("actual").clone())
                .with("expected", verdict.at("expected").clone())
                .with("next", next.as_deref())
                .with("end", ends.map(|at| self.moment(at)))
                .with("until", ends.map(|at| self.date(self.day(at.plus(-1)))))
                .with("left", ends.map(|at| self.days(self.day(at).0 - self.day(self.now).0)))
                .into();
            // What else the rule looked at, by path.
            for leaf in verdict.at("leaves").list() {
                put(&mut document, leaf.at("path").text().unwrap_or_default(), leaf.at("actual"));
            }
            let said = self.print(why, &document);
            // What lacks something it would say is said in danbi's own words.
            if !said.is_empty() {
                return said;
            }
        }
        let again = |ko: &str, en: &str| match &next {
            Some(next) if self.korean() => [ko, ". ", next, "부터 다시 떠요."].concat(),
            Some(next) => [en, ". Again from ", next, "."].concat(),
            None => self.either(ko, en),
        };
        let from = |ko: &str, en: &str| match &next {
            Some(next) if self.korean() => [next, "부터 떠요"].concat(),
            Some(next) => ["Due from ", next].concat(),
            None => self.either(ko, en),
        };
        let due = |ko: &str, en: &str| match &next {
            Some(next) if self.korean() => [ko, ". ", next, "부터 떠요."].concat(),
            Some(next) => [en, ". Due from ", next, "."].concat(),
            None => self.either(ko, en),
        };
        let count = |key: &str| verdict.at(key).integer().map(grouped).unwrap_or_default();
        let times = match verdict.at("actual").integer() {
            Some(1) => String::from("once"),
            Some(2) => String::from("twice"),
            _ => [&count("actual"), " times"].concat(),
        };
        // How often, before and after it.
        let often = |ko: [&str; 2], en: [&str; 2]| {
            again(&[ko[0], &count("actual"), "번 ", ko[1]].concat(), &[en[0], &times, en[1]].concat())
        };
        // Of what is mostly done once, the number only where it is more.
        let done = |ko: &str, en: &str| match verdict.at("actual").integer() {
            Some(1) => again(&["이미 ", ko].concat(), en),
            _ => often(["이미 ", ko], [&[en, " "].concat(), ""]),
        };
        let some = verdict.at("expected").integer().is_some_and(|expected| expected > 0);
        let word = |key: &str| printed(verdict.at(key), self.world.host);
        match verdict.at("code").text().unwrap_or_default() {
            "member" => self.either("로그인 전이에요", "Not signed in yet"),
            "clock" => again("기기 시계가 맞지 않아 기다려요", "Waiting: the device's clock runs behind"),
            "page" => self.either("이 화면에는 띄우지 않아요", "Not shown on this page"),
            "slot" => self.either("이 화면에는 그 자리가 없어요", "This page has no such slot"),
            "consent" => self.either(
                &["동의하지 않으셨어요: ", &self.purpose(&word("path"))].concat(),
                &["No consent: ", &self.purpose(&word("path"))].concat(),
            ),
            "over" => self.either("기간이 끝났어요", "Its time is over"),
            "not_yet" => from("아직 때가 아니에요", "Not due yet"),
            "event" => self.either(
                &["이번 방문에 아직 일어나지 않았어요: ", &word("expected")].concat(),
                &["Has not happened in this visit: ", &word("expected")].concat(),
            ),
            "window" => due("지금은 쉬는 시간이에요", "Closed at this hour"),
            "zone" => self.either("어느 시간대인지 몰라 기다려요", "Waiting: the time zone is not known"),
            "unknown_date" => self.either(
                &["날짜를 몰라요: ", &word("path")].concat(),
                &["The date is not known: ", &word("path")].concat(),
            ),
            "elsewhere" => self.either(
                &["다른 화면에서 떠요: ", &word("expected")].concat(),
                &["Shown on another page: ", &word("expected")].concat(),
            ),
            "dwell" if some => self.either(
                &["상품을 ", &count("expected"), "초 이상 보면 떠요"].concat(),
                &["Shown once a product was looked at for ", &count("expected"), " seconds"].concat(),
            ),
            "dwell" => self.either("상품을 오래 보면 떠요", "Shown once a product was looked at for a while"),
            "scroll" if some => self.either(
                &["화면을 ", &count("expected"), "% 이상 내리면 떠요"].concat(),
                &["Shown once ", &count("expected"), "% of the page was scrolled"].concat(),
            ),
            "scroll" => self.either("화면을 내리면 떠요", "Shown once the page was scrolled"),
            "exit" => self.either("화면을 떠나려 할 때 떠요", "Shown when the shopper is about to leave"),
            "inactivity" if some => self.either(
                &["화면에서 ", &count("expected"), "초 동안 움직임이 없으면 떠요"].concat(),
                &["Shown after ", &count("expected"), " seconds without a movement"].concat(),
            ),
            "inactivity" => {
                self.either("화면에서 한동안 움직임이 없으면 떠요", "Shown after a while without a movement")
            }
            "place" => self.either(
                &["이 장소 가까이에서 떠요: ", &word("expected")].concat(),
                &["Shown near this place: ", &word("expected")].concat(),
            ),
            "answer" => {
                let asked = self.label(verdict.at("expected"));
                self.either(&[&asked, "에 답하시면 떠요"].concat(), &["Shown after an answer to: ", &asked].concat())
            }
            "this_visit" => self.either("다음 방문부터 떠요", "From the next visit on"),
            "not_happened" => self.either("기다리는 일이 아직 없었어요", "What it waits for has not happened"),
            "audience" => {
                let (path, actual) = (word("path"), verdict.at("actual"));
                let found =
                    if actual.is_null() { self.either("없음", "absent") } else { printed(actual, self.world.host) };
                let topic = josa::particle(&path, "은/는");
                self.either(
                    &["대상이 아니에요: ", &path, &topic, " ", &found].concat(),
                    &["Not in the audience: ", &path, " is ", &found].concat(),
                )
            }
            "empty" => self.either("채울 내용이 없어 띄우지 않아요", "Nothing is left to be said"),
            "no_offer" => self.either("보여드릴 수 있는 상품이 없어요", "None of its offers may be shown"),
            "sold_out" => self.either("품절이에요", "Sold out"),
            "price" => self.either("가격이 바뀌었어요", "Its price has changed"),
            "ceiling" => often(["이미 ", "보여드렸어요"], ["Already shown ", ""]),
            "cooldown" => again("닫으셔서 쉬어요", "Resting after it was dismissed"),
            "holdout" => self.either("효과를 재려고 남겨 둔 그룹이에요", "In the holdout group"),
            "done" => self.either("이미 보여드렸어요", "Already shown"),
            "never" => self.either("다시 보지 않겠다고 하셨어요", "The shopper asked never to see it"),
            "hidden" => {
                let (ko, en) = match verdict.at("actual").text() {
                    Some("hide_7d") => ("7일간 보지 않기를 누르셨어요", "Hidden for 7 days by the shopper"),
                    _ => ("오늘 하루 보지 않기를 누르셨어요", "Hidden for today by the shopper"),
                };
                // Something else may keep it back for longer.
                let until = verdict.at("expected").text().filter(|until| verdict.at("next").text() != Some(*until));
                match until.and_then(Time::parse).map(|(at, _)| self.moment(at)) {
                    Some(until) => again(&[ko, "(", &until, "까지)"].concat(), &[en, " (until ", &until, ")"].concat()),
                    None => again(ko, en),
                }
            }
            "other_tab" => self.either("다른 탭에서 보여드리고 있어요", "Shown in another tab"),
            "quiet_state" => again("지금은 프로모션을 쉬고 있어요", "No promotions for now"),
            "excluded" => {
                let other = self.label(verdict.at("expected"));
                let object = josa::particle(&other, "을/를");
                again(
                    &[&other, &object, " 보여드린 지 얼마 안 돼서 쉬어요"].concat(),
                    &["Resting after ", &other].concat(),
                )
            }
            "excluded_due" => self.first(verdict.at("expected")),
            code @ ("not_shown" | "not_answered" | "not_clicked" | "not_dismissed" | "not_chosen") => {
                let other = self.label(verdict.at("expected"));
                let object = josa::particle(&other, "을/를");
                let (particle, ko, en) = match code {
                    "not_shown" => (object.as_str(), " 보신 뒤에 떠요", " was shown"),
                    "not_answered" => ("에", " 답하신 뒤에 떠요", " was answered"),
                    "not_clicked" => (object.as_str(), " 누르신 뒤에 떠요", " was clicked"),
                    "not_dismissed" => (object.as_str(), " 닫으신 뒤에 떠요", " was closed"),
                    _ => ("에서", " 고르신 뒤에 떠요", " was chosen from"),
                };
                self.either(&[&other, particle, ko].concat(), &["Only after ", &other, en].concat())
            }
            "cap_dismiss" => done("닫으셔서 쉬어요", "Resting: closed"),
            "cap_click" => done("누르셔서 쉬어요", "Resting: clicked"),
            "cap_answer" => done("답하셔서 쉬어요", "Resting: answered"),
            "own_gap" => again("얼마 전에 보여서 쉬어요", "Resting after its last showing"),
            "step_gap" => match (&next, self.korean()) {
                (Some(next), true) => ["다음 단계는 ", next, "부터예요"].concat(),
                (Some(next), false) => ["The next step is due from ", next].concat(),
                (None, _) => self.either("다음 단계는 아직이에요", "The next step is not due yet"),
            },
            "ramp" => again("처음에는 천천히 보여드려요", "Fewer messages in the beginning"),
            "quiet" => again("방해하지 않는 시간이에요", "Quiet hours"),
            "control" => {
                self.either("비교하려고 보여드리지 않는 그룹이에요", "In the group that is shown nothing, to compare")
            }
            "coverage" => self.either("이 실험에는 들어가지 않아요", "Not part of this experiment"),
            "namespace" => self.either("다른 실험에 들어가 있어요", "Kept for another experiment"),
            "bucket_version" => {
                self.either("이전 실험을 보셔서 이번에는 빠져요", "Left out: saw an older version of the experiment")
            }
            "no_id" => self.either("누구인지 몰라 실험에 넣을 수 없어요", "Nobody is known to draw a variant for"),
            "cap" => often(["이미 ", "보여서 쉬어요"], ["Resting: shown ", ""]),
            "session_cap" => match self.korean() {
                true => ["이번 방문에 ", &count("actual"), "번 보여서 쉬어요. 다음 방문에 다시 떠요."].concat(),
                false => ["Shown ", &times, " in this visit. Again in the next visit."].concat(),
            },
            "day_cap" => often(["오늘 ", "보여서 쉬어요"], ["Shown ", " today"]),
            "rolling_cap" => often(["최근 ", "보여서 쉬어요"], ["Shown ", " in recent days"]),
            "gap" => again("방금 다른 메시지를 보여서 쉬어요", "Resting after another message"),
            "priority" => self.first(verdict.at("to")),
            _ => self.either("지금 보여요", "Shows now"),
        }
    }

    fn first(self, campaign: &Value) -> String {
        let first = self.label(campaign);
        let subject = josa::particle(&first, "이/가");
        self.either(&[&first, &subject, " 먼저예요"].concat(), &[&first, " goes first"].concat())
    }

    /// So many days.
    fn days(self, days: i32) -> String {
        match (days, self.korean()) {
            (1, true) => String::from("하루"),
            (days, true) => format!("{days}일"),
            (1, false) => String::from("1 day"),
            (days, false) => format!("{days} days"),
        }
    }

    /// One of two.
    pub fn either(self, ko: &str, en: &str) -> String {
        String::from(if self.korean() { ko } else { en })
    }

    fn purpose(self, path: &str) -> String {
        let name = path.strip_prefix("consent.").unwrap_or(path);
        match (name, self.korean()) {
            ("functional", true) => "필수 기능",
            ("analytics", true) => "분석",
            ("personalization", true) => "맞춤 혜택",
            ("advertising", true) => "광고",
            (name, _) => name,
        }
        .to_string()
    }

    /// The `why` nearest to the comparison for which a requirement does not hold: of an audience that another one names.
    fn why_within(self, verdict: &Value) -> Option<Text<'a>> {
        let same =
            |leaf: &&Value| ["path", "op", "expected", "actual"].iter().all(|key| leaf.at(key) == verdict.at(key));
        let mut place = verdict.at("leaves").list().iter().find(same)?.at("at").text()?;
        while let Some((outer, _)) = cut_last(place, b'/') {
            if let Some(why) = self.why(outer) {
                return Some(why);
            }
            place = outer;
        }
        None
    }

    /// The `why` of the rule a verdict points to, or of the audience that the rule names.
    fn why(self, pointer: &str) -> Option<Text<'a>> {
        if pointer.is_empty() {
            return None;
        }
        let bundle = self.world.bundle.0;
        let follow = |keys: &str| {
            keys.split('/')
                .skip(1)
                .try_fold(bundle, |value, key| value.member(&key.replace("~1", "/").replace("~0", "~")))
        };
        // One requirement may stand without a list around it.
        let alone = || {
            follow(pointer.strip_suffix("/0").filter(|rest| rest.ends_with("/audience") || rest.ends_with("/states"))?)
        };
        let rule = follow(pointer).or_else(alone)?;
        let named = rule.text().or_else(|| rule.field("when").text());
        let why = match (rule.field("why"), named) {
            (Value::Null, Some(name)) => bundle.field("audiences").field(name).field("why"),
            (why, _) => why,
        };
        Option::of(why)
    }

    /// `오늘 10:00`, `내일 00:00`, `5월 15일 10:00`; `today 10:00`, `tomorrow 00:00`, `May 15, 10:00`, in the house's zone.
    pub fn moment(self, at: Time) -> String {
        let zone = self.world.bundle.house().zone();
        let (local, today) = (self.world.zones.local(zone, at), self.day(self.now));
        let (minutes, hours) = (local.clock / MINUTE % 60, local.clock / HOUR);
        let clock = format!("{hours:02}:{minutes:02}");
        let date = match date::near(local.day.0 - today.0, self.lang) {
            Some(near) => String::from(near),
            None if self.korean() => self.date(local.day),
            None => [&self.date(local.day), ","].concat(),
        };
        [&date, " ", &clock].concat()
    }

    /// `5월 24일`, `May 24`, with the year where it is another.
    fn date(self, day: Day) -> String {
        date::text(day, Some(self.day(self.now)), self.lang)
    }
}

/// Puts a value where a path of members leads.
fn put(document: &mut Value, path: &str, value: &Value) {
    let (key, rest) = path.split_once('.').unwrap_or((path, ""));
    let Value::Map(map) = document else { return };
    if rest.is_empty() {
        return map.set(key, value.clone());
    }
    if map.get(key).is_none_or(|inner| inner.map().is_none()) {
        map.set(key, Map::new());
    }
    if let Some(inner) = document.member_mut(key) {
        put(inner, rest, value);
    }
}
