//! What lies with witnesses and time stamp authorities: each deposit is of this record, and holds under what the register says of who
//! gave it.

use zhunsheng_core::record::crypto::Suite;

use super::{Finding, Sort};
use crate::app::deposit::{self, cosigned};
use crate::app::fault::Fault;
use crate::app::{checkpoint, show};
use crate::store::{Reader, deposits, matters};

/// Looks at them against the record of so many `entries`.
pub(super) fn look(r: &Reader<'_>, county: &str, entries: i64) -> Result<Vec<Finding>, Fault> {
    let mut found = Vec::new();
    let mut tell = |sentence: String| found.push(Finding::new(Sort::Deposit, None, sentence));
    let all = deposits::all(r, county)?;
    let (false, Some(log)) = (all.is_empty(), checkpoint::public_key(r, county, Suite::Sha256)?) else {
        return Ok(found);
    };
    let witnesses = deposit::list(r, county)?;
    for kept in all {
        let size = kept.size;
        let Some(witness) = witnesses.iter().find(|witness| witness.id == kept.witness) else {
            // One that was entered in error keeps what it signed; nobody shows it any more.
            let entered = matters::find_state(r, county, kept.witness)?;
            if entered.is_none_or(|matter| matter.procedure.as_str() != deposit::REGISTER) {
                tell(format!("有前 {size} 项的存证，名册上却没有它的存证单位"));
            }
            continue;
        };
        let name = &witness.name;
        match cosigned::holds(r, county, (&log, entries.unsigned_abs()), witness, &kept)? {
            None => tell(format!("{name}的存证（前 {size} 项）核验不通过：不是对本记录签的，或者被改动")),
            Some(signed) if signed.0 != kept.signed_ms => {
                tell(format!("{name}的存证（前 {size} 项）签于 {}，存储的时间与其不一致", show::moment(signed)));
            }
            Some(_) => {}
        }
    }
    Ok(found)
}
