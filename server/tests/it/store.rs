//! The engine room: acknowledgement, isolation, panics, injected failures, placeholders.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use crate::support::{Folder, only_sqlite};
use zhunsheng::params;
use zhunsheng::store::db::Db;
use zhunsheng::store::{Home, Param, Query, StoreFault, Tx, With, settings};

const COUNTY: &str = "211224";

fn put(tx: &mut Tx<'_>, name: &str, value: &str) -> Result<(), StoreFault> {
    settings::put(tx, COUNTY, name, value)
}

fn count(q: &impl Query) -> Result<i64, StoreFault> {
    let found =
        q.query_one("SELECT count(*) FROM setting WHERE county_code = $1", params![COUNTY], |row| row.int(0))?;
    Ok(found.unwrap_or(0))
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_acknowledged_is_there_for_every_reader() {
    let folder = Folder::new();
    let db = Db::open(folder.home()).unwrap();
    let mut waiting = Vec::new();
    for n in 0..500 {
        let db = db.clone();
        waiting.push(tokio::spawn(async move {
            let name = format!("n{n:03}");
            let key = name.clone();
            db.write(move |tx| put(tx, &key, "是")).await.unwrap();
            let seen = db.read(move |r| settings::find(r, COUNTY, &name)).await.unwrap();
            assert_eq!(seen.as_deref(), Some("是"), "a reader sees what was acknowledged");
        }));
    }
    for task in waiting {
        task.await.unwrap();
    }
    assert_eq!(db.read(|r| count(r)).await.unwrap(), 500);
    drop(db);
    let again = Db::open(folder.home()).unwrap();
    assert_eq!(again.read_blocking(|r| count(r)).unwrap(), 500, "and after a restart");
}

/// Chinese, ASCII and what else names are made of: one order on both engines, that of the bytes, whatever language the server speaks.
#[test]
fn names_have_the_same_order_on_both_engines() {
    let folder = Folder::new();
    let db = Db::open(folder.home()).unwrap();
    let mut names =
        ["张", "李", "阿", "一", "丁", "Ａ", "A", "a", "B", "_", "z9", "z10", "é", "z", "𠮷", "", " ", "张三", "张 三"];
    db.write_blocking(move |tx| names.iter().try_for_each(|name| put(tx, name, ""))).unwrap();
    names.sort_unstable();
    db.read_blocking(|r| {
        let list = |sql: &str, from: &str| r.query_all(sql, params![COUNTY, from], |row| row.text(0));
        let ascending = "SELECT name FROM setting WHERE county_code = $1 AND name > $2 ORDER BY name";
        let descending = "SELECT name FROM setting WHERE county_code = $1 AND name < $2 ORDER BY name DESC LIMIT 3";
        let joined =
            "SELECT name || '、' FROM setting WHERE county_code = $1 AND name || '、' > $2 ORDER BY name || '、'";
        for (at, name) in names.iter().enumerate() {
            assert_eq!(list(ascending, name)?, names[at + 1..], "after {name}");
            let before: Vec<&str> = names[..at].iter().rev().take(3).copied().collect();
            assert_eq!(list(descending, name)?, before, "before {name}");
        }
        let longer = |names: &[&str]| names.iter().map(|name| format!("{name}、")).collect::<Vec<_>>();
        let mut all = longer(&names);
        all.sort_unstable();
        assert_eq!(list(joined, "")?, all);
        let most =
            r.query_one("SELECT min(name), max(name) FROM setting", &[], |row| Ok((row.text(0)?, row.text(1)?)))?;
        assert_eq!(most.unwrap(), (names[0].to_owned(), names[names.len() - 1].to_owned()));
        Ok::<_, StoreFault>(())
    })
    .unwrap();
}

/// Holds the writer for a moment, so that what is sent meanwhile becomes one group.
fn hold(db: &Db) -> (std::sync::mpsc::Sender<()>, std::thread::JoinHandle<()>) {
    let (release, wait) = std::sync::mpsc::channel::<()>();
    let db = db.clone();
    let holder = std::thread::spawn(move || {
        db.write_blocking(move |_| {
            let _ = wait.recv();
            Ok::<_, StoreFault>(())
        })
        .unwrap();
    });
    std::thread::sleep(std::time::Duration::from_millis(50));
    (release, holder)
}

#[test]
fn a_failed_job_of_a_group_rolls_back_alone() {
    let folder = Folder::new();
    let db = Db::open(folder.home()).unwrap();
    let (release, holder) = hold(&db);
    let jobs: Vec<_> = (0..20)
        .map(|n| {
            let db = db.clone();
            std::thread::spawn(move || {
                db.write_blocking(move |tx| {
                    put(tx, &format!("n{n:02}"), "")?;
                    if n % 2 == 1 { Err(StoreFault::Value { what: "odd".to_owned() }) } else { Ok(n) }
                })
            })
        })
        .collect();
    std::thread::sleep(std::time::Duration::from_millis(50));
    release.send(()).unwrap();
    holder.join().unwrap();
    for (n, job) in jobs.into_iter().enumerate() {
        match job.join().unwrap() {
            Ok(value) => assert_eq!((n % 2, value), (0, n)),
            Err(fault) => assert!(n % 2 == 1 && matches!(fault, StoreFault::Value { .. })),
        }
    }
    let names = db
        .read_blocking(|r| r.query_all("SELECT name FROM setting ORDER BY name", params![], |row| row.text(0)))
        .unwrap();
    let even: Vec<String> = (0..20).step_by(2).map(|n| format!("n{n:02}")).collect();
    assert_eq!(names, even);
}

#[test]
fn a_job_sees_earlier_jobs_and_readers_see_only_commits() {
    let folder = Folder::new();
    let db = Db::open(folder.home()).unwrap();
    let reader = db.clone();
    db.write_blocking(move |tx| {
        put(tx, "a", "1")?;
        assert_eq!(count(tx)?, 1, "the transaction sees itself");
        assert_eq!(reader.read_blocking(|r| count(r))?, 0, "a reader beside it does not");
        Ok::<_, StoreFault>(())
    })
    .unwrap();
    assert_eq!(db.read_blocking(|r| count(r)).unwrap(), 1);
}

#[test]
fn a_reader_cannot_write_and_keeps_one_view() {
    let folder = Folder::new();
    let db = Db::open(folder.home()).unwrap();
    let writer = db.clone();
    let refused = db
        .read_blocking(|r| {
            assert_eq!(count(r)?, 0);
            writer.write_blocking(|tx| put(tx, "a", "1"))?;
            assert_eq!(count(r)?, 0, "the view does not move");
            r.query_one("DELETE FROM setting RETURNING name", params![], |row| row.text(0))
        })
        .unwrap_err();
    assert!(matches!(refused, StoreFault::Statement { .. }), "{refused:?}");
    assert_eq!(db.read_blocking(|r| count(r)).unwrap(), 1);
}

#[test]
fn a_panic_undoes_its_job_and_the_writer_goes_on() {
    let folder = Folder::new();
    let db = Db::open(folder.home()).unwrap();
    let fault = db
        .write_blocking(|tx| -> Result<(), StoreFault> {
            put(tx, "a", "1")?;
            tx.savepoint(|tx| -> Result<(), StoreFault> {
                put(tx, "b", "1")?;
                panic!("inside a nested savepoint")
            })
        })
        .unwrap_err();
    assert!(matches!(fault, StoreFault::Panicked), "{fault:?}");
    db.write_blocking(|tx| put(tx, "c", "1")).unwrap();
    let names = db.read_blocking(|r| r.query_all("SELECT name FROM setting", params![], |row| row.text(0)));
    assert_eq!(names.unwrap(), ["c"]);
}

/// Without a savepoint a refusal costs nobody anything; a failure after writing undoes its group and says so, and the next group
/// is safe from the same failure.
#[tokio::test(flavor = "multi_thread")]
async fn a_decided_job_that_breaks_undoes_its_group_once() {
    if !only_sqlite("on a server every job has its savepoint") {
        return;
    }
    let folder = Folder::new();
    let db = Db::open(folder.home()).unwrap();
    let group = async |breaks: bool| {
        let (release, holder) = hold(&db);
        let send = |name: &'static str, writes: bool, fails: bool| {
            let db = db.clone();
            tokio::spawn(async move {
                let work = move |tx: &mut Tx<'_>| {
                    if writes {
                        put(tx, name, "")?;
                    }
                    if fails { Err(StoreFault::Value { what: name.to_owned() }) } else { Ok(()) }
                };
                db.write_with(With::Decided, work).await
            })
        };
        let mut sent = Vec::new();
        for (name, writes, fails) in [("first", true, false), ("refused", false, true), ("breaks", true, breaks)] {
            sent.push(send(name, writes, fails));
            tokio::time::sleep(std::time::Duration::from_millis(20)).await;
        }
        drop(release);
        holder.join().unwrap();
        let mut answers = Vec::new();
        for task in sent {
            answers.push(task.await.unwrap());
        }
        answers
    };
    let answers = group(false).await;
    assert!(matches!(answers[..], [Ok(()), Err(StoreFault::Value { .. }), Ok(())]), "{answers:?}");
    assert_eq!(db.read(|r| count(r)).await.unwrap(), 2, "a refusal before anything is written undoes nothing");
    db.write(|tx| tx.execute("DELETE FROM setting", &[])).await.unwrap();

    let answers = group(true).await;
    assert!(
        matches!(answers[..], [Err(StoreFault::Undone), Err(StoreFault::Undone), Err(StoreFault::Value { .. })]),
        "{answers:?}"
    );
    assert_eq!(db.read(|r| count(r)).await.unwrap(), 0, "nothing of the group is saved");
    let answers = group(true).await;
    assert!(
        matches!(answers[..], [Ok(()), Err(StoreFault::Value { .. }), Err(StoreFault::Value { .. })]),
        "{answers:?}"
    );
    assert_eq!(db.read(|r| count(r)).await.unwrap(), 1, "warned, it undoes only what broke");
    assert!(db.failure().is_none());
}

