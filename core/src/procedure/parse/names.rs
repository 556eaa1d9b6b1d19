//! Every identifier a file defines, so that references can be resolved and a dangling one can be told what is known.

use std::collections::{BTreeMap, BTreeSet};

use super::super::model::FieldKind;
use super::super::raw::{self, At};

/// Every identifier the file defines, by sort.
pub(super) struct Names {
    pub(super) steps: BTreeSet<String>,
    pub(super) fields: BTreeMap<String, FieldKind>,
    pub(super) tracks: BTreeMap<String, BTreeSet<String>>,
    pub(super) clocks: BTreeSet<String>,
    pub(super) roles: BTreeSet<String>,
    pub(super) evidence: BTreeSet<String>,
    pub(super) predicates: BTreeSet<String>,
    pub(super) instruments: BTreeSet<String>,
    pub(super) disclosures: BTreeSet<String>,
    pub(super) links: BTreeSet<String>,
    pub(super) tables: BTreeSet<String>,
    pub(super) lists: BTreeMap<String, BTreeSet<String>>,
    pub(super) list_of: BTreeMap<String, String>,
}

pub(super) fn set<'a>(items: impl Iterator<Item = &'a At>) -> BTreeSet<String> {
    items.map(|item| item.get_ref().clone()).collect()
}

impl Names {
    pub(super) fn collect(raw: &raw::File) -> Self {
        let track_states = |track: &raw::Track| (track.id.get_ref().clone(), set(track.state.iter().map(|s| &s.id)));
        Self {
            steps: set(raw.step.iter().map(|s| &s.id)),
            fields: raw.field.iter().map(|f| (f.id.get_ref().clone(), f.kind)).collect(),
            tracks: raw.track.iter().map(track_states).collect(),
            clocks: set(raw.clock.iter().map(|c| &c.id)),
            roles: set(raw.role.iter().map(|r| &r.id)),
            evidence: set(raw.evidence.iter().map(|e| &e.id)),
            predicates: set(raw.predicate.iter().map(|p| &p.id)),
            instruments: set(raw.instrument.iter().map(|i| &i.id)),
            disclosures: set(raw.disclosure.iter().map(|d| &d.id)),
            links: set(raw.step.iter().flat_map(|s| s.open.iter().map(|o| &o.role))),
            tables: set(raw.tables.iter()),
            lists: raw
                .list
                .iter()
                .map(|(name, items)| (name.clone(), set(items.iter().map(|(code, _)| code))))
                .collect(),
            list_of: raw
                .field
                .iter()
                .filter_map(|f| Some((f.id.get_ref().clone(), f.list.as_ref()?.get_ref().clone())))
                .collect(),
        }
    }
}
