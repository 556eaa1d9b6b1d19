//! Several processes on one county of a server: one writes, the others follow it, pass on what changes something, and take over.

use std::sync::Arc;
use std::time::{Duration, Instant};

use zhunsheng::app::act::ActError;
use zhunsheng::app::clock::MachineClock;
use zhunsheng::app::fault::Fault;
use zhunsheng::app::limit::{Limits, Rules};
use zhunsheng::app::{App, verify};
use zhunsheng::config::Config;
use zhunsheng::store::{Db, StoreFault, Tx, record};
use zhunsheng::web::router::{routes, site};
use zhunsheng::web::serve::{Patience, bind, serve};
use zhunsheng_core::matter::Actor;

use crate::audit::dispute_command;
use crate::public::{DISPUTE, TOWN};
use crate::support::{Browser, Folder, SmallCounty, TestApp, server};

const COUNTY: &str = "211224";
/// A term and two beats.
const SOON: Duration = Duration::from_secs(20);

/// A process that serves the county; all of them share a folder.
fn process(test: &TestApp, folder: &Folder, name: &str) -> Arc<App> {
    configured(&test.app.config, folder, name)
}

fn configured(config: &Config, folder: &Folder, name: &str) -> Arc<App> {
    let config = Config { port: 0, data_dir: folder.path().to_owned(), ..config.clone() };
    let db = Db::open_to_serve(config.home(), name).unwrap();
    let machine = MachineClock::fixed("2024-10-26T01:00:00Z".parse().unwrap());
    let mut app = App::start(config, db, machine).unwrap();
    app.limits = Limits::new(Rules::none());
    Arc::new(app)
}

fn size(app: &App) -> i64 {
    app.db.read_blocking(|r| record::find_head(r, COUNTY)).unwrap().unwrap().0
}

