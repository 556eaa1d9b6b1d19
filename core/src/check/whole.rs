//! What only the whole law shows: versions of one procedure that leave gaps or overlap, refusals that nothing gives any
//! more, tables that leave somebody out, and a lock that no longer fits.

use std::collections::{BTreeMap, BTreeSet};

use super::Surroundings;
use super::citations;
use super::discretion;
use super::finding::{Code, Finding, Subject};
use super::leniency;
use super::lock::{LOCK, Locked};
use crate::procedure::{PartyKind, Unchecked};
use crate::refusal::engine;
use crate::table::Table;

pub(super) fn finding(code: Code, file: &str, subject: Subject, explanation: String, mend: &str) -> Finding {
    Finding { code, file: file.to_owned(), at: None, subject, explanation, mend: mend.to_owned() }
}

/// Everything of that sort.
pub(super) fn check(all: &[Unchecked], around: &Surroundings<'_>) -> Vec<Finding> {
    let mut findings = versions(all);
    findings.extend(refusals(all, around));
    findings.extend(around.tables.iter().filter(|table| !table.is_made()).flat_map(table));
    findings.extend(discretion::check(around));
    findings.extend(leniency::check(around));
    findings.extend(lock(all, around));
    findings
}

/// One version ends where the next begins.
fn versions(all: &[Unchecked]) -> Vec<Finding> {
    let mut by_id: BTreeMap<&str, Vec<&Unchecked>> = BTreeMap::new();
    for one in all {
        by_id.entry(one.id.as_str()).or_default().push(one);
    }
    let mut findings = Vec::new();
    for (id, mut versions) in by_id {
        versions.sort_by_key(|version| version.in_force_from);
        let mut say = |version: &Unchecked, code: Code, text: String, mend: &str| {
            let at = version.places.of(&Subject::Procedure);
            findings.push(Finding { at, ..finding(code, &version.file, Subject::Procedure, text, mend) });
        };
        for version in &versions {
            if version.in_force_until.is_some_and(|until| until <= version.in_force_from) {
                let text = format!("程序“{id}”的 in_force_until 不晚于 in_force_from，从来没有施行");
                say(version, Code::VersionsGap, text, "改正起止日期");
            }
        }
        for (earlier, later) in versions.iter().zip(versions.iter().skip(1)) {
            let begins = later.in_force_from;
            match earlier.in_force_until {
                Some(until) if until == begins => {}
                Some(until) if until < begins => say(
                    later,
                    Code::VersionsGap,
                    format!("程序“{id}”自{}至{}没有版本施行", until.chinese(), begins.chinese()),
                    "使前一版本的 in_force_until 等于后一版本的 in_force_from",
                ),
                _ => say(
                    later,
                    Code::VersionsOverlap,
                    format!("程序“{id}”的两个版本（{}、{}）自{}起同时施行", earlier.file, later.file, begins.chinese()),
                    "在前一版本写明 in_force_until，等于后一版本的 in_force_from",
                ),
            }
        }
    }
    findings
}

/// A refusal that neither the engine nor a definition gives.
fn refusals(all: &[Unchecked], around: &Surroundings<'_>) -> Vec<Finding> {
    let used: BTreeSet<&str> = all
        .iter()
        .flat_map(|one| one.steps.iter().flat_map(|step| step.guards.iter().map(|guard| guard.refusal.as_str())))
        .chain(engine::ALL.iter().copied())
        .collect();
    let unused = around.refusals.entries().iter().filter(|entry| !used.contains(entry.code.as_str()));
    unused
        .map(|entry| {
            finding(
                Code::UnusedRefusal,
                "refusals.toml",
                Subject::Refusal(entry.code.clone()),
                format!("拒绝代码“{}”没有任何条件使用", entry.code),
                "恢复应当使用它的条件，或者删除",
            )
        })
        .collect()
}

/// Every kind of party has a row on every day from the first; no row is hidden by those before it.
fn table(table: &Table) -> Vec<Finding> {
    let file = format!("tables/{}.toml", table.id);
    let subject = || Subject::Table(table.id.clone());
    let mut findings = Vec::new();
    let kinds = [PartyKind::Natural, PartyKind::Legal, PartyKind::SoleTrader];
    let missing: Vec<&str> = kinds.into_iter().filter(|kind| table.gap(*kind)).map(PartyKind::chinese).collect();
    if !missing.is_empty() {
        findings.push(finding(
            Code::TableGap,
            &file,
            subject(),
            format!("数额表“{}”有的日期没有{}的一行", table.title, missing.join("、")),
            "补上相应的行；没有合适的一行时系统从严处理",
        ));
    }
    for n in table.hidden() {
        findings.push(finding(
            Code::TableRowHidden,
            &file,
            subject(),
            format!("数额表“{}”的第{n}行被前面的行盖住，永远不会用到", table.title),
            "把较特殊的一行放在前面，或者删除",
        ));
    }
    findings
}

/// With texts at hand, the lock is compared line by line; without, a line that nothing cites is stale.
fn lock(all: &[Unchecked], around: &Surroundings<'_>) -> Vec<Finding> {
    let Some(lock) = around.lock else { return Vec::new() };
    let mut findings = Vec::new();
    let mut stale = |n: usize, line: &Locked, why: &str| {
        let mut found = finding(
            Code::LockStale,
            LOCK,
            Subject::Lock(n),
            format!("{}§{}（{}）{why}", line.statute, line.article.written(), line.adopted),
            "用 zhunsheng law check --statutes 文件夹 --lock 重新核对并记录",
        );
        found.at = Some((n, 1));
        findings.push(found);
    };
    let mut cited = BTreeSet::new();
    for one in all {
        for citation in citations::all(one) {
            let Some((name, article)) = super::lock::cited(citation.basis) else { continue };
            let Some(statute) = around.statutes.find(name) else { continue };
            cited.insert((statute.short.clone(), article, citation.phrase.map(str::to_owned)));
        }
    }
    for limit in around.limits.iter() {
        let Some((name, article)) = super::lock::cited(&limit.basis) else { continue };
        let Some(statute) = around.statutes.find(name) else { continue };
        cited.insert((statute.short.clone(), article, Some(limit.phrase.clone()).filter(|p| !p.is_empty())));
    }
    let fresh: Option<BTreeSet<Locked>> = around.texts.map(|_| super::lines(all, around).into_iter().collect());
    // Two lines of comment stand before the first.
    for (n, line) in lock.lines().enumerate().map(|(n, line)| (n + 3, line)) {
        if !cited.contains(&(line.statute.clone(), line.article, line.phrase.clone())) {
            stale(n, line, "没有定义再引用");
        } else if fresh.as_ref().is_some_and(|fresh| !fresh.contains(line)) && around.has_text(line) {
            stale(n, line, "与现有文本不符");
        }
    }
    for line in fresh.into_iter().flatten() {
        if !lock.lines().any(|known| *known == line) {
            stale(0, &line, "还没有记录");
        }
    }
    findings
}
