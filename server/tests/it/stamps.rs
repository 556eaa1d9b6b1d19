//! Trusted time stamps from a local authority (openssl): over HTTP and by file, on the pages, in exports under both verifiers. What an
//! answer must show is in `stamp_answers`.

use std::path::Path;

use jiff::Timestamp;
use zhunsheng::app::act::ActError;
use zhunsheng::app::audit::{self, Wish as AuditWish};
use zhunsheng::app::checkpoint::read_keys;
use zhunsheng::app::deposit::stamp::{self, Pinned, Token};
use zhunsheng::app::export::{self, Wish};
use zhunsheng::app::limit::Rules;
use zhunsheng::store::checkpoint;
use zhunsheng::store::deposits::{self, Deposit};
use zhunsheng_core::id::MatterId;
use zhunsheng_core::matter::{Command, Input, Manner, Target};

use crate::attest::Served;
use crate::cosigned::{both, public_keys_of, rewrite, text, zhunsheng};
use crate::deposits::{act, administrator, sealed_county};
use crate::proofs::second;
use crate::stamp_answers::{HOUR_MS, at, note, now_ms};
use crate::support::tsa::{Authority, Counter, EC, RSA, openssl_is_here};
use crate::support::{Folder, SmallCounty, copied, variable};

const COUNTY: &str = "211224";

/// This program, on a county of either engine.
fn of(data: &str, words: &[&str]) -> (i32, String) {
    let database = variable(Path::new(data));
    let place = ["--data", data, "--database", &database];
    zhunsheng(&[words, if database.is_empty() { &place[..2] } else { &place }].concat())
}

fn input(name: &str, address: Option<&str>, certificate: &str) -> Input {
    let input = Input::default()
        .with("name", name)
        .with("witness_kind", "timestamp")
        .with("means", if address.is_some() { "http" } else { "file" })
        .with("certificate", certificate)
        .with("interval_minutes", "10")
        .with("valid_from", "2024-10-01");
    match address {
        Some(address) => input.with("address", address),
        None => input,
    }
}

