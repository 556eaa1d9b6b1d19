//! Deposits with witnesses that run as processes of their own: quorum within seconds, one down, all down; old copies, forks and cut
//! records put back; the exchange by file; what the public and what staff is told.

use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use zhunsheng::app::App;
use zhunsheng::app::audit;
use zhunsheng::app::checkpoint::found_log;
use zhunsheng::app::clock::MachineClock;
use zhunsheng::app::deposit::outside;
use zhunsheng::app::deposit::standing::Alarm;
use zhunsheng::app::fault::Fault;
use zhunsheng::config::Config;
use zhunsheng::params;
use zhunsheng::store::Db;
use zhunsheng::store::checkpoint::{self, StoredCheckpoint};
use zhunsheng_core::id::{Digest, MatterId};
use zhunsheng_core::matter::{Actor, Command, Input, Manner, Target};
use zhunsheng_core::record::crypto::{Both, Suite};
use zhunsheng_core::record::note::{LogKey, LogSigner};

use crate::audit::aside;
use crate::support::witness::{WitnessProcess, command, try_command};
use crate::support::{Folder, SmallCounty, copy_county, home};

const NAMES: [(&str, &str); 3] = [("铁岭市司法局", "superior"), ("昌图县档案馆", "archive"), ("邻县司法局", "other")];

/// A county with a signing key and the machine's time of today: witnesses sign in the present.
pub async fn sealed_county() -> (SmallCounty, LogKey) {
    let county = SmallCounty::new().await;
    let app = &county.test.app;
    county.test.advance(MachineClock::System.seconds() - app.machine.seconds());
    let (db, data) = (app.db.clone(), app.config.data_dir.clone());
    let key = tokio::task::spawn_blocking(move || found_log(&db, &data, 0)).await.unwrap().unwrap();
    (county, key.sha256)
}

pub fn administrator(county: &SmallCounty) -> Actor {
    let (person, post) = county.people["管理员"];
    Actor::Staff { person, post }
}

/// Registers a witness by the act that the register asks for.
async fn register(county: &SmallCounty, name: &str, kind: &str, address: Option<&str>, key: &str) -> MatterId {
    let mut input = Input::default()
        .with("name", name)
        .with("witness_kind", kind)
        .with("means", if address.is_some() { "http" } else { "file" })
        .with("public_key", key)
        .with("interval_minutes", "10")
        .with("valid_from", "2024-10-01");
    if let Some(address) = address {
        input = input.with("address", address);
    }
    let target = Target::Open("deposit_witness".into());
    let command = Command { target, step: "register".into(), input, manner: Manner::Live };
    county.test.app.act(administrator(county), command, None).await.unwrap().matter
}

/// Something happens in the county, and is sealed.
pub async fn act(app: &App, county: &SmallCounty) -> u64 {
    let (person, post) = county.people["管理员"];
    // Told apart by where it happens: no two folders get the same entries.
    let reason = format!("核对 {}", app.config.data_dir.display());
    app.record_reveal(Actor::Staff { person, post }, post, reason).await.unwrap();
    app.seal().await.unwrap().unwrap()
}

async fn witnesses(county: &SmallCounty, key: &LogKey, folder: &Path) -> Vec<WitnessProcess> {
    let mut started = Vec::new();
    for (name, kind) in NAMES {
        let witness = WitnessProcess::start(folder, name, std::slice::from_ref(key));
        register(county, name, kind, Some(&format!("http://{}/", witness.address)), &witness.key.to_string()).await;
        started.push(witness);
    }
    started
}

