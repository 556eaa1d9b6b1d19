//! `zhunsheng record verify | export | prove | check-proof | deposit`: the record for those who need not trust us.

mod check_proof;
mod deposit;
mod export;
mod prove;
mod verify;

use std::path::Path;

use zhunsheng_core::record::crypto::Both;
use zhunsheng_core::record::note::{LogKey, LogSigner};

use super::failure::{Failure, Outcome};
use super::options::{Options, Word, unknown};
use super::terminal::Terminal;
use crate::app::checkpoint;
use crate::app::fault::Fault;

pub use verify::run as verify;

/// `record`.
pub fn run(mut options: Options, terminal: &mut Terminal) -> Result<Outcome, Failure> {
    let what = match options.next()? {
        Some(Word::Value(word)) => word,
        Some(other) => return Err(unknown(&other)),
        None => {
            let sentence = "record 后面要写明做什么：record verify、export、prove、check-proof、deposit。";
            return Err(Failure::Usage(sentence.to_owned()));
        }
    };
    match what.to_str() {
        Some("verify") => verify::run(options, terminal),
        Some("export") => export::run(options, terminal),
        Some("prove") => prove::run(options, terminal),
        Some("check-proof") => check_proof::run(options, terminal),
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
