//! Which parts of the document are read.

use super::Condition;
use crate::engine::base::text::cut;
use crate::engine::base::value::{Map, Value};

/// Which parts of the document are read, two levels deep: `meter.orders`, `loyalty.tiers`.
#[derive(Default)]
pub struct Needs {
    all: bool,
    /// Each once; without a second name the whole first level.
    paths: Vec<(String, String)>,
}

impl Needs {
    /// All of it.
    pub fn all() -> Needs {
        Needs { all: true, paths: Vec::new() }
    }

    /// A part is read.
    pub fn add(&mut self, root: &str, name: &str) {
        if !self.paths.iter().any(|(known, part)| known == root && part == name) {
            self.paths.push((root.to_string(), name.to_string()));
        }
    }

    /// What a path leads to is read.
    pub fn path(&mut self, path: &str) {
        let (root, rest) = cut(path, b'.').unwrap_or((path, ""));
        self.add(root, cut(rest, b'.').map_or(rest, |(name, _)| name));
    }

    /// What a condition looks at is read.
    pub fn read(&mut self, condition: Condition) {
        condition.paths(&mut |path| self.path(path));
    }

    /// Whether nothing is read.
    pub fn is_empty(&self) -> bool {
        !self.all && self.paths.is_empty()
    }

    /// Whether anything of a first level is read.
    pub fn has(&self, root: &str) -> bool {
        self.all || self.paths.iter().any(|(known, _)| known == root)
    }

    /// The members of a first level that are read.
    pub fn members(&self, root: &str, of: &Value) -> Map {
        let mut members = Map::new();
        for (name, member) in of.members() {
            if self.wants(root, name) {
                members.append(name, member.clone());
            }
        }
        members
    }

    /// Whether a part is read.
    pub fn wants(&self, root: &str, name: &str) -> bool {
        self.all || self.paths.iter().any(|(known, part)| known == root && (part.is_empty() || part == name))
    }
}