#[tokio::test(flavor = "multi_thread")]
async fn three_witnesses_sign_within_seconds_and_none_is_waited_for() {
    let (county, key) = sealed_county().await;
    let app = &county.test.app;
    let mut admin = county.clerk("管理员").await;
    // A demonstration without witnesses is not alarmed; the public is told in plain words.
    assert_eq!(app.deposits().await.unwrap().alarm, None);
    let page = county.test.browser().get("/record").await;
    assert!(page.text("main").contains("尚未在县以外的单位存证"), "{}", page.text("main"));
    let page = admin.get("/deposits").await;
    assert!(page.text("main").contains("尚缺：上级司法局、档案馆、可信时间戳"), "{}", page.text("main"));

    let folder = Folder::new();
    let mut outsiders = witnesses(&county, &key, folder.path()).await;
    assert_eq!(app.deposits().await.unwrap().alarm, Some(Alarm::Never));
    app.seal().await.unwrap();
    let began = Instant::now();
    let jobs = zhunsheng::jobs::start(app);
    let size = loop {
        let standing = app.deposits().await.unwrap();
        if standing.lines.iter().filter(|line| line.newest.as_ref().is_some_and(|d| d.size == standing.size)).count()
            == 3
        {
            break standing.size;
        }
        assert!(began.elapsed() < Duration::from_secs(20), "{standing:?}");
        tokio::time::sleep(Duration::from_millis(100)).await;
    };
    drop(jobs);
    println!("three of three signed {size} entries after {:?}", began.elapsed());
    assert_eq!(app.deposits().await.unwrap().alarm, None);
    let kept = std::fs::read_to_string(outside::file(&app.config)).unwrap();
    assert!(kept.starts_with(&format!("zhunsheng-demo/211224\n{size}\n")), "{kept}");
    let page = county.test.browser().get("/record").await;
    for (name, _) in NAMES {
        assert!(page.text("main").contains(name), "{}", page.text("main"));
    }
    assert!(page.text("main").contains("到现在为止的全部记录"), "{}", page.text("main"));

    // One is down: the others go on, acts and seals wait for nobody.
    outsiders[0].kill();
    let size = act(app, &county).await;
    county.test.advance(11 * 60);
    assert_eq!(app.deposit_due().await.unwrap(), 2);
    let standing = app.deposits().await.unwrap();
    let of = |name: &str| standing.lines.iter().find(|line| line.witness.name == name).unwrap();
    assert_eq!((of(NAMES[0].0).asking.failures, of(NAMES[1].0).newest.as_ref().unwrap().size), (1, size));
    assert!(of(NAMES[0].0).asking.problem.contains("连接不上"), "{:?}", of(NAMES[0].0).asking);
    assert_eq!(standing.alarm, None, "two of three are enough");
    assert_eq!(app.deposit_due().await.unwrap(), 0, "it is not asked again at once");

    // All are down: staff is alarmed after the configured time, the public is not.
    outsiders.iter_mut().for_each(WitnessProcess::kill);
    act(app, &county).await;
    county.test.advance(25 * 60 * 60);
    assert_eq!(app.deposit_due().await.unwrap(), 0);
    assert!(matches!(app.deposits().await.unwrap().alarm, Some(Alarm::Late(25))));
    // Her session has ended meanwhile.
    let mut admin = county.clerk("管理员").await;
    let page = admin.get("/admin").await;
    assert!(page.text(".side").contains("存证 1"), "{}", page.text(".side"));
    let page = admin.get("/deposits").await;
    assert!(page.text("[role=alert]").contains("25小时以前"), "{}", page.text("main"));
    let page = county.test.browser().get("/record").await;
    assert!(!page.text("main").contains("小时以前") && page.text("main").contains("以前记入的全部行为"));
    let mut officer = county.clerk("队员甲").await;
    assert_eq!(officer.get("/deposits").await.status, 404, "not everybody's business");

    // Up again, at another address: one act of the register, and it signs what it missed.
    outsiders[1].run(&[]);
    let change = Input::default().with("address", format!("http://{}", outsiders[1].address));
    let id = of(NAMES[1].0).witness.id;
    let command = Command { target: Target::On(id), step: "change".into(), input: change, manner: Manner::Live };
    app.act(administrator(&county), command, None).await.unwrap();
    app.seal().await.unwrap();
    let page = admin.post("/deposits/now", &[]).await;
    assert_eq!(page.status, 303, "{}", page.text("main"));
    assert_eq!(app.deposits().await.unwrap().alarm, None);
}

