//! The law as type-checker: an [`Unchecked`] definition becomes a [`Checked`] one, or the author learns what is unlawful
//! or impossible in it, where, and how to mend it.
//!
//! Every position that a matter can come into is explored (`explore`); what a definition says of clocks, papers, people
//! and citations is compared with what the law asks (`clocks`, `papers`, `people`, `citations`); invariants are
//! proved on every path (`invariant`). The verdict depends only on the bytes of the law and on `version`, so it can be
//! kept and need not be given again ([`Verdict`]). Does not belong here: files, and what happens to one matter.

mod choices;
mod citations;
mod clocks;
mod discretion;
mod explore;
mod finding;
mod invariant;
mod layout;
mod leniency;
mod liveness;
mod lock;
mod model;
mod papers;
mod people;
mod references;
mod solve;
mod structure;
mod verdict;
mod whole;

use std::ops::Deref;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicUsize, Ordering};

use crate::authority::Posts;
use crate::discretion::Discretion;
use crate::leniency::Leniency;
use crate::limits::Limits;
use crate::procedure::{Procedure, Unchecked};
use crate::refusal::Catalogue;
use crate::statute::Statutes;
use crate::table::Table;

pub use finding::{Code, Finding, Findings, Places, Severity, Subject};
pub use invariant::Proof;
pub use lock::{LOCK, Lock, Locked, Passage, Texts, article_digest};
pub use people::{Need, need};
pub use verdict::{Verdict, version};

use explore::Graph;
use invariant::Conditions;
use model::Model;

/// A procedure that may run.
#[derive(Clone, Debug)]
pub struct Checked {
    procedure: Procedure,
    /// Results of matters that it opens and whether others open it: what a proof needs besides the definition.
    world: World,
    proofs: OnceLock<Vec<Proof>>,
}

impl Deref for Checked {
    type Target = Procedure;
    fn deref(&self) -> &Procedure {
        &self.procedure
    }
}

impl Checked {
    /// What was proved of each invariant: in how many positions, over how many transitions. Explored when first asked.
    pub fn proofs(&self) -> &[Proof] {
        self.proofs.get_or_init(|| {
            let model = Model::of(&self.procedure, self.world.outcomes.clone(), self.world.opened_by_others);
            proofs_of(&Graph::of(&model))
        })
    }
}

/// What exploration needs to know of other procedures.
#[derive(Clone, Debug, Default)]
struct World {
    outcomes: std::collections::BTreeMap<crate::id::RoleId, Vec<crate::id::Outcome>>,
    opened_by_others: bool,
}

/// What a definition may refer to outside its own file.
#[derive(Clone, Copy)]
pub struct Surroundings<'a> {
    /// Refusals.
    pub refusals: &'a Catalogue,
    /// Kinds of posts.
    pub posts: &'a Posts,
    /// Statutes with their editions.
    pub statutes: &'a Statutes,
    /// Named limits, whose citations the lock holds too.
    pub limits: &'a Limits,
    /// Tables.
    pub tables: &'a [Table],
    /// The ranges of fines.
    pub discretion: &'a Discretion,
    /// The lists of leniency.
    pub leniency: &'a Leniency,
    /// All definitions, with the one that is checked.
    pub all: &'a [Unchecked],
    /// What was compared with the texts before.
    pub lock: Option<&'a Lock>,
    /// The texts, where they are at hand.
    pub texts: Option<&'a dyn Texts>,
}

impl<'a> Surroundings<'a> {
    fn procedure(&self, id: &str) -> Option<&'a Procedure> {
        self.all.iter().rev().find(|one| one.id.as_str() == id).map(|one| &one.procedure)
    }

    /// The definitions that open matters of a procedure.
    fn openers(&self, id: &'a str) -> impl Iterator<Item = &'a Procedure> {
        let opens = move |procedure: &&Procedure| {
            procedure.steps.iter().any(|step| step.opens.iter().any(|when| when.item.procedure.as_str() == id))
        };
        self.all.iter().map(|one| &one.procedure).filter(opens)
    }

    fn world(&self, procedure: &'a Procedure) -> World {
        World {
            outcomes: references::outcomes(procedure, self),
            opened_by_others: self.openers(procedure.id.as_str()).next().is_some(),
        }
    }

    /// Whether the text of a locked line's edition is at hand.
    fn has_text(&self, line: &Locked) -> bool {
        self.texts.is_some_and(|texts| texts.passage(&line.statute, line.adopted, line.article) != Passage::NoText)
    }
}

/// The benchmarks and the four lists alone.
pub fn lists(around: &Surroundings<'_>) -> Vec<Finding> {
    let mut findings = discretion::check(around);
    findings.extend(leniency::check(around));
    findings
}

/// What a definition shows without its paths: quick, for who is writing one.
pub fn look(unchecked: &Unchecked, around: &Surroundings<'_>) -> Vec<Finding> {
    let world = around.world(&unchecked.procedure);
    let mut findings = Findings::new(&unchecked.file, &unchecked.places);
    statically(unchecked, around, &world, &mut findings);
    findings.into_sorted()
}

