//! The bundle: all that the marketer decides, as one document.

#[cfg(feature = "studio")]
mod contact;
pub mod derived;
#[cfg(feature = "studio")]
pub mod exposure;
#[cfg(feature = "studio")]
pub mod lint;
#[cfg(feature = "studio")]
mod messages;
#[cfg(feature = "studio")]
mod offers;
pub mod plan;
#[cfg(feature = "studio")]
mod program;
#[cfg(feature = "studio")]
pub mod suites;
#[cfg(feature = "studio")]
mod validate;

#[cfg(feature = "studio")]
use crate::engine::base::document::{Check, document_schema};
use crate::engine::base::document::{List, Part, Switch, Table};
use crate::engine::base::time::{HOUR, MINUTE, Span};
use crate::engine::base::value::Value;
use crate::engine::campaign::{Campaign, INTERRUPTIVE, Of, Pacing, Requirements, named};
use crate::engine::error::Error;
use crate::engine::loyalty::Program;
use crate::engine::message::survey::Survey;
use crate::engine::message::template::Text;
use crate::engine::meter::{Meter, Names};
use crate::engine::offer::{Offer, Policy};
use crate::engine::profile::{Dimension, Worth};
use crate::engine::suite::Suite;
use crate::{document, words};
use derived::Derived;

