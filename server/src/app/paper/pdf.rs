//! Writing set pages as a PDF: fonts cut down to what is used and embedded, text that can be searched and copied, bookmarks.
//!
//! No moment of writing is in it: the same pages give the same bytes.

use std::collections::BTreeMap;
use std::io::Write as _;

use flate2::Compression;
use flate2::write::ZlibEncoder;
use pdf_writer::types::{CidFontType, FontFlags, Predictor, SystemInfo, UnicodeCmap};
use pdf_writer::{Content, Date, Filter, Finish, Name, Pdf, Rect, Ref, Str, TextStr};
use subsetter::GlyphRemapper;
use ttf_parser::{RawFace, Tag, name_id};

use super::fonts::{Faces, Type};
use super::line::Placed;
use super::page::{Mark, PAPER, Page};
use super::picture::{Packing, Space};
use super::{About, Unprintable};

const IDENTITY: SystemInfo<'static> = SystemInfo { registry: Str(b"Adobe"), ordering: Str(b"Identity"), supplement: 0 };

/// What is used of one face.
#[derive(Default)]
struct Used {
    remapper: GlyphRemapper,
    /// Glyph as it is cut → the character it stands for and its advance at one point.
    glyphs: BTreeMap<u16, (char, f32)>,
}

/// Hands out object numbers.
struct Numbers(i32);

impl Numbers {
    fn next(&mut self) -> Ref {
        self.0 += 1;
        Ref::new(self.0)
    }
}

/// Writes pages.
pub(super) fn write(faces: &Faces<'_>, pages: &[Page], about: &About<'_>) -> Result<Vec<u8>, Unprintable> {
    let used = used(pages);
    let mut pdf = Pdf::new();
    let mut numbers = Numbers(0);
    let (catalog, tree, info) = (numbers.next(), numbers.next(), numbers.next());
    let mut fonts: BTreeMap<usize, (String, Ref)> = BTreeMap::new();
    for (face, used) in &used {
        let Some(source) = faces.faces.get(*face) else { continue };
        let font = write_font(&mut pdf, &mut numbers, source, used)?;
        fonts.insert(*face, (format!("F{face}"), font));
    }
    let mut kids = Vec::new();
    for page in pages {
        let (id, content) = (numbers.next(), numbers.next());
        kids.push(id);
        let pictures = write_pictures(&mut pdf, &mut numbers, page, about);
        let mut written = pdf.page(id);
        written.parent(tree).media_box(Rect::new(0.0, 0.0, PAPER.0, PAPER.1)).contents(content);
        let mut resources = written.resources();
        let mut list = resources.fonts();
        for (name, font) in fonts.values() {
            list.pair(Name(name.as_bytes()), *font);
        }
        list.finish();
        if !pictures.is_empty() {
            let mut list = resources.x_objects();
            pictures.iter().for_each(|(part, (image, _))| {
                list.pair(Name(format!("P{part}").as_bytes()), *image);
            });
        }
        resources.finish();
        written.finish();
        let bytes = deflate(&draw(page, &used, &pictures))?;
        pdf.stream(content, &bytes).filter(Filter::FlateDecode);
    }
    pdf.pages(tree).kids(kids.iter().copied()).count(i32::try_from(kids.len()).unwrap_or(i32::MAX));
    let outline = write_outline(&mut pdf, &mut numbers, &kids, about);
    let mut root = pdf.catalog(catalog);
    root.pages(tree).lang(TextStr("zh-CN"));
    if let Some(outline) = outline {
        root.outlines(outline);
    }
    root.viewer_preferences().display_doc_title(true);
    root.finish();
    let day = about.day.date();
    let date = Date::new(day.year().unsigned_abs()).month(day.month().unsigned_abs()).day(day.day().unsigned_abs());
    pdf.document_info(info).title(TextStr(about.title)).producer(TextStr("Zhunsheng")).creation_date(date);
    Ok(pdf.finish())
}

fn used(pages: &[Page]) -> BTreeMap<usize, Used> {
    let mut used: BTreeMap<usize, Used> = BTreeMap::new();
    for mark in pages.iter().flat_map(|page| &page.marks) {
        let Mark::Text { line, .. } = mark else { continue };
        for placed in &line.placed {
            let of_face = used.entry(placed.glyph.face).or_default();
            let cut = of_face.remapper.remap(placed.glyph.id);
            of_face.glyphs.insert(cut, (placed.c, placed.glyph.advance));
        }
    }
    used
}

