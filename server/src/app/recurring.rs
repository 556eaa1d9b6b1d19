//! 案件关联: other disputes of the same people and of the same village, beside a dispute: who comes again, and where it comes again.
//!
//! People are known again by their telephone (its keyed hash), never by a name that many have. Only what the post may see is counted. Does not
//! belong here: the same dispute registered twice (`again.rs`), figures by place (`mediation_sheet.rs`).

use zhunsheng_core::day::Day;

use super::dispute::{DISPUTE, JOINT};
use super::fault::Fault;
use crate::store::matters::{self, ListFilter, MatterRow};
use crate::store::seeing::SightFilter;
use crate::store::{Query, party_phones};

/// So many days back.
const DAYS: i64 = 730;
/// Disputes of the same people that are shown.
const SHOWN: usize = 8;
/// Matters with the same telephone that are looked at.
const LOOKED_AT: i64 = 40;
/// Disputes of a place are counted so far; beyond that there are more.
const COUNTED: i64 = 200;

/// What came before, or comes beside, a dispute.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Recurring {
    /// Disputes in which the same telephone stands, the newest first.
    pub people: Vec<MatterRow>,
    /// The place, and how many disputes of the same procedure began there in the last two years, this one among them.
    pub place: Option<(String, String)>,
    /// From which day on they are counted.
    pub since: Option<Day>,
}

/// Of a dispute; of anything else nothing.
pub fn of(q: &impl Query, county: &str, sight: &SightFilter, row: &MatterRow, today: Day) -> Result<Recurring, Fault> {
    let disputes = [DISPUTE, JOINT];
    if !disputes.contains(&row.procedure.as_str()) {
        return Ok(Recurring::default());
    }
    let mut people = Vec::new();
    for other in party_phones::sharing(q, county, row.id, LOOKED_AT)? {
        if people.len() == SHOWN {
            break;
        }
        let seen = matters::find_row(q, county, sight, other)?;
        people.extend(seen.filter(|other| disputes.contains(&other.procedure.as_str()) && !other.closed));
    }
    let since = today.plus(-DAYS);
    let place = row.place.as_ref().map(|place| {
        // As the list that is linked to it is narrowed: one number in both places.
        let filter = ListFilter {
            procedure: Some(row.procedure.clone()),
            place: Some(place.clone()),
            from: Some(since.number()),
            ..ListFilter::default()
        };
        let count = matters::count(q, county, sight, &filter, COUNTED + 1)?;
        let text = if count > COUNTED { format!("{COUNTED}件以上") } else { format!("{count}件") };
        Ok::<_, Fault>((count > 1).then(|| (place.clone(), text)))
    });
    let place = place.transpose()?.flatten();
    Ok(Recurring { people, place, since: Some(since) })
}
