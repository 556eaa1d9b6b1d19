//! The witness as a process: the answers that the specification asks for, every attack refused, and no two roots for one size,
//! whatever moment it is killed in.

use std::collections::BTreeMap;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::time::{Duration, Instant};

use zhunsheng::witness::folder::Folder as WitnessFolder;
use zhunsheng_core::id::Digest;
use zhunsheng_core::record::crypto::Suite;
use zhunsheng_core::record::note::LogSigner;
use zhunsheng_core::record::witness::Request;

use crate::support::Folder;
use crate::support::witness::{NumberedLog, WitnessProcess, command, try_command, try_post};

fn other(seed: u8) -> LogSigner {
    LogSigner::new(Suite::Sha256, "zhunsheng/211224", &[seed; 32]).unwrap()
}

const HONEST: NumberedLog = NumberedLog { seed: 0, fork: 0 };

/// The same record up to entry 40, another one after it.
const FORKED: NumberedLog = NumberedLog { seed: 7, fork: 40 };

#[test]
fn each_answer_is_the_one_of_the_specification() {
    let folder = Folder::new();
    let witness = WitnessProcess::start(folder.path(), "铁岭市司法局", &[NumberedLog::signer().public().clone()]);
    let first = HONEST.request(0, 40);
    let answer = witness.ask(&first);
    assert_eq!(answer.status, 200, "{answer:?}");
    assert!(witness.signed(&first, &answer).is_some_and(|seconds| seconds > 1_700_000_000), "{answer:?}");
    let next = HONEST.request(40, 57);
    let answer = witness.ask(&next);
    assert!(witness.signed(&next, &answer).is_some(), "{answer:?}");
    let again = HONEST.request(57, 57);
    assert!(witness.signed(&again, &witness.ask(&again)).is_some(), "signed anew, with the time of today");

    let other = other(2);
    let foreign = LogSigner::new(Suite::Sha256, "zhunsheng/211223", &[1; 32]).unwrap();
    let right = HONEST.request(57, 60);
    let by = |signer: &LogSigner| Request { note: NumberedLog::sign(signer, 60, HONEST.root(60)), ..right.clone() };
    let mut bad_proof = right.clone();
    bad_proof.proof[0].0[0] ^= 1;
    let attacks: [(&str, Request, u16, &str); 14] = [
        ("rollback", HONEST.request(40, 50), 409, "57\n"),
        ("rollback to nothing", HONEST.request(0, 50), 409, "57\n"),
        ("replay of the first", first, 409, "57\n"),
        ("replay of the second", next, 409, "57\n"),
        ("from the future", HONEST.request(100, 120), 409, "57\n"),
        ("fork", FORKED.request(57, 60), 422, "一致性证明不成立"),
        ("fork with the honest proof", Request { proof: right.proof.clone(), ..FORKED.request(57, 60) }, 422, "不成立"),
        ("same size, other root", FORKED.request(57, 57), 409, "57\n"),
        ("old size after the new", Request { old: 61, ..right.clone() }, 400, "旧的项数大于新的项数"),
        ("no proof", Request { proof: vec![], ..right.clone() }, 422, "一致性证明不成立"),
        ("bad proof", bad_proof, 422, "一致性证明不成立"),
        ("wrong key", by(&other), 403, "没有登记的公钥的签名"),
        ("unknown log", by(&foreign), 404, "不认识的记录"),
        ("not signed", Request { note: "zhunsheng/211224\n60\nAAAA\n".to_owned(), ..right.clone() }, 400, "格式不对"),
    ];
    for (name, request, status, body) in attacks {
        let answer = witness.ask(&request);
        assert_eq!(answer.status, status, "{name}: {answer:?}");
        assert!(answer.body.contains(body), "{name}: {answer:?}");
        assert_eq!(answer.kind == "text/x.tlog.size", status == 409, "{name}: {answer:?}");
        assert!(!answer.body.contains('—'), "{name}: {answer:?}");
    }
    for (path, body, status) in [
        ("/add-checkpoint", &b"old x\n\n"[..], 400),
        ("/add-checkpoint", b"\xff\xfe", 400),
        ("/add-checkpoint", &[b'x'; 40_000], 413),
        ("/other", b"", 404),
    ] {
        assert_eq!(try_post(&witness.address, path, body).unwrap().status, status);
    }
    let answer = witness.ask(&right);
    assert!(witness.signed(&right, &answer).is_some(), "the honest log goes on: {answer:?}");
    let (code, text) = try_command(&witness.folder, &["list"]);
    assert_eq!(code, 1, "{text}");
    assert!(text.contains("签到 60 项") && text.contains("分叉"), "{text}");
}

