//! The simulator: the small county plays without a refusal, the same twice, and its record verifies and rebuilds.

use zhunsheng::app::verify::{rebuild, verify};
use zhunsheng::county::scenario::{CHANGTU, SMALL};
use zhunsheng::county::{Made, Scenario, make};
use zhunsheng::store::{Db, rebuild as tables};

use crate::proofs::played;
use crate::support::Folder;

const COUNTY: &str = "211224";

fn play() -> (Folder, Made) {
    let folder = Folder::new();
    let scenario = Scenario::embedded(SMALL).unwrap();
    let made = make(folder.home(), &scenario, &mut |_| {}).unwrap_or_else(|fault| panic!("{fault}"));
    (folder, made)
}

#[test]
fn the_same_scenario_gives_the_same_record_and_it_rebuilds() {
    let second = std::thread::spawn(played);
    let (folder, made) = play();
    assert_eq!(made.root, second.join().unwrap().root, "same seed, same root");
    let db = Db::open(folder.home()).unwrap();
    let verified = db.read_blocking(|r| verify(r, COUNTY)).unwrap();
    assert_eq!(verified.wrong, None);
    assert_eq!(verified.without_authority, [0]);
    let digests = |db: &Db| db.read_blocking(|r| tables::digests(r, COUNTY)).unwrap();
    let before = digests(&db);
    db.write_blocking(|tx| rebuild(tx, COUNTY)).unwrap_or_else(|fault| panic!("{fault}"));
    assert_eq!(digests(&db), before, "rebuilt tables equal the live ones");
}

/// The three years in full, as `zhunsheng demo` makes them: run with `--release -- --ignored the_whole_county --nocapture`.
#[test]
#[ignore = "the whole county takes a minute; the small one runs always"]
#[allow(clippy::print_stdout, reason = "a measurement is printed")]
fn the_whole_county() {
    let folder = Folder::new();
    let scenario = Scenario::embedded(CHANGTU).unwrap();
    let mut last = 0;
    let made = make(folder.home(), &scenario, &mut |progress| {
        if progress.days_done / 100 > last {
            last = progress.days_done / 100;
            println!("{} {} acts", progress.day, progress.acts);
        }
    })
    .unwrap_or_else(|fault| panic!("{fault}"));
    println!("{made:?}");
    if let Ok(keep) = std::env::var("KEEP_COUNTY") {
        std::fs::rename(folder.path(), keep).unwrap();
    }
}
