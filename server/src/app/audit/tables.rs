//! Everything that is derived from the record, made again in a scratch copy and compared with what pages read: the first
//! row that differs in each table, with the entry behind it.

use super::{Audit, Finding, Sort};
use crate::app::fault::Fault;
use crate::app::ruling::Ruling;
use crate::app::verify::rebuild;
use crate::store::project::index_due;
use crate::store::rebuild::{self as projections, PROJECTIONS, ProjectedRow};
use crate::store::{Dialect, Query, Reader, StoreFault, Tx, carry, law_files, search};

/// Compares.
pub(super) fn look(r: &Reader<'_>, county: &str, audit: &mut Audit) -> Result<Vec<Finding>, Fault> {
    let scratch = r.scratch()?;
    // A server's index is not of the scratch's kind: there only rows are compared.
    let of_file = r.dialect() == Dialect::Sqlite;
    if !of_file {
        scratch.change(|tx: &mut Tx<'_>| carry::carry(r, tx, county).map(drop))?;
    }
    scratch.change(|tx: &mut Tx<'_>| follow(tx, county))?;
    scratch.change(search::open_words)?;
    let (live, words) = (projections::digests(r, county)?, search::words_digest(&scratch.reader())?);
    scratch.change(|tx: &mut Tx<'_>| rebuild(tx, county))?;
    let made = scratch.reader();
    let mut found = Vec::new();
    for ((table, key), (before, after)) in PROJECTIONS.iter().zip(live.iter().zip(projections::digests(&made, county)?))
    {
        if before.1 != after.1 {
            found.extend(first_difference(r, &made, county, (table, key))?);
        }
    }
    if of_file && search::words_digest(&made)? != words {
        found.push(Finding::new(
            Sort::Search,
            None,
            "检索索引与事项内容不一致：有事项会搜不到，或者搜到已不存在的内容",
        ));
    }
    audit.tables = PROJECTIONS.len();
    Ok(found)
}

/// The index trails the acts by a second: what is still due is no finding. A matter that cannot be read stays as it is; the
/// comparison of rows names it.
fn follow(tx: &mut Tx<'_>, county: &str) -> Result<(), Fault> {
    if search::count_due(tx, county)? == 0 {
        return Ok(());
    }
    let ruling = Ruling::adopted(&law_files::list(tx, county)?)?;
    loop {
        match index_due(tx, county, &ruling.law, 500) {
            Ok(0) | Err(StoreFault::Value { .. }) => return Ok(()),
            Ok(_) => {}
            Err(fault) => return Err(fault.into()),
        }
    }
}

fn first_difference(
    live: &Reader<'_>,
    made: &Reader<'_>,
    county: &str,
    (table, key): (&str, &str),
) -> Result<Option<Finding>, StoreFault> {
    let stored = projections::rows(live, county, table, key)?;
    let right = projections::rows(made, county, table, key)?;
    let there = |rows: &[ProjectedRow], key: &str| rows.iter().any(|row| row.key == key);
    let pairs = stored
        .iter()
        .map(Some)
        .chain(std::iter::repeat(None))
        .zip(right.iter().map(Some).chain(std::iter::repeat(None)));
    for pair in pairs {
        let (what, row) = match pair {
            (None, None) => return Ok(None),
            (Some(stored), Some(right)) if stored == right => continue,
            (Some(stored), Some(right)) if stored.key == right.key => ("被改动", right),
            (Some(stored), _) if !there(&right, &stored.key) => ("是多出来的", stored),
            (_, Some(right)) => ("不见了", right),
            (Some(stored), None) => ("是多出来的", stored),
        };
        let sentence = format!("{}（{table}）中 {} 的一行{what}，与记录不符", title(table), row.key);
        return Ok(Some(Finding::new(Sort::Projection, row.entry, sentence)));
    }
    Ok(None)
}

fn title(table: &str) -> &'static str {
    match table {
        "matter" => "事项",
        "matter_organ" => "承办和参与机关",
        "todo" => "待办",
        "track_state" => "状态",
        "fact" => "事项内容",
        "clock_run" => "期限",
        "step" => "步骤",
        "instrument" => "文书",
        "instrument_code" => "核验码",
        "disclosure" => "公示",
        "evidence" => "材料清单",
        "query_code" => "查询码",
        "place" => "区划",
        "organ" => "机关",
        "person" => "人员",
        "post" => "岗位",
        "credential" => "证件",
        "power" => "职权",
        "delegation" => "委托、赋权",
        "tile" => "树块",
        _ => "派生表",
    }
}
