//! A superior organ's own workbook, filled: a cell that says `{{S46}}` gets the figure, everything else stays as it came — titles, merged
//! cells, widths, formulas, print areas.
//!
//! Only cells are rewritten, as text in the XML of their sheet; no other part of the archive is read or made anew. Does not belong here:
//! what a placeholder means (`app/fill_in.rs`).

use std::io::{Cursor, Read, Write};

use quick_xml::escape::{escape, unescape};
use zip::write::{SimpleFileOptions, ZipWriter};

/// An unpacked workbook at most, in bytes.
const UNPACKED_MAX: u64 = 64 << 20;
const PARTS_MAX: usize = 2_000;
const BROKEN: &str = "文件读不出来；请上传XLSX，旧版XLS先在Excel、WPS里另存为XLSX";

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
    let mut found: Vec<String> = Vec::new();
    rewrite(bytes, &mut |name| {
        if !found.iter().any(|known| known == name) {
            found.push(name.to_owned());
        }
        None
    })?;
    Ok(found)
}

/// The workbook with its placeholders filled; one that has no value stays.
pub fn fill(bytes: &[u8], value: &mut dyn FnMut(&str) -> Option<Value>) -> Result<Filled, String> {
    rewrite(bytes, value)
}

fn rewrite(bytes: &[u8], value: &mut dyn FnMut(&str) -> Option<Value>) -> Result<Filled, String> {
    let broken = |_| BROKEN.to_owned();
    let mut archive = zip::ZipArchive::new(Cursor::new(bytes)).map_err(|_| BROKEN.to_owned())?;
    if archive.len() > PARTS_MAX || archive.index_for_name("xl/workbook.xml").is_none() {
        return Err(BROKEN.to_owned());
    }
    let shared = match part(&mut archive, "xl/sharedStrings.xml")? {
        Some(xml) => shared_texts(&xml),
        None => Vec::new(),
    };
    let mut out = ZipWriter::new(Cursor::new(Vec::new()));
    let (mut cells, mut unpacked) = (0, 0);
    for at in 0..archive.len() {
        let mut entry = archive.by_index(at).map_err(|_| BROKEN.to_owned())?;
        let name = entry.name().map_err(|_| BROKEN.to_owned())?.into_owned();
        let mut content = Vec::new();
        entry.by_ref().take(UNPACKED_MAX).read_to_end(&mut content).map_err(broken)?;
        unpacked += content.len() as u64;
        if unpacked > UNPACKED_MAX {
            return Err("工作簿太大".to_owned());
        }
        if name.starts_with("xl/worksheets/") && name.ends_with(".xml") {
            let xml = String::from_utf8(content).map_err(|_| BROKEN.to_owned())?;
            let (filled, count) = sheet(&xml, &shared, value);
            cells += count;
            content = filled.into_bytes();
        } else if name == "xl/workbook.xml" {
            let xml = String::from_utf8(content).map_err(|_| BROKEN.to_owned())?;
            content = recalculated(&xml).into_bytes();
        }
        let wrote = out.start_file(&*name, SimpleFileOptions::default()).map_err(std::io::Error::other);
        wrote.and_then(|()| out.write_all(&content)).map_err(broken)?;
    }
    let bytes = out.finish().map_err(|_| BROKEN.to_owned())?.into_inner();
    Ok(Filled { bytes, cells })
}

fn part(archive: &mut zip::ZipArchive<Cursor<&[u8]>>, name: &str) -> Result<Option<String>, String> {
    let Ok(entry) = archive.by_name(name) else { return Ok(None) };
    let mut xml = String::new();
    entry.take(UNPACKED_MAX).read_to_string(&mut xml).map_err(|_| BROKEN.to_owned())?;
    Ok(Some(xml))
}