fn write_font(pdf: &mut Pdf, numbers: &mut Numbers, source: &Type<'_>, used: &Used) -> Result<Ref, Unprintable> {
    let unusable = |error: &dyn std::fmt::Display| Unprintable::Font(format!("{}：{error}", family(source)));
    let cut = subsetter::subset(source.bytes, source.index, &used.remapper).map_err(|error| unusable(&error))?;
    let raw = RawFace::parse(&cut, 0).map_err(|error| unusable(&error))?;
    let outlines = raw.table(Tag::from_bytes(b"CFF "));
    let (font, descendant, descriptor, file, characters) =
        (numbers.next(), numbers.next(), numbers.next(), numbers.next(), numbers.next());
    // Six letters mark a font that is not whole (ISO 32000-1 §9.6.4).
    let name = format!("ZHUNSH+{}", family(source));
    let name = Name(name.as_bytes());
    pdf.type0_font(font)
        .base_font(name)
        .encoding_predefined(Name(b"Identity-H"))
        .descendant_font(descendant)
        .to_unicode(characters);
    let mut cid = pdf.cid_font(descendant);
    cid.subtype(if outlines.is_some() { CidFontType::Type0 } else { CidFontType::Type2 });
    cid.base_font(name).system_info(IDENTITY).font_descriptor(descriptor).default_width(1000.0);
    if outlines.is_none() {
        cid.cid_to_gid_map_predefined(Name(b"Identity"));
    }
    let mut widths = cid.widths();
    for (glyph, (_, advance)) in &used.glyphs {
        widths.same(*glyph, *glyph, advance * 1000.0);
    }
    widths.finish();
    cid.finish();
    let face = &source.face;
    let scale = 1000.0 / f32::from(face.units_per_em());
    let bounds = face.global_bounding_box();
    let [left, bottom, right, top] =
        [bounds.x_min, bounds.y_min, bounds.x_max, bounds.y_max].map(|side| f32::from(side) * scale);
    let mut described = pdf.font_descriptor(descriptor);
    described
        .name(name)
        .flags(FontFlags::SYMBOLIC)
        .bbox(Rect::new(left, bottom, right, top))
        .italic_angle(0.0)
        .ascent(f32::from(face.ascender()) * scale)
        .descent(f32::from(face.descender()) * scale)
        .cap_height(f32::from(face.capital_height().unwrap_or(face.ascender())) * scale)
        .stem_v(80.0);
    if outlines.is_some() {
        described.font_file3(file)
    } else {
        described.font_file2(file)
    };
    described.finish();
    let bytes = deflate(outlines.unwrap_or(&cut))?;
    let mut stream = pdf.stream(file, &bytes);
    stream.filter(Filter::FlateDecode);
    if outlines.is_some() {
        stream.pair(Name(b"Subtype"), Name(b"CIDFontType0C"));
    }
    stream.finish();
    let mut map = UnicodeCmap::new(Name(b"Characters"), IDENTITY);
    used.glyphs.iter().for_each(|(glyph, (c, _))| map.pair(*glyph, *c));
    let map = deflate(map.finish().as_slice())?;
    pdf.stream(characters, &map).filter(Filter::FlateDecode);
    Ok(font)
}

/// A name that a PDF can hold: letters, digits and hyphens.
fn family(source: &Type<'_>) -> String {
    let named = source.face.names().into_iter().find(|name| name.name_id == name_id::POST_SCRIPT_NAME);
    let name = named.and_then(|name| name.to_string()).unwrap_or_else(|| "Font".to_owned());
    name.chars().filter(|c| c.is_ascii_alphanumeric() || *c == '-').collect()
}

fn deflate(bytes: &[u8]) -> Result<Vec<u8>, Unprintable> {
    let failed = |error: std::io::Error| Unprintable::Font(error.to_string());
    let mut encoder = ZlibEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(bytes).map_err(failed)?;
    encoder.finish().map_err(failed)
}

/// The pictures of a page by their part: where they stand in the file, and how they must be turned.
type Pictures = BTreeMap<usize, (Ref, u16)>;

fn write_pictures(pdf: &mut Pdf, numbers: &mut Numbers, page: &Page, about: &About<'_>) -> Pictures {
    let mut written = Pictures::new();
    for mark in &page.marks {
        let Mark::Picture { part, .. } = mark else { continue };
        let Some((shape, image)) = (about.picture)(*part) else { continue };
        let id = numbers.next();
        let (width, height) = (side(shape.width), side(shape.height));
        let mut stream = pdf.image_xobject(id, &image.data);
        stream.width(width).height(height).bits_per_component(i32::from(image.bits));
        match &image.space {
            Space::Grey => stream.color_space().device_gray(),
            Space::Rgb => stream.color_space().device_rgb(),
            Space::Cmyk => stream.color_space().device_cmyk(),
            Space::Table(table) => {
                let last = i32::try_from(table.len() / 3).unwrap_or(1) - 1;
                stream.color_space().indexed(Name(b"DeviceRGB"), last, table)
            }
        };
        if image.inverted {
            stream.decode([1.0, 0.0, 1.0, 0.0, 1.0, 0.0, 1.0, 0.0]);
        }
        match image.packing {
            Packing::Dct => _ = stream.filter(Filter::DctDecode),
            Packing::Flate => _ = stream.filter(Filter::FlateDecode),
            Packing::Rows(colours) => {
                stream.filter(Filter::FlateDecode);
                let mut rows = stream.decode_parms();
                rows.predictor(Predictor::PngOptimum).colors(i32::from(colours));
                rows.bits_per_component(i32::from(image.bits)).columns(width);
            }
        }
        stream.finish();
        written.insert(*part, (id, shape.orientation));
    }
    written
}

