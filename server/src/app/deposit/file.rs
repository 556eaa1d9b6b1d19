//! Deposits by exchanged file, where a witness has no network: the request goes out, the cosigned note comes back; or a time stamp
//! ([`super::stamping`]).

use std::path::Path;

use zhunsheng_core::record::crypto::Suite;
use zhunsheng_core::record::note::{Checkpoint, NoteError, only_lines_of};

use super::stamp::StampWrong;
use super::{Witness, list, stamping};
use crate::app::App;
use crate::app::checkpoint;
use crate::app::fault::Fault;
use crate::store::deposits::{self, Asking, Deposit};
use crate::store::{Query, Tx, record};

/// Nobody sends a longer one.
pub const FILE_BYTES_MAX: usize = 64 * 1024;

/// What a file brought.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Brought {
    /// Who signed.
    pub witness: String,
    /// Entries that it covers.
    pub size: u64,
    /// When, milliseconds since 1970.
    pub signed_ms: i64,
}

/// Why a file is not taken.
#[derive(Debug, thiserror::Error)]
pub enum NotBrought {
    /// The checkpoint is not this county's.
    #[error("不是本县签署的检查点：{0}")]
    Checkpoint(NoteError),
    /// Nobody of the register signed.
    #[error("没有名册上任何存证单位的共签，或者共签不对")]
    Nobody,
    /// Signed in the future.
    #[error("共签的时间在将来，请双方校准时间")]
    Future,
    /// The witness holds more than there is.
    #[error("{witness}见证到 {held} 项，这里只有 {size} 项：本记录是旧的。已记下，请查明")]
    Behind {
        /// Who.
        witness: String,
        /// What it holds.
        held: u64,
        /// What is there.
        size: u64,
    },
    /// The witness holds another record.
    #[error("{witness}在 {held} 项处见证的是另一个版本：本记录被改写。已记下，请查明")]
    Other {
        /// Who.
        witness: String,
        /// What it holds.
        held: u64,
    },
    /// An answer of a time stamp authority that is not taken.
    #[error("{0}")]
    Stamp(#[from] StampWrong),
    /// A time stamp that nobody asked for.
    #[error("不是对本县送去的时间戳请求的答复，请核对文件")]
    NotAsked,
    /// A file of no kind that is known.
    #[error("这既不是共签文件，也不是时间戳答复")]
    Kind,
    /// We failed.
    #[error(transparent)]
    Fault(#[from] Fault),
}

impl From<crate::store::StoreFault> for NotBrought {
    fn from(fault: crate::store::StoreFault) -> Self {
        Self::Fault(fault.into())
    }
}

/// Reads a cosigned note and says who of the register signed it. Errors: it is not this county's, or nobody did.
fn read(q: &impl Query, county: &str, note: &str) -> Result<(Checkpoint, Witness, String, u64), NotBrought> {
    let key = checkpoint::public_key(q, county, Suite::Sha256)?.ok_or(Fault::Unsigned)?;
    let said = Checkpoint::open(note, &key).map_err(NotBrought::Checkpoint)?;
    let alone = only_lines_of(note, &said.origin).map_err(NotBrought::Checkpoint)?;
    for witness in list(q, county)? {
        let signed = witness.public_key().ok().and_then(|key| key.pick(&alone, note));
        if let Some((line, seconds)) = signed {
            return Ok((said, witness, alone + &line, seconds));
        }
    }
    Err(NotBrought::Nobody)
}

/// Takes a file: keeps the deposit, or that the witness holds another record. The caller writes the largest deposit outside.
pub fn bring(
    tx: &mut Tx<'_>,
    county: &str,
    data: &Path,
    file: &[u8],
    now_ms: i64,
) -> Result<Result<(Brought, String), NotBrought>, Fault> {
    // A sequence, as every answer of RFC 3161 begins.
    if file.first() == Some(&0x30) {
        return stamping::bring(tx, county, file, now_ms);
    }
    match std::str::from_utf8(file) {
        Ok(note) => bring_note(tx, county, data, note, now_ms),
        Err(_) => Ok(Err(NotBrought::Kind)),
    }
}

fn bring_note(
    tx: &mut Tx<'_>,
    county: &str,
    data: &Path,
    note: &str,
    now_ms: i64,
) -> Result<Result<(Brought, String), NotBrought>, Fault> {
    let (said, witness, note, seconds) = match read(tx, county, note) {
        Ok(read) => read,
        Err(NotBrought::Fault(fault)) => return Err(fault),
        Err(other) => return Ok(Err(other)),
    };
    let signed_ms = i64::try_from(seconds).unwrap_or(i64::MAX).saturating_mul(1_000);
    if signed_ms > now_ms.saturating_add(300_000) {
        return Ok(Err(NotBrought::Future));
    }
    let before = deposits::asking(tx, county, witness.id)?;
    let size = record::find_head(tx, county)?.map_or(0, |(size, _)| size.unsigned_abs());
    let wrong = if said.size > size {
        Some(NotBrought::Behind { witness: witness.name.clone(), held: said.size, size })
    } else if checkpoint::root_of(tx, county, Suite::Sha256, said.size)? == said.root {
        None
    } else {
        Some(NotBrought::Other { witness: witness.name.clone(), held: said.size })
    };
    if let Some(wrong) = wrong {
        let grave = before.accepted != said.size;
        let asking = Asking {
            held: said.size,
            failures: before.failures.saturating_add(1),
            tried_ms: now_ms,
            problem: wrong.to_string(),
            grave,
            ..before
        };
        deposits::put_asking(tx, county, witness.id, &asking)?;
        return Ok(Err(wrong));
    }
    let deposit = Deposit {
        witness: witness.id,
        size: said.size,
        root: said.root,
        note: note.clone(),
        token: None,
        signed_ms,
        stored_ms: now_ms,
    };
    deposits::put(tx, county, &deposit)?;
    checkpoint::keep(tx, county, data, deposit.size, now_ms)?;
    let held = before.held.max(said.size);
    let asking = Asking { held, tried_ms: now_ms, accepted: before.accepted, ..Asking::default() };
    deposits::put_asking(tx, county, witness.id, &asking)?;
    Ok(Ok((Brought { witness: witness.name, size: said.size, signed_ms }, note)))
}

impl App {
    /// Takes a file that came back from a witness or a time stamp authority.
    pub async fn bring_deposit(&self, file: Vec<u8>) -> Result<Result<Brought, NotBrought>, Fault> {
        let (county, now_ms) = (self.county_code.clone(), self.machine.millis());
        let data = self.config.data_dir.clone();
        let brought = self.db.write(move |tx| bring(tx, &county, &data, &file, now_ms)).await?;
        Ok(match brought {
            Ok((brought, note)) => {
                super::outside::keep(&self.config, brought.size, &note)?;
                Ok(brought)
            }
            Err(wrong) => Err(wrong),
        })
    }
}
