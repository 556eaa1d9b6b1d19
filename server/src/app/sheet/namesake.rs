//! Rows that name somebody a second time: in the table itself, or beside the register of people. Two people may bear one name, so it is
//! shown and never refused.

use std::collections::{BTreeMap, BTreeSet};

use zhunsheng_core::authority::Registry;

use super::Job;
use super::row::Wrong;

/// The register of people, whose names the other registers point to.
const PEOPLE: &str = "person";
/// The question of a name.
const NAME: &str = "name";

impl Job {
    /// The rows, by their lines, whose name stands in an earlier row or in the register of people already.
    #[must_use]
    pub fn namesakes(&self, registry: &Registry) -> BTreeMap<u32, Wrong> {
        let Some(column) = self.reading.columns.iter().position(|column| column.field() == NAME) else {
            return BTreeMap::new();
        };
        let at = self.reading.plan.cell_of(column);
        let listed: BTreeSet<&str> = match self.procedure.as_str() {
            PEOPLE => registry.people().map(|person| person.name.as_str()).collect(),
            _ => BTreeSet::new(),
        };
        let mut first: BTreeMap<String, u32> = BTreeMap::new();
        let mut found = BTreeMap::new();
        for row in &self.grid.rows {
            let said = self.reading.said(row);
            let Some(name) = said.input.fields.get(NAME).and_then(|said| said.first()) else { continue };
            let sentence = match first.get(name) {
                Some(line) => Some(format!("与第{line}行同名；是同一个人的，删去一行")),
                None if listed.contains(name.as_str()) => {
                    Some("名册里已有同名的人；是同一个人的，删去这一行，在名册里变更".to_owned())
                }
                None => None,
            };
            first.entry(name.clone()).or_insert(row.line);
            if let Some(sentence) = sentence {
                let title = self.reading.columns.get(column).map(|column| column.title.clone()).unwrap_or_default();
                found.insert(row.line, Wrong { at, title, sentence });
            }
        }
        found
    }
}