async fn try_register(county: &SmallCounty, input: Input) -> Result<MatterId, ActError> {
    let target = Target::Open("deposit_witness".into());
    let command = Command { target, step: "register".into(), input, manner: Manner::Live };
    county.test.app.act(administrator(county), command, None).await.map(|done| done.matter)
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_used_is_not_registered() {
    if !openssl_is_here("what_cannot_be_used_is_not_registered") {
        return;
    }
    let (county, _) = sealed_county().await;
    let folder = Folder::new();
    let authority = Authority::new(folder.path(), "时间戳中心", EC);
    let (own, plain) = (authority.pem("stamp.pem"), authority.pem("plain.pem"));
    let key = std::fs::read_to_string(authority.path("tsa.key")).unwrap();
    let right = || input("时间戳中心", None, &own);
    for (name, input, field, sentence) in [
        (
            "no certificate",
            Input { fields: [].into(), ..right() }.with("witness_kind", "timestamp"),
            "certificate",
            "时间戳证书",
        ),
        ("words", input("x", None, "见附件"), "certificate", "应为 PEM 格式的证书"),
        ("cut", input("x", None, &own[..own.len() / 2]), "certificate", "应为 PEM 格式的证书"),
        (
            "base64 of nothing",
            input("x", None, "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----"),
            "certificate",
            "无法理解",
        ),
        ("a private key", input("x", None, &(own.clone() + &key)), "certificate", "里面有私钥"),
        ("no purpose", input("x", None, &plain), "certificate", "不是时间戳机构的证书"),
        ("policy", right().with("stamp_policy", "第一"), "stamp_policy", "对象标识符"),
        ("address", input("x", Some("ftp://tsa"), &own), "address", "不能使用"),
        (
            "key",
            Input::default()
                .with("name", "局")
                .with("witness_kind", "superior")
                .with("means", "file")
                .with("public_key", "zhunsheng")
                .with("interval_minutes", "10")
                .with("valid_from", "2024-10-01"),
            "public_key",
            "公钥",
        ),
    ] {
        let Err(ActError::Refused(said)) = try_register(&county, input).await else { panic!("{name}") };
        let at: Vec<_> =
            said.iter().filter(|refusal| refusal.field.as_ref().is_some_and(|at| at.as_str() == field)).collect();
        assert!(at.iter().any(|refusal| refusal.sentence.contains(sentence)), "{name}: {said:?}");
    }
    // On the form nothing that was typed is lost, and the sentence stands at its field.
    let mut admin = county.clerk("管理员").await;
    let page = admin.get("/matters/new/deposit_witness").await;
    assert!(page.attribute("textarea[name='f.certificate']", "maxlength").is_some(), "{}", page.text("main"));
    let id = try_register(&county, right()).await.unwrap();
    let page = admin.get(&format!("/matters/{id}")).await;
    assert!(page.text("main").contains("可信时间戳"), "{}", page.text("main"));
}

/// The findings of the audit.
fn findings(county: &SmallCounty) -> Vec<audit::Finding> {
    audit::audit(&county.test.app.config.home(), &AuditWish::default()).unwrap().findings
}

#[tokio::test(flavor = "multi_thread")]
async fn an_authority_is_asked_and_only_what_holds_is_kept() {
    if !openssl_is_here("an_authority_is_asked_and_only_what_holds_is_kept") {
        return;
    }
    let (county, _) = sealed_county().await;
    let app = &county.test.app;
    let folder = Folder::new();
    let authority = std::sync::Arc::new(Authority::new(folder.path(), "时间戳中心", EC));
    let stranger = Authority::new(folder.path(), "别处", EC);
    let counter = Counter::open(|_| (500, Vec::new()));
    let id =
        try_register(&county, input("时间戳中心", Some(&counter.address), &authority.pem("ca.pem"))).await.unwrap();
    app.seal().await.unwrap();
    let witness = app.deposits().await.unwrap().lines.into_iter().find(|line| line.witness.id == id).unwrap().witness;

    type Wrong = (&'static str, Box<dyn FnMut(&[u8]) -> (u16, Vec<u8>) + Send>);
    let mut kept = None;
    let by = |name: &'static str,
              authority: &std::sync::Arc<Authority>,
              change: fn(&Authority, &[u8]) -> Vec<u8>|
     -> Wrong {
        let authority = std::sync::Arc::clone(authority);
        (name, Box::new(move |query| (200, change(&authority, query))))
    };
    let wrongs: [Wrong; 8] = [
        ("答复无法理解（500）", Box::new(|_| (500, Vec::new()))),
        ("不是时间戳答复", Box::new(|_| (200, b"<html>".to_vec()))),
        ("的答复过长", Box::new(|_| (200, vec![0x30; 200_000]))),
        ("不是登记的证书", Box::new(move |query| (200, stranger.reply(query)))),
        by("没有签发（状态 1）", &authority, |authority, query| {
            authority.forge(&authority.info(query), 1, "stamp")
        }),
        by("不是专用于时间戳的", &authority, |authority, query| {
            authority.forge(&authority.info(query), 0, "plain")
        }),
        by("早于检查点的签署", &authority, |authority, query| {
            authority.forge(&at(&authority.info(query), now_ms() - HOUR_MS), 0, "stamp")
        }),
        // The answer to the first request for the next one.
        by("随机数不符", &authority, |authority, query| {
            let mut other = query.to_vec();
            let place = other.len() - 5;
            other[place] ^= 1;
            authority.reply(&other)
        }),
    ];
    for (sentence, manner) in wrongs {
        counter.answer_by(manner);
        let said = app.deposit_with(&witness).await.unwrap().unwrap_err();
        assert!(said.sentence.contains(sentence) && !said.grave, "{sentence}: {said:?}");
        let standing = app.deposits().await.unwrap();
        assert!(
            standing.lines[0].newest.is_none() && standing.lines[0].asking.problem == said.sentence,
            "{standing:?}"
        );
        kept = standing.alarm;
    }
    let mut admin = county.clerk("管理员").await;
    let page = admin.get("/deposits").await;
    assert!(page.text("main").contains("随机数不符") && kept.is_some(), "{}", page.text("main"));
    assert!(page.text("[role=alert]").contains("还没有任何存证单位签过"), "{}", page.text("main"));

    let own = std::sync::Arc::clone(&authority);
    counter.answer_by(move |query| (200, own.reply(query)));
    let size = app.deposit_with(&witness).await.unwrap().unwrap();
    let standing = app.deposits().await.unwrap();
    assert_eq!((standing.alarm.clone(), standing.lines[0].newest.as_ref().unwrap().size), (None, size));
    // The same record is not stamped twice; a longer one is, when it is due.
    county.test.advance(26 * 60 * 60);
    assert_eq!(app.deposit_due().await.unwrap(), 0);
    county.test.advance(-26 * 60 * 60);
    assert_eq!(app.compare_outside().await.unwrap(), [], "it remembers nothing, and is not asked at a start");
    pages_and_files(&county, &authority, id, folder.path()).await;

    // While an authority thinks, the county goes on: what was stamped stays all the same.
    let own = std::sync::Arc::clone(&authority);
    counter.answer_by(move |query| {
        std::thread::sleep(std::time::Duration::from_millis(1_500));
        (200, own.reply(query))
    });
    act(app, &county).await;
    let (said, ()) = tokio::join!(app.deposit_with(&witness), async {
        tokio::time::sleep(std::time::Duration::from_millis(400)).await;
        act(app, &county).await;
    });
    assert_eq!(said.unwrap().unwrap() + 1, app.deposits().await.unwrap().size);
    assert_eq!(findings(&county).iter().map(|finding| &finding.sentence).collect::<Vec<_>>(), Vec::<&String>::new());
}

async fn pages_and_files(county: &SmallCounty, authority: &Authority, id: MatterId, folder: &Path) {
    let mut anybody = county.test.browser();
    let page = anybody.get("/record").await;
    for words in ["时间戳中心", "可信时间戳", "到现在为止的全部记录", "证书指纹", "不比对前后"]
    {
        assert!(page.text("main").contains(words), "{words}: {}", page.text("main"));
    }
    let fingerprint = authority.fingerprint("ca.pem");
    assert!(page.text("main").contains(&fingerprint) && fingerprint.len() == 95, "{fingerprint}");
    // What a stranger does with the two files and one command.
    for (path, file) in [("checkpoint", "checkpoint.txt"), ("token", "checkpoint.tst")] {
        let page = anybody.get(&format!("/record/{id}/{path}")).await;
        assert_eq!(page.status, 200);
        std::fs::write(folder.join(file), &page.bytes).unwrap();
    }
    let verify = ["ts", "-verify", "-data", "checkpoint.txt", "-in", "checkpoint.tst", "-token_in", "-CAfile"];
    let run =
        std::process::Command::new("openssl").args(verify).arg(authority.path("ca.pem")).current_dir(folder).output();
    assert!(run.as_ref().unwrap().status.success(), "{run:?}");

    // The export carries both, and both verifiers judge them under given certificates.
    let (app, whole) = (&county.test.app, folder.join("whole"));
    let signers = read_keys(&app.config.data_dir).unwrap();
    let wish = Wish { folder: whole.clone(), from: 0, redacted: true };
    app.db.read_blocking(|r| export::write(r, &wish, signers.as_ref())).unwrap();
    assert_eq!(
        std::fs::read(whole.join("stamped/1.tst")).unwrap(),
        std::fs::read(folder.join("checkpoint.tst")).unwrap()
    );
    let stranger = Authority::new(folder, "路人", EC);
    let judge = |folder: &Path, pem: &Path| {
        both(
            &["record", "verify", text(folder), "--witness", text(pem)],
            &["export", text(folder), "--witness", text(pem)],
        )
    };
    let size = app.deposits().await.unwrap().size;
    for pem in ["ca.pem", "stamp.pem"] {
        let said = judge(&whole, &authority.path(pem)).unwrap();
        assert!(said.contains(&format!("前 {size} 项")) && said.contains(&format!("盖到 {size} 项")), "{said}");
    }
    let data = text(&app.config.data_dir).to_owned();
    let (code, said) = of(&data, &["record", "verify", "--witness", text(&authority.path("ca.pem"))]);
    assert!(code == 0 && said.contains("可信时间戳（CN="), "{said}");
    let (ours, theirs) = judge(&whole, &stranger.path("ca.pem")).unwrap_err();
    assert!(
        ours.contains("没有证书“CN=Root”的时间戳") && theirs.contains("的时间戳，或者时间戳不对"),
        "{ours}{theirs}"
    );
    type Spoil<'a> = (&'a str, &'a str, &'a dyn Fn(&Path));
    let other =
        stamp::request(&note(3), stamp::nonce([2; 8]), &Pinned::parse(&authority.pem("ca.pem"), "").unwrap()).unwrap();
    let foreign = Token::of_answer(&authority.reply(&other)).unwrap().der().to_vec();
    let cases: [Spoil<'_>; 3] = [
        ("a token of another note", "不是对所送的检查点签的", &|to| rewrite(to, "stamped/1.tst", &foreign)),
        ("no token", "不是时间戳答复", &|to| rewrite(to, "stamped/1.tst", b"0")),
        ("another county's note", "检查点", &|to| rewrite(to, "stamped/1", note(3).as_bytes())),
    ];
    for (name, sentence, spoil) in cases {
        let to = folder.join(name.replace(' ', "-"));
        copied(&whole, &to);
        spoil(&to);
        let (ours, theirs) = judge(&to, &authority.path("ca.pem")).unwrap_err();
        assert!(ours.contains(sentence), "{name}: {ours}{theirs}");
    }
    let (accepted, said) = second(&["export", text(&whole)]);
    assert!(accepted, "{said}");
    // Without the command nothing can be said, and that is said.
    let bare = folder.join("bin");
    std::fs::create_dir_all(&bare).unwrap();
    let python =
        std::process::Command::new("python3").args(["-c", "import sys; print(sys.executable)"]).output().unwrap();
    std::os::unix::fs::symlink(String::from_utf8(python.stdout).unwrap().trim(), bare.join("python3")).unwrap();
    let script = crate::house::root().join("verifier/verify.py");
    let run = std::process::Command::new(bare.join("python3"))
        .arg(script)
        .args(["export", text(&whole)])
        .env("PATH", &bare)
        .output();
    let run = run.unwrap();
    assert_eq!(run.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&run.stdout).contains("openssl 命令（3.0 或以上）核验，本机没有"), "{run:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_authority_without_a_network_stamps_by_file() {
    if !openssl_is_here("an_authority_without_a_network_stamps_by_file") {
        return;
    }
    let (county, _) = sealed_county().await;
    let app = &county.test.app;
    let folder = Folder::new();
    let authority = Authority::new(folder.path(), "时间戳中心", RSA);
    let id = try_register(&county, input("时间戳中心", None, &authority.pem("ca.pem"))).await.unwrap();
    app.seal().await.unwrap();
    assert_eq!(app.deposit_due().await.unwrap(), 0, "nobody to be asked by network");
    let mut admin = county.clerk("管理员").await;
    let path = format!("/deposits/{id}/request");
    assert_eq!(admin.get(&path).await.status, 404, "nothing was made ready");
    admin.get("/deposits").await;
    let made = admin.post(&path, &[]).await;
    assert_eq!((made.status, made.location()), (303, path.as_str()));
    let first = admin.get(&path).await;
    assert_eq!((first.status, first.header("content-type")), (200, "application/timestamp-query"));
    // Made ready twice it is the same request; the record goes on meanwhile, and its checkpoint stays.
    admin.get("/deposits").await;
    admin.post(&path, &[]).await;
    assert_eq!(admin.get(&path).await.bytes, first.bytes);
    let size = app.deposits().await.unwrap().size;
    act(app, &county).await;
    act(app, &county).await;

    // By the command, for the longer record.
    let data = text(&app.config.data_dir).to_owned();
    let file = folder.path().join("b.tsq");
    let words = ["record", "deposit", "export", "时间戳中心", "--out", text(&file)];
    let (code, said) = of(&data, &words);
    assert!(code == 0 && said.contains("时间戳请求已写入"), "{said}");
    let (code, said) = of(&data, &words);
    assert!(code != 0 && said.contains("b.tsq"), "no file is written over: {said}");
    assert_eq!(findings(&county).len(), 0, "{:?}", findings(&county));

    let right = authority.reply(&first.bytes);
    let stranger = Authority::new(folder.path(), "别处", EC);
    let other =
        stamp::request(&note(5), stamp::nonce([3; 8]), &Pinned::parse(&authority.pem("ca.pem"), "").unwrap()).unwrap();
    let info = authority.info(&first.bytes);
    for (name, file, sentence) in [
        ("of nothing that was asked", authority.reply(&other), "不是对本县送去的时间戳请求的答复"),
        ("signed by another", stranger.reply(&first.bytes), "不是登记的证书"),
        ("cut", right[..right.len() - 9].to_vec(), "不完整"),
        ("with modifications", authority.forge(&info, 1, "stamp"), "没有签发（状态 1）"),
        ("in the future", authority.forge(&at(&info, now_ms() + HOUR_MS), 0, "stamp"), "时间在将来"),
        ("before the checkpoint", authority.forge(&at(&info, now_ms() - HOUR_MS), 0, "stamp"), "早于检查点"),
        ("a picture", b"\x89PNG\xff".to_vec(), "既不是共签文件，也不是时间戳答复"),
        ("words", "不是文件".into(), "不是本县签署的检查点"),
    ] {
        admin.get("/deposits").await;
        let page = admin.post_files("/deposits/import", &[], &[("file", "r.tsr", &file)]).await;
        assert!(page.text("[role=alert]").contains("请处理") || page.text("main").contains(sentence), "{name}");
        assert!(page.text("main").contains(sentence), "{name}: {}", page.text("main"));
        assert!(app.deposits().await.unwrap().lines[0].newest.is_none(), "{name}");
    }
    admin.get("/deposits").await;
    let page = admin.post_files("/deposits/import", &[], &[("file", "r.tsr", &right)]).await;
    assert!(page.text("main").contains(&format!("已导入时间戳中心的签署：前 {size} 项")), "{}", page.text("main"));
    // The longer one, by the command.
    let answer = folder.path().join("b.tsr");
    std::fs::write(&answer, authority.reply(&std::fs::read(&file).unwrap())).unwrap();
    let (code, said) = of(&data, &["record", "deposit", "import", text(&answer)]);
    assert!(code == 0 && said.contains(&format!("前 {} 项", size + 2)), "{said}");
    let (code, said) = of(&data, &["record", "deposit", "list"]);
    assert!(code == 0 && said.contains(&format!("时间戳中心（可信时间戳）：签到 {} 项", size + 2)), "{said}");
    assert_eq!(findings(&county).len(), 0, "{:?}", findings(&county));
    // A token over another checkpoint is worth nothing under this one.
    let swap = "UPDATE deposit SET token = (SELECT token FROM deposit ORDER BY size LIMIT 1)";
    app.db.write(|tx| tx.execute(swap, &[])).await.unwrap();
    let found = findings(&county);
    assert!(found.len() == 1 && found[0].sentence.contains("时间戳中心的存证"), "{found:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_page_of_an_instrument_says_when_it_was_stamped() {
    if !openssl_is_here("the_page_of_an_instrument_says_when_it_was_stamped") {
        return;
    }
    let county = Served::new(Rules::none());
    let folder = Folder::new();
    let authority = Authority::new(folder.path(), "时间戳中心", EC);
    let (person, post) = crate::cosigned::administrator(&county);
    let actor = zhunsheng_core::matter::Actor::Staff { person, post };
    let target = Target::Open("deposit_witness".into());
    let register = input("时间戳中心", None, &authority.pem("ca.pem"));
    let command = Command { target, step: "register".into(), input: register, manner: Manner::Live };
    let witness = county.app.act(actor, command, None).await.unwrap().matter;
    county.app.seal().await.unwrap();
    let newest = county.app.db.read_blocking(|r| checkpoint::newest(r, COUNTY)).unwrap().unwrap();
    let pinned = Pinned::parse(&authority.pem("ca.pem"), "").unwrap();
    let stamped = |note: &str| {
        let query = stamp::request(note, stamp::nonce([4; 8]), &pinned).unwrap();
        Token::of_answer(&authority.reply(&query)).unwrap().der().to_vec()
    };
    let deposit = |token: Vec<u8>| Deposit {
        witness,
        size: newest.size,
        root: newest.roots.sha256,
        note: newest.notes.sha256.clone(),
        token: Some(token),
        signed_ms: 0,
        stored_ms: 0,
    };
    let put = async |new: Deposit| {
        county
            .app
            .db
            .write(move |tx| deposits::put(tx, COUNTY, &new).map_err(zhunsheng::app::fault::Fault::from))
            .await
            .unwrap();
    };
    put(deposit(stamped(&newest.notes.sha256))).await;
    let path = format!("/verify/{}", county.first("penalty_decision").code);
    let said = county.browser().get(&path).await.text("main");
    let year = Timestamp::from_millisecond(now_ms()).unwrap().strftime("%Y").to_string();
    assert!(said.contains(&format!("时间戳中心（可信时间戳）：{year}年")), "{said}");
    assert!(
        said.contains(&format!("覆盖前 {} 项", newest.size)) && said.contains("可信时间戳不在这个小文件里"),
        "{said}"
    );

    // A receipt stays small, and says where the token is when it is asked for.
    let receipt = folder.path().join("a.txt");
    std::fs::write(&receipt, county.browser().get(&format!("{path}/receipt")).await.body).unwrap();
    assert!(std::fs::read_to_string(&receipt).unwrap().lines().filter(|line| line.starts_with("— ")).count() == 1);
    let key = public_keys_of(&county).sha256.to_string();
    let pem = authority.path("ca.pem");
    let (code, said) = zhunsheng(&["record", "check-proof", text(&receipt), "--key", &key, "--witness", text(&pem)]);
    assert!(code == 2 && said.contains("凭证里没有时间戳"), "{said}");
    let (accepted, said) = second(&["receipt", text(&receipt), "--key", &key, "--witness", text(&pem)]);
    assert!(!accepted && said.contains("时间戳只在导出里"), "{said}");

    // What is kept and does not hold is said to be so.
    put(deposit(stamped("another note\n"))).await;
    let page = county.browser().get(&path).await;
    assert!(page.text("[role=alert]").contains("时间戳中心的"), "{}", page.text("main"));
}
