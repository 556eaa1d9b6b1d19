//! Which column of a table answers which question. Of a template every heading says so itself; a table of another system is
//! mapped once, and the mapping is remembered with its import, as data.
//!
//! Does not belong here: reading cells (`read`), what becomes of a row (`row`).

use super::cell::folded;
use super::column::Column;

/// How a table of another system is read. Written as lines of words between tabs, see [`Mapping::text`].
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Mapping {
    /// The heading of the column with the other system's number.
    pub key: String,
    /// Every heading of the table, in its order.
    pub headers: Vec<String>,
    /// Name of a question, and the heading that answers it.
    pub columns: Vec<(String, String)>,
    /// Name of a question, and what answers it in every row.
    pub fixed: Vec<(String, String)>,
    /// Name of a question, what the table says, and what is meant.
    pub values: Vec<(String, String, String)>,
}

impl Mapping {
    /// For keeping.
    #[must_use]
    pub fn text(&self) -> String {
        let plain = |text: &str| text.replace(['\t', '\n', '\r'], " ");
        let mut lines = vec![format!("key\t{}", plain(&self.key))];
        lines.extend(self.headers.iter().map(|header| format!("header\t{}", plain(header))));
        lines.extend(self.columns.iter().map(|(name, header)| format!("column\t{name}\t{}", plain(header))));
        lines.extend(self.fixed.iter().map(|(name, value)| format!("fixed\t{name}\t{}", plain(value))));
        let value = |(name, said, meant): &(String, String, String)| format!("value\t{name}\t{}\t{meant}", plain(said));
        lines.extend(self.values.iter().map(value));
        lines.join("\n")
    }

    /// From what was kept; lines that cannot be read are left out.
    #[must_use]
    pub fn parse(text: &str) -> Self {
        let mut mapping = Self::default();
        for line in text.lines() {
            let words: Vec<&str> = line.split('\t').collect();
            match words.as_slice() {
                ["key", header] => (*header).clone_into(&mut mapping.key),
                ["header", header] => mapping.headers.push((*header).to_owned()),
                ["column", name, header] => mapping.columns.push(((*name).to_owned(), (*header).to_owned())),
                ["fixed", name, value] => mapping.fixed.push(((*name).to_owned(), (*value).to_owned())),
                ["value", name, said, meant] => {
                    mapping.values.push(((*name).to_owned(), (*said).to_owned(), (*meant).to_owned()));
                }
                _ => {}
            }
        }
        mapping
    }

    /// The mapping, with the headings of the table that it is used on.
    #[must_use]
    pub fn of_table(mut self, header: &[String]) -> Self {
        let named = header.iter().filter(|title| !title.is_empty() && *title != super::template::MARKED_COLUMN);
        self.headers = named.cloned().collect();
        self
    }

    /// The headings in the order of the table; where nobody kept them, those that are mapped.
    #[must_use]
    pub fn headers(&self) -> Vec<String> {
        if !self.headers.is_empty() {
            return self.headers.clone();
        }
        let mapped = self.columns.iter().map(|(_, header)| header.clone());
        std::iter::once(self.key.clone()).chain(mapped).filter(|header| !header.is_empty()).collect()
    }

    /// What the headings suggest: the same words, or one within the other.
    #[must_use]
    pub fn guess(columns: &[Column], header: &[String]) -> Self {
        let known: Vec<String> = header.iter().map(|title| folded(title)).collect();
        let mut taken = vec![false; header.len()];
        let mut mapping = Self::default();
        for exact in [true, false] {
            for column in columns {
                if mapping.columns.iter().any(|(name, _)| *name == column.name) {
                    continue;
                }
                let wanted = folded(&column.title);
                let fits = |title: &str| match exact {
                    true => title == wanted,
                    false => title.chars().count() > 1 && (title.contains(&wanted) || wanted.contains(title)),
                };
                let found = known.iter().enumerate().find(|(at, title)| taken.get(*at) == Some(&false) && fits(title));
                let Some((at, _)) = found else { continue };
                taken.get_mut(at).into_iter().for_each(|slot| *slot = true);
                mapping.columns.extend(header.get(at).map(|title| (column.name.clone(), title.clone())));
            }
        }
        let open = |column: &&Column| {
            !column.preset.is_empty() && !mapping.columns.iter().any(|(name, _)| *name == column.name)
        };
        let presets: Vec<_> =
            columns.iter().filter(open).map(|column| (column.name.clone(), column.preset.clone())).collect();
        mapping.fixed = presets;
        let number = |title: &&String| ["编号", "案号", "流水号", "序列号"].iter().any(|word| title.contains(word));
        mapping.key = header.iter().find(number).cloned().unwrap_or_default();
        let registered = |title: &&String| ["登记日期", "登记时间", "受理日期"].contains(&title.as_str());
        mapping.columns.extend(header.iter().find(registered).map(|title| (DAY.to_owned(), title.clone())));
        mapping
    }

    /// What is meant by what a table says.
    #[must_use]
    pub fn meant(&self, name: &str, said: &str) -> Option<&str> {
        let said = folded(said);
        let found = self.values.iter().find(|(known, word, _)| known == name && folded(word) == said);
        found.map(|(_, _, meant)| meant.as_str())
    }
}

/// The name under which a mapping keeps the column with the legal day on which a row was entered there.
pub const DAY: &str = "day";

/// Where the answer to a question stands.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Source {
    /// In this column of the table.
    Cell(usize),
    /// The same in every row.
    Fixed(String),
    /// Nowhere.
    None,
}

