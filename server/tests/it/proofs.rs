//! What outsiders can check: exports, receipts and proofs, by this program and by a second verifier that shares no code with it
//! (`verifier/verify.py`); and every way in which they can be wrong, each with its own sentence.
// long because: one played county serves every way in which an export, a receipt or a proof can be wrong.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

use zhunsheng::app::checkpoint::{self, read_keys};
use zhunsheng::app::export::{self, Asked, Manifest, Wish};
use zhunsheng::app::receipt::{Which, prove};
use zhunsheng::county::scenario::SMALL;
use zhunsheng::county::{Scenario, make};
use zhunsheng::store::Db;
use zhunsheng_core::id::Digest;
use zhunsheng_core::record::crypto::{Both, Suite};
use zhunsheng_core::record::note::{LogKey, LogSigner};
use zhunsheng_core::record::receipt::{Path as Way, Receipt};
use zhunsheng_core::record::tile::Tile;

use crate::house::root;
use crate::support::{Folder, copied, copy_county, home, variable};

const COUNTY: &str = "211224";

/// The small demonstration county, played once, and its key.
pub struct Played {
    folder: Folder,
    keys: Both<LogKey>,
    size: u64,
    /// Of the tree of SHA-256, as the simulator tells it.
    pub root: String,
}

impl Played {
    pub fn data(&self) -> PathBuf {
        self.folder.path().join("county")
    }

    /// The same, for copies: nobody opens it.
    pub fn pristine(&self) -> PathBuf {
        self.folder.path().join("pristine")
    }

    fn db(&self) -> Db {
        Db::open_for_reading(home(&self.data())).unwrap()
    }

    fn export(&self, name: &str, from: u64, redacted: bool) -> PathBuf {
        let folder = self.folder.path().join(name);
        let signers = read_keys(&self.data()).unwrap();
        let wish = Wish { folder: folder.clone(), from, redacted };
        self.db().read_blocking(|r| export::write(r, &wish, signers.as_ref())).unwrap();
        folder
    }

    fn signers(&self) -> Both<LogSigner> {
        read_keys(&self.data()).unwrap().unwrap()
    }

    /// What somebody asks who trusts these keys and kept this.
    fn asked(&self, suites: &[Suite], kept: Option<String>) -> Asked {
        let keys = Both::of(|suite| suites.contains(&suite).then(|| self.keys.get(suite).clone()));
        Asked { keys, kept, ..Asked::default() }
    }

    fn known(&self) -> Both<Option<&LogKey>> {
        Both { sm3: Some(&self.keys.sm3), sha256: Some(&self.keys.sha256) }
    }

    /// The same on the second verifier's command line.
    fn words(&self, words: &[&str], suites: &[Suite]) -> (bool, String) {
        let keys: Vec<String> = suites.iter().map(|suite| self.keys.get(*suite).to_string()).collect();
        second(&words.iter().copied().chain(keys.iter().flat_map(|key| ["--key", key])).collect::<Vec<_>>())
    }

    fn receipt(&self, seq: u64, values: bool) -> Receipt {
        self.db().read_blocking(|r| prove(r, COUNTY, Which::Entry(seq), values, None)).unwrap().unwrap()
    }
}

pub fn played() -> &'static Played {
    static PLAYED: OnceLock<Played> = OnceLock::new();
    PLAYED.get_or_init(|| {
        let folder = Folder::new();
        let data = folder.path().join("county");
        let made = make(home(&data), &Scenario::embedded(SMALL).unwrap(), &mut |_| {}).unwrap();
        let signers = read_keys(&data).unwrap().unwrap();
        let keys = Both::of(|suite| signers.get(suite).public().clone());
        copy_county(&data, &folder.path().join("pristine"));
        Played { folder, keys, size: made.acts, root: made.root }
    })
}

