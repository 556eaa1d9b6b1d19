//! Setting an instrument on pages, as GB/T 9704-2012 §5–7 has it: a core of 156 × 225 mm, 22 lines of 28 characters in 3号; the
//! close to the right under the text, never alone on a page; page numbers outside the core, odd ones right, even ones left.

use super::fonts::{Faces, Role};
use super::line::{self, Line, Style};
use super::{Code, Printed, Unprintable};
use crate::app::instrument::Paragraph;

/// Points in a millimetre.
pub(super) const MM: f32 = 72.0 / 25.4;
/// A4, in points.
pub(super) const PAPER: (f32, f32) = (210.0 * MM, 297.0 * MM);
pub(super) const LEFT: f32 = 28.0 * MM;
pub(super) const TOP: f32 = 37.0 * MM;
pub(super) const WIDTH: f32 = 156.0 * MM;
pub(super) const HEIGHT: f32 = 225.0 * MM;
/// From line to line.
pub(super) const PITCH: f32 = HEIGHT / 22.0;
const CELL: f32 = WIDTH / 28.0;

pub(super) const BODY: Style = Style { role: Role::Body, size: 16.0, cell: CELL };
pub(super) const HEADING: Style = Style { role: Role::Heading, size: 16.0, cell: CELL };
pub(super) const TITLE: Style = Style { role: Role::Title, size: 22.0, cell: 22.0 };
pub(super) const SMALL: Style = Style { role: Role::Body, size: 10.5, cell: 10.5 };
const NUMBER: Style = Style { role: Role::Body, size: 14.0, cell: 14.0 };

pub(super) const BLACK: f32 = 0.0;
pub(super) const GREY: f32 = 0.45;
const FAINT: f32 = 0.75;

/// Side of the QR code.
const CODE_SIDE: f32 = 24.0 * MM;
/// A county's round seal is 4.2 cm wide (国发〔1999〕25号).
const SEAL_RADIUS: f32 = 21.0 * MM;

/// Something drawn, in points from the upper left corner of the paper.
#[derive(Clone, PartialEq, Debug)]
pub(super) enum Mark {
    /// Text; `y` is its base line.
    Text { line: Line, style: Style, x: f32, y: f32, grey: f32 },
    /// A filled rectangle.
    Box { x: f32, y: f32, width: f32, height: f32, grey: f32 },
    /// A dashed circle.
    Circle { x: f32, y: f32, radius: f32 },
    /// The picture of a part of a volume, upright in this place.
    Picture { part: usize, x: f32, y: f32, width: f32, height: f32 },
}

/// What is drawn on one page.
#[derive(Clone, PartialEq, Debug, Default)]
pub(super) struct Page {
    pub(super) marks: Vec<Mark>,
}

/// What is kept on one page and moves as a whole.
pub(super) struct Row {
    pub(super) marks: Vec<Mark>,
    /// How much of the core it takes.
    pub(super) height: f32,
    /// Whether the next row must stand on the same page.
    pub(super) glued: bool,
}

/// Sets one instrument, with page numbers.
pub(super) fn set(faces: &Faces<'_>, printed: &Printed) -> Result<Vec<Page>, Unprintable> {
    let mut setter = Setter::new(faces);
    let mut pages = setter.pages_of(printed);
    setter.number(&mut pages, 1);
    setter.complete(pages)
}

/// Sets text with the faces at hand, and notes what they cannot draw.
pub(super) struct Setter<'a> {
    pub(super) faces: &'a Faces<'a>,
    missing: Vec<char>,
}

impl<'a> Setter<'a> {
    pub(super) fn new(faces: &'a Faces<'a>) -> Self {
        Self { faces, missing: Vec::new() }
    }

    pub(super) fn complete(self, pages: Vec<Page>) -> Result<Vec<Page>, Unprintable> {
        if self.missing.is_empty() { Ok(pages) } else { Err(Unprintable::Characters(self.missing)) }
    }

    pub(super) fn lines(&mut self, style: Style, text: &str, width: f32, indent: f32) -> Vec<Line> {
        line::set(self.faces, style, text, (width, indent), &mut self.missing)
    }

    pub(super) fn line(&mut self, style: Style, text: &str) -> Line {
        line::one(self.faces, style, text, &mut self.missing)
    }