/// What formulas had reckoned with is no more: the program that opens it reckons anew.
fn recalculated(xml: &str) -> String {
    if xml.contains("fullCalcOnLoad") {
        xml.to_owned()
    } else {
        xml.replacen("<calcPr", "<calcPr fullCalcOnLoad=\"1\"", 1)
    }
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

/// A sheet with its cells filled, and how many were.
fn sheet(xml: &str, shared: &[String], value: &mut dyn FnMut(&str) -> Option<Value>) -> (String, usize) {
    let (mut out, mut rest, mut cells) = (String::with_capacity(xml.len()), xml, 0);
    while let Some((before, after)) = rest.split_once("<c ") {
        out.push_str(before);
        let Some((attributes, tail)) = after.split_once('>') else {
            out.push_str("<c ");
            rest = after;
            continue;
        };
        let whole = attributes.strip_suffix('/').is_none().then(|| tail.split_once("</c>")).flatten();
        let Some((inner, tail)) = whole else {
            out.push_str(&format!("<c {attributes}>"));
            rest = tail;
            continue;
        };
        rest = tail;
        match cell(attributes, inner, shared, value) {
            Some(made) => {
                cells += 1;
                out.push_str(&made);
            }
            None => out.push_str(&format!("<c {attributes}>{inner}</c>")),
        }
    }
    out.push_str(rest);
    (out, cells)
}

/// A cell that is filled; none stays as it is.
fn cell(
    attributes: &str,
    inner: &str,
    shared: &[String],
    value: &mut dyn FnMut(&str) -> Option<Value>,
) -> Option<String> {
    let text = match attribute(attributes, "t")? {
        "s" => shared.get(inner.split_once("<v>")?.1.split_once("</v>")?.0.trim().parse::<usize>().ok()?)?.clone(),
        "inlineStr" => words(inner),
        _ => return None,
    };
    let names = named(&text);
    if names.is_empty() {
        return None;
    }
    let values: Vec<(String, Value)> =
        names.into_iter().filter_map(|name| Some((name.to_owned(), value(name)?))).collect();
    if values.is_empty() {
        return None;
    }
    let kept: Vec<String> =
        ["r", "s"].iter().filter_map(|name| Some(format!("{name}=\"{}\"", attribute(attributes, name)?))).collect();
    let kept = kept.join(" ");
    if let [(name, Value::Number(number))] = values.as_slice()
        && text.trim() == format!("{{{{{name}}}}}")
    {
        return Some(format!("<c {kept}><v>{number}</v></c>"));
    }
    let mut words = text.clone();
    for (name, value) in values {
        let said = match value {
            Value::Number(number) => crate::app::figures::written(number),
            Value::Text(text) => text,
        };
        words = words.replace(&format!("{{{{{name}}}}}"), &said);
    }
    Some(format!("<c {kept} t=\"inlineStr\"><is><t xml:space=\"preserve\">{}</t></is></c>", escape(words.as_str())))
}

/// The names between double braces.
fn named(text: &str) -> Vec<&str> {
    text.split("{{").skip(1).filter_map(|piece| piece.split_once("}}")).map(|(name, _)| name).collect()
}

fn attribute<'a>(attributes: &'a str, name: &str) -> Option<&'a str> {
    let spaced = attributes.split_whitespace().find_map(|pair| pair.strip_prefix(name)?.strip_prefix("=\""));
    spaced?.split_once('"').map(|(value, _)| value)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_are_filled_and_everything_else_stays() {
        let shared = shared_texts(
            r#"<sst><si><t>标题</t></si><si><t>{{S46}}</t></si><si><r><t>共{{S4</t></r><r><t>6}}件 &amp; 完</t></r><rPh sb="0" eb="1"><t>gong</t></rPh></si><si/></sst>"#,
        );
        assert_eq!(shared, ["标题", "{{S46}}", "共{{S46}}件 & 完", ""]);
        let xml = r#"<worksheet><cols><col min="1"/></cols><sheetData><row r="1"><c r="A1" s="2" t="s"><v>0</v></c><c r="B1" s="3" t="s"><v>1</v></c><c r="C1" t="s"><v>2</v></c><c r="D1" s="4"/><c r="E1"><f>B1*2</f><v>0</v></c><c r="F1" t="inlineStr"><is><t>{{没有}}</t></is></c></row></sheetData></worksheet>"#;
        let (filled, cells) = sheet(xml, &shared, &mut |name| (name == "S46").then_some(Value::Number(11_950.0)));
        assert_eq!(cells, 2);
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

    #[test]
    fn what_is_no_workbook_is_said() {
        assert_eq!(placeholders(b"%PDF-1.7").unwrap_err(), BROKEN);
        assert_eq!(placeholders(b"PK\x03\x04 broken").unwrap_err(), BROKEN);
    }
}