#[tokio::test(flavor = "multi_thread")]
async fn answers_that_are_no_cosignature_change_nothing() {
    let (county, key) = sealed_county().await;
    let app = &county.test.app;
    let folder = Folder::new();
    let right = WitnessProcess::start(folder.path(), "w", std::slice::from_ref(&key));
    let stranger = WitnessProcess::start(folder.path(), "stranger", &[]);
    let url = format!("http://{}", right.address);
    for (name, address, key, problem) in [
        ("另一把钥匙", url.as_str(), stranger.key.to_string(), "没有所登记公钥的共签"),
        ("没有登记", &format!("http://{}", stranger.address), stranger.key.to_string(), "没有登记本县的记录"),
        ("没有人", "http://127.0.0.1:1", right.key.to_string(), "连接不上"),
        ("不是存证单位", &format!("{url}/other"), right.key.to_string(), "没有登记本县的记录"),
    ] {
        let id = register(&county, name, "other", Some(address), &key).await;
        let standing = app.deposits().await.unwrap();
        let witness = standing.lines.into_iter().find(|line| line.witness.id == id).unwrap().witness;
        let said = app.deposit_with(&witness).await.unwrap().unwrap_err();
        assert!(said.sentence.contains(problem) && !said.grave, "{name}: {said:?}");
    }
    assert!(app.deposits().await.unwrap().lines.iter().all(|line| line.newest.is_none()));
}

/// A copied folder, opened as at a start.
fn open(folder: &Path) -> Arc<App> {
    let home = home(folder);
    let config = Config { data_dir: home.data.clone(), database: home.database.clone(), ..Config::default() };
    let db = Db::open(home).unwrap();
    Arc::new(App::start(config, db, MachineClock::System).unwrap())
}

#[tokio::test(flavor = "multi_thread")]
async fn an_old_copy_a_fork_and_a_cut_record_are_not_opened_again() {
    let (county, key) = sealed_county().await;
    let app = &county.test.app;
    let folder = Folder::new();
    let witness = WitnessProcess::start(folder.path(), "铁岭市司法局", std::slice::from_ref(&key));
    register(
        &county,
        "铁岭市司法局",
        "superior",
        Some(&format!("http://{}", witness.address)),
        &witness.key.to_string(),
    )
    .await;
    app.seal().await.unwrap();
    let standing = app.deposits().await.unwrap();
    let registered = standing.lines[0].witness.clone();
    app.deposit_with(&registered).await.unwrap().unwrap();
    let data = &app.config.data_dir;
    let (old, older) = (folder.path().join("old"), folder.path().join("older"));
    copy_county(data, &older);
    act(app, &county).await;
    app.deposit_with(&registered).await.unwrap().unwrap();
    copy_county(data, &old);
    for _ in 0..3 {
        act(app, &county).await;
    }
    let size = app.deposit_with(&registered).await.unwrap().unwrap();
    assert_eq!(app.compare_outside().await.unwrap(), [], "the true record");

    let newest_file = data.join("keys/deposited");
    let mut n = 0;
    for from in [&old, &older] {
        for (name, acts, with_file, sentence) in [
            ("old copy of everything", 0, false, format!("已经见证到 {size} 项")),
            ("old copy, gone on, still shorter", 1, false, format!("已经见证到 {size} 项")),
            ("another record of the same length", 3, false, "另一个版本".to_owned()),
            ("another record, longer", 9, false, "不是从它见证过的".to_owned()),
            ("old database beside the newer file", 0, true, format!("它记着 {size} 项")),
            ("another record beside the file", 9, true, format!("它记着的前 {size} 项与这里的不同")),
        ] {
            n += 1;
            let to = folder.path().join(format!("copy-{n}"));
            copy_county(from, &to);
            // The older copy is one act shorter.
            let acts = if acts == 3 && from == &older { 4 } else { acts };
            if with_file {
                std::fs::copy(&newest_file, to.join("keys/deposited")).unwrap();
            }
            let put_back = open(&to);
            for _ in 0..acts {
                act(&put_back, &county).await;
            }
            let found = put_back.compare_outside().await.unwrap();
            assert_eq!(found.len(), 1, "{name}: {found:?}");
            assert!(found[0].sentence.contains(&sentence), "{name}: {found:?}");
        }
    }
    cut_and_foreign(folder.path(), data, size).await;
    accepted(&open_copy(&old, &folder.path().join("accepted")), &county).await;
}

