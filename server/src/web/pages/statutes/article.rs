//! `GET /law/statutes/{short}/{adopted}/{article}`: one article under its permanent address, with what cites it.

use std::sync::Arc;

use askama::Template;
use axum::extract::State;
use axum::response::Response;
use zhunsheng_core::basis::Article;
use zhunsheng_core::day::Day;
use zhunsheng_core::law::Law;
use zhunsheng_core::procedure::words::Words;
use zhunsheng_core::statute::citing::{Citer, Citing, citations};
use zhunsheng_core::statute::compare::{Change, Piece, compare};
use zhunsheng_core::statute::fine::{Reading, fines};
use zhunsheng_core::statute::text::{ArticleText, Heading, NoPassage, Rank};

use super::super::procedure::{clock_href, step_href};
use super::edition::{ArticleView, view};
use super::statute::way_to;
use super::{Standing, day_in, named, short_of};
use crate::app::App;
use crate::app::library::no_edition;
use crate::store::statutes;
use crate::web::citation::{article_href, day_of, edition_href, statute_href};
use crate::web::{Layout, PageError, Path, Visitor, render};

/// A citation of the article: which part of it, what cites, where.
#[derive(PartialEq, Eq)]
struct CitingLine {
    part: String,
    kind: &'static str,
    title: String,
    href: String,
}

/// A fine that the article provides, or words about one that the program cannot read.
struct FineLine {
    part: String,
    amount: String,
    /// 可以处: it may be left out.
    may: bool,
    who: &'static str,
    condition: String,
    unread: bool,
}

impl FineLine {
    fn of(reading: &Reading) -> Self {
        let part = part(reading.place().article);
        match reading {
            Reading::Fine(fine) => Self {
                part,
                amount: fine.extent.to_string(),
                may: fine.may,
                who: fine.who.map_or("", |who| who.chinese()),
                condition: fine.condition.clone().unwrap_or_default(),
                unread: false,
            },
            Reading::Unread(unread) => Self {
                part,
                amount: unread.why.chinese().to_owned(),
                may: false,
                who: "",
                condition: String::new(),
                unread: true,
            },
        }
    }
}

/// The same article in another edition.
struct Other {
    edition: Day,
    standing: Standing,
    way: Option<(String, String)>,
    change: &'static str,
    pieces: Vec<Piece>,
}

#[derive(Template)]
#[template(path = "statutes/article.html")]
struct ArticlePage {
    layout: Layout,
    short: String,
    title: String,
    statute_href: String,
    edition_href: String,
    adopted: Day,
    warning: Option<String>,
    path: Vec<String>,
    article: ArticleView,
    before: Option<(String, String)>,
    after: Option<(String, String)>,
    fines: Vec<FineLine>,
    citing: Vec<(String, Vec<CitingLine>)>,
    others: Vec<Other>,
}

/// `GET /law/statutes/{short}/{adopted}/{article}`: `64`, `133-1`.
pub(in crate::web) async fn show_article(
    State(app): State<Arc<App>>,
    visitor: Visitor,
    Path((name, day, number)): Path<(String, String, String)>,
) -> Result<Response, PageError> {
    let ruling = app.county.ruling();
    let short = short_of(&ruling.law.statutes, &name);
    let (reader, wanted) = (Arc::clone(&app), short.clone());
    let (rows, texts, headings) = app
        .db
        .read(move |r| {
            let county = &reader.county_code;
            let rows = statutes::editions(r, county, &wanted)?;
            let mut texts = Vec::new();
            for row in &rows {
                texts.push((row.adopted, statutes::articles(r, county, &wanted, row.adopted)?));
            }
            let adopted = Day::parse(&day).filter(|day| rows.iter().any(|row| row.adopted == *day));
            let headings = match adopted {
                Some(adopted) => statutes::frame(r, county, &wanted, adopted)?.headings,
                None => Vec::new(),
            };
            Ok::<_, PageError>(((rows, day), texts, headings))
        })
        .await?;
    let (rows, day) = rows;
    let found = named(&ruling.law.statutes, &short, &rows)?;
    let adopted = day_in(&day)?;
    let Some((_, articles)) = texts.iter().find(|(known, _)| *known == adopted) else {
        let there: Vec<Day> = rows.iter().map(|row| row.adopted).collect();
        return Err(PageError::Absent(no_edition(&short, adopted, &there)));
    };
    let (at, article) = find(articles, &number, &short)?;
    let neighbour = |at: Option<usize>| at.and_then(|at| articles.get(at)).map(|article| article.article);
    let today = app.today();
    let others = texts.iter().rev().filter(|(known, _)| *known != adopted).map(|(known, other)| {
        let standing = Standing::of(found.edition(*known), today);
        other_edition(&short, (adopted, articles), (*known, other), article.article, standing)
    });
    let in_law = CitedIn { law: &ruling.law, short: &short, adopted, today };
    render(&ArticlePage {
        layout: Layout::new(&app, &visitor, &format!("《{short}》{}", article.article)),
        title: found.title.clone(),
        statute_href: statute_href(&short),
        edition_href: edition_href(&short, adopted),
        adopted,
        warning: found.warning(adopted, today),
        path: path(&headings, at),
        article: view(article, article_href(&short, adopted, article.article)),
        before: way_to(&short, adopted, neighbour(at.checked_sub(1))),
        after: way_to(&short, adopted, neighbour(Some(at + 1))),
        fines: fines(article).iter().map(FineLine::of).collect(),
        citing: in_law.lines(article.article),
        others: others.collect(),
        short: short.clone(),
    })
}

