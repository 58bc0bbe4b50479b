//! When a campaign is due.

use super::history::History;
use super::verdict::{Circumstances, Stage, Verdict};
use super::{ANSWER, Campaign, Step};
use crate::document;
use crate::engine::audience::{Condition, Facts};
use crate::engine::base::text::{decimal, join};
use crate::engine::base::time::{Day, Ends, Shift, Span, Time};
use crate::engine::base::value::Value;
use crate::engine::message::template::Text;
use crate::engine::signal::Signal;

document! {
    /// When a campaign is due.
    pub enum Trigger {
        /// Always.
        "always" Always,
        /// After this event, for the rest of the visit, until shown.
        "event" Event(EventTrigger<'a>),
        /// Some time after an instant among the facts.
        "since" Since(Since<'a>),
        /// Around a date that comes every year.
        "date" Date(DateTrigger<'a>),
        /// From the beginning of a visit, or some time after it.
        "session" Session(SessionTrigger<'a>),
        /// While a page is shown.
        "page" Page(PageTrigger<'a>),
        /// After a product was looked at for a while, as long as the page is shown.
        "dwell" Dwell(DwellTrigger<'a>),
        /// After the page was scrolled, as long as it is shown.
        "scroll" Scroll(ScrollTrigger<'a>),
        /// When the shopper is about to leave the page.
        "exit" Exit(ExitTrigger<'a>),
        /// When nothing was done on the page for a while, as long as it is shown.
        "inactivity" Inactivity(InactivityTrigger<'a>),
        /// Near a place, for the rest of the visit, until it is left.
        "place" Place(PlaceTrigger<'a>),
        /// After an answer to a message.
        "answer" Answer(AnswerTrigger<'a>),
    }

    /// After an event.
    pub struct EventTrigger {
        /// Its name.
        "name" name: &'a str,
        /// Only where its properties meet this, read as `event.*`.
        "where" filter: Option<Condition<'a>> = None,
        /// So long after it.
        "delay" delay: Span = Span::default(),
        /// The reason in words while it has not happened.
        "why" why: Option<Text<'a>> = None,
    }

    /// Some time after an instant.
    pub struct Since {
        /// A fact in milliseconds since 1970, e.g. `meter.joined` or `context.cart.changedAt`.
        "fact" fact: &'a str,
        /// Days are over at midnight of the house, hours exactly.
        "after" after: Span = Span::default(),
        /// No longer than this after the instant.
        "within" within: Option<Span> = None,
        /// Nor before another instant among the facts, where there is one, e.g. `value.lapses_at`.
        "notBefore" not_before: Option<&'a str> = None,
        /// Not in the visit of that instant, only from the next one on.
        "nextVisit" next_visit: bool = false,
        /// The reason in words while it is not due.
        "why" why: Option<Text<'a>> = None,
    }

    /// Around a date that comes every year, in days of the schedule's zone. 29 February is the 28th in common years.
    pub struct DateTrigger {
        /// A fact that is `MM-DD`, a date or an instant, e.g. `user.birthday`.
        "fact" fact: &'a str,
        /// The first day: so long after the date, or with `-` before it.
        "from" from: Shift = Shift::default(),
        /// The last day.
        "to" to: Shift = Shift::default(),
        /// The reason in words while it is not due.
        "why" why: Option<Text<'a>> = None,
    }

    /// From the beginning of a visit.
    pub struct SessionTrigger {
        /// So long after it.
        "after" after: Span = Span::default(),
        /// The reason in words while it is not due.
        "why" why: Option<Text<'a>> = None,
    }

    /// While a page is shown.
    pub struct PageTrigger {
        /// Its kind.
        "kind" kind: Option<&'a str> = None,
        /// Its path; `*` stands for anything.
        "path" path: Option<&'a str> = None,
        /// So long after it came.
        "after" after: Span = Span::default(),
        /// The reason in words while it is not due.
        "why" why: Option<Text<'a>> = None,
    }

    /// After a product was looked at.
    pub struct DwellTrigger {
        /// So long at least.
        "after" after: Span = Span::default(),
        /// Only products that meet this, read as `event.item_id` and the like.
        "where" filter: Option<Condition<'a>> = None,
        /// The reason in words while it has not happened.
        "why" why: Option<Text<'a>> = None,
    }

    /// After the page was scrolled.
    pub struct ScrollTrigger {
        /// So far at least.
        "percent" percent: i64 = 0,
        /// The reason in words while it has not happened.
        "why" why: Option<Text<'a>> = None,
    }

    /// When the shopper is about to leave the page.
    pub struct ExitTrigger {
        /// The reason in words while it has not happened.
        "why" why: Option<Text<'a>> = None,
    }

    /// When nothing was done on the page.
    pub struct InactivityTrigger {
        /// So long at least.
        "after" after: Span = Span::default(),
        /// The reason in words while it has not happened.
        "why" why: Option<Text<'a>> = None,
    }

    /// Near a place.
    pub struct PlaceTrigger {
        /// The name of the place, of the bundle's `places`.
        "name" name: &'a str,
        /// The reason in words while the shopper is elsewhere.
        "why" why: Option<Text<'a>> = None,
    }

    /// After an answer to a message.
    pub struct AnswerTrigger {
        /// The campaign that asked.
        "campaign" campaign: &'a str,
        /// Its step; any where none is named.
        "step" step: Option<&'a str> = None,
        /// `click`, `choice`, `score` and the like; any where none is named.
        "action" action: Option<&'a str> = None,
        /// What was answered, or a list of it; anything where nothing is named.
        "value" value: &'a Value = &Value::Null,
        /// So long after the answer; for the rest of the visit where nothing is named.
        "within" within: Option<Span> = None,
        /// The reason in words while it was not answered.
        "why" why: Option<Text<'a>> = None,
    }
}

/// What the shopper's own doings on a page are called.
pub const DWELL: &str = "dwell";
/// See [`DWELL`].
pub const SCROLL: &str = "scroll";
/// See [`DWELL`].
pub const EXIT: &str = "exit_intent";
/// See [`DWELL`].
pub const INACTIVE: &str = "inactive";
/// The event of coming near a place.
pub const ENTERED: &str = "place_entered";
/// The event of leaving it.
pub const LEFT: &str = "place_left";

/// When the page came that is shown now, and its path.
pub const PAGE_AT: &str = "context.page.at";
/// See [`PAGE_AT`].
pub const PAGE_PATH: &str = "context.page.path";
const PAGE_KIND: &str = "context.page.kind";

/// A step that waits for its dates and for its hours by turns is followed for so many turns: a day of the week falls on each date
/// within eleven years.
const TURNS: usize = 24;

/// The event that a trigger waits for.
struct Awaited<'a> {
    event: &'a str,
    /// So long after it.
    delay: Span,
    /// It counts so long, not for the rest of the visit.
    within: Option<Span>,
    /// It counts only as long as the page is shown.
    page: bool,
}

/// Why a step is not due, where time alone does not make it so: the code, and the fact that has to change.
type Waits<'a> = (&'static str, &'a str);

impl<'a> Trigger<'a> {
    fn awaited(self) -> Option<Awaited<'a>> {
        let (mut delay, mut within, mut page) = (Span::default(), None, false);
        let event = match self {
            Trigger::Event(event) => {
                delay = event.delay();
                event.name()
            }
            Trigger::Place(_) => ENTERED,
            Trigger::Answer(answer) => {
                within = answer.within();
                ANSWER
            }
            of_page => {
                page = true;
                match of_page {
                    Trigger::Dwell(_) => DWELL,
                    Trigger::Scroll(_) => SCROLL,
                    Trigger::Exit(_) => EXIT,
                    Trigger::Inactivity(_) => INACTIVE,
                    _ => return None,
                }
            }
        };
        Some(Awaited { event, delay, within, page })
    }

    /// Whether it has to be told of an event.
    pub fn hears(self, event: &str) -> bool {
        self.awaited().is_some_and(|awaited| awaited.event == event)
            || event == LEFT && matches!(self, Trigger::Place(_))
    }

    /// What it asks of an event.
    pub fn filter(self) -> Option<Condition<'a>> {
        match self {
            Trigger::Event(event) => event.filter(),
            Trigger::Dwell(dwell) => dwell.filter(),
            _ => None,
        }
    }

    /// Since when it is due by a signal that it hears, if it still is; none where it is not meant.
    pub fn heard(self, signal: &Signal, facts: Facts) -> Option<Option<Time>> {
        let told = |key: &str| signal.properties.field(key);
        let number = |key: &str| told(key).number().unwrap_or(0.0);
        let lasted = |after: Span| number("seconds") * 1000.0 >= after.exact as f64;
        let is = |key: &str, wanted: Option<&str>| wanted.is_none_or(|wanted| told(key).text() == Some(wanted));
        let meant = match self {
            Trigger::Dwell(dwell) => lasted(dwell.after()),
            Trigger::Inactivity(inactivity) => lasted(inactivity.after()),
            Trigger::Scroll(scroll) => number("percent_scrolled") >= scroll.percent() as f64,
            Trigger::Place(place) => is("place", Some(place.name())),
            Trigger::Answer(answer) => {
                let (wanted, value) = (answer.value(), told("value"));
                signal.settles()
                    && is("campaign", Some(answer.campaign()))
                    && is("step", answer.step())
                    && is("action", answer.action())
                    && (wanted.is_null() || wanted == value || wanted.list().contains(value))
            }
            _ => true,
        };
        let holds = |filter: Condition| filter.holds(facts);
        let left = signal.name == LEFT && matches!(self, Trigger::Place(_));
        (meant && self.filter().is_none_or(holds)).then(|| (!left).then_some(signal.at))
    }

    /// The facts it looks at, beside those that all campaigns do.
    pub fn facts(self, see: &mut dyn FnMut(&'a str)) {
        match self {
            Trigger::Since(since) => [Some(since.fact()), since.not_before()].into_iter().flatten().for_each(see),
            Trigger::Date(date) => see(date.fact()),
            Trigger::Page(_) => [PAGE_AT, PAGE_PATH].into_iter().for_each(see),
            other if other.awaited().is_some_and(|awaited| awaited.page) => see(PAGE_AT),
            _ => (),
        }
    }

    /// The key it is written with.
    pub fn key(self) -> &'static str {
        match self {
            Trigger::Always | Trigger::Unused(..) => "always",
            Trigger::Event(_) => "event",
            Trigger::Since(_) => "since",
            Trigger::Date(_) => "date",
            Trigger::Session(_) => "session",
            Trigger::Page(_) => "page",
            Trigger::Dwell(_) => "dwell",
            Trigger::Scroll(_) => "scroll",
            Trigger::Exit(_) => "exit",
            Trigger::Inactivity(_) => "inactivity",
            Trigger::Place(_) => "place",
            Trigger::Answer(_) => "answer",
        }
    }

    /// The fact that has to change, of what it waits for.
    fn about(self) -> &'static str {
        match self {
            Trigger::Dwell(_) | Trigger::Inactivity(_) => "event.seconds",
            Trigger::Scroll(_) => "event.percent_scrolled",
            Trigger::Place(_) => "event.place",
            Trigger::Answer(_) => "event.campaign",
            _ => "event",
        }
    }

    /// What that fact must be.
    fn wanted(self, path: &str) -> Value {
        let seconds = |after: Span| (after.exact / 1000).into();
        match self {
            Trigger::Page(page) if path == PAGE_KIND => page.kind().into(),
            Trigger::Page(page) => page.path().into(),
            Trigger::Dwell(dwell) => seconds(dwell.after()),
            Trigger::Inactivity(inactivity) => seconds(inactivity.after()),
            Trigger::Scroll(scroll) => scroll.percent().into(),
            Trigger::Place(place) => place.name().into(),
            Trigger::Answer(answer) => answer.campaign().into(),
            other => other.awaited().map(|awaited| awaited.event).into(),
        }
    }
}

/// Whether a path is meant by a pattern in which `*` stands for anything.
pub fn matches_path(pattern: &str, path: &str) -> bool {
    let (mut pattern, mut path) = (pattern.as_bytes(), path.as_bytes());
    // Where the last star stood, and from where on the path was tried after it.
    let mut star: Option<(&[u8], &[u8])> = None;
    loop {
        match (pattern, path) {
            ([b'*', rest @ ..], _) => {
                star = Some((rest, path));
                pattern = rest;
            }
            ([wanted, after @ ..], [found, rest @ ..]) if wanted == found => (pattern, path) = (after, rest),
            ([], []) => return true,
            _ => match star {
                Some((after, [_, rest @ ..])) => {
                    star = Some((after, rest));
                    (pattern, path) = (after, rest);
                }
                _ => return false,
            },
        }
    }
}

impl<'a> Circumstances<'a> {
    /// Whether a step was shown since the instant its trigger counts from.
    pub(super) fn done(self, campaign: Campaign<'a>, step: &Step<'a>, history: Option<&History>) -> bool {
        let Some(history) = history else { return false };
        let from = match step.trigger {
            Trigger::Always | Trigger::Unused(..) => None,
            // A page is where a message belongs, not what brings it: the turn of another step comes with the next one.
            Trigger::Page(_) => step.id.map(|_| self.profile.session.start),
            Trigger::Session(_) => Some(self.profile.session.start),
            // What waits for the campaign's own instant is shown as often as the caps allow.
            Trigger::Since(since) => step.id.filter(|_| step.own).and_then(|_| self.instant(since.fact())),
            Trigger::Date(_) => {
                let span = self.span(campaign, step, None, self.now).ok();
                span.map(|(from, _)| from).filter(|from| *from <= self.now)
            }
            _ => history.fired(step),
        };
        let Some(from) = from else { return false };
        self.seen(Some(history)).any(|shown| shown.at >= from && shown.step.as_deref() == step.id)
    }

    fn instant(self, fact: &str) -> Option<Time> {
        self.document.at(fact).integer().map(Time)
    }

    /// The day that a fact names, of any year.
    fn yearly(self, fact: &Value, zone: &str) -> Option<Day> {
        match fact.text() {
            None => Some(self.zones.day(zone, Time(fact.integer()?))),
            Some(text) => {
                let instant = || Some(self.zones.day(zone, Time::parse(text)?.0));
                Day::parse_yearly(text).or_else(|| Day::parse(text)).or_else(instant)
            }
        }
    }

    /// From when until when a step is due by its trigger: the span that is not over yet at a moment, where there is one. Where a
    /// span never comes again, the last one.
    fn span(
        self,
        campaign: Campaign<'a>,
        step: &Step<'a>,
        history: Option<&History>,
        at: Time,
    ) -> Result<(Time, Time), Waits<'a>> {
        let (house, always, ever) = (self.zone(), Time(i64::MIN), Time(i64::MAX));
        let after = |from: Time, span: Span| self.zones.add(house, from, span, Ends::Wait);
        // At once is at once, even where a clock that ran ahead dated it into the future.
        let delayed = |from: Time, by: Span| if by == Span::default() { always } else { after(from, by) };
        let within = |from: Time, span: Option<Span>| {
            span.map_or(ever, |span| self.zones.add(house, from, span, Ends::Validity))
        };
        let visit = &self.profile.session;
        match step.trigger {
            Trigger::Always | Trigger::Unused(..) => Ok((always, ever)),
            Trigger::Since(since) => {
                let from = self.instant(since.fact()).ok_or(("not_happened", since.fact()))?;
                if since.next_visit() && from >= visit.start {
                    return Err(("this_visit", since.fact()));
                }
                let later = since.not_before().and_then(|fact| self.instant(fact)).unwrap_or(from);
                Ok((after(from, since.after()).max(later), within(from, since.within())))
            }
            Trigger::Date(date) => {
                let zone = self.clock(campaign).unwrap_or(house);
                let unknown = ("unknown_date", date.fact());
                let day = self.yearly(self.document.at(date.fact()), zone).ok_or(unknown)?;
                let (year, ..) = self.zones.day(zone, at).civil();
                let span = |year: i32| {
                    let day = day.in_year(year);
                    let (first, last) = (day.shifted(date.from()), day.shifted(date.to()));
                    (self.zones.midnight(zone, first), self.zones.midnight(zone, last.plus(1)))
                };
                // That of the year before may go on, that of the next one may have begun.
                (year - 1..year + 3).map(span).find(|(_, end)| *end > at).ok_or(unknown)
            }
            Trigger::Session(_) if visit.count == 0 => Err(("not_happened", "context.visits")),
            Trigger::Session(session) => Ok((delayed(visit.start, session.after()), ever)),
            Trigger::Page(page) => {
                for (path, wanted) in [(PAGE_KIND, page.kind()), (PAGE_PATH, page.path())] {
                    let shown = self.document.at(path).text();
                    if wanted.is_some_and(|wanted| !shown.is_some_and(|shown| matches_path(wanted, shown))) {
                        return Err(("elsewhere", path));
                    }
                }
                let from = self.profile.page_at.ok_or(("elsewhere", PAGE_KIND))?;
                Ok((delayed(from, page.after()), ever))
            }
            trigger => {
                let Some(awaited) = trigger.awaited() else { return Ok((always, ever)) };
                let counts = |at: &Time| match awaited.page {
                    true => Some(*at) >= self.profile.page_at,
                    false => awaited.within.is_some() || *at >= visit.start,
                };
                let fired = history.and_then(|history| history.fired(step)).filter(counts);
                let from = fired.ok_or((trigger.key(), trigger.about()))?;
                Ok((delayed(from, awaited.delay), within(from, awaited.within)))
            }
        }
    }

    /// Since when a step is due by a trigger of its own.
    pub(super) fn due_since(self, campaign: Campaign<'a>, step: &Step<'a>, history: Option<&History>) -> Option<Time> {
        let own = Some(step).filter(|step| step.own)?;
        self.span(campaign, own, history, self.now).ok().map(|(from, _)| from)
    }

    /// The first moment from then on at which a campaign may show and its step is due, as far as time alone brings it.
    pub(super) fn soonest(
        self,
        campaign: Campaign<'a>,
        step: &Step<'a>,
        history: Option<&History>,
        mut at: Time,
    ) -> Option<Time> {
        for _ in 0..TURNS {
            let schedule = campaign.schedule();
            if !schedule.0.is_null() {
                at = schedule.opening(self.zones, self.clock(campaign)?, at)?.0;
            }
            let (from, end) = self.span(campaign, step, history, at).ok()?;
            if from <= at {
                return (at < end).then_some(at);
            }
            at = from;
        }
        None
    }

    pub(super) fn trigger(self, verdict: &mut Verdict<'a>, history: Option<&History>) -> bool {
        let Some(step) = verdict.step.filter(|step| !matches!(step.trigger, Trigger::Always)) else { return false };
        let code = match self.span(verdict.campaign, &step, history, self.now) {
            Ok((from, end)) => {
                let (mut limit, mut code) = (from, "not_yet");
                if self.ahead(verdict, from) {
                    verdict.next = Some(from);
                } else if self.ahead(verdict, end) {
                    return false;
                } else {
                    (limit, code) = (end, "over");
                }
                if self.why {
                    verdict.found(limit.text(), self.now.text());
                    step.trigger.facts(&mut |path| {
                        verdict.path.get_or_insert_with(|| path.to_string());
                    });
                }
                code
            }
            Err((code, path)) => {
                if self.why {
                    verdict.path = Some(path.to_string());
                    verdict.found(step.trigger.wanted(path), self.document.at(path).clone());
                }
                code
            }
        };
        // The step's own trigger, or the campaign's.
        let mut place = verdict.own();
        if let Some(index) = step.index.filter(|_| step.own) {
            place = join(&[&place, "/steps/", &decimal(index as i64, 1)]);
        }
        verdict.stop(Stage::Trigger, code, &[&place, "/trigger/", step.trigger.key()])
    }
}
