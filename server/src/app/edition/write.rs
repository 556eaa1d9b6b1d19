//! The law files of an edition: lines that end get the day on which they do, lines that begin are added behind the others, each with
//! whose document it rests on. Nothing else of a file is touched.
//!
//! Does not belong here: which lines (`read`).

use toml::{Table, Value};
use zhunsheng_core::discretion::Bounds;
use zhunsheng_core::law::Law;

use super::read::Edition;
use super::{BETWEEN, BOUNDS_AT, DEGREES_AT, STATUTE_AT, basis_of, list_of};
use crate::app::ruling::LawText;

/// Before each item of a law file.
const ITEM: &str = "[[item]]";
/// Whose document an item of the benchmarks rests on.
const ISSUER: &str = "issuer";
/// The order in which an item's keys are written.
const ORDER: [&str; 17] = [
    "list",
    "violation",
    "basis",
    "ground",
    "from",
    "until",
    "fine",
    "percent",
    "of",
    "base_from",
    "base_below",
    ISSUER,
    "lighter",
    "ordinary",
    "heavier",
    "conditions",
    "measures",
];

/// One change of a file.
#[derive(Clone, PartialEq, Debug)]
pub enum Edit {
    /// An item ends on the edition's day.
    End {
        /// The file.
        file: String,
        /// Which item, from 0.
        item: usize,
    },
    /// An item begins on it.
    Begin {
        /// The file.
        file: String,
        /// The item that it follows; what the workbook does not hold is taken from there.
        like: Option<usize>,
        /// What the workbook says.
        values: Table,
        /// Whether its degrees are those of its predecessor: shares of the range, or what was written there.
        keeps_degrees: bool,
    },
}

/// A whole number as typed.
#[must_use]
pub fn whole(text: &str) -> Option<i64> {
    let plain = zhunsheng_core::text::half_width(text).replace([',', ' '], "");
    let plain = plain.strip_suffix(".0").or_else(|| plain.strip_suffix(".00")).unwrap_or(&plain);
    plain.parse().ok().filter(|number: &i64| *number >= 0)
}

/// For which amounts a line of the benchmarks holds, as the checker says it; empty: for all.
pub(super) fn amounts(cells: &[String]) -> String {
    let bound = |at: usize| cells.get(at).and_then(|cell| whole(cell)).map(|yuan| yuan.saturating_mul(100));
    match (bound(BOUNDS_AT), bound(BOUNDS_AT + 1)) {
        (None, None) => String::new(),
        (from, below) => Bounds { from: from.unwrap_or(0), below }.words(),
    }
}

fn ends(cells: &[String], at: usize) -> Value {
    let end = |at: usize| cells.get(at).and_then(|cell| whole(cell)).unwrap_or_default();
    Value::Array(vec![Value::Integer(end(at)), Value::Integer(end(at + 1))])
}

fn text(cells: &[String], at: usize) -> Value {
    Value::String(cells.get(at).map(|cell| cell.trim().to_owned()).unwrap_or_default())
}

/// A line of the benchmarks as a law file has it.
pub(super) fn benchmark(cells: &[String], degrees: bool) -> Table {
    let mut values = Table::new();
    values.insert("violation".to_owned(), text(cells, 1));
    let basis = cells.get(2).and_then(|cell| basis_of(cell)).map(|basis| basis.written()).unwrap_or_default();
    values.insert("basis".to_owned(), Value::String(basis));
    let of = text(cells, 5);
    if of.as_str() == Some("") {
        values.insert("fine".to_owned(), ends(cells, STATUTE_AT));
    } else {
        values.insert("percent".to_owned(), ends(cells, STATUTE_AT));
        values.insert("of".to_owned(), of);
    }
    for (n, name) in ["base_from", "base_below"].into_iter().enumerate() {
        let bound = cells.get(BOUNDS_AT + n).and_then(|cell| whole(cell));
        values.extend(bound.map(|bound| (name.to_owned(), Value::Integer(bound))));
    }
    if degrees {
        for (n, name) in ["lighter", "ordinary", "heavier"].into_iter().enumerate() {
            values.insert(name.to_owned(), ends(cells, DEGREES_AT + n * 2));
        }
    }
    values
}