#[test]
fn attacks_in_numbers_are_all_refused() {
    let folder = Folder::new();
    command(folder.path(), &["init", "--name", "县档案馆"]);
    let witness = WitnessFolder::open(folder.path()).unwrap();
    witness.follow(NumberedLog::signer().public()).unwrap();
    witness.sign(&HONEST.request(0, 100), 1).unwrap();
    let mut refused = 0;
    for n in 0..3_000u64 {
        let (old, size) = (n % 130, 1 + (n * 7) % 190);
        let log = NumberedLog { seed: 1 + n % 5, fork: n % 100 };
        let mut request = match n % 3 {
            // Another record from some entry on, claimed to continue what was signed.
            0 => Request { old: 100, ..log.request(100, 100 + n % 90) },
            // Any two sizes of the honest record but the right ones.
            1 => HONEST.request(old.min(99), size),
            _ => HONEST.request(100, 101 + n % 90),
        };
        if n % 3 == 2 {
            // The right one with one bit changed.
            match n % 5 {
                0 | 1 if !request.proof.is_empty() => {
                    let at = usize::try_from(n).unwrap() % request.proof.len();
                    request.proof[at].0[usize::try_from(n % 32).unwrap()] ^= 1 << (n % 8);
                }
                2 => request.proof.push(Digest([7; 32])),
                3 => request.note = NumberedLog::sign(&other(9), 101, Digest([1; 32])),
                _ => {
                    request.note = NumberedLog::sign(&NumberedLog::signer(), 101 + n % 90, Digest::of(&n.to_be_bytes()))
                }
            }
        }
        assert!(witness.sign(&request, 2).is_err(), "{n}: {request:?}");
        refused += 1;
    }
    assert_eq!(refused, 3_000);
    assert_eq!(witness.last("zhunsheng/211224").unwrap().unwrap().checkpoint.size, 100);
    witness.sign(&HONEST.request(100, 101), 2).unwrap();
    assert!(witness.sign(&HONEST.request(101, 102), 1).is_err(), "a clock that went back signs nothing");
}

#[test]
fn a_damaged_folder_signs_nothing_and_is_not_made_anew() {
    let folder = Folder::new();
    let path = folder.path().join("w");
    command(&path, &["init", "--name", "县档案馆"]);
    let key = NumberedLog::signer().public().to_string();
    command(&path, &["follow", &key]);
    let witness = WitnessFolder::open(&path).unwrap();
    witness.sign(&HONEST.request(0, 9), 1).unwrap();
    let state = std::fs::read_dir(path.join("logs")).unwrap().map(|entry| entry.unwrap().path());
    let state = state.into_iter().find(|path| path.extension().unwrap() == "checkpoint").unwrap();
    let kept = std::fs::read_to_string(&state).unwrap();
    for (name, wrong) in [
        ("one digit", kept.replace("\n9\n", "\n8\n")),
        ("cut", kept[..kept.len() / 2].to_owned()),
        ("without its line", NumberedLog::sign(&NumberedLog::signer(), 9, HONEST.root(9))),
    ] {
        std::fs::write(&state, wrong).unwrap();
        assert!(witness.sign(&HONEST.request(0, 9), 2).is_err(), "{name}");
        assert_eq!(try_command(&path, &["serve", "--port", "0"]).0, 3, "{name}");
    }
    std::fs::remove_file(&state).unwrap();
    assert!(witness.sign(&HONEST.request(0, 9), 2).is_err(), "a missing file is not a beginning");
    assert_eq!(try_command(&path, &["init", "--name", "县档案馆"]).0, 3);
    assert_eq!(try_command(&path, &["follow", "zhunsheng/211224"]).0, 2);
    assert_eq!(try_command(folder.path(), &["list"]).0, 3);
}

/// Every root that was ever signed for a size: by answers, and by what is kept.
#[derive(Default)]
struct Signed(BTreeMap<u64, Digest>);

impl Signed {
    fn note(&mut self, size: u64, root: Digest) {
        let known = self.0.entry(size).or_insert(root);
        assert_eq!(*known, root, "two roots for {size}");
    }
}

#[test]
fn killed_at_any_moment_it_never_signs_two_roots_for_one_size() {
    let folder = Folder::new();
    let mut witness = WitnessProcess::start(folder.path(), "w", &[NumberedLog::signer().public().clone()]);
    let signed = Mutex::new(Signed::default());
    for round in 0..12u32 {
        let stop = AtomicBool::new(false);
        let answered = AtomicU32::new(0);
        std::thread::scope(|scope| {
            for log in [HONEST, NumberedLog { seed: 7, fork: 0 }] {
                let (witness, signed, stop, answered) = (&witness, &signed, &stop, &answered);
                scope.spawn(move || {
                    let (mut old, mut size) = (0, 1);
                    while !stop.load(Ordering::Relaxed) {
                        let request = log.request(old, size);
                        let Some(answer) = witness.try_ask(&request) else { continue };
                        match answer.status {
                            200 if witness.signed(&request, &answer).is_some() => {
                                signed.lock().unwrap().note(size, log.root(size));
                                answered.fetch_add(1, Ordering::Relaxed);
                                old = size;
                            }
                            409 => old = answer.body.trim().parse().unwrap(),
                            _ => {}
                        }
                        size = old + 1;
                    }
                });
            }
            // In the middle of whatever they are doing.
            let until = Instant::now() + Duration::from_secs(20);
            while answered.load(Ordering::Relaxed) < 3 + round % 3 && Instant::now() < until {
                std::thread::sleep(Duration::from_millis(1));
            }
            stop.store(true, Ordering::Relaxed);
            witness.kill_now();
        });
        witness.wait();
        let kept = WitnessFolder::open(&witness.folder).unwrap().last("zhunsheng/211224").unwrap();
        if let Some(kept) = kept {
            signed.lock().unwrap().note(kept.checkpoint.size, kept.checkpoint.root);
        }
        witness.run(&[]);
    }
    let sizes = signed.lock().unwrap().0.len();
    assert!(sizes >= 24, "{sizes} sizes signed in all");
}

