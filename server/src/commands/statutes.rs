//! `zhunsheng statutes`: the library of statutes on the command line — import, list, show, compare.

use std::path::PathBuf;

use serde_json::{Value, json};
use zhunsheng_core::basis::{Article, Basis};
use zhunsheng_core::day::Day;
use zhunsheng_core::statute::Statutes;
use zhunsheng_core::statute::compare::{Change, Pair, Piece, compare};
use zhunsheng_core::statute::text::{ArticleText, NoPassage};

use super::failure::{Failure, Outcome};
use super::options::{Options, Word, unknown};
use super::shelf::{Shelf, county, known_statutes, refused};
use super::statutes_import;
use super::terminal::Terminal;
use crate::app::fault::StoreFault;
use crate::app::library::{no_edition, no_text, not_in_force};
use crate::store::statutes::{self, EditionRow};

/// Runs the command.
pub fn run(mut options: Options, terminal: &mut Terminal) -> Result<Outcome, Failure> {
    match options.next()? {
        Some(Word::Value(word)) if word == "import" => statutes_import::run(options, terminal),
        Some(Word::Value(word)) if word == "list" => list(options, terminal),
        Some(Word::Value(word)) if word == "show" => show(options, terminal),
        Some(Word::Value(word)) if word == "compare" => compare_editions(options, terminal),
        Some(word) => Err(unknown(&word)),
        None => Err(Failure::Usage("statutes 后面要写明做什么：import、list、show、compare。".to_owned())),
    }
}

/// What was typed behind `list`, `show` and `compare`.
#[derive(Default)]
struct Wish {
    values: Vec<String>,
    folder: Option<PathBuf>,
    on: Option<Day>,
    edition: Option<Day>,
    json: bool,
    all: bool,
}

fn read(options: &mut Options) -> Result<Wish, Failure> {
    let mut wish = Wish::default();
    while let Some(word) = options.next()? {
        match &word {
            Word::Value(value) => wish.values.push(value.to_string_lossy().into_owned()),
            Word::Option(name) if name == "statutes" => wish.folder = Some(options.path()?),
            Word::Option(name) if name == "on" => wish.on = Some(options.date("on")?.into()),
            Word::Option(name) if name == "edition" => wish.edition = Some(options.date("edition")?.into()),
            Word::Option(name) if name == "json" => wish.json = true,
            Word::Option(name) if name == "all" => wish.all = true,
            Word::Option(_) => return Err(unknown(&word)),
        }
    }
    Ok(wish)
}

fn list(mut options: Options, terminal: &mut Terminal) -> Result<Outcome, Failure> {
    let wish = read(&mut options)?;
    let (db, code) = county(&options.config)?;
    let rows: Vec<EditionRow> =
        db.read_blocking(|r| statutes::list(r, &code)).map_err(|fault: StoreFault| Failure::from(fault))?;
    let known = known_statutes();
    let in_force = |row: &EditionRow| {
        known.find(&row.statute).and_then(|statute| statute.adopted(row.adopted)).map(|edition| edition.in_force)
    };
    if wish.json {
        let one = |row: &EditionRow| {
            json!({
                "statute": row.statute,
                "title": row.title,
                "edition": row.adopted.to_string(),
                "in_force": in_force(row).map(|day| day.to_string()),
                "articles": row.articles,
                "file": row.file,
            })
        };
        terminal.say(Value::from(rows.iter().map(one).collect::<Vec<_>>()).to_string());
        return Ok(Outcome::Fine);
    }
    terminal.say("版本\t施行\t条数\t法规");
    for row in &rows {
        let day = in_force(row).map_or_else(|| "未登记".to_owned(), |day| day.to_string());
        terminal.say(format!("{}\t{day}\t{}\t{}", row.adopted, row.articles, row.statute));
    }
    terminal.say(format!("法规库共 {} 个版本。", rows.len()));
    if rows.is_empty() {
        terminal.say("用 zhunsheng statutes import 目录或文件… 导入。");
    }
    Ok(Outcome::Fine)
}

