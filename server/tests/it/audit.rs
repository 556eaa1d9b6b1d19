//! The audit: a county as it should be has no finding, and every kind of tampering is found and named with its entry.

use std::path::Path;

use zhunsheng::app::audit::{self, Audit, Sort, Wish};
use zhunsheng::app::evidence::path_of;
use zhunsheng::app::verify;
use zhunsheng::params;
use zhunsheng::store::rebuild::digests;
use zhunsheng::store::{Db, Home, Query, StoreFault, Tx, checkpoint, settings};
use zhunsheng_core::id::{Digest, MatterId};
use zhunsheng_core::matter::{Actor, Command, EvidenceInput, Input, Manner, PartyInput, Target};
use zhunsheng_core::procedure::PartyKind;

use crate::support::{Folder, SmallCounty, TestApp, copied, only_sqlite, server};

const PDF: &[u8] = b"%PDF-1.4\n% evidence\n";

/// Runs what blocks on a thread of its own.
pub fn aside<T: Send>(work: impl FnOnce() -> T + Send) -> T {
    std::thread::scope(|scope| scope.spawn(work).join().unwrap())
}

/// The other digest of a file.
pub fn sm3_of(bytes: &[u8]) -> Digest {
    use sm3::Digest as _;
    Digest(sm3::Sm3::digest(bytes).into())
}

/// A copy of a small county with a complete tile, a document and its file.
async fn county() -> (Folder, MatterId) {
    let county = SmallCounty::new().await;
    let app = &county.test.app;
    let (person, post) = county.people["调解员甲"];
    let actor = Actor::Staff { person, post };
    let matter = dispute(&county, &actor, "赵一").await;
    let digest = Digest::of(PDF);
    let path = path_of(&app.config.data_dir, &digest);
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    std::fs::write(&path, PDF).unwrap();
    let file = EvidenceInput {
        kind: "other".into(),
        digest,
        sm3: sm3_of(PDF),
        bytes: PDF.len() as u64,
        media: "application/pdf".into(),
        name: "材料.pdf".into(),
    };
    let input = Input { evidence: vec![file], ..Input::default() };
    let (target, manner) = (Target::On(matter), Manner::Live);
    app.act(actor.clone(), Command { target, step: "_attach".into(), input, manner }, None).await.unwrap();
    for _ in 0..260 {
        app.record_reveal(actor.clone(), matter, "核对当事人".to_owned()).await.unwrap();
    }
    while app.index_words().await.unwrap() > 0 {}
    checkpoint_of(&county.test);
    let folder = Folder::new();
    copied(&app.config.data_dir, folder.path());
    let copy = Db::file_in(folder.path());
    for name in ["zhunsheng.db", "zhunsheng.db-wal", "zhunsheng.db-shm"] {
        let _ = std::fs::remove_file(folder.path().join(name));
    }
    app.db.copy_to(&copy).unwrap();
    (folder, matter)
}

/// A dispute that a mediator registered.
pub async fn dispute(county: &SmallCounty, mediator: &Actor, name: &str) -> MatterId {
    county.test.app.act(mediator.clone(), dispute_command(name), None).await.unwrap().matter
}

/// Asks for one to be registered.
pub fn dispute_command(name: &str) -> Command {
    let party = |role: &str, name: &str| PartyInput {
        role: Some(role.into()),
        kind: Some(PartyKind::Natural),
        name: name.to_owned(),
        phone: "13900000001".to_owned(),
        ..PartyInput::default()
    };
    let input = Input::default()
        .with("committee", "211224100201-tw")
        .with("dispute_kind", "neighbour")
        .with("source", "proactive")
        .with("summary", "地界争执。");
    let input = Input { parties: vec![party("applicant", name), party("respondent", "钱二")], ..input };
    let target = Target::Open("mediation".into());
    Command { target, step: "register".into(), input, manner: Manner::Live }
}

/// Key and checkpoint, as a start and a sealing make them.
fn checkpoint_of(test: &TestApp) {
    aside(|| zhunsheng::app::checkpoint::found_log(&test.app.db, &test.app.config.data_dir, 1).unwrap());
}

fn look(data: &Path) -> Audit {
    audit::audit(&Home::from(data), &Wish::default()).unwrap()
}

/// The first entry that holds somebody's name.
fn first_named(db: &Db) -> i64 {
    let sql = "SELECT min(seq) FROM sealed WHERE label = 'field.name'";
    aside(|| db.read_blocking(|r| r.query_one(sql, &[], |row| row.int(0)))).unwrap().unwrap()
}