/// A line of the lists as a law file has it.
pub(super) fn listed(law: &Law, cells: &[String]) -> Table {
    let mut values = Table::new();
    let list = cells.get(1).and_then(|name| list_of(name));
    let ground = law.leniency.grounds().find(|ground| Some(ground.list) == list && Some(&ground.title) == cells.get(3));
    let code = list.map_or("", |list| list.code());
    values.insert("list".to_owned(), Value::String(code.to_owned()));
    values.insert("violation".to_owned(), text(cells, 2));
    let ground = ground.map(|ground| ground.code.clone()).unwrap_or_default();
    values.insert("ground".to_owned(), Value::String(ground));
    let conditions = cells.get(6).map(String::as_str).unwrap_or_default().split([BETWEEN, '\n']);
    let conditions = conditions.map(str::trim).filter(|condition| !condition.is_empty());
    let conditions = conditions.map(|condition| Value::String(condition.to_owned())).collect();
    values.insert("conditions".to_owned(), Value::Array(conditions));
    values.insert("measures".to_owned(), text(cells, 7));
    values
}

/// The files that edits change, whole.
pub fn edited(files: &[LawText], edits: &[Edit], edition: &Edition) -> Result<Vec<LawText>, String> {
    let mut paths: Vec<&str> = edits.iter().map(file_of).collect();
    paths.sort_unstable();
    paths.dedup();
    let of = |path: &str| {
        let known = files.iter().find(|(known, _)| known == path);
        let (_, source) = known.ok_or_else(|| format!("法规文件 {path} 不在"))?;
        Ok((path.to_owned(), one(source, edits.iter().filter(|edit| file_of(edit) == path), edition)?))
    };
    paths.into_iter().map(of).collect()
}

fn file_of(edit: &Edit) -> &str {
    match edit {
        Edit::End { file, .. } | Edit::Begin { file, .. } => file,
    }
}

fn one<'a>(source: &str, edits: impl Iterator<Item = &'a Edit>, edition: &Edition) -> Result<String, String> {
    let mut blocks: Vec<String> = blocks(source);
    let head = if blocks.is_empty() { String::new() } else { blocks.remove(0) };
    let first = blocks.clone();
    let mut added = Vec::new();
    for edit in edits {
        match edit {
            Edit::End { item, .. } => {
                let block = blocks.get_mut(*item).ok_or("法规文件与导出时不同；请重新导出再改")?;
                *block = ended(block, edition);
            }
            Edit::Begin { like, values, keeps_degrees, .. } => {
                let like = like.and_then(|item| first.get(item));
                added.push(begun(like.map(String::as_str), values, *keeps_degrees, edition)?);
            }
        }
    }
    let mut text = head;
    blocks.iter().for_each(|block| text.push_str(block));
    for block in added {
        if !text.ends_with("\n\n") {
            text.push_str(if text.ends_with('\n') { "\n" } else { "\n\n" });
        }
        text.push_str(&block);
    }
    Ok(text)
}

/// What stands before the first item, then each item with what follows it.
fn blocks(source: &str) -> Vec<String> {
    let mut blocks = vec![String::new()];
    for line in source.split_inclusive('\n') {
        if line.trim() == ITEM {
            blocks.push(String::new());
        }
        if let Some(last) = blocks.last_mut() {
            last.push_str(line);
        }
    }
    blocks
}

/// The item with the day on which it ends, behind the one on which it begins.
fn ended(block: &str, edition: &Edition) -> String {
    let mut text = String::with_capacity(block.len() + 24);
    for line in block.split_inclusive('\n') {
        let key = line.split('=').next().unwrap_or_default().trim();
        if key == "until" {
            continue;
        }
        text.push_str(line);
        if key == "from" {
            text.push_str(&format!("until = \"{}\"\n", edition.from));
        }
    }
    text
}

