//! One trace on both engines: the same root, the same projections, the same pages. And a county moved from one to the other.
//!
//! Both engines are needed: without a server (`server/tests/with-postgres`) these tests say so and end.

use std::collections::{BTreeSet, VecDeque};
use std::path::Path;
use std::sync::{Arc, OnceLock};

use axum::Router;
use zhunsheng::app::moving::move_county;
use zhunsheng::app::{App, verify};
use zhunsheng::county::scenario::{CHANGTU, SMALL};
use zhunsheng::county::{Made, Scenario, make};
use zhunsheng::store::rebuild::digests;
use zhunsheng::store::{Db, Home};
use zhunsheng::web::router::{routes, site};
use zhunsheng_core::day::Day;

use crate::access::caller;
use crate::support::{Browser, Folder, copied, home, opened, server};

const COUNTY: &str = "211224";
/// Who looks, by the beginning of the persona's title.
const CALLERS: [Option<&str>; 5] =
    [None, Some("村人民调解员"), Some("农业执法人员甲"), Some("县司法局合法性审查科员"), Some("县长")];

/// Whether there is a server to compare with.
fn both() -> bool {
    if server().is_none() {
        eprintln!("only with PostgreSQL: server/tests/with-postgres");
    }
    server().is_some()
}

/// The two homes of a folder: a file, and a database of the server.
fn homes(folder: &Folder) -> (Home, Home) {
    (in_file(folder), home(&folder.path().join("server")))
}

fn in_file(folder: &Folder) -> Home {
    Home::from(&folder.path().join("file"))
}

fn played(home: &Home, scenario: &Scenario) -> Made {
    make(home, scenario, &mut |_| {}).unwrap_or_else(|fault| panic!("{fault}"))
}

fn open(home: &Home) -> (Arc<App>, Router) {
    let app = Arc::new(opened(home));
    (Arc::clone(&app), site(app, routes()))
}

/// A page as it reads: what every form is given anew is left out.
async fn read(browser: &mut Browser, path: &str) -> (u16, String, Vec<String>) {
    let page = browser.get(path).await;
    let html = scraper::Html::parse_document(&page.body);
    let all = |selector: &str, attribute: &str| -> Vec<String> {
        let selector = scraper::Selector::parse(selector).unwrap();
        html.select(&selector).filter_map(|found| found.value().attr(attribute)).map(str::to_owned).collect()
    };
    let mut text = page.body.clone();
    for secret in
        all("input[type=hidden][name^=_], input[type=hidden][name=key]", "value").iter().filter(|value| value.len() > 8)
    {
        text = text.replace(secret.as_str(), "…");
    }
    (page.status, text, all("a[href^='/']", "href"))
}

/// Walks both sites side by side, from link to link, up to so many pages for each caller; how many were the same.
async fn same_pages(left: &(Arc<App>, Router), right: &(Arc<App>, Router), most: usize) -> usize {
    let skipped =
        |path: &str| ["/static", "/account", "/matters/export", "/evidence"].iter().any(|it| path.starts_with(it));
    let mut compared = 0;
    for title in CALLERS {
        let (mut one, mut other) = (caller(&left.0, &left.1, title).await, caller(&right.0, &right.1, title).await);
        let first =
            ["/", "/desk", "/desk/late", "/desk/done", "/matters", "/registers", "/figures", "/penalties", "/guide"];
        let searched =
            ["/matters?q=%E7%BA%A0%E7%BA%B7", "/matters?q=%E7%8E%8B", "/matters?clock=late", "/matters?clock=soon"];
        let mut next: VecDeque<String> = first.into_iter().chain(searched).map(str::to_owned).collect();
        let mut seen: BTreeSet<String> = next.iter().cloned().collect();
        let mut pages = 0;
        while let Some(path) = next.pop_front().filter(|_| pages < most) {
            let (found, again) = (read(&mut one, &path).await, read(&mut other, &path).await);
            let parted = found.1.lines().zip(again.1.lines()).find(|(one, other)| one != other);
            assert!(found == again, "{title:?} {path} differs ({}, {}):\n{parted:#?}", found.0, again.0);
            pages += 1;
            let fresh = found.2.into_iter().filter(|path| !skipped(path) && seen.insert(path.clone()));
            next.extend(fresh.collect::<Vec<_>>());
        }
        compared += pages;
    }
    compared
}

fn same_tables(left: &Home, right: &Home) {
    let read = |home: &Home| {
        let db = Db::open_for_reading(home).unwrap();
        let verified = db.read_blocking(|r| verify::verify(r, COUNTY)).unwrap();
        assert_eq!(verified.wrong, None);
        let mut tables = db.read_blocking(|r| digests(r, COUNTY)).unwrap();
        // Numbers stand there under a key that each county draws for itself.
        tables.retain(|(table, _)| *table != "party_phone");
        (verified.roots.sha256.to_string(), tables)
    };
    assert_eq!(read(left), read(right));
}

/// The small county, played once into a file; copied by those who need it.
fn small() -> &'static (Folder, Made) {
    static SMALL_COUNTY: OnceLock<(Folder, Made)> = OnceLock::new();
    SMALL_COUNTY.get_or_init(|| {
        let folder = Folder::new();
        let made = played(&in_file(&folder), &Scenario::embedded(SMALL).unwrap());
        (folder, made)
    })
}