#[test]
fn savepoints_nest_and_fail_alone() {
    let folder = Folder::new();
    let db = Db::open(folder.home()).unwrap();
    db.write_blocking(|tx| {
        put(tx, "outer", "1")?;
        let inner = tx.savepoint(|tx| {
            put(tx, "inner", "1")?;
            tx.savepoint(|tx| put(tx, "innermost", "1"))?;
            Err::<(), _>(StoreFault::Value { what: "asked".to_owned() })
        });
        assert!(inner.is_err());
        tx.savepoint(|tx| put(tx, "second", "1"))
    })
    .unwrap();
    let names = db
        .read_blocking(|r| r.query_all("SELECT name FROM setting ORDER BY name", params![], |row| row.text(0)))
        .unwrap();
    assert_eq!(names, ["outer", "second"]);
}

#[test]
fn the_nth_call_fails_and_nothing_is_half_done() {
    let folder = Folder::new();
    let db = Db::open(folder.home()).unwrap();
    for nth in 1.. {
        db.fail_at(nth);
        let outcome = db.write_blocking(|tx| {
            put(tx, "a", "1")?;
            put(tx, "b", "1")?;
            put(tx, "c", "1")
        });
        db.fail_at(0);
        let there = db.read_blocking(|r| count(r)).unwrap();
        match outcome {
            Err(StoreFault::Injected) => assert_eq!(there, 0, "at call {nth}"),
            Ok(()) => {
                assert_eq!((nth, there), (4, 3));
                return;
            }
            Err(other) => panic!("{other:?}"),
        }
    }
}