/// A mapping against the headings of one table: one source for each question.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Plan {
    /// Sources, in the order of the columns.
    pub sources: Vec<Source>,
    /// The column with the other system's number.
    pub key: Option<usize>,
    /// The column with the day on which it was entered there.
    pub day: Option<usize>,
}

impl Plan {
    /// The column of the table that answers the question of this place.
    #[must_use]
    pub fn cell_of(&self, column: usize) -> Option<usize> {
        match self.sources.get(column) {
            Some(Source::Cell(at)) => Some(*at),
            _ => None,
        }
    }

    /// Of a filled-in template. The error says what is missing or unknown.
    pub fn of_template(columns: &[Column], header: &[String]) -> Result<Self, String> {
        let titles: Vec<String> = header.iter().map(|title| folded(title)).collect();
        let at = |column: &Column| titles.iter().position(|title| *title == folded(&column.title));
        let sources: Vec<Source> =
            columns.iter().map(|column| at(column).map_or_else(|| preset(column), Source::Cell)).collect();
        let missing = columns.iter().zip(&sources).filter(|(column, source)| is_missing(column, source));
        let missing: Vec<&str> = missing.map(|(column, _)| column.title.as_str()).collect();
        if !missing.is_empty() {
            let missing = missing.join("”“");
            return Err(format!("表里没有“{missing}”这些列；请用模板填写，来自其他系统的表请写明来源系统"));
        }
        let strange = header.iter().enumerate().filter(|(at, title)| {
            !title.is_empty() && *title != super::template::MARKED_COLUMN && !sources.contains(&Source::Cell(*at))
        });
        let strange: Vec<&str> = strange.map(|(_, title)| title.as_str()).collect();
        if !strange.is_empty() {
            let strange = strange.join("”“");
            return Err(format!("认不出“{strange}”这些列；请删去或者改成模板的列名，来自其他系统的表请写明来源系统"));
        }
        Ok(Self { sources, key: None, day: None })
    }

    /// Of a table of another system. The error says what is still to be mapped.
    pub fn of_mapping(columns: &[Column], header: &[String], mapping: &Mapping) -> Result<Self, String> {
        let at = |wanted: &str| header.iter().position(|title| !wanted.is_empty() && title == wanted);
        let find = |pairs: &[(String, String)], name: &str| {
            pairs.iter().find(|(known, _)| known == name).map(|(_, value)| value.clone())
        };
        let source = |column: &Column| {
            let mapped = find(&mapping.columns, &column.name).and_then(|header| at(&header)).map(Source::Cell);
            let fixed = || find(&mapping.fixed, &column.name).filter(|value| !value.is_empty()).map(Source::Fixed);
            mapped.or_else(fixed).unwrap_or_else(|| preset(column))
        };
        let sources: Vec<Source> = columns.iter().map(source).collect();
        let gone = gone(columns, header, mapping);
        if !gone.is_empty() {
            return Err(format!(
                "以前对应的{}，这张表里没有这些列。改了名的，请选现在的列；确实没有的，选“没有这一列”",
                gone.join("、")
            ));
        }
        let key = at(&mapping.key).ok_or("请选择哪一列是来源系统的编号：再次导入时按它认出同一件")?;
        let missing = columns.iter().zip(&sources).filter(|(column, source)| is_missing(column, source));
        let missing: Vec<&str> = missing.map(|(column, _)| column.title.as_str()).collect();
        if missing.is_empty() {
            Ok(Self { sources, key: Some(key), day: find(&mapping.columns, DAY).and_then(|header| at(&header)) })
        } else {
            Err(format!("“{}”还没有对应的列；没有这一列的，填写各行相同的固定值", missing.join("”“")))
        }
    }
}

/// Columns that a mapping counts on and a table does not have, with what they answered. A column that was renamed is named, never
/// left out unseen.
fn gone(columns: &[Column], header: &[String], mapping: &Mapping) -> Vec<String> {
    let there = |wanted: &str| header.iter().any(|title| title == wanted);
    let question = |name: &str| match name {
        DAY => Some("登记的日期".to_owned()),
        name => columns.iter().find(|column| column.name == name).map(|column| column.title.clone()),
    };
    let answers = mapping.columns.iter().filter(|(_, wanted)| !there(wanted));
    let mut gone: Vec<String> =
        answers.filter_map(|(name, wanted)| question(name).map(|title| format!("“{wanted}”（{title}）"))).collect();
    if !mapping.key.is_empty() && !there(&mapping.key) {
        gone.insert(0, format!("“{}”（编号）", mapping.key));
    }
    gone
}

impl Mapping {
    /// The mapping for a table whose headings have changed: what is still there stays; for what is gone, what the headings suggest.
    #[must_use]
    pub fn mended(&self, columns: &[Column], header: &[String]) -> Self {
        let there = |wanted: &str| header.iter().any(|title| title == wanted);
        let mut mended = self.clone();
        mended.columns.retain(|(_, wanted)| there(wanted));
        let guess = Self::guess(columns, header);
        for (name, title) in guess.columns {
            let lost = self.columns.iter().any(|(known, wanted)| *known == name && !there(wanted));
            let taken = mended.key == title || mended.columns.iter().any(|(_, known)| *known == title);
            if lost && !taken {
                mended.columns.push((name, title));
            }
        }
        if !there(&mended.key) {
            mended.key = guess.key;
        }
        mended
    }
}

/// The kind of a party is the first possible one where no column says it; nothing else is filled in unseen.
fn preset(column: &Column) -> Source {
    let kind = column.name.ends_with(".kind") && !column.preset.is_empty();
    if kind { Source::Fixed(column.preset.clone()) } else { Source::None }
}

fn is_missing(column: &Column, source: &Source) -> bool {
    *source == Source::None && column.need == crate::app::form::Need::Required
}
