//! A county from one database into another: rows, indexes made anew, and the whole compared before anything is committed.
//!
//! Does not belong here: evidence files and keys, which stay in the data folder.

use super::county_in;
use super::fault::Fault;
use super::ruling::Ruling;
use super::verify::{self, Verified};
use crate::store::project::index_all;
use crate::store::rebuild::digests;
use crate::store::{Db, Query, Reader, Tx, carry, catalog, law_files, settings, statutes};

/// What was moved.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Moved {
    /// Code of the county.
    pub county: String,
    /// Its name.
    pub name: String,
    /// Rows of all tables.
    pub rows: u64,
    /// The record, verified in the target.
    pub record: Verified,
}

/// Copies the county of one database into another that has none of this code. One transaction: a move that is broken off
/// leaves nothing. Blocking.
///
/// Errors: no county, or one is there already; what arrived is not what was sent.
pub fn move_county(from: &Db, to: &Db) -> Result<Moved, Fault> {
    let source = from.clone();
    let moved = to.write_blocking(move |tx| source.read_blocking(|r| copy(r, tx)))?;
    to.write_blocking(|tx| catalog::take_stock(tx).map_err(Fault::from))?;
    Ok(moved)
}

fn copy(from: &Reader<'_>, to: &mut Tx<'_>) -> Result<Moved, Fault> {
    let (county, name) = county_in(from)?.ok_or(Fault::NoCounty)?;
    if settings::find(to, &county, settings::COUNTY_NAME)?.is_some() {
        return Err(Fault::AlreadyFounded { code: county });
    }
    catalog::make_partitions(to, &county)?;
    let rows = carry::carry(from, to, &county)?;
    statutes::index_all(to, &county)?;
    let ruling = Ruling::adopted(&law_files::list(to, &county)?)?;
    index_all(to, &county, &ruling.law)?;
    let record = compare(from, to, &county)?;
    Ok(Moved { county, name, rows, record })
}

/// The record verifies in both and is the same; so is every projection.
fn compare(from: &impl Query, to: &impl Query, county: &str) -> Result<Verified, Fault> {
    let (sent, arrived) = (verify::verify(from, county)?, verify::verify(to, county)?);
    let same = sent == arrived && digests(from, county)? == digests(to, county)?;
    match (&arrived.wrong, same) {
        (None, true) => Ok(arrived),
        (wrong, _) => {
            Err(Fault::MovedWrong { wrong: wrong.clone().unwrap_or_else(|| "两边的表不一致".to_owned()) })
        }
    }
}
