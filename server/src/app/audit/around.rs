//! What stands beside record and tables: series of numbers, settings, accounts.

use zhunsheng_core::id::MatterId;
use zhunsheng_core::record::crypto::Suite;

use super::{Finding, Sort};
use crate::app::clock::DEMO_TODAY;
use crate::app::fault::Fault;
use crate::app::{SEED, checkpoint, county_in, found};
use crate::store::{Reader, audit, registry, settings as set};

/// A number is never left out: 体外循环 would show as a gap.
pub(super) fn series(r: &Reader<'_>, county: &str) -> Result<Vec<Finding>, Fault> {
    let mut found = Vec::new();
    for series in audit::broken_series(r, county)? {
        let missing = audit::first_missing(r, county, &series)?;
        let (organ, kind, year) = (&series.organ, &series.kind, series.year);
        let sentence =
            format!("{organ} {year} 年的文号（{kind}）不连续：缺第 {missing} 号，最后一号是 {}", series.last);
        found.push(Finding::new(Sort::Series, None, sentence));
    }
    Ok(found)
}

/// Settings say nothing that the record does not say, and an account belongs to somebody in the register.
pub(super) fn settings(r: &Reader<'_>, county: &str) -> Result<Vec<Finding>, Fault> {
    let mut found = Vec::new();
    let mut tell = |sort, sentence: String| found.push(Finding::new(sort, Some(0), sentence));
    let registers = registry::load(r, county)?;
    if let Some((code, name)) = county_in(r)?
        && let Some(place) = registers.place(&code).filter(|place| place.name != name)
    {
        tell(Sort::Setting, format!("设置中的县名“{name}”与登记的“{}”不同，没有记录说明改动", place.name));
    }
    if let Some(act) = found::founding_act(r, county)? {
        for name in [DEMO_TODAY, SEED] {
            if !act.demonstration && set::find(r, county, name)?.is_some() {
                tell(Sort::Setting, format!("真实的县里出现了演示设置 {name}"));
            }
        }
        if act.demonstration && set::find(r, county, DEMO_TODAY)?.is_none() {
            tell(Sort::Setting, format!("演示县缺少设置 {DEMO_TODAY}"));
        }
        for suite in Suite::ALL {
            let origin = checkpoint::origin(county, act.demonstration, suite);
            if let Some(key) = checkpoint::public_key(r, county, suite)?.filter(|key| key.name() != origin) {
                tell(Sort::Setting, format!("公钥 {key} 的名称不是 {origin}"));
            }
        }
    }
    let known = |person: &str| MatterId::parse(person).is_some_and(|id| registers.person(id).is_some());
    for login in audit::stray_accounts(r, county, known)? {
        tell(Sort::Account, format!("账号 {login} 不属于名册中的任何人"));
    }
    Ok(found)
}
