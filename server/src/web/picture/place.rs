//! Where everything stands: boxes get a size from their text, dagre gives boxes and edges their places.

use dagre::graph::{Graph as Dagre, GraphOptions};
use dagre::{EdgeLabel, LayoutOptions, NodeLabel, RankAlign};

use super::graph::{Graph, Kind, Node};

/// One wide character, in px of the drawing.
pub const EM: f64 = 14.0;
/// From one line of text to the next: also the height of what can be tapped.
pub const LINE: f64 = 24.0;
/// Space between text and border.
pub const PAD: f64 = 10.0;
/// Characters in a line of a box.
const WIDE_MAX: f64 = 14.0;

/// A placed box: centre and size.
#[derive(Clone, Debug)]
pub struct Place {
    /// Centre.
    pub x: f64,
    /// Centre.
    pub y: f64,
    /// Width.
    pub width: f64,
    /// Height.
    pub height: f64,
}

/// An edge by the numbers of its boxes, with its points from border to border.
pub type Route = ((usize, usize), Vec<(f64, f64)>);

/// A picture with its places.
#[derive(Clone, Debug, Default)]
pub struct Placed {
    /// One for each box.
    pub nodes: Vec<Place>,
    /// One for each edge.
    pub edges: Vec<Route>,
    /// The whole.
    pub width: f64,
    /// The whole.
    pub height: f64,
}

/// How wide a text is, in wide characters.
fn ems(text: &str) -> f64 {
    text.chars().map(|c| if c.is_ascii() { 0.56 } else { 1.0 }).sum()
}

/// A text broken into lines that fit a box: behind a colon if there is one, else into parts of about equal length.
pub fn wrapped(text: &str) -> Vec<String> {
    if ems(text) <= WIDE_MAX {
        return vec![text.to_owned()];
    }
    if let Some((head, tail)) = text.split_once('：').filter(|(_, tail)| !tail.is_empty()) {
        return std::iter::once(format!("{head}：")).chain(wrapped(tail)).collect();
    }
    let fair = ems(text) / (ems(text) / WIDE_MAX).ceil();
    let mut lines = vec![String::new()];
    for c in text.chars() {
        // A line does not begin with a mark that closes something.
        let full = lines.last().is_some_and(|line| ems(line) >= fair) && !"，。、）”：".contains(c);
        if full {
            lines.push(String::new());
        }
        if let Some(line) = lines.last_mut() {
            line.push(c);
        }
    }
    lines
}

fn size(node: &Node) -> (f64, f64) {
    let lines: Vec<String> = node.lines.iter().flat_map(|line| wrapped(&line.text)).collect();
    let wide = lines.iter().map(|line| ems(line)).fold(0.0, f64::max);
    let count = u16::try_from(lines.len()).unwrap_or(u16::MAX);
    let around = if matches!(node.kind, Kind::Steps) { PAD } else { PAD * 1.4 };
    (wide * EM + 2.0 * PAD, f64::from(count) * LINE + around)
}

/// Lays a picture out, from top to bottom.
pub fn place(graph: &Graph) -> Placed {
    let mut dagre: Dagre<NodeLabel, EdgeLabel> =
        Dagre::with_options(GraphOptions { directed: true, multigraph: false, compound: false });
    for (at, node) in graph.nodes.iter().enumerate() {
        let (width, height) = size(node);
        dagre.set_node(at.to_string(), Some(NodeLabel { width, height, ..NodeLabel::default() }));
    }
    for (from, to) in &graph.edges {
        let label = EdgeLabel { weight: graph.weight(*from, *to), ..EdgeLabel::default() };
        dagre.set_edge(from.to_string(), to.to_string(), Some(label), None);
    }
    // Aligned at the top, a high box does not stand in the way of an edge that arrives beside it.
    let options = LayoutOptions {
        rank_align: RankAlign::Top,
        nodesep: 24.0,
        edgesep: 18.0,
        ranksep: 28.0,
        marginx: 4.0,
        marginy: 4.0,
        ..LayoutOptions::default()
    };
    dagre::layout(&mut dagre, Some(options));
    let mut placed = Placed::default();
    for at in 0..graph.nodes.len() {
        let label = dagre.node(&at.to_string());
        let of = |read: fn(&NodeLabel) -> f64| label.map_or(0.0, read);
        let place = Place {
            x: of(|l| l.x.unwrap_or_default()),
            y: of(|l| l.y.unwrap_or_default()),
            width: of(|l| l.width),
            height: of(|l| l.height),
        };
        placed.width = placed.width.max(place.x + place.width / 2.0 + 4.0);
        placed.height = placed.height.max(place.y + place.height / 2.0 + 4.0);
        placed.nodes.push(place);
    }
    for (from, to) in &graph.edges {
        let Some(label) = dagre.edge(&from.to_string(), &to.to_string(), None) else { continue };
        let points: Vec<(f64, f64)> = label.points.iter().map(|point| (point.x, point.y)).collect();
        for (x, y) in &points {
            placed.width = placed.width.max(x + 4.0);
            placed.height = placed.height.max(y + 4.0);
        }
        placed.edges.push(((*from, *to), points));
    }
    placed.begin_left();
    placed
}

impl Placed {
    /// A phone shows the left edge first: the first state (the initial one) belongs there.
    fn begin_left(&mut self) {
        if self.nodes.first().is_none_or(|first| first.x <= self.width / 2.0) {
            return;
        }
        let width = self.width;
        self.nodes.iter_mut().for_each(|node| node.x = width - node.x);
        self.edges.iter_mut().flat_map(|(_, points)| points).for_each(|(x, _)| *x = width - *x);
    }
}
