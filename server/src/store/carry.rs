//! A county's rows from one database into another, of whatever engine: every table, every column, nothing interpreted.
//!
//! Does not belong here: full-text indexes, which are made anew from what they index; whether the result is right
//! (`app/moving.rs`).

use super::{Cell, Param, Query, StoreFault, Tx, catalog};
use crate::params;

/// Copies every row of the county; how many there were. The target has the same schema and no row of the county.
pub fn carry(from: &impl Query, to: &mut Tx<'_>, county: &str) -> Result<u64, StoreFault> {
    let tables = catalog::tables(from)?;
    if tables != catalog::tables(to)? {
        return Err(StoreFault::Value { what: "tables of the two databases".to_owned() });
    }
    tables.iter().try_fold(0, |rows, table| Ok(rows + carry_table(from, to, table, county)?))
}

fn carry_table(from: &impl Query, to: &mut Tx<'_>, table: &str, county: &str) -> Result<u64, StoreFault> {
    let columns = catalog::columns(from, table)?;
    let places: Vec<String> = (1..=columns.len()).map(|place| format!("${place}")).collect();
    let (names, places) = (columns.join(", "), places.join(", "));
    let select = format!("SELECT {names} FROM {table} WHERE county_code = $1");
    let insert = format!("INSERT INTO {table} ({names}) VALUES ({places})");
    let mut rows = 0;
    from.query_all(&select, params![county], |row| {
        let cells = (0..row.width()).map(|index| row.cell(index)).collect::<Result<Vec<Cell>, _>>()?;
        let values: Vec<Param<'_>> = cells.iter().map(Cell::param).collect();
        rows += 1;
        to.send(&insert, &values)
    })?;
    Ok(rows)
}
