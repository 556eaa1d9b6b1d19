//! 对外公布: nothing before an approval, never more than the published checkpoint covers, nothing after it is stopped; and a stranger's
//! verifier follows what is served.

use std::collections::BTreeMap;

use axum::body::Body;
use axum::extract::Request;
use tower::ServiceExt;
use zhunsheng::app::App;
use zhunsheng::app::act::ActError;
use zhunsheng::config::Config;
use zhunsheng::web::serve::{Patience, serve};
use zhunsheng_core::id::MatterId;
use zhunsheng_core::matter::{Actor, Command, Input, Manner, Target};
use zhunsheng_core::record::crypto::Both;
use zhunsheng_core::record::crypto::Suite;
use zhunsheng_core::record::note::{LogKey, open_both};
use zhunsheng_core::record::tile::Tile;
use zhunsheng_core::record::tree::{Frontier, leaf_hash};

use crate::deposits::sealed_county;
use crate::proofs::second;
use crate::support::{Folder, SmallCounty};

const FILES: [&str; 5] =
    ["checkpoint", "sm3/checkpoint", "tile/0/000.p/1", "sm3/tile/0/000.p/1", "tile/entries/000.p/1"];

async fn step(
    county: &SmallCounty,
    who: &str,
    on: Target,
    step: &str,
    values: &[(&str, &str)],
) -> Result<MatterId, ActError> {
    let (person, post) = county.people[who];
    let input = values.iter().fold(Input::default(), |input, (field, value)| input.with(field, *value));
    let command = Command { target: on, step: step.into(), input, manner: Manner::Live };
    county.test.app.act(Actor::Staff { person, post }, command, None).await.map(|done| done.matter)
}

async fn apply(county: &SmallCounty, mode: &str) -> MatterId {
    let values =
        [("mode", mode), ("reason", "让群众和媒体都能核对记录"), ("review", "保密办审查：不含国家秘密、工作秘密")];
    step(county, "管理员", Target::Open("log_publication".into()), "apply", &values).await.unwrap()
}

async fn approve(county: &SmallCounty, id: MatterId) {
    step(county, "县长甲", Target::On(id), "approve", &[("decision", "同意")]).await.unwrap();
    county.test.app.seal().await.unwrap();
}

/// A county that has applied and been approved.
async fn published(mode: &str) -> SmallCounty {
    let (county, _) = sealed_county().await;
    let id = apply(&county, mode).await;
    approve(&county, id).await;
    county
}

/// The raw answer to a program without cookies: status, bytes, and headers.
async fn fetch(county: &SmallCounty, path: &str) -> (u16, Vec<u8>, BTreeMap<String, String>) {
    let request = Request::get(format!("/log/{path}")).body(Body::empty()).unwrap();
    let (parts, body) = county.test.router.clone().oneshot(request).await.unwrap().into_parts();
    let bytes = axum::body::to_bytes(body, 1 << 20).await.unwrap();
    let headers = parts.headers.iter().map(|(name, value)| (name.to_string(), value.to_str().unwrap().to_owned()));
    (parts.status.as_u16(), bytes.to_vec(), headers.collect())
}

async fn all_absent(county: &SmallCounty, sentence: &str) {
    for path in FILES {
        let (status, bytes, headers) = fetch(county, path).await;
        assert_eq!((status, String::from_utf8(bytes).unwrap().as_str()), (404, sentence), "{path}");
        assert!(!headers.contains_key("set-cookie") && headers["cache-control"] == "no-store", "{headers:?}");
    }
}

async fn text(county: &SmallCounty, path: &str) -> String {
    String::from_utf8(fetch(county, path).await.1).unwrap()
}

