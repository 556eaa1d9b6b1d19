//! SM3 and SM2 against another implementation: the `openssl` command, both ways. Where it is missing or has no SM2, that is said.

use std::path::Path;
use std::process::Command;

use zhunsheng_core::record::crypto::{Crypto, SM2_ID, Software, Suite};

use crate::proofs::Random;
use crate::support::Folder;

fn openssl(folder: &Path, words: &[&str]) -> Option<Vec<u8>> {
    let run = Command::new("openssl").args(words).current_dir(folder).output().ok()?;
    run.status.success().then_some(run.stdout)
}

fn bytes(random: &mut Random, length: u64) -> Vec<u8> {
    (0..length).map(|_| u8::try_from(random.below(256)).unwrap()).collect()
}

/// `SEQUENCE { INTEGER r, INTEGER s }` of `r ‖ s`.
fn to_der(raw: &[u8; 64]) -> Vec<u8> {
    let integer = |half: &[u8]| {
        let short: Vec<u8> = half.iter().copied().skip_while(|byte| *byte == 0).collect();
        let sign = short.first().is_some_and(|byte| *byte >= 0x80);
        let body = [if sign { vec![0] } else { Vec::new() }, short].concat();
        [vec![2, u8::try_from(body.len()).unwrap()], body].concat()
    };
    let body = [integer(&raw[..32]), integer(&raw[32..])].concat();
    [vec![0x30, u8::try_from(body.len()).unwrap()], body].concat()
}

fn from_der(der: &[u8]) -> [u8; 64] {
    let mut raw = [0; 64];
    let mut at = 2;
    for half in raw.chunks_mut(32) {
        let length = usize::from(der[at + 1]);
        let body: Vec<u8> = der[at + 2..at + 2 + length].iter().copied().skip_while(|byte| *byte == 0).collect();
        half[32 - body.len()..].copy_from_slice(&body);
        at += 2 + length;
    }
    raw
}

#[test]
fn sm3_is_that_of_openssl() {
    let folder = Folder::new();
    if openssl(folder.path(), &["dgst", "-sm3", "/dev/null"]).is_none() {
        println!("SKIPPED SM3 against openssl: no openssl command here that has SM3");
        return;
    }
    let mut random = Random(1);
    let lengths: Vec<u64> = (0..130).chain([1_000, 4_095, 65_537]).collect();
    let contents: Vec<Vec<u8>> = lengths.iter().map(|length| bytes(&mut random, *length)).collect();
    let names: Vec<String> = lengths.iter().map(ToString::to_string).collect();
    for (name, content) in names.iter().zip(&contents) {
        std::fs::write(folder.path().join(name), content).unwrap();
    }
    let words: Vec<&str> = ["dgst", "-sm3", "-r"].into_iter().chain(names.iter().map(String::as_str)).collect();
    let said = String::from_utf8(openssl(folder.path(), &words).unwrap()).unwrap();
    let theirs: Vec<&str> = said.lines().map(|line| line.split(' ').next().unwrap()).collect();
    let ours: Vec<String> = contents.iter().map(|content| Suite::Sm3.hash(&[content]).to_string()).collect();
    assert_eq!(theirs, ours);
}

#[test]
fn sm2_signs_and_verifies_both_ways_with_openssl() {
    let (folder, module) = (Folder::new(), Software::default());
    let at = folder.path();
    let made = openssl(at, &["ecparam", "-name", "SM2", "-genkey", "-noout", "-out", "key"])
        .and_then(|_| openssl(at, &["ec", "-in", "key", "-outform", "DER"]))
        .zip(openssl(at, &["ec", "-in", "key", "-pubout", "-out", "public"]))
        .zip(openssl(at, &["ec", "-in", "key", "-pubout", "-outform", "DER"]));
    let Some(((private, _), spki)) = made else {
        println!("SKIPPED SM2 against openssl: no openssl command here that has SM2");
        return;
    };
    // SEQUENCE { 1, OCTET STRING of 32 bytes, … }; the key is the end of SubjectPublicKeyInfo.
    assert_eq!(private[5..7], [4, 32]);
    let secret: [u8; 32] = private[7..39].try_into().unwrap();
    let public = &spki[spki.len() - 65..];
    assert_eq!(module.public(Suite::Sm3, &secret).unwrap(), public);
    let id = format!("distid:{SM2_ID}");
    let common = ["-rawin", "-digest", "sm3", "-pkeyopt", &id, "-in", "message"];
    let mut random = Random(2);
    for n in 0..25 {
        let message = bytes(&mut random, n * 7);
        std::fs::write(at.join("message"), &message).unwrap();
        let ours = module.sign(Suite::Sm3, &secret, &message).unwrap();
        assert_eq!(from_der(&to_der(&ours)), ours);
        std::fs::write(at.join("signature"), to_der(&ours)).unwrap();
        let verify = ["pkeyutl", "-verify", "-pubin", "-inkey", "public", "-sigfile", "signature"];
        assert!(openssl(at, &[&verify[..], &common].concat()).is_some(), "openssl refuses ours, {n}");
        let sign = ["pkeyutl", "-sign", "-inkey", "key", "-out", "theirs"];
        assert!(openssl(at, &[&sign[..], &common].concat()).is_some(), "openssl signs");
        let theirs = from_der(&std::fs::read(at.join("theirs")).unwrap());
        assert!(module.verify(Suite::Sm3, public, &message, &theirs), "we refuse openssl's, {n}");
        std::fs::write(at.join("message"), [&message[..], b"."].concat()).unwrap();
        assert!(openssl(at, &[&verify[..], &common].concat()).is_none(), "openssl takes another message, {n}");
        assert!(!module.verify(Suite::Sm3, public, &[&message[..], b"."].concat(), &theirs));
    }
}