/// The moments of one signature, each once: what is kept, and what is answered to the other version afterwards.
#[test]
fn killed_between_keeping_and_answering_it_keeps_its_word() {
    if std::process::Command::new("strace").arg("-V").output().is_err() {
        println!("\nSKIPPED killed_between_keeping_and_answering_it_keeps_its_word: strace is not installed");
        return;
    }
    let fork = NumberedLog { seed: 7, fork: 0 };
    for (moment, kept) in [
        ("fsync:signal=SIGKILL:when=1", false),
        ("rename:signal=SIGKILL:when=1", false),
        ("fsync:signal=SIGKILL:when=2", true),
    ] {
        let folder = Folder::new();
        let mut witness = WitnessProcess::start(folder.path(), "w", &[NumberedLog::signer().public().clone()]);
        witness.kill();
        witness.run(&[
            "strace",
            "-f",
            "-qq",
            "-o",
            "/dev/null",
            "-e",
            "trace=fsync,rename",
            "-e",
            &format!("inject={moment}"),
        ]);
        let request = HONEST.request(0, 5);
        assert!(witness.try_ask(&request).is_none(), "{moment}: killed before it answers");
        witness.wait();
        let last = WitnessFolder::open(&witness.folder).unwrap().last("zhunsheng/211224").unwrap();
        // The signal arrives before the call has an effect: only the last moment lies between the rename and the answer.
        assert_eq!(last.is_some(), kept, "{moment}");
        witness.run(&[]);
        let answer = witness.ask(&fork.request(0, 5));
        assert_eq!(answer.status, if kept { 409 } else { 200 }, "{moment}: {answer:?}");
        let answer = witness.ask(&fork.request(5, 5));
        assert_eq!(answer.status, if kept { 409 } else { 200 }, "{moment}: {answer:?}");
        let answer = witness.ask(&HONEST.request(5, 5));
        assert_eq!(answer.status, if kept { 200 } else { 409 }, "{moment}: {answer:?}");
    }
}

#[test]
fn the_exchange_by_file_needs_no_network() {
    let folder = Folder::new();
    let path = folder.path().join("w");
    command(&path, &["init", "--name", "县档案馆"]);
    command(&path, &["follow", &NumberedLog::signer().public().to_string()]);
    let key = WitnessFolder::open(&path).unwrap().key();
    let file = folder.path().join("存证.request");
    let name = file.to_str().unwrap();
    let answer = file.with_extension("cosigned");
    let write = |request: &Request| std::fs::write(&file, request.to_text()).unwrap();
    write(&HONEST.request(0, 5));
    let said = command(&path, &["sign", name]);
    assert!(said.contains("已共签 zhunsheng/211224 前 5 项"), "{said}");
    assert!(key.verify(&std::fs::read_to_string(&answer).unwrap()).is_ok());
    let (code, said) = try_command(&path, &["sign", name]);
    assert_eq!(code, 3, "an answer is not overwritten: {said}");
    std::fs::remove_file(&answer).unwrap();
    write(&HONEST.request(3, 8));
    let (code, said) = try_command(&path, &["sign", name]);
    assert_eq!(code, 1, "{said}");
    assert!(said.contains("上次共签的是 5 项") && said.contains("从那里续起"), "{said}");
    let last = std::fs::read_to_string(&answer).unwrap();
    assert!(last.starts_with("zhunsheng/211224\n5\n") && key.verify(&last).is_ok(), "{last}");
    for (request, sentence) in [
        (HONEST.request(0, 5).to_text() + "x", "格式不对"),
        (NumberedLog { seed: 7, fork: 2 }.request(5, 8).to_text(), "一致性证明不成立"),
        (NumberedLog { seed: 7, fork: 2 }.request(5, 5).to_text(), "两个版本"),
    ] {
        std::fs::write(&file, request).unwrap();
        let out = folder.path().join("none");
        let (code, said) = try_command(&path, &["sign", name, "--out", out.to_str().unwrap()]);
        assert_eq!((code, out.exists()), (1, false), "{said}");
        assert!(said.contains(sentence), "{said}");
    }
}
