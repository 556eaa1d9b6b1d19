//! What a picture shows: boxes with lines of text, and which box leads to which.
//!
//! Steps that lead from the same states to the same state share a box, so that parallel edges become one. A step that may be
//! taken in many states says so in words instead of drawing an edge from each.

use std::collections::BTreeMap;

use zhunsheng_core::basis::Grade;
use zhunsheng_core::clock::{Direction, LimitKind};
use zhunsheng_core::id::{StateId, StepId};
use zhunsheng_core::procedure::{Clock, Procedure, State, Step, Track};

use crate::app::time_limits::length;

/// Edges into one box of steps at most; beyond that the box says from how many states.
const SOURCES_MAX: usize = 3;

/// What a line of a box is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Sort {
    /// The title of a state.
    State,
    /// A step.
    Step,
    /// A clock with an article.
    Clock,
    /// A clock of a local document or of our own design.
    OwnClock,
    /// A remark.
    Note,
}

/// A line of a box.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Line {
    /// What it says.
    pub text: String,
    /// What it is.
    pub sort: Sort,
    /// Where on the page it is explained.
    pub href: Option<String>,
    /// What is shown when the pointer rests on it: a clock's article, the states that a note counts.
    pub tip: Option<String>,
}

/// What a box is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Kind {
    /// A state.
    State,
    /// A state in which the track ends.
    End,
    /// Steps of this track.
    Steps,
    /// Steps of another track that move this one.
    Elsewhere,
}

/// A box.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Node {
    /// What it is.
    pub kind: Kind,
    /// Its lines.
    pub lines: Vec<Line>,
}

/// The picture of one track before it is laid out.
#[derive(Clone, Debug, Default)]
pub struct Graph {
    /// Boxes.
    pub nodes: Vec<Node>,
    /// Edges between them, by position.
    pub edges: Vec<(usize, usize)>,
    /// Steps that move nothing and are open in too many states to draw: id, title, states.
    pub anywhere: Vec<(StepId, String, String)>,
}

impl Graph {
    /// How straight an edge should be: most on the way from each state to the one that the definition names next.
    pub fn weight(&self, from: usize, to: usize) -> i32 {
        let is_state = |at: usize| self.nodes.get(at).is_some_and(|node| matches!(node.kind, Kind::State | Kind::End));
        let steps = if is_state(from) { to } else { from };
        let leads = |source: usize| self.edges.contains(&(source, steps)) && self.edges.contains(&(steps, source + 1));
        let next = if is_state(from) { leads(from) } else { to.checked_sub(1).is_some_and(leads) };
        if next { 12 } else { 1 }
    }
}

/// Groups steps: from which states to which.
type Groups<'a> = BTreeMap<(Vec<usize>, usize), Vec<&'a Step>>;

/// The picture of a track.
pub fn of_track(definition: &Procedure, track: &Track) -> Graph {
    let place: BTreeMap<&str, usize> = track.states.iter().enumerate().map(|(at, s)| (s.id.as_str(), at)).collect();
    let find = |id: &StateId| place.get(id.as_str()).copied();
    let mut graph = Graph { nodes: track.states.iter().map(state_node).collect(), ..Graph::default() };
    let mut groups = Groups::new();
    for step in definition.steps.iter().filter(|step| step.track == track.id) {
        let sources: Vec<usize> = step.from.iter().filter_map(find).collect();
        let target = step.to.as_ref().and_then(find);
        let moves: Vec<usize> =
            sources.iter().copied().filter(|source| target.is_some() && Some(*source) != target).collect();
        match target {
            Some(target) if !moves.is_empty() || sources.is_empty() => {
                groups.entry((moves, target)).or_default().push(step);
            }
            _ => stays(definition, track, step, &sources, &mut graph),
        }
    }
    for ((sources, target), steps) in groups {
        let mut lines = group_lines(definition, &steps);
        if sources.len() > SOURCES_MAX {
            let text = format!("（{}种状态下都可以）", sources.len());
            lines.push(Line { text, sort: Sort::Note, href: None, tip: Some(titles(track, &sources)) });
        }
        let at = graph.nodes.len();
        graph.nodes.push(Node { kind: Kind::Steps, lines });
        if sources.len() <= SOURCES_MAX {
            graph.edges.extend(sources.iter().map(|source| (*source, at)));
        }
        graph.edges.push((at, target));
    }
    elsewhere(definition, track, &place, &mut graph);
    graph
}