/// The second verifier: whether it accepts, and what it says. It is never skipped: `./check` installs what it needs.
pub fn second(words: &[&str]) -> (bool, String) {
    let script = root().join("verifier/verify.py");
    let run = Command::new("python3").arg(script).args(words).output();
    let run = run.expect("the second verifier needs python3 and openssl; ./check installs them");
    let text = String::from_utf8([&run.stdout[..], &run.stderr[..]].concat()).unwrap();
    assert!(matches!(run.status.code(), Some(0 | 1)) && !text.contains("Traceback"), "{words:?}: {text}");
    (run.status.code() == Some(0), text)
}

fn text(path: &Path) -> &str {
    path.to_str().unwrap()
}

#[test]
fn an_export_is_accepted_by_both_verifiers() {
    let county = played();
    assert!(Command::new("openssl").arg("version").output().is_ok(), "./check installs openssl");
    for (name, from, redacted) in
        [("whole", 0, false), ("redacted", 0, true), ("newer", 700, true), ("none", county.size, false)]
    {
        let folder = county.export(name, from, redacted);
        let checked = export::verify(&folder, &county.asked(&Suite::ALL, None)).unwrap();
        assert_eq!((checked.size, checked.manifest.from), (county.size, from));
        let (accepted, said) = county.words(&["export", text(&folder)], &Suite::ALL);
        assert!(accepted, "{name}: {said}");
        let names = std::fs::read_to_string(folder.join("entries/000.jsonl")).unwrap_or_default();
        assert_eq!(names.contains("\"value\""), from == 0 && !redacted, "{name}");
    }
}

/// Changes a text file of an export.
fn change(folder: &Path, path: &str, with: impl FnOnce(String) -> String) {
    let path = folder.join(path);
    let before = std::fs::read_to_string(&path).unwrap();
    let after = with(before.clone());
    assert_ne!(before, after, "{path:?}");
    std::fs::write(path, after).unwrap();
}

fn manifest(folder: &Path, with: impl FnOnce(&mut Manifest)) {
    let path = folder.join("manifest.json");
    let mut manifest: Manifest = serde_json::from_slice(&std::fs::read(&path).unwrap()).unwrap();
    with(&mut manifest);
    std::fs::write(path, serde_json::to_vec(&manifest).unwrap()).unwrap();
}

