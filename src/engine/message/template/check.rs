//! What a template says of variables and words, for `danbi check`. A shop's page takes no notes.

#[cfg(feature = "studio")]
pub use taken::Notes;

#[cfg(not(feature = "studio"))]
pub use spared::Notes;

#[cfg(feature = "studio")]
mod taken {
    use crate::engine::message::template::filter::Filter;
    use crate::engine::message::template::read::Read;
    use crate::engine::message::template::term::Term;
    use crate::engine::message::{date, josa};

    /// A variable that a template reads.
    #[derive(Clone, Debug, PartialEq, Eq)]
    pub struct Met {
        /// Its path, with dots.
        pub path: String,
        /// Whether it is printed, nothing stands for it where it is missing, and nothing around it asks whether it is there.
        pub is_bare: bool,
        /// Whether a particle follows it, with nothing in between that could change its sound.
        pub has_particle: bool,
    }

    /// What was met.
    #[derive(Clone, Debug, Default)]
    pub struct Notes {
        /// Variables of the document.
        pub met: Vec<Met>,
        /// Words with a particle whose sound nobody knows.
        pub unreadable: Vec<String>,
        /// Keys of the house's texts.
        pub keys: Vec<String>,
        guards: Vec<String>,
    }

    impl Notes {
        /// The place of what is met next.
        pub fn mark(&self) -> usize {
            self.met.len()
        }

        /// A variable, as it is written; what was met in its brackets comes after it.
        pub fn path(&mut self, mark: usize, source: &str) {
            let mut path = String::new();
            for part in
                source.split(['.', '[', ']', '{', '}', '"', '\'']).map(str::trim).filter(|part| !part.is_empty())
            {
                let part = if part == "$" || part == "custom_attribute" { "user" } else { part };
                if path != part {
                    path.push_str(if path.is_empty() { "" } else { "." });
                    path.push_str(part);
                }
            }
            self.met.insert(mark.min(self.met.len()), Met { path, is_bare: false, has_particle: false });
        }

        /// The variable met there is printed.
        pub fn printed(&mut self, mark: usize) {
            let Some(met) = self.met.get_mut(mark) else { return };
            let is_within = |guard: &String| {
                met.path.strip_prefix(guard.as_str()).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
            };
            met.is_bare = !self.guards.iter().any(is_within);
        }

        /// What was met from one place up to another is known to be there, until `unguard` is told the answer.
        pub fn guard(&mut self, from: usize, to: usize) -> usize {
            let before = self.guards.len();
            self.guards.extend(self.met.get(from..to).unwrap_or_default().iter().map(|met| met.path.clone()));
            before
        }

        /// Takes back what `guard` said.
        pub fn unguard(&mut self, before: usize) {
            self.guards.truncate(before);
        }

        /// A filter, with what it is given and what stands in the template itself.
        pub fn filter(&mut self, mark: usize, filter: Filter, value: &Term, given: &[Term]) -> Read<()> {
            let literal = value.value().text();
            let mut texts = given.iter().map(|term| term.value().text());
            match filter {
                Filter::Josa => {
                    let pair = texts.next().flatten().filter(|pair| josa::is_pair(pair));
                    if pair.is_none() {
                        return Err("josa wants both forms, e.g. josa: \"을/를\"");
                    }
                    self.unreadable.extend(literal.filter(|word| !josa::is_readable(word)).map(str::to_string));
                    if let (None, Some(met)) = (literal, self.met.get_mut(mark)) {
                        met.has_particle = true;
                    }
                }
                Filter::Date | Filter::LastDate | Filter::Day
                    if !texts.all(|text| text.is_some_and(date::is_argument)) =>
                {
                    return Err(
                        "a date may have a duration added and a style, weekday, time or long, e.g. date: \"P7D\", \"long\"",
                    );
                }
                Filter::Money if !texts.all(|text| text == Some("short")) => {
                    return Err("money knows one style, short, for headlines");
                }
                Filter::T => self.keys.extend(literal.map(str::to_string)),
                // Another filter may change how a word ends.
                _ => (),
            }
            Ok(())
        }
    }
}

#[cfg(not(feature = "studio"))]
mod spared {
    use crate::engine::message::template::filter::Filter;
    use crate::engine::message::template::read::Read;
    use crate::engine::message::template::term::Term;

    #[derive(Default)]
    pub struct Notes;

    impl Notes {
        pub fn mark(&self) -> usize {
            0
        }
        pub fn path(&mut self, _: usize, _: &str) {}
        pub fn printed(&mut self, _: usize) {}
        pub fn guard(&mut self, _: usize, _: usize) -> usize {
            0
        }
        pub fn unguard(&mut self, _: usize) {}
        pub fn filter(&mut self, _: usize, _: Filter, _: &Term, _: &[Term]) -> Read<()> {
            Ok(())
        }
    }
}
