//! Templates: output with filters and `if`, in Liquid's syntax. Anything else is an error when read.

use super::josa;
use crate::engine::audience::printed;
use crate::engine::base::document::{Document, Mode, Named, Walk};
use crate::engine::base::host::Host;
use crate::engine::base::money;
use crate::engine::base::value::Value;

/// What a template reads while it prints.
#[derive(Clone, Copy)]
pub struct Scope<'a> {
    /// Where its paths lead.
    pub document: &'a Value,
    /// ISO 4217 currency of `money`.
    pub currency: &'a str,
    /// BCP 47 language of the text.
    pub lang: &'a str,
    /// The platform's functions.
    pub host: &'a dyn Host,
}

/// A template, understood when it was read.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Template {
    source: String,
    nodes: Vec<Node>,
}

#[derive(Clone, Debug, PartialEq)]
enum Node {
    Text(String),
    Output(Term, Vec<Filter>),
    If(String, Vec<Node>, Vec<Node>),
}

#[derive(Clone, Debug, PartialEq)]
enum Term {
    Path(String),
    Literal(String),
}

#[derive(Clone, Debug, PartialEq)]
enum Filter {
    Append(Term),
    Default(Term),
    Josa(String),
    Money,
    Number,
}

/// Why a template cannot be read, and the letter at which.
type Fault = (String, usize);

impl Template {
    /// Understands a template.
    pub fn parse(source: &str) -> Result<Template, String> {
        let mut rest = source;
        match nodes(&mut rest, &[]) {
            Ok((nodes, _)) => Ok(Template { source: source.to_string(), nodes }),
            Err((message, left)) => {
                let read = source.get(..source.len().saturating_sub(left)).unwrap_or(source);
                let line = read.matches('\n').count() + 1;
                let column = read.rsplit('\n').next().unwrap_or_default().chars().count() + 1;
                Err([&message, " (line ", &line.to_string(), ", column ", &column.to_string(), ")"].concat())
            }
        }
    }

    /// Prints it.
    pub fn print(&self, scope: Scope) -> String {
        let mut out = String::new();
        print(&self.nodes, scope, &mut out);
        out
    }
}

impl Document for Template {
    fn walk(&mut self, walk: &mut Walk) {
        if !matches!(walk.mode(), Mode::Read(_)) {
            return self.source.walk(walk);
        }
        let mut source = String::new();
        source.walk(walk);
        match Template::parse(&source) {
            Ok(template) => *self = template,
            Err(message) => walk.fail("template", &message),
        }
    }
}

/// A template for each language, or one for all.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Text(pub Named<Template>);

impl Text {
    /// The template for a language by RFC 4647 lookup, then the house's own languages in order, then any.
    pub fn lookup(&self, locale: &str, house: &[String]) -> Option<(&str, &Template)> {
        std::iter::once(locale).chain(house.iter().map(String::as_str)).find_map(|range| self.range(range)).or_else(|| self.0.iter().next())
    }

    fn range(&self, range: &str) -> Option<(&str, &Template)> {
        let mut range = range;
        loop {
            if let Some(found) = self.0.iter().find(|(tag, _)| tag.eq_ignore_ascii_case(range)) {
                return Some(found);
            }
            range = range.rsplit_once('-')?.0;
            // A single letter or digit only introduces what followed it (RFC 4647 section 3.4).
            if range.rsplit('-').next().is_some_and(|subtag| subtag.len() == 1) {
                range = range.rsplit_once('-')?.0;
            }
        }
    }

    /// Prints the text in the scope's language.
    pub fn print(&self, scope: Scope, house: &[String]) -> String {
        self.lookup(scope.lang, house).map_or_else(String::new, |(lang, template)| template.print(Scope { lang, ..scope }))
    }
}

impl Document for Text {
    fn walk(&mut self, walk: &mut Walk) {
        match walk.mode() {
            Mode::Read(Value::Text(_)) => self.0.entry("und").walk(walk),
            #[cfg(feature = "studio")]
            Mode::Describe => walk.describe_forms(&mut [&mut Template::default(), &mut self.0]),
            Mode::Write if self.0.0.len() == 1 && self.0.get("und").is_some() => self.0.entry("und").walk(walk),
            _ => self.0.walk(walk),
        }
    }
}

/// Reads nodes until one of the closing tags, which it gives back.
fn nodes<'a>(rest: &mut &'a str, closers: &[&str]) -> Result<(Vec<Node>, &'a str), Fault> {
    let mut list = Vec::new();
    loop {
        let open = rest.find("{{").into_iter().chain(rest.find("{%")).min();
        let Some(open) = open else {
            if !closers.is_empty() {
                return Err((["missing ", closers.last().copied().unwrap_or_default()].concat(), 0));
            }
            if !rest.is_empty() {
                list.push(Node::Text(rest.to_string()));
            }
            return Ok((list, ""));
        };
        let (text, tail) = rest.split_at(open);
        if !text.is_empty() {
            list.push(Node::Text(text.to_string()));
        }
        let output = tail.starts_with("{{");
        let close = if output { "}}" } else { "%}" };
        let left = tail.len();
        let Some(end) = tail.find(close) else { return Err((["missing ", close].concat(), left)) };
        let inner = tail.get(2..end).unwrap_or_default().trim();
        *rest = tail.get(end + 2..).unwrap_or_default();
        if output {
            list.push(expression(inner).map_err(|message| (message, left))?);
        } else if closers.contains(&inner) {
            return Ok((list, inner));
        } else if let Some(path) = inner.strip_prefix("if ") {
            let path = path_of(path.trim()).map_err(|message| (message, left))?;
            let (yes, closer) = nodes(rest, &["else", "endif"])?;
            let no = if closer == "else" { nodes(rest, &["endif"])?.0 } else { Vec::new() };
            list.push(Node::If(path, yes, no));
        } else {
            return Err((["unknown tag: ", inner].concat(), left));
        }
    }
}

