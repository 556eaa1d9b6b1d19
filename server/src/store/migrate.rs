//! Numbered changes of the schema: embedded, in order, each in its own transaction, never edited once released.
//!
//! To add one: put `NNNN_name.sql` into `migrations/sqlite/` and a line into [`MIGRATIONS`]; a test compares the two.

use super::db::{Query, Session, Tx};
use super::digest::{hex, sha256};
use super::fault::StoreFault;
use crate::params;

/// Fills new tables from old ones.
pub type Fill = fn(&mut Tx<'_>) -> Result<(), StoreFault>;

/// One change of the schema.
#[derive(Clone, Copy, Debug)]
pub struct Migration {
    /// Its number; the order counts, not the gaps.
    pub version: i64,
    /// Its name, as in the file name.
    pub name: &'static str,
    /// Its statements.
    pub sql: &'static str,
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
            sql: include_str!(concat!("../../migrations/sqlite/", $file, "_", $name, ".sql")),
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
    migration!(6, "0006", "proofs", Some(super::tile::fill_all)),
    migration!(16, "0016", "search_due"),
];

const LEDGER: &str = "CREATE TABLE IF NOT EXISTS schema_migration (
    version BIGINT NOT NULL PRIMARY KEY,
    name TEXT NOT NULL,
    digest TEXT NOT NULL
)";

impl Migration {
    /// SHA-256 of the statements, in hexadecimal.
    #[must_use]
    pub fn digest(&self) -> String {
        hex(&sha256(self.sql.as_bytes()))
    }
}

/// Checks what is applied against what this program knows, then applies what is missing.
///
/// Errors: [`StoreFault::Newer`] and [`StoreFault::MigrationChanged`] before anything is written;
/// [`StoreFault::Migration`] after a rollback.
pub(super) fn bring_up_to_date(session: &Session<'_>, known: &[Migration]) -> Result<(), StoreFault> {
    let applied = session.transaction(|tx| list_applied(tx))?;
    for migration in missing(&applied, known)? {
        apply(session, migration)?;
    }
    Ok(())
}

/// That nothing is missing and nothing differs: for a process that only reads.
///
/// Errors: [`StoreFault::Older`], [`StoreFault::Newer`], [`StoreFault::MigrationChanged`].
pub(super) fn require_current(q: &impl Query, known: &[Migration]) -> Result<(), StoreFault> {
    match missing(&list_applied(q)?, known)?.first() {
        None => Ok(()),
        Some(first) => Err(StoreFault::Older { missing: first.version }),
    }
}

fn list_applied(q: &impl Query) -> Result<Vec<(i64, String)>, StoreFault> {
    let ledger = q.query_one(
        "SELECT count(*) FROM sqlite_schema WHERE type = 'table' AND name = 'schema_migration'",
        params![],
        |row| row.int(0),
    )?;
    if ledger.unwrap_or(0) == 0 {
        return Ok(Vec::new());
    }
    q.query_all("SELECT version, digest FROM schema_migration ORDER BY version", params![], |row| {
        Ok((row.int(0)?, row.text(1)?))
    })
}

/// The migrations still to be applied; an error if the database is newer or was changed.
fn missing<'m>(applied: &[(i64, String)], known: &'m [Migration]) -> Result<Vec<&'m Migration>, StoreFault> {
    let newest = known.last().map_or(0, |migration| migration.version);
    if let Some((found, _)) = applied.last().filter(|(found, _)| *found > newest) {
        return Err(StoreFault::Newer { found: *found, known: newest });
    }
    let mut missing = Vec::new();
    for migration in known {
        match applied.iter().find(|(version, _)| *version == migration.version) {
            Some((_, digest)) if *digest == migration.digest() => {}
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
            tx.batch(LEDGER)?;
            tx.batch(migration.sql)?;
            if let Some(fill) = migration.fill {
                fill(tx)?;
            }
            tx.execute(
                "INSERT INTO schema_migration (version, name, digest) VALUES ($1, $2, $3)",
                params![migration.version, migration.name, &migration.digest()],
            )?;
            Ok(())
        })
        .map_err(|source| StoreFault::Migration {
            version: migration.version,
            name: migration.name.to_owned(),
            source: Box::new(source),
        })
}
