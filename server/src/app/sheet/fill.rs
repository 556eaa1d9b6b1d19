//! A superior organ's own workbook, filled: a cell that says `{{S46}}` gets the figure, everything else stays as it came — titles, merged
//! cells, widths, formulas, print areas.
//!
//! Only cells are rewritten, as text in the XML of their sheet; no other part of the archive is read or made anew. Does not belong here:
//! what a placeholder means (`app/fill_in.rs`).

use std::borrow::Cow;
use std::collections::BTreeSet;
use std::io::{Cursor, Read, Write};

use quick_xml::escape::{escape, unescape};
use zip::write::{SimpleFileOptions, ZipWriter};

/// An unpacked workbook at most, in bytes, as it comes and as it goes.
const UNPACKED_MAX: usize = 64 << 20;
const PARTS_MAX: usize = 2_000;
/// Different placeholders at most: each is a figure to be worked out.
const PLACEHOLDERS_MAX: usize = 500;
/// Cells with placeholders at most.
const CELLS_MAX: usize = 20_000;
const BROKEN: &str = "文件读不出来；请上传XLSX，旧版XLS先在Excel、WPS里另存为XLSX";
const TOO_LARGE: &str = "工作簿太大，或者填好以后太大；请删去长文字里的占位符，或者拆成几份分别上传";
const TOO_MANY_CELLS: &str = "要填的格子超过20000个；请拆成几份分别上传";
const TOO_MANY_NAMES: &str = "不同的占位符超过500种；请拆成几份分别上传";
const PREFIXED: &str = "表里的格子用了带前缀的写法（如<x:c>），读不了；请用Excel、WPS打开，另存为XLSX再上传";

/// How a placeholder begins; a name that begins so is one that was not closed.
pub const UNCLOSED: &str = "{{";
/// So much of it is told.
const UNCLOSED_CHARS: usize = 20;

/// What stands in the place of a placeholder.
#[derive(Clone, PartialEq, Debug)]
pub enum Value {
    /// A number: formulas may reckon with it.
    Number(f64),
    /// Words.
    Text(String),
}

/// A filled workbook.
#[derive(Clone, PartialEq, Debug)]
pub struct Filled {
    /// The workbook.
    pub bytes: Vec<u8>,
    /// How many cells were filled.
    pub cells: usize,
}

/// The placeholders of a workbook, each once, in the order of its sheets. Errors: a sentence for people.
pub fn placeholders(bytes: &[u8]) -> Result<Vec<String>, String> {
    let (mut found, mut known): (Vec<String>, BTreeSet<String>) = Default::default();
    rewrite(bytes, &mut |name| {
        if known.len() <= PLACEHOLDERS_MAX && known.insert(name.to_owned()) {
            found.push(name.to_owned());
        }
        None
    })?;
    if found.len() > PLACEHOLDERS_MAX { Err(TOO_MANY_NAMES.to_owned()) } else { Ok(found) }
}

/// The workbook with its placeholders filled; one that has no value stays.
pub fn fill(bytes: &[u8], value: &mut dyn FnMut(&str) -> Option<Value>) -> Result<Filled, String> {
    rewrite(bytes, value)
}

/// What may still be done: a few bytes of a file must not become gigabytes of work.
#[derive(Default)]
struct Spent {
    /// Cells with placeholders.
    cells: usize,
    /// Bytes of their texts, as they came and as they were filled.
    text: usize,
    /// Cells that were filled.
    filled: usize,
}

impl Spent {
    fn cell(&mut self, text: &str) -> Result<(), String> {
        self.cells += 1;
        if self.cells > CELLS_MAX {
            return Err(TOO_MANY_CELLS.to_owned());
        }
        self.words(text)
    }

    fn words(&mut self, text: &str) -> Result<(), String> {
        self.text += text.len();
        if self.text > UNPACKED_MAX { Err(TOO_LARGE.to_owned()) } else { Ok(()) }
    }
}

