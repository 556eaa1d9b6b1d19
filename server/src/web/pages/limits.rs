//! Every time limit in one table, with its article, for whoever wants to check them: narrowed by words, statute, part, unit
//! and kind.

use std::collections::BTreeSet;
use std::sync::Arc;

use askama::Template;
use axum::extract::State;
use axum::response::Response;
use zhunsheng_core::basis::{Basis, Grade};
use zhunsheng_core::clock::LimitKind;
use zhunsheng_core::day::Day;
use zhunsheng_core::law::Law;
use zhunsheng_core::procedure::Part;

use super::procedure::clock_href;
use crate::app::App;
use crate::app::library::cited::Cited;
use crate::app::time_limits::{self, Source, TimeLimit, kind_word, length, nature};
use crate::web::citation::article_href;
use crate::web::cookie::escape;
use crate::web::{Layout, PageError, Query, Visitor, render};

/// Lines of one page.
const PAGE: usize = 50;

const UNITS: [(&str, &str); 6] = [
    ("day", "日（自然日）"),
    ("work_day", "工作日"),
    ("month", "月"),
    ("year", "年"),
    ("hour", "小时"),
    ("fixed", "固定日期"),
];

const KINDS: [(LimitKind, &str); 4] = [
    (LimitKind::Maximum, "最长期限"),
    (LimitKind::Minimum, "最短期限"),
    (LimitKind::Window, "当事人的期限"),
    (LimitKind::Limitation, "时效"),
];

const PARTS: [(Part, &str); 8] = [
    (Part::Drive, "drive"),
    (Part::Service, "service"),
    (Part::Decision, "decision"),
    (Part::Enforcement, "enforcement"),
    (Part::Integrity, "integrity"),
    (Part::Supervision, "supervision"),
    (Part::Grassroots, "grassroots"),
    (Part::County, "county"),
];

struct Pick {
    value: String,
    title: String,
    on: bool,
}

struct Line {
    href: String,
    title: String,
    matter: String,
    length: String,
    nature: &'static str,
    starts_at: String,
    basis: String,
    /// The page of the article.
    article: Option<String>,
    edition: String,
    phrase: String,
    more: Vec<String>,
    special: Option<String>,
    note: String,
}

#[derive(Template)]
#[template(path = "law/limits.html")]
struct LimitsPage {
    layout: Layout,
    words: String,
    statutes: Vec<Pick>,
    parts: Vec<Pick>,
    units: Vec<Pick>,
    kinds: Vec<Pick>,
    narrowed: bool,
    total: usize,
    lines: Vec<Line>,
    newer: Option<String>,
    older: Option<String>,
    page: usize,
    pages: usize,
}

/// `GET /law/limits[?q=&statute=&part=&unit=&kind=&page=]`.
pub(in crate::web) async fn list_limits(
    State(app): State<Arc<App>>,
    visitor: Visitor,
    query: Query,
) -> Result<Response, PageError> {
    let ruling = app.county.ruling();
    let mut rows = time_limits::all(&ruling.law, app.today());
    rows.retain(|row| is_current(row, &ruling.law));
    let statutes: BTreeSet<&str> =
        rows.iter().filter(|row| row.basis.grade == Grade::Statutory).map(|row| row.basis.source.as_str()).collect();
    let picks = Picks::read(&query);
    let statutes = statutes.into_iter().map(|name| pick(name, name, &picks.statute)).collect();
    let hits: Vec<&TimeLimit<'_>> = rows.iter().filter(|row| picks.fit(row)).collect();
    let pages = hits.len().div_ceil(PAGE).max(1);
    let page = query.text("page").parse::<usize>().unwrap_or(1).clamp(1, pages);
    let shown: Vec<&TimeLimit<'_>> = hits.iter().skip((page - 1) * PAGE).take(PAGE).copied().collect();
    let asked: Vec<(Basis, Day)> = shown.iter().filter_map(|row| asked(row)).collect();
    let (reader, law) = (Arc::clone(&app), Arc::clone(&ruling));
    let read = app.db.read(move |r| {
        let asked = asked.iter().map(|(basis, day)| (basis, *day));
        Cited::read(r, &reader.county_code, &law.law.statutes, asked)
    });
    let cited: Cited = read.await?;
    let way = |to: usize| format!("/law/limits?{}page={to}", picks.query());
    render(&LimitsPage {
        layout: Layout::new(&app, &visitor, "全部期限"),
        statutes,
        parts: PARTS.iter().map(|(part, word)| pick(word, part.chinese(), &picks.part)).collect(),
        units: UNITS.iter().map(|(word, title)| pick(word, title, &picks.unit)).collect(),
        kinds: KINDS.iter().map(|(kind, title)| pick(kind_word(*kind), title, &picks.kind)).collect(),
        narrowed: !picks.query().is_empty(),
        total: hits.len(),
        lines: shown.iter().map(|row| line(row, &ruling.law, article(row, &cited, &ruling.law))).collect(),
        newer: (page > 1).then(|| way(page - 1)),
        older: (page < pages).then(|| way(page + 1)),
        page,
        pages,
        words: picks.words,
    })
}

