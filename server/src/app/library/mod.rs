//! The library of statutes: importing full texts, and reading the articles that pages cite.
//!
//! Texts are public and belong to no matter: importing them is no act of the county and leaves no entry in the record.
//! Does not belong here: what a text is (core `statute::text`), where it lies (store `statutes`).

pub mod cited;
mod docx;
pub mod import;

use zhunsheng_core::day::Day;
use zhunsheng_core::statute::Statute;

/// Why a statute has no edition on a day, in one Chinese sentence.
#[must_use]
pub fn not_in_force(statute: &Statute, day: Day) -> String {
    let name = &statute.short;
    if let Some(first) = statute.editions.first().filter(|first| day < first.in_force) {
        let from = first.in_force.chinese();
        return format!("《{name}》在{}没有可用的版本：清单中最早的版本自{from}起施行。", day.chinese());
    }
    match statute.newest().and_then(|newest| newest.until) {
        Some(until) => format!("《{name}》已经不再施行：自{}起失效或者被取代。", until.chinese()),
        None => format!("《{name}》在{}没有施行中的版本。", day.chinese()),
    }
}

/// An edition that a statute does not have, in one Chinese sentence that says which it has.
#[must_use]
pub fn no_edition(name: &str, day: Day, known: &[Day]) -> String {
    let known: Vec<String> = known.iter().map(ToString::to_string).collect();
    if known.is_empty() {
        return no_text(name);
    }
    format!("法规库中没有《{name}》{day}的版本；已有：{}。", known.join("、"))
}

/// A statute of which no text is in the library.
#[must_use]
pub fn no_text(name: &str) -> String {
    format!("法规库中还没有《{name}》的文本。")
}