fn expression(inner: &str) -> Result<Node, String> {
    let mut parts = split(inner, '|').into_iter();
    let term = term(parts.next().unwrap_or_default())?;
    let filters = parts
        .map(|part| {
            let (name, argument) = part.split_once(':').map_or((part, None), |(name, argument)| (name.trim(), Some(argument.trim())));
            match (name, argument) {
                ("money", None) => Ok(Filter::Money),
                ("number", None) => Ok(Filter::Number),
                ("append", Some(argument)) => Ok(Filter::Append(self::term(argument)?)),
                ("default", Some(argument)) => Ok(Filter::Default(self::term(argument)?)),
                ("josa", Some(argument)) => match self::term(argument)? {
                    Term::Literal(pair) if pair.contains('/') => Ok(Filter::Josa(pair)),
                    _ => Err(String::from("josa wants both forms, e.g. josa: \"을/를\"")),
                },
                _ => Err(["unknown filter, or wrong number of arguments: ", name].concat()),
            }
        })
        .collect::<Result<_, _>>()?;
    Ok(Node::Output(term, filters))
}

/// Splits at a separator outside quotes.
fn split(text: &str, separator: char) -> Vec<&str> {
    let mut quote = None;
    text.split(|letter| {
        match quote {
            None if letter == '"' || letter == '\'' => quote = Some(letter),
            Some(open) if open == letter => quote = None,
            _ => (),
        }
        quote.is_none() && letter == separator
    })
    .map(str::trim)
    .collect()
}

fn term(text: &str) -> Result<Term, String> {
    for quote in ['"', '\''] {
        if let Some(inner) = text.strip_prefix(quote) {
            return match inner.strip_suffix(quote) {
                Some(literal) if !literal.contains(quote) => Ok(Term::Literal(literal.to_string())),
                _ => Err(["unclosed quote: ", text].concat()),
            };
        }
    }
    path_of(text).map(Term::Path)
}

fn path_of(text: &str) -> Result<String, String> {
    let valid = !text.is_empty()
        && text.split('.').all(|key| {
            !key.is_empty() && key.chars().all(|letter| letter.is_alphanumeric() || letter == '_' || letter == '-')
        });
    if valid { Ok(text.to_string()) } else { Err(["not a path: ", text].concat()) }
}

fn print(nodes: &[Node], scope: Scope, out: &mut String) {
    for node in nodes {
        match node {
            Node::Text(text) => out.push_str(text),
            Node::Output(term, filters) => {
                let value = filters.iter().fold(resolve(term, scope), |value, filter| apply(filter, value, scope));
                out.push_str(&shown(&value, scope.host));
            }
            Node::If(path, yes, no) => {
                // In Liquid only false and nil are false.
                let value = scope.document.at(path);
                let branch = if value.is_null() || value.bool() == Some(false) { no } else { yes };
                print(branch, scope, out);
            }
        }
    }
}

fn resolve(term: &Term, scope: Scope) -> Value {
    match term {
        Term::Path(path) => scope.document.at(path).clone(),
        Term::Literal(text) => text.clone().into(),
    }
}

fn apply(filter: &Filter, value: Value, scope: Scope) -> Value {
    let text = |value: &Value| shown(value, scope.host);
    match filter {
        Filter::Append(term) => [text(&value), text(&resolve(term, scope))].concat().into(),
        Filter::Default(term) => match &value {
            Value::Null | Value::Bool(false) => resolve(term, scope),
            Value::Text(text) if text.is_empty() => resolve(term, scope),
            Value::List(list) if list.is_empty() => resolve(term, scope),
            _ => value,
        },
        Filter::Josa(pair) => {
            let word = text(&value);
            let particle = josa::particle(&word, pair);
            [word, particle].concat().into()
        }
        Filter::Money => match value.integer() {
            Some(amount) => money::text(amount, scope.currency, scope.lang).into(),
            None => value,
        },
        Filter::Number => match value.integer() {
            Some(number) => money::grouped(number).into(),
            None => value,
        },
    }
}

/// How Liquid prints a value: nothing for nil, lists run together.
fn shown(value: &Value, host: &dyn Host) -> String {
    match value {
        Value::Null => String::new(),
        Value::List(items) => items.iter().map(|item| shown(item, host)).collect(),
        value => printed(value, host),
    }
}
