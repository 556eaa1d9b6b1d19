//! Numbered changes of the schema: embedded, in order, each in its own transaction, never edited once released.
//!
//! To add one: put `NNNN_name.sql` into `migrations/sqlite/` and into `migrations/postgres/`, and a line into [`MIGRATIONS`];
//! a test compares the three.

use super::catalog::{self, LEDGER};
use super::db::{Dialect, Home, Query, Session, Tx};
use super::digest::{hex, sha256};
use super::fault::StoreFault;
use crate::params;

/// Fills new tables from old ones.
pub type Fill = fn(&mut Tx<'_>) -> Result<(), StoreFault>;

/// One change of the schema.
#[derive(Clone, Copy, Debug)]
pub struct Migration {
    /// Its number, from 1, ascending; the order counts, not the gaps.
    pub version: i64,
    /// Its name, as in the file name.
    pub name: &'static str,
    /// Its statements for SQLite.
    pub sqlite: &'static str,
    /// Its statements for PostgreSQL.
    pub postgres: &'static str,
    /// What cannot be said in statements: new tables filled from old ones, in the same transaction.
    pub fill: Option<Fill>,
}

macro_rules! migration {
    ($version:literal, $file:literal, $name:literal) => {
        migration!($version, $file, $name, None)
    };
    ($version:literal, $file:literal, $name:literal, $fill:expr) => {
        Migration {
            version: $version,
            name: $name,
            sqlite: include_str!(concat!("../../migrations/sqlite/", $file, "_", $name, ".sql")),
            postgres: include_str!(concat!("../../migrations/postgres/", $file, "_", $name, ".sql")),
            fill: $fill,
        }
    };
}

/// Every migration of this program.
pub const MIGRATIONS: &[Migration] = &[
    migration!(1, "0001", "accounts"),
    migration!(2, "0002", "record"),
    migration!(3, "0003", "projections"),
    migration!(4, "0004", "statutes"),
    migration!(5, "0005", "plans"),
    migration!(6, "0006", "proofs"),
    migration!(7, "0007", "two_trees", Some(super::record::refuse_preliminary)),
    migration!(8, "0008", "deposits"),
    migration!(9, "0009", "codes"),
    migration!(10, "0010", "quarantine"),
    migration!(11, "0011", "erasure"),
    migration!(12, "0012", "search_due"),
    migration!(13, "0013", "stamps"),
    migration!(14, "0014", "lease"),
    migration!(15, "0015", "powers"),
    migration!(16, "0016", "credit"),
    migration!(17, "0017", "alike"),
    migration!(18, "0018", "like_cases"),
    migration!(19, "0019", "more_plans"),
    migration!(20, "0020", "inspections"),
    migration!(21, "0021", "imports"),
    migration!(22, "0022", "seizures"),
    migration!(23, "0023", "notices"),
    migration!(24, "0024", "credit_publication"),
    migration!(25, "0025", "answered", Some(super::idempotency::carry_over)),
    migration!(26, "0026", "citizens", Some(super::party_phones::fill)),
    migration!(27, "0027", "same_sheet"),
    migration!(28, "0028", "danger"),
    migration!(30, "0030", "listed"),
    migration!(31, "0031", "answered_ms"),
    migration!(33, "0033", "organ_telephone"),
    migration!(34, "0034", "comments"),
    migration!(35, "0035", "todo_due"),
];

const MAKE_LEDGER: &str = "CREATE TABLE IF NOT EXISTS schema_migration (
    version BIGINT NOT NULL PRIMARY KEY,
    name TEXT NOT NULL,
    digest TEXT NOT NULL
)";

impl Migration {
    /// Its statements for an engine.
    #[must_use]
    pub fn sql(&self, dialect: Dialect) -> &'static str {
        match dialect {
            Dialect::Sqlite => self.sqlite,
            Dialect::Postgres => self.postgres,
        }
    }

    /// SHA-256 of the statements, in hexadecimal.
    #[must_use]
    pub fn digest(&self, dialect: Dialect) -> String {
        hex(&sha256(self.sql(dialect).as_bytes()))
    }
}

