//! The tree in the store and its seal: tiles follow the acts, every act is signed within a second, a fork never is.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use zhunsheng::app::checkpoint::{self, found_log, read_keys};
use zhunsheng::app::fault::Fault;
use zhunsheng::app::verify::verify;
use zhunsheng::jobs;
use zhunsheng::params;
use zhunsheng::store::migrate::MIGRATIONS;
use zhunsheng::store::{Db, Param, Query, Tx, catalog, checkpoint as stored, record, tile};
use zhunsheng_core::record::LEAF_BYTES;
use zhunsheng_core::record::crypto::{Both, Suite};
use zhunsheng_core::record::note::open_both;
use zhunsheng_core::record::proof::{self, verify_consistency, verify_inclusion};
use zhunsheng_core::record::tile::Tile;
use zhunsheng_core::record::tree::{Frontier, leaf_hash};

use crate::proofs::{Random, played};
use crate::support::{Folder, SmallCounty, blank_home, copy_county};

const COUNTY: &str = "211224";

/// Leaves without entries: enough for the tree.
const LEAVES: u64 = 66_000;

fn plant(tx: &mut Tx<'_>, county: &str) -> Result<(), zhunsheng::store::StoreFault> {
    catalog::make_partitions(tx, county)?;
    let (leaves, zero) = (i64::try_from(LEAVES).unwrap(), [0_u8]);
    for seq in 0..leaves {
        tx.send(
            "INSERT INTO entry (county_code, seq, leaf, salt, bytes) VALUES ($1, $2, $3, $4, $4)",
            params![county, seq, format!("leaf {seq}").as_bytes(), &zero],
        )?;
    }
    tx.execute(
        "INSERT INTO head (county_code, size, frontier, root, root_sm3) VALUES ($1, $2, $3, $3, $3)",
        params![county, leaves, &zero],
    )?;
    Ok(())
}

#[test]
fn a_record_from_before_the_release_is_refused_and_left_alone() {
    let folder = Folder::new();
    let old = Db::open_with(blank_home(folder.path()), &MIGRATIONS[..6]).unwrap();
    old.write_blocking(|tx| {
        let sql = "INSERT INTO entry (county_code, seq, leaf, salt, bytes) VALUES ('211224', 0, $1, $1, $1)";
        catalog::make_partitions(tx, "211224")?;
        tx.execute(sql, params![&[0_u8]]).map(|_| ())
    })
    .unwrap();
    drop(old);
    let fault = Db::open(folder.home()).unwrap_err();
    let said = zhunsheng::app::fault::chain(&fault);
    assert!(said.contains("由发布之前的版本建立"), "{said}");
}

#[test]
fn tiles_are_the_same_by_act_and_by_rebuild() {
    let folder = Folder::new();
    let db = Db::open(folder.home()).unwrap();
    db.write_blocking(|tx| {
        plant(tx, "211224")?;
        tile::fill(tx, "211224")?;
        plant(tx, "211223")?;
        (1..=LEAVES).try_for_each(|size| tile::follow(tx, "211223", size))
    })
    .unwrap();
    let tiles = |county: &'static str| {
        let sql = "SELECT level, position FROM tile WHERE county_code = $1 ORDER BY level, position";
        db.read_blocking(|r| {
            let places = r.query_all(sql, params![county], |row| Ok((row.int(0)?, row.int(1)?)))?;
            let all = places.into_iter().map(|(level, index)| {
                let tile = Tile { level: u32::try_from(level).unwrap(), index: index.unsigned_abs() };
                Ok((tile, tile::find(r, county, tile)?))
            });
            all.collect::<Result<BTreeMap<_, _>, zhunsheng::store::StoreFault>>()
        })
        .unwrap()
    };
    let filled = tiles("211224");
    assert_eq!(filled.len(), 257 + 1);
    assert!(filled == tiles("211223"), "an act completes the same tiles");
    let mut frontier = Frontier::default();
    let mut roots = BTreeMap::new();
    let sizes = [1, 255, 256, 257, 65_535, 65_536, 65_537, LEAVES];
    let mut random = Random(3);
    let olds: Vec<u64> =
        sizes.iter().flat_map(|size| (0..20).map(|_| random.below(*size)).collect::<Vec<_>>()).collect();
    for n in 0..LEAVES {
        frontier.append(format!("leaf {n}").as_bytes());
        if sizes.contains(&(n + 1)) || olds.contains(&(n + 1)) {
            roots.insert(n + 1, frontier.roots());
        }
    }
    db.read_blocking(|r| {
        for (suite, (size, olds)) in Suite::ALL
            .into_iter()
            .flat_map(|suite| sizes.into_iter().zip(olds.chunks(20)).map(move |pair| (suite, pair)))
        {
            let root = |size: u64| roots[&size].get(suite);
            let mut nodes = tile::Nodes::new(r, "211224", suite, size);
            assert_eq!(proof::root(suite, size, &mut |node| nodes.hash(node))?, *root(size), "{size}");
            for &at in olds {
                let mut nodes = tile::Nodes::new(r, "211224", suite, size);
                let proof = proof::inclusion(suite, at, size, &mut |node| nodes.hash(node))?.unwrap();
                let leaf = leaf_hash(suite, format!("leaf {at}").as_bytes());
                assert_eq!(verify_inclusion(suite, at, size, &leaf, &proof, root(size)), Ok(()), "{at} of {size}");
                if at > 0 {
                    let proof = proof::consistency(suite, at, size, &mut |node| nodes.hash(node))?.unwrap();
                    assert_eq!(verify_consistency(suite, (at, root(at)), (size, root(size)), &proof), Ok(()));
                }
            }
        }
        Ok::<_, zhunsheng::store::StoreFault>(())
    })
    .unwrap();
}

