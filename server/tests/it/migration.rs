//! Opening a database that is not as expected: one clear paragraph, and nothing overwritten.

use std::path::Path;

use crate::support::{Folder, blank_home, only_sqlite, server};
use zhunsheng::params;
use zhunsheng::store::migrate::{MIGRATIONS, Migration};
use zhunsheng::store::{Db, Dialect, Home, Query, StoreFault, catalog};

const FIRST: Migration = migration(1, "first", "CREATE TABLE first (county_code TEXT NOT NULL)");
const SECOND: Migration = migration(2, "second", "CREATE TABLE second (county_code TEXT)");

const fn migration(version: i64, name: &'static str, sql: &'static str) -> Migration {
    Migration { version, name, sqlite: sql, postgres: sql, fill: None }
}

/// The file as it lies there; on a server, the schema that is to stay as it is.
fn bytes(folder: &Path) -> Vec<u8> {
    match blank_home(folder) {
        Home { database: None, .. } => std::fs::read(Home::from(folder).file()).unwrap(),
        home => {
            let tables = Db::open_with(home, &[]).map(|db| db.read_blocking(|r| catalog::tables(r)));
            format!("{tables:?}").into_bytes()
        }
    }
}

fn assert_untouched(folder: &Path, before: &[u8]) {
    assert!(bytes(folder) == before, "the file was written to");
}

#[test]
fn migrations_are_applied_once_and_in_order() {
    let folder = Folder::new();
    drop(Db::open_with(blank_home(folder.path()), &[FIRST]).unwrap());
    let db = Db::open_with(blank_home(folder.path()), &[FIRST, SECOND]).unwrap();
    let applied = db.read_blocking(|r| {
        r.query_all("SELECT version, name FROM schema_migration ORDER BY version", params![], |row| {
            Ok((row.int(0)?, row.text(1)?))
        })
    });
    assert_eq!(applied.unwrap(), [(1, "first".to_owned()), (2, "second".to_owned())]);
}

#[test]
fn an_edited_migration_is_refused() {
    let folder = Folder::new();
    drop(Db::open_with(blank_home(folder.path()), &[FIRST]).unwrap());
    let before = bytes(folder.path());
    let edited = migration(1, "first", "CREATE TABLE first (county_code TEXT)");
    let fault = Db::open_with(blank_home(folder.path()), &[edited, SECOND]).unwrap_err();
    assert!(fault.to_string().starts_with("数据库第 1 号结构变更（first）与本程序内的不一致"), "{fault}");
    assert_untouched(folder.path(), &before);
}

#[test]
fn a_newer_database_is_refused() {
    let folder = Folder::new();
    drop(Db::open_with(blank_home(folder.path()), &[FIRST, SECOND]).unwrap());
    let before = bytes(folder.path());
    let fault = Db::open_with(blank_home(folder.path()), &[FIRST]).unwrap_err();
    assert!(fault.to_string().starts_with("数据库的结构版本是 2，本程序只认识到 1"), "{fault}");
    assert_untouched(folder.path(), &before);
}

#[test]
fn a_failed_migration_leaves_what_was() {
    let folder = Folder::new();
    drop(Db::open_with(blank_home(folder.path()), &[FIRST]).unwrap());
    let half = migration(2, "half", "CREATE TABLE half (a TEXT); CREATE TABLE first (a TEXT)");
    let fault = Db::open_with(blank_home(folder.path()), &[FIRST, half]).unwrap_err();
    assert!(matches!(fault, StoreFault::Migration { version: 2, .. }), "{fault:?}");
    let db = Db::open_with(blank_home(folder.path()), &[FIRST]).unwrap();
    let left = db.read_blocking(|r| catalog::tables(r)).unwrap();
    assert_eq!(left, ["first"]);
}

#[test]
fn a_file_that_is_no_database_is_left_alone() {
    if !only_sqlite("the file itself") {
        return;
    }
    let folder = Folder::new();
    let content = "这不是数据库".repeat(1_000).into_bytes();
    std::fs::write(Home::from(folder.path()).file(), &content).unwrap();
    let fault = Db::open(folder.home()).unwrap_err();
    assert!(matches!(fault, StoreFault::Damaged { .. }), "{fault:?}");
    assert!(fault.to_string().contains("文件原样保留，没有改动"), "{fault}");
    assert_untouched(folder.path(), &content);
}

