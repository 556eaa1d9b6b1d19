//! 案件关联: other disputes of the same people and of the same village, beside a dispute: who comes again, and where it comes again.
//!
//! People are known again by their telephone (its keyed hash). A name that many have only gives a hint, in the same village, and is said to be
//! one: nothing is counted by it. Only what the post may see is looked at. Does not
//! belong here: the same dispute registered twice (`again.rs`), figures by place (`mediation_sheet.rs`).

use zhunsheng_core::day::Day;
use zhunsheng_core::id::MatterId;
use zhunsheng_core::matter::PartyState;
use zhunsheng_core::procedure::PartyKind;
use zhunsheng_core::text;

use super::dispute::{DISPUTE, JOINT};
use super::fault::Fault;
use crate::store::matters::{self, ListFilter, MatterRow, Page};
use crate::store::seeing::SightFilter;
use crate::store::{Query, party_phones, record};

/// So many days back.
const DAYS: i64 = 730;
/// Disputes of the same people that are shown.
const SHOWN: usize = 8;
/// Matters with the same telephone that are looked at.
const LOOKED_AT: i64 = 40;
/// Names of one dispute that are looked for, and matters that are looked into for all of them: whoever registers types what they like.
const NAMES: usize = 6;
const LOOKED_INTO: usize = 40;
/// The county's own code: a dispute of no town is of nobody's village, and a word of every matter would be looked for in all of them.
const COUNTY_DIGITS: usize = 6;
/// Disputes of a place are counted so far; beyond that there are more.
const COUNTED: i64 = 200;

/// What came before, or comes beside, a dispute.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Recurring {
    /// Disputes in which the same telephone stands, the newest first.
    pub people: Vec<MatterRow>,
    /// Disputes of the same place in which a person of the same name stands: perhaps the same one.
    pub alike: Vec<MatterRow>,
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
    let alike = alike(q, county, sight, row, &people)?;
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
    Ok(Recurring { people, alike, place, since: Some(since) })
}

/// Disputes of the place in which a natural person of one of the names stands; those that are known by a telephone are left out.
fn alike(
    q: &impl Query,
    county: &str,
    sight: &SightFilter,
    row: &MatterRow,
    known: &[MatterRow],
) -> Result<Vec<MatterRow>, Fault> {
    let Some(place) = row.place.as_ref().filter(|place| place.len() > COUNTY_DIGITS) else { return Ok(Vec::new()) };
    let (mut found, mut looked): (Vec<MatterRow>, usize) = (Vec::new(), 0);
    for name in names(q, county, row.id)?.into_iter().take(NAMES) {
        let filter = ListFilter {
            procedures: Some(vec![DISPUTE.to_owned(), JOINT.to_owned()]),
            place: Some(place.clone()),
            words: Some(name.clone()),
            ..ListFilter::default()
        };
        for other in matters::list(q, county, sight, &filter, Page::First, LOOKED_AT)? {
            if found.len() == SHOWN || looked == LOOKED_INTO {
                return Ok(found);
            }
            if other.id == row.id || other.closed || known.iter().chain(&found).any(|row| row.id == other.id) {
                continue;
            }
            looked += 1;
            if names(q, county, other.id)?.contains(&name) {
                found.push(other);
            }
        }
    }
    Ok(found)
}

/// The names of the natural persons of a matter.
fn names(q: &impl Query, county: &str, matter: MatterId) -> Result<Vec<String>, Fault> {
    let Some(state) = matters::find_state(q, county, matter)? else { return Ok(Vec::new()) };
    let sealed = record::sealed_values(q, county, matter)?;
    let natural = state.parties.iter().filter(|party| party.kind == PartyKind::Natural);
    let name = |party: &PartyState| record::opened(&sealed, &format!("party.{}.name", party.ordinal)).to_owned();
    Ok(natural.map(name).filter(|name| name != text::UNNAMED && name.chars().count() > 1).collect())
}
