//! `zhunsheng law impact`: what rests on the articles that changed between two editions of a statute.

use std::path::PathBuf;

use serde_json::{Value, json};
use zhunsheng_core::basis::Article;
use zhunsheng_core::day::Day;
use zhunsheng_core::id::{Digest, ProcedureId};
use zhunsheng_core::law;
use zhunsheng_core::statute::citing::{Citer, Citing};
use zhunsheng_core::statute::impact::{Impact, Touched};

use super::failure::{Failure, Outcome};
use super::opening;
use super::options::{Options, Word, unknown};
use super::shelf::{Shelf, county, refused};
use super::statutes::pairs;
use super::terminal::Terminal;
use crate::app::fault::StoreFault;
use crate::app::law_impact::{self, LawChange, Open};
use crate::app::library::no_edition;
use crate::app::ruling::{LawText, embedded, read_folder};
use crate::config::Config;
use crate::store::open_matters::OpenMatter;

#[derive(Default)]
struct Wish {
    statute: Option<String>,
    from: Option<Day>,
    to: Option<Day>,
    law: Option<PathBuf>,
    statutes: Option<PathBuf>,
    json: bool,
}

/// Runs the command, behind the word `impact`.
pub fn run(mut options: Options, terminal: &mut Terminal) -> Result<Outcome, Failure> {
    let wish = read(&mut options)?;
    let (Some(name), Some(from), Some(to)) = (&wish.statute, wish.from, wish.to) else {
        return Err(Failure::Usage("缺少 --statute 法规、--from 版本或 --to 版本。".to_owned()));
    };
    let files = match &wish.law {
        Some(folder) => read_folder(folder)?,
        None => embedded(),
    };
    let loaded = law::load(&files);
    let Some(statute) = loaded.law.statutes.find(name) else {
        let sentence = format!("不认识《{name}》：法规清单（law/statutes.toml）中没有。");
        return Err(refused(wish.json, "unknown-statute", sentence, terminal));
    };
    let Some(later) = statute.adopted(to) else {
        let known: Vec<Day> = statute.editions.iter().map(|edition| edition.adopted).collect();
        return Err(refused(wish.json, "no-such-edition", no_edition(&statute.short, to, &known), terminal));
    };
    let shelf = Shelf::open(wish.statutes.as_deref(), &options.config, &loaded.law.statutes)?;
    let (_, pairs) = pairs(&shelf, &loaded.law.statutes, name, from, to, wish.json, terminal)?;
    let LawChange { changed, impact: found } =
        law_impact::find(&loaded.law, &loaded.indicators, statute, later, &pairs);
    let open = open_in(&options.config, &found)?;
    if wish.json {
        let head = json!({ "statute": statute.short, "from": from.to_string(), "to": to.to_string(), "changed_articles": changed });
        terminal.say(as_value(head, &found, open.as_ref(), &files).to_string());
    } else {
        let (from, to) = (from.chinese(), to.chinese());
        terminal.say(format!("《{}》由{from}的版本改为{to}的版本，有变动的条文 {changed} 条。", statute.short));
        tell(&found, open.as_ref(), &files, terminal);
    }
    Ok(if found.touched.is_empty() && found.astray.is_empty() { Outcome::Fine } else { Outcome::Finding })
}

fn read(options: &mut Options) -> Result<Wish, Failure> {
    let mut wish = Wish::default();
    while let Some(word) = options.next()? {
        match &word {
            Word::Option(name) if name == "statute" => wish.statute = Some(options.text()?),
            Word::Option(name) if name == "from" => wish.from = Some(options.date("from")?.into()),
            Word::Option(name) if name == "to" => wish.to = Some(options.date("to")?.into()),
            Word::Option(name) if name == "law" => wish.law = Some(options.path()?),
            Word::Option(name) if name == "statutes" => wish.statutes = Some(options.path()?),
            Word::Option(name) if name == "json" => wish.json = true,
            _ => return Err(unknown(&word)),
        }
    }
    Ok(wish)
}

/// What is open in the county, if the data folder has one.
fn open_in(config: &Config, found: &Impact<'_>) -> Result<Option<Open>, Failure> {
    if !opening::has_county(&config.home())? {
        return Ok(None);
    }
    let (db, code) = county(config)?;
    let open = db.read_blocking(|r| law_impact::open(r, &code, found, None));
    Ok(Some(open.map_err(|fault: StoreFault| Failure::from(fault))?))
}

/// The file of a citation, and the line where it stands: the first that names it behind its identifier.
fn place(citing: &Citing<'_>, files: &[LawText]) -> (String, Option<usize>) {
    let found = match (citing.procedure, citing.citer) {
        (Some(procedure), _) => files.iter().find(|(_, text)| Digest::of(text.as_bytes()) == procedure.digest),
        (None, Citer::Refusal) => files.iter().find(|(path, _)| path == "refusals.toml"),
        (None, Citer::Counting) => files.iter().find(|(path, _)| path == "statutes.toml"),
        (None, _) => {
            let folder = match citing.citer {
                Citer::Table => "tables/",
                Citer::Discretion => "discretion/",
                _ => "limits/",
            };
            let named = format!("\"{}\"", citing.id);
            files.iter().find(|(path, text)| path.starts_with(folder) && text.contains(&named))
        }
    };
    let Some((path, text)) = found else { return (String::new(), None) };
    let (named, written) = (format!("\"{}\"", citing.id), citing.basis.written());
    let lines = || text.lines().enumerate();
    let begins = lines().find(|(_, line)| line.contains(&named)).map_or(0, |(at, _)| at);
    let line = lines().skip(begins).chain(lines()).find(|(_, line)| line.contains(&written)).map(|(at, _)| at + 1);
    (path.clone(), line)
}