#[test]
fn a_damaged_page_is_found_at_the_start() {
    if !only_sqlite("the file itself") {
        return;
    }
    let folder = Folder::new();
    drop(Db::open(folder.home()).unwrap());
    let mut content = bytes(folder.path());
    let page = content.len() / 4_096 / 2 * 4_096;
    content[page..page + 4_096].fill(0xA5);
    std::fs::write(Home::from(folder.path()).file(), &content).unwrap();
    let fault = Db::open(folder.home()).unwrap_err();
    assert!(matches!(fault, StoreFault::Damaged { .. }), "{fault:?}");
    assert_untouched(folder.path(), &content);
}

#[test]
fn the_database_of_another_program_is_left_alone() {
    if !only_sqlite("the file itself") {
        return;
    }
    let folder = Folder::new();
    drop(Db::open_with(blank_home(folder.path()), &[FIRST]).unwrap());
    let mut content = bytes(folder.path());
    content[68..72].fill(0); // the application id of the file header
    std::fs::write(Home::from(folder.path()).file(), &content).unwrap();
    let fault = Db::open(folder.home()).unwrap_err();
    assert!(matches!(fault, StoreFault::NotOurs { .. }), "{fault:?}");
    assert_untouched(folder.path(), &content);
}

#[test]
fn the_folder_and_the_list_agree() {
    let listed: Vec<String> =
        MIGRATIONS.iter().map(|migration| format!("{:04}_{}.sql", migration.version, migration.name)).collect();
    for engine in ["sqlite", "postgres"] {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("migrations").join(engine);
        let mut files: Vec<String> =
            std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
        files.sort();
        assert_eq!(files, listed, "{engine}");
    }
    let numbers: Vec<i64> = MIGRATIONS.iter().map(|migration| migration.version).collect();
    assert_eq!(numbers.first(), Some(&1));
    assert!(numbers.is_sorted_by(|earlier, later| earlier < later), "{numbers:?}");
}

/// House rule: every key begins with the county.
#[test]
fn every_key_begins_with_the_county() {
    let folder = Folder::new();
    let db = Db::open(folder.home()).unwrap();
    let of_file = "SELECT s.name, i.name, c.name FROM sqlite_schema s
         JOIN pragma_index_list(s.name) i JOIN pragma_index_info(i.name) c
         WHERE s.type = 'table' AND c.seqno = 0 AND s.name <> 'schema_migration'
           AND s.name NOT LIKE '%search~_%' ESCAPE '~'";
    let of_server = "SELECT CAST(t.relname AS TEXT), CAST(i.relname AS TEXT), CAST(a.attname AS TEXT)
         FROM pg_index x JOIN pg_class t ON t.oid = x.indrelid JOIN pg_class i ON i.oid = x.indexrelid
         JOIN pg_am m ON m.oid = i.relam AND m.amname = 'btree'
         JOIN pg_attribute a ON a.attrelid = t.oid AND a.attnum = x.indkey[0]
         JOIN pg_namespace n ON n.oid = t.relnamespace
         WHERE n.nspname = current_schema() AND t.relname <> 'schema_migration'";
    let keys = db
        .read_blocking(|r| {
            let sql = if r.dialect() == Dialect::Sqlite { of_file } else { of_server };
            r.query_all(sql, params![], |row| Ok((row.text(0)?, row.text(1)?, row.opt_text(2)?)))
        })
        .unwrap();
    assert!(keys.len() > 5);
    for (table, index, first) in keys {
        assert_eq!(first.as_deref(), Some("county_code"), "{table}.{index}");
    }
}

