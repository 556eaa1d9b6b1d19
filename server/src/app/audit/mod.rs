//! The audit of a county by somebody who need not trust it: the record, everything that is derived from it, and everything
//! that it names, looked at once; each thing that is wrong with the entry behind it.
//!
//! Reads one consistent view, also beside a process that serves the county, and changes nothing. Does not belong here:
//! printing, exit codes (`commands::record::audit`), looking at it all day in small slices (`app::scrub`).

mod around;
mod checkpoints;
mod deposits;
pub mod files;
mod law;
mod tables;

use std::path::Path;

use serde::Serialize;
use zhunsheng_core::id::Digest;
use zhunsheng_core::record::crypto::Both;
use zhunsheng_core::record::note::LogKey;

use super::fault::{Fault, StoreFault, chain};
use super::{county_in, verify};
use crate::store::{Db, Home, Reader, Scratch, catalog};
pub use checkpoints::compare_kept;

/// What sort of thing is wrong.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Sort {
    /// The database file itself.
    Database,
    /// An entry, its sealed values, its leaf, the tree.
    Record,
    /// A signed checkpoint, or one that was kept elsewhere.
    Checkpoint,
    /// What a witness or a time stamp authority signed.
    Deposit,
    /// An adopted law file.
    Law,
    /// A row of a table that follows from the record.
    Projection,
    /// The search index.
    Search,
    /// A file of evidence.
    Evidence,
    /// A series of numbers.
    Series,
    /// A setting that says something else than the record.
    Setting,
    /// An account without a person.
    Account,
}

impl Sort {
    /// The word for people.
    #[must_use]
    pub fn chinese(self) -> &'static str {
        match self {
            Self::Database => "数据库",
            Self::Record => "全程记录",
            Self::Checkpoint => "检查点",
            Self::Deposit => "存证",
            Self::Law => "法规文件",
            Self::Projection => "派生数据",
            Self::Search => "检索",
            Self::Evidence => "证据材料",
            Self::Series => "文号",
            Self::Setting => "设置",
            Self::Account => "账号",
        }
    }
}

/// One thing that is wrong.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct Finding {
    /// What sort.
    pub sort: Sort,
    /// The entry behind it.
    pub entry: Option<i64>,
    /// What is wrong, in Chinese.
    pub sentence: String,
}

impl Finding {
    pub(super) fn new(sort: Sort, entry: Option<i64>, sentence: impl Into<String>) -> Self {
        Self { sort, entry, sentence: sentence.into() }
    }
}

/// What came out.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize)]
pub struct Audit {
    /// Code of the county.
    pub county: String,
    /// Its name.
    pub name: String,
    /// Entries that verified.
    pub entries: i64,
    /// The SM3 root of the tree, if the record verifies.
    pub root_sm3: Option<String>,
    /// The SHA-256 root, likewise.
    pub root: Option<String>,
    /// How many entries the newest checkpoint covers.
    pub signed: Option<u64>,
    /// Tables that were made again and compared.
    pub tables: usize,
    /// Law files compared with their digests.
    pub law_files: usize,
    /// Evidence files read again.
    pub files: u64,
    /// Their bytes.
    pub bytes: u64,
    /// Files that no row names: uploads whose act never came about. Told, not counted as wrong.
    pub orphans: Vec<String>,
    /// What is wrong.
    pub findings: Vec<Finding>,
}

/// What else is known from outside.
#[derive(Clone, Debug, Default)]
pub struct Wish {
    /// Public keys that were obtained elsewhere: at most one of each suite.
    pub keys: Both<Option<LogKey>>,
    /// A checkpoint that was kept elsewhere.
    pub kept: Option<String>,
}

/// Looks at everything. Errors: there is no county, or the machine fails; what is *wrong* is in the result.
pub fn audit(home: &Home, wish: &Wish) -> Result<Audit, Fault> {
    let mut audit = Audit::default();
    match Db::open_for_reading(home) {
        Ok(db) => db.read_blocking(|r| look(r, &home.data, wish, &mut audit))?,
        Err(fault @ (StoreFault::Io { .. } | StoreFault::Older { .. } | StoreFault::Newer { .. })) => {
            return Err(fault.into());
        }
        Err(wrong) => audit.findings.push(Finding::new(Sort::Database, None, chain(&wrong))),
    }
    Ok(audit)
}