async fn until(what: &str, mut there: impl FnMut() -> bool) {
    let began = Instant::now();
    while !there() {
        assert!(began.elapsed() < SOON, "not within {SOON:?}: {what}");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

async fn register(county: &SmallCounty, app: &Arc<App>, name: &str) -> Result<i64, ActError> {
    let (person, post) = county.people["调解员甲"];
    let done = app.act(Actor::Staff { person, post }, dispute_command(name), None).await?;
    Ok(done.seq)
}

fn elsewhere(outcome: &Result<i64, ActError>) -> bool {
    matches!(outcome, Err(ActError::Fault(Fault::Store(StoreFault::Elsewhere))))
}

/// Serves the process that writes where the other finds it, until what is returned first is dropped.
async fn serve_beside(
    writing: &Arc<App>,
    other: &Arc<App>,
) -> (tokio::sync::oneshot::Sender<()>, tokio::task::JoinHandle<()>) {
    let listener = bind(&writing.config).await.unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    writing.db.lease().unwrap().announce(&address);
    let (stop, stopped) = tokio::sync::oneshot::channel::<()>();
    let serving = tokio::spawn({
        let (writing, config) = (Arc::clone(writing), writing.config.clone());
        async move {
            let site = site(writing, routes());
            serve(listener, &config, site, Patience::default(), async move { drop(stopped.await) }).await;
        }
    });
    until("the other knows who writes", || other.db.lease().unwrap().other().is_some()).await;
    (stop, serving)
}

#[tokio::test(flavor = "multi_thread")]
async fn one_writes_and_the_others_follow_pass_on_and_take_over() {
    if server().is_none() {
        return;
    }
    let county = SmallCounty::new().await;
    let (test, folder) = (&county.test, Folder::new());
    let (first, second) = (process(test, &folder, "甲"), process(test, &folder, "乙"));
    assert!(first.db.writes() && !second.db.writes());
    let apart = Config { data_dir: Folder::new().path().to_owned(), ..first.config.clone() };
    assert!(
        matches!(Db::open(first.config.home()), Err(StoreFault::InUse { .. })),
        "a command does not write beside it"
    );
    assert!(matches!(Db::open(apart.home()), Err(StoreFault::Held { .. })), "nor from another folder");

    // Only the first writes; the second sees it.
    let before = size(&first);
    assert_eq!(register(&county, &first, "赵一").await.unwrap(), before);
    assert!(elsewhere(&register(&county, &second, "钱二").await));
    second.follow().await.unwrap();
    assert_eq!(second.county.registers.published().0, before + 1);
    assert_eq!(size(&second), before + 1);

    // A form sent to the second is carried out by the first.
    let (stop, serving) = serve_beside(&first, &second).await;
    let mut citizen = Browser::new(site(Arc::clone(&second), routes()));
    citizen.get("/disputes/new").await;
    let form = citizen.get(&format!("/disputes/new?town={TOWN}")).await;
    assert_eq!(form.status, 200);
    let receipt = citizen.post("/disputes/new", &DISPUTE).await;
    assert!(matches!(receipt.status, 200 | 303), "{} {}", receipt.status, receipt.body);
    assert_eq!(size(&second), before + 2, "once");
    assert_eq!(citizen.get("/healthz").await.status, 200);

    // The first goes; the second takes over, and goes on where the record ends.
    drop(stop);
    serving.await.unwrap();
    drop(first);
    until("the second writes", || second.db.writes()).await;
    assert_eq!(register(&county, &second, "孙三").await.unwrap(), before + 2);
    let again = citizen.get(&format!("/disputes/new?town={TOWN}")).await;
    assert_eq!(again.status, 200);

    // Somebody took over while the second slept: it writes nothing more, and says so.
    let overtaken = "UPDATE lease SET epoch = epoch + 1, holder = '丙', until_ms = until_ms + 600000";
    test.app.db.write(move |tx: &mut Tx<'_>| tx.execute(overtaken, &[])).await.unwrap();
    assert!(elsewhere(&register(&county, &second, "李四").await));
    assert!(!second.db.writes());
    assert_eq!(size(&second), before + 3);
    let verified = second.db.read_blocking(|r| verify::verify(r, COUNTY)).unwrap();
    assert_eq!((verified.wrong, verified.entries), (None, before + 3));
}

/// Whoever comes back from the unified login may come to a process that does not write: it passes them on, and both know them then.
#[tokio::test(flavor = "multi_thread")]
async fn who_comes_back_from_the_unified_login_by_another_process_comes_in() {
    if server().is_none() {
        return;
    }
    let county = SmallCounty::new().await;
    let (login, _platform) = crate::unified::login(&crate::unified::RIGHT).await;
    let (test, folder) = (&county.test, Folder::new());
    let config =
        Config { login: Some(login), public_url: Some(crate::unified::SITE.to_owned()), ..test.app.config.clone() };
    let (first, second) = (configured(&config, &folder, "甲"), configured(&config, &folder, "乙"));
    assert!(first.db.writes() && !second.db.writes());
    let (stop, serving) = serve_beside(&first, &second).await;
    let mut browser = Browser::new(site(Arc::clone(&second), routes()));
    let (_, state) = crate::unified::depart(&mut browser).await;
    let page = crate::unified::back(&mut browser, &state).await;
    assert_eq!((page.status, page.location()), (303, "/me"), "{}", page.text("main"));
    assert!(browser.get("/me").await.text("main").contains("139****2386"), "the second knows the session");
    let again = crate::unified::back(&mut browser, &state).await;
    assert_eq!(again.status, 422, "what a browser kept serves once, whichever process it comes to");
    drop(stop);
    serving.await.unwrap();
}

/// A process that does not give back is waited for, not for ever; under its own name it comes back at once.
#[tokio::test(flavor = "multi_thread")]
async fn a_holder_that_died_is_waited_for() {
    if server().is_none() {
        return;
    }
    let county = SmallCounty::new().await;
    let (test, folder) = (&county.test, Folder::new());
    let insert = "INSERT INTO lease (county_code, epoch, holder, address, until_ms)
         VALUES ('211224', 7, '死', '', CAST(extract(epoch FROM clock_timestamp()) * 1000 AS BIGINT) + 4000)";
    test.app.db.write(move |tx: &mut Tx<'_>| tx.execute(insert, &[])).await.unwrap();
    let other = process(test, &folder, "生");
    assert!(!other.db.writes());
    until("its term is over", || other.db.writes()).await;
    assert_eq!(other.db.lease().unwrap().epoch(), Some(8));
    drop(other);
    test.app
        .db
        .write(move |tx: &mut Tx<'_>| {
            tx.execute("UPDATE lease SET holder = '同', until_ms = until_ms + 99999999999999", &[])
        })
        .await
        .unwrap();
    let same = process(test, &folder, "同");
    assert_eq!(same.db.lease().unwrap().epoch(), Some(9));
}

/// A process that sleeps with what was passed on to it keeps nobody waiting beyond its term: who repeats the request is answered by
/// the process that writes now.
#[tokio::test(flavor = "multi_thread")]
async fn what_a_sleeping_process_was_asked_is_repeated_with_the_next() {
    if server().is_none() {
        return;
    }
    let county = SmallCounty::new().await;
    let (test, folder) = (&county.test, Folder::new());
    // It takes connections, and says nothing.
    let asleep = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let insert = format!(
        "INSERT INTO lease (county_code, epoch, holder, address, until_ms)
         VALUES ('211224', 7, '睡', 'http://{}', CAST(extract(epoch FROM clock_timestamp()) * 1000 AS BIGINT) + 4000)",
        asleep.local_addr().unwrap()
    );
    test.app.db.write(move |tx: &mut Tx<'_>| tx.execute(&insert, &[])).await.unwrap();
    let other = process(test, &folder, "醒");
    assert!(!other.db.writes() && other.db.lease().unwrap().other().is_some(), "it passes on");
    let before = size(&other);

    let mut citizen = Browser::new(site(Arc::clone(&other), routes()));
    citizen.get(&format!("/disputes/new?town={TOWN}")).await;
    let answer = citizen.post("/disputes/new", &DISPUTE).await;
    assert_eq!(answer.status, 503, "not kept waiting for ever: {}", answer.body);
    until("it writes itself", || other.db.writes()).await;
    citizen.get(&format!("/disputes/new?town={TOWN}")).await;
    assert_eq!(citizen.post("/disputes/new", &DISPUTE).await.status, 200);
    assert_eq!(size(&other), before + 1, "once");
}