/// House rule: text has the order of its bytes, which is SQLite's, and what grows with work is partitioned by county.
#[test]
fn text_of_a_server_has_the_order_of_bytes_and_what_grows_has_partitions() {
    if server().is_none() {
        return;
    }
    let folder = Folder::new();
    let db = Db::open(folder.home()).unwrap();
    let names = |sql: &str| db.read_blocking(|r| r.query_all(sql, params![], |row| row.text(0))).unwrap();
    let elsewhere = names(
        "SELECT CAST(t.relname || '.' || a.attname AS TEXT) FROM pg_attribute a JOIN pg_class t ON t.oid = a.attrelid
         JOIN pg_namespace n ON n.oid = t.relnamespace JOIN pg_collation c ON c.oid = a.attcollation
         WHERE n.nspname = current_schema() AND t.relkind IN ('r', 'p') AND a.attnum > 0 AND NOT a.attisdropped
           AND c.collname <> 'C' AND t.relname <> 'schema_migration'",
    );
    assert_eq!(elsewhere, Vec::<String>::new(), "COLLATE \"C\" is missing");
    let whole = names(
        "SELECT CAST(t.relname AS TEXT) FROM pg_class t JOIN pg_namespace n ON n.oid = t.relnamespace
         WHERE n.nspname = current_schema() AND t.relkind = 'r' AND NOT t.relispartition
         ORDER BY CAST(t.relname AS TEXT) COLLATE \"C\"",
    );
    // A row for each person, post, power, witness, day or law file, or a few for a person; texts of statutes; quarantine.
    let small = [
        "account",
        "api_token",
        "attempt",
        "calendar_feed",
        "checkpoint",
        "code",
        "credential",
        "credit_handover",
        "delegation",
        "deposit_state",
        "head",
        "law_file",
        "lease",
        "notice_way",
        "organ",
        "person",
        "place",
        "post",
        "power",
        "quarantine",
        "schema_migration",
        "session",
        "setting",
        "stamp_request",
        "statute_article",
        "statute_edition",
        "statute_heading",
        "statute_search",
    ];
    assert_eq!(
        whole, small,
        "new tables: PARTITION BY LIST (county_code), or named here with the reason in the migration"
    );
}