/// Checks what is applied against what this program knows, then applies what is missing.
///
/// Errors: [`StoreFault::Newer`] and [`StoreFault::MigrationChanged`] before anything is written;
/// [`StoreFault::NotOurs`]; [`StoreFault::Migration`] after a rollback.
pub(super) fn bring_up_to_date(session: &Session<'_>, known: &[Migration], home: &Home) -> Result<(), StoreFault> {
    let (applied, dialect) = session.transaction(|tx| {
        if !is_there(tx)? && !catalog::all_tables(tx)?.is_empty() {
            return Err(StoreFault::NotOurs { place: home.to_string() });
        }
        Ok((list_applied(tx)?, tx.dialect()))
    })?;
    for migration in missing(&applied, known, dialect)? {
        apply(session, migration)?;
    }
    Ok(())
}

/// Whether a database of ours is there.
pub(super) fn is_there(q: &impl Query) -> Result<bool, StoreFault> {
    Ok(catalog::all_tables(q)?.iter().any(|table| table == LEDGER))
}

/// That nothing is missing and nothing differs: for a process that only reads.
///
/// Errors: [`StoreFault::Older`], [`StoreFault::Newer`], [`StoreFault::MigrationChanged`].
pub(super) fn require_current(q: &impl Query, known: &[Migration]) -> Result<(), StoreFault> {
    match missing(&list_applied(q)?, known, q.dialect())?.first() {
        None => Ok(()),
        Some(first) => Err(StoreFault::Older { missing: first.version }),
    }
}

fn list_applied(q: &impl Query) -> Result<Vec<(i64, String)>, StoreFault> {
    if !is_there(q)? {
        return Ok(Vec::new());
    }
    q.query_all("SELECT version, digest FROM schema_migration ORDER BY version", params![], |row| {
        Ok((row.int(0)?, row.text(1)?))
    })
}

/// The migrations still to be applied; an error if the database is newer or was changed.
fn missing<'m>(
    applied: &[(i64, String)],
    known: &'m [Migration],
    dialect: Dialect,
) -> Result<Vec<&'m Migration>, StoreFault> {
    let newest = known.last().map_or(0, |migration| migration.version);
    if let Some((found, _)) = applied.last().filter(|(found, _)| *found > newest) {
        return Err(StoreFault::Newer { found: *found, known: newest });
    }
    let mut missing = Vec::new();
    for migration in known {
        match applied.iter().find(|(version, _)| *version == migration.version) {
            Some((_, digest)) if *digest == migration.digest(dialect) => {}
            Some(_) => {
                return Err(StoreFault::MigrationChanged {
                    version: migration.version,
                    name: migration.name.to_owned(),
                });
            }
            None => missing.push(migration),
        }
    }
    Ok(missing)
}

fn apply(session: &Session<'_>, migration: &Migration) -> Result<(), StoreFault> {
    session
        .transaction(|tx| {
            tx.batch(MAKE_LEDGER)?;
            if tx.dialect() == Dialect::Postgres {
                // Two processes may start at once: the second waits here and finds it done.
                tx.batch("LOCK TABLE schema_migration IN ACCESS EXCLUSIVE MODE")?;
                if list_applied(tx)?.iter().any(|(version, _)| *version == migration.version) {
                    return Ok(());
                }
            }
            tx.batch(migration.sql(tx.dialect()))?;
            for county in counties(tx)? {
                catalog::make_partitions(tx, &county)?;
            }
            if let Some(fill) = migration.fill {
                fill(tx)?;
            }
            tx.execute(
                "INSERT INTO schema_migration (version, name, digest) VALUES ($1, $2, $3)",
                params![migration.version, migration.name, &migration.digest(tx.dialect())],
            )?;
            Ok(())
        })
        .map_err(|source| StoreFault::Migration {
            version: migration.version,
            name: migration.name.to_owned(),
            source: Box::new(source),
        })
}

/// The counties that live here; none before there is a table that could name them.
fn counties(q: &impl Query) -> Result<Vec<String>, StoreFault> {
    if q.dialect() == Dialect::Sqlite || !catalog::all_tables(q)?.iter().any(|table| table == "setting") {
        return Ok(Vec::new());
    }
    q.query_all("SELECT DISTINCT county_code FROM setting ORDER BY county_code", params![], |row| row.text(0))
}
