//! The library: full texts of statutes by edition, article by article. No part of the record; importing an edition
//! again replaces it.

use zhunsheng_core::basis::Article;
use zhunsheng_core::day::Day;
use zhunsheng_core::statute::text::{ArticleText, Heading, Rank, Text};
use zhunsheng_core::text::tokens;

use super::search::{self, Index};
use super::statement::Statement;
use super::{Query, Row, StoreFault, Tx};
use crate::params;

/// One edition that is in the library.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct EditionRow {
    /// The statute's short name.
    pub statute: String,
    /// The day that names the edition.
    pub adopted: Day,
    /// The title in the text.
    pub title: String,
    /// The file it was read from.
    pub file: String,
    /// SHA-256 of that file.
    pub digest: [u8; 32],
    /// How many articles it has.
    pub articles: i64,
}

/// What stands around the articles of an edition.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Frame {
    /// How it came about.
    pub head: Vec<String>,
    /// Before the first article.
    pub preamble: Vec<String>,
    /// Behind the last.
    pub annex: Vec<String>,
    /// 编, 章, 节.
    pub headings: Vec<Heading>,
}

/// An article found by its words.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Hit {
    /// The statute's short name.
    pub statute: String,
    /// Which edition.
    pub adopted: Day,
    /// Which article.
    pub article: ArticleText,
}

/// Which article of which edition.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Key {
    /// The statute's short name.
    pub statute: String,
    /// Which edition.
    pub adopted: Day,
    /// The whole article.
    pub article: Article,
}

const EDITION: &str = "statute, adopted, title, file, digest, articles";
const ARTICLE: &str = "a.statute, a.adopted, a.number, a.inserted, a.line, a.words";

fn edition(row: &Row<'_>) -> Result<EditionRow, StoreFault> {
    Ok(EditionRow {
        statute: row.text(0)?,
        adopted: day(row.int(1)?)?,
        title: row.text(2)?,
        file: row.text(3)?,
        digest: row.bytes(4)?,
        articles: row.int(5)?,
    })
}

fn day(number: i64) -> Result<Day, StoreFault> {
    Day::from_number(number).ok_or_else(|| StoreFault::Value { what: "day of an edition".to_owned() })
}

fn hit(row: &Row<'_>) -> Result<Hit, StoreFault> {
    let small = |number: i64| u16::try_from(number).map_err(|_| StoreFault::Value { what: "article".to_owned() });
    let article = Article::whole(small(row.int(2)?)?, small(row.int(3)?)?);
    let line = u32::try_from(row.int(4)?).unwrap_or_default();
    let article = ArticleText::from_plain(article, line, &row.text(5)?);
    Ok(Hit { statute: row.text(0)?, adopted: day(row.int(1)?)?, article })
}

fn lines(text: &str) -> Vec<String> {
    text.lines().map(str::to_owned).collect()
}

/// All editions, by statute, oldest first.
pub fn list(q: &impl Query, county: &str) -> Result<Vec<EditionRow>, StoreFault> {
    let sql = format!("SELECT {EDITION} FROM statute_edition WHERE county_code = $1 ORDER BY statute, adopted");
    q.query_all(&sql, params![county], edition)
}

/// The editions of one statute, oldest first.
pub fn editions(q: &impl Query, county: &str, statute: &str) -> Result<Vec<EditionRow>, StoreFault> {
    let sql = format!("SELECT {EDITION} FROM statute_edition WHERE county_code = $1 AND statute = $2 ORDER BY adopted");
    q.query_all(&sql, params![county, statute], edition)
}

/// What stands around the articles of an edition; empty if it is not in the library.
pub fn frame(q: &impl Query, county: &str, statute: &str, adopted: Day) -> Result<Frame, StoreFault> {
    let found = q.query_one(
        "SELECT head, preamble, annex FROM statute_edition
         WHERE county_code = $1 AND statute = $2 AND adopted = $3",
        params![county, statute, adopted.number()],
        |row| {
            let (head, preamble, annex) = (lines(&row.text(0)?), lines(&row.text(1)?), lines(&row.text(2)?));
            Ok(Frame { head, preamble, annex, headings: Vec::new() })
        },
    )?;
    let headings = q.query_all(
        "SELECT level, words, before FROM statute_heading
         WHERE county_code = $1 AND statute = $2 AND adopted = $3 ORDER BY position",
        params![county, statute, adopted.number()],
        |row| {
            let before = usize::try_from(row.int(2)?).unwrap_or_default();
            Ok(Heading { rank: Rank::from_level(row.int(0)?), text: row.text(1)?, line: 0, before })
        },
    )?;
    Ok(Frame { headings, ..found.unwrap_or_default() })
}

/// Every article of an edition, in order.
pub fn articles(q: &impl Query, county: &str, statute: &str, adopted: Day) -> Result<Vec<ArticleText>, StoreFault> {
    let sql = format!(
        "SELECT {ARTICLE} FROM statute_article a
         WHERE a.county_code = $1 AND a.statute = $2 AND a.adopted = $3 ORDER BY a.number, a.inserted"
    );
    let found = q.query_all(&sql, params![county, statute, adopted.number()], hit)?;
    Ok(found.into_iter().map(|hit| hit.article).collect())
}