#[test]
fn values_come_back_as_they_went() {
    let folder = Folder::new();
    let db = Db::open(folder.home()).unwrap();
    let row = db
        .read_blocking(|r| {
            r.query_one(
                "SELECT $2, $1, $3, $4, $5, '$1'",
                params![7, "鴜鷺树镇", &[0_u8, 255], None::<&str>, true],
                |row| Ok((row.text(0)?, row.int(1)?, row.blob(2)?, row.opt_text(3)?, row.flag(4)?, row.text(5)?)),
            )
        })
        .unwrap();
    assert_eq!(row, Some(("鴜鷺树镇".to_owned(), 7, vec![0, 255], None, true, "$1".to_owned())));
    let wrong = db.read_blocking(|r| r.query_one("SELECT $1, $2", &[Param::Int(1)], |_| Ok(())));
    assert!(matches!(wrong, Err(StoreFault::Statement { .. })), "too few values");
    let wrong = db.read_blocking(|r| r.query_one("SELECT 'text'", params![], |row| row.int(0)));
    assert!(matches!(wrong, Err(StoreFault::Column { index: 0, .. })));
}

#[test]
fn a_taken_key_is_a_conflict() {
    let folder = Folder::new();
    let db = Db::open(folder.home()).unwrap();
    let insert = |tx: &mut Tx<'_>| {
        tx.execute("INSERT INTO setting (county_code, name, value) VALUES ($1, 'a', '')", params![COUNTY])
    };
    db.write_blocking(insert).unwrap();
    assert!(db.write_blocking(insert).unwrap_err().is_conflict());
}

