//! Cosignatures as evidence: who outside has signed a checkpoint that covers an entry and since when, and whether what lies in the
//! county, in an export or in a receipt is what given witnesses signed.
//!
//! A cosignature counts only if its line holds under the witness's key *and* the checkpoint is the county's *and* its root is that of
//! the record as it stands; a time stamp likewise under its certificates. Does not belong here: asking witnesses (`ask`), how it stands
//! in all (`standing`), time stamps of an export (`stamped`).

use std::collections::BTreeSet;

use zhunsheng_core::day::Moment;
use zhunsheng_core::id::Digest;
use zhunsheng_core::record::cosign::WitnessKey;
use zhunsheng_core::record::crypto::Suite;
use zhunsheng_core::record::note::{Checkpoint, LogKey, NoteError};

use super::ask::AHEAD_MAX;
use super::stamp::{StampWrong, Token};
use super::{Witness, list};
use crate::app::checkpoint::{self, Signed, root_of};
use crate::app::fault::Fault;
use crate::app::show;
use crate::store::checkpoint as stored;
use crate::store::deposits::{self, Deposit};
use crate::store::{Query, StoreFault, record};

/// A witness that remembers an entry.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Remembers {
    /// As registered.
    pub name: String,
    /// Its kind in words.
    pub kind: &'static str,
    /// Whether by a time stamp.
    pub stamped: bool,
    /// When it signed, as it says.
    pub signed: Moment,
    /// Entries that the checkpoint covers.
    pub size: u64,
}

impl Remembers {
    /// 2024年10月26日 09:05.
    #[must_use]
    pub fn signed_text(&self) -> String {
        show::moment(self.signed)
    }
}

/// Who outside stands for an entry.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Outside {
    /// Those that signed, first of all the one that did so first.
    pub signed: Vec<Remembers>,
    /// Names of those of which a cosignature is kept that does not hold.
    pub doubtful: Vec<String>,
}

impl Outside {
    /// Whether one of them is a time stamp, which receipts do not carry.
    #[must_use]
    pub fn is_stamped(&self) -> bool {
        self.signed.iter().any(|one| one.stamped)
    }
}

/// Who has signed a checkpoint that covers an entry, and when first. Each is judged while it is read.
pub fn of_entry(q: &impl Query, county: &str, entry: u64) -> Result<Outside, Fault> {
    let mut found = Outside::default();
    let Some(log) = checkpoint::public_key(q, county, Suite::Sha256)? else { return Ok(found) };
    let size = record::find_head(q, county)?.map_or(0, |(size, _)| size.unsigned_abs());
    for witness in list(q, county)? {
        let Some(deposit) = deposits::first_covering(q, county, witness.id, entry + 1)? else { continue };
        match holds(q, county, (&log, size), &witness, &deposit)? {
            Some(signed) => found.signed.push(Remembers {
                name: witness.name.clone(),
                kind: witness.kind_text(),
                stamped: witness.stamps(),
                signed,
                size: deposit.size,
            }),
            None => {
                tracing::error!(witness = witness.name, size = deposit.size, "a kept cosignature does not hold");
                found.doubtful.push(witness.name);
            }
        }
    }
    found.signed.sort_by_key(|one| one.signed);
    Ok(found)
}

/// When a deposit was signed, if what is kept of it is a checkpoint of this very record (its key, its entries) and holds under what is
/// registered.
pub fn holds(
    q: &impl Query,
    county: &str,
    (log, entries): (&LogKey, u64),
    witness: &Witness,
    deposit: &Deposit,
) -> Result<Option<Moment>, StoreFault> {
    if deposit.size > entries {
        return Ok(None);
    }
    let root = root_of(q, county, Suite::Sha256, deposit.size)?;
    let ours = Checkpoint::open(&deposit.note, log)
        .is_ok_and(|said| said.size == deposit.size && said.root == root && deposit.root == root);
    Ok(if ours { signed(witness, deposit) } else { None })
}

/// When a deposit was signed, if its signature holds under what is registered.
fn signed(witness: &Witness, deposit: &Deposit) -> Option<Moment> {
    if let Some(token) = &deposit.token {
        let token = Token::read(token).ok()?;
        return token.judge(&deposit.note, &witness.pinned().ok()?).ok().map(Moment);
    }
    let seconds = witness.public_key().ok()?.verify(&deposit.note).ok()?;
    Some(Moment(i64::try_from(seconds).unwrap_or(i64::MAX).saturating_mul(1_000)))
}

/// The farthest deposit of every witness that ever cosigned.
fn farthest(q: &impl Query, county: &str, witnesses: &[Witness]) -> Result<Vec<Deposit>, StoreFault> {
    let cosigning = witnesses.iter().filter(|witness| !witness.stamps());
    let newest = cosigning.map(|witness| deposits::newest(q, county, witness.id));
    newest.filter_map(Result::transpose).collect()
}

/// A note with the lines that the witnesses of the register have put under exactly this text, and how many they are.
pub fn with_lines(q: &impl Query, county: &str, size: u64, note: &str) -> Result<(String, usize), StoreFault> {
    with_lines_of(q, county, &list(q, county)?, size, note)
}

