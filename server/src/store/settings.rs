//! Named values of a county: few, small, read at start and changed by hand or by an act.

use super::{Query, StoreFault, Tx};
use crate::params;

/// The setting that every county has: its name.
pub const COUNTY_NAME: &str = "county.name";
/// The county's key: of form tokens, seals and keyed hashes.
pub const SITE_KEY: &str = "web.key";

/// The value of a setting, if it was ever set.
pub fn find(q: &impl Query, county: &str, name: &str) -> Result<Option<String>, StoreFault> {
    q.query_one("SELECT value FROM setting WHERE county_code = $1 AND name = $2", params![county, name], |row| {
        row.text(0)
    })
}

/// Sets a setting.
pub fn put(tx: &mut Tx<'_>, county: &str, name: &str, value: &str) -> Result<(), StoreFault> {
    tx.execute(
        "INSERT INTO setting (county_code, name, value) VALUES ($1, $2, $3)
         ON CONFLICT (county_code, name) DO UPDATE SET value = excluded.value",
        params![county, name, value],
    )?;
    Ok(())
}

/// The counties that have a setting of this name, by code, with its value: a county's name.
pub fn list_counties(q: &impl Query, name: &str) -> Result<Vec<(String, String)>, StoreFault> {
    q.query_all("SELECT county_code, value FROM setting WHERE name = $1 ORDER BY county_code", params![name], |row| {
        Ok((row.text(0)?, row.text(1)?))
    })
}

/// Removes a setting; returns whether there was one.
pub fn delete(tx: &mut Tx<'_>, county: &str, name: &str) -> Result<bool, StoreFault> {
    let changed = tx.execute("DELETE FROM setting WHERE county_code = $1 AND name = $2", params![county, name])?;
    Ok(changed > 0)
}