#[test]
fn every_wrong_export_is_refused_in_its_own_words() {
    let county = played();
    let whole = county.export("to-be-spoilt", 0, false);
    let forger = LogSigner::new(Suite::Sha256, county.keys.sha256.name(), &[9; 32]).unwrap();
    let signers = county.signers();
    let sign = |suite: Suite, size, roots: &Both<Digest>| signers.get(suite).sign(size, roots).unwrap();
    let both = |to: &Path, size, roots: &Both<Digest>| {
        std::fs::write(to.join("checkpoint"), sign(Suite::Sha256, size, roots)).unwrap();
        std::fs::write(to.join("sm3/checkpoint"), sign(Suite::Sm3, size, roots)).unwrap();
    };
    let roots = county.db().read_blocking(|r| checkpoint::roots_of(r, COUNTY, county.size)).unwrap();
    let (size, other) = (county.size, Both::hash(&[b"other"]));
    let flipped = |bytes: &mut Vec<u8>| bytes[40] ^= 1;
    type Spoil<'a> = Box<dyn Fn(&Path) + 'a>;
    let cases: Vec<(&str, String, Spoil<'_>)> = vec![
        (
            "a salt",
            "记录项 300 不符：内容与其叶子不一致".into(),
            Box::new(|to| {
                change(to, "entries/001.jsonl", |text| {
                    let mut lines: Vec<String> = text.lines().map(str::to_owned).collect();
                    let mut line: serde_json::Value = serde_json::from_str(&lines[44]).unwrap();
                    line["salt"] = "AAAAAAAAAAAAAAAAAAAAAA==".into();
                    lines[44] = line.to_string();
                    lines.join("\n") + "\n"
                });
            }),
        ),
        (
            "a value",
            "不符：内容与其叶子不一致".into(),
            Box::new(|to| {
                change(to, "entries/000.jsonl", |text| text.replacen("\"value\":\"", "\"value\":\"假", 1));
            }),
        ),
        (
            "an entry",
            "记录项 1 不符：字节不是规范格式".into(),
            Box::new(|to| {
                change(to, "entries/000.jsonl", |text| {
                    let at = text.match_indices("\"entry\":\"").nth(1).unwrap().0 + 9;
                    format!("{}AAAA{}", &text[..at], &text[at + 4..])
                });
            }),
        ),
        (
            "a missing file",
            format!("导出不完整：缺少记录项 512（应有 {size} 项）"),
            Box::new(|to| {
                std::fs::remove_file(to.join("entries/002.jsonl")).unwrap();
            }),
        ),
        (
            "missing lines",
            "导出不完整：缺少记录项 769".into(),
            Box::new(|to| {
                change(to, "entries/003.jsonl", |text| text.lines().next().unwrap().to_owned() + "\n");
            }),
        ),
        (
            "a missing line within",
            "导出不完整：缺少记录项 770".into(),
            Box::new(|to| {
                change(to, "entries/003.jsonl", |text| {
                    text.lines().enumerate().filter(|(n, _)| *n != 2).map(|(_, line)| format!("{line}\n")).collect()
                });
            }),
        ),
        (
            "a missing tile",
            "导出不完整：缺少文件 tile/0/004".into(),
            Box::new(|to| {
                std::fs::remove_file(to.join("tile/0/004")).unwrap();
            }),
        ),
        (
            "a leaf hash",
            "树的文件 tile/0/003 与叶子不一致".into(),
            Box::new(|to| {
                let mut bytes = std::fs::read(to.join("tile/0/003")).unwrap();
                flipped(&mut bytes);
                std::fs::write(to.join("tile/0/003"), bytes).unwrap();
            }),
        ),
        (
            "a node above",
            "树的文件 tile/1/000.p/".into(),
            Box::new(|to| {
                let path = to.join(format!("tile/1/000.p/{}", size / 256));
                let mut bytes = std::fs::read(&path).unwrap();
                flipped(&mut bytes);
                std::fs::write(path, bytes).unwrap();
            }),
        ),
        (
            "another key",
            "没有这把公钥的签名".into(),
            Box::new(|to| {
                std::fs::write(to.join("checkpoint"), forger.sign(size, &other).unwrap()).unwrap();
            }),
        ),
        (
            "a changed checkpoint",
            "检查点的签名不对".into(),
            Box::new(|to| {
                change(to, "checkpoint", |text| text.replace(&format!("\n{size}\n"), &format!("\n{}\n", size + 1)));
            }),
        ),
        (
            "a checkpoint of the future",
            format!("检查点来自将来：它签到 {} 项，这里只有 {size} 项", size + 1),
            Box::new(|to| {
                both(to, size + 1, &other);
            }),
        ),
        (
            "a checkpoint of another tree",
            format!("{size} 项算出的树根与检查点不同"),
            Box::new(|to| {
                both(to, size, &other);
            }),
        ),
        (
            "checkpoints of two records",
            "国密检查点与 SHA-256 检查点说的不是同一份记录".into(),
            Box::new(|to| {
                std::fs::write(to.join("sm3/checkpoint"), sign(Suite::Sm3, size, &other)).unwrap();
            }),
        ),
        (
            "an SM3 tree of its own",
            format!("{size} 项算出的树根与检查点不同"),
            Box::new(|to| both(to, size, &Both { sm3: other.sm3, ..roots })),
        ),
        (
            "an SM3 leaf hash",
            "树的文件 sm3/tile/0/001 与叶子不一致".into(),
            Box::new(|to| {
                let mut bytes = std::fs::read(to.join("sm3/tile/0/001")).unwrap();
                flipped(&mut bytes);
                std::fs::write(to.join("sm3/tile/0/001"), bytes).unwrap();
            }),
        ),
        (
            "an old checkpoint",
            "其后的没有签名可凭".into(),
            Box::new(|to| {
                both(to, size - 1, &other);
            }),
        ),
        (
            "a law file",
            "与清单不符，已损坏或被改动".into(),
            Box::new(|to| {
                let law = std::fs::read_dir(to.join("law")).unwrap().map(|file| file.unwrap().path());
                let file = law.filter(|path| path.extension().is_none()).min().unwrap();
                std::fs::write(file, "改").unwrap();
            }),
        ),
        (
            "less law",
            "记录项 0 所依据的法规定义与导出的不符".into(),
            Box::new(|to| {
                change(to, "law/index.jsonl", |text| text.lines().skip(1).map(|line| format!("{line}\n")).collect());
            }),
        ),
        (
            "a file too many",
            "文件 entries/more 不在清单中".into(),
            Box::new(|to| {
                std::fs::write(to.join("entries/more"), "x").unwrap();
            }),
        ),
        (
            "a path outside",
            "路径 ../key 不可用".into(),
            Box::new(|to| {
                manifest(to, |manifest| manifest.files[0].path = "../key".to_owned());
            }),
        ),
        (
            "no manifest at all",
            "清单 manifest.json 无法理解".into(),
            Box::new(|to| {
                std::fs::write(to.join("manifest.json"), "{}").unwrap();
            }),
        ),
    ];
    for (at, (name, sentence, spoil)) in cases.iter().enumerate() {
        let folder = county.folder.path().join(format!("spoilt-{at}"));
        copied(&whole, &folder);
        spoil(&folder);
        let wrong = export::verify(&folder, &county.asked(&Suite::ALL, None)).expect_err(name).to_string();
        assert!(wrong.contains(sentence.as_str()), "{name}: {wrong}");
        let (accepted, said) = county.words(&["export", text(&folder)], &Suite::ALL);
        assert!(!accepted || *name == "a path outside", "{name}: {said}");
        std::fs::remove_dir_all(folder).unwrap();
    }
}

