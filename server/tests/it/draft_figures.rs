//! Figures of drafts on which comments are asked: K01 published, K02 open for thirty days or more, K03 answered; each opens down to its drafts,
//! of work that was entered by hand and of work that was played.

use zhunsheng::app::figures::{self, Figure, Side};
use zhunsheng::app::ruling::{Ruling, embedded};
use zhunsheng::store::{Db, matters};
use zhunsheng_core::day::Day;

use crate::casework::{said, take};
use crate::commenting::{DRAFT, NEW, with};
use crate::fines::{PDF, late};
use crate::proofs::played;
use crate::support::{Browser, Folder, SmallCounty, copy_county, home};

const COUNTY: &str = "211224";

/// What the page of a figure says, and the matters behind it or behind its numerator.
async fn figure(browser: &mut Browser, id: &str) -> (String, Vec<String>, Vec<String>) {
    let page = browser.get(&format!("/figures/{id}")).await;
    let part = browser.get(&format!("/figures/{id}?side=part")).await;
    let behind = |page: &crate::support::Page| {
        let mut all = page.attributes("tbody td.main a", "href");
        all.sort();
        all
    };
    (page.text(".page-head strong"), behind(&page), behind(&part))
}

fn sorted(all: &[&String]) -> Vec<String> {
    let mut all: Vec<String> = all.iter().map(|one| (*one).clone()).collect();
    all.sort();
    all
}

/// A draft that was prepared and published on paper, entered afterwards.
async fn published_late(county: &SmallCounty, days: (&str, &str, &str)) -> String {
    let mut drafter = county.clerk("起草甲").await;
    drafter.get(&format!("{NEW}?manner=late")).await;
    let who = county.id("起草甲");
    let manner = [("manner", "late"), ("decided_by", who.as_str()), ("day", days.0), ("reason", "纸质办理，事后补录")];
    let draft = with(&DRAFT, &[("f.closes_on", days.2)]);
    let page = drafter.post_files(NEW, &[&manner[..], &draft].concat(), &[PDF]).await;
    assert_eq!(page.status, 303, "{}", said(&page.body));
    let matter = page.location().split('?').next().unwrap().to_owned();
    let mut head = county.clerk("镇长甲").await;
    let closes = [("f.closes_on", days.2)];
    late(&mut head, &format!("{matter}/steps/publish"), &county.id("镇长甲"), days.1, &closes).await;
    matter
}

#[tokio::test]
async fn drafts_entered_by_hand_count_once_published_and_open_behind_their_figure() {
    let county = SmallCounty::new().await;
    let (mut drafter, mut head) = (county.clerk("起草甲").await, county.clerk("镇长甲").await);
    let mut reader = county.clerk("县长甲").await;
    for id in ["K01", "K02", "K03"] {
        let (value, behind, _) = figure(&mut reader, id).await;
        assert_eq!((value.as_str(), behind.len()), (if id == "K01" { "0" } else { "—" }, 0), "{id}: nothing yet");
    }
    // Prepared is not published; thirty days, and twenty-nine with nothing that forbids it.
    take(&mut drafter, NEW, &with(&DRAFT, &[("f.document_title", "还没有公布的草案")])).await;
    let long = take(&mut drafter, NEW, &DRAFT).await;
    take(&mut head, &format!("{long}/steps/publish"), &[("f.closes_on", "2024-11-25")]).await;
    let short = [("f.document_kind", "other"), ("f.closes_on", "2024-11-24")];
    let short = take(&mut drafter, NEW, &with(&DRAFT, &short)).await;
    take(&mut head, &format!("{short}/steps/publish"), &[("f.closes_on", "2024-11-24")]).await;
    let both = sorted(&[&long, &short]);
    assert_eq!(figure(&mut reader, "K01").await, ("2".to_owned(), both.clone(), both.clone()));
    assert_eq!(figure(&mut reader, "K02").await, ("50".to_owned(), both.clone(), vec![long.clone()]));
    // Prolonged it counts by its new last day.
    let longer = [("f.closes_on", "2024-11-25"), ("f.extend_reason", "再听听赶集的人怎么说。")];
    take(&mut head, &format!("{short}/steps/extend_term"), &longer).await;
    assert_eq!(figure(&mut reader, "K02").await, ("100".to_owned(), both.clone(), both.clone()));
    // Taken back it was published all the same, and no answer is owed.
    let stop = [("f.withdraw_reason", "上级已有统一规定，不再制定。")];
    take(&mut head, &format!("{short}/steps/withdraw_consultation"), &stop).await;
    assert_eq!(figure(&mut reader, "K01").await.0, "2");
    assert_eq!(figure(&mut reader, "K03").await, ("—".to_owned(), Vec::new(), Vec::new()));

    // Closed and not answered, then answered: on paper in August, entered today.
    let answered = published_late(&county, ("2024-08-01", "2024-08-02", "2024-09-01")).await;
    let open = published_late(&county, ("2024-08-05", "2024-08-06", "2024-09-05")).await;
    let by = county.id("起草甲");
    for closed in [&answered, &open] {
        late(&mut drafter, &format!("{closed}/steps/close"), &by, "2024-09-06", &[]).await;
    }
    let closed = sorted(&[&answered, &open]);
    assert_eq!(figure(&mut reader, "K03").await, ("0".to_owned(), closed.clone(), Vec::new()));
    let told = [("f.feedback", "没有收到意见，照原稿制定。")];
    late(&mut drafter, &format!("{answered}/steps/answer"), &by, "2024-09-09", &told).await;
    assert_eq!(figure(&mut reader, "K03").await.0, "0", "an answer that is not published is none");
    let publish = format!("{answered}/steps/publish_feedback");
    late(&mut head, &publish, &county.id("镇长甲"), "2024-09-10", &[]).await;
    assert_eq!(figure(&mut reader, "K03").await, ("50".to_owned(), closed, vec![answered.clone()]));
    assert_eq!(figure(&mut reader, "K01").await.0, "4", "by the day on which they were published");
    let before = reader.get("/figures/K01?as_of=2024-10-25").await;
    assert!(before.body.contains("没有事项"), "nobody had entered them the day before");
    // A list is a figure's way down: each line leads to its draft.
    let line = reader.get("/figures/K03?side=part").await.attribute("tbody td.main a", "href").unwrap();
    assert!(reader.get(&line).await.text("main").contains("已公布采纳情况"));
}