fn with_lines_of(
    q: &impl Query,
    county: &str,
    witnesses: &[Witness],
    size: u64,
    note: &str,
) -> Result<(String, usize), StoreFault> {
    let (mut cosigned, mut lines) = (note.to_owned(), 0);
    for witness in witnesses {
        let Some(deposit) = deposits::find(q, county, witness.id, size)? else { continue };
        if let Some((line, _)) = witness.public_key().ok().and_then(|key| key.pick(note, &deposit.note)) {
            cosigned.push_str(&line);
            lines += 1;
        }
    }
    Ok((cosigned, lines))
}

/// Of the farthest checkpoints that witnesses signed, the one that covers so many entries and that most of them signed; of equals
/// the larger one. The county's checkpoint of the SHA-256 tree carries their lines.
pub fn best(q: &impl Query, county: &str, covers: u64) -> Result<Option<Signed>, Fault> {
    let witnesses = list(q, county)?;
    let sizes: BTreeSet<u64> = farthest(q, county, &witnesses)?.iter().map(|deposit| deposit.size).collect();
    let mut best = None;
    for size in sizes.into_iter().filter(|size| *size >= covers) {
        let Some(mut kept) = stored::find(q, county, size)? else { continue };
        let (note, lines) = with_lines_of(q, county, &witnesses, size, &kept.notes.sha256)?;
        if lines > 0 && best.as_ref().is_none_or(|(most, _)| lines >= *most) {
            kept.notes.sha256 = note;
            best = Some((lines, kept));
        }
    }
    best.map(|(_, kept)| checkpoint::open(q, county, kept)).transpose()
}

/// The farthest checkpoint of every witness as it is kept, those of one text in one note; the smallest first.
pub fn notes(q: &impl Query, county: &str) -> Result<Vec<String>, Fault> {
    let mut deposits = farthest(q, county, &list(q, county)?)?;
    deposits.sort_by_key(|deposit| deposit.size);
    let mut notes: Vec<String> = Vec::new();
    for deposit in deposits {
        let (text, lines) = deposit.note.rsplit_once("\n\n").unwrap_or((&deposit.note, ""));
        match notes.iter_mut().find(|note| note.rsplit_once("\n\n").is_some_and(|(known, _)| known == text)) {
            Some(note) => {
                let new: String = lines.split_inclusive('\n').filter(|line| !note.contains(line)).collect();
                note.push_str(&new);
            }
            None => notes.push(deposit.note),
        }
    }
    Ok(notes)
}

/// A cosignature that was asked for and holds.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Cosigned {
    /// The name in the key.
    pub witness: String,
    /// Entries that it covers.
    pub size: u64,
    /// When, seconds since 1970.
    pub seconds: u64,
}

/// Why a cosignature is not what it should be.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum CosignWrong {
    /// A cosigned note is not this record's.
    #[error("共签过的检查点不被接受：{0}")]
    Note(#[from] NoteError),
    /// A cosigned note has another root: outside, another record was shown.
    #[error("存证单位共签的检查点（{0} 项）与这里的记录树根不同：记录被改写、截短，或者县里对外有两个版本")]
    Other(u64),
    /// Nothing of this witness is there.
    #[error("没有 {0} 的共签")]
    Missing(String),
    /// Its line does not hold.
    #[error("{0} 的共签不对：不是这把公钥签的，或者被改动")]
    False(String),
    /// Signed in the future.
    #[error("{0} 的共签时间在将来，请校准时间")]
    Ahead(String),
    /// No token under this certificate is there.
    #[error("没有证书“{0}”的时间戳")]
    NoStamp(String),
    /// None of the tokens holds under this certificate.
    #[error("证书“{name}”的时间戳不对：{why}")]
    Stamp {
        /// The certificate's subject.
        name: String,
        /// Of the one that came nearest.
        why: StampWrong,
    },
}

/// The size of a note that is the log's and leads to the record's own root.
pub(super) fn ours(note: &str, log: &LogKey, root: &mut impl FnMut(u64) -> Option<Digest>) -> Result<u64, CosignWrong> {
    let said = Checkpoint::open(note, log)?;
    if root(said.size) == Some(said.root) { Ok(said.size) } else { Err(CosignWrong::Other(said.size)) }
}

/// Judges cosigned notes, the smallest first: each must be the log's and lead to the record's own root; each witness that was asked
/// for must have signed one of them. What is told is the farthest of each.
///
/// Errors: the first thing that is wrong.
pub fn judge(
    notes: &[String],
    log: &LogKey,
    asked: &[WitnessKey],
    now: u64,
    root: &mut impl FnMut(u64) -> Option<Digest>,
) -> Result<Vec<Cosigned>, CosignWrong> {
    for note in notes {
        ours(note, log, root)?;
    }
    asked.iter().map(|key| judge_one(notes, key, now)).collect()
}

/// The farthest of these notes that a witness signed.
pub fn judge_one(notes: &[String], key: &WitnessKey, now: u64) -> Result<Cosigned, CosignWrong> {
    let witness = key.name().to_owned();
    for note in notes.iter().rev() {
        match key.verify(note) {
            Err(NoteError::OtherKey) => {}
            Err(_) => return Err(CosignWrong::False(witness)),
            Ok(seconds) if seconds > now.saturating_add(AHEAD_MAX) => return Err(CosignWrong::Ahead(witness)),
            Ok(seconds) => {
                return Ok(Cosigned { witness, size: Checkpoint::unverified(note)?.size, seconds });
            }
        }
    }
    Err(CosignWrong::Missing(witness))
}