fn look(r: &Reader<'_>, data: &Path, wish: &Wish, audit: &mut Audit) -> Result<(), Fault> {
    let county = match county_in(r) {
        Ok(found) => found,
        Err(wrong) => {
            audit.findings.push(Finding::new(Sort::Database, None, chain(&wrong)));
            return Ok(());
        }
    };
    let (county, name) = county.ok_or(Fault::NoCounty)?;
    (audit.county, audit.name) = (county.clone(), name);
    // Each part for itself: what cannot be read in one place does not hide what is wrong in another.
    let parts: [(Sort, Part); 8] = [
        (Sort::Database, |r, _, _| Ok(database(r)?.into_iter().collect())),
        (Sort::Database, |r, _, _| Ok(schema(r)?)),
        (Sort::Record, record),
        (Sort::Law, |r, county, audit| law::look(r, county, &mut audit.law_files)),
        (Sort::Projection, tables::look),
        (Sort::Series, |r, county, _| around::series(r, county)),
        (Sort::Setting, |r, county, _| around::settings(r, county)),
        (Sort::Deposit, |r, county, audit| deposits::look(r, county, audit.entries)),
    ];
    for (sort, part) in parts {
        let found = part(r, &county, audit).unwrap_or_else(|fault| vec![Finding::new(sort, None, chain(&fault))]);
        audit.findings.extend(found);
    }
    match checkpoints::look(r, &county, wish, audit.entries) {
        Ok(found) => audit.findings.extend(found),
        Err(fault) => audit.findings.push(Finding::new(Sort::Checkpoint, None, chain(&fault))),
    }
    match files::look(r, &county, data, audit) {
        Ok(found) => audit.findings.extend(found),
        Err(fault) => audit.findings.push(Finding::new(Sort::Evidence, None, chain(&fault))),
    }
    Ok(())
}

type Part = fn(&Reader<'_>, &str, &mut Audit) -> Result<Vec<Finding>, Fault>;

fn database(r: &Reader<'_>) -> Result<Option<Finding>, StoreFault> {
    let told = |verdict: String| Finding::new(Sort::Database, None, format!("数据库文件内部不一致：{verdict}"));
    Ok(r.integrity()?.map(told))
}

/// The statements that made tables and indexes, compared with those of this program: a column that means something else, a trigger,
/// an index that leaves rows out.
fn schema(r: &Reader<'_>) -> Result<Vec<Finding>, StoreFault> {
    let stored = catalog::statements(r)?;
    if stored.is_empty() {
        return Ok(Vec::new());
    }
    let right = catalog::statements(&Scratch::empty()?.reader())?;
    let told = |[_, name, _]: &[String; 3], what: &str| {
        Finding::new(Sort::Database, None, format!("数据库结构中 {name} 的定义{what}，与本程序的不符"))
    };
    let named = |all: &[[String; 3]], [kind, name, _]: &[String; 3]| all.iter().any(|[k, n, _]| (k, n) == (kind, name));
    let strange = stored.iter().filter(|one| !right.contains(one));
    let strange = strange.map(|one| told(one, if named(&right, one) { "被改动" } else { "是多出来的" }));
    let missing = right.iter().filter(|one| !named(&stored, one)).map(|one| told(one, "不见了"));
    Ok(strange.chain(missing).collect())
}

fn record(r: &Reader<'_>, county: &str, audit: &mut Audit) -> Result<Vec<Finding>, Fault> {
    let verified = verify::verify(r, county)?;
    audit.entries = verified.entries;
    audit.signed = crate::store::checkpoint::newest(r, county)?.map(|signed| signed.size);
    if let Some(wrong) = verified.wrong {
        return Ok(vec![Finding::new(Sort::Record, Some(verified.entries), wrong)]);
    }
    audit.root_sm3 = Some(verified.roots.sm3.to_string());
    audit.root = Some(verified.roots.sha256.to_string());
    Ok(Vec::new())
}

/// Hexadecimal of a digest, shortened for a sentence.
fn short(digest: &Digest) -> String {
    digest.to_string().chars().take(16).collect()
}