/// The articles of these keys that are in the library, in one statement.
pub fn find(q: &impl Query, county: &str, keys: &[Key]) -> Result<Vec<Hit>, StoreFault> {
    if keys.is_empty() {
        return Ok(Vec::new());
    }
    let mut statement = Statement::new();
    let county = statement.text(county);
    let mut rows = Vec::new();
    for key in keys {
        let statute = statement.text(&key.statute);
        let adopted = statement.int(key.adopted.number());
        let number = statement.int(i64::from(key.article.number));
        let inserted = statement.int(i64::from(key.article.insert.unwrap_or(0)));
        rows.push(format!("({statute}, {adopted}, {number}, {inserted})"));
    }
    statement.sql = format!(
        "SELECT {ARTICLE} FROM statute_article a WHERE a.county_code = {county}
           AND (a.statute, a.adopted, a.number, a.inserted) IN (VALUES {})",
        rows.join(", ")
    );
    q.query_all(&statement.sql, &statement.params(), hit)
}

/// How many articles contain all the words of a query, counted up to a bound, and the best of them. `statute`: only there.
pub fn search(
    q: &impl Query,
    county: &str,
    typed: &str,
    statute: Option<&str>,
    skip: i64,
    most: i64,
) -> Result<Vec<Hit>, StoreFault> {
    let mut statement = Statement::new();
    let Some(found) = search::condition(q, &mut statement, Index::Articles, county, ("a.num", typed)) else {
        return Ok(Vec::new());
    };
    let county = statement.text(county);
    statement.sql = format!("SELECT {ARTICLE} FROM statute_article a WHERE a.county_code = {county} AND {found}");
    if let Some(statute) = statute {
        let place = statement.text(statute);
        statement.and(&format!("a.statute = {place}"));
    }
    let (most, skip) = (statement.int(most), statement.int(skip));
    // Editions of one statute stand together, the newest first.
    statement
        .sql
        .push_str(&format!(" ORDER BY a.statute, a.adopted DESC, a.number, a.inserted LIMIT {most} OFFSET {skip}"));
    q.query_all(&statement.sql, &statement.params(), hit)
}

/// The articles that fit any of these phrases best, the best first, of whatever edition.
pub fn fitting(q: &impl Query, county: &str, phrases: &[String], most: i64) -> Result<Vec<Hit>, StoreFault> {
    let mut statement = Statement::new();
    let Some((found, order)) = search::fitting_articles(q, &mut statement, county, phrases) else {
        return Ok(Vec::new());
    };
    let most = statement.int(most);
    statement.sql = format!("SELECT {ARTICLE} FROM {found} ORDER BY {order} LIMIT {most}");
    q.query_all(&statement.sql, &statement.params(), hit)
}

/// Puts an edition into the library in place of what was there.
pub fn replace(tx: &mut Tx<'_>, county: &str, row: &EditionRow, text: &Text) -> Result<(), StoreFault> {
    delete(tx, county, &row.statute, row.adopted)?;
    let (statute, adopted) = (row.statute.as_str(), row.adopted.number());
    let (head, preamble, annex) = (text.head.join("\n"), text.preamble.join("\n"), text.annex.join("\n"));
    tx.send(
        "INSERT INTO statute_edition (county_code, statute, adopted, title, file, digest, articles, head, preamble, annex)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
        params![
            county, statute, adopted, &row.title, &row.file, &row.digest, row.articles, &head, &preamble, &annex
        ],
    )?;
    for (position, heading) in (0_i64..).zip(&text.headings) {
        let before = i64::try_from(heading.before).unwrap_or(i64::MAX);
        tx.send(
            "INSERT INTO statute_heading (county_code, statute, adopted, position, level, words, before)
             VALUES ($1, $2, $3, $4, $5, $6, $7)",
            params![county, statute, adopted, position, i64::from(heading.rank.level()), heading.text.as_str(), before],
        )?;
    }
    let last = tx.query_one("SELECT max(num) FROM statute_article WHERE county_code = $1", params![county], |row| {
        row.opt_int(0)
    })?;
    for (num, article) in (last.flatten().unwrap_or(0) + 1..).zip(&text.articles) {
        let words = article.plain_text();
        tx.send(
            "INSERT INTO statute_article (county_code, statute, adopted, number, inserted, num, line, words)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
            params![
                county,
                statute,
                adopted,
                i64::from(article.article.number),
                i64::from(article.article.insert.unwrap_or(0)),
                num,
                article.line,
                &words
            ],
        )?;
        index(tx, county, num, article.article, &words)?;
    }
    Ok(())
}

/// The article's own number is searched for as well: 第六十条.
fn index(tx: &mut Tx<'_>, county: &str, num: i64, article: Article, words: &str) -> Result<(), StoreFault> {
    search::insert(tx, Index::Articles, county, num, &tokens(&format!("{article} {words}")))
}

/// Makes the index of all articles anew.
pub fn index_all(tx: &mut Tx<'_>, county: &str) -> Result<(), StoreFault> {
    search::clear(tx, Index::Articles, county)?;
    let sql = format!("SELECT {ARTICLE}, a.num FROM statute_article a WHERE a.county_code = $1 ORDER BY a.num");
    for (found, num) in tx.query_all(&sql, params![county], |row| Ok((hit(row)?, row.int(6)?)))? {
        index(tx, county, num, found.article.article, &found.article.plain_text())?;
    }
    Ok(())
}

fn delete(tx: &mut Tx<'_>, county: &str, statute: &str, adopted: Day) -> Result<(), StoreFault> {
    let key = params![county, statute, adopted.number()];
    let of_edition = "WHERE county_code = $1 AND statute = $2 AND adopted = $3";
    let numbers = tx.query_all(&format!("SELECT num FROM statute_article {of_edition}"), key, |row| row.int(0))?;
    for num in numbers {
        search::delete(tx, Index::Articles, county, num)?;
    }
    for table in ["statute_article", "statute_heading", "statute_edition"] {
        tx.send(&format!("DELETE FROM {table} {of_edition}"), key)?;
    }
    Ok(())
}