fn change(data: &Path, sql: &str) {
    let sql = sql.to_owned();
    let changed =
        aside(|| Db::open(data).unwrap().write_blocking(move |tx: &mut Tx<'_>| tx.execute(&sql, &[])).unwrap());
    assert!(changed > 0, "nothing was tampered with");
}

#[tokio::test]
async fn every_kind_of_tampering_is_named() {
    if !only_sqlite("it changes copies of the file") {
        return;
    }
    let (whole, _) = county().await;
    let clean = look(whole.path());
    assert!(clean.findings.is_empty(), "{:?}", clean.findings);
    assert_eq!((clean.files, clean.orphans.len()), (1, 0));
    let first = first_named(&Db::open_for_reading(Home::from(whole.path())).unwrap());
    let sorts = [
        ("UPDATE entry SET bytes = zeroblob(40) WHERE seq = 7", Sort::Record, Some(7)),
        ("UPDATE entry SET salt = zeroblob(16) WHERE seq = 9", Sort::Record, Some(9)),
        ("UPDATE entry SET leaf = zeroblob(65) WHERE seq = 11", Sort::Record, Some(11)),
        ("DELETE FROM entry WHERE seq = 12", Sort::Record, Some(12)),
        (
            "INSERT INTO entry (county_code, seq, leaf, salt, bytes)
             SELECT county_code, (SELECT size FROM head), leaf, salt, bytes FROM entry WHERE seq = 20",
            Sort::Record,
            None,
        ),
        ("UPDATE sealed SET value = '别人' WHERE label = 'field.name' AND seq = FIRST", Sort::Record, Some(first)),
        ("UPDATE sealed SET salt = zeroblob(16) WHERE label = 'field.name' AND seq = FIRST", Sort::Record, Some(first)),
        ("UPDATE sealed SET position = position + 7 WHERE seq = FIRST", Sort::Record, Some(first)),
        ("UPDATE tile SET root = zeroblob(32)", Sort::Record, None),
        ("UPDATE head SET size = size - 1", Sort::Record, None),
        ("UPDATE matter SET title = '改过的标题' WHERE num = (SELECT max(num) FROM matter)", Sort::Projection, None),
        ("UPDATE post SET kind = 'county_head' WHERE kind = 'mediator'", Sort::Projection, None),
        ("DELETE FROM step WHERE seq = 30", Sort::Projection, Some(30)),
        (
            "INSERT INTO fact (county_code, matter, field, value, number, from_entry)
             SELECT county_code, matter, 'fine', '1', 1, 40 FROM step WHERE seq = 40",
            Sort::Projection,
            Some(40),
        ),
        (
            "INSERT INTO instrument (county_code, matter, n, kind, organ, year, number, text, day, seq)
             SELECT county_code, matter, 9, 'x', 'o', 2024, 3, '三号', 20241026, 40 FROM step WHERE seq = 40",
            Sort::Series,
            None,
        ),
        ("UPDATE law_file SET bytes = bytes || '#' WHERE path = 'posts.toml'", Sort::Law, Some(0)),
        ("DELETE FROM law_file WHERE path = 'posts.toml'", Sort::Law, Some(0)),
        ("DELETE FROM search WHERE rowid = (SELECT max(num) FROM matter)", Sort::Search, None),
        ("UPDATE setting SET value = '邻县' WHERE name = 'county.name'", Sort::Setting, None),
        (
            "INSERT INTO account (county_code, person, login, created) VALUES ('211224', 'nobody', 'x', 1)",
            Sort::Account,
            None,
        ),
        ("UPDATE checkpoint SET note = replace(note, '211224', '211225')", Sort::Checkpoint, None),
        ("UPDATE checkpoint SET note_sm2 = note_sm2 || ' '", Sort::Checkpoint, None),
        ("UPDATE checkpoint SET kept = 1", Sort::Checkpoint, None),
        ("UPDATE checkpoint SET day = day - 1", Sort::Checkpoint, None),
        ("UPDATE checkpoint SET county_code = '211225'", Sort::Checkpoint, None),
        ("DELETE FROM checkpoint", Sort::Checkpoint, None),
        (
            "INSERT INTO checkpoint (county_code, size, root, root_sm3, note, note_sm2, day, kept, sealed_ms)
             SELECT county_code, size - 1, root, root_sm3, note, note_sm2, day, kept, sealed_ms FROM checkpoint",
            Sort::Checkpoint,
            None,
        ),
        (
            "INSERT INTO deposit (county_code, witness, size, root, note, signed_ms, stored_ms)
             SELECT county_code, zeroblob(16), size, root, note, 1, 1 FROM checkpoint",
            Sort::Checkpoint,
            None,
        ),
        ("UPDATE head SET frontier = zeroblob(40)", Sort::Record, None),
    ];
    for (sql, sort, entry) in sorts {
        let folder = Folder::new();
        copied(whole.path(), folder.path());
        let sql = &sql.replace("FIRST", &first.to_string());
        change(folder.path(), sql);
        let found = look(folder.path()).findings;
        let named = found.iter().find(|finding| finding.sort == sort);
        let named = named.unwrap_or_else(|| panic!("{sql}: {found:?}"));
        assert!(entry.is_none_or(|entry| named.entry == Some(entry)), "{sql}: {found:?}");
    }
}

/// A column that means something else, an index that was dropped, a trigger that was added: no row differs yet.
#[tokio::test]
async fn what_an_earlier_program_derived_is_derived_anew_once() {
    let county = SmallCounty::new().await;
    let actor = county.people["调解员甲"];
    dispute(&county, &Actor::Staff { person: actor.0, post: actor.1 }, "欧阳春").await;
    let before = county.test.write(|tx, code| digests(tx, code)).await;
    let anew = |tx: &mut Tx<'_>, code: &str| Ok(verify::derive_anew(tx, code).unwrap());
    assert_eq!(county.test.write(anew).await, None, "a new county is as this program derives it");
    // As a county of an earlier program lies there.
    let spoil = |tx: &mut Tx<'_>, code: &str| {
        tx.execute(
            "UPDATE matter SET title = '欧某某' WHERE county_code = $1 AND procedure = 'mediation'",
            params![code],
        )?;
        settings::delete(tx, code, "derivation")
    };
    assert!(county.test.write(spoil).await);
    assert_ne!(county.test.write(|tx, code| digests(tx, code)).await, before);
    assert!(county.test.write(anew).await.unwrap() > 0);
    assert_eq!(county.test.write(|tx, code| digests(tx, code)).await, before, "every table as it was");
    assert_eq!(county.test.write(anew).await, None, "once");
}

#[tokio::test]
async fn a_changed_schema_is_named() {
    if !only_sqlite("it changes copies of the file") {
        return;
    }
    let (whole, _) = county().await;
    for (sql, named) in [
        ("CREATE TRIGGER quiet AFTER UPDATE ON matter BEGIN DELETE FROM search; END", "quiet 的定义是多出来的"),
        ("DROP INDEX step_by_person", "step_by_person 的定义不见了"),
        (
            "PRAGMA writable_schema = ON;
             UPDATE sqlite_schema SET sql = replace(sql, 'TEXT NOT NULL', 'TEXT') WHERE name = 'matter'",
            "matter 的定义被改动",
        ),
    ] {
        let folder = Folder::new();
        copied(whole.path(), folder.path());
        rusqlite::Connection::open(Db::file_in(folder.path())).unwrap().execute_batch(sql).unwrap();
        let found = look(folder.path()).findings;
        let hit = found.iter().any(|finding| finding.sort == Sort::Database && finding.sentence.contains(named));
        assert!(hit, "{sql}: {found:?}");
    }
}

#[tokio::test]
async fn a_file_that_is_missing_altered_or_strange_is_named() {
    if !only_sqlite("it changes copies of the file") {
        return;
    }
    let (whole, _) = county().await;
    let file = path_of(whole.path(), &Digest::of(PDF));
    std::fs::write(&file, b"%PDF-1.4\n% evidencE\n").unwrap();
    let said = |audit: Audit| audit.findings.into_iter().map(|finding| finding.sentence).collect::<Vec<_>>().join("/");
    assert!(said(look(whole.path())).contains("内容被改动"));
    std::fs::remove_file(&file).unwrap();
    assert!(said(look(whole.path())).contains("的文件不见了"));
    std::fs::write(&file, PDF).unwrap();
    std::fs::write(whole.path().join("evidence/ab.txt"), "x").unwrap();
    assert!(said(look(whole.path())).contains("不是本系统存放的文件"));
    std::fs::remove_file(whole.path().join("evidence/ab.txt")).unwrap();
    let stray = path_of(whole.path(), &Digest::of(b"stray"));
    std::fs::create_dir_all(stray.parent().unwrap()).unwrap();
    std::fs::write(&stray, "stray").unwrap();
    let audit = look(whole.path());
    assert_eq!((audit.findings.len(), audit.orphans.len()), (0, 1));
}

#[tokio::test]
async fn bytes_flipped_in_the_file_are_found() {
    if !only_sqlite("it changes copies of the file") {
        return;
    }
    let (whole, _) = county().await;
    let bytes = std::fs::read(Db::file_in(whole.path())).unwrap();
    for at in (0..40).map(|n| 4_096 + n * bytes.len() / 50) {
        let folder = Folder::new();
        copied(whole.path(), folder.path());
        let mut flipped = bytes.clone();
        flipped[at] ^= 0x20;
        std::fs::write(Db::file_in(folder.path()), &flipped).unwrap();
        // A flip in what belongs to nobody (free space, sessions) changes nothing that anybody reads.
        let same =
            audit::audit(&Home::from(folder.path()), &Wish::default()).is_ok_and(|audit| audit.findings.is_empty());
        assert!(!same || reads_the_same(whole.path(), folder.path()), "a flip at {at} was not found");
    }
}

fn reads_the_same(one: &Path, other: &Path) -> bool {
    let all = |data: &Path| {
        Db::open_for_reading(data).unwrap().read_blocking(|r| {
            let tables = r.query_all(
                "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%' ORDER BY name",
                &[],
                |row| row.text(0),
            )?;
            tables
                .into_iter()
                .filter(|table| table != "search" && table != "statute_search" && table != "setting")
                .map(|table| {
                    let columns = r.query_all(
                        "SELECT name FROM pragma_table_info($1)",
                        zhunsheng::params![table.as_str()],
                        |row| Ok(format!("quote({})", row.text(0)?)),
                    )?;
                    r.query_all(&format!("SELECT {} FROM {table}", columns.join("||")), &[], |row| row.text(0))
                })
                .collect::<Result<Vec<_>, StoreFault>>()
        })
    };
    all(one).ok() == all(other).ok()
}

#[tokio::test]
async fn an_old_backup_put_back_shows_against_a_kept_checkpoint() {
    if !only_sqlite("it changes copies of the file") {
        return;
    }
    let county = SmallCounty::new().await;
    let app = &county.test.app;
    checkpoint_of(&county.test);
    let old = Folder::new();
    copied(&app.config.data_dir, old.path());
    let _ = std::fs::remove_file(old.path().join("zhunsheng.db-wal"));
    let _ = std::fs::remove_file(Db::file_in(old.path()));
    app.db.copy_to(&Db::file_in(old.path())).unwrap();
    let (person, post) = county.people["调解员甲"];
    dispute(&county, &Actor::Staff { person, post }, "赵一").await;
    assert!(app.seal().await.unwrap().is_some());
    let kept = app.db.read_blocking(|r| checkpoint::newest(r, "211224")).unwrap().unwrap().notes.sm3;
    let wish = Wish { kept: Some(kept), ..Wish::default() };
    let now = audit::audit(&Home::from(&app.config.data_dir), &wish).unwrap().findings;
    assert!(now.is_empty(), "{now:?}");
    let found = look(old.path()).findings;
    assert!(found.is_empty(), "from within, an old backup looks well: {found:?}");
    let found = audit::audit(&Home::from(old.path()), &wish).unwrap().findings;
    assert!(found.iter().any(|finding| finding.sort == Sort::Checkpoint), "{found:?}");
}

/// On a server, beside the process that serves it.
#[tokio::test(flavor = "multi_thread")]
async fn rows_changed_on_a_server_are_named() {
    if server().is_none() {
        return;
    }
    let county = SmallCounty::new().await;
    let app = &county.test.app;
    let (person, post) = county.people["调解员甲"];
    dispute(&county, &Actor::Staff { person, post }, "赵一").await;
    let audit = || audit::audit(&app.config.home(), &Wish::default()).unwrap().findings;
    assert!(audit().is_empty(), "{:?}", audit());
    let first = first_named(&app.db);
    let changes = [
        (
            "UPDATE post SET kind = 'mediator_of_all' WHERE kind = 'mediator'",
            "UPDATE post SET kind = 'mediator' WHERE kind = 'mediator_of_all'",
            (Sort::Projection, None),
        ),
        (
            "UPDATE sealed SET value = value || '别人'
             WHERE label = 'field.name' AND seq = (SELECT min(seq) FROM sealed WHERE label = 'field.name')",
            "UPDATE sealed SET value = replace(value, '别人', '')
             WHERE label = 'field.name' AND seq = (SELECT min(seq) FROM sealed WHERE label = 'field.name')",
            (Sort::Record, Some(first)),
        ),
        (
            "UPDATE matter SET title = title || '改过'",
            "UPDATE matter SET title = replace(title, '改过', '')",
            (Sort::Projection, None),
        ),
    ];
    for (change, undo, (sort, entry)) in changes {
        let run = async |sql: &'static str| app.db.write(move |tx: &mut Tx<'_>| tx.execute(sql, &[])).await.unwrap();
        assert!(run(change).await > 0, "{change}");
        let found = audit();
        let named = |finding: &audit::Finding| finding.sort == sort && (entry.is_none() || finding.entry == entry);
        assert!(found.iter().any(named), "{change}: {found:?}");
        assert!(run(undo).await > 0);
    }
    assert!(audit().is_empty(), "{:?}", audit());
}
