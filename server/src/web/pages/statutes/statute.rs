//! `GET /law/statutes/{short}`: editions with their days, how each counts 日, what it leaves open, contents.

use std::collections::BTreeMap;
use std::sync::Arc;

use askama::Template;
use axum::extract::State;
use axum::response::Response;
use zhunsheng_core::basis::Basis;
use zhunsheng_core::day::Day;
use zhunsheng_core::statute::citing::citations;
use zhunsheng_core::statute::text::{Heading, Text};
use zhunsheng_core::statute::{Bound, Counting, Edition};

use super::{Named, Standing, named, short_of};
use crate::app::App;
use crate::app::library::{no_text, not_in_force};
use crate::store::statutes::{self, EditionRow};
use crate::web::citation::{Citation, Citations, article_href, edition_href, statute_href};
use crate::web::{Layout, PageError, Path, Query, Visitor, render};

struct EditionLine {
    adopted: Day,
    in_force: Option<Day>,
    until: Option<Day>,
    standing: Standing,
    /// Articles and address, if its text is in the library.
    loaded: Option<(i64, String)>,
}

struct CountingView {
    adopted: Day,
    days: String,
    days_basis: Citation,
    start: String,
    start_basis: Citation,
    roll: String,
    roll_basis: Citation,
    leaves_open: Vec<String>,
}

/// A heading of the contents: level, words, where it leads.
pub(super) type Entry = (u8, String, String);

#[derive(Template)]
#[template(path = "statutes/statute.html")]
struct StatutePage {
    layout: Layout,
    short: String,
    title: String,
    level: &'static str,
    aliases: String,
    href: String,
    on: String,
    /// Whether the day asked for has an edition; the sentence; the way to it.
    answer: Option<(bool, String, String)>,
    editions: Vec<EditionLine>,
    countings: Vec<CountingView>,
    contents: Vec<Entry>,
    shown: String,
    compared: String,
    procedures: Vec<(String, String, usize)>,
    limits: usize,
}

/// `GET /law/statutes/{short}`; `?on=` asks which edition is in force on a day.
pub(in crate::web) async fn show_statute(
    State(app): State<Arc<App>>,
    visitor: Visitor,
    Path(name): Path<String>,
    query: Query,
) -> Result<Response, PageError> {
    let ruling = app.county.ruling();
    let short = short_of(&ruling.law.statutes, &name);
    let today = app.today();
    let listed = ruling.law.statutes.find(&short).map(|statute| statute.editions.as_slice()).unwrap_or_default();
    let asked = bases(listed, today);
    let (reader, law, wanted) = (Arc::clone(&app), Arc::clone(&ruling), short.clone());
    let (rows, citations_read, contents) = app
        .db
        .read(move |r| {
            let county = &reader.county_code;
            let rows = statutes::editions(r, county, &wanted)?;
            let shown = shown(&rows, &law.law.statutes, &wanted, today);
            let contents = match shown {
                Some(row) => contents(r, county, row)?,
                None => Vec::new(),
            };
            Ok::<_, PageError>((
                rows,
                Citations::read(r, county, &law, today, asked.iter().map(|(basis, day)| (basis, *day)))?,
                contents,
            ))
        })
        .await?;
    let found = named(&ruling.law.statutes, &short, &rows)?;
    let editions = edition_lines(&found, &rows, today);
    let (procedures, limits) = resting(&app, &short);
    let compared = match rows.as_slice() {
        [.., before, last] => format!("{}/compare?from={}&to={}", statute_href(&short), before.adopted, last.adopted),
        _ => String::new(),
    };
    let shown = shown(&rows, &ruling.law.statutes, &short, today);
    let known = found.known.map(|statute| statute.editions.as_slice()).unwrap_or_default();
    render(&StatutePage {
        layout: Layout::new(&app, &visitor, &short),
        href: statute_href(&short),
        title: found.title.clone(),
        level: found.known.map_or("不在法规清单中", |statute| statute.level.chinese()),
        aliases: found.known.map(|statute| statute.aliases.join("、")).unwrap_or_default(),
        answer: query.filled("on").map(|typed| answer(&found, &rows, typed)),
        on: query.text("on").to_owned(),
        editions,
        countings: known.iter().rev().map(|edition| counting_view(edition, &citations_read, today)).collect(),
        contents,
        shown: shown.map(|row| edition_href(&short, row.adopted)).unwrap_or_default(),
        compared,
        procedures,
        limits,
        short,
    })
}

