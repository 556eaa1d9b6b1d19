//! Binding a volume 卷宗: cover, catalogue, instruments, and the files that came with the acts: a picture with its caption under it,
//! of everything else a sheet that names it by its digests.

use zhunsheng_core::day::Day;

use super::fonts::{Faces, Role};
use super::line::{Style, is_drawn};
use super::page::{
    BLACK, BODY, GREY, HEADING, HEIGHT, LEFT, Mark, PITCH, Page, Place, Row, SMALL, Setter, TITLE, TOP, WIDTH,
    paginate, push_paragraph, text_row,
};
use super::{Bookmark, Filed, Part, Shown, Unprintable, Volume};

const TABLE: Style = Style { role: Role::Body, size: 12.0, cell: 12.0 };
const TABLE_HEAD: Style = Style { role: Role::Heading, size: 12.0, cell: 12.0 };

/// From line to line of a caption.
const CAPTION: f32 = 15.0;
/// A dot is at most so large: 96 to an inch.
const DOT_MAX: f32 = 0.75;

/// Binds a volume: cover, catalogue, and its parts, numbered from the first of them. Also: on which page each part begins. `shown` says
/// of each part whether it is a picture.
pub(super) fn bind(
    faces: &Faces<'_>,
    volume: &Volume,
    shown: &[Shown],
) -> Result<(Vec<Page>, Vec<Bookmark>), Unprintable> {
    let mut setter = Setter::new(faces);
    let mut body: Vec<Page> = Vec::new();
    let mut begins = Vec::new();
    for (n, part) in volume.parts.iter().enumerate() {
        begins.push(body.len());
        let pages = match part {
            Part::Paper(printed) => setter.pages_of(printed),
            Part::File(file) => setter.file(file, n, shown.get(n).unwrap_or(&Shown::Sheet(""))),
        };
        body.extend(pages);
    }
    setter.number(&mut body, 1);
    let mut pages = vec![setter.cover(&volume.cover)];
    let ends = begins.iter().copied().skip(1).chain([body.len()]);
    let titles: Vec<String> = volume.parts.iter().map(|part| part.title(faces)).collect();
    let lines: Vec<Listed<'_>> = (volume.parts.iter().zip(&titles).zip(begins.iter().copied()).zip(ends))
        .map(|(((part, title), first), end)| Listed {
            title,
            number: part.number(),
            day: part.day(),
            pages: (first + 1, end),
        })
        .collect();
    pages.extend(setter.catalogue(&lines));
    let front = pages.len();
    pages.append(&mut body);
    let marks = titles.into_iter().zip(begins.iter().map(|at| at + front)).collect();
    Ok((setter.complete(pages)?, marks))
}

/// A line of the catalogue.
struct Listed<'a> {
    title: &'a str,
    number: &'a str,
    day: Day,
    /// First and last, from 1.
    pages: (usize, usize),
}

impl Part {
    fn title(&self, faces: &Faces<'_>) -> String {
        match self {
            Self::Paper(printed) => printed.sheet.title.clone(),
            Self::File(file) if file.name.is_empty() => file.kind.clone(),
            Self::File(file) => format!("{}：{}", file.kind, drawable(faces, &file.name)),
        }
    }

    fn number(&self) -> &str {
        match self {
            Self::Paper(printed) => printed.sheet.number.as_deref().unwrap_or_default(),
            Self::File(file) => &file.number,
        }
    }

    /// The day that it bears.
    #[must_use]
    pub fn day(&self) -> Day {
        match self {
            Self::Paper(printed) => printed.sheet.day,
            Self::File(file) => file.day,
        }
    }
}

/// A file's name, which may hold anything: what no face draws is marked as missing, as printers do, and keeps nothing from being bound.
fn drawable(faces: &Faces<'_>, name: &str) -> String {
    let known = |c: char| faces.glyph(Role::Body, c).is_some();
    name.chars().filter(|c| is_drawn(*c)).map(|c| if known(c) { c } else { '〓' }).collect()
}