document! {
    /// All that the marketer decides.
    pub struct Bundle {
        /// Id.
        "bundle" id: &'a str,
        /// Never goes back on a device.
        "version" version: i64,
        /// Rules shared by all campaigns.
        "house" house: House<'a>,
        /// The host's event names, each with danbi's name for it.
        "names" names: Table<'a, &'a str> = Table::of(&Value::Null),
        /// Consent purposes beyond functional, analytics, personalization and advertising.
        "purposes" purposes: List<'a, &'a str> = List::of(&Value::Null),
        /// Places that the device can tell it is near, by name.
        "places" places: Table<'a, Place<'a>> = Table::of(&Value::Null),
        /// What the page tells on its own; all of it is off until named.
        "signals" signals: Signals<'a> = Signals(&Value::Null),
        /// Dimensions of taste: what is said and done about each.
        "interests" interests: Table<'a, Dimension<'a>> = Table::of(&Value::Null),
        /// How a customer's value is estimated.
        "value" value: Worth<'a> = Worth(&Value::Null),
        /// Counters over signals.
        "meters" meters: Table<'a, Meter<'a>> = Table::of(&Value::Null),
        /// Facts computed from two facts, read as `derived.NAME`.
        "derived" derived: Table<'a, Derived<'a>> = Table::of(&Value::Null),
        /// Named audiences: a condition, the name of another, or a list of those, all of which must hold.
        "audiences" audiences: Table<'a, Requirements<'a>> = Table::of(&Value::Null),
        /// What may be shown.
        "campaigns" campaigns: List<'a, Campaign<'a>> = List::of(&Value::Null),
        /// What may be offered, the best of it chosen on the device.
        "offers" offers: List<'a, Offer<'a>> = List::of(&Value::Null),
        /// How it is chosen.
        "policy" policy: Policy<'a> = Policy(&Value::Null),
        /// Questions that messages ask, by id.
        "surveys" surveys: Table<'a, Survey<'a>> = Table::of(&Value::Null),
        /// Loyalty programs; the one with the latest `from` not after an event judges it.
        "programs" programs: List<'a, Program<'a>> = List::of(&Value::Null),
        /// What is expected of all this, held against it by `check`: no shopper meets any of it.
        "suites" suites: List<'a, Suite<'a>> = List::of(&Value::Null),
    }

    /// Rules shared by all campaigns.
    pub struct House {
        /// IANA zone whose days, windows and caps count, whatever the device says.
        "zone" zone: &'a str,
        /// ISO 4217 currency of all amounts.
        "currency" currency: &'a str,
        /// Languages of the texts, the first is the fallback.
        "locales" locales: List<'a, &'a str> = List::of(&Value::Null),
        /// Silence that ends a visit; half an hour.
        "session" session: Span = Span { exact: HOUR / 2, ..Span::default() },
        /// Campaigns are for members only.
        "members" members: Option<Members<'a>> = None,
        /// Kinds of pages where less may show.
        "pages" pages: Table<'a, PageRule<'a>> = Table::of(&Value::Null),
        /// Schemes of its own app that its pages let through, as `createClient({schemes})` has them: a link to another is doubted.
        "schemes" schemes: List<'a, &'a str> = List::of(&Value::Null),
        /// How often messages may show.
        "pacing" pacing: Pacing<'a> = Pacing(&Value::Null),
        /// A share of shoppers who see nothing promotional.
        "holdout" holdout: Option<Holdout<'a>> = None,
        /// For so long after its delivery an order can be reviewed, and `context.review` asks for it.
        "review" review: Span = Span { days: 30, ..Span::default() },
        /// What is said of messages that advertise.
        "adLabel" ad_label: AdLabel<'a> = AdLabel(&Value::Null),
        /// How long what is known is kept.
        "retention" retention: Retention<'a> = Retention(&Value::Null),
        /// Texts that messages have in common, by key: `{{ "KEY" | t }}` prints one.
        "texts" texts: Table<'a, Text<'a>> = Table::of(&Value::Null),
    }

    /// How long what is known is kept. The ledger stays until it is erased.
    pub struct Retention {
        /// Events after they were delivered; so long one that arrives late is folded in its place.
        "events" events: Span = Span { days: 7, ..Span::default() },
        /// The profile of a shopper who is no member, after the last visit; a day at least.
        "anonymous" anonymous: Span = Span { days: 90, ..Span::default() },
        /// The profile of a member, after the last visit; a day at least.
        "member" member: Span = Span { days: 400, ..Span::default() },
    }

    /// A place. Where the shopper is the device alone knows: `locate()` of the package judges it there.
    pub struct Place {
        /// Degrees north.
        "lat" lat: f64,
        /// Degrees east.
        "lng" lng: f64,
        /// So many metres around.
        "radius" radius: f64,
    }

    /// What the page tells on its own.
    pub struct Signals {
        /// Page views, those without a load included.
        "pages" pages: bool = false,
        /// How long a product is looked at.
        "dwell" dwell: Switch<'a, Dwell<'a>> = Switch::of(&Value::Null),
        /// How far a page is scrolled.
        "scroll" scroll: Switch<'a, Scroll<'a>> = Switch::of(&Value::Null),
        /// What is searched for, from the address of the result page.
        "search" search: Switch<'a, Search<'a>> = Switch::of(&Value::Null),
        /// That the pointer leaves the page.
        "exit" exit: bool = false,
        /// That nothing is done on the page.
        "idle" idle: Switch<'a, Idle<'a>> = Switch::of(&Value::Null),
        /// Answers to surveys.
        "answers" answers: Switch<'a, Answers<'a>> = Switch::of(&Value::Null),
    }

    /// How long a product is looked at.
    pub struct Dwell {
        /// Told once a product was visible this long.
        "after" after: Span = Span { exact: MINUTE / 2, ..Span::default() },
    }

    /// That nothing is done on the page.
    pub struct Idle {
        /// Told once a page, when there was no touch, key, scroll or movement of the pointer for so long.
        "after" after: Span = Span { exact: MINUTE, ..Span::default() },
    }

    /// How far a page is scrolled.
    pub struct Scroll {
        /// Told at these depths, in percent; 90 alone where none are named.
        "percents" percents: List<'a, i64> = List::of(&Value::Null),
    }

    /// What is searched for.
    pub struct Search {
        /// The parameters of the address that hold it; the usual ones where none are named.
        "params" params: List<'a, &'a str> = List::of(&Value::Null),
        /// Whether the words may leave the device.
        "send" send: bool = false,
    }

    /// Answers to surveys.
    pub struct Answers {
        /// Whether free text may leave the device.
        "send" send: bool = false,
    }

    /// Campaigns are for members only.
    pub struct Members {
        /// The reason in words.
        "why" why: Option<Text<'a>> = None,
    }

    /// What may show on a kind of page.
    pub struct PageRule {
        /// `none`, or `inline`: cards in slots, nothing interruptive; default: all.
        "allow" allow: Allow = Allow::All,
        /// The slots that such pages have; any where that is not said.
        "slots" slots: Option<List<'a, &'a str>> = None,
        /// Where such pages are, as messages write it: `#/list`, or `/products/*`, in which `*` stands for anything; one or several.
        /// Once any page says it, an address within the shop that leads to none of them is doubted.
        "url" url: Option<Names<'a>> = None,
        /// The reason in words.
        "why" why: Option<Text<'a>> = None,
    }

    /// What is said of messages that advertise: "(광고)" as the first thing, who sends them, a way out.
    pub struct AdLabel {
        /// `auto`: of what interrupts in Korean. `on`: of every promotional message. `off`: of none.
        "mode" mode: AdMode = AdMode::Off,
        /// Who sends them.
        "sender" sender: Option<Text<'a>> = None,
        /// Whether the consent to advertising can be taken back there.
        "optOut" opt_out: bool = false,
    }

    /// A share of shoppers, chosen by hash, who see nothing promotional.
    pub struct Holdout {
        /// From 0 to 1.
        "share" share: f64,
        /// Never to be changed: who is held out depends on it.
        "seed" seed: &'a str,
        /// The reason in words.
        "why" why: Option<Text<'a>> = None,
    }
}