/// The edition whose contents are shown: the one in force, else the newest that is there.
fn shown<'r>(
    rows: &'r [EditionRow],
    known: &zhunsheng_core::statute::Statutes,
    short: &str,
    today: Day,
) -> Option<&'r EditionRow> {
    let current = known.find(short).and_then(|statute| statute.on(today)).map(|edition| edition.adopted);
    rows.iter().find(|row| Some(row.adopted) == current).or_else(|| rows.last())
}

/// The headings of an edition, each leading to the article that follows it.
fn contents(
    q: &impl crate::store::Query,
    county: &str,
    row: &EditionRow,
) -> Result<Vec<Entry>, crate::store::StoreFault> {
    let frame = statutes::frame(q, county, &row.statute, row.adopted)?;
    let articles = statutes::articles(q, county, &row.statute, row.adopted)?;
    let text = Text { headings: frame.headings, articles, ..Text::default() };
    let page = edition_href(&row.statute, row.adopted);
    Ok(text.headings.iter().map(|heading| entry(&text, heading, &page)).collect())
}

/// A heading as an entry of the contents of a page.
pub(super) fn entry(text: &Text, heading: &Heading, page: &str) -> Entry {
    let after = text.articles.get(heading.before).map(|article| article.article.written()).unwrap_or_default();
    (heading.rank.level(), heading.text.clone(), format!("{page}?from={after}#a{after}"))
}

fn edition_lines(found: &Named<'_>, rows: &[EditionRow], today: Day) -> Vec<EditionLine> {
    let known = found.known.map(|statute| statute.editions.as_slice()).unwrap_or_default();
    let mut days: Vec<Day> = known.iter().map(|edition| edition.adopted).collect();
    days.extend(rows.iter().map(|row| row.adopted));
    days.sort();
    days.dedup();
    let line = |adopted: Day| {
        let edition = found.edition(adopted);
        let row = rows.iter().find(|row| row.adopted == adopted);
        EditionLine {
            adopted,
            in_force: edition.map(|edition| edition.in_force),
            until: edition.and_then(|edition| edition.until),
            standing: Standing::of(edition, today),
            loaded: row.map(|row| (row.articles, edition_href(&found.short, adopted))),
        }
    };
    days.into_iter().rev().map(line).collect()
}

/// Which edition is in force on the day that was typed.
fn answer(found: &Named<'_>, rows: &[EditionRow], typed: &str) -> (bool, String, String) {
    let Some(day) = Day::parse(typed) else {
        return (false, format!("“{typed}”不是日期，应如 2024-01-01。"), String::new());
    };
    let Some(statute) = found.known else {
        return (false, "法规清单没有登记这部法规的施行日期，不能按日期选版本。".to_owned(), String::new());
    };
    let Some(edition) = statute.on(day) else { return (false, not_in_force(statute, day), String::new()) };
    let adopted = edition.adopted;
    let there = rows.iter().any(|row| row.adopted == adopted);
    let sentence = format!(
        "{}施行的是{}的版本（自{}起施行）。{}",
        day.chinese(),
        adopted.chinese(),
        edition.in_force.chinese(),
        if there { String::new() } else { no_text(&statute.short) }
    );
    (true, sentence, if there { edition_href(&statute.short, adopted) } else { String::new() })
}

/// The day by which an edition's own citations are read: today, or the nearest day on which it applies.
fn day_of(edition: &Edition, today: Day) -> Day {
    let day = today.max(edition.in_force);
    edition.until.map_or(day, |until| day.min(until.plus(-1)))
}