fn show(mut options: Options, terminal: &mut Terminal) -> Result<Outcome, Failure> {
    let wish = read(&mut options)?;
    let [cited] = wish.values.as_slice() else {
        return Err(Failure::Usage("show 后面写一条依据，如 行政处罚法§64(1)。".to_owned()));
    };
    let parsed = Basis::parse(cited).ok().and_then(|basis| Some((basis.article?, basis.source)));
    let Some((article, source)) = parsed else {
        let sentence = format!("“{cited}”不是法规条文，应如 行政处罚法§64.1(2)。");
        return Err(refused(wish.json, "malformed-citation", sentence, terminal));
    };
    let known = known_statutes();
    let shelf = Shelf::open(wish.folder.as_deref(), &options.config, &known)?;
    let short = known.find(&source).map_or(source.as_str(), |statute| statute.short.as_str());
    let edition = match chosen(&shelf, &known, short, &wish)? {
        Ok(day) => day,
        Err((code, sentence)) => return Err(refused(wish.json, code, sentence, terminal)),
    };
    let articles = shelf.articles(short, edition)?.unwrap_or_default();
    match passage(&articles, article) {
        Ok(words) if wish.json => {
            let found = json!({
                "statute": short, "edition": edition.to_string(), "article": article.written(), "text": words,
            });
            terminal.say(found.to_string());
        }
        Ok(words) => terminal.say(format!("《{short}》（{}）{article}\n{words}", edition.chinese())),
        Err(missing) => {
            let sentence = format!("《{short}》（{}）{article}：{missing}。", edition.chinese());
            return Err(refused(wish.json, "no-such-article", sentence, terminal));
        }
    }
    Ok(Outcome::Fine)
}

fn passage(articles: &[ArticleText], cited: Article) -> Result<String, NoPassage> {
    let found = articles.iter().find(|known| known.article == cited.without_part());
    match (found, articles.last()) {
        (Some(found), _) => found.passage(cited),
        (None, last) => Err(NoPassage::Article(last.map_or(Article::whole(1, 0), |last| last.article))),
    }
}

/// The edition asked for: named itself, or in force on a day, else the newest that is there.
fn chosen(
    shelf: &Shelf,
    known: &Statutes,
    short: &str,
    wish: &Wish,
) -> Result<Result<Day, (&'static str, String)>, Failure> {
    let there = shelf.editions(short)?;
    let statute = known.find(short);
    if statute.is_none() && there.is_empty() {
        return Ok(Err(("unknown-statute", format!("不认识《{short}》：法规清单和法规库中都没有。"))));
    }
    let wanted = match (wish.edition, wish.on, statute) {
        (Some(day), _, _) => Some(day),
        (None, Some(day), Some(statute)) => match statute.on(day) {
            Some(edition) => Some(edition.adopted),
            None => return Ok(Err(("not-in-force", not_in_force(statute, day)))),
        },
        (None, Some(_), None) => {
            return Ok(Err((
                "not-in-force",
                format!("《{short}》的施行日期没有登记，不能按日期选版本；请用 --edition。"),
            )));
        }
        (None, None, _) => there.last().copied(),
    };
    Ok(match wanted {
        Some(day) if there.contains(&day) => Ok(day),
        Some(day) => Err(("no-such-edition", no_edition(short, day, &there))),
        None => Err(("no-such-edition", no_text(short))),
    })
}

fn compare_editions(mut options: Options, terminal: &mut Terminal) -> Result<Outcome, Failure> {
    let wish = read(&mut options)?;
    let [name, from, to] = wish.values.as_slice() else {
        return Err(Failure::Usage("compare 后面写法规和两个版本，如 行政复议法 2017-09-01 2023-09-01。".to_owned()));
    };
    let known = known_statutes();
    let shelf = Shelf::open(wish.folder.as_deref(), &options.config, &known)?;
    let (from, to) = match (Day::parse(from), Day::parse(to)) {
        (Some(from), Some(to)) => (from, to),
        _ => {
            let sentence = format!("“{from}”或者“{to}”不是日期，应如 2023-09-01。");
            return Err(refused(wish.json, "malformed-date", sentence, terminal));
        }
    };
    let (short, pairs) = pairs(&shelf, &known, name, from, to, wish.json, terminal)?;
    if wish.json {
        terminal.say(as_value(&short, from, to, &pairs).to_string());
    } else {
        tell(&short, from, to, &pairs, wish.all, terminal);
    }
    Ok(Outcome::Fine)
}

