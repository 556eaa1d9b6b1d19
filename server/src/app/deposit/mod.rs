//! Deposits 存证: the county's checkpoints are shown to witnesses outside, which cosign what continues what they signed before, and to
//! time stamp authorities, which state when it was there.
//!
//! Who they are is a register (`law/procedures/county/witness.toml`). Nothing here ever stands in the way of an act or of
//! sealing. Does not belong here: how a witness decides (`zhunsheng_core::record::witness`).

pub mod ask;
pub mod cosigned;
pub mod file;
pub mod outside;
pub mod stamp;
pub mod stamped;
pub mod stamping;
pub mod standing;

use zhunsheng_core::day::Day;
use zhunsheng_core::id::{FieldId, MatterId};
use zhunsheng_core::law::Law;
use zhunsheng_core::matter::{Fact, Input, MatterState};
use zhunsheng_core::record::cosign::WitnessKey;
use zhunsheng_core::record::crypto::Suite;
use zhunsheng_core::record::note::NoteError;
use zhunsheng_core::record::proof;
use zhunsheng_core::record::witness::Request;
use zhunsheng_core::refusal::{Refusals, engine};

use self::stamp::{Pinned, StampWrong};
use super::fault::Fault;
use super::outward::Target;
use crate::store::checkpoint::{self, StoredCheckpoint};
use crate::store::{Query, StoreFault, few, record, tile};

/// The register of witnesses.
pub const REGISTER: &str = "deposit_witness";
/// The kind that stamps times instead of cosigning.
const STAMPS: &str = "timestamp";

/// One witness of the register.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Witness {
    /// The register's matter.
    pub id: MatterId,
    /// As registered.
    pub name: String,
    /// `superior`, `archive`, `timestamp` or `other`.
    pub kind: String,
    /// Whether it is asked by HTTP; else by exchanged file.
    pub online: bool,
    /// Where.
    pub address: String,
    /// Its public key, as registered; of a time stamp authority nothing.
    pub key: String,
    /// Of a time stamp authority its certificates as registered, and its policy.
    certificate: String,
    policy: String,
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
            certificate: text("certificate"),
            policy: text("stamp_policy"),
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
            STAMPS => "可信时间戳",
            _ => "其他存证单位",
        }
    }

    /// Its public key. Errors: [`NoteError::Key`].
    pub fn public_key(&self) -> Result<WitnessKey, NoteError> {
        WitnessKey::parse(&self.key)
    }

    /// Whether it stamps times: it keeps nothing, compares nothing, and has certificates instead of a key.
    #[must_use]
    pub fn stamps(&self) -> bool {
        self.kind == STAMPS
    }

    /// By what its tokens are judged. Errors: [`StampWrong::Pinned`].
    pub fn pinned(&self) -> Result<Pinned, StampWrong> {
        Pinned::parse(&self.certificate, &self.policy)
    }
}

/// What is typed into the register must be usable: refused at its field, before anybody is asked in vain.
pub fn unusable(input: &Input, law: &Law) -> Refusals {
    let typed = |field: &str| {
        let values = input.fields.get(&FieldId::from(field)).and_then(|values| values.first());
        values.map(|value| value.trim().to_owned()).filter(|value| !value.is_empty())
    };
    let mut found = Refusals::default();
    let mut refuse = |field: &str, title: &str, problem: String| {
        let with = [("field", title), ("problem", problem.as_str())];
        found.push(law.refusals.at_field(engine::FIELD_INVALID, &FieldId::from(field), &with));
    };
    if let Some(Err(wrong)) = typed("address").map(|address| Target::parse(&address)) {
        refuse("address", "网址", wrong.to_string());
    }
    if typed("public_key").is_some_and(|key| WitnessKey::parse(&key).is_err()) {
        refuse("public_key", "公钥", "应为存证单位设立时打印的一行，如 铁岭市司法局+1a2b3c4d+BA…".to_owned());
    }
    if let Some(Err(wrong)) = typed("certificate").map(|pem| Pinned::parse(&pem, "")) {
        refuse("certificate", "时间戳证书", wrong.to_string());
    }
    if let Some(Err(wrong)) = typed("stamp_policy").map(|policy| stamp::policy_of(&policy)) {
        refuse("stamp_policy", "时间戳策略", wrong.to_string());
    }
    found
}

/// Every witness that was ever registered and not entered in error, oldest first.
pub fn list(q: &impl Query, county: &str) -> Result<Vec<Witness>, StoreFault> {
    Ok(few::all(q, county, REGISTER)?.iter().filter_map(Witness::of).collect())
}

/// Witnesses speak C2SP: they see the tree of SHA-256, whose checkpoint names the root of the SM3 tree in the lines that they sign.
///
/// What a witness that signed `held` entries last is asked to sign now; none if nothing was sealed yet.
pub fn request(q: &impl Query, county: &str, held: u64) -> Result<Option<Request>, Fault> {
    sealed(q, county)?.map(|newest| request_of(q, county, newest, held)).transpose()
}

/// The request for a checkpoint.
fn request_of(q: &impl Query, county: &str, newest: StoredCheckpoint, held: u64) -> Result<Request, Fault> {
    // A witness that holds more is asked from the beginning: it answers with what it holds.
    let old = if held > newest.size { 0 } else { held };
    let mut nodes = tile::Nodes::new(q, county, Suite::Sha256, newest.size);
    let proof = proof::consistency(Suite::Sha256, old, newest.size, &mut |node| nodes.hash(node))?;
    Ok(Request { old, proof: proof.unwrap_or_default(), note: newest.notes.sha256 })
}

/// The newest checkpoint, which is what outsiders are shown. Errors: the record is shorter than that.
fn sealed(q: &impl Query, county: &str) -> Result<Option<StoredCheckpoint>, Fault> {
    let Some(newest) = checkpoint::newest(q, county)? else { return Ok(None) };
    match record::find_head(q, county)? {
        Some((size, _)) if size.unsigned_abs() >= newest.size => Ok(Some(newest)),
        _ => Err(Fault::Forked { size: newest.size }),
    }
}
