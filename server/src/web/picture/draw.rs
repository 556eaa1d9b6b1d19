//! From places to SVG: integers, classes of the stylesheet, links; no colour and no font of its own.

use std::fmt::Write;

use super::graph::{Graph, Kind, Line, Node, Sort};
use super::place::{LINE, Place, Placed, wrapped};

/// Font size of the drawing: its size on the page is given in em, so that it grows with 长辈版.
const PX: f64 = 16.0;

/// Wider than this, a picture takes the whole width of the page.
const NARROW_MAX: f64 = 440.0;

/// Up to this width a picture shrinks to fit a desk's page and stays readable; a wider one is scrolled.
const FIT_MAX: f64 = 1_100.0;

/// Whether a picture needs the whole width.
pub fn is_wide(placed: &Placed) -> bool {
    placed.width > NARROW_MAX
}

/// The SVG of a track.
pub fn svg(title: &str, id: &str, graph: &Graph, placed: &Placed) -> String {
    let mut out = String::new();
    let (width, height) = (placed.width.ceil(), placed.height.ceil());
    // Writing to a String cannot fail.
    let _ = write!(
        out,
        "<svg{} role=\"group\" aria-labelledby=\"map-{id}-t map-{id}-d\" viewBox=\"0 0 {width} {height}\" \
         width=\"{:.2}em\" height=\"{:.2}em\"><title id=\"map-{id}-t\">{}流程图</title><desc id=\"map-{id}-d\">\
         方框是状态，其间是步骤和由步骤起算的期限；同样的内容在下面的步骤和期限中有文字说明。</desc>",
        if width <= FIT_MAX { " class=\"fit\"" } else { "" },
        width / PX,
        height / PX,
        escape(title)
    );
    let _ = write!(
        out,
        "<defs><marker id=\"map-{id}-a\" viewBox=\"0 0 8 8\" refX=\"7\" refY=\"4\" markerWidth=\"8\" \
         markerHeight=\"8\" orient=\"auto\"><path d=\"M0 0 8 4 0 8z\"/></marker></defs>"
    );
    for ((_, to), points) in &placed.edges {
        let arrives = graph.nodes.get(*to).is_some_and(|node| matches!(node.kind, Kind::State | Kind::End));
        let marker = if arrives { format!(" marker-end=\"url(#map-{id}-a)\"") } else { String::new() };
        let _ = write!(out, "<path class=\"e\" d=\"{}\"{marker}/>", path(points));
    }
    for (node, place) in graph.nodes.iter().zip(&placed.nodes) {
        box_of(&mut out, node, place);
    }
    out.push_str("</svg>");
    out
}

/// A smooth line through the points: straight to the middle between two, bent at each.
fn path(points: &[(f64, f64)]) -> String {
    let mut text = String::new();
    let at = |(x, y): (f64, f64)| format!("{x:.0} {y:.0}");
    let Some(first) = points.first() else { return text };
    let _ = write!(text, "M{}", at(*first));
    let inner = points.get(1..points.len().saturating_sub(1)).unwrap_or_default();
    for (one, next) in inner.iter().zip(points.iter().skip(2)) {
        let last = points.last() == Some(next);
        let end = if last { *next } else { ((one.0 + next.0) / 2.0, (one.1 + next.1) / 2.0) };
        let _ = write!(text, "Q{} {}", at(*one), at(end));
    }
    if inner.is_empty()
        && let Some(last) = points.last()
    {
        let _ = write!(text, "L{}", at(*last));
    }
    text
}

fn box_of(out: &mut String, node: &Node, place: &Place) {
    let (class, round) = match node.kind {
        Kind::State => ("s", 8),
        Kind::End => ("s end", 8),
        Kind::Steps => ("g", 2),
        Kind::Elsewhere => ("g x", 2),
    };
    let (left, top) = (place.x - place.width / 2.0, place.y - place.height / 2.0);
    let _ = write!(
        out,
        "<g class=\"{class}\"><rect x=\"{left:.0}\" y=\"{top:.0}\" width=\"{:.0}\" height=\"{:.0}\" rx=\"{round}\"/>",
        place.width, place.height
    );
    let rows: usize = node.lines.iter().map(|line| wrapped(&line.text).len()).sum();
    let rows = f64::from(u16::try_from(rows).unwrap_or(u16::MAX));
    // The first baseline, so that all lines together stand in the middle of the box.
    let mut y = place.y - rows * LINE / 2.0 + LINE * 0.7;
    for line in &node.lines {
        y = text_of(out, line, place.x, y);
    }
    out.push_str("</g>");
}

/// One line, broken where it must be; returns the next baseline.
fn text_of(out: &mut String, line: &Line, x: f64, y: f64) -> f64 {
    let class = match line.sort {
        Sort::State => " class=\"t\"",
        Sort::Step => "",
        Sort::Clock => " class=\"k\"",
        Sort::OwnClock => " class=\"k o\"",
        Sort::Note => " class=\"n\"",
    };
    if let Some(href) = &line.href {
        let _ = write!(out, "<a href=\"{href}\">");
    }
    let mut next = y;
    for (row, text) in wrapped(&line.text).iter().enumerate() {
        if row == 0 {
            let _ = write!(out, "<text{class} x=\"{x:.0}\" y=\"{y:.0}\">");
            if let Some(tip) = &line.tip {
                let _ = write!(out, "<title>{}</title>", escape(tip));
            }
            out.push_str(&escape(text));
        } else {
            let _ = write!(out, "<tspan x=\"{x:.0}\" dy=\"{LINE}\">{}</tspan>", escape(text));
        }
        next += LINE;
    }
    out.push_str("</text>");
    if line.href.is_some() {
        out.push_str("</a>");
    }
    next
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}