/// Two editions of a statute, article by article; the statute's short name with them.
pub fn pairs(
    shelf: &Shelf,
    known: &Statutes,
    name: &str,
    from: Day,
    to: Day,
    as_json: bool,
    terminal: &mut Terminal,
) -> Result<(String, Vec<Pair>), Failure> {
    let short = known.find(name).map_or(name, |statute| statute.short.as_str());
    let there = shelf.editions(short)?;
    if known.find(name).is_none() && there.is_empty() {
        let sentence = format!("不认识《{short}》：法规清单和法规库中都没有。");
        return Err(refused(as_json, "unknown-statute", sentence, terminal));
    }
    let mut sides = Vec::new();
    for day in [from, to] {
        match shelf.articles(short, day)? {
            Some(articles) => sides.push(articles),
            None => return Err(refused(as_json, "no-such-edition", no_edition(short, day, &there), terminal)),
        }
    }
    let [before, after] = sides.as_slice() else { return Ok((short.to_owned(), Vec::new())) };
    Ok((short.to_owned(), compare(before, after)))
}

const CHANGES: [Change; 5] = [Change::Changed, Change::Added, Change::Removed, Change::Renumbered, Change::Unchanged];

fn count(pairs: &[Pair], change: Change) -> usize {
    pairs.iter().filter(|pair| pair.change == change).count()
}

fn as_value(short: &str, from: Day, to: Day, pairs: &[Pair]) -> Value {
    let number = |article: Option<Article>| article.map(Article::written);
    let piece = |piece: &Piece| match piece {
        Piece::Same(text) => json!({ "same": text }),
        Piece::Removed(text) => json!({ "removed": text }),
        Piece::Added(text) => json!({ "added": text }),
    };
    let article = |pair: &Pair| {
        let same = matches!(pair.change, Change::Unchanged | Change::Renumbered);
        let pieces: Vec<Value> = if same { Vec::new() } else { pair.pieces.iter().map(piece).collect() };
        json!({
            "from": number(pair.before), "to": number(pair.after), "change": pair.change.code(), "pieces": pieces,
        })
    };
    let summary: serde_json::Map<String, Value> =
        CHANGES.iter().map(|change| (change.code().to_owned(), count(pairs, *change).into())).collect();
    json!({
        "statute": short,
        "from": from.to_string(),
        "to": to.to_string(),
        "summary": summary,
        "articles": pairs.iter().map(article).collect::<Vec<_>>(),
    })
}

fn tell(short: &str, from: Day, to: Day, pairs: &[Pair], all: bool, terminal: &mut Terminal) {
    terminal.say(format!("《{short}》{}与{}的版本对照。［－删去－］［＋新增＋］", from.chinese(), to.chinese()));
    for pair in pairs.iter().filter(|pair| all || !matches!(pair.change, Change::Unchanged)) {
        let number = |article: Option<Article>| article.map_or_else(|| "无".to_owned(), |article| article.to_string());
        terminal.say(format!("\n{} → {}　{}", number(pair.before), number(pair.after), pair.change.chinese()));
        if !matches!(pair.change, Change::Unchanged | Change::Renumbered) {
            terminal.say(pair.pieces.iter().map(marked).collect::<String>());
        }
    }
    let counts = CHANGES.iter().map(|change| format!("{} {}", change.chinese(), count(pairs, *change)));
    terminal.say(format!("\n{}。", counts.collect::<Vec<_>>().join("，")));
}

fn marked(piece: &Piece) -> String {
    match piece {
        Piece::Same(text) => text.clone(),
        Piece::Removed(text) => format!("［－{text}－］"),
        Piece::Added(text) => format!("［＋{text}＋］"),
    }
}
