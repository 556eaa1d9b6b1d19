//! Cosignatures as evidence: on the page of an instrument, in receipts and exports, judged by both verifiers; and every way in
//! which one can be missing or false, each in its own words.

use std::path::Path;
use std::process::Command;

use zhunsheng::app::checkpoint::{public_keys, read_keys};
use zhunsheng::app::export::{self, Asked, Wish};
use zhunsheng::app::fault::Fault;
use zhunsheng::app::limit::Rules;
use zhunsheng::app::receipt::{Which, prove};
use zhunsheng::store::checkpoint;
use zhunsheng::store::deposits::{self, Deposit};
use zhunsheng_core::id::{MatterId, PersonId, PostId};
use zhunsheng_core::matter::{Actor, Command as Act, Input, Manner, Target};
use zhunsheng_core::record::cosign::{WitnessKey, WitnessSigner};
use zhunsheng_core::record::crypto::Both;
use zhunsheng_core::record::note::LogKey;
use zhunsheng_core::record::receipt::Receipt;

use crate::attest::Served;
use crate::proofs::second;
use crate::support::{Folder, copied, variable};

/// 2024-10-20 08:00 in the county.
const THEN: u64 = 1_729_382_400;
const COUNTY: &str = "211224";

/// A witness whose pen is in the test's hand.
struct Outsider {
    id: MatterId,
    signer: WitnessSigner,
}

impl Outsider {
    async fn register(county: &Served, name: &str, kind: &str, seed: u8) -> Self {
        let app = &county.app;
        let (person, post) = administrator(county);
        let signer = WitnessSigner::new(name, &[seed; 32]).unwrap();
        let input = Input::default()
            .with("name", name)
            .with("witness_kind", kind)
            .with("means", "file")
            .with("public_key", signer.public().to_string())
            .with("interval_minutes", "10")
            .with("valid_from", "2024-10-01");
        let target = Target::Open("deposit_witness".into());
        let act = Act { target, step: "register".into(), input, manner: Manner::Live };
        let id = app.act(Actor::Staff { person, post }, act, None).await.unwrap().matter;
        Self { id, signer }
    }

    /// Signs the newest checkpoint, as a deposit keeps it. Returns what it covers.
    async fn sign(&self, county: &Served, seconds: u64) -> u64 {
        let newest = county.app.db.read_blocking(|r| checkpoint::newest(r, COUNTY)).unwrap().unwrap();
        let note = newest.notes.sha256.clone() + &self.signer.cosign(&newest.notes.sha256, seconds).unwrap();
        let signed_ms = i64::try_from(seconds).unwrap() * 1_000;
        let (size, root) = (newest.size, newest.roots.sha256);
        let new = Deposit { witness: self.id, size, root, note, token: None, signed_ms, stored_ms: signed_ms };
        put(county, new).await;
        size
    }
}

async fn put(county: &Served, new: Deposit) {
    let kept = county.app.db.write(move |tx| {
        deposits::put(tx, COUNTY, &new)?;
        checkpoint::keep(tx, COUNTY, new.size).map_err(Fault::from)
    });
    assert!(kept.await.unwrap());
}

/// This program: exit code and what it said.
pub fn zhunsheng(words: &[&str]) -> (i32, String) {
    let run = Command::new(env!("CARGO_BIN_EXE_zhunsheng")).args(words).output().unwrap();
    (run.status.code().unwrap(), String::from_utf8([&run.stdout[..], &run.stderr[..]].concat()).unwrap())
}

/// Both verifiers say the same; what each says if it refuses.
pub fn both(ours: &[&str], theirs: &[&str]) -> Result<String, (String, String)> {
    let (code, said) = zhunsheng(ours);
    let (accepted, also) = second(theirs);
    assert_eq!(code == 0, accepted, "{said}\n{also}");
    if accepted { Ok(said + &also) } else { Err((said, also)) }
}