fn open_copy(from: &Path, to: &Path) -> Arc<App> {
    copy_county(from, to);
    open(to)
}

/// Entries cut off below the program, and the file of another county.
async fn cut_and_foreign(folder: &Path, data: &Path, size: u64) {
    let cut = open_copy(data, &folder.join("cut"));
    cut.db
        .write(|tx| {
            tx.execute("UPDATE head SET size = size - 1", params![])?;
            tx.execute("DELETE FROM tile WHERE position > 1000", params![]).map(|_| ()).map_err(Fault::from)
        })
        .await
        .unwrap();
    let found = cut.compare_outside().await.unwrap();
    assert!(found[0].sentence.contains("被截短"), "{found:?}");
    std::fs::remove_file(outside::file(&cut.config)).unwrap();
    assert!(matches!(cut.compare_outside().await, Err(Fault::Forked { size: signed }) if signed == size));
    let foreign = open_copy(data, &folder.join("foreign"));
    let other = LogSigner::new(Suite::Sha256, "zhunsheng-demo/211224", &[3; 32]).unwrap();
    let note = other.sign(1, &Both::of(|_| Digest([0; 32]))).unwrap();
    std::fs::write(outside::file(&foreign.config), note).unwrap();
    let found = foreign.compare_outside().await.unwrap();
    assert!(found[0].sentence.contains("不是用本记录的公钥签的"), "{found:?}");
}