fn number(article: Option<Article>) -> String {
    article.map_or_else(|| "无".to_owned(), |article| article.to_string())
}

fn tell(found: &Impact<'_>, open: Option<&Open>, files: &[LawText], terminal: &mut Terminal) {
    for touched in &found.touched {
        terminal.say(line_of(touched, files));
    }
    for citing in &found.astray {
        let (file, line) = place(citing, files);
        let line = line.map_or_else(String::new, |line| format!(":{line}"));
        terminal.say(format!(
            "{file}{line}\t{}“{}”引用 {}，所指版本没有这一条。",
            citing.citer.chinese(),
            citing.title,
            citing.basis.written()
        ));
    }
    let instruments: Vec<&str> = found.instruments.iter().map(|(_, _, title)| title.as_str()).collect();
    terminal.say(format!("文书 {} 种{}", instruments.len(), listed(&instruments)));
    let figures: Vec<String> = found.indicators.iter().map(|(id, title)| format!("{id} {title}")).collect();
    let figures: Vec<&str> = figures.iter().map(String::as_str).collect();
    terminal.say(format!("数字 {} 项{}", figures.len(), listed(&figures)));
    match open {
        None => terminal.say("没有县域数据，未统计在办事项（用 --data 指定）。"),
        Some(open) => {
            let all: i64 = open.matters.iter().map(|(_, count)| count).sum();
            let each: Vec<String> =
                open.matters.iter().map(|(procedure, count)| format!("{procedure} {count} 件")).collect();
            let each: Vec<&str> = each.iter().map(String::as_str).collect();
            terminal.say(format!("在办事项 {all} 件{}", listed(&each)));
            for (procedure, clock, count) in &open.running {
                terminal.say(format!("\t{procedure}.{clock} 正在计算 {count} 个"));
            }
        }
    }
    let clocks = found.touched.iter().filter(|touched| touched.citing.citer == Citer::Clock).count();
    terminal.say(format!("共涉及引用 {} 处，其中期限 {clocks} 个。", found.touched.len()));
}

fn listed(names: &[&str]) -> String {
    if names.is_empty() { "。".to_owned() } else { format!("：{}。", names.join("、")) }
}

fn line_of(touched: &Touched<'_>, files: &[LawText]) -> String {
    let citing = &touched.citing;
    let (file, line) = place(citing, files);
    let line = line.map_or_else(String::new, |line| format!(":{line}"));
    let meant = touched.meant.chinese();
    format!(
        "{file}{line}\t{}“{}”\t{}（{meant}）\t{} → {}　{}",
        citing.citer.chinese(),
        citing.title,
        citing.basis.written(),
        number(touched.before),
        number(touched.after),
        touched.change.chinese(),
    )
}

fn citing_value(citing: &Citing<'_>, files: &[LawText]) -> Value {
    let (file, line) = place(citing, files);
    json!({
        "file": file,
        "line": line,
        "procedure": citing.procedure_id().map(ProcedureId::as_str),
        "step": citing.step_id().map(|step| step.as_str()),
        "kind": citing.citer.code(),
        "id": citing.id,
        "title": citing.title,
        "citation": citing.basis.written(),
    })
}

fn as_value(mut head: Value, found: &Impact<'_>, open: Option<&Open>, files: &[LawText]) -> Value {
    let written = |article: Option<Article>| article.map(Article::written);
    let touched = found.touched.iter().map(|touched| {
        let mut value = citing_value(&touched.citing, files);
        if let Some(fields) = value.as_object_mut() {
            fields.insert("change".to_owned(), touched.change.code().into());
            fields.insert("from".to_owned(), written(touched.before).into());
            fields.insert("to".to_owned(), written(touched.after).into());
            fields.insert("means".to_owned(), touched.meant.code().into());
        }
        value
    });
    let touched: Vec<Value> = touched.collect();
    let (clocks, definitions): (Vec<Value>, Vec<Value>) =
        touched.into_iter().partition(|value| value.get("kind").is_some_and(|kind| kind == "clock"));
    let instruments = found.instruments.iter().map(
        |(procedure, id, title)| json!({ "procedure": procedure.as_str(), "instrument": id.as_str(), "title": title }),
    );
    let figures = found.indicators.iter().map(|(id, title)| json!({ "id": id, "title": title }));
    if let Some(fields) = head.as_object_mut() {
        fields.insert("definitions".to_owned(), definitions.into());
        fields.insert("clocks".to_owned(), clocks.into());
        let astray: Vec<Value> = found.astray.iter().map(|citing| citing_value(citing, files)).collect();
        fields.insert("astray".to_owned(), astray.into());
        fields.insert("instruments".to_owned(), instruments.collect::<Vec<_>>().into());
        fields.insert("figures".to_owned(), figures.collect::<Vec<_>>().into());
        fields.insert("open_matters".to_owned(), open.map(open_value).into());
    }
    head
}

fn open_value(open: &Open) -> Value {
    let day = |number: i64| Day::from_number(number).map(|day| day.to_string());
    let matter = |one: &OpenMatter| {
        json!({
            "id": one.id.to_string(),
            "procedure": one.procedure,
            "number": one.number,
            "opened": day(one.opened),
            "due": one.due.and_then(day),
        })
    };
    let running = |(procedure, clock, count): &(String, String, i64)| json!({ "procedure": procedure, "clock": clock, "running": count });
    let counts: serde_json::Map<String, Value> =
        open.matters.iter().map(|(procedure, count)| (procedure.clone(), (*count).into())).collect();
    json!({
        "count": open.matters.iter().map(|(_, count)| count).sum::<i64>(),
        "by_procedure": counts,
        "running_clocks": open.running.iter().map(running).collect::<Vec<_>>(),
        "newest": open.list.iter().map(matter).collect::<Vec<_>>(),
    })
}