fn rewrite(bytes: &[u8], value: &mut dyn FnMut(&str) -> Option<Value>) -> Result<Filled, String> {
    let broken = |_| BROKEN.to_owned();
    let mut archive = zip::ZipArchive::new(Cursor::new(bytes)).map_err(|_| BROKEN.to_owned())?;
    if archive.len() > PARTS_MAX || archive.index_for_name("xl/workbook.xml").is_none() {
        return Err(BROKEN.to_owned());
    }
    let shared = match part(&mut archive, "xl/sharedStrings.xml")? {
        // Only texts with a placeholder are asked for again; the others are looked at once, however many cells share them.
        Some(xml) => shared_texts(unprefixed(&xml)?).into_iter().map(with_names).collect(),
        None => Vec::new(),
    };
    let mut out = ZipWriter::new(Cursor::new(Vec::new()));
    let (mut spent, mut unpacked, mut written) = (Spent::default(), 0, 0);
    for at in 0..archive.len() {
        let mut entry = archive.by_index(at).map_err(|_| BROKEN.to_owned())?;
        let name = entry.name().map_err(|_| BROKEN.to_owned())?.into_owned();
        let mut content = Vec::new();
        entry.by_ref().take(UNPACKED_MAX as u64).read_to_end(&mut content).map_err(broken)?;
        unpacked += content.len();
        if unpacked > UNPACKED_MAX {
            return Err(TOO_LARGE.to_owned());
        }
        if name.starts_with("xl/worksheets/") && name.ends_with(".xml") {
            let xml = String::from_utf8(content).map_err(|_| BROKEN.to_owned())?;
            content = sheet(unprefixed(&xml)?, &shared, value, &mut spent)?.into_bytes();
        } else if name == "xl/workbook.xml" {
            let xml = String::from_utf8(content).map_err(|_| BROKEN.to_owned())?;
            content = recalculated(unprefixed(&xml)?).into_bytes();
        }
        written += content.len();
        if written > UNPACKED_MAX {
            return Err(TOO_LARGE.to_owned());
        }
        let wrote = out.start_file(&*name, SimpleFileOptions::default()).map_err(std::io::Error::other);
        wrote.and_then(|()| out.write_all(&content)).map_err(broken)?;
    }
    let bytes = out.finish().map_err(|_| BROKEN.to_owned())?.into_inner();
    Ok(Filled { bytes, cells: spent.filled })
}

fn part(archive: &mut zip::ZipArchive<Cursor<&[u8]>>, name: &str) -> Result<Option<String>, String> {
    let Ok(entry) = archive.by_name(name) else { return Ok(None) };
    let mut xml = String::new();
    entry.take(UNPACKED_MAX as u64).read_to_string(&mut xml).map_err(|_| BROKEN.to_owned())?;
    Ok(Some(xml))
}

/// A part whose elements are named without a prefix, as Excel and WPS write them; another is refused rather than read as empty.
fn unprefixed(xml: &str) -> Result<&str, String> {
    let mut tags = xml.split('<').filter(|tag| tag.starts_with(char::is_alphabetic));
    let root = tags.next().and_then(|tag| tag.split([' ', '>', '/', '\r', '\n', '\t']).next());
    if root.is_some_and(|root| root.contains(':')) { Err(PREFIXED.to_owned()) } else { Ok(xml) }
}

/// What follows `calcPr` in a workbook, in the order of its schema.
const AFTER_CALCULATION: [&str; 10] = [
    "<oleSize",
    "<customWorkbookViews",
    "<pivotCaches",
    "<smartTagPr",
    "<smartTagTypes",
    "<webPublishing",
    "<fileRecoveryPr",
    "<webPublishObjects",
    "<extLst",
    "</workbook>",
];

/// What formulas had reckoned with is no more: the program that opens it reckons anew.
fn recalculated(xml: &str) -> String {
    const ASKED: &str = "<calcPr fullCalcOnLoad=\"1\"";
    let Some((before, after)) = xml.split_once("<calcPr") else {
        let sheets = xml.find("</sheets>").unwrap_or_default();
        let later = AFTER_CALCULATION.iter().filter_map(|tag| xml.rfind(tag)).filter(|at| *at > sheets).min();
        return match later.and_then(|at| xml.split_at_checked(at)) {
            Some((before, after)) => format!("{before}{ASKED}/>{after}"),
            None => xml.to_owned(),
        };
    };
    let (attributes, rest) = after.split_once('>').unwrap_or((after, ""));
    let kept = match attributes.split_once("fullCalcOnLoad=") {
        Some((one, other)) => {
            let quote = other.chars().next().unwrap_or('"');
            let value = other.strip_prefix(quote).and_then(|other| other.split_once(quote));
            format!("{}{}", one.trim_end(), value.map_or("", |(_, left)| left))
        }
        None => attributes.to_owned(),
    };
    format!("{before}{ASKED}{kept}>{rest}")
}