/// The article of an address, and its place.
fn find<'a>(articles: &'a [ArticleText], number: &str, short: &str) -> Result<(usize, &'a ArticleText), PageError> {
    let Some(wanted) = Article::parse(number) else {
        return Err(PageError::Absent(format!("“{number}”不是条号，应如 64 或者 133-1。")));
    };
    let found = articles.iter().enumerate().find(|(_, known)| known.article == wanted.without_part());
    found.ok_or_else(|| {
        let last = articles.last().map_or(Article::whole(1, 0), |last| last.article);
        PageError::Absent(format!("《{short}》{}：{}。", wanted.without_part(), NoPassage::Article(last)))
    })
}

/// The headings under which an article stands, outermost first.
fn path(headings: &[Heading], at: usize) -> Vec<String> {
    let mut path: Vec<(Rank, &str)> = Vec::new();
    for heading in headings.iter().filter(|heading| heading.before <= at) {
        path.retain(|(rank, _)| *rank < heading.rank);
        path.push((heading.rank, &heading.text));
    }
    path.into_iter().map(|(_, text)| text.to_owned()).collect()
}

/// What became of an article in another edition, or what it was there.
fn other_edition(
    short: &str,
    (here, ours): (Day, &[ArticleText]),
    (there, theirs): (Day, &[ArticleText]),
    article: Article,
    standing: Standing,
) -> Other {
    let is_earlier = here < there;
    let pairs = if is_earlier { compare(ours, theirs) } else { compare(theirs, ours) };
    let found = pairs.into_iter().find(|pair| Some(article) == if is_earlier { pair.before } else { pair.after });
    let (same, change, pieces) = match found {
        Some(pair) => (if is_earlier { pair.after } else { pair.before }, pair.change, pair.pieces),
        None => (None, Change::Added, Vec::new()),
    };
    let words = match (change, is_earlier) {
        (Change::Unchanged, _) => "文字相同",
        (Change::Renumbered, _) => "文字相同，条号不同",
        (Change::Changed, true) => "后来改为",
        (Change::Changed, false) => "由此修改而来",
        (Change::Added | Change::Removed, true) => "后来删去",
        (Change::Added | Change::Removed, false) => "当时没有，是新增的",
    };
    let pieces = if change == Change::Changed { pieces } else { Vec::new() };
    Other { edition: there, standing, way: way_to(short, there, same), change: words, pieces }
}

/// What in the law in force cites an article of an edition.
struct CitedIn<'l> {
    law: &'l Law,
    short: &'l str,
    adopted: Day,
    today: Day,
}

impl CitedIn<'_> {
    /// By procedure, in the order of the law; what stands in none comes last.
    fn lines(&self, article: Article) -> Vec<(String, Vec<CitingLine>)> {
        let mut groups: Vec<(String, Vec<CitingLine>)> = Vec::new();
        for citing in citations(self.law) {
            let statute = self.law.statutes.find(&citing.basis.source).filter(|statute| statute.short == self.short);
            let name = statute.map_or(citing.basis.source.as_str(), |statute| statute.short.as_str());
            let day = citing.procedure.map_or(self.today, |procedure| day_of(procedure, self.today));
            let meant = citing.edition.or_else(|| statute?.on(day).map(|edition| edition.adopted));
            let current = citing.procedure.is_none_or(|procedure| {
                self.law.newest(procedure.id.as_str()).is_some_and(|newest| newest.digest == procedure.digest)
            });
            let here = name == self.short
                && citing.article.without_part() == article
                && meant.unwrap_or(self.adopted) == self.adopted;
            if !here || !current {
                continue;
            }
            let group = match (citing.procedure, citing.citer) {
                (Some(procedure), _) => procedure.title.clone(),
                (None, Citer::Refusal) => "系统会说的“不”".to_owned(),
                (None, Citer::Limit) => "法定期限表".to_owned(),
                (None, Citer::Counting) => "“日”怎样计算".to_owned(),
                (None, _) => "金额标准".to_owned(),
            };
            let part = if citing.article == article { String::new() } else { part(citing.article) };
            let kind = citing.citer.chinese();
            let line = CitingLine { part, kind, title: title_of(&citing, self.law), href: href_of(&citing) };
            match groups.iter_mut().find(|(known, _)| *known == group) {
                // Several conditions of a step may cite the same part: said once.
                Some((_, lines)) if lines.contains(&line) => {}
                Some((_, lines)) => lines.push(line),
                None => groups.push((group, vec![line])),
            }
        }
        groups
    }
}

/// 第二款第（三）项.
fn part(cited: Article) -> String {
    let whole = cited.without_part().to_string();
    cited.to_string().strip_prefix(&whole).unwrap_or_default().to_owned()
}

/// What cites, as people call it; an invariant as a sentence.
pub(super) fn title_of(citing: &Citing<'_>, law: &Law) -> String {
    let procedure = citing.procedure.filter(|_| citing.citer == Citer::Invariant);
    let rule = procedure.and_then(|procedure| {
        let found = procedure.invariants.iter().find(|invariant| invariant.id == citing.id)?;
        Some(format!("{}。", Words::among(procedure, law).rule(found)))
    });
    rule.unwrap_or_else(|| citing.title.clone())
}

/// Where it stands on its procedure's page; empty if it is in none.
pub(super) fn href_of(citing: &Citing<'_>) -> String {
    let Some(procedure) = citing.procedure else { return String::new() };
    let procedure = procedure.id.as_str();
    match (citing.step, citing.citer) {
        (Some(step), _) => step_href(procedure, step.id.as_str()),
        (None, Citer::Clock) => clock_href(procedure, &citing.id),
        (None, Citer::Invariant) => format!("/law/procedures/{procedure}/rules"),
        _ => format!("/law/procedures/{procedure}"),
    }
}
