//! `zhunsheng record verify | export | prove | check-proof | deposit`: the record for those who need not trust us.

mod check_proof;
mod deposit;
mod export;
mod prove;
mod verify;

use std::path::Path;

use zhunsheng_core::record::note::{LogKey, LogSigner};

use super::failure::{Failure, Outcome};
use super::opening;
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

/// The signing key, if this account may read it: then what is not covered yet is signed on the spot.
fn signer(data: &Path) -> Result<Option<LogSigner>, Failure> {
    match checkpoint::read_key(data) {
        Err(Fault::File { source, .. }) if source.kind() == std::io::ErrorKind::PermissionDenied => Ok(None),
        other => Ok(other?),
    }
}

/// A public key as typed, or in a file.
fn public_key(text: &str) -> Result<LogKey, Failure> {
    let kept = std::fs::read_to_string(text);
    LogKey::parse(kept.as_deref().unwrap_or(text)).map_err(|wrong| Failure::Usage(format!("--key：{wrong}。")))
}

fn require_county(data: &Path) -> Result<(), Failure> {
    if opening::has_database(data) { Ok(()) } else { Err(Fault::NoCounty.into()) }
}
