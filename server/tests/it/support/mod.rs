//! What every server test needs: a folder that goes away, a county in it, people with browsers.

mod browser;
mod county;
mod engine;
pub mod ical;
pub mod outside;
pub mod tsa;
pub mod witness;

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use axum::Router;
use zhunsheng::app::act::ActError;
use zhunsheng::app::clock::MachineClock;
use zhunsheng::app::county::Entropy;
use zhunsheng::app::fault::Fault;
use zhunsheng::app::found::{Founded, Founding, found};
use zhunsheng::app::limit::{Limits, Rules};
use zhunsheng::app::password::Passwords;
use zhunsheng::app::ruling::embedded;
use zhunsheng::app::verify::{self, Verified};
use zhunsheng::app::{App, NewCounty, account, api_token, found_county};
use zhunsheng::config::Config;
use zhunsheng::store::{Db, Home, StoreFault, Tx, api_tokens};
use zhunsheng::web::router::site;
use zhunsheng_core::day::Moment;

pub use browser::{Browser, Page, form, form_with_files};
pub use county::SmallCounty;
pub use engine::{blank_home, copy_county, home, only_sqlite, run, server, variable};

/// A folder of one test.
pub struct Folder(PathBuf);

impl Folder {
    pub fn new() -> Self {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let name = format!("zhunsheng-test-{}-{}", std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed));
        let path = std::env::temp_dir().join(name);
        let _ = std::fs::remove_dir_all(&path);
        std::fs::create_dir_all(&path).unwrap();
        Self(path)
    }
    pub fn path(&self) -> &Path {
        &self.0
    }
    /// The folder itself as a data folder, on the engine of this run.
    pub fn home(&self) -> Home {
        home(&self.0)
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        engine::forget(&self.0);
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

/// A county that is kept in a home, on the day of the demonstration and without limits for visitors.
pub fn opened(home: &Home) -> App {
    let config = Config { data_dir: home.data.clone(), database: home.database.clone(), ..Config::default() };
    let machine = MachineClock::fixed("2024-10-26T01:00:00Z".parse().unwrap());
    let mut app = App::start(config, Db::open(home).unwrap(), machine).unwrap();
    app.limits = Limits::new(Rules::none());
    app
}

/// A copy of a folder and everything in it.
pub fn copied(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap() {
        let path = entry.unwrap().path();
        let target = to.join(path.file_name().unwrap());
        if path.is_dir() { copied(&path, &target) } else { assert!(std::fs::copy(&path, &target).is_ok()) }
    }
}

/// A running county in the test's hand.
pub struct TestApp {
    pub app: Arc<App>,
    pub router: Router,
    /// The first administrator.
    pub administrator: Founded,
    _folder: Folder,
}

/// Closing a test app verifies the whole record, so that every web test is a record test.
impl Drop for TestApp {
    fn drop(&mut self) {
        if !std::thread::panicking() && self.app.db.failure().is_none() {
            self.app.db.fail_at(0);
            assert_eq!(self.verify().wrong, None, "the record no longer verifies");
        }
    }
}

/// Settings, founding act and the embedded law in one transaction, as the commands do it.
fn found_whole(tx: &mut Tx<'_>, county: &NewCounty) -> Result<Founded, Fault> {
    found_county(tx, county)?;
    let day = county.demo_today.unwrap();
    let founding = Founding {
        code: county.code.clone(),
        name: county.name.clone(),
        administrator: "管理员".to_owned(),
        day: day.into(),
        now: Moment::on(day.into(), 32_400),
        demonstration: true,
    };
    match found(tx, &founding, &embedded(), Entropy::Seeded(county.seed.unwrap())) {
        Ok((founded, _)) => Ok(founded),
        Err(ActError::Fault(fault)) => Err(fault),
        Err(other) => panic!("{other:?}"),
    }
}

pub const PASSWORD: &str = "秋天的田野 2024";

impl TestApp {
    /// A demonstration county with the machine's clock in the test's hand.
    pub async fn with(routes: Router<Arc<App>>, config: Config, rules: Rules) -> Self {
        let folder = Folder::new();
        let home = folder.home();
        let config = Config { data_dir: home.data.clone(), database: home.database.clone(), ..config };
        let db = Db::open(&home).unwrap();
        let county = NewCounty {
            code: "211224".to_owned(),
            name: "昌图县".to_owned(),
            demo_today: Some(jiff::civil::date(2024, 10, 26)),
            seed: Some([7; 32]),
        };
        let founded = db.write(move |tx| found_whole(tx, &county)).await.unwrap();
        let machine = MachineClock::fixed("2024-10-26T01:00:00Z".parse().unwrap());
        let mut app = App::start(config, db, machine).unwrap();
        app.passwords = Passwords::fast();
        app.limits = Limits::new(rules);
        app.patience = std::time::Duration::MAX;
        let app = Arc::new(app);
        Self { router: site(Arc::clone(&app), routes), app, administrator: founded, _folder: folder }
    }

    /// Ends the test: whatever it did, the whole record still verifies.
    fn verify(&self) -> Verified {
        let county = self.app.county_code.clone();
        self.app.db.read_blocking(|r| verify::verify(r, &county)).unwrap()
    }

    /// Makes an account with [`PASSWORD`].
    pub async fn account(&self, person: &'static str, login: &'static str) {
        let hash = self.app.passwords.hash(PASSWORD).await.unwrap();
        let (county, now) = (self.app.county_code.clone(), self.app.machine.seconds());
        let open = move |tx: &mut zhunsheng::store::Tx<'_>| {
            account::open(tx, &county, person, login, Some(hash), false, now).map_err(Fault::from)
        };
        self.app.db.write(open).await.unwrap();
    }

    /// Runs something in the writer, as the county.
    pub async fn write<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut Tx<'_>, &str) -> Result<T, StoreFault> + Send + 'static,
    ) -> T {
        let county = self.app.county_code.clone();
        self.app.db.write(move |tx| work(tx, &county)).await.unwrap()
    }

    /// Issues a token and returns its text.
    pub async fn token(&self, person: &str, post: &str, days: i64) -> String {
        let (text, token) = api_token::new(person, post, "对接", days, self.app.machine.seconds());
        self.write(move |tx, county| api_tokens::insert(tx, county, &token)).await;
        text
    }

    pub fn advance(&self, seconds: i64) {
        self.app.machine.advance(jiff::SignedDuration::from_secs(seconds));
    }

    pub fn browser(&self) -> Browser {
        Browser::new(self.router.clone())
    }

    /// A browser that has signed in.
    pub async fn staff(&self, login: &str) -> Browser {
        let mut browser = self.browser();
        browser.get("/login").await;
        let page = browser.post("/login", &[("login", login), ("password", PASSWORD)]).await;
        assert_eq!(page.status, 303, "{}", page.body);
        browser
    }
}