/// What the pool of the scenario tells: its drafts, those open for thirty days, those closed, those answered.
fn told() -> [usize; 4] {
    let pool: toml::Table = toml::from_str(include_str!("../../../scenarios/pools/drafts.toml")).unwrap();
    let drafts = pool["draft"].as_array().unwrap();
    let last = |draft: &toml::Value, words: &[&str]| words.contains(&draft["last"].as_str().unwrap());
    [
        drafts.len(),
        drafts.iter().filter(|draft| draft["days"].as_integer().unwrap() >= 30).count(),
        drafts.iter().filter(|draft| last(draft, &["closed", "fed_back"])).count(),
        drafts.iter().filter(|draft| last(draft, &["fed_back"])).count(),
    ]
}

#[test]
#[allow(clippy::cast_precision_loss, reason = "a handful of drafts")]
fn drafts_that_were_played_are_counted_as_the_scenario_tells_them() {
    let [all, thirty, closed, answered] = told();
    assert!(answered > 0 && closed > answered && all > closed, "of each kind one at least: {:?}", told());
    let folder = Folder::new();
    let data = folder.path().join("county");
    copy_county(&played().pristine(), &data);
    let db = Db::open(home(&data)).unwrap();
    let ruling = Ruling::check(&embedded()).unwrap();
    let today = Day::parse("2024-10-26").unwrap();
    db.read_blocking(|r| {
        let basis = figures::basis(r, COUNTY, today, None)?;
        let asked = |id: &str| {
            let indicator = ruling.indicators.iter().find(|known| known.id == id).unwrap();
            let figure: Figure = figures::one(r, COUNTY, &ruling, basis, indicator).unwrap();
            let side = |side| figures::list(r, COUNTY, basis, indicator, side, None, 1_000).unwrap();
            let (whole, part) = (side(Side::Whole), side(Side::Part));
            assert_eq!(
                figure.matters,
                i64::try_from(whole.len()).unwrap(),
                "{id}: the figure and its list are one query"
            );
            assert!(part.iter().all(|line| whole.contains(line)), "{id}: who is counted is among all");
            for (matter, _) in &whole {
                let state = matters::find_state(r, COUNTY, *matter).unwrap().unwrap();
                assert_eq!(state.procedure.as_str(), "public_consultation", "{id}");
            }
            (figure.value, whole.len(), part.len())
        };
        let share = |part: usize, whole: usize| Some(part as f64 * 100.0 / whole as f64);
        assert_eq!(asked("K01"), (Some(all as f64), all, all));
        assert_eq!(asked("K02"), (share(thirty, all), all, thirty));
        assert_eq!(asked("K03"), (share(answered, closed), closed, answered));
        Ok::<_, zhunsheng::app::fault::Fault>(())
    })
    .unwrap();
}