#[test]
fn a_checkpoint_kept_elsewhere_shows_forks_and_rewriting() {
    let county = played();
    let folder = county.export("compared", 0, true);
    let signers = county.signers();
    let (size, other) = (county.size, Both::hash(&[b"other"]));
    let old = county.db().read_blocking(|r| checkpoint::roots_of(r, COUNTY, 700)).unwrap();
    let kept = Suite::ALL.into_iter().flat_map(|suite| {
        let sign = |size, roots| signers.get(suite).sign(size, roots).unwrap();
        [
            (sign(700, &old), ""),
            (sign(700, &other), "前 700 项与另存的检查点不一致：此后记录被改写"),
            (sign(size, &other), "分叉：同为"),
            (sign(size + 5, &other), "另存的检查点来自将来"),
        ]
    });
    for (kept, sentence) in kept {
        let asked = county.asked(&[Suite::Sm3], Some(kept));
        let found = export::verify(&folder, &asked).map_err(|wrong| wrong.to_string());
        match found {
            Ok(_) => assert!(sentence.is_empty(), "{sentence}"),
            Err(wrong) => assert!(!sentence.is_empty() && wrong.contains(sentence), "{wrong}"),
        }
    }
}

#[test]
fn a_receipt_is_small_and_holds_for_its_tree_only() {
    let county = played();
    let file = county.folder.path().join("a.tlog-proof");
    let mut largest = 0;
    for seq in (0..county.size).step_by(97).chain([county.size - 1]) {
        for values in [false, true] {
            let receipt = county.receipt(seq, values);
            let written = receipt.to_text();
            assert_eq!(Receipt::parse(&written).unwrap(), receipt);
            let proven = receipt.verify(&county.known()).unwrap();
            assert_eq!((proven.index, proven.size), (seq, county.size));
            let beyond = written.lines().filter(|line| !line.starts_with("extra ")).map(|line| line.len() + 1).sum();
            largest = largest.max(beyond);
            if seq % 5 == 0 {
                std::fs::write(&file, &written).unwrap();
                for suites in [&[Suite::Sm3][..], &[Suite::Sha256], &Suite::ALL] {
                    assert_eq!(
                        receipt.verify(&Both::of(|suite| suites.contains(&suite).then(|| county.keys.get(suite)))),
                        Ok(proven.clone())
                    );
                    let (accepted, said) = county.words(&["receipt", text(&file)], suites);
                    assert!(accepted, "{seq}: {said}");
                }
            }
        }
    }
    println!("the largest receipt has {largest} bytes beyond its entry");

    let (receipt, other) = (county.receipt(42, true), county.receipt(43, true));
    let forger = LogSigner::new(Suite::Sha256, county.keys.sha256.name(), &[9; 32]).unwrap();
    let elsewhere = LogSigner::new(Suite::Sha256, "zhunsheng-demo/211223", &[9; 32]).unwrap();
    let x = Both::hash(&[b"x"]);
    let with = |suite: Suite, change: &dyn Fn(&mut Way)| {
        let mut receipt = receipt.clone();
        change(receipt.paths.get_mut(suite));
        receipt
    };
    let signed = |signer: &LogSigner, size| with(Suite::Sha256, &|way| way.checkpoint = signer.sign(size, &x).unwrap());
    let mut cases = vec![
        ("other entry", Receipt { opening: other.opening.clone(), ..receipt.clone() }, "属于另一棵树，或者内容被改动"),
        ("other index", Receipt { index: 44, ..receipt.clone() }, "证明算出的树根不是检查点的树根"),
        ("beyond", Receipt { index: county.size, ..receipt.clone() }, "证明的序号超出了树的项数"),
        ("wrong key", signed(&forger, county.size), "没有这把公钥的签名"),
        ("other county", signed(&elsewhere, 1), "没有这把公钥的签名"),
        ("another checkpoint", signed(&county.signers().sha256, county.size), "说的不是同一份记录"),
    ];
    for suite in Suite::ALL {
        let theirs = other.paths.get(suite).proof.clone();
        let wrong = with(suite, &|way| way.proof = theirs.clone());
        cases.push(("other tree", wrong, "证明算出的树根不是检查点的树根"));
        let short = with(suite, &|way| way.proof = way.proof.split_off(1));
        cases.push(("short", short, "证明的长度与树的项数不符"));
    }
    for (name, wrong, sentence) in cases {
        let said = wrong.verify(&county.known()).unwrap_err().to_string();
        assert!(said.contains(sentence), "{name}: {said}");
        std::fs::write(&file, wrong.to_text()).unwrap();
        assert!(!county.words(&["receipt", text(&file)], &Suite::ALL).0, "{name}");
    }
    // Any changed byte: refused by both, and no panic.
    let written = receipt.to_text();
    let mut random = Random(7);
    for n in 0..5_000 {
        let mut bytes = written.clone().into_bytes();
        let at = random.below(bytes.len() as u64);
        bytes[usize::try_from(at).unwrap()] ^= 1 << random.below(7);
        let Ok(changed) = String::from_utf8(bytes) else { continue };
        let accepted = Receipt::parse(&changed).and_then(|changed| changed.verify(&county.known()));
        assert!(accepted.is_err(), "{changed}");
        if n % 100 == 0 {
            std::fs::write(&file, &changed).unwrap();
            assert!(!county.words(&["receipt", text(&file)], &Suite::ALL).0, "{changed}");
        }
    }
}