    pub(super) fn pages_of(&mut self, printed: &Printed) -> Vec<Page> {
        let mut rows = Vec::new();
        if let Some(warning) = &printed.warning {
            let line = self.line(SMALL, warning);
            rows.push(text_row(line, SMALL, Place::Centre, (20.0, 0.0), GREY));
        }
        for paragraph in &printed.sheet.paragraphs {
            self.paragraph(paragraph, &mut rows);
        }
        if !printed.sheet.close.is_empty() {
            // 落款 never stands alone: the last lines of the text go with it.
            rows.iter_mut().rev().take(3).for_each(|row| row.glued = true);
            let close = self.close(&printed.sheet.close);
            rows.push(close);
        }
        if let Some(code) = &printed.code {
            if let Some(last) = rows.last_mut() {
                last.glued = true;
            }
            let foot = self.foot(code);
            rows.push(foot);
        }
        paginate(rows)
    }

    fn paragraph(&mut self, paragraph: &Paragraph, rows: &mut Vec<Row>) {
        match paragraph {
            Paragraph::Title(text) => {
                for line in self.lines(TITLE, text, WIDTH, 0.0) {
                    rows.push(text_row(line, TITLE, Place::Centre, (PITCH * 1.25, 0.0), BLACK));
                }
                if let Some(last) = rows.last_mut() {
                    last.height += PITCH * 0.5;
                }
            }
            Paragraph::Number(text) => {
                let line = self.line(BODY, text);
                rows.push(text_row(line, BODY, Place::Centre, (PITCH * 1.5, 0.0), BLACK));
            }
            Paragraph::Heading(text) => {
                let lines = self.lines(HEADING, text, WIDTH, 2.0 * CELL);
                push_paragraph(rows, lines, HEADING, 2.0 * CELL);
                if let Some(last) = rows.last_mut() {
                    last.glued = true;
                }
            }
            Paragraph::To(text) => {
                let lines = self.lines(BODY, text, WIDTH, 0.0);
                push_paragraph(rows, lines, BODY, 0.0);
            }
            Paragraph::Text(text) | Paragraph::Close(text) => {
                let lines = self.lines(BODY, text, WIDTH, 2.0 * CELL);
                push_paragraph(rows, lines, BODY, 2.0 * CELL);
            }
            Paragraph::Sign(text) => {
                let lines = self.lines(BODY, text, WIDTH, 2.0 * CELL);
                if let Some(last) = rows.last_mut() {
                    last.height += PITCH * 0.5;
                }
                push_paragraph(rows, lines, BODY, 2.0 * CELL);
            }
        }
    }

    /// The date ends four characters from the edge, the organ stands centred above it, the seal over both (§7.3.5.1).
    fn close(&mut self, close: &[String]) -> Row {
        let lines: Vec<Line> = close.iter().map(|text| self.line(BODY, text)).collect();
        let day = lines.last().map_or(0.0, |line| line.width);
        let widest = lines.iter().map(|line| line.width).fold(0.0, f32::max);
        let right = LEFT + WIDTH;
        // A long name does not leave the core.
        let centre = (right - 4.0 * CELL - day / 2.0).min(right - widest / 2.0).max(LEFT + widest / 2.0);
        let mut marks = Vec::new();
        let mut y = PITCH * 2.0;
        for line in lines {
            y += PITCH;
            let x = centre - line.width / 2.0;
            marks.push(Mark::Text { line, style: BODY, x, y: base(BODY, y), grey: BLACK });
        }
        let seal_y = y - PITCH * 0.75;
        let seal = self.line(SMALL, "机关印章");
        let x = centre - seal.width / 2.0;
        let top = seal_y - SEAL_RADIUS + 14.0;
        marks.insert(0, Mark::Text { line: seal, style: SMALL, x, y: top, grey: FAINT });
        marks.insert(0, Mark::Circle { x: centre, y: seal_y, radius: SEAL_RADIUS });
        Row { marks, height: y + SEAL_RADIUS - PITCH * 0.5, glued: false }
    }

