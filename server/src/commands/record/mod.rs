//! `zhunsheng record verify | audit | export | prove | check-proof | sample | deposit`: the record for those who need not trust us.

mod audit;
mod check_proof;
mod deposit;
mod export;
mod prove;
mod sample;
mod verify;

use std::path::Path;

use zhunsheng_core::record::cosign::WitnessKey;
use zhunsheng_core::record::crypto::Both;
use zhunsheng_core::record::note::{LogKey, LogSigner};

use super::failure::{Failure, Outcome};
use super::options::{Options, Word, unknown};
use super::terminal::Terminal;
use crate::app::checkpoint;
use crate::app::clock::china;
use crate::app::deposit::cosigned::Cosigned;
use crate::app::deposit::stamp::Pinned;
use crate::app::fault::Fault;

pub use verify::run as verify;

/// `record`.
pub fn run(mut options: Options, terminal: &mut Terminal) -> Result<Outcome, Failure> {
    let what = match options.next()? {
        Some(Word::Value(word)) => word,
        Some(other) => return Err(unknown(&other)),
        None => {
            let sentence =
                "record 后面要写明做什么：record verify、audit、export、prove、check-proof、sample、deposit。";
            return Err(Failure::Usage(sentence.to_owned()));
        }
    };
    match what.to_str() {
        Some("verify") => verify::run(options, terminal),
        Some("audit") => audit::run(options, terminal),
        Some("export") => export::run(options, terminal),
        Some("prove") => prove::run(options, terminal),
        Some("check-proof") => check_proof::run(options, terminal),
        Some("sample") => sample::run(options, terminal),
        Some("deposit") => deposit::run(options, terminal),
        _ => Err(unknown(&Word::Value(what))),
    }
}

/// The signing keys, if this account may read them: then what is not covered yet is signed on the spot.
fn signers(data: &Path) -> Result<Option<Both<LogSigner>>, Failure> {
    match checkpoint::read_keys(data) {
        Err(Fault::File { source, .. }) if source.kind() == std::io::ErrorKind::PermissionDenied => Ok(None),
        other => Ok(other?),
    }
}

/// Takes the public key of a witness as typed or in a file, or the certificates of a time stamp authority in a file.
fn take_witness(witnesses: &mut Vec<WitnessKey>, pinned: &mut Vec<Pinned>, text: &str) -> Result<(), Failure> {
    let kept = std::fs::read_to_string(text);
    let text = kept.as_deref().unwrap_or(text);
    if text.contains("-----BEGIN ") {
        let read =
            Pinned::parse(text, "").map_err(|wrong| Failure::Usage(format!("--witness：时间戳证书{wrong}。")))?;
        if !pinned.contains(&read) {
            pinned.push(read);
        }
        return Ok(());
    }
    let wrong = |_| {
        let sentence =
            "--witness：不是存证单位的公钥，应如 铁岭市司法局+1a2b3c4d+BA…，或者存有公钥、时间戳证书（PEM）的文件。";
        Failure::Usage(sentence.to_owned())
    };
    let key = WitnessKey::parse(text).map_err(wrong)?;
    if !witnesses.contains(&key) {
        witnesses.push(key);
    }
    Ok(())
}

/// What witnesses signed, a line each.
fn tell_cosigned(cosigned: &[Cosigned], terminal: &mut Terminal) {
    for one in cosigned {
        let when = time_text(i64::try_from(one.seconds).unwrap_or(i64::MAX).saturating_mul(1_000));
        terminal.say(format!("  {} 共签到 {} 项，{when}，签名正确。", one.witness, one.size));
    }
}

/// What was stamped, a line each.
fn tell_stamped(stamped: &[Cosigned], terminal: &mut Terminal) {
    for one in stamped {
        let when = time_text(i64::try_from(one.seconds).unwrap_or(i64::MAX).saturating_mul(1_000));
        terminal.say(format!("  可信时间戳（{}）：前 {} 项，{when}，签名正确。", one.witness, one.size));
    }
}

/// A moment of machine time, as the clock on the wall shows it.
pub fn time_text(ms: i64) -> String {
    let stamp = jiff::Timestamp::from_millisecond(ms).unwrap_or(jiff::Timestamp::MIN);
    stamp.to_zoned(china()).strftime("%Y-%m-%d %H:%M:%S").to_string()
}

/// Public keys from outside: at most one of each suite.
type Keys = Both<Option<LogKey>>;

/// Takes a public key as typed, or in a file.
fn take_key(keys: &mut Keys, text: &str) -> Result<(), Failure> {
    let kept = std::fs::read_to_string(text);
    let key = LogKey::parse(kept.as_deref().unwrap_or(text));
    let key = key.map_err(|wrong| Failure::Usage(format!("--key：{wrong}。")))?;
    let (suite, place) = (key.suite(), keys.get_mut(key.suite()));
    if place.replace(key).is_some() {
        return Err(Failure::Usage(format!("--key：{} 的公钥给了两把，每种只能一把。", suite.title())));
    }
    Ok(())
}