/// Every citation in the counting rules of editions, each with its day.
fn bases(editions: &[Edition], today: Day) -> Vec<(Basis, Day)> {
    let of = |edition: &Edition| {
        let counting = &edition.counting;
        let days = counting.work_days.as_ref().map(|rule| rule.basis.clone());
        let all = [days, counting.roll.clone(), counting.start_excluded.clone()];
        let day = day_of(edition, today);
        all.into_iter().flatten().map(move |basis| (basis, day))
    };
    editions.iter().flat_map(of).collect()
}

fn counting_view(edition: &Edition, citations: &Citations, today: Day) -> CountingView {
    let counting = &edition.counting;
    let cite =
        |basis: Option<&Basis>| basis.map(|basis| citations.show_on(basis, day_of(edition, today))).unwrap_or_default();
    CountingView {
        adopted: edition.adopted,
        days: days(counting),
        days_basis: cite(counting.work_days.as_ref().map(|rule| &rule.basis)),
        start: match counting.start_excluded {
            Some(_) => "开始的当日不计入。".to_owned(),
            None => "本法没有单独规定，适用民法典第二百零一条：开始的当日不计入。".to_owned(),
        },
        start_basis: cite(counting.start_excluded.as_ref()),
        roll: match counting.roll {
            Some(_) => "最后一日是休假日的，顺延到休假日结束的次日。".to_owned(),
            None => "没有写明最后一日遇休假日顺延。".to_owned(),
        },
        roll_basis: cite(counting.roll.as_ref()),
        leaves_open: counting.leaves_open.clone(),
    }
}

/// How 日 is counted, in a sentence.
fn days(counting: &Counting) -> String {
    let Some(rule) = &counting.work_days else {
        return "“日”按日历日计算。".to_owned();
    };
    let whose = if rule.bound == Bound::Organ { "机关的期限，" } else { "" };
    let listed: Vec<String> = rule.amounts.iter().map(|amount| format!("{amount}日")).collect();
    match (rule.all, rule.at_most) {
        (true, _) => format!("{whose}“日”都按工作日计算，不含法定节假日。"),
        (false, Some(most)) => format!("{whose}{most}日以内的“日”按工作日计算，其余按日历日计算。"),
        (false, None) => format!("{whose}{}按工作日计算，其余按日历日计算。", listed.join("、")),
    }
}

/// How 日 is counted, in few words for lists.
pub(super) fn days_in_short(counting: &Counting) -> String {
    let Some(rule) = &counting.work_days else { return "日历日".to_owned() };
    match (rule.all, rule.at_most) {
        (true, _) => "工作日".to_owned(),
        (false, Some(most)) => format!("{most}日以内为工作日"),
        (false, None) => {
            let listed: Vec<String> = rule.amounts.iter().map(u32::to_string).collect();
            format!("{}日为工作日", listed.join("、"))
        }
    }
}

/// The procedures that cite the statute, each with how often, and how many named limits do.
fn resting(app: &App, short: &str) -> (Vec<(String, String, usize)>, usize) {
    let ruling = app.county.ruling();
    let (mut procedures, mut limits): (BTreeMap<String, (String, usize)>, usize) = (BTreeMap::new(), 0);
    for citing in citations(&ruling.law) {
        if ruling.law.statutes.find(&citing.basis.source).is_none_or(|statute| statute.short != short) {
            continue;
        }
        match citing.procedure {
            Some(procedure)
                if ruling.law.newest(procedure.id.as_str()).is_some_and(|p| p.digest == procedure.digest) =>
            {
                procedures.entry(procedure.id.to_string()).or_insert_with(|| (procedure.title.clone(), 0)).1 += 1;
            }
            Some(_) => {}
            None => limits += 1,
        }
    }
    (
        procedures.into_iter().map(|(id, (title, count))| (format!("/law/procedures/{id}"), title, count)).collect(),
        limits,
    )
}

/// The way to an article, for pages beside this one.
pub(super) fn way_to(
    short: &str,
    adopted: Day,
    article: Option<zhunsheng_core::basis::Article>,
) -> Option<(String, String)> {
    article.map(|article| (article.to_string(), article_href(short, adopted, article)))
}
