//! Getting time stamps: by HTTP (`application/timestamp-query`), or by exchanged file, a `.tsq` out and a `.tsr` back.
//!
//! An answer by file may come weeks later, so what was asked is remembered with its nonce, and its checkpoint stays. Does not belong
//! here: what an answer must show ([`super::stamp`]).

use zhunsheng_core::id::MatterId;
use zhunsheng_core::record::crypto::Suite;

use super::ask::{Problem, Signed};
use super::file::{Brought, NotBrought};
use super::stamp::{self, Asked, Pinned, StampWrong, Token};
use super::{Witness, list, sealed};
use crate::app::fault::Fault;
use crate::app::outward::{Letter, Target};
use crate::app::{App, checkpoint, secret};
use crate::store::checkpoint::{self as stored, StoredCheckpoint};
use crate::store::deposits::{self, Asking, Deposit, StampRequest};
use crate::store::{Query, Tx};

/// The media type of a request.
pub const QUERY: &str = "application/timestamp-query";

fn deposit(witness: MatterId, of: &StoredCheckpoint, token: &Token, (signed_ms, stored_ms): (i64, i64)) -> Deposit {
    let (note, token) = (of.notes.sha256.clone(), Some(token.der().to_vec()));
    Deposit { witness, size: of.size, root: of.roots.sha256, note, token, signed_ms, stored_ms }
}

impl App {
    /// Asks an authority for a stamp over the newest checkpoint.
    pub(super) async fn ask_for_stamp(&self, witness: &Witness) -> Result<Result<Signed, Problem>, Fault> {
        let (pinned, target) = match (witness.pinned(), Target::parse(&witness.address)) {
            (Ok(pinned), Ok(target)) => (pinned, target),
            (Err(wrong), _) => return Ok(Err(wrong.into())),
            (_, Err(wrong)) => return Ok(Err(wrong.into())),
        };
        let county = self.county_code.clone();
        let Some(newest) = self.db.read_for_outside(move |r| sealed(r, &county)).await? else {
            return Ok(Err(Problem::light("还没有签署过检查点")));
        };
        let asked =
            Asked { note: &newest.notes.sha256, nonce: stamp::nonce(secret::random()), sealed_ms: newest.sealed_ms };
        let body = match stamp::request(asked.note, asked.nonce, &pinned) {
            Ok(body) => body,
            Err(wrong) => return Ok(Err(wrong.into())),
        };
        let letter = Letter { path: "", kind: QUERY, headers: Vec::new(), body, answer_max: stamp::ANSWER_BYTES_MAX };
        let reply = match self.outward.post(&target, letter).await {
            Ok(reply) if reply.status == 200 => reply,
            Ok(reply) => return Ok(Err(Problem::light(format!("答复无法理解（{}）", reply.status)))),
            Err(wrong) => return Ok(Err(wrong.into())),
        };
        let now_ms = self.machine.millis();
        let judged =
            Token::of_answer(&reply.body).and_then(|token| Ok((token.judge_answer(&asked, &pinned, now_ms)?, token)));
        Ok(match judged {
            Ok((time_ms, token)) => Ok((deposit(witness.id, &newest, &token, (time_ms, now_ms)), newest)),
            Err(wrong) => Err(wrong.into()),
        })
    }

    /// Makes a request ready that an authority gets as a file; none if it is no authority of the register, or nothing was sealed.
    pub async fn prepare_stamp_request(&self, witness: MatterId) -> Result<Option<()>, Fault> {
        let (county, now_ms) = (self.county_code.clone(), self.machine.millis());
        self.db.write(move |tx| prepare(tx, &county, witness, now_ms).map(|made| made.map(|_| ()))).await
    }
}

impl From<StampWrong> for Problem {
    fn from(wrong: StampWrong) -> Self {
        Self::light(wrong.to_string())
    }
}