fn issuer(edition: &Edition) -> Table {
    let text = |text: &str| Value::String(text.trim().to_owned());
    let mut issuer = Table::new();
    issuer.insert("organ".to_owned(), text(&edition.authority));
    issuer.insert("number".to_owned(), text(&edition.number));
    issuer.insert("superior".to_owned(), Value::Boolean(edition.superior));
    issuer
}

fn begun(like: Option<&str>, values: &Table, keeps_degrees: bool, edition: &Edition) -> Result<String, String> {
    let mut table = Table::new();
    if let Some(like) = like.filter(|_| keeps_degrees) {
        let parsed: Table = toml::from_str(like).map_err(|error| error.to_string())?;
        let item =
            parsed.get("item").and_then(Value::as_array).and_then(|items| items.first()).and_then(Value::as_table);
        for name in ["lighter", "ordinary", "heavier"] {
            table.extend(item.and_then(|item| item.get(name)).map(|value| (name.to_owned(), value.clone())));
        }
    }
    table.extend(values.clone());
    table.insert("from".to_owned(), Value::String(edition.from.to_string()));
    if !table.contains_key("list") {
        table.insert(ISSUER.to_owned(), Value::Table(issuer(edition)));
    }
    let plain = |text: &str| text.replace(['\n', '\r'], " ");
    let mut text =
        format!("# {} {}，{}起施行。\n{ITEM}\n", plain(&edition.authority), plain(&edition.number), edition.from);
    for key in ORDER {
        if let Some(value) = table.get(key) {
            text.push_str(&format!("{key} = {value}\n"));
        }
    }
    Ok(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_item_ends_where_its_successor_begins_and_the_rest_stays() {
        let edition = Edition {
            from: zhunsheng_core::day::Day::new(2025, 1, 1).unwrap(),
            authority: "县农业农村局".to_owned(),
            number: "昌农发〔2024〕9号".to_owned(),
            superior: true,
        };
        let source = "# 说明\nfield = \"a\"\n\n[[item]]\nviolation = \"甲\"\nfrom = \"2021-07-15\"\nfine = [1, 2]\nlighter = [1, 1]\n\n[[item]]\nviolation = \"乙\"\nfrom = \"2021-07-15\"\n";
        let values = Table::from_iter([("violation".to_owned(), Value::String("甲\"".to_owned()))]);
        let edits = [
            Edit::End { file: "f".to_owned(), item: 0 },
            Edit::Begin { file: "f".to_owned(), like: Some(0), values, keeps_degrees: true },
        ];
        let files = [("f".to_owned(), source.to_owned())];
        let (_, text) = edited(&files, &edits, &edition).unwrap().remove(0);
        assert!(text.starts_with("# 说明\nfield = \"a\"\n\n[[item]]\nviolation = \"甲\"\nfrom = \"2021-07-15\"\nuntil = \"2025-01-01\"\nfine"), "{text}");
        let read: Table = toml::from_str(&text).unwrap();
        let items = read["item"].as_array().unwrap();
        assert_eq!(items.len(), 3);
        assert_eq!(items[2]["violation"].as_str(), Some("甲\""));
        assert_eq!(items[2]["issuer"]["organ"].as_str(), Some("县农业农村局"));
        assert_eq!(items[2]["issuer"]["superior"].as_bool(), Some(true));
        assert!(items[0].get("issuer").is_none(), "what stood before keeps its issuer: {text}");
        assert_eq!(items[2]["lighter"].as_array().unwrap().len(), 2, "shares of its own stay: {text}");
        assert!(text.contains("# 县农业农村局 昌农发〔2024〕9号，2025-01-01起施行。"), "{text}");
        assert_eq!((whole("1,000"), whole("１００"), whole("1.5"), whole("-1")), (Some(1000), Some(100), None, None));
    }
}