#[test]
fn a_second_opening_is_refused_in_one_sentence() {
    let folder = Folder::new();
    let db = Db::open(folder.home()).unwrap();
    let sentence = Db::open(folder.home()).unwrap_err().to_string();
    assert!(sentence.contains("正由另一个准绳进程使用（进程号"), "{sentence}");
    drop(db);
    Db::open(folder.home()).unwrap();
}

#[test]
fn a_copy_is_a_whole_database() {
    if !only_sqlite("a copy page by page; a server's county is moved, see moving.rs") {
        return;
    }
    let (folder, other) = (Folder::new(), Folder::new());
    let db = Db::open(folder.home()).unwrap();
    db.write_blocking(|tx| put(tx, "a", "1")).unwrap();
    assert!(db.copy_to(&Home::from(other.path()).file()).unwrap());
    assert_eq!(Db::open(other.path()).unwrap().read_blocking(|r| count(r)).unwrap(), 1);
}

#[test]
fn the_last_handle_may_die_inside_a_job() {
    let folder = Folder::new();
    let db = Db::open(folder.home()).unwrap();
    let ran = Arc::new(AtomicUsize::new(0));
    let (held, seen) = (db.clone(), Arc::clone(&ran));
    db.write_blocking(move |tx| {
        seen.fetch_add(1, Ordering::SeqCst);
        put(tx, "a", "1")?;
        drop(held);
        Ok::<_, StoreFault>(())
    })
    .unwrap();
    drop(db);
    assert_eq!(ran.load(Ordering::SeqCst), 1);
    assert_eq!(Db::open(folder.home()).unwrap().read_blocking(|r| count(r)).unwrap(), 1);
}

/// How many acknowledged writes a second: `cargo test --release -- --ignored throughput --nocapture`.
#[test]
#[ignore = "a measurement"]
fn throughput() {
    const WRITERS: usize = 64;
    const EACH: usize = 300;
    let folder = Folder::new();
    let db = Db::open(folder.home()).unwrap();
    let began = std::time::Instant::now();
    let writers: Vec<_> = (0..WRITERS)
        .map(|writer| {
            let db = db.clone();
            std::thread::spawn(move || {
                for n in 0..EACH {
                    db.write_blocking(move |tx| put(tx, &format!("{writer}-{n}"), "值")).unwrap();
                }
            })
        })
        .collect();
    for writer in writers {
        writer.join().unwrap();
    }
    let rate = (WRITERS * EACH) as f64 / began.elapsed().as_secs_f64();
    eprintln!("{rate:.0} acknowledged writes a second from {WRITERS} threads");
}

#[test]
fn beside_a_process_that_has_stopped_nobody_reads_or_writes_until_the_folder_is_opened_anew() {
    if !only_sqlite("a file of the data folder says so") {
        return;
    }
    let folder = Folder::new();
    let serving = Db::open(folder.home()).unwrap();
    assert!(Db::open_for_reading(folder.home()).is_ok());
    std::fs::write(folder.path().join("stopped"), "预写日志没有落盘").unwrap();
    let failed = |opened: Result<Db, StoreFault>| matches!(opened, Err(StoreFault::Failed { reason }) if reason == "预写日志没有落盘");
    assert!(failed(Db::open_for_reading(folder.home())));
    assert!(failed(Db::open_beside(folder.home())));
    drop(serving);
    assert!(failed(Db::open_for_reading(folder.home())), "also after its end");
    drop(Db::open(folder.home()).unwrap());
    assert!(Db::open_for_reading(folder.home()).is_ok());
}