/// Xorshift: enough for choosing.
pub struct Random(pub u64);

impl Random {
    pub fn below(&mut self, bound: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % bound.max(1)
    }
}

fn sample(county: &Played, words: &[&str]) -> (Option<i32>, String) {
    let run = Command::new(env!("CARGO_BIN_EXE_zhunsheng"))
        .args(["record", "sample"])
        .args(words)
        .env("ZHUNSHENG_DATA", county.data())
        .env("ZHUNSHENG_DATABASE", variable(&county.data()))
        .output()
        .unwrap();
    (run.status.code(), String::from_utf8([&run.stdout[..], &run.stderr[..]].concat()).unwrap())
}

/// The large numbers are in `faults/run proofs`.
#[test]
fn a_sample_is_drawn_by_words_and_judged_the_same_by_both() {
    let county = played();
    let path = |name: &str| county.folder.path().join(name).to_str().unwrap().to_owned();
    let (one, again, other, spoilt) =
        (path("sample"), path("sample again"), path("sample other"), path("sample spoilt"));
    for (file, seed) in [(&one, "县检察院 2026"), (&again, "县检察院 2026"), (&other, "县检察院 2027")] {
        let (code, said) = sample(county, &[file, "--seed", seed, "--positions", "5"]);
        assert!(code == Some(0) && said.contains(&format!("{} 项", county.size)), "{said}");
    }
    let read = |file: &String| std::fs::read_to_string(file).unwrap();
    let lines = read(&one);
    assert_eq!(lines, read(&again));
    assert_ne!(lines, read(&other));
    assert_eq!(lines.lines().count(), 5 * 2 * 11);
    assert_eq!(sample(county, &[&one]).0, Some(3), "nothing is overwritten");
    assert_eq!(lines, read(&one));

    let verdicts = |file: &String| {
        let (code, ours) = sample(county, &[file, "--check", "--verdicts"]);
        let (_, theirs) = second(&["proofs", file]);
        assert_eq!(ours, theirs);
        (code, ours.lines().map(str::to_owned).collect::<Vec<_>>())
    };
    assert_eq!(verdicts(&one), (Some(0), vec!["1".to_owned(); 110]));
    let (code, said) = sample(county, &[&one, "--check"]);
    let root = county.db().read_blocking(|r| checkpoint::roots_of(r, COUNTY, county.size)).unwrap().sm3;
    assert!(
        code == Some(0) && said.contains(&format!("延续到 {} 项，国密 SM3/SM2 树根 {root}", county.size)),
        "{said}"
    );
    // Line 2 is an entry of the first position.
    for (line, from, to, word) in [
        (1, "sm3 ", "sha256 ", "0 root"),
        (2, " inclusion ", " exclusion ", "0 form"),
        (2, "sm3 ", "sha256 ", "0 root"),
    ] {
        let changed: Vec<String> = lines
            .lines()
            .enumerate()
            .map(|(at, text)| if at + 1 == line { text.replacen(from, to, 1) } else { text.to_owned() })
            .collect();
        std::fs::write(&spoilt, changed.join("\n") + "\n").unwrap();
        let (code, found) = verdicts(&spoilt);
        assert!(code == Some(1) && found.iter().filter(|verdict| *verdict != "1").eq([word]), "{line}: {found:?}");
    }
    // Entries of a tree that nothing leads on from prove nothing.
    std::fs::write(&spoilt, lines.lines().skip(1).map(|line| format!("{line}\n")).collect::<String>()).unwrap();
    let (code, said) = sample(county, &[&spoilt, "--check"]);
    assert!(code == Some(1) && said.contains("第 1 行等 10 行所在的树"), "{said}");
}

#[test]
fn tiles_of_an_export_are_those_of_the_specification() {
    let county = played();
    let folder = county.export("tiles", county.size, true);
    for (tile, width) in Tile::all(county.size) {
        for tree in ["", "sm3"] {
            let length = std::fs::metadata(folder.join(tree).join(tile.path(width))).unwrap().len();
            assert_eq!(length, width * 32, "{tile:?}");
        }
    }
}