impl Setter<'_> {
    /// A file on pages of its own.
    fn file(&mut self, file: &Filed, part: usize, shown: &Shown) -> Vec<Page> {
        let mut caption = file.said.clone();
        if !file.name.is_empty() {
            caption.insert(0, format!("文件名：{}", drawable(self.faces, &file.name)));
        }
        match shown {
            Shown::Picture(shape) => {
                if let Some(taken) = &shape.taken {
                    caption.push(format!("照片自带的拍摄时间：{taken}（没有核对）"));
                }
                vec![self.picture(file, part, shape.upright(), &caption)]
            }
            Shown::Sheet(why) => self.sheet(file, &caption, why),
        }
    }

    fn picture(&mut self, file: &Filed, part: usize, (across, down): (u32, u32), caption: &[String]) -> Page {
        let mut page = Page::default();
        let head = self.line(HEADING, &format!("{}　{}", file.number, file.kind));
        page.marks.extend(text_row(head, HEADING, Place::Left(0.0), (PITCH, 0.0), BLACK).down(TOP));
        let lines: Vec<_> = caption.iter().flat_map(|text| self.lines(SMALL, text, WIDTH, 0.0)).collect();
        #[allow(clippy::cast_precision_loss, reason = "lines of a caption, dots of a picture")]
        let (foot, across, down) = (lines.len() as f32 * CAPTION + 8.0, across as f32, down as f32);
        let room = (HEIGHT - PITCH - 6.0 - foot).max(PITCH);
        let dot = (WIDTH / across).min(room / down).min(DOT_MAX);
        let (width, height) = (across * dot, down * dot);
        let top = TOP + PITCH + 6.0;
        page.marks.push(Mark::Picture { part, x: LEFT + (WIDTH - width) / 2.0, y: top, width, height });
        let mut y = top + height + 4.0;
        for line in lines {
            y += CAPTION;
            page.marks.push(Mark::Text { line, style: SMALL, x: LEFT, y, grey: BLACK });
        }
        page
    }

    fn sheet(&mut self, file: &Filed, caption: &[String], why: &str) -> Vec<Page> {
        let mut rows = Vec::new();
        for line in self.lines(TITLE, &file.kind, WIDTH, 0.0) {
            rows.push(text_row(line, TITLE, Place::Centre, (PITCH * 1.25, 0.0), BLACK));
        }
        let number = self.line(BODY, &file.number);
        rows.push(text_row(number, BODY, Place::Centre, (PITCH * 1.5, 0.0), BLACK));
        for text in caption.iter().map(String::as_str).chain([why]).filter(|text| !text.is_empty()) {
            let lines = self.lines(BODY, text, WIDTH, 0.0);
            push_paragraph(&mut rows, lines, BODY, 0.0);
        }
        paginate(rows)
    }

    fn cover(&mut self, said: &[String]) -> Page {
        let mut page = Page::default();
        let mut y = TOP + PITCH * 4.0;
        for (n, text) in said.iter().enumerate() {
            let style = if n == 0 { TITLE } else { BODY };
            for line in self.lines(style, text, WIDTH, 0.0) {
                let x = LEFT + (WIDTH - line.width) / 2.0;
                page.marks.push(Mark::Text { line, style, x, y, grey: BLACK });
                y += PITCH * 1.25;
            }
            y += if n == 0 { PITCH * 2.0 } else { PITCH * 0.5 };
        }
        page
    }

    fn catalogue(&mut self, parts: &[Listed<'_>]) -> Vec<Page> {
        /// Where columns begin and how wide they are, in points of the core.
        const COLUMNS: [(&str, f32, f32); 5] = [
            ("序号", 0.0, 28.0),
            ("文书名称", 34.0, 132.0),
            ("文号", 172.0, 136.0),
            ("日期", 314.0, 70.0),
            ("页号", 390.0, 52.0),
        ];
        let title = self.line(TITLE, "卷内目录");
        let mut rows = vec![text_row(title, TITLE, Place::Centre, (PITCH * 2.0, 0.0), BLACK)];
        let head = COLUMNS.map(|(name, ..)| name.to_owned());
        let columns = COLUMNS.map(|(_, x, width)| (x, width));
        let head = self.table_row(&head, &columns, TABLE_HEAD);
        rows.push(head);
        for (n, part) in (1..).zip(parts) {
            let (first, last) = part.pages;
            let day = part.day.to_string();
            let pages = if first == last { first.to_string() } else { format!("{first}—{last}") };
            let cells = [n.to_string(), part.title.to_owned(), part.number.to_owned(), day, pages];
            let row = self.table_row(&cells, &columns, TABLE);
            rows.push(row);
        }
        paginate(rows)
    }

    fn table_row(&mut self, cells: &[String], columns: &[(f32, f32)], style: Style) -> Row {
        const LEADING: f32 = 17.0;
        let mut marks = Vec::new();
        let mut height = LEADING;
        for (cell, (x, width)) in cells.iter().zip(columns) {
            let mut y = 0.0;
            for line in self.lines(style, cell, *width, 0.0) {
                y += LEADING;
                marks.push(Mark::Text { line, style, x: LEFT + x, y, grey: BLACK });
            }
            height = f32::max(height, y);
        }
        marks.push(Mark::Box { x: LEFT, y: height + 7.0, width: WIDTH, height: 0.5, grey: GREY });
        Row { marks, height: height + 9.0, glued: false }
    }
}
