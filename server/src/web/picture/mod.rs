//! A procedure as a picture: for each track its states, the steps that lead from one to the next, and on them the clocks
//! that they start. Every label is a link to where the same stands in words.
//!
//! `graph` says what is drawn, `place` where (dagre), `draw` writes SVG. Coordinates are integers, colours belong to
//! the stylesheet. Does not belong here: the page around it.

mod draw;
mod graph;
mod place;

use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Mutex, PoisonError};

use zhunsheng_core::id::{Digest, StepId};
use zhunsheng_core::procedure::Procedure;

/// Pictures kept at most; a county has some dozens of definitions, their older versions included.
const KEPT_MAX: usize = 256;

/// One track.
#[derive(Debug)]
pub struct Picture {
    /// The track's title.
    pub title: String,
    /// The SVG element; empty if the track could not be laid out.
    pub svg: String,
    /// Whether it needs the whole width of the page.
    pub wide: bool,
    /// Steps that leave the state as it is and may be taken in more states than a picture can show: id, title, states.
    pub anywhere: Vec<(StepId, String, String)>,
}

static KEPT: Mutex<BTreeMap<Digest, Arc<Vec<Picture>>>> = Mutex::new(BTreeMap::new());

/// The pictures of a definition, drawn once for each digest.
pub fn of(definition: &Procedure) -> Arc<Vec<Picture>> {
    let mut kept = KEPT.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(known) = kept.get(&definition.digest) {
        return Arc::clone(known);
    }
    let drawn = Arc::new(definition.tracks.iter().map(|track| one(definition, track)).collect::<Vec<_>>());
    if kept.len() >= KEPT_MAX {
        kept.pop_first();
    }
    kept.insert(definition.digest, Arc::clone(&drawn));
    drawn
}

fn one(definition: &Procedure, track: &zhunsheng_core::procedure::Track) -> Picture {
    let graph = graph::of_track(definition, track);
    // The layout is foreign code that may meet a county's own definition: a picture that fails must not hide the law.
    let placed = catch_unwind(AssertUnwindSafe(|| place::place(&graph)));
    let (svg, wide) = match placed {
        Ok(placed) => (draw::svg(&track.title, track.id.as_str(), &graph, &placed), draw::is_wide(&placed)),
        Err(_) => {
            tracing::error!(procedure = %definition.id, track = %track.id, "the picture could not be laid out");
            (String::new(), false)
        }
    };
    Picture { title: track.title.clone(), svg, wide, anywhere: graph.anywhere }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::app::ruling::{Ruling, embedded};

    #[test]
    fn every_procedure_can_be_drawn_and_always_in_the_same_way() {
        let ruling = Ruling::check(&embedded()).unwrap();
        for definition in ruling.law.procedures() {
            let pictures = of(definition);
            // A large procedure shows one at a time (`pages/procedure.rs`).
            let bytes = pictures.iter().map(|picture| picture.svg.len()).max().unwrap_or(0);
            assert!(bytes < 40_000, "{}: {bytes} bytes", definition.id);
            for (track, picture) in definition.tracks.iter().zip(pictures.iter()) {
                assert!(!picture.svg.is_empty(), "{} {}", definition.id, track.id);
                assert_eq!(one(definition, track).svg, picture.svg, "{} {}", definition.id, track.id);
                assert!(!picture.svg.contains("NaN") && !picture.svg.contains("style="));
            }
        }
    }

    #[test]
    fn every_step_and_every_started_clock_is_in_the_picture() {
        let ruling = Ruling::check(&embedded()).unwrap();
        for definition in ruling.law.procedures() {
            let pictures = of(definition);
            let all: String = pictures.iter().map(|picture| picture.svg.as_str()).collect();
            for step in &definition.steps {
                let drawn = all.contains(&format!("/steps#step-{}\"", step.id));
                let beside = pictures.iter().any(|p| p.anywhere.iter().any(|(id, ..)| *id == step.id));
                // A step that opens a matter without a state of its own stands in the list below only.
                assert!(drawn || beside || step.from.is_empty(), "{} {}", definition.id, step.id);
            }
            for clock in &definition.clocks {
                let started = clock.starts.iter().filter_map(|id| definition.step(id.as_str()));
                let drawn = all.contains(&format!("/rules#clock-{}\"", clock.id));
                let beside = started
                    .clone()
                    .all(|step| pictures.iter().any(|p| p.anywhere.iter().any(|(id, ..)| *id == step.id)));
                assert!(drawn || beside, "{} {}", definition.id, clock.id);
            }
        }
    }
}