/// Older versions of a procedure are kept for the matters that began under them.
fn is_current(row: &TimeLimit<'_>, law: &Law) -> bool {
    match row.source {
        Source::Named(_) => true,
        Source::Procedure(procedure, ..) => {
            law.newest(procedure.id.as_str()).is_some_and(|newest| newest.digest == procedure.digest)
        }
    }
}

fn pick(value: &str, title: &str, chosen: &str) -> Pick {
    Pick { value: value.to_owned(), title: title.to_owned(), on: value == chosen }
}

/// What was asked for.
struct Picks {
    words: String,
    statute: String,
    part: String,
    unit: String,
    kind: String,
}

impl Picks {
    fn read(query: &Query) -> Self {
        let of = |name: &str| query.text(name).to_owned();
        Self { words: of("q"), statute: of("statute"), part: of("part"), unit: of("unit"), kind: of("kind") }
    }

    fn fit(&self, row: &TimeLimit<'_>) -> bool {
        let part = PARTS.iter().find(|(part, _)| row.part == Some(*part)).map_or("", |(_, word)| word);
        let text = [row.matter, row.title, row.phrase, &row.starts_at, &row.basis.to_string()].join(" ");
        let is = |chosen: &str, found: &str| chosen.is_empty() || chosen == found;
        is(&self.statute, &row.basis.source)
            && is(&self.part, part)
            && is(&self.unit, row.limit.unit.written())
            && is(&self.kind, kind_word(row.limit.kind))
            && self.words.split_whitespace().all(|word| text.contains(word))
    }

    /// The same choice in an address; empty, or ending in `&`.
    fn query(&self) -> String {
        let pairs = [
            ("q", &self.words),
            ("statute", &self.statute),
            ("part", &self.part),
            ("unit", &self.unit),
            ("kind", &self.kind),
        ];
        let chosen = pairs.iter().filter(|(_, value)| !value.is_empty());
        chosen.map(|(name, value)| format!("{name}={}&", escape(value))).collect()
    }
}

/// The citation with a day of the edition that is meant.
fn asked(row: &TimeLimit<'_>) -> Option<(Basis, Day)> {
    Some((row.basis.clone(), row.cited_edition()?.in_force))
}

/// The page of the article, where the library has its text.
fn article(row: &TimeLimit<'_>, cited: &Cited, law: &Law) -> Option<String> {
    let (basis, day) = asked(row)?;
    let key = cited.quotation(&law.statutes, &basis, day)?.key;
    Some(article_href(&key.statute, key.adopted, key.article))
}

fn line(row: &TimeLimit<'_>, law: &Law, article: Option<String>) -> Line {
    let href = match row.source {
        Source::Named(named) => format!("/guide/time?limit={}", named.id),
        Source::Procedure(procedure, clock, _) => clock_href(procedure.id.as_str(), clock.id.as_str()),
    };
    let extensions = row.extensions.iter().map(|extension| {
        let length = format!("{}{}", extension.amount, extension.unit.chinese());
        format!("{}：可以延长{length}，最多{}次（{}）", extension.by, extension.times, extension.basis)
    });
    let exclusions = row.exclusions.iter().map(|(what, basis)| format!("{what}不计入（{basis}）"));
    let attached = row.effect.iter().filter_map(|effect| Some((effect, effect.basis.as_ref()?)));
    let effects = attached.map(|(effect, basis)| format!("届满：{}（{basis}）", effect.text));
    Line {
        href,
        title: row.title.to_owned(),
        matter: row.matter.to_owned(),
        length: length(&row.limit),
        nature: nature(row.limit.kind, row.duty),
        starts_at: row.starts_at.clone(),
        basis: row.basis.to_string(),
        article,
        edition: row.edition.map(|edition| edition.adopted.to_string()).unwrap_or_default(),
        phrase: row.phrase.to_owned(),
        more: extensions.chain(exclusions).chain(effects).collect(),
        special: row.special(law),
        note: row.configurable.unwrap_or_default().to_owned(),
    }
}
