//! Does the phrase of a clock stand in the article that it cites? Statute texts are Markdown files named
//! `法名(公布日期).md`, one article to a paragraph that begins with `第N条`.
//!
//! Texts are looked at, never kept: the program carries no statute. Does not belong here: what a phrase means.

use std::collections::BTreeMap;
use std::path::Path;

use zhunsheng_core::basis::{Article, Basis, Grade};
use zhunsheng_core::day::Day;
use zhunsheng_core::law::Law;

use super::failure::Failure;

/// How it stands with one phrase.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Sort {
    /// It stands in the article.
    Stands,
    /// It does not.
    Missing,
    /// There is no text of that statute to look into.
    NoText,
}

/// One clock looked at.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct PhraseFinding {
    /// The procedure.
    pub procedure: String,
    /// The clock.
    pub clock: String,
    /// Its citation, as officials read it.
    pub basis: String,
    /// Its phrase.
    pub phrase: String,
    /// How it stands.
    pub sort: Sort,
    /// In words.
    pub detail: String,
}

/// Editions of statutes by name, oldest first.
type Editions = BTreeMap<String, Vec<(Day, String)>>;

/// Looks for the phrase of every clock with a statutory basis, overrides included.
pub fn check(law: &Law, folder: &Path) -> Result<Vec<PhraseFinding>, Failure> {
    let editions = read(folder)?;
    let mut found = Vec::new();
    for procedure in law.procedures() {
        for clock in &procedure.clocks {
            let own = (&clock.basis, clock.phrase.as_str());
            let others = clock.overrides.iter().map(|other| (&other.basis, other.phrase.as_str()));
            for (basis, phrase) in std::iter::once(own).chain(others) {
                let Some((sort, detail)) = look(&editions, basis, phrase, procedure.in_force_from) else { continue };
                found.push(PhraseFinding {
                    procedure: procedure.id.to_string(),
                    clock: clock.id.to_string(),
                    basis: basis.to_string(),
                    phrase: phrase.to_owned(),
                    sort,
                    detail,
                });
            }
        }
    }
    Ok(found)
}

fn read(folder: &Path) -> Result<Editions, Failure> {
    let mut editions = Editions::new();
    let fault = |error: std::io::Error| Failure::file("读取法规文本目录", folder, &error);
    for entry in std::fs::read_dir(folder).map_err(fault)? {
        let path = entry.map_err(fault)?.path();
        let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        let Some((statute, day)) = edition_of(&name) else { continue };
        let text = std::fs::read_to_string(&path).map_err(|error| Failure::file("读取", &path, &error))?;
        editions.entry(statute).or_default().push((day, text));
    }
    editions.values_mut().for_each(|known| known.sort());
    Ok(editions)
}

/// `行政处罚法(2021-01-22).md` → its name and day.
fn edition_of(file: &str) -> Option<(String, Day)> {
    let (statute, day) = file.strip_suffix(").md")?.rsplit_once('(')?;
    Some((statute.to_owned(), Day::parse(day)?))
}

/// The editions that a definition in force from a day may cite: the one that was promulgated by then, and later ones.
fn applicable(known: &[(Day, String)], from: Day) -> &[(Day, String)] {
    let first = known.iter().rposition(|(day, _)| *day <= from).unwrap_or(0);
    known.get(first..).unwrap_or_default()
}

fn look(editions: &Editions, basis: &Basis, phrase: &str, from: Day) -> Option<(Sort, String)> {
    let (Grade::Statutory, Some(article)) = (basis.grade, basis.article) else { return None };
    let Some(known) = editions.get(&basis.source) else {
        return Some((Sort::NoText, format!("没有《{}》的文本", basis.source)));
    };
    let stands = |(_, text): &&(Day, String)| article_text(text, article).is_some_and(|text| text.contains(phrase));
    match applicable(known, from).iter().find(stands) {
        Some((day, _)) => Some((Sort::Stands, format!("“{phrase}”见于{day}公布的文本"))),
        None => Some((Sort::Missing, format!("所引条文中没有“{phrase}”"))),
    }
}

/// The text of an article: its first paragraph and those that follow, up to the next article or heading.
fn article_text(text: &str, article: Article) -> Option<String> {
    let whole = Article { paragraph: None, item: None, ..article };
    let head = whole.to_string();
    let begins = |line: &str| line.strip_prefix(head.as_str()).is_some_and(|rest| !rest.starts_with('之'));
    let mut lines = text.lines().map(plain).skip_while(|line| !begins(line));
    let mut found = lines.next()?.to_owned();
    for line in lines.take_while(|line| !is_next(line)) {
        found.push_str(line);
    }
    Some(found)
}

/// A line without Markdown's marks.
fn plain(line: &str) -> &str {
    line.trim().trim_start_matches(['#', '*', '-', '>', ' ', '\u{3000}'])
}

fn is_next(line: &str) -> bool {
    let number = |text: &str| text.chars().take_while(|c| "一二三四五六七八九十百千零〇".contains(*c)).count();
    let Some(rest) = line.strip_prefix('第') else { return false };
    let digits = number(rest);
    digits > 0 && rest.chars().nth(digits).is_some_and(|mark| "条章节编".contains(mark))
}

#[cfg(test)]
mod tests {
    use super::{article_text, edition_of};
    use zhunsheng_core::basis::Basis;

    const TEXT: &str = "# 某法\n\n## 第一章 总则\n\n第一条 为了甲。\n\n第二条 应当在九十日内决定。\n\n（一）乙；\n\n第二条之一 三十日内。\n\n第三条 丙。\n";

    #[test]
    fn an_article_ends_where_the_next_begins() {
        for (basis, expected) in [
            ("某法§1", Some("第一条 为了甲。")),
            ("某法§2.1(1)", Some("第二条 应当在九十日内决定。（一）乙；")),
            ("某法§2-1", Some("第二条之一 三十日内。")),
            ("某法§3", Some("第三条 丙。")),
            ("某法§4", None),
        ] {
            let article = Basis::parse(basis).unwrap().article.unwrap();
            assert_eq!(article_text(TEXT, article).as_deref(), expected, "{basis}");
        }
    }

    #[test]
    fn editions_are_read_from_file_names() {
        assert_eq!(edition_of("某法(2021-01-22).md").unwrap().0, "某法");
        assert_eq!(
            edition_of("最高人民法院关于适用《行政诉讼法》的解释(2018-02-06).md").unwrap().1.to_string(),
            "2018-02-06"
        );
        assert!(edition_of("README.md").is_none());
    }
}