fn state_node(state: &State) -> Node {
    let line = Line { text: state.title.clone(), sort: Sort::State, href: None, tip: None };
    Node { kind: if state.end { Kind::End } else { Kind::State }, lines: vec![line] }
}

/// A step that leaves the state as it is: in the state's own box, or beside the picture.
fn stays(definition: &Procedure, track: &Track, step: &Step, sources: &[usize], graph: &mut Graph) {
    if sources.len() > SOURCES_MAX {
        graph.anywhere.push((step.id.clone(), step.title.clone(), titles(track, sources)));
        return;
    }
    for source in sources {
        if let Some(node) = graph.nodes.get_mut(*source) {
            node.lines.extend(step_lines(definition, step));
        }
    }
}

/// States that steps of other tracks enter here.
fn elsewhere(definition: &Procedure, track: &Track, place: &BTreeMap<&str, usize>, graph: &mut Graph) {
    let mut entries: BTreeMap<usize, Vec<&Step>> = BTreeMap::new();
    for step in definition.steps.iter().filter(|step| step.track != track.id) {
        let entered = step.also.iter().filter(|also| also.item.0 == track.id);
        for target in entered.filter_map(|also| place.get(also.item.1.as_str())) {
            let steps = entries.entry(*target).or_default();
            if !steps.iter().any(|known| known.id == step.id) {
                steps.push(step);
            }
        }
    }
    for (target, steps) in entries {
        let at = graph.nodes.len();
        let lines = steps.iter().map(|step| step_line(definition, step)).collect();
        graph.nodes.push(Node { kind: Kind::Elsewhere, lines });
        graph.edges.push((at, target));
    }
}

fn titles(track: &Track, states: &[usize]) -> String {
    let title = |at: &usize| track.states.get(*at).map(|state| state.title.as_str());
    states.iter().filter_map(title).collect::<Vec<_>>().join("、")
}

/// The picture stands on the procedure's own page: `steps` and `rules` are beside it.
fn step_line(definition: &Procedure, step: &Step) -> Line {
    let href = Some(format!("{}/steps#step-{}", definition.id, step.id));
    Line { text: step.title.clone(), sort: Sort::Step, href, tip: None }
}

/// The step, and behind it the clocks that it starts.
fn step_lines(definition: &Procedure, step: &Step) -> Vec<Line> {
    std::iter::once(step_line(definition, step)).chain(clock_lines(definition, step)).collect()
}

fn clock_lines(definition: &Procedure, step: &Step) -> Vec<Line> {
    definition
        .clocks
        .iter()
        .filter(|clock| clock.starts.contains(&step.id))
        .map(|clock| clock_line(definition, clock))
        .collect()
}

/// Steps of one box. Clocks that all of them start stand once, behind the last.
fn group_lines(definition: &Procedure, steps: &[&Step]) -> Vec<Line> {
    let first = steps.first().map(|step| clock_lines(definition, step)).unwrap_or_default();
    if steps.iter().all(|step| clock_lines(definition, step) == first) {
        return steps.iter().map(|step| step_line(definition, step)).chain(first).collect();
    }
    steps.iter().flat_map(|step| step_lines(definition, step)).collect()
}

fn clock_line(definition: &Procedure, clock: &Clock) -> Line {
    let length = length(&clock.limit);
    let span = match (clock.limit.kind, clock.limit.direction) {
        (LimitKind::Minimum, Direction::Forward) => format!("满{length}"),
        (LimitKind::Limitation, _) => format!("时效{length}"),
        (_, Direction::Backward) => length,
        _ => format!("{length}内"),
    };
    let statutory = clock.basis.grade == Grade::Statutory;
    Line {
        text: format!("{span}：{}", clock.title),
        sort: if statutory { Sort::Clock } else { Sort::OwnClock },
        href: Some(format!("{}/rules#clock-{}", definition.id, clock.id)),
        tip: Some(clock.basis.to_string()),
    }
}