/// Everything that needs no paths; the model for those that do.
fn statically<'p>(
    unchecked: &'p Unchecked,
    around: &Surroundings<'_>,
    world: &World,
    findings: &mut Findings<'_>,
) -> Model<'p> {
    let procedure = &unchecked.procedure;
    references::check(procedure, around, findings);
    references::unused(procedure, around, findings);
    structure::form(procedure, world.opened_by_others, findings);
    citations::check(procedure, around, findings);
    clocks::check(procedure, findings);
    papers::check(procedure, findings);
    people::check(procedure, findings);
    let mut model = Model::of(procedure, world.outcomes.clone(), world.opened_by_others);
    choices::check(&mut model, findings);
    model
}

/// Checks one definition: all findings, by severity and place.
fn one(unchecked: &Unchecked, around: &Surroundings<'_>) -> (Vec<Finding>, Vec<Proof>, World) {
    let procedure = &unchecked.procedure;
    let world = around.world(procedure);
    let mut findings = Findings::new(&unchecked.file, &unchecked.places);
    let mut model = statically(unchecked, around, &world, &mut findings);
    let conditions = Conditions::of(&mut model);
    let graph = Graph::of(&model);
    structure::paths(&graph, &mut findings);
    clocks::duties(&graph, &mut findings);
    papers::served(&graph, &mut findings);
    invariant::check(&graph, &conditions, &mut findings);
    let proofs = proofs_of(&graph);
    (findings.into_sorted(), proofs, world)
}

fn proofs_of(graph: &Graph<'_, '_>) -> Vec<Proof> {
    let invariants = graph.procedure().invariants.iter();
    let proof = |invariant: &crate::procedure::Invariant| Proof {
        invariant: invariant.id.clone(),
        positions: graph.positions.len(),
        transitions: graph.edges.len(),
    };
    invariants.map(proof).collect()
}

/// Checks a definition alone: it, if no finding is an error, and all findings.
pub fn check(unchecked: &Unchecked, around: &Surroundings<'_>) -> (Option<Checked>, Vec<Finding>) {
    let (findings, proofs, world) = one(unchecked, around);
    let failed = findings.iter().any(|finding| finding.severity() == Severity::Error);
    let checked = Checked { procedure: unchecked.procedure.clone(), world, proofs: OnceLock::from(proofs) };
    ((!failed).then_some(checked), findings)
}

/// Checks all definitions, and what only all of them together show.
pub fn check_all(around: &Surroundings<'_>) -> (Vec<Checked>, Vec<Finding>) {
    let mut sound = Vec::new();
    let mut findings = Vec::new();
    for (checked, found) in side_by_side(around) {
        sound.extend(checked);
        findings.extend(found);
    }
    findings.extend(whole::check(around.all, around));
    (sound, findings)
}

/// Checks the definitions on all processors, the longest first: one of them has most of the positions. Their order and
/// what is found do not depend on it.
fn side_by_side(around: &Surroundings<'_>) -> Vec<(Option<Checked>, Vec<Finding>)> {
    let mut longest: Vec<(usize, &Unchecked)> = around.all.iter().enumerate().collect();
    longest.sort_by_key(|(_, one)| std::cmp::Reverse(one.procedure.steps.len()));
    let next = AtomicUsize::new(0);
    let work = || {
        let mut done = Vec::new();
        while let Some((at, unchecked)) = longest.get(next.fetch_add(1, Ordering::Relaxed)) {
            done.push((*at, check(unchecked, around)));
        }
        done
    };
    let workers = std::thread::available_parallelism().map_or(1, usize::from);
    let mut done = std::thread::scope(|scope| {
        let helpers: Vec<_> = (1..workers).map(|_| scope.spawn(work)).collect();
        let mut done = work();
        for helper in helpers {
            match helper.join() {
                Ok(theirs) => done.extend(theirs),
                Err(cause) => std::panic::resume_unwind(cause),
            }
        }
        done
    });
    done.sort_by_key(|(at, _)| *at);
    done.into_iter().map(|(_, checked)| checked).collect()
}

/// Takes definitions as checked because an act adopted them, which checked these bytes: only [`crate::law::load_adopted`]
/// may say so.
pub(crate) fn trust(adopted: &[Unchecked], around: &Surroundings<'_>) -> Vec<Checked> {
    let checked = |one: &Unchecked| Checked {
        procedure: one.procedure.clone(),
        world: around.world(&one.procedure),
        proofs: OnceLock::new(),
    };
    adopted.iter().map(checked).collect()
}

/// The lines of the lock for all definitions and named limits, as far as the texts have what they cite.
pub fn lines(all: &[Unchecked], around: &Surroundings<'_>) -> Vec<Locked> {
    let mut lines: Vec<Locked> = all.iter().flat_map(|one| citations::lines(one, around)).collect();
    lines.extend(around.limits.iter().filter_map(|limit| citations::line_of_limit(limit, around)));
    lines
}