#[tokio::test]
async fn an_act_is_sealed_within_a_second_and_a_fork_never() {
    let county = SmallCounty::new().await;
    let app = &county.test.app;
    assert!(matches!(app.seal().await, Err(Fault::SigningKey { .. })), "no key, no seal");
    let (db, data) = (app.db.clone(), app.config.data_dir.clone());
    let keys = tokio::task::spawn_blocking(move || found_log(&db, &data, 0)).await.unwrap().unwrap();
    let state = async || {
        let read = |r: &zhunsheng::store::Reader<'_>| {
            Ok::<_, Fault>((stored::newest(r, COUNTY)?.unwrap(), record::find_head(r, COUNTY)?.unwrap()))
        };
        app.db.read(read).await.unwrap()
    };
    let (first, head) = state().await;
    assert_eq!(first.size, head.0.unsigned_abs());
    assert_eq!(app.seal().await.unwrap(), None, "nothing new");

    let jobs = jobs::start(app);
    let (person, post) = county.people["管理员"];
    let actor = zhunsheng_core::matter::Actor::Staff { person, post };
    app.record_reveal(actor, post, "核对".to_owned()).await.unwrap();
    tokio::time::sleep(Duration::from_millis(1_000)).await;
    let (sealed, head) = state().await;
    assert_eq!((sealed.size, sealed.size > first.size), (head.0.unsigned_abs(), true), "sealed within a second");
    let notes = Both { sm3: sealed.notes.sm3.as_str(), sha256: sealed.notes.sha256.as_str() };
    let (size, roots) = open_both(&notes, &Both { sm3: Some(&keys.sm3), sha256: Some(&keys.sha256) }).unwrap();
    assert_eq!((size, Both::of(|suite| roots.get(suite).0.to_vec())), (sealed.size, head.1));
    drop(jobs);

    // Somebody signs another past: the county signs no more.
    let put = async |new: stored::StoredCheckpoint| {
        let only = move |tx: &mut Tx<'_>| {
            tx.execute("DELETE FROM checkpoint", params![])?;
            stored::put(tx, COUNTY, &new).map_err(Fault::from)
        };
        app.db.write(only).await.unwrap();
    };
    for suite in Suite::ALL {
        let mut roots = app.db.read(|r| Ok::<_, Fault>(checkpoint::roots_of(r, COUNTY, 3)?)).await.unwrap();
        *roots.get_mut(suite) = suite.hash(&[b"other"]);
        put(stored::StoredCheckpoint { size: 3, roots, ..sealed.clone() }).await;
        assert!(matches!(app.seal().await, Err(Fault::Forked { size: 3 })), "{suite:?}");
    }
    put(stored::StoredCheckpoint { size: sealed.size + 1, ..sealed.clone() }).await;
    assert!(matches!(app.seal().await, Err(Fault::Forked { .. })));
    put(sealed).await;

    // A key that others can read is no key.
    use std::os::unix::fs::PermissionsExt;
    for suite in Suite::ALL {
        let file = checkpoint::key_file(&app.config.data_dir, suite);
        assert_eq!(std::fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o400);
        std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o444)).unwrap();
        assert!(matches!(read_keys(&app.config.data_dir), Err(Fault::SigningKey { .. })));
        std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o400)).unwrap();
    }
}