    fn foot(&mut self, code: &Code) -> Row {
        let mut marks = vec![Mark::Box { x: LEFT, y: 8.0, width: WIDTH, height: 0.5, grey: BLACK }];
        let top = 16.0;
        #[allow(clippy::cast_precision_loss, reason = "modules of a code")]
        let module = CODE_SIDE / code.squares.len().max(1) as f32;
        for (row, squares) in (0u16..).zip(&code.squares) {
            let mut column = 0u16;
            for run in squares.chunk_by(|a, b| a == b) {
                let length = u16::try_from(run.len()).unwrap_or(u16::MAX);
                if run.first() == Some(&true) {
                    marks.push(Mark::Box {
                        x: LEFT + f32::from(column) * module,
                        y: top + f32::from(row) * module,
                        width: f32::from(length) * module,
                        height: module,
                        grey: BLACK,
                    });
                }
                column += length;
            }
        }
        let left = if code.squares.is_empty() { 0.0 } else { CODE_SIDE + 4.0 * MM };
        let mut y = top + 14.0;
        let written = self.line(NUMBER, &format!("核验码 {}", code.written));
        marks.push(Mark::Text { line: written, style: NUMBER, x: LEFT + left, y, grey: BLACK });
        for line in self.lines(SMALL, &code.note, WIDTH - left, 0.0) {
            y += 17.0;
            marks.push(Mark::Text { line, style: SMALL, x: LEFT + left, y, grey: BLACK });
        }
        Row { marks, height: (top + CODE_SIDE).max(y + 4.0), glued: false }
    }

    /// `— 1 —` below the core (§7.5).
    pub(super) fn number(&mut self, pages: &mut [Page], from: usize) {
        for (n, page) in (from..).zip(pages) {
            let line = self.line(NUMBER, &format!("— {n} —"));
            let x = if n % 2 == 1 { LEFT + WIDTH - CELL - line.width } else { LEFT + CELL };
            page.marks.push(Mark::Text { line, style: NUMBER, x, y: TOP + HEIGHT + 7.0 * MM + 12.0, grey: BLACK });
        }
    }
}

/// Where a line stands in the core.
#[derive(Clone, Copy)]
pub(super) enum Place {
    Centre,
    /// So far from the left.
    Left(f32),
}

/// The base line of a line whose slot ends at `bottom`: Chinese characters hang a little below it.
fn base(style: Style, bottom: f32) -> f32 {
    bottom - (PITCH - style.size) / 2.0 - style.size * 0.14
}

pub(super) fn text_row(line: Line, style: Style, place: Place, (height, above): (f32, f32), grey: f32) -> Row {
    let x = match place {
        Place::Centre => LEFT + (WIDTH - line.width) / 2.0,
        Place::Left(by) => LEFT + by,
    };
    let slot = above + height;
    let y = above + (height - style.size) / 2.0 + style.size * 0.86;
    Row { marks: vec![Mark::Text { line, style, x, y, grey }], height: slot, glued: false }
}

pub(super) fn push_paragraph(rows: &mut Vec<Row>, lines: Vec<Line>, style: Style, indent: f32) {
    for (n, line) in lines.into_iter().enumerate() {
        let by = if n == 0 { indent } else { 0.0 };
        rows.push(text_row(line, style, Place::Left(by), (PITCH, 0.0), BLACK));
    }
}

/// Rows on pages, each as far up as it goes; glued ones together, unless they are more than a page.
pub(super) fn paginate(rows: Vec<Row>) -> Vec<Page> {
    let mut pages = vec![Page::default()];
    let mut used = 0.0;
    let mut rows = rows.into_iter().peekable();
    while rows.peek().is_some() {
        let mut bundle = Vec::new();
        for row in rows.by_ref() {
            let glued = row.glued;
            bundle.push(row);
            if !glued {
                break;
            }
        }
        let height: f32 = bundle.iter().map(|row| row.height).sum();
        if used > 0.0 && used + height > HEIGHT + 0.5 && height <= HEIGHT {
            pages.push(Page::default());
            used = 0.0;
        }
        for row in bundle {
            if used > 0.0 && used + row.height > HEIGHT + 0.5 {
                pages.push(Page::default());
                used = 0.0;
            }
            if let Some(page) = pages.last_mut() {
                let height = row.height;
                page.marks.extend(row.down(TOP + used));
                used += height;
            }
        }
    }
    pages
}

impl Row {
    /// Its marks, so far down on a page.
    pub(super) fn down(self, by: f32) -> impl Iterator<Item = Mark> {
        self.marks.into_iter().map(move |mark| mark.down(by))
    }
}

impl Mark {
    fn down(self, by: f32) -> Self {
        match self {
            Self::Text { line, style, x, y, grey } => Self::Text { line, style, x, y: y + by, grey },
            Self::Box { x, y, width, height, grey } => Self::Box { x, y: y + by, width, height, grey },
            Self::Circle { x, y, radius } => Self::Circle { x, y: y + by, radius },
            Self::Picture { part, x, y, width, height } => Self::Picture { part, x, y: y + by, width, height },
        }
    }
}