words! {
    /// What may show on a page.
    pub enum Allow {
        /// All of it.
        "all" All,
        /// Nothing.
        "none" Nothing,
        /// Cards in slots, nothing interruptive.
        "inline" Inline,
    }
}

words! {
    /// Which messages are marked as advertisements.
    pub enum AdMode {
        /// None.
        "off" Off,
        /// Those that interrupt, in Korean.
        "auto" Auto,
        /// Every promotional one.
        "on" On,
    }
}

impl PageRule<'_> {
    /// Which rule bars a slot from such a page, if one does.
    pub fn bars(self, slot: &str) -> Option<&'static str> {
        let interrupts = slot == INTERRUPTIVE;
        match self.allow() {
            Allow::Nothing => Some("page"),
            Allow::Inline if interrupts => Some("page"),
            _ if interrupts || self.slots().is_none_or(|slots| slots.iter().any(|one| one == slot)) => None,
            _ => Some("slot"),
        }
    }
}

/// Whether a JSON Pointer leads to a part that this version knows of and does not read, what a program says of unusual shoppers:
/// told as a warning, so that a bundle for later versions serves.
#[cfg(feature = "studio")]
fn is_later(path: &str) -> bool {
    matches!(path.split('/').skip(1).collect::<Vec<_>>().as_slice(), ["programs", _, "discover"])
}

/// Bytes of JSON, about; no page should fetch a tenth of it.
const SIZE: usize = 4_000_000;

/// About how many bytes of JSON a value takes.
fn size(value: &Value) -> usize {
    let mut bytes = value.text().map_or(2, str::len);
    for (key, member) in value.members() {
        bytes += key.len() + 3 + size(member);
    }
    value.list().iter().fold(bytes, |bytes, one| bytes + 1 + size(one))
}

