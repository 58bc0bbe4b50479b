//! Messages: typed blocks, templates, Korean particles, addresses.
//!
//! What stands here says what a marketer may write, for those who check it and describe it. A page prints blocks by one walk
//! that knows none of them by type ([`view`]).

pub mod date;
pub mod josa;
pub mod survey;
pub mod template;
pub mod url;
pub mod view;

use crate::engine::base::document::List;
use crate::engine::base::time::Span;
use crate::engine::base::value::Value;
use crate::engine::meter::Names;
use crate::{document, scalar, words};
use template::Text;

document! {
    /// What a campaign shows.
    pub struct Message {
        /// How it lies over the page; what shows in a slot is a card.
        "form" form: Form = Form::Modal,
        /// Of a banner or a toast: the edge of the screen.
        "position" position: Position = Position::Bottom,
        /// Of a toast: it leaves by itself after so long in which nobody pointed at it, 5 seconds at least; none: it stays.
        "stays" stays: Option<Span> = None,
        /// What is offered beside closing it: `today`, `week`. What interrupts offers `today` where nothing is said; a card can be
        /// closed where anything is said, an empty list too.
        "hide" hide: Option<List<'a, Hide>> = None,
        /// Content from top to bottom.
        "blocks" blocks: List<'a, BlockSpec<'a>>,
    }

    /// One piece of content.
    pub enum BlockSpec {
        /// Nothing: what a page does not understand is left out.
        "nothing" Nothing,
        /// The message's name, a heading.
        "title" Title(Text<'a>),
        /// A paragraph.
        "text" Text(Text<'a>),
        /// Fine print.
        "note" Note(Text<'a>),
        /// A picture.
        "image" Image(ImageSpec<'a>),
        /// A bar towards the next level of a tier.
        "progress" Progress(ProgressSpec<'a>),
        /// Buttons side by side.
        "buttons" Buttons(List<'a, ButtonSpec<'a>>),
        /// A question with answers to choose from.
        "choice" Choice(ChoiceSpec<'a>),
        /// Questions one after another: the id of one of the bundle's surveys.
        "survey" Survey(&'a str),
        /// A code to copy.
        "coupon" Coupon(CouponSpec<'a>),
        /// Something to pass on to others.
        "share" Share(ShareSpec<'a>),
        /// A shop one can go to.
        "store" Store(StoreSpec<'a>),
        /// The shop's own HTML, in a frame that can do nothing to the page; drawn only where the page allows it.
        "html" Html(HtmlSpec<'a>),
        /// A tier with all its levels.
        "tier" Tier(TierSpec<'a>),
        /// Badges, earned and not.
        "badges" Badges(WidgetSpec<'a>),
        /// Missions, and how far each is.
        "missions" Missions(WidgetSpec<'a>),
        /// A streak as a calendar.
        "streak" Streak(WidgetSpec<'a>),
        /// A collection, what is there and what is missing.
        "collection" Collection(WidgetSpec<'a>),
        /// Points and rewards.
        "wallet" Wallet(WidgetSpec<'a>),
    }

    /// A question with answers to choose from.
    pub struct ChoiceSpec {
        /// Under which name the answer is kept, as `user.answers.NAME`; the campaign's id where none is given.
        "question" question: Option<&'a str> = None,
        /// What can be answered.
        "options" options: List<'a, OptionSpec<'a>>,
    }

    /// One answer.
    pub struct OptionSpec {
        /// Its text.
        "label" label: Text<'a>,
        /// What is kept: a text, or a whole number for a score.
        "value" value: Chosen<'a>,
        /// A second, smaller line.
        "note" note: Option<Text<'a>> = None,
    }

    /// A picture.
    pub struct ImageSpec {
        /// Address, a template too; https, or within the shop.
        "src" src: Text<'a>,
        /// Text alternative; leave out for decoration.
        "alt" alt: Option<Text<'a>> = None,
    }

    /// A bar towards the next level of a tier, or towards what a fact says.
    pub struct ProgressSpec {
        /// The tier.
        "tier" tier: &'a str = "",
        /// Instead of a tier: a fact with `value` and `target`, e.g. `loyalty.badges.reviewer`.
        "fact" fact: &'a str = "",
        /// What it says, in words.
        "label" label: Text<'a>,
    }

    /// A button.
    pub struct ButtonSpec {
        /// Its text.
        "label" label: Text<'a>,
        /// Where it leads, a template too; left out it only answers and closes.
        "url" url: Option<Text<'a>> = None,
        /// Sent with the answer.
        "value" value: Option<&'a str> = None,
    }

    /// A code to copy. Without a code nothing is drawn: none is ever made up.
    pub struct CouponSpec {
        /// The code, e.g. a fact that the shop's server gave.
        "code" code: Text<'a>,
        /// What it is good for.
        "label" label: Text<'a>,
        /// Its terms, in small print.
        "note" note: Option<Text<'a>> = None,
        /// The last good day, in words.
        "until" until: Option<Text<'a>> = None,
    }

    /// Something to pass on to others.
    pub struct ShareSpec {
        /// What it is.
        "title" title: Text<'a>,
        /// More words to it.
        "text" text: Option<Text<'a>> = None,
        /// Its address, a template too.
        "url" url: Text<'a>,
        /// One button each, in this order.
        "channels" channels: List<'a, Channel>,
    }

    /// A shop one can go to.
    pub struct StoreSpec {
        /// Its name.
        "name" name: Text<'a>,
        /// Where it is.
        "address" address: Option<Text<'a>> = None,
        /// When it is open.
        "hours" hours: Option<Text<'a>> = None,
        /// Its telephone number.
        "phone" phone: Option<Text<'a>> = None,
        /// The address of a map, a template too.
        "map" map: Option<Text<'a>> = None,
    }

    /// The shop's own HTML.
    pub struct HtmlSpec {
        /// The document, a template too.
        "source" source: Text<'a>,
        /// What it is, for those who cannot see it.
        "title" title: Text<'a>,
        /// Its height in pixels.
        "height" height: i64,
    }

    /// A tier with all its levels.
    pub struct TierSpec {
        /// Its id; the first one where none is named.
        "of" of: Option<&'a str> = None,
        /// What it says of the way to the next level, instead of danbi's own words.
        "text" text: Option<Text<'a>> = None,
    }

    /// Something of the loyalty program.
    pub struct WidgetSpec {
        /// Its id, or several; all of them, or the first where there is but one place, when none is named.
        "of" of: Option<Names<'a>> = None,
    }
}

words! {
    /// How a message lies over the page.
    pub enum Form {
        /// A dialog in the middle; the page behind it waits.
        "modal" Modal,
        /// The same from the lower edge.
        "sheet" Sheet,
        /// The same over the whole screen.
        "fullscreen" Fullscreen,
        /// A strip at an edge; the page goes on.
        "banner" Banner,
        /// A small box at an edge; the page goes on.
        "toast" Toast,
    }
}

words! {
    /// An edge of the screen.
    pub enum Position {
        /// The lower one.
        "bottom" Bottom,
        /// The upper one.
        "top" Top,
    }
}

words! {
    /// For how long a message may be hidden.
    pub enum Hide {
        /// Until midnight of the house.
        "today" Today,
        /// For seven days.
        "week" Week,
    }
}

words! {
    /// A way of passing something on.
    pub enum Channel {
        /// KakaoTalk, by the page's own script.
        "kakao" Kakao,
        /// What the system offers.
        "system" System,
        /// The address is copied.
        "copy" Copy,
    }
}

/// What can be answered, in the order of the options.
pub fn values(options: List<OptionSpec>) -> Vec<Value> {
    options.iter().map(|option| option.value().0.clone()).collect()
}

/// What an answer stands for.
#[derive(Clone, Copy)]
pub struct Chosen<'a>(pub &'a Value);

scalar!(
    Chosen<'a>,
    "a text or a whole number",
    [],
    |value| Some(Chosen(value)).filter(|_| value.text().is_some() || value.integer().is_some()),
    Chosen(&Value::Null)
);