/// Going on with an old record is an act of its own, and said only once.
async fn accepted(app: &Arc<App>, county: &SmallCounty) {
    let found = app.compare_outside().await.unwrap();
    assert_eq!(found.len(), 1, "{found:?}");
    let before = app.deposits().await.unwrap().size;
    app.accept_rollback("机房失火，没有更新的备份", &found).await.unwrap();
    assert_eq!(app.deposits().await.unwrap().size, before + 1);
    app.seal().await.unwrap();
    assert_eq!(app.compare_outside().await.unwrap(), [], "known, not new");
    let (code, values) = {
        let county = app.county_code.clone();
        app.db
            .read(move |r| {
                let stored = zhunsheng::store::record::find_entry(r, &county, i64::try_from(before).unwrap())?.unwrap();
                let entry = zhunsheng::store::record::decode(0, &stored.bytes)?;
                let values = zhunsheng::store::record::sealed_values(r, &county, entry.matter)?;
                Ok::<_, Fault>((entry.step.to_string(), values))
            })
            .await
            .unwrap()
    };
    assert_eq!(code, "_accept_rollback");
    let reason = values.iter().rev().find(|value| value.label == "rollback.reason").unwrap();
    let said = reason.open.clone().unwrap().1;
    assert!(said.contains("机房失火") && said.contains("已经见证到"), "{said}");
    let _ = county;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_witness_without_a_network_signs_by_file() {
    let (county, key) = sealed_county().await;
    let app = &county.test.app;
    let folder = Folder::new();
    let path = folder.path().join("w");
    command(&path, &["init", "--name", "昌图县档案馆"]);
    command(&path, &["follow", &key.to_string()]);
    let public = zhunsheng::witness::folder::Folder::open(&path).unwrap().key();
    let id = register(&county, "昌图县档案馆", "archive", None, &public.to_string()).await;
    app.seal().await.unwrap();
    assert_eq!(app.deposit_due().await.unwrap(), 0, "nobody to be asked by network");
    let mut admin = county.clerk("管理员").await;
    let request = admin.get(&format!("/deposits/{id}/request")).await;
    assert_eq!(request.status, 200);
    let file = folder.path().join("a.request");
    std::fs::write(&file, &request.body).unwrap();
    command(&path, &["sign", file.to_str().unwrap()]);
    let cosigned = std::fs::read_to_string(file.with_extension("cosigned")).unwrap();
    for (note, sentence) in [
        (cosigned.replace("211224", "211223"), "不是本县签署的检查点"),
        (cosigned.lines().take(6).map(|line| format!("{line}\n")).collect(), "没有名册上任何存证单位的共签"),
        ("不是文件".to_owned(), "不是本县签署的检查点"),
    ] {
        let said = app.bring_deposit(note.into_bytes()).await.unwrap().unwrap_err().to_string();
        assert!(said.contains(sentence), "{said}");
    }
    // It was long on its way: what it signed is no longer the newest checkpoint, and the county had let it go.
    let asked = app.deposits().await.unwrap().size;
    let later = act(app, &county).await;
    assert!(kept_checkpoint(app, asked).await.is_none() && later > asked);
    let brought = app.bring_deposit(cosigned.clone().into_bytes()).await.unwrap().unwrap();
    assert_eq!((brought.witness.as_str(), brought.size), ("昌图县档案馆", asked));
    let kept = kept_checkpoint(app, asked).await.expect("kept for good");
    assert!(kept.kept && cosigned.starts_with(&kept.notes.sha256), "the same text under the same keys");
    assert_eq!(audited(app), [""; 0], "all that is kept holds together");
    let page = county.test.browser().get(&format!("/record/{id}/checkpoint")).await;
    assert_eq!(page.body, cosigned, "what it signed, for everybody to check");

    // The next one goes on from there; what the witness signed last comes back if the county forgot it.
    act(app, &county).await;
    let request = admin.get(&format!("/deposits/{id}/request")).await;
    assert!(request.body.starts_with(&format!("old {}\n", brought.size)), "{}", request.body);
    let forgot = folder.path().join("b.request");
    std::fs::write(&forgot, request.body.replacen(&format!("old {}", brought.size), "old 0", 1)).unwrap();
    let (code, said) = try_command(&path, &["sign", forgot.to_str().unwrap()]);
    assert_eq!(code, 1, "{said}");
    let last = std::fs::read_to_string(forgot.with_extension("cosigned")).unwrap();
    assert_eq!(app.bring_deposit(last.into_bytes()).await.unwrap().unwrap().size, brought.size);
}

async fn kept_checkpoint(app: &App, size: u64) -> Option<StoredCheckpoint> {
    app.db.read(move |r| checkpoint::find(r, "211224", size)).await.unwrap()
}

/// What an audit finds at deposits and checkpoints.
fn audited(app: &App) -> Vec<String> {
    let found = aside(|| audit::audit(&app.config.home(), &audit::Wish::default())).unwrap();
    let sorts = [audit::Sort::Deposit, audit::Sort::Checkpoint];
    found.findings.into_iter().filter(|one| sorts.contains(&one.sort)).map(|one| one.sentence).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_deposit_that_was_changed_is_named_by_the_audit() {
    let (county, key) = sealed_county().await;
    let app = &county.test.app;
    let folder = Folder::new();
    let _witnesses = witnesses(&county, &key, folder.path()).await;
    app.seal().await.unwrap();
    assert_eq!(app.deposit_due().await.unwrap(), 3);
    assert_eq!(audited(app), [""; 0]);
    for (change, back, said) in [
        ("signed_ms = signed_ms + 60000", "signed_ms = signed_ms - 60000", "存储的时间与其不一致"),
        ("note = replace(note, '211224', '211225')", "note = replace(note, '211225', '211224')", "核验不通过"),
    ] {
        let run = |set: &'static str| app.db.write(move |tx| tx.execute(&format!("UPDATE deposit SET {set}"), &[]));
        assert_eq!(run(change).await.unwrap(), 3);
        let found = audited(app);
        assert!(found.len() == 3 && found.iter().all(|sentence| sentence.contains(said)), "{found:?}");
        assert_eq!(run(back).await.unwrap(), 3);
    }
    assert_eq!(audited(app), [""; 0]);
}
