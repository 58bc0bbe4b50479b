//! Reads a template from tag to tag and prints it while it reads; what is not taken is read all the same, and prints nothing.

use super::Scope;
use super::check::Notes;
use super::filter::{Filter, filter};
use super::number::integer;
use super::term::{Term, put};
use crate::engine::base::text::{join, trim};
use crate::engine::base::value::{MAX_DEPTH, Map, Value};

/// What was read, or why it could not be: then `Reader::rest` begins where.
pub type Read<T> = Result<T, &'static str>;

/// What was not understood, in words. A shop's page tells nobody: its templates were checked.
macro_rules! fault {
    ($words:expr) => {
        if cfg!(feature = "studio") { $words } else { "" }
    };
}
pub(super) use fault;

/// How the reading goes on.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Flow {
    /// With what comes next.
    On,
    /// Behind the loop.
    Break,
    /// With the loop's next element.
    Continue,
    /// Not at all: the message is not to be shown.
    Abort,
}

/// Where a value comes from.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Origin {
    /// Written in the template.
    Literal,
    /// A variable that the template made.
    Own,
    /// The document.
    Fact,
}

/// So many times all loops of a template go round together at most.
const MOST_ROUNDS: i64 = 100;

pub struct Reader<'a> {
    /// What is not yet read: of a tag while inside one.
    pub rest: &'a str,
    /// What follows the tag, and whether its white space is taken away.
    after: (&'a str, bool),
    /// The scope to print in; none: only whether it can be read.
    pub(super) scope: Option<Scope<'a>>,
    /// Whether this branch is taken.
    live: bool,
    pub flow: Flow,
    /// How many tags and brackets are open.
    pub(super) depth: usize,
    /// Whether nothing but white space and what prints nothing was met in the block.
    blank: bool,
    /// Rounds left for loops.
    rounds: i64,
    /// What loops named, the innermost last.
    loops: Vec<(&'a str, Term<'a>)>,
    /// What was assigned and captured.
    made: Vec<(&'a str, Term<'a>)>,
    /// Where `offset: continue` begins, by the loop's name.
    offsets: Map,
    /// Where the value just read comes from.
    pub(super) origin: Origin,
    /// Whether `blank` and `empty` are kinds of things, not empty texts.
    pub(super) comparing: bool,
    /// Whether a variable without a value and without a default was printed.
    pub holed: bool,
    /// Whether what Liquid passes over counts as a mistake.
    strict: bool,
    /// What was met, for the check.
    pub(super) notes: Notes,
}

/// Where a tag or an output begins, or ends.
fn pair(text: &str, first: u8, second: &[u8]) -> Option<usize> {
    text.as_bytes().windows(2).position(|pair| matches!(pair, [one, two] if *one == first && second.contains(two)))
}

impl<'a> Reader<'a> {
    pub fn new(template: &'a str, scope: Option<Scope<'a>>, strict: bool) -> Self {
        Reader {
            rest: template,
            after: ("", false),
            scope,
            live: true,
            flow: Flow::On,
            depth: 0,
            blank: true,
            rounds: MOST_ROUNDS,
            loops: Vec::new(),
            made: Vec::new(),
            offsets: Map::new(),
            origin: Origin::Literal,
            comparing: false,
            holed: false,
            strict,
            notes: Default::default(),
        }
    }

