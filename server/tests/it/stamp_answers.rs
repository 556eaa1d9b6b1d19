//! What an answer of a time stamp authority must show: every way in which it is none, each in its own words, and none that panics.

use jiff::Timestamp;
use zhunsheng::app::clock::MachineClock;
use zhunsheng::app::deposit::stamp::{self, Asked, Pinned, StampWrong, Token};
use zhunsheng_core::id::Digest;
use zhunsheng_core::record::crypto::{Both, Suite};
use zhunsheng_core::record::note::LogSigner;

use crate::support::Folder;
use crate::support::tsa::{Authority, EC, RSA, answer, openssl_is_here};

pub const HOUR_MS: i64 = 3_600_000;

pub fn note(size: u64) -> String {
    let signer = LogSigner::new(Suite::Sha256, "zhunsheng/211224", &[1; 32]).unwrap();
    signer.sign(size, &Both::of(|_| Digest([7; 32]))).unwrap()
}

pub fn now_ms() -> i64 {
    MachineClock::System.millis()
}

/// What a token says, with another time.
pub fn at(info: &[u8], time_ms: i64) -> Vec<u8> {
    let place = info.windows(4).position(|four| four[0] == 0x18 && four[2..] == *b"20").unwrap() + 2;
    let mut changed = info.to_vec();
    let time = Timestamp::from_millisecond(time_ms).unwrap().strftime("%Y%m%d%H%M%S").to_string();
    changed[place..place + 14].copy_from_slice(time.as_bytes());
    changed
}