/// The played county once more, for a test that changes it.
fn copied_county(folder: &Folder) -> Db {
    copy_county(&played().pristine(), folder.path());
    Db::open(folder.home()).unwrap()
}

#[test]
fn verification_names_a_wrong_tile_and_a_rewritten_record() {
    let folder = Folder::new();
    let db = copied_county(&folder);
    let wrong = |sql: &'static str, bytes: usize| {
        db.write_blocking(move |tx| {
            let zeros = vec![0; bytes];
            let values: Vec<Param<'_>> = sql.contains("$1").then_some(Param::Blob(&zeros)).into_iter().collect();
            let done = tx.execute(sql, &values)?;
            assert!(done > 0, "{sql}");
            let found = verify(tx, COUNTY)?.wrong;
            // The job's transaction is undone.
            Err::<(), _>(Fault::UnsoundLaw { problems: found.into_iter().collect() })
        })
    };
    for (sql, bytes, sentence) in [
        (
            "UPDATE tile SET hashes = $1 WHERE level = 0 AND position = 2",
            8_192,
            "树的第 0 层第 2 块（自记录项 512 起）与叶子不一致",
        ),
        ("UPDATE tile SET root = $1 WHERE position = 1", 32, "树的第 0 层第 1 块"),
        ("UPDATE tile SET hashes_sm3 = hashes WHERE position = 1", 0, "树的第 0 层第 1 块"),
        ("UPDATE tile SET root_sm3 = root WHERE position = 1", 0, "树的第 0 层第 1 块"),
        ("UPDATE head SET root_sm3 = root", 0, "与存储的树根不一致"),
        ("DELETE FROM tile WHERE position = 0", 0, "树的第 0 层第 0 块"),
        ("INSERT INTO tile VALUES ('211224', 1, 0, $1, $1, $1, $1)", 1, "块，存储中有"),
        ("UPDATE checkpoint SET root = $1", 32, "树根与已签的检查点不一致：记录被改写"),
        ("UPDATE checkpoint SET root_sm3 = $1", 32, "树根与已签的检查点不一致：记录被改写"),
        ("UPDATE checkpoint SET size = size + 1", 0, "记录被截短"),
    ] {
        match wrong(sql, bytes) {
            Err(Fault::UnsoundLaw { problems }) => assert!(problems.concat().contains(sentence), "{sql}: {problems:?}"),
            other => panic!("{sql}: {other:?}"),
        }
    }
    assert_eq!(db.read_blocking(|r| verify(r, COUNTY)).unwrap().wrong, None);
}

/// What the tiles add to the bare writing of an entry: run with `--ignored what_tiles_cost --nocapture`, better `--release`.
#[test]
#[ignore = "a measurement"]
fn what_tiles_cost() {
    const ENTRIES: u64 = 65_536;
    let folder = Folder::new();
    let db = Db::open(folder.home()).unwrap();
    let (append, follow, proofs) = db
        .write_blocking(|tx| {
            let bytes = [7; 400];
            let began = Instant::now();
            for n in 0..ENTRIES {
                let leaf = [u8::try_from(n % 251).unwrap(); LEAF_BYTES];
                let new = record::NewEntry { bytes: &bytes, salt: &[1; 16], leaf: &leaf, sealed: &[] };
                record::append(tx, COUNTY, record::end(tx, COUNTY)?, &new)?;
            }
            let append = began.elapsed();
            tx.execute("DELETE FROM tile", params![])?;
            let began = Instant::now();
            (1..=ENTRIES).try_for_each(|size| tile::follow(tx, COUNTY, size))?;
            let follow = began.elapsed();
            let began = Instant::now();
            for at in 0..1_000 {
                let mut nodes = tile::Nodes::new(&*tx, COUNTY, Suite::Sm3, ENTRIES);
                proof::inclusion(Suite::Sm3, at * 65, ENTRIES, &mut |node| nodes.hash(node))?;
            }
            Ok::<_, zhunsheng::store::StoreFault>((append, follow, began.elapsed()))
        })
        .unwrap();
    let share = 100.0 * follow.as_secs_f64() / (append - follow).as_secs_f64();
    println!("{ENTRIES} entries: {append:?}, of it tiles {follow:?} ({share:.1} % more); 1,000 proofs: {proofs:?}");
}