    /// The scope, where this place is printed.
    pub(super) fn running(&self) -> Option<Scope<'a>> {
        self.scope.filter(|_| self.live && self.flow == Flow::On)
    }

    fn runs(&self) -> bool {
        self.running().is_some()
    }

    /// Reads all of it.
    pub fn all(&mut self, out: &mut String) -> Read<()> {
        self.nodes(&[], out).map(|_| ())
    }

    /// Reads up to one of these tags, which it names; `rest` is what else stands in it.
    fn nodes(&mut self, closers: &[&'static str], out: &mut String) -> Read<&'static str> {
        loop {
            // What is not yet read stays in `rest`: a mistake is told there.
            let Some(open) = pair(self.rest, b'{', b"{%") else {
                self.text(self.rest, out);
                self.rest = "";
                return if closers.is_empty() {
                    Ok("")
                } else {
                    Err(fault!("a tag is open to the end; close it, e.g. {% endif %}"))
                };
            };
            let (text, rest) = self.rest.split_at_checked(open).unwrap_or(("", self.rest));
            let dashed = rest.as_bytes().get(2) == Some(&b'-');
            self.text(if dashed { text.trim_ascii_end() } else { text }, out);
            self.rest = rest;
            if rest.as_bytes().get(1) == Some(&b'{') {
                self.enter(b'}')?;
                self.blank = false;
                self.output(out)?;
                self.leave();
                continue;
            }
            let name = self.tag()?;
            if let Some(closer) = closers.iter().find(|closer| **closer == name) {
                return Ok(closer);
            }
            match name {
                "assign" => self.assign()?,
                "capture" => self.capture()?,
                "comment" => self.comment()?,
                "raw" => self.raw(out)?,
                "if" | "unless" | "case" | "for" => {
                    if self.depth == MAX_DEPTH {
                        return Err(fault!("nested too deep; at most 64 tags may be open"));
                    }
                    let (begin, outer) = (out.len(), std::mem::replace(&mut self.blank, true));
                    self.depth += 1;
                    match name {
                        "case" => self.case(out)?,
                        "for" => self.each(out)?,
                        name => self.choose(name == "unless", out)?,
                    }
                    self.depth -= 1;
                    // Of a block that says nothing not even its white space is printed.
                    if self.blank {
                        out.truncate(begin);
                    }
                    self.blank &= outer;
                }
                "break" => self.turn(Flow::Break),
                "continue" => self.turn(Flow::Continue),
                "abort" | "abort_message" => self.turn(Flow::Abort),
                _ => {
                    self.rest = rest;
                    return Err(fault!(
                        "unknown tag here; known are abort assign break capture case comment continue for if raw unless"
                    ));
                }
            }
        }
    }

    fn text(&mut self, text: &str, out: &mut String) {
        if !trim(text).is_empty() {
            self.blank = false;
        }
        if self.runs() {
            put(out, text);
        }
    }

    /// Goes into the tag or output that `rest` begins with.
    fn enter(&mut self, close: u8) -> Read<()> {
        let inside = self.rest.get(2..).unwrap_or_default();
        let mut end = pair(inside, close, b"}").ok_or(fault!("never closed; add }} or %}"))?;
        // Braze's ${name} may end just before.
        if let Some(name) = pair(inside.get(..end).unwrap_or_default(), b'$', b"{") {
            let closed = inside.get(name..end).is_some_and(|name| name.bytes().any(|byte| byte == b'}'));
            end += usize::from(!closed);
        }
        let inner = inside.get(..end).unwrap_or_default();
        let after = inside.get(end + 2..).unwrap_or_default();
        let inner = inner.strip_prefix('-').unwrap_or(inner);
        let dashless = inner.strip_suffix('-');
        self.rest = dashless.unwrap_or(inner);
        self.after = (after, dashless.is_some());
        Ok(())
    }

    /// Goes into a tag; its name.
    fn tag(&mut self) -> Read<&'a str> {
        self.enter(b'%')?;
        Ok(self.letters(|byte| byte.is_ascii_alphanumeric() || byte == b'_'))
    }

    /// Goes on behind the tag.
    fn leave(&mut self) {
        let (after, dashed) = self.after;
        self.rest = if dashed { after.trim_ascii_start() } else { after };
    }

    /// Goes on behind the tag, of which nothing may be left.
    fn done(&mut self) -> Read<()> {
        self.skip();
        if !self.rest.is_empty() {
            return Err(fault!("not understood from here on; close the tag before it"));
        }
        self.leave();
        Ok(())
    }

    pub(super) fn skip(&mut self) {
        self.rest = self.rest.trim_ascii_start();
    }

    /// Takes a mark, if it is next.
    pub(super) fn eat(&mut self, mark: &str) -> bool {
        self.skip();
        let rest = self.rest.strip_prefix(mark);
        self.rest = rest.unwrap_or(self.rest);
        rest.is_some()
    }

    /// Takes as many such letters as are next.
    pub(super) fn letters(&mut self, is_one: fn(u8) -> bool) -> &'a str {
        self.skip();
        let end = self.rest.bytes().position(|byte| !is_one(byte)).unwrap_or(self.rest.len());
        let (letters, rest) = self.rest.split_at_checked(end).unwrap_or_default();
        self.rest = rest;
        letters
    }

    /// Takes a word, if it is next.
    fn word(&mut self, word: &str) -> bool {
        let before = self.rest;
        let found = self.name() == Some(word);
        if !found {
            self.rest = before;
        }
        found
    }

    /// `a`, `_a1`, `a-b?`.
    pub(super) fn name(&mut self) -> Option<&'a str> {
        self.skip();
        let begin = self.rest;
        if !begin.bytes().next().is_some_and(|byte| byte.is_ascii_alphabetic() || byte == b'_') {
            return None;
        }
        let length = self.letters(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-')).len();
        let length = length + usize::from(self.eat_now("?"));
        begin.get(..length)
    }

    fn eat_now(&mut self, mark: &str) -> bool {
        self.rest.starts_with(mark) && self.eat(mark)
    }

    fn output(&mut self, out: &mut String) -> Read<()> {
        self.skip();
        if self.rest.is_empty() {
            return Ok(());
        }
        let mark = self.notes.mark();
        let (value, is_hole) = self.expression()?;
        self.skip();
        if !self.rest.is_empty() {
            return Err(fault!("not understood from here on; a filter begins with |"));
        }
        if let Some(scope) = self.running() {
            value.print(scope.host, out);
            self.holed |= is_hole;
        } else if is_hole && self.origin == Origin::Fact {
            self.notes.printed(mark);
        }
        Ok(())
    }

    /// A value and its filters, and whether it is missing and nothing was to stand for it.
    fn expression(&mut self) -> Read<(Term<'a>, bool)> {
        let mark = self.notes.mark();
        let mut value = self.term()?;
        let origin = self.origin;
        let nothing = |value: &Term| value.is_nil() || origin == Origin::Fact && value.is_empty();
        let mut missing = nothing(&value);
        let mut defaulted = false;
        while self.eat("|") {
            self.skip();
            let before = self.rest;
            let Some(kind) = self.name().and_then(Filter::named) else {
                self.rest = before;
                return Err(fault!("no such filter"));
            };
            let (least, most) = kind.arity();
            let (mut given, mut leaves_false) = (Vec::new(), false);
            if self.eat(":") {
                loop {
                    let before = self.rest;
                    if self.name().is_some() && self.eat(":") {
                        if trim(before).strip_prefix("allow_false").is_none() || kind != Filter::Default {
                            self.rest = before;
                            return Err(fault!("no such argument; only default has one with a name, allow_false"));
                        }
                        leaves_false = self.term()?.holds();
                    } else {
                        self.rest = before;
                        given.push(self.term()?);
                    }
                    if !self.eat(",") {
                        break;
                    }
                }
            }
            if given.len() < least {
                return Err(fault!("the filter before needs an argument; write it after a colon"));
            }
            if given.len() > most {
                return Err(fault!("the filter before has too many arguments"));
            }
            if self.scope.is_none() {
                self.notes.filter(mark, kind, &value, &given)?;
            }
            defaulted |= kind == Filter::Default;
            value = match self.running() {
                Some(scope) => filter(kind, value, &given, leaves_false, scope)?,
                None => Term::NIL,
            };
        }
        missing |= nothing(&value);
        self.origin = origin;
        Ok((value, missing && !defaulted))
    }

    fn assign(&mut self) -> Read<()> {
        let target = self.letters(|byte| byte.is_ascii_alphanumeric() || b"_-.[]()".contains(&byte));
        if target.is_empty() || !self.eat("=") {
            return Err(fault!("assign wants a name, = and a value, e.g. {% assign size = 3 %}"));
        }
        let (value, _) = self.expression()?;
        self.done()?;
        self.keep(target, value, self.runs());
        Ok(())
    }

    fn keep(&mut self, name: &'a str, value: Term<'a>, runs: bool) {
        if runs || self.scope.is_none() {
            self.made.push((name, value));
        }
    }

    fn capture(&mut self) -> Read<()> {
        let quote = ["'", "\""].into_iter().find(|quote| self.eat(quote));
        let target = self.letters(|byte| byte.is_ascii_alphanumeric() || b"_-.[]()".contains(&byte));
        if target.is_empty() {
            return Err(fault!("capture wants a name, e.g. {% capture greeting %}"));
        }
        self.eat(quote.unwrap_or_default());
        self.done()?;
        let (runs, blank) = (self.runs(), self.blank);
        let mut text = String::new();
        self.nodes(&["endcapture"], &mut text)?;
        self.leave();
        self.blank = blank;
        self.keep(target, Term::Made(text.into()), runs);
        Ok(())
    }

    fn comment(&mut self) -> Read<()> {
        let mut depth = 1;
        while depth > 0 {
            self.leave();
            let open =
                pair(self.rest, b'{', b"%").ok_or(fault!("the comment is never closed; add {% endcomment %}"))?;
            self.rest = self.rest.get(open..).unwrap_or_default();
            match self.tag()? {
                "comment" => depth += 1,
                "endcomment" => depth -= 1,
                "raw" => {
                    self.raw_text()?;
                }
                _ => (),
            }
        }
        self.leave();
        Ok(())
    }

    fn raw(&mut self, out: &mut String) -> Read<()> {
        if !trim(self.rest).is_empty() {
            return Err(fault!("raw takes nothing; write {% raw %}"));
        }
        let text = self.raw_text()?;
        self.blank &= text.is_empty();
        if self.runs() {
            put(out, text);
        }
        self.leave();
        Ok(())
    }

    /// What stands in a raw block, whose end is entered.
    fn raw_text(&mut self) -> Read<&'a str> {
        // The white space after the tag is its own.
        let all = self.after.0;
        let mut from = 0;
        while let Some(open) = pair(all.get(from..).unwrap_or_default(), b'{', b"%") {
            let (text, rest) = all.split_at_checked(from + open).unwrap_or_default();
            self.rest = rest;
            if self.tag() == Ok("endraw") {
                return Ok(text);
            }
            from += open + 2;
        }
        Err(fault!("raw is never closed; add {% endraw %}"))
    }

    fn turn(&mut self, flow: Flow) {
        self.blank = false;
        if self.runs() {
            self.flow = flow;
        }
        self.leave();
    }

    /// Reads a branch, printing it where it is taken.
    fn branch(&mut self, taken: bool, closers: &[&'static str], out: &mut String) -> Read<&'static str> {
        let live = self.live;
        self.live &= taken;
        let closer = self.nodes(closers, out)?;
        self.live = live;
        Ok(closer)
    }

    /// `if` and `unless`.
    fn choose(&mut self, negated: bool, out: &mut String) -> Read<()> {
        let closers = ["elsif", "else", if negated { "endunless" } else { "endif" }];
        let mut asked = self.notes.mark();
        let mut holds = self.condition()? != negated;
        let (mut guarded, mut upto) = (!negated, self.notes.mark());
        self.done()?;
        let mut taken = false;
        loop {
            let guards = self.notes.guard(asked, if guarded { upto } else { asked });
            let closer = self.branch(holds && !taken, &closers, out)?;
            self.notes.unguard(guards);
            taken |= holds;
            match closer {
                "elsif" => {
                    let live = self.live;
                    self.live &= !taken;
                    asked = self.notes.mark();
                    holds = self.condition()?;
                    (guarded, upto) = (true, self.notes.mark());
                    self.live = live;
                    self.done()?;
                }
                "else" => {
                    (holds, guarded) = (true, negated);
                    self.leave();
                }
                _ => {
                    self.leave();
                    return Ok(());
                }
            }
        }
    }

    /// Comparisons, joined by `and` and `or` from the right.
    fn condition(&mut self) -> Read<bool> {
        let live = self.live;
        let mut answer = self.comparison()?;
        let mut decided = false;
        loop {
            let and = self.word("and");
            if !and && !self.word("or") {
                self.live = live;
                return Ok(answer);
            }
            decided |= answer != and;
            self.live = live && !decided;
            let next = self.comparison()?;
            if !decided {
                answer = next;
            }
        }
    }

    fn comparison(&mut self) -> Read<bool> {
        const OPERATORS: [&str; 7] = ["==", "!=", "<>", "<=", ">=", "<", ">"];
        let left = self.side()?;
        let operator = OPERATORS.into_iter().find(|operator| self.eat(operator));
        let is_contains = operator.is_none() && self.word("contains");
        if operator.is_none() && !is_contains {
            return Ok(left.holds());
        }
        let before = self.rest;
        let right = self.side()?;
        let Some(scope) = self.running() else { return Ok(false) };
        let Some(operator) = operator else { return Ok(left.contains(&right, scope.host)) };
        if let "==" | "!=" | "<>" = operator {
            return Ok(left.equals(&right) == (operator == "=="));
        }
        let order = match (left.number(), right.number(), left.value().text(), right.value().text()) {
            (Some(left), Some(right), ..) => left.partial_cmp(&right),
            (.., Some(left), Some(right)) => Some(left.cmp(right)),
            (None, Some(_), Some(_), _) | (Some(_), None, _, Some(_)) => {
                self.rest = before;
                return Err(fault!("a text and a number cannot be compared; make a number of the text with plus: 0"));
            }
            _ => None,
        };
        Ok(order.is_some_and(|order| match operator {
            "<" => order.is_lt(),
            ">" => order.is_gt(),
            "<=" => order.is_le(),
            _ => order.is_ge(),
        }))
    }

    /// One side of a comparison.
    fn side(&mut self) -> Read<Term<'a>> {
        self.comparing = true;
        let side = self.term();
        self.comparing = false;
        side
    }

    fn case(&mut self, out: &mut String) -> Read<()> {
        let mark = self.notes.mark();
        let subject = self.term()?;
        self.done()?;
        let guards = self.notes.guard(mark, self.notes.mark());
        let mut closer = self.branch(false, &["when", "else", "endcase"], out)?;
        let mut matched = false;
        loop {
            let mut times = match closer {
                "when" => {
                    let times = self.when(&subject)?;
                    matched |= times > 0;
                    times
                }
                "else" => {
                    self.done()?;
                    usize::from(!matched)
                }
                _ => break,
            };
            let body = self.rest;
            loop {
                self.rest = body;
                closer = self.branch(times > 0, &["when", "else", "endcase"], out)?;
                times = times.saturating_sub(1);
                if times == 0 {
                    break;
                }
            }
        }
        self.leave();
        self.notes.unguard(guards);
        Ok(())
    }

    /// How many of the values are the subject: so often Liquid prints what follows.
    fn when(&mut self, subject: &Term) -> Read<usize> {
        let mut times = 0;
        loop {
            let value = self.side()?;
            times += usize::from(self.runs() && subject.equals(&value));
            let more = self.word("or") || self.eat(",");
            self.skip();
            if !more || self.rest.is_empty() && !self.strict {
                break;
            }
        }
        // Liquid passes over what else stands there.
        if self.strict {
            self.done()?;
        }
        self.leave();
        Ok(times)
    }

    /// `for`.
    fn each(&mut self, out: &mut String) -> Read<()> {
        const WANTED: &str = "for wants a name, in and a list, e.g. {% for item in context.cart.items %}";
        let variable = self.name().ok_or(fault!(WANTED))?;
        if !self.word("in") {
            return Err(fault!(WANTED));
        }
        self.skip();
        let begin = self.rest;
        let list = self.term()?;
        let source = begin.get(..begin.len() - self.rest.len()).unwrap_or_default();
        let name = join(&[variable, "-", trim(source)]);
        let reversed = self.word("reversed");
        let (mut from, mut limit) = (0, None);
        loop {
            self.eat(",");
            self.skip();
            if self.rest.is_empty() {
                break;
            }
            let is_limit = self.word("limit");
            if !is_limit && !self.word("offset") || !self.eat(":") {
                return Err(fault!("not understood from here on; known are reversed, limit: and offset:"));
            }
            if !is_limit && self.word("continue") {
                from = self.offsets.get(&name).and_then(Value::integer).unwrap_or(0);
                continue;
            }
            let before = self.rest;
            let number = self.term()?;
            let number =
                if number.is_nil() { None } else { Some(integer(&number).inspect_err(|_| self.rest = before)?) };
            if is_limit { limit = number } else { from = number.unwrap_or(0) }
        }
        self.done()?;
        let count = list.count();
        // A text is taken whole.
        let is_text = list.value().text().is_some();
        let until = limit.filter(|_| !is_text).map_or(count, |limit: i64| limit.saturating_add(from).min(count));
        let first = if is_text { 0 } else { from.max(0) };
        let mut length = until.saturating_sub(first).max(0);
        if self.runs() {
            self.offsets.set(&name, from.saturating_add(length));
        } else {
            length = 0;
        }
        let is_empty = length == 0;
        length = length.min(self.rounds);
        self.rounds -= length;
        let (body, mark) = (self.rest, self.loops.len());
        let parent = self.loops.iter().rev().find(|(name, _)| *name == "forloop");
        let parent = parent.map_or(Value::Null, |(_, parent)| parent.value().clone());
        let mut index = 0;
        let closer = loop {
            self.rest = body;
            let place = if reversed { until - 1 - index } else { first + index };
            let item = if is_empty { Term::NIL } else { list.element(place) };
            let state = Map::of([
                ("name", name.as_str().into()),
                ("length", length.into()),
                ("index", (index + 1).into()),
                ("index0", index.into()),
                ("rindex", (length - index).into()),
                ("rindex0", (length - index - 1).into()),
                ("first", (index == 0).into()),
                ("last", (index + 1 == length).into()),
                ("parentloop", parent.clone()),
            ]);
            self.loops.push(("forloop", Term::Made(state.into())));
            self.loops.push((variable, item));
            let closer = self.branch(index < length, &["else", "endfor"], out)?;
            self.loops.truncate(mark);
            index += 1;
            let ends = index >= length || matches!(self.flow, Flow::Break | Flow::Abort);
            if matches!(self.flow, Flow::Break | Flow::Continue) && length > 0 {
                self.flow = Flow::On;
            }
            if ends {
                break closer;
            }
        };
        self.leave();
        if closer == "else" {
            self.branch(is_empty, &["endfor"], out)?;
            self.leave();
        }
        Ok(())
    }

    /// The value of a name: what the template made itself comes first.
    pub(super) fn root(&mut self, name: &str) -> Term<'a> {
        let is_it = |(own, _): &&(&str, Term)| *own == name;
        if let Some((_, own)) = self.loops.iter().rev().find(is_it).or(self.made.iter().rev().find(is_it)) {
            self.origin = Origin::Own;
            return own.clone();
        }
        self.origin = Origin::Fact;
        self.running().map_or(Term::NIL, |scope| Term::Known(scope.document.field(name)))
    }
}