#[test]
fn an_answer_is_judged_by_all_that_it_says() {
    if !openssl_is_here("an_answer_is_judged_by_all_that_it_says") {
        return;
    }
    let (folder, note, other) = (Folder::new(), note(5), note(6));
    let nonce = stamp::nonce([0xff, 2, 3, 4, 5, 6, 7, 8]);
    for (name, kind) in [("甲", EC), ("乙", RSA)] {
        let authority = Authority::new(folder.path(), name, kind);
        let stranger = Authority::new(folder.path(), &format!("{name}丙"), EC);
        authority.certify("old", "stamp", ["20200101000000Z", "20210101000000Z"]);
        let (root, own) = (authority.pem("ca.pem"), authority.pem("stamp.pem"));
        let pinned = Pinned::parse(&root, "").unwrap();
        let asked = Asked { note: &note, nonce, sealed_ms: now_ms() - 1_000 };
        let query = stamp::request(&note, nonce, &pinned).unwrap();
        let right = authority.reply(&query);
        let judge = |answer: &[u8], asked: &Asked<'_>, pinned: &Pinned| {
            Token::of_answer(answer).and_then(|token| token.judge_answer(asked, pinned, now_ms()))
        };
        let of = |pem: &str, policy: &str| Pinned::parse(pem, policy).unwrap();
        let time_ms = judge(&right, &asked, &pinned).unwrap();
        assert!((time_ms - now_ms()).abs() < 20_000, "{name}: {time_ms}");
        // The authority's own certificate, a chain, and a policy stand for it as well.
        for pinned in [of(&own, ""), of(&format!("证书如下\r\n{root}\r\n{own}"), ""), of(&root, " 1.2.3.4.1 ")] {
            assert_eq!(judge(&right, &asked, &pinned), Ok(time_ms), "{name}");
        }

        let info = authority.info(&query);
        assert_eq!(
            judge(&authority.forge(&info, 0, "stamp"), &asked, &pinned).map(|ms| ms > 0),
            Ok(true),
            "no forgery"
        );
        let late = Asked { sealed_ms: now_ms() + HOUR_MS, ..asked.clone() };
        let (before, after) = (at(&info, now_ms() - HOUR_MS), at(&info, now_ms() + HOUR_MS));
        let of_other = stamp::request(&other, nonce, &pinned).unwrap();
        let again = stamp::request(&note, stamp::nonce([1; 8]), &pinned).unwrap();
        let unknown = stamp::request(&note, nonce, &of(&root, "1.2.3.4.9")).unwrap();
        let mut spoilt = right.clone();
        *spoilt.last_mut().unwrap() ^= 1;
        let mut accurate = right.clone();
        let place = right.windows(14).position(|part| part.iter().all(u8::is_ascii_digit)).unwrap();
        accurate[place + 13] ^= 1;
        let cases: [(&str, Vec<u8>, &Asked<'_>, Pinned, &str); 19] = [
            ("another checkpoint", authority.reply(&of_other), &asked, pinned.clone(), "不是对所送的检查点签的"),
            ("another request", authority.reply(&again), &asked, pinned.clone(), "随机数不符"),
            ("another authority", right.clone(), &asked, of(&stranger.pem("ca.pem"), ""), "不是登记的证书"),
            ("another's certificate", right.clone(), &asked, of(&stranger.pem("stamp.pem"), ""), "不是登记的证书"),
            ("signed by another", stranger.reply(&query), &asked, pinned.clone(), "不是登记的证书"),
            ("no purpose", authority.forge(&info, 0, "plain"), &asked, pinned.clone(), "不是专用于时间戳的"),
            ("another purpose", authority.forge(&info, 0, "server"), &asked, pinned.clone(), "不是专用于时间戳的"),
            ("expired", authority.forge(&info, 0, "old"), &asked, pinned.clone(), "不在签名证书的有效期内"),
            (
                "expired, registered",
                authority.forge(&info, 0, "old"),
                &asked,
                of(&authority.pem("old.pem"), ""),
                "有效期",
            ),
            ("another policy", right.clone(), &asked, of(&root, "1.2.3.4.9"), "策略是 1.2.3.4.1"),
            ("refused policy", authority.reply(&unknown), &asked, pinned.clone(), "没有签发（状态 2，"),
            ("with modifications", authority.forge(&info, 1, "stamp"), &asked, pinned.clone(), "没有签发（状态 1）"),
            ("revocation warning", authority.forge(&info, 4, "stamp"), &asked, pinned.clone(), "没有签发（状态 4）"),
            ("before the checkpoint", authority.forge(&before, 0, "stamp"), &asked, pinned.clone(), "早于检查点的签署"),
            ("sealed later", right.clone(), &late, pinned.clone(), "早于检查点的签署"),
            ("in the future", authority.forge(&after, 0, "stamp"), &asked, pinned.clone(), "时间在将来"),
            ("spoilt signature", spoilt, &asked, pinned.clone(), "签名不对"),
            ("spoilt content", accurate, &asked, pinned.clone(), "签名不对"),
            ("granted nothing", answer(0, &[]), &asked, pinned.clone(), "不是时间戳答复"),
        ];
        for (case, answer, asked, pinned, sentence) in cases {
            let said = judge(&answer, asked, &pinned).unwrap_err().to_string();
            assert!(said.contains(sentence), "{name}, {case}: {said}");
        }
        for garbage in
            [&b""[..], b"0", b"<html>", note.as_bytes(), &query, &[0x30, 0x84, 0xff, 0xff, 0xff, 0xff], &[0x30; 5_000]]
        {
            assert_eq!(judge(garbage, &asked, &pinned), Err(StampWrong::Format), "{garbage:?}");
        }
        for end in 0..right.len() {
            assert_eq!(judge(&right[..end], &asked, &pinned), Err(StampWrong::Format), "{end}");
        }
        // What is not signed may change; what is said does not.
        for place in (0..right.len()).step_by(if kind.key == EC.key { 1 } else { 7 }) {
            let mut changed = right.clone();
            changed[place] ^= 1 << (place % 8);
            assert!(
                judge(&changed, &asked, &pinned).is_ok_and(|said| said == time_ms)
                    || judge(&changed, &asked, &pinned).is_err()
            );
        }
    }
}