fn copied_small(file: &Home) -> &'static Made {
    let (folder, made) = small();
    copied(&in_file(folder).data, &file.data);
    made
}

/// Plays a trace on the server that was played into a file, and compares.
async fn same_trace(folder: &Folder, one: &Made, scenario: Scenario, most: usize) {
    let (file, database) = homes(folder);
    let right = database.clone();
    let other = tokio::task::spawn_blocking(move || played(&right, &scenario)).await.unwrap();
    assert_eq!((one.acts, &one.root), (other.acts, &other.root), "same trace, same root");
    println!("{} acts: SQLite {:.0}/s, PostgreSQL {:.0}/s", one.acts, one.acts_per_second, other.acts_per_second);
    same_tables(&file, &database);
    let compared = same_pages(&open(&file), &open(&database), most).await;
    println!("{compared} pages are the same");
    assert!(compared > most, "the walk went somewhere: {compared}");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_same_trace_gives_the_same_root_tables_and_pages() {
    if both() {
        let folder = Folder::new();
        let file = in_file(&folder);
        let made = tokio::task::spawn_blocking(move || copied_small(&file)).await.unwrap();
        same_trace(&folder, made, Scenario::embedded(SMALL).unwrap(), 40).await;
    }
}

/// The large county until there are ten thousand acts: run with `--ignored ten_thousand_acts --nocapture`, better `--release`.
#[tokio::test(flavor = "multi_thread")]
#[ignore = "ten thousand acts on both engines take minutes; the small county runs always"]
async fn ten_thousand_acts_are_the_same_on_both_engines() {
    if !both() {
        return;
    }
    let mut scenario = Scenario::embedded(CHANGTU).unwrap();
    scenario.scenario.period_to = "2022-03-31".parse::<jiff::civil::Date>().map(Day::from).unwrap();
    let folder = Folder::new();
    let (file, trace) = (in_file(&folder), scenario.clone());
    let made = tokio::task::spawn_blocking(move || played(&file, &trace)).await.unwrap();
    same_trace(&folder, &made, scenario, 150).await;
    assert!(made.acts >= 10_000, "{} acts", made.acts);
}

#[test]
fn a_county_moves_to_a_server_and_back_and_stays_the_same() {
    if !both() {
        return;
    }
    let folder = Folder::new();
    let (file, database) = homes(&folder);
    let back = Home::from(&folder.path().join("back"));
    let made = copied_small(&file);
    let carried = |from: &Home, to: &Home| move_county(&Db::open_for_reading(from).unwrap(), &Db::open(to).unwrap());
    let moved = carried(&file, &database).unwrap();
    assert_eq!(moved.record.roots.sha256.to_string(), made.root);
    let again = carried(&file, &database).unwrap_err().to_string();
    assert!(again.contains("已有县域数据"), "{again}");
    carried(&database, &back).unwrap();
    same_tables(&file, &database);
    same_tables(&file, &back);
    assert_no_trace(&folder, &file);
}

/// A move that is broken off leaves nothing in the target.
fn assert_no_trace(folder: &Folder, from: &Home) {
    let target = home(&folder.path().join("broken"));
    let (source, db) = (Db::open_for_reading(from).unwrap(), Db::open(&target).unwrap());
    for nth in [1, 40, 400, 4_000] {
        db.fail_at(nth);
        move_county(&source, &db).unwrap_err();
        db.fail_at(0);
        assert_eq!(db.read_blocking(|r| zhunsheng::app::county_in(r)).unwrap(), None, "after statement {nth}");
    }
    move_county(&source, &db).unwrap();
    same_tables(from, &target);
}

/// The command, with the words that an operator types.
#[test]
fn the_command_moves_and_sets_the_file_aside() {
    if !both() {
        return;
    }
    let folder = Folder::new();
    let data = folder.path().join("county");
    let run = |words: &[&str]| {
        let output =
            std::process::Command::new(env!("CARGO_BIN_EXE_zhunsheng")).args(words).arg("--data").arg(&data).output();
        let output = output.unwrap();
        let text = String::from_utf8([&output.stdout[..], &output.stderr[..]].concat()).unwrap();
        (output.status.code().unwrap(), text)
    };
    let address = crate::support::variable(&folder.path().join("server"));
    assert_eq!(run(&["init", "--county", COUNTY]).0, 0);
    let root = |text: String| text.split("树根 ").nth(1).map(|rest| rest.chars().take(64).collect::<String>());
    let (code, said) = run(&["move", "--from", "file", "--to", &address]);
    assert_eq!(code, 0, "{said}");
    let before = root(said).unwrap();
    assert!(!data.join("zhunsheng.db").exists() && data.join("zhunsheng.db.moved").exists());
    let (code, said) = run(&["verify"]);
    assert!(code == 3 && said.contains("还没有县域数据"), "{said}");
    let (code, said) = run(&["verify", "--database", &address]);
    assert!(code == 0 && said.contains(&before), "{said}");
    let (code, said) = run(&["move", "--from", &address, "--to", "file"]);
    assert!(code == 0 && said.contains(&before), "{said}");
    assert_eq!(run(&["verify"]).0, 0);
    assert!(Path::new(&data).join("keys/checkpoint").exists(), "keys stay where they are");
}