/// The texts that cells share, by their place.
fn shared_texts(xml: &str) -> Vec<String> {
    let items = xml.split("<si").skip(1).filter(|item| item.starts_with(['>', ' ', '/']));
    items.map(|item| words(item.split_once("</si>").map_or("", |(item, _)| item))).collect()
}

/// The words in `t` elements; how they are read aloud (`rPh`) is left out.
fn words(xml: &str) -> String {
    let mut text = String::new();
    for run in xml.split("<rPh").enumerate().map(|(at, run)| match at {
        0 => run,
        _ => run.split_once("</rPh>").map_or("", |(_, rest)| rest),
    }) {
        for piece in run.split("<t").skip(1).filter(|piece| piece.starts_with(['>', ' '])) {
            let plain =
                piece.split_once('>').and_then(|(_, rest)| rest.split_once("</t>")).map_or("", |(text, _)| text);
            text.push_str(&unescape(plain).unwrap_or_default());
        }
    }
    text
}

/// A sheet with its cells filled.
fn sheet(
    xml: &str,
    shared: &[String],
    value: &mut dyn FnMut(&str) -> Option<Value>,
    spent: &mut Spent,
) -> Result<String, String> {
    let (mut out, mut rest) = (String::with_capacity(xml.len()), xml);
    while let Some((before, after)) = rest.split_once("<c ") {
        out.push_str(before);
        let parts = after.split_once('>').and_then(|(attributes, tail)| match attributes.strip_suffix('/') {
            Some(_) => Some((attributes, None, tail)),
            None => tail.split_once("</c>").map(|(inner, tail)| (attributes, Some(inner), tail)),
        });
        // Where nothing closes this cell, nothing closes a later one.
        let Some((attributes, inner, tail)) = parts else {
            out.push_str("<c ");
            rest = after;
            break;
        };
        rest = tail;
        let made = inner.map(|inner| cell(attributes, inner, shared, value, spent)).transpose()?.flatten();
        match (made, inner) {
            (Some(made), _) => {
                spent.filled += 1;
                out.push_str(&made);
            }
            (None, Some(inner)) => out.extend(["<c ", attributes, ">", inner, "</c>"]),
            (None, None) => out.extend(["<c ", attributes, ">"]),
        }
    }
    out.push_str(rest);
    Ok(out)
}

/// A cell that is filled; none stays as it is.
fn cell(
    attributes: &str,
    inner: &str,
    shared: &[String],
    value: &mut dyn FnMut(&str) -> Option<Value>,
    spent: &mut Spent,
) -> Result<Option<String>, String> {
    let text = match attribute(attributes, "t") {
        Some("s") => shared_of(inner, shared).map(Cow::Borrowed),
        Some("inlineStr") => Some(Cow::Owned(words(inner))),
        _ => None,
    };
    let Some(text) = text.filter(|text| has_names(text)) else { return Ok(None) };
    spent.cell(&text)?;
    let kept: Vec<String> =
        ["r", "s"].iter().filter_map(|name| Some(format!("{name}=\"{}\"", attribute(attributes, name)?))).collect();
    let kept = kept.join(" ");
    let alone = text.trim().strip_prefix("{{").and_then(|name| name.strip_suffix("}}"));
    if let Some(name) = alone.filter(|name| !name.contains("{{") && !name.contains("}}"))
        && let Some(Value::Number(number)) = value(name)
    {
        return Ok(Some(format!("<c {kept}><v>{number}</v></c>")));
    }
    let Some(said) = said(&text, value) else { return Ok(None) };
    let said = escape(said.as_str());
    spent.words(&said)?;
    Ok(Some(format!("<c {kept} t=\"inlineStr\"><is><t xml:space=\"preserve\">{said}</t></is></c>")))
}

fn shared_of<'a>(inner: &str, shared: &'a [String]) -> Option<&'a str> {
    let number = inner.split_once("<v>")?.1.split_once("</v>")?.0;
    shared.get(number.trim().parse::<usize>().ok()?).map(String::as_str)
}