fn side(dots: u32) -> i32 {
    i32::try_from(dots).unwrap_or(i32::MAX)
}

/// Puts the unit square in which a picture is drawn where it belongs: `turn` is EXIF's, `x` and `y` the lower left corner.
fn upright(turn: u16, (x, y): (f32, f32), (width, height): (f32, f32)) -> [f32; 6] {
    let (right, top) = (x + width, y + height);
    match turn {
        2 => [-width, 0.0, 0.0, height, right, y],
        3 => [-width, 0.0, 0.0, -height, right, top],
        4 => [width, 0.0, 0.0, -height, x, top],
        5 => [0.0, -height, -width, 0.0, right, top],
        6 => [0.0, -height, width, 0.0, x, top],
        7 => [0.0, height, width, 0.0, x, y],
        8 => [0.0, height, -width, 0.0, right, y],
        _ => [width, 0.0, 0.0, height, x, y],
    }
}

/// The marks of a page; PDF measures from the lower left corner.
fn draw(page: &Page, used: &BTreeMap<usize, Used>, pictures: &Pictures) -> Vec<u8> {
    let mut content = Content::new();
    for mark in &page.marks {
        match mark {
            Mark::Box { x, y, width, height, grey } => {
                content.set_fill_gray(*grey).rect(*x, PAPER.1 - y - height, *width, *height).fill_nonzero();
            }
            Mark::Circle { x, y, radius } => circle(&mut content, (*x, PAPER.1 - y), *radius),
            Mark::Picture { part, x, y, width, height } => {
                let Some((_, turn)) = pictures.get(part) else { continue };
                let matrix = upright(*turn, (*x, PAPER.1 - y - height), (*width, *height));
                content.save_state().transform(matrix).x_object(Name(format!("P{part}").as_bytes())).restore_state();
            }
            Mark::Text { line, style, x, y, grey } => {
                content.set_fill_gray(*grey).begin_text();
                for run in line.placed.chunk_by(|a, b| a.glyph.face == b.glyph.face) {
                    show(&mut content, used, run, style.size, (*x, PAPER.1 - y));
                }
                content.end_text();
            }
        }
    }
    content.finish().to_vec()
}

/// Shows characters of one face, each at its place.
fn show(content: &mut Content, used: &BTreeMap<usize, Used>, run: &[Placed], size: f32, (x, y): (f32, f32)) {
    let Some(first) = run.first() else { return };
    let Some(of_face) = used.get(&first.glyph.face) else { return };
    content.set_font(Name(format!("F{}", first.glyph.face).as_bytes()), size);
    content.set_text_matrix([1.0, 0.0, 0.0, 1.0, x + first.x, y]);
    let mut shown = content.show_positioned();
    let mut items = shown.items();
    let mut pen = first.x;
    for placed in run {
        let away = placed.x - pen;
        if away.abs() > 0.005 {
            // Thousandths of the size, to the left.
            items.adjust(-away * 1000.0 / size);
        }
        let cut = of_face.remapper.get(placed.glyph.id).unwrap_or(0);
        items.show(Str(&cut.to_be_bytes()));
        pen = placed.x + placed.glyph.advance * size;
    }
}

fn circle(content: &mut Content, (x, y): (f32, f32), r: f32) {
    // Four cubic curves; the constant that makes them round.
    let k = 0.552_285 * r;
    content.save_state().set_stroke_gray(0.75).set_line_width(0.5).set_dash_pattern([3.0, 3.0], 0.0);
    content.move_to(x + r, y);
    content.cubic_to(x + r, y + k, x + k, y + r, x, y + r);
    content.cubic_to(x - k, y + r, x - r, y + k, x - r, y);
    content.cubic_to(x - r, y - k, x - k, y - r, x, y - r);
    content.cubic_to(x + k, y - r, x + r, y - k, x + r, y);
    content.close_and_stroke().restore_state();
}

fn write_outline(pdf: &mut Pdf, numbers: &mut Numbers, kids: &[Ref], about: &About<'_>) -> Option<Ref> {
    let marks: Vec<(&str, Ref, Ref)> = about
        .marks
        .iter()
        .filter_map(|(title, page)| Some((title.as_str(), *kids.get(*page)?, numbers.next())))
        .collect();
    let (first, last) = (marks.first()?.2, marks.last()?.2);
    let root = numbers.next();
    pdf.outline(root).first(first).last(last).count(i32::try_from(marks.len()).unwrap_or(i32::MAX));
    for (n, (title, page, id)) in marks.iter().enumerate() {
        let mut item = pdf.outline_item(*id);
        item.title(TextStr(title)).parent(root);
        if let Some((_, _, before)) = n.checked_sub(1).and_then(|before| marks.get(before)) {
            item.prev(*before);
        }
        if let Some((_, _, after)) = marks.get(n + 1) {
            item.next(*after);
        }
        item.dest().page(*page).xyz(0.0, PAPER.1, None);
    }
    Some(root)
}