const OFF: &str = "本县没有对外公布全程记录。\n";

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_public_before_an_approval_and_nothing_after_it_is_stopped() {
    let (county, _) = sealed_county().await;
    let mut admin = county.clerk("管理员").await;
    all_absent(&county, OFF).await;
    assert!(admin.get("/admin/log").await.text("main").contains("现在没有公布"));
    let id = apply(&county, "live").await;
    county.test.app.seal().await.unwrap();
    all_absent(&county, OFF).await;
    let page = admin.get("/admin/log").await;
    assert!(page.text("[role=status]").contains("等县长批准"), "{}", page.text("main"));
    // Who asked does not approve, and nobody but the county's head does.
    for who in ["管理员", "审查长甲", "局长甲"] {
        let said = step(&county, who, Target::On(id), "approve", &[("decision", "同意")]).await;
        assert!(matches!(said, Err(ActError::Refused(_) | ActError::NotFound)), "{who}: {said:?}");
    }
    all_absent(&county, OFF).await;
    approve(&county, id).await;
    for path in FILES {
        let (status, bytes, headers) = fetch(&county, path).await;
        assert_eq!(status, 200, "{path}: {}", String::from_utf8_lossy(&bytes));
        assert!(!headers.contains_key("set-cookie"), "{headers:?}");
        let cache =
            if path.ends_with("checkpoint") { "public, max-age=2" } else { "public, max-age=604800, immutable" };
        assert_eq!(headers["cache-control"], cache);
    }
    let page = admin.get("/admin/log").await;
    assert!(page.text(".answer").contains("现在：实时公布"), "{}", page.text("main"));
    assert!(page.text("table").contains("县长甲"), "{}", page.text("main"));
    let page = county.test.browser().get("/record").await;
    assert!(page.text("main").contains("谁都可以下载一份"), "{}", page.text("main"));
    let mut officer = county.clerk("队员甲").await;
    assert_eq!(officer.get("/admin/log").await.status, 403);

    // A newer approval takes its place; stopping that one lets the older not come to life again.
    let newer = apply(&county, "daily").await;
    approve(&county, newer).await;
    let page = admin.get("/admin/log").await;
    assert!(page.text(".answer").contains("现在：每日公布") && page.text("table").contains("已被新的批准代替"));
    step(&county, "管理员", Target::On(newer), "stop", &[("stop_reason", "上级要求暂停")]).await.unwrap();
    county.test.app.seal().await.unwrap();
    all_absent(&county, OFF).await;
    // An application that is declined changes nothing.
    let declined = apply(&county, "live").await;
    step(&county, "县长甲", Target::On(declined), "decline", &[("decision", "暂缓")]).await.unwrap();
    all_absent(&county, OFF).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn daily_shows_the_last_day_that_is_over_and_no_leaf_beyond_it() {
    let county = published("daily").await;
    let app = &county.test.app;
    all_absent(&county, "没有这个文件，或者公布的检查点还没有覆盖到它。\n").await;
    let size = sealed(app).await;
    app.advance_demo_to(jiff::civil::date(2024, 10, 27)).await.unwrap();
    act(&county).await;
    let more = sealed(app).await;
    assert!(more > size);
    let note = text(&county, "checkpoint").await;
    assert_eq!(note.lines().nth(1), Some(size.to_string().as_str()), "{note}");
    let width = |size: u64| Tile { level: 0, index: size / 256 }.path(size % 256);
    for (path, status) in
        [(width(size), 200), (width(size - 1), 200), (width(more), 404), (format!("sm3/{}", width(more)), 404)]
    {
        assert_eq!(fetch(&county, &path).await.0, status, "{path}");
    }
    let beyond = width(more).replace("tile/0", "tile/entries");
    assert_eq!(fetch(&county, &beyond).await.0, 404);
    app.advance_demo_to(jiff::civil::date(2024, 10, 28)).await.unwrap();
    assert_eq!(text(&county, "checkpoint").await.lines().nth(1), Some(more.to_string().as_str()), "a day later");
}

async fn act(county: &SmallCounty) {
    let (person, post) = county.people["管理员"];
    county.test.app.record_reveal(Actor::Staff { person, post }, post, "核对".to_owned()).await.unwrap();
}

/// Seals, and tells what is covered.
async fn sealed(app: &App) -> u64 {
    app.seal().await.unwrap();
    let county = app.county_code.clone();
    app.db.read(move |r| zhunsheng::store::checkpoint::newest(r, &county)).await.unwrap().unwrap().size
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stranger_follows_the_log_and_sees_when_it_was_rewritten() {
    let county = published("live").await;
    let app = &county.test.app;
    // More than one complete tile.
    while sealed(app).await < 300 {
        act(&county).await;
    }
    let size = sealed(app).await;
    let keys: Both<LogKey> = {
        let county = app.county_code.clone();
        app.db.read(move |r| zhunsheng::app::checkpoint::public_keys(r, &county)).await.unwrap()
    };
    let roots = rebuilt(&county, size).await;
    let notes = (text(&county, "sm3/checkpoint").await, text(&county, "checkpoint").await);
    let notes = Both { sm3: notes.0.as_str(), sha256: notes.1.as_str() };
    let signed = open_both(&notes, &Both { sm3: Some(&keys.sm3), sha256: Some(&keys.sha256) }).unwrap();
    assert_eq!(signed, (size, roots));

    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let place = format!("http://{}/log/", listener.local_addr().unwrap());
    let (site, config) = (county.test.router.clone(), Config::default());
    let server =
        tokio::spawn(async move { serve(listener, &config, site, Patience::default(), std::future::pending()).await });
    let folder = Folder::new();
    let kept = folder.path().join("kept");
    std::fs::write(&kept, notes.sha256).unwrap();
    act(&county).await;
    let more = sealed(app).await;
    let follow = |checkpoint: std::path::PathBuf| {
        let (place, keys) = (place.clone(), [keys.sm3.to_string(), keys.sha256.to_string()]);
        tokio::task::spawn_blocking(move || {
            let checkpoint = checkpoint.to_str().unwrap();
            second(&["log", &place, "--key", &keys[0], "--key", &keys[1], "--checkpoint", checkpoint])
        })
    };
    let (accepted, said) = follow(kept).await.unwrap();
    assert!(accepted && said.contains(&format!("公布的记录成立：{more} 项")), "{said}");
    // Another record of the same key: the stranger's own memory shows it.
    let signers = zhunsheng::app::checkpoint::read_keys(&app.config.data_dir).unwrap().unwrap();
    let other = folder.path().join("other");
    std::fs::write(&other, signers.sha256.sign(size, &Both::hash(&[b"other"])).unwrap()).unwrap();
    let (accepted, said) = follow(other).await.unwrap();
    assert!(!accepted && said.contains("与另存的检查点不一致"), "{said}");
    let later = folder.path().join("later");
    std::fs::write(&later, signers.sm3.sign(more + 1, &Both::hash(&[b"later"])).unwrap()).unwrap();
    let (accepted, said) = follow(later).await.unwrap();
    assert!(!accepted && said.contains("来自将来"), "{said}");
    server.abort();
}

/// The roots that follow from the published leaves; every published tile is what follows from them, too.
async fn rebuilt(county: &SmallCounty, size: u64) -> Both<zhunsheng_core::id::Digest> {
    let mut frontier = Frontier::default();
    for index in 0..size.div_ceil(256) {
        let tile = Tile { level: 0, index };
        let path = tile.path(tile.width(size));
        let (_, bundle, _) = fetch(county, &path.replace("tile/0", "tile/entries")).await;
        let leaves: Vec<&[u8]> = bundle.chunks(67).map(|line| line.strip_prefix(&[0, 65]).unwrap()).collect();
        for suite in Suite::ALL {
            let hashes: Vec<u8> = leaves.iter().flat_map(|leaf| leaf_hash(suite, leaf).0).collect();
            let path = if suite == Suite::Sm3 { format!("sm3/{path}") } else { path.clone() };
            assert_eq!(fetch(county, &path).await.1, hashes, "{path}");
        }
        leaves.iter().for_each(|leaf| frontier.append(leaf));
    }
    frontier.roots()
}
