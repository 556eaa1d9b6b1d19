//! Remedial measures: who ordered some, and whether they were taken (行政诉讼法§76, 行政复议法§72.1).
//!
//! Each finding that a decision was unlawful stands in the record with what it ordered; what was taken settles what the same court or
//! organ had ordered until then. Does not belong here: what is refused (law/procedures/enforcement/penalty.toml).

use zhunsheng_core::matter::{Event, MatterState};
use zhunsheng_core::record::Entry;

use super::ledger::{Fold, taken, withdrawn};
use crate::app::completing::Made;

/// What was ordered and waits for somebody to enter how it was taken.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub(super) struct Measures {
    court: bool,
    reconsideration: bool,
}

impl Measures {
    /// As the steps say that stand; what is corrected in the record after a finding counts as corrected.
    pub(super) fn of(state: &MatterState, entries: &[(i64, Entry)]) -> Self {
        let withdrawn = withdrawn(state, entries);
        let (mut fold, mut open, mut last) = (Fold::default(), Self::default(), ("", false));
        for (n, (_, entry)) in entries.iter().enumerate() {
            fold.facts(state, entry);
            let step = taken(state, entry).filter(|_| !withdrawn.contains(&n)).map_or("", |step| step.as_str());
            match step {
                "remedy_unlawful" => {
                    let by = match fold.said("remedy_route").as_str() {
                        "judgment" => "court",
                        "reconsideration" => "reconsideration",
                        // Measures that a court orders of the organ of reconsideration are not for this one.
                        _ => "",
                    };
                    last = (by, written(state, entry).unwrap_or(false));
                    // An order adds to what is open; a finding that orders nothing settles nothing.
                    if let Some(open) = open.of_whom(by) {
                        *open |= last.1;
                    }
                }
                "take_remedial" => open.court = false,
                "take_remedial_reconsidered" => open.reconsideration = false,
                // Other words for what was ordered order nothing new. What is withdrawn corrects nothing.
                "_correct" => {
                    if let Some(ordered) = written(state, entry).filter(|ordered| *ordered != last.1) {
                        last.1 = ordered;
                        if let Some(open) = open.of_whom(last.0) {
                            *open = ordered;
                        }
                    }
                }
                _ => {}
            }
        }
        open
    }

    fn of_whom(&mut self, by: &str) -> Option<&mut bool> {
        match by {
            "court" => Some(&mut self.court),
            "reconsideration" => Some(&mut self.reconsideration),
            _ => None,
        }
    }

    /// Whether what a step enters was ordered and is open: by the one whose step it is; by either, in an edition of the law that has
    /// one step for both.
    pub(super) fn due(self, step: &str, apart: bool) -> Made {
        let due = match step {
            _ if !apart => self.court || self.reconsideration,
            "take_remedial" => self.court,
            _ => self.reconsideration,
        };
        vec![("remedial_due", if due { "yes" } else { "no" }.to_owned())]
    }

    /// Whose orders are open.
    pub(super) fn open(self) -> Made {
        let whose = match (self.court, self.reconsideration) {
            (false, false) => "none",
            (true, false) => "court",
            (false, true) => "reconsideration",
            (true, true) => "both",
        };
        vec![("measures_open", whose.to_owned())]
    }
}

/// Whether an entry writes down what was ordered, or takes it out; none if it does neither.
fn written(state: &MatterState, entry: &Entry) -> Option<bool> {
    const ORDERED: &str = "field.remedial_measures";
    entry.events.iter().filter(|(id, _)| *id == state.id).rev().find_map(|(_, event)| match event {
        Event::SealedSet(label) if label == ORDERED => Some(true),
        Event::SealedCleared(label) if label == ORDERED => Some(false),
        _ => None,
    })
}