/// Left without statistics, SQLite walks whole tables for these: the desk, a file, the public list, an open hand-over, what looks
/// alike, the reports of a decision, like cases, notices and what of them is sent.
#[test]
fn rows_are_found_by_their_index() {
    if !only_sqlite("the file itself") {
        return;
    }
    let folder = Folder::new();
    let db = Db::open(folder.home()).unwrap();
    for (sql, index) in [
        ("SELECT 1 FROM step WHERE county_code = 'x' AND person = x'00' ORDER BY seq DESC LIMIT 5", "step_by_person"),
        ("SELECT max(seq) FROM step WHERE county_code = 'x' AND matter = x'00' AND step = 'y'", "step_by_matter"),
        ("SELECT media FROM evidence WHERE county_code = 'x' AND digest = x'00'", "evidence_by_digest"),
        (
            "SELECT result FROM answered_command WHERE county_code = 'x' AND handle = 1 AND actor = 'a' AND key = 'k'",
            "answered_by_handle",
        ),
        (
            "SELECT made_day FROM disclosure WHERE county_code = 'x' AND procedure = 'y' AND made_day IS NOT NULL
               AND withdrawn_day IS NULL AND (made_day, num) < (7, 9) ORDER BY made_day DESC, num DESC, disclosure DESC LIMIT 5",
            "disclosure_shown",
        ),
        (
            "SELECT f.matter FROM fact f WHERE f.county_code = 'x' AND f.field = 'duty_until' AND f.until_entry IS NULL
               AND f.number >= 9 ORDER BY f.number, f.matter",
            "fact_duty_until",
        ),
        (
            "SELECT count(*) FROM matter m WHERE m.county_code = 'x' AND m.num IN
               (SELECT n.num FROM matter n WHERE n.county_code = 'x' AND n.place = 'p' ORDER BY n.num DESC LIMIT 5)
               AND m.closed = 0 AND m.opened_day >= 9 AND m.procedure = 'y'",
            "matter_by_place",
        ),
        (
            "SELECT id FROM matter WHERE county_code = 'x' AND assigned = x'00' AND closed = 0 AND ended_day IS NULL
             ORDER BY num LIMIT 5",
            "matter_by_assigned",
        ),
        (
            "SELECT matter FROM fact WHERE county_code = 'x' AND field = '_alike' AND value = 'v' AND until_entry IS NULL",
            "fact_alike",
        ),
        (
            "SELECT m.body FROM fact f CROSS JOIN matter m WHERE m.county_code = 'x' AND m.procedure = 'p' AND f.county_code = 'x'
               AND f.matter = m.id AND f.field = 'decision' AND f.until_entry IS NULL AND f.value = 'v'",
            "fact_decision (county_code=? AND value=?); SEARCH m",
        ),
        (
            "SELECT m.body FROM fact f CROSS JOIN matter m WHERE m.county_code = 'x' AND m.procedure = 'credit_report' AND m.closed = 0
               AND f.county_code = 'x' AND f.matter = m.id AND f.field = 'publication_most' AND f.until_entry IS NULL
               AND f.number BETWEEN 1 AND 9",
            "fact_publication_most (county_code=? AND number>? AND number<?); SEARCH m",
        ),
        (
            "SELECT m.body FROM fact f CROSS JOIN matter m WHERE f.county_code = 'x' AND f.field = 'publication_most'
               AND f.until_entry IS NULL AND m.county_code = 'x' AND m.id = f.matter AND m.procedure = 'credit_report' AND m.closed = 0
               AND f.number >= 9 AND (f.number > 9 OR f.matter > x'00') ORDER BY f.number, f.matter LIMIT 61",
            "fact_publication_most (county_code=? AND number>?); SEARCH m",
        ),
        (
            "SELECT batch FROM credit_handover WHERE county_code = 'x' AND next_ms <= 9 ORDER BY next_ms, batch, part LIMIT 100",
            "credit_handover_due (county_code=? AND next_ms<?)",
        ),
        (
            "SELECT count(*) FROM fact o CROSS JOIN matter m WHERE o.county_code = 'x' AND o.field = 'object' AND o.value = 'v'
               AND o.until_entry IS NULL AND m.county_code = o.county_code AND m.id = o.matter AND m.procedure = 'p'",
            "fact_object (county_code=? AND value=?); SEARCH m",
        ),
        (
            "SELECT i.day FROM fact v JOIN matter m ON m.county_code = v.county_code AND m.id = v.matter
               JOIN instrument i ON i.county_code = v.county_code AND i.matter = v.matter AND i.kind = 'k'
             WHERE v.county_code = 'x' AND v.field = 'violation' AND v.until_entry IS NULL AND v.value = 'v'",
            "SEARCH v USING INDEX fact_violation (county_code=? AND value=?); SEARCH m",
        ),
        (
            "SELECT m.id FROM fact f JOIN matter m ON m.county_code = f.county_code AND m.id = f.matter
             WHERE f.county_code = 'x' AND f.field = '_external' AND f.until_entry IS NULL AND f.value = 'v'
               AND m.procedure = 'p' AND m.closed = 0 LIMIT 1",
            "SEARCH f USING INDEX fact_external (county_code=? AND value=?); SEARCH m",
        ),
        (
            "SELECT f.matter FROM fact f WHERE f.county_code = 'x' AND f.field = '_import' AND f.until_entry IS NULL AND f.value = 'v'",
            "fact_import",
        ),
        (
            "SELECT m.title FROM fact o CROSS JOIN matter m WHERE o.county_code = 'x' AND o.field = '_opened' AND o.value = 'p'
               AND o.number BETWEEN 1 AND 9 AND o.until_entry IS NULL AND m.county_code = o.county_code AND m.id = o.matter",
            "fact_opened (county_code=? AND value=?); SEARCH m",
        ),
        (
            "SELECT count(*) FROM fact o CROSS JOIN matter m WHERE o.county_code = 'x' AND o.field = 'object_code' AND o.value = 'v'
               AND o.until_entry IS NULL AND m.county_code = o.county_code AND m.id = o.matter AND m.procedure = 'p'",
            "fact_object_code (county_code=? AND value=?); SEARCH m",
        ),
        (
            "SELECT f.matter FROM fact f WHERE f.county_code = 'x' AND f.field = 'rows_digest' AND f.until_entry IS NULL AND f.value = 'v'",
            "fact_sheet_rows",
        ),
        (
            "SELECT f.matter FROM fact f WHERE f.county_code = 'x' AND f.field = 'file_digest' AND f.until_entry IS NULL AND f.value = 'v'",
            "fact_sheet_file",
        ),
        (
            "SELECT m.num FROM fact d CROSS JOIN matter m WHERE m.county_code = 'x' AND d.county_code = 'x' AND d.field = 'risk_proposed'
               AND d.value = 'high' AND d.until_entry IS NULL AND m.id = d.matter AND m.ended_day IS NULL LIMIT 5",
            "SEARCH d USING INDEX fact_risk_proposed (county_code=? AND value=?); SEARCH m",
        ),
        (
            "SELECT body FROM matter WHERE county_code = 'x' AND procedure = 'seizure' AND state = 'held' AND closed = 0 ORDER BY num",
            "matter_held",
        ),
        (
            "SELECT coalesce(s.value, '') FROM fact f CROSS JOIN matter m
             LEFT JOIN fact s ON s.county_code = m.county_code AND s.matter = m.id AND s.field = 'settled_as' AND s.until_entry IS NULL
             WHERE f.county_code = 'x' AND f.field = 'consultation' AND f.until_entry IS NULL AND f.value = 'v'
               AND m.county_code = 'x' AND m.id = f.matter AND m.procedure = 'p' AND m.closed = 0",
            "fact_consultation (county_code=? AND value=?); SEARCH m",
        ),
        ("DELETE FROM todo WHERE county_code = 'x' AND num = 5", "(county_code=? AND num=?)"),
        (
            "SELECT id FROM outgoing WHERE county_code = 'x' AND channel = 'mail' AND state = 'due' AND next <= 9 ORDER BY next LIMIT 5",
            "outgoing_due (county_code=? AND channel=? AND next<?)",
        ),
        (
            "SELECT id FROM outgoing WHERE county_code = 'x' AND state = 'dead' ORDER BY next DESC LIMIT 5",
            "outgoing_by_state (county_code=? AND state=?)",
        ),
        (
            "SELECT n.id FROM notice n CROSS JOIN matter m WHERE n.county_code = 'x' AND n.post = x'00' AND m.county_code = n.county_code
             AND m.id = n.matter ORDER BY n.made DESC LIMIT 5",
            "SEARCH n USING INDEX notice_of_post (county_code=? AND post=?); SEARCH m",
        ),
        (
            "SELECT count(*) FROM (SELECT matter FROM notice WHERE county_code = 'x' AND post = x'00' AND seen IS NULL LIMIT 5) n
             CROSS JOIN matter m WHERE m.county_code = 'x' AND m.id = n.matter",
            "notice_unseen",
        ),
        (
            "SELECT m.num FROM matter m WHERE m.county_code = 'x' AND m.due_day >= 1 AND m.due_day <= 9 LIMIT 5",
            "matter_by_due (county_code=? AND due_day>? AND due_day<?)",
        ),
        (
            "SELECT p.ordinal FROM party_phone p CROSS JOIN matter m WHERE p.county_code = 'x' AND p.hash = x'00'
             AND m.county_code = p.county_code AND m.id = p.matter AND m.secret = 0 ORDER BY p.matter DESC LIMIT 5",
            "party_phone_by_hash (county_code=? AND hash=?); SEARCH m",
        ),
        (
            "SELECT m.body FROM citizen_matter c CROSS JOIN matter m WHERE c.county_code = 'x' AND c.hash = x'00'
             AND m.county_code = c.county_code AND m.id = c.matter ORDER BY c.matter DESC LIMIT 5",
            "PRIMARY KEY (county_code=? AND hash=?); SEARCH m",
        ),
        (
            "SELECT c.hash FROM citizen_matter c JOIN citizen a ON a.county_code = c.county_code AND a.hash = c.hash
             WHERE c.county_code = 'x' AND c.matter = x'00' AND a.told IS NOT NULL",
            "citizen_matter_of (county_code=? AND matter=?)",
        ),
        (
            "SELECT t.num, t.due_day FROM todo t WHERE t.county_code = 'x' AND t.organ = 'o' AND t.post_kind = 'p'
               AND (t.person IS NULL OR t.person = x'00') AND t.procedure <> 'c' ORDER BY t.due_day, t.num DESC LIMIT 5",
            "COVERING INDEX todo_by_post (county_code=? AND organ=? AND post_kind=?)",
        ),
        (
            "SELECT 1 FROM todo t WHERE t.county_code = 'x' AND t.organ = 'o' AND t.post_kind = 'p'
               AND (t.person IS NULL OR t.person = x'00') AND t.procedure <> 'c' AND t.due_day < 9 AND t.provisional = 0 LIMIT 5",
            "COVERING INDEX todo_by_post (county_code=? AND organ=? AND post_kind=? AND due_day<?)",
        ),
    ] {
        let explain = format!("EXPLAIN QUERY PLAN {sql}");
        let plan = db.read_blocking(|r| r.query_all(&explain, params![], |row| row.text(3))).unwrap().join("; ");
        assert!(plan.contains(index) && !plan.contains("TEMP B-TREE"), "{sql}: {plan}");
    }
}