/// The file for an authority without a network, with its size. The checkpoint stays until the answer comes.
///
/// None if it is no authority of the register, its certificates cannot be used, or nothing was sealed.
pub fn prepare(tx: &mut Tx<'_>, county: &str, witness: MatterId, now_ms: i64) -> Result<Option<(u64, Vec<u8>)>, Fault> {
    let known = list(tx, county)?.into_iter().find(|known| known.id == witness && known.stamps());
    let (Some(_), Some(newest)) = (known, sealed(tx, county)?) else { return Ok(None) };
    let asked = StampRequest { witness, size: newest.size, nonce: stamp::nonce(secret::random()) };
    let imprint = stamp::imprint_of(&newest.notes.sha256);
    deposits::put_stamp_request(tx, county, &asked, &imprint, now_ms)?;
    stored::keep(tx, county, newest.size)?;
    prepared(tx, county, witness)
}

/// The request that was made ready last for an authority, and what it covers.
pub fn prepared(q: &impl Query, county: &str, witness: MatterId) -> Result<Option<(u64, Vec<u8>)>, Fault> {
    let Some(asked) = deposits::newest_stamp_request(q, county, witness)? else { return Ok(None) };
    let Some(kept) = stored::find(q, county, asked.size)? else { return Ok(None) };
    let Some(pinned) = pinned_of(q, county, witness)? else { return Ok(None) };
    Ok(stamp::request(&kept.notes.sha256, asked.nonce, &pinned).ok().map(|file| (asked.size, file)))
}

fn pinned_of(q: &impl Query, county: &str, witness: MatterId) -> Result<Option<Pinned>, Fault> {
    let known = list(q, county)?.into_iter().find(|known| known.id == witness);
    Ok(known.and_then(|known| known.pinned().ok()))
}

/// Takes an answer that came as a file.
pub(super) fn bring(
    tx: &mut Tx<'_>,
    county: &str,
    file: &[u8],
    now_ms: i64,
) -> Result<Result<(Brought, String), NotBrought>, Fault> {
    let token = match Token::of_answer(file) {
        Ok(token) => token,
        Err(wrong) => return Ok(Err(wrong.into())),
    };
    let requests = deposits::stamp_requests(tx, county, token.imprint().unwrap_or_default())?;
    let asked = requests.iter().find(|asked| token.has_nonce(asked.nonce)).or(requests.first());
    let Some(asked) = asked else { return Ok(Err(NotBrought::NotAsked)) };
    let known = list(tx, county)?.into_iter().find(|known| known.id == asked.witness);
    let (Some(known), Some(kept)) = (known, stored::find(tx, county, asked.size)?) else {
        return Ok(Err(NotBrought::NotAsked));
    };
    if checkpoint::root_of(tx, county, Suite::Sha256, kept.size)? != kept.roots.sha256 {
        return Err(Fault::Forked { size: kept.size });
    }
    let was = Asked { note: &kept.notes.sha256, nonce: asked.nonce, sealed_ms: kept.sealed_ms };
    let judged = known.pinned().and_then(|pinned| token.judge_answer(&was, &pinned, now_ms));
    let before = deposits::asking(tx, county, known.id)?;
    match judged {
        Ok(signed_ms) => {
            deposits::put(tx, county, &deposit(known.id, &kept, &token, (signed_ms, now_ms)))?;
            let (size, note) = (kept.size, kept.notes.sha256);
            let asking = Asking { held: before.held.max(size), tried_ms: now_ms, ..Asking::default() };
            deposits::put_asking(tx, county, known.id, &asking)?;
            Ok(Ok((Brought { witness: known.name, size, signed_ms }, note)))
        }
        Err(wrong) => {
            let failures = before.failures.saturating_add(1);
            let asking = Asking { failures, tried_ms: now_ms, problem: wrong.to_string(), ..before };
            deposits::put_asking(tx, county, known.id, &asking)?;
            Ok(Err(wrong.into()))
        }
    }
}