impl<'a> Bundle<'a> {
    /// A view of a bundle, or its mistakes with their JSON Pointers. The Studio's build and the command line check all of it;
    /// a shop's page checks what it cannot do without, and never meets a rule it does not understand.
    pub fn read(value: &'a Value) -> Result<Bundle<'a>, Vec<Error>> {
        let bundle = Bundle(value);
        if size(value) > SIZE {
            let message = String::from("more than 4 MB of JSON; leave something out");
            return Err(vec![Error { code: "too_large", path: String::new(), message }]);
        }
        #[cfg(feature = "studio")]
        let errors = {
            let mut check = Check::default();
            Bundle::check(value, &mut check);
            check.errors.retain(|error| error.code != "unknown_key" || !is_later(&error.path));
            if check.errors.is_empty() {
                validate::validate(bundle, &mut check);
            }
            program::moved(&mut check.errors);
            check.errors
        };
        #[cfg(not(feature = "studio"))]
        let errors = {
            let (house, mut errors) = (bundle.house(), Vec::new());
            for (path, text) in
                [("/bundle", bundle.id()), ("/house/zone", house.zone()), ("/house/currency", house.currency())]
            {
                if text.is_empty() {
                    errors.push(Error {
                        code: "missing",
                        path: path.to_string(),
                        message: String::from("required; add it"),
                    });
                }
            }
            errors
        };
        if errors.is_empty() { Ok(bundle) } else { Err(errors) }
    }

    /// The JSON Schema of a bundle.
    #[cfg(feature = "studio")]
    pub fn json_schema() -> Value {
        document_schema::<Bundle>("https://danbi.dev/schema/bundle.json", "danbi bundle")
    }

    /// The IANA zones its programs name: program, key of its clock or index of its board, zone.
    fn program_zones(self) -> Vec<(usize, Result<&'static str, usize>, &'a str)> {
        let mut zones = Vec::new();
        for (index, program) in self.programs().iter().enumerate() {
            let clock = program.clock();
            let own = clock.tz().filter(|zone| !["member", "house"].contains(zone));
            zones.extend(own.map(|zone| (index, Ok("tz"), zone)));
            zones.extend(clock.default().map(|zone| (index, Ok("default"), zone)));
            for (place, board) in program.boards().iter().enumerate() {
                zones.extend(board.tz().map(|zone| (index, Err(place), zone)));
            }
        }
        zones
    }

    /// The IANA zones whose offset tables it needs.
    pub fn zones(self) -> Vec<String> {
        let mut zones = vec![self.house().zone().to_string()];
        let mut add = |zone: &str| {
            if !zones.iter().any(|known| known == zone) {
                zones.push(zone.to_string());
            }
        };
        self.program_zones().into_iter().for_each(|(_, _, zone)| add(zone));
        self.campaigns().iter().filter_map(|campaign| campaign.schedule().named()).for_each(&mut add);
        self.house().pacing().quiet().and_then(|quiet| named(quiet.zone())).into_iter().for_each(add);
        zones
    }

    /// The IANA zones it names, each with its JSON Pointer.
    #[cfg(feature = "studio")]
    pub fn zone_places(self) -> Vec<(String, &'a str)> {
        let mut places = vec![(String::from("/house/zone"), self.house().zone())];
        let quiet = self.house().pacing().quiet().and_then(|quiet| named(quiet.zone()));
        places.extend(quiet.map(|zone| (String::from("/house/pacing/quiet/zone"), zone)));
        for (program, part, zone) in self.program_zones() {
            let pointer = match part {
                Ok(key) => format!("/programs/{program}/clock/{key}"),
                Err(board) => format!("/programs/{program}/boards/{board}/tz"),
            };
            places.push((pointer, zone));
        }
        for (index, campaign) in self.campaigns().iter().enumerate() {
            let zone = campaign.schedule().named();
            places.extend(zone.map(|zone| (format!("/campaigns/{index}/schedule/zone"), zone)));
        }
        places
    }

    /// The slots of the shop's pages that campaigns and offers name, each once.
    #[cfg(feature = "studio")]
    pub fn slots(self) -> Vec<&'a str> {
        let mut all: Vec<&str> = Vec::new();
        let steps = self.campaigns().iter().flat_map(|campaign| campaign.all_steps().map(|step| step.slot));
        for slot in steps.chain(self.offers().iter().flat_map(|offer| offer.slots().iter())) {
            if slot != INTERRUPTIVE && !all.contains(&slot) {
                all.push(slot);
            }
        }
        all
    }

    /// The campaign of this id.
    pub fn campaign(self, id: &str) -> Option<Campaign<'a>> {
        self.campaigns().iter().find(|campaign| campaign.id() == id)
    }

    /// Whether any rule asks what was answered to a campaign.
    pub fn asks_answers(self, campaign: Campaign) -> bool {
        let id = campaign.id();
        let mut asked = self.campaigns().iter().flat_map(|other| other.prerequisites().iter());
        campaign.caps().iter().any(|cap| cap.of() != Of::Exposure) || asked.any(|asked| asked.campaign() == id)
    }

    /// How many showings of a campaign the house's pacing looks back at.
    pub fn paced(self) -> i64 {
        let pacing = self.house().pacing();
        let rolling = pacing.rolling().map(|rolling| rolling.count());
        [rolling, pacing.session(), pacing.day()].into_iter().flatten().fold(0, i64::max)
    }

    /// danbi's name for a host's event name, if the bundle gives one.
    pub fn name(self, event: &str) -> Option<String> {
        self.names().get(event).map(str::to_string)
    }
}