/// The words with what stands for their placeholders; none if nothing does.
fn said(text: &str, value: &mut dyn FnMut(&str) -> Option<Value>) -> Option<String> {
    let mut pieces = text.split("{{");
    let (mut said, mut found) = (pieces.next().unwrap_or_default().to_owned(), false);
    for piece in pieces {
        if !piece.contains("}}") {
            // Begun and not closed: it is told as it stands, and stays.
            let begun: String = piece.chars().take(UNCLOSED_CHARS).collect();
            value(&format!("{UNCLOSED}{begun}"));
        }
        let named = piece.split_once("}}").and_then(|(name, rest)| Some((value(name)?, rest)));
        let Some((value, rest)) = named else {
            said.extend(["{{", piece]);
            continue;
        };
        found = true;
        match value {
            Value::Number(number) => said.push_str(&crate::app::figures::written(number)),
            Value::Text(text) => said.push_str(&text),
        }
        said.push_str(rest);
    }
    found.then_some(said)
}

fn with_names(text: String) -> String {
    if has_names(&text) { text } else { String::new() }
}

/// Whether something stands between double braces, or begins with them.
fn has_names(text: &str) -> bool {
    text.contains(UNCLOSED)
}

fn attribute<'a>(attributes: &'a str, name: &str) -> Option<&'a str> {
    let spaced = attributes.split_whitespace().find_map(|pair| pair.strip_prefix(name)?.strip_prefix("=\""));
    spaced?.split_once('"').map(|(value, _)| value)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_closed_is_told_and_stays() {
        let mut asked = Vec::new();
        let filled = said("共{{S46}}件，{{S47，余", &mut |name| {
            asked.push(name.to_owned());
            (name == "S46").then_some(Value::Number(2.0))
        });
        assert_eq!(filled.as_deref(), Some("共2件，{{S47，余"));
        assert_eq!(asked, ["S46", "{{S47，余"]);
        assert!(has_names("{{S46") && !has_names("S46}}"));
    }

    #[test]
    fn cells_are_filled_and_everything_else_stays() {
        let shared = shared_texts(
            r#"<sst><si><t>标题</t></si><si><t>{{S46}}</t></si><si><r><t>共{{S4</t></r><r><t>6}}件 &amp; 完</t></r><rPh sb="0" eb="1"><t>gong</t></rPh></si><si/></sst>"#,
        );
        assert_eq!(shared, ["标题", "{{S46}}", "共{{S46}}件 & 完", ""]);
        let xml = r#"<worksheet><cols><col min="1"/></cols><sheetData><row r="1"><c r="A1" s="2" t="s"><v>0</v></c><c r="B1" s="3" t="s"><v>1</v></c><c r="C1" t="s"><v>2</v></c><c r="D1" s="4"/><c r="E1"><f>B1*2</f><v>0</v></c><c r="F1" t="inlineStr"><is><t>{{没有}}</t></is></c></row></sheetData></worksheet>"#;
        let mut spent = Spent::default();
        let value = &mut |name: &str| (name == "S46").then_some(Value::Number(11_950.0));
        let filled = sheet(xml, &shared, value, &mut spent).unwrap();
        assert_eq!(spent.filled, 2);
        assert!(filled.contains(r#"<c r="A1" s="2" t="s"><v>0</v></c><c r="B1" s="3"><v>11950</v></c>"#), "{filled}");
        assert!(
            filled.contains(r#"<c r="C1" t="inlineStr"><is><t xml:space="preserve">共11,950件 &amp; 完</t></is></c>"#),
            "{filled}"
        );
        assert!(filled.contains(r#"<c r="D1" s="4"/><c r="E1"><f>B1*2</f><v>0</v></c>"#), "{filled}");
        assert!(
            filled.contains("{{没有}}") && filled.starts_with(r#"<worksheet><cols><col min="1"/></cols>"#),
            "{filled}"
        );
    }

    /// A workbook of these parts.
    fn packed(sheet: &str, shared: &str) -> Vec<u8> {
        let mut out = ZipWriter::new(Cursor::new(Vec::new()));
        for (name, content) in [
            ("xl/workbook.xml", "<workbook><sheets/></workbook>"),
            ("xl/sharedStrings.xml", shared),
            ("xl/worksheets/sheet1.xml", sheet),
        ] {
            out.start_file(name, SimpleFileOptions::default()).unwrap();
            out.write_all(content.as_bytes()).unwrap();
        }
        out.finish().unwrap().into_inner()
    }

    #[test]
    fn a_few_bytes_do_not_become_gigabytes() {
        let shared = |text: &str| format!("<sst><si><t>{text}</t></si></sst>");
        let cells = |count: usize| "<c t=\"s\"><v>0</v></c>".repeat(count);
        let fill_all = |bytes: &[u8]| fill(bytes, &mut |_| Some(Value::Number(1.0)));
        let few = packed(&cells(CELLS_MAX), &shared("{{S46}}"));
        assert_eq!(fill_all(&few).unwrap().cells, CELLS_MAX);
        let many = packed(&cells(CELLS_MAX + 1), &shared("{{S46}}"));
        assert_eq!(placeholders(&many).unwrap_err(), TOO_MANY_CELLS);
        assert_eq!(fill_all(&many).unwrap_err(), TOO_MANY_CELLS);
        let long = packed(&cells(3_000), &shared(&format!("{{{{S46}}}}{}", "长".repeat(11_000))));
        assert_eq!(placeholders(&long).unwrap_err(), TOO_LARGE);
        assert_eq!(fill_all(&long).unwrap_err(), TOO_LARGE);
        // Small as they came, large as they go.
        let grown = packed(&cells(CELLS_MAX), &shared("共{{S46}}"));
        let long = fill(&grown, &mut |_| Some(Value::Text("长".repeat(2_000))));
        assert_eq!(long.unwrap_err(), TOO_LARGE);
        // Cells that nothing closes are no cells, and are not searched again and again.
        let open = packed(&"<c t=\"s\">".repeat(2_000_000), &shared("{{S46}}"));
        assert_eq!(placeholders(&open).unwrap(), Vec::<String>::new());
    }

    #[test]
    fn so_many_figures_are_worked_out_and_no_more() {
        let names = |count: usize| {
            let cell = |at| format!("<c t=\"inlineStr\"><is><t>{{{{S{at}}}}}</t></is></c>");
            packed(&(0..count).map(cell).collect::<String>(), "<sst/>")
        };
        assert_eq!(placeholders(&names(PLACEHOLDERS_MAX)).unwrap().len(), PLACEHOLDERS_MAX);
        assert_eq!(placeholders(&names(PLACEHOLDERS_MAX + 1)).unwrap_err(), TOO_MANY_NAMES);
    }

    #[test]
    fn formulas_are_reckoned_anew() {
        for (xml, anew) in [
            (r#"<a><calcPr calcId="1"/></a>"#, r#"<a><calcPr fullCalcOnLoad="1" calcId="1"/></a>"#),
            (
                r#"<a><calcPr calcId="1" fullCalcOnLoad="0" iterate="1"/></a>"#,
                r#"<a><calcPr fullCalcOnLoad="1" calcId="1" iterate="1"/></a>"#,
            ),
            ("<a><calcPr fullCalcOnLoad='false'/></a>", r#"<a><calcPr fullCalcOnLoad="1"/></a>"#),
            (
                "<workbook><sheets/><definedNames/><extLst/></workbook>",
                r#"<workbook><sheets/><definedNames/><calcPr fullCalcOnLoad="1"/><extLst/></workbook>"#,
            ),
            (
                "<workbook><sheets></sheets></workbook>",
                r#"<workbook><sheets></sheets><calcPr fullCalcOnLoad="1"/></workbook>"#,
            ),
        ] {
            assert_eq!(recalculated(xml), anew);
        }
    }

    #[test]
    fn cells_with_a_prefix_are_not_taken_for_no_placeholder() {
        let sheet = r#"<?xml version="1.0"?><x:worksheet xmlns:x="a"><x:c t="s"><x:v>0</x:v></x:c></x:worksheet>"#;
        assert_eq!(placeholders(&packed(sheet, "<sst/>")).unwrap_err(), PREFIXED);
        assert_eq!(placeholders(&packed("<worksheet/>", "<x:sst/>")).unwrap_err(), PREFIXED);
    }

    #[test]
    fn what_is_no_workbook_is_said() {
        assert_eq!(placeholders(b"%PDF-1.7").unwrap_err(), BROKEN);
        assert_eq!(placeholders(b"PK\x03\x04 broken").unwrap_err(), BROKEN);
    }
}
