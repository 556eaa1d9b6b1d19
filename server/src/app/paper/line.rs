//! Breaking a paragraph into lines: Chinese may break between any two characters, but for 避头尾; words and numbers stay whole.

use super::fonts::{Faces, Glyph, Role};

/// No line begins with these.
const NOT_FIRST: &str = "，。、；：？！,.;:?!）〕］】》〉」』”’…—％%℃)]}～·";
/// No line ends with these.
const NOT_LAST: &str = "（〔［【《〈「『“‘([{￥$№";

/// Points added between two characters at most.
const GAP_MAX: f32 = 4.0;

/// How text is set.
#[derive(Clone, Copy, PartialEq, Debug)]
pub(super) struct Style {
    pub(super) role: Role,
    /// Points.
    pub(super) size: f32,
    /// What a full-width character takes, in points: a little less than its size, so that 28 fill a line of 3号.
    pub(super) cell: f32,
}

/// A character at its place in a line.
#[derive(Clone, Copy, PartialEq, Debug)]
pub(super) struct Placed {
    pub(super) c: char,
    pub(super) glyph: Glyph,
    /// From the left end of the line, in points.
    pub(super) x: f32,
}

/// A line with its width.
#[derive(Clone, PartialEq, Debug, Default)]
pub(super) struct Line {
    pub(super) placed: Vec<Placed>,
    pub(super) width: f32,
}

/// What is not broken: a full-width character, or a word.
struct Unit {
    chars: Vec<(char, Glyph, f32)>,
    width: f32,
}

impl Unit {
    fn first(&self) -> Option<char> {
        self.chars.first().map(|(c, ..)| *c)
    }
    fn last(&self) -> Option<char> {
        self.chars.last().map(|(c, ..)| *c)
    }
    fn is_space(&self) -> bool {
        self.chars.iter().all(|(c, ..)| *c == ' ')
    }
}

/// Whether a character leaves ink or a gap: control characters, marks of width nought and what XML forbids come along when people
/// paste, and belong on no paper.
pub(super) fn is_drawn(c: char) -> bool {
    let nought = matches!(c, '\u{200B}'..='\u{200F}' | '\u{2028}'..='\u{202E}' | '\u{2060}'..='\u{2064}' | '\u{FEFF}' | '\u{FFFE}' | '\u{FFFF}');
    !c.is_control() && !nought
}

/// Whether a character takes a cell of its own.
pub(super) fn is_wide(c: char) -> bool {
    let code = u32::from(c);
    (0x2E80..=0xFFDC).contains(&code) && !(0xFF61..=0xFFDC).contains(&code)
        || (0x2_0000..=0x3_FFFF).contains(&code)
        || (0xFFE0..=0xFFE6).contains(&code)
        || "“”‘’…—·×÷℃№①②③④⑤⑥⑦⑧⑨⑩□■○●△▲☐☑".contains(c)
}

/// Cuts text into units. What no face can draw is added to `missing`.
fn units(faces: &Faces<'_>, style: Style, text: &str, missing: &mut Vec<char>) -> Vec<Unit> {
    let mut units: Vec<Unit> = Vec::new();
    let mut in_word = false;
    for c in text.chars().filter(|c| is_drawn(*c)) {
        let Some(glyph) = faces.glyph(style.role, c) else {
            if !missing.contains(&c) {
                missing.push(c);
            }
            continue;
        };
        let wide = is_wide(c);
        let width = if wide { style.cell } else { glyph.advance * style.size };
        let joins = in_word && !wide && c != ' ';
        match units.last_mut().filter(|_| joins) {
            Some(word) => {
                word.chars.push((c, glyph, width));
                word.width += width;
            }
            None => units.push(Unit { chars: vec![(c, glyph, width)], width }),
        }
        in_word = !wide && c != ' ';
    }
    units
}

/// Whether a line may break before `next`.
fn may_break(before: Option<char>, next: Option<char>) -> bool {
    !before.is_some_and(|c| NOT_LAST.contains(c)) && !next.is_some_and(|c| NOT_FIRST.contains(c))
}

/// Sets a paragraph in lines of `width` points, the first one shorter by `indent`. Lines but the last fill the width.
pub(super) fn set(
    faces: &Faces<'_>,
    style: Style,
    text: &str,
    (width, indent): (f32, f32),
    missing: &mut Vec<char>,
) -> Vec<Line> {
    let units = split_long(units(faces, style, text, missing), width - indent);
    let mut lines = Vec::new();
    let mut begin = 0;
    while begin < units.len() {
        let room = if lines.is_empty() { width - indent } else { width };
        let end = end_of_line(&units, begin, room);
        let last = end == units.len();
        lines.push(place(units.get(begin..end).unwrap_or_default(), (!last).then_some(room)));
        begin = end;
        // A space at which a line broke is no part of the next one.
        while units.get(begin).is_some_and(Unit::is_space) {
            begin += 1;
        }
    }
    lines
}

/// A word longer than a line (an address of the web, a long number) is cut where it must be.
fn split_long(units: Vec<Unit>, width: f32) -> Vec<Unit> {
    let mut fitting = Vec::with_capacity(units.len());
    for unit in units {
        if unit.width <= width {
            fitting.push(unit);
        } else {
            fitting.extend(unit.chars.into_iter().map(|one| Unit { width: one.2, chars: vec![one] }));
        }
    }
    fitting
}

/// Where the line that begins at `begin` ends: as far as fits, then back to where it may break.
fn end_of_line(units: &[Unit], begin: usize, room: f32) -> usize {
    // Half a point: widths are sums of rounded numbers.
    const SLACK: f32 = 0.5;
    let mut used = 0.0;
    let fitting = units.iter().skip(begin).take_while(|unit| {
        used += unit.width;
        used <= room + SLACK
    });
    let fits = begin + fitting.count().max(1);
    if fits >= units.len() {
        return units.len();
    }
    let breaks = |at: &usize| {
        let before = at.checked_sub(1).and_then(|before| units.get(before)).and_then(Unit::last);
        may_break(before, units.get(*at).and_then(Unit::first))
    };
    (begin + 1..=fits).rev().find(breaks).unwrap_or(fits)
}

/// Puts units side by side; `fill` spreads what is left of the width over the gaps between them.
fn place(units: &[Unit], fill: Option<f32>) -> Line {
    let trimmed = units.len() - units.iter().rev().take_while(|unit| unit.is_space()).count();
    let units = units.get(..trimmed).unwrap_or_default();
    let own: f32 = units.iter().map(|unit| unit.width).sum();
    #[allow(clippy::cast_precision_loss, reason = "characters of a line")]
    let gaps = units.len().saturating_sub(1) as f32;
    let spread = fill.map_or(0.0, |room| if gaps > 0.0 { (room - own) / gaps } else { 0.0 });
    // Where a long word went to the next line, gaps would become holes.
    let spread = if spread > GAP_MAX { 0.0 } else { spread };
    let mut line = Line::default();
    for (n, unit) in units.iter().enumerate() {
        if n > 0 {
            line.width += spread;
        }
        for (c, glyph, width) in &unit.chars {
            line.placed.push(Placed { c: *c, glyph: *glyph, x: line.width });
            line.width += width;
        }
    }
    line
}

/// Sets one line as wide as it is.
pub(super) fn one(faces: &Faces<'_>, style: Style, text: &str, missing: &mut Vec<char>) -> Line {
    place(&units(faces, style, text, missing), None)
}
