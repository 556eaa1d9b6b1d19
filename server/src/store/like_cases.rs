//! Decisions that imposed a fine for the same violation, as far as somebody may see them.
//!
//! Does not belong here: how their amounts lie (`zhunsheng_core::like_cases`).

use zhunsheng_core::day::Day;
use zhunsheng_core::discretion::DEGREE;
use zhunsheng_core::id::MatterId;

use super::matters::id_of;
use super::seeing::{SightFilter, see};
use super::statement::Statement;
use super::{Query, StoreFault};

/// A decision.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Decided {
    /// Its matter.
    pub matter: MatterId,
    /// The organ.
    pub organ: String,
    /// The number of the decision.
    pub number: String,
    /// The day of the decision.
    pub day: Day,
    /// The degree, as its code.
    pub degree: String,
    /// The fine in 分, as it stands now.
    pub fine: i64,
}

/// The newest decisions on a violation by its exact name since a day, at most `limit`, each with its fine as it was changed last;
/// voided matters and revoked decisions do not count.
pub fn list(
    q: &impl Query,
    county: &str,
    sight: &SightFilter,
    (violation, since): (&str, Day),
    limit: i64,
) -> Result<Vec<Decided>, StoreFault> {
    let mut statement = Statement::new();
    let (place, name, degree, since) =
        (statement.text(county), statement.text(violation), statement.text(DEGREE), statement.int(since.number()));
    // The field stands in the text, because the index is a partial one.
    statement.sql = format!(
        "SELECT m.id, m.organ, i.text, i.day, d.value, coalesce(c.number, f.number) FROM fact v
         JOIN matter m ON m.county_code = v.county_code AND m.id = v.matter AND m.closed = 0 AND m.secret = 0
         JOIN instrument i ON i.county_code = v.county_code AND i.matter = v.matter AND i.kind = 'penalty_decision' AND i.day >= {since}
         JOIN fact f ON f.county_code = v.county_code AND f.matter = v.matter AND f.field = 'fine' AND f.until_entry IS NULL
         JOIN fact d ON d.county_code = v.county_code AND d.matter = v.matter AND d.field = {degree} AND d.until_entry IS NULL
         LEFT JOIN fact c ON c.county_code = v.county_code AND c.matter = v.matter AND c.field = 'corrected_fine' AND c.until_entry IS NULL
           AND EXISTS (SELECT 1 FROM step s WHERE s.county_code = v.county_code AND s.matter = v.matter
             AND s.step IN ('remedy_changed', 'self_change') AND s.withdrawn_entry IS NULL)
         WHERE v.county_code = {place} AND v.field = 'violation' AND v.until_entry IS NULL AND v.value = {name}
           AND NOT EXISTS (SELECT 1 FROM step s WHERE s.county_code = v.county_code AND s.matter = v.matter
             AND s.step IN ('remedy_revoked', 'self_revoke') AND s.withdrawn_entry IS NULL)"
    );
    see(&mut statement, sight);
    let limit = statement.int(limit);
    statement.sql.push_str(&format!(" ORDER BY i.day DESC, m.num DESC LIMIT {limit}"));
    q.query_all(&statement.sql, &statement.params(), |row| {
        Ok(Decided {
            matter: id_of(&row.blob(0)?)?,
            organ: row.text(1)?,
            number: row.opt_text(2)?.unwrap_or_default(),
            day: Day::from_number(row.int(3)?)
                .ok_or_else(|| StoreFault::Value { what: "instrument.day".to_owned() })?,
            degree: row.text(4)?,
            fine: row.opt_int(5)?.unwrap_or(0),
        })
    })
}