pub fn text(path: &Path) -> &str {
    path.to_str().unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_page_and_the_receipt_name_who_outside_has_signed_and_when() {
    let county = Served::new(Rules::none());
    let decision = county.first("penalty_decision");
    let path = format!("/verify/{}", decision.code);
    let mut anybody = county.browser();
    let page = anybody.get(&path).await;
    assert!(page.text("main").contains("还没有存证单位签过包含这一项的检查点"), "{}", page.text("main"));

    let bureau = Outsider::register(&county, "铁岭市司法局", "superior", 1).await;
    let archive = Outsider::register(&county, "昌图县档案馆", "archive", 2).await;
    county.app.seal().await.unwrap();
    let page = anybody.get(&path).await;
    assert!(page.text("main").contains("还没有存证单位签过"), "registered is not signed");
    bureau.sign(&county, THEN).await;
    let size = archive.sign(&county, THEN + 3_600).await;
    // Later deposits do not move the first day on which it was remembered.
    act(&county).await;
    bureau.sign(&county, THEN + 86_400).await;
    let said = anybody.get(&path).await.text("main");
    for words in ["铁岭市司法局（上级司法局）：2024年10月20日 08:00", "昌图县档案馆（档案馆）：2024年10月20日 09:00"]
    {
        assert!(said.contains(words), "{words}: {said}");
    }
    assert!(said.contains(&format!("覆盖前 {size} 项")) && !said.contains("还没有存证单位"), "{said}");

    // The receipt is under the checkpoint that both have signed, and both lines are in it.
    let receipt = anybody.get(&format!("{path}/receipt")).await.body;
    let folder = Folder::new();
    let (file, keys) = (folder.path().join("a.txt"), public_keys_of(&county));
    std::fs::write(&file, &receipt).unwrap();
    let known = Both { sm3: Some(&keys.sm3), sha256: Some(&keys.sha256) };
    assert_eq!(Receipt::parse(&receipt).unwrap().verify(&known).unwrap().size, size);
    let stranger = WitnessSigner::new("邻县司法局", &[3; 32]).unwrap().public();
    let forger = WitnessSigner::new("铁岭市司法局", &[9; 32]).unwrap().public();
    let key = keys.sha256.to_string();
    let judge = |file: &Path, witnesses: &[&WitnessKey]| {
        let more: Vec<String> = witnesses.iter().flat_map(|w| ["--witness".to_owned(), w.to_string()]).collect();
        let more: Vec<&str> = more.iter().map(String::as_str).collect();
        let ours = [&["record", "check-proof", text(file), "--key", &key], &more[..]].concat();
        both(&ours, &[&["receipt", text(file), "--key", &key], &more[..]].concat())
    };
    let said = judge(&file, &[&bureau.signer.public(), &archive.signer.public()]).unwrap();
    assert!(said.contains(&format!("铁岭市司法局 共签到 {size} 项")) && said.contains("2024-10-20 09:00:00"), "{said}");
    for wrong in [&stranger, &forger] {
        let (ours, theirs) = judge(&file, &[&bureau.signer.public(), wrong]).unwrap_err();
        let sentence = format!("没有 {} 的共签", wrong.name());
        assert!(ours.contains(&sentence) && theirs.contains(&sentence), "{ours}{theirs}");
    }
    let altered = folder.path().join("b.txt");
    let end = receipt.trim_end().len() - 3;
    std::fs::write(&altered, format!("{}AA=\n", &receipt[..end])).unwrap();
    assert!(judge(&altered, &[]).is_ok(), "the county's own proof does not rest on it");
    let (ours, theirs) = judge(&altered, &[&archive.signer.public()]).unwrap_err();
    assert!(ours.contains("昌图县档案馆 的共签不对") && theirs.contains("昌图县档案馆 的共签不对"), "{ours}{theirs}");

    // What is kept of a witness and does not hold is said to be so, and counts for nothing.
    let mut spoilt = county.app.db.read_blocking(|r| deposits::find(r, COUNTY, bureau.id, size)).unwrap().unwrap();
    spoilt.note = spoilt.note.replacen(&format!("\n{size}\n"), &format!("\n{}\n", size - 1), 1);
    put(&county, spoilt).await;
    let page = anybody.get(&path).await;
    assert!(page.text("[role=alert]").contains("铁岭市司法局的共签与记录不符"), "{}", page.text("main"));
    assert!(!page.text("main").contains("铁岭市司法局（上级司法局）"), "{}", page.text("main"));
    // An act that nobody outside has seen yet.
    let newest = county.app.db.read_blocking(|r| checkpoint::newest(r, COUNTY)).unwrap().unwrap();
    let last = newest.size - 1;
    let alone = county.app.db.read_blocking(|r| prove(r, COUNTY, Which::Entry(last), false, None)).unwrap().unwrap();
    assert!(alone.verify(&known).is_ok());
}

pub fn public_keys_of(county: &Served) -> Both<LogKey> {
    county.app.db.read_blocking(|r| public_keys(r, COUNTY)).unwrap()
}

pub fn administrator(county: &Served) -> (PersonId, PostId) {
    let registry = county.app.county.registry();
    let post = registry.posts().find(|post| post.kind.as_str() == "administrator").unwrap();
    (post.person, post.id)
}

/// Something that witnesses have not seen yet.
pub async fn act(county: &Served) {
    let (person, post) = administrator(county);
    county.app.record_reveal(Actor::Staff { person, post }, post, "核对".to_owned()).await.unwrap();
    county.app.seal().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn an_export_carries_what_witnesses_signed_and_both_verifiers_judge_it() {
    let county = Served::new(Rules::none());
    let bureau = Outsider::register(&county, "铁岭市司法局", "superior", 1).await;
    let archive = Outsider::register(&county, "昌图县档案馆", "archive", 2).await;
    county.app.seal().await.unwrap();
    let early = archive.sign(&county, THEN).await;
    act(&county).await;
    let late = bureau.sign(&county, THEN + 60).await;
    let folder = Folder::new();
    let whole = folder.path().join("whole");
    let signers = read_keys(&county.app.config.data_dir).unwrap();
    let wish = Wish { folder: whole.clone(), from: 0, redacted: true };
    county.app.db.read_blocking(|r| export::write(r, &wish, signers.as_ref())).unwrap();
    let keys = public_keys_of(&county);
    let asked = Asked {
        keys: Both { sm3: None, sha256: Some(keys.sha256.clone()) },
        witnesses: vec![bureau.signer.public(), archive.signer.public()],
        now: THEN + 100,
        ..Asked::default()
    };
    let cosigned = export::verify(&whole, &asked).unwrap().cosigned;
    let told: Vec<(&str, u64, u64)> = cosigned.iter().map(|c| (c.witness.as_str(), c.size, c.seconds)).collect();
    assert_eq!(told, [("铁岭市司法局", late, THEN + 60), ("昌图县档案馆", early, THEN)]);
    let early_clock = Asked { now: THEN - 1_000, ..asked.clone() };
    assert!(export::verify(&whole, &early_clock).unwrap_err().to_string().contains("时间在将来"));

    let key = keys.sha256.to_string();
    let judge = |folder: &Path, witness: &WitnessKey| {
        let witness = witness.to_string();
        let more = ["--key", key.as_str(), "--witness", witness.as_str()];
        let ours = [&["record", "verify", text(folder)], &more[..]].concat();
        both(&ours, &[&["export", text(folder)], &more[..]].concat())
    };
    let said = judge(&whole, &bureau.signer.public()).unwrap();
    assert!(said.contains(&format!("铁岭市司法局 共签到 {late} 项")), "{said}");
    // The data folder itself, by this program.
    let witness = archive.signer.public().to_string();
    let data = text(&county.app.config.data_dir).to_owned();
    let database = variable(&county.app.config.data_dir);
    let words = ["record", "verify", "--witness", &witness, "--data", &data, "--database", &database];
    let (code, said) = zhunsheng(if database.is_empty() { &words[..6] } else { &words });
    assert!(code == 0 && said.contains(&format!("昌图县档案馆 共签到 {early} 项")), "{said}");

    let stranger = WitnessSigner::new("邻县司法局", &[3; 32]).unwrap().public();
    type Spoil<'a> = (&'a str, &'a WitnessKey, &'a str, &'a dyn Fn(&Path));
    let other = county.app.db.read_blocking(|r| checkpoint::newest(r, COUNTY)).unwrap().unwrap();
    let forked = signers.as_ref().unwrap().sha256.sign(early, &other.roots).unwrap();
    let cases: [Spoil<'_>; 3] = [
        ("nobody signed", &stranger, "没有 邻县司法局 的共签", &|_| {}),
        ("a line of another note", &archive.signer.public(), "昌图县档案馆 的共签不对", &|to| {
            let late = std::fs::read_to_string(to.join("cosigned/2")).unwrap();
            let early = std::fs::read_to_string(to.join("cosigned/1")).unwrap();
            rewrite(to, "cosigned/2", late + early.lines().last().unwrap() + "\n");
        }),
        ("another record of that size", &archive.signer.public(), "树根不同", &|to| {
            rewrite(to, "cosigned/1", forked.clone() + &archive.signer.cosign(&forked, THEN).unwrap());
        }),
    ];
    for (name, witness, sentence, spoil) in cases {
        let to = folder.path().join(name.replace(' ', "-"));
        copied(&whole, &to);
        spoil(&to);
        let (ours, theirs) = judge(&to, witness).unwrap_err();
        assert!(ours.contains(sentence) && theirs.contains(sentence), "{name}: {ours}{theirs}");
    }
}

/// A file of an export with other content, as its manifest says it.
pub fn rewrite(folder: &Path, path: &str, content: impl AsRef<[u8]>) {
    let content = content.as_ref();
    std::fs::write(folder.join(path), content).unwrap();
    let file = folder.join("manifest.json");
    let mut manifest: export::Manifest = serde_json::from_slice(&std::fs::read(&file).unwrap()).unwrap();
    let part = manifest.files.iter_mut().find(|part| part.path == path).unwrap();
    let digests = Both::hash(&[content]);
    part.bytes = content.len() as u64;
    (part.sm3, part.sha256) = (digests.sm3.to_string(), digests.sha256.to_string());
    std::fs::write(file, serde_json::to_vec(&manifest).unwrap()).unwrap();
}
