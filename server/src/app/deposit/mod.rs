//! Deposits 存证: the county's checkpoints are shown to witnesses outside, which cosign what continues what they signed before.
//!
//! Who they are is a register (`law/procedures/county/witness.toml`). Nothing here ever stands in the way of an act or of
//! sealing. Does not belong here: how a witness decides (`zhunsheng_core::record::witness`).

pub mod ask;
pub mod cosigned;
pub mod file;
pub mod outside;
pub mod standing;

use zhunsheng_core::day::Day;
use zhunsheng_core::id::MatterId;
use zhunsheng_core::matter::{Fact, MatterState};
use zhunsheng_core::record::cosign::WitnessKey;
use zhunsheng_core::record::crypto::Suite;
use zhunsheng_core::record::note::NoteError;
use zhunsheng_core::record::proof;
use zhunsheng_core::record::witness::Request;

use super::fault::Fault;
use crate::store::{Query, StoreFault, checkpoint, matters, record, tile};

/// The register of witnesses.
pub const REGISTER: &str = "deposit_witness";

/// One witness of the register.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Witness {
    /// The register's matter.
    pub id: MatterId,
    /// As registered.
    pub name: String,
    /// `superior`, `archive` or `other`.
    pub kind: String,
    /// Whether it is asked by HTTP; else by exchanged file.
    pub online: bool,
    /// Where.
    pub address: String,
    /// Its public key, as registered.
    pub key: String,
    /// At most so often, in milliseconds.
    pub interval_ms: i64,
    /// From this day.
    pub from: Day,
    /// To this day, if it ends.
    pub until: Option<Day>,
}

impl Witness {
    fn of(state: &MatterState) -> Option<Self> {
        let text = |field: &str| state.fact(field).map(Fact::text).unwrap_or_default();
        let day = |field: &str| match state.fact(field) {
            Some(Fact::Day(day)) => Some(*day),
            _ => None,
        };
        let minutes = state.fact("interval_minutes").and_then(Fact::number).unwrap_or(60);
        Some(Self {
            id: state.id,
            name: text("name"),
            kind: text("witness_kind"),
            online: text("means") == "http",
            address: text("address"),
            key: text("public_key"),
            interval_ms: minutes.saturating_mul(60_000),
            from: day("valid_from")?,
            until: day("valid_until"),
        })
    }

    /// Whether it is a witness on this day.
    #[must_use]
    pub fn in_force(&self, day: Day) -> bool {
        self.from <= day && self.until.is_none_or(|until| day <= until)
    }

    /// Its kind in words.
    #[must_use]
    pub fn kind_text(&self) -> &'static str {
        match self.kind.as_str() {
            "superior" => "上级司法局",
            "archive" => "档案馆",
            _ => "其他存证单位",
        }
    }

    /// Its public key. Errors: [`NoteError::Key`].
    pub fn public_key(&self) -> Result<WitnessKey, NoteError> {
        WitnessKey::parse(&self.key)
    }
}

/// Every witness that was ever registered and not entered in error, oldest first.
pub fn list(q: &impl Query, county: &str) -> Result<Vec<Witness>, StoreFault> {
    Ok(matters::list_few(q, county, REGISTER)?.iter().filter_map(Witness::of).collect())
}

/// Witnesses speak C2SP: they see the tree of SHA-256, whose checkpoint names the root of the SM3 tree in the lines that they sign.
///
/// What a witness that signed `held` entries last is asked to sign now; none if nothing was sealed yet.
pub fn request(q: &impl Query, county: &str, held: u64) -> Result<Option<Request>, Fault> {
    let Some(newest) = checkpoint::newest(q, county)? else { return Ok(None) };
    if record::find_head(q, county)?.is_none_or(|(size, _)| size.unsigned_abs() < newest.size) {
        return Err(Fault::Forked { size: newest.size });
    }
    // A witness that holds more is asked from the beginning: it answers with what it holds.
    let old = if held > newest.size { 0 } else { held };
    let mut nodes = tile::Nodes::new(q, county, Suite::Sha256, newest.size);
    let proof = proof::consistency(Suite::Sha256, old, newest.size, &mut |node| nodes.hash(node))?;
    Ok(Some(Request { old, proof: proof.unwrap_or_default(), note: newest.notes.sha256 }))
}
