//! 案卷评查: the draw anybody can repeat, sheets as committed in `law/review/`, what rules find in a file before people look.

use zhunsheng_core::calendar::Calendar;
use zhunsheng_core::day::Day;
use zhunsheng_core::draw::{FILES, commitment, drawn, list_digest, seed_of};
use zhunsheng_core::id::{InstrumentId, MatterId};
use zhunsheng_core::law::{self, Law, Loaded};
use zhunsheng_core::matter::{Event, Flag, ManneredAs, MatterState, Number, Taken};
use zhunsheng_core::procedure::StepKind;
use zhunsheng_core::review::before::{File, Found, look};
use zhunsheng_core::review::{NOTHING, Sheet, Sheets, deductions};

use super::support::law_files;

fn keys(count: u32) -> Vec<String> {
    (0..count).map(|n| format!("file-{n}")).collect()
}

fn draw(secret: &str, keys: &[String], count: usize) -> Vec<String> {
    drawn(&seed_of(secret, keys), FILES, keys, count)
}

#[test]
fn a_draw_depends_on_secret_and_list_and_on_nothing_else() {
    let all = keys(200);
    let first = draw("一个秘密", &all, 20);
    assert_eq!(first.len(), 20);
    let mut turned = all.clone();
    turned.reverse();
    assert_eq!(draw("一个秘密", &turned, 20), first, "not on the order of the list");
    assert_eq!(draw("一个秘密", &all, 50)[..20], first[..], "a longer draw begins with the shorter one");
    assert_ne!(draw("另一个秘密", &all, 20), first);
    let mut one_more = all.clone();
    one_more.push("file-x".to_owned());
    assert_ne!(list_digest(&one_more), list_digest(&all));
    assert_ne!(draw("一个秘密", &one_more, 20), first, "another list is another draw");
    assert_ne!(commitment("一个秘密"), commitment("另一个秘密"));
}

#[test]
fn a_draw_takes_each_entry_once_and_no_more_than_there_are() {
    let mut all = keys(5);
    all.extend(keys(5));
    let mut drawn = draw("s", &all, 99);
    drawn.sort_unstable();
    assert_eq!(drawn, ["file-0", "file-1", "file-2", "file-3", "file-4"]);
    assert!(draw("s", &[], 3).is_empty() && draw("s", &all, 0).is_empty());
}

#[test]
fn everybody_is_drawn_about_equally_often() {
    let all = keys(40);
    let mut count = vec![0_u32; 40];
    for secret in 0..2_000 {
        for key in draw(&secret.to_string(), &all, 10) {
            count[key.strip_prefix("file-").unwrap().parse::<usize>().unwrap()] += 1;
        }
    }
    // 500 expected of each, standard deviation 19.
    assert!(count.iter().all(|n| (400..=600).contains(n)), "{count:?}");
}

fn loaded() -> Loaded {
    law::load_adopted(&law_files(), &[])
}

fn sheet(law: &Law) -> &Sheet {
    law.review.get("penalty").unwrap()
}

#[test]
fn a_sheet_deducts_and_a_basic_standard_decides_alone() {
    let law = loaded().law;
    let sheet = sheet(&law);
    let score = |typed: &str| sheet.score(&deductions(sheet, typed).unwrap());
    let whole = score(NOTHING);
    assert_eq!((whole.points, whole.grade.as_str(), whole.failed.len()), (100, "excellent", 0));
    let some = score("service 3 送达回证没有日期，第12页\n content　5　告知书漏填，第7页");
    assert_eq!((some.points, some.grade.as_str()), (92, "excellent"));
    assert_eq!(some.failed, ["决定书按期送达，有送达回证", "文书内容完整，填写规范"], "in the order of the sheet");
    assert_eq!(score("service 5 无\ncontent 6 无").grade, "good");
    let vetoed = score("officers 只有一人签名，第3页\nservice 1 无");
    assert!(vetoed.vetoed && vetoed.points == 0 && vetoed.grade == "unqualified", "{vetoed:?}");
    let points: i64 = sheet.items.iter().map(|item| item.points).sum();
    assert_eq!(points, sheet.full, "the items add up to a whole file");
}

#[test]
fn what_is_typed_wrong_on_a_sheet_is_said() {
    let law = loaded().law;
    let sheet = sheet(&law);
    for (typed, why) in [
        ("service 6 太多", "1至5"),
        ("service 0 没扣", "1至5"),
        ("service x 不是数", "1至5"),
        ("service 3", "没有写明问题"),
        ("officers", "没有写明问题"),
        ("nowhere 3 没有这项", "没有“nowhere”这一项"),
        ("service 1 一\nservice 1 二", "写了两次"),
        ("", NOTHING),
    ] {
        let said = deductions(sheet, typed).unwrap_err();
        assert!(said.contains(why), "{typed}: {said}");
    }
}

#[test]
fn papers_are_bound_in_the_order_of_the_sheet() {
    let law = loaded().law;
    let sheet = sheet(&law);
    let place = |kind: &str| sheet.place_of(kind);
    assert!(place("penalty_decision") < place("penalty_notice"), "what was decided first");
    assert!(place("penalty_notice") < place("additional_notice"), "what is not named stands behind what is");
    assert!(place("additional_notice") < place("service_receipt"), "and before receipts");
    assert_eq!(place("additional_notice"), place("urge_notice"), "as it came about");
}

#[test]
fn a_sheet_is_checked_when_it_is_loaded() {
    let source = law_files().into_iter().find(|(path, _)| path == "review/penalty.toml").unwrap().1;
    let law = loaded().law;
    let problems = |source: &str| {
        let mut sheets = Sheets::default();
        if let Err(error) = sheets.load("review/penalty.toml", source) {
            return vec![error.to_string()];
        }
        let procedures = law.procedures().map(|checked| &***checked);
        sheets.problems(&law.refusals, procedures).iter().map(ToString::to_string).collect()
    };
    assert_eq!(problems(&source), Vec::<String>::new());
    for (from, to, why) in [
        ("procedure = \"penalty\"", "procedure = \"penalties\"", "no procedure `penalties`"),
        ("complete = [\"archive\"]", "complete = [\"shelve\"]", "no step `shelve`"),
        ("complete = [\"archive\"]", "complete = []", "no step completes a file"),
        ("id = \"filing\"", "id = \"body\"", "already defined"),
        ("id = \"filing\"", "id = \"the filing\"", "no identifier"),
        ("points = 5", "points = 500", "at most 100"),
        ("points = 5", "veto = true\npoints = 5", "basic standard"),
        ("{ id = \"good\", from = 80 }", "{ id = \"good\", from = 95 }", "best first"),
        ("\"officers_too_few\"", "\"officers_too_many\"", "ever found as `officers_too_many`"),
        ("title = \"全过程记录完整\"", "title = \"全过程；记录\"", "does not belong in a title"),
        ("full = 100", "full = 100\nextra = 1", "unknown field"),
        ("\"penalty_decision\"", "\"penalty_letter\"", "no paper `penalty_letter`"),
        ("\"source_form\"", "\"closing_form\"", "`closing_form` stands in the order twice"),
    ] {
        let changed = source.replacen(from, to, 1);
        assert_ne!(changed, source, "{from}");
        let said = problems(&changed).join("\n");
        assert!(said.contains(why), "{to}: {said}");
    }
}

/// A penalty case that was handled without a fault, as its events have it.
struct Case {
    loaded: Loaded,
    state: MatterState,
    events: Vec<(i64, Event)>,
}

fn day(text: &str) -> Day {
    Day::parse(text).unwrap()
}

impl Case {
    fn new() -> Self {
        // The ninetieth day.
        Self::decided("2024-05-30")
    }

    fn decided(on: &str) -> Self {
        let loaded = loaded();
        let opened = Event::Opened {
            procedure: "penalty".into(),
            definition: loaded.law.newest("penalty").unwrap().digest,
            organ: "agriculture".into(),
            place: None,
            parent: None,
            day: day("2024-03-01"),
        };
        let state = MatterState::begin(MatterId(7), &opened).unwrap();
        let mut case = Self { loaded, state, events: Vec::new() };
        case.add(1, opened);
        case.took(2, "file", "2024-03-01", ManneredAs::Live);
        case.started(2, "decide_in_time", 90, "2024-03-01");
        case.took(3, "decide_penalty", on, ManneredAs::Live);
        case.add(3, Event::ClockStopped("decide_in_time".into(), day(on)));
        case.issued(3, 1, "昌农罚决字〔2024〕1号");
        case
    }

    fn add(&mut self, entry: i64, event: Event) {
        self.state.apply(&event);
        self.events.push((entry, event));
    }

    fn took(&mut self, entry: i64, step: &str, on: &str, manner: ManneredAs) {
        let taken = Taken {
            step: step.into(),
            kind: StepKind::Internal,
            decided_by: zhunsheng_core::matter::Decider::Person(MatterId(1)),
            in_name_of: None,
            officers: Vec::new(),
            manner,
            day: day(on),
            original: None,
            authority: zhunsheng_core::basis::Basis::parse("行政处罚法§57.1").unwrap(),
        };
        self.add(entry, Event::Taken(taken));
    }

    fn started(&mut self, entry: i64, clock: &str, days: u32, on: &str) {
        use zhunsheng_core::clock::{ClockRun, Direction, Limit, LimitKind, Unit};
        let basis = self.loaded.law.newest("penalty").unwrap().clock(clock).unwrap().basis.clone();
        let limit = Limit {
            amount: days,
            unit: Unit::Day,
            kind: LimitKind::Maximum,
            direction: Direction::Forward,
            roll: None,
            start_counts: None,
        };
        self.add(entry, Event::ClockStarted(ClockRun::new(clock.into(), basis, limit, day(on))));
    }

    fn issued(&mut self, entry: i64, n: u32, text: &str) {
        let number = Number { organ: "agriculture".into(), year: 2024, n, text: text.to_owned() };
        self.add(entry, Event::Issued("penalty_decision".into(), Some(number), day("2024-05-30")));
    }

    fn flag(&mut self, entry: i64, code: &str, step: &str) {
        self.add(entry, Event::Flagged(code.into(), None, Some(step.into())));
    }

    fn look(&self) -> Vec<Found> {
        let known = |_: &InstrumentId, _: &Number, before: &str| before == "昌农罚决字〔2024〕8号";
        look(&File {
            state: &self.state,
            procedure: self.loaded.law.newest("penalty").unwrap(),
            events: &self.events,
            calendar: &Calendar::default(),
            today: day("2024-10-26"),
            recording: None,
            issued: &known,
        })
    }
}

#[test]
fn a_clean_file_gives_no_alarm() {
    assert_eq!(Case::new().look(), []);
}

#[test]
fn every_planted_defect_is_found_with_its_entry() {
    // What the engine marked when it was entered.
    for (code, step) in [
        ("officers_too_few", "investigate"),
        ("certificate_expired", "investigate"),
        ("penalty_before_notice", "decide_penalty"),
        ("penalty_heavier", "decide_penalty"),
        ("penalty_hearing_open", "decide_penalty"),
        ("penalty_review_missing", "decide_penalty"),
        ("same_person", "decide_penalty"),
        ("penalty_not_deliberated", "decide_penalty"),
        ("penalty_outside_statute", "decide_penalty"),
        ("power_not_in_force", "file"),
        ("evidence_missing", "decide_penalty"),
    ] {
        let mut case = Case::new();
        case.flag(9, code, step);
        let found = case.look();
        assert_eq!(found.len(), 1, "{code}: {found:?}");
        assert_eq!((found[0].code.as_str(), found[0].at.as_str(), found[0].entry), (code, step, Some(9)));
        let sheet = sheet(&case.loaded.law);
        let items: Vec<&str> = sheet
            .items
            .iter()
            .filter(|item| item.finds.iter().any(|find| found[0].fits(find)))
            .map(|item| item.id.as_str())
            .collect();
        assert_eq!(items.len(), 1, "{code} belongs to one item of the sheet: {items:?}");
    }
}

#[test]
fn limits_are_judged_by_their_clocks() {
    // Day 91, whether anybody marked it or not; said once.
    for marked in [false, true] {
        let mut case = Case::decided("2024-05-31");
        if marked {
            let basis = case.state.clock("decide_in_time").unwrap().basis.clone();
            case.add(3, Event::Flagged("overdue".into(), Some(basis), Some("decide_penalty".into())));
        }
        let found = case.look();
        assert_eq!(found.len(), 1, "{found:?}");
        assert!(found[0].fits("overdue:decide_in_time") && !found[0].fits("overdue:service"));
        assert_eq!(found[0].entry, Some(3), "the entry that met it too late");
    }
    // Service and publication that never came.
    for clock in ["service", "publication"] {
        let mut case = Case::new();
        case.started(3, clock, 7, "2024-05-30");
        assert!(case.look().iter().any(|found| found.fits(&format!("overdue:{clock}"))), "{clock}");
        case.add(5, Event::ClockStopped(clock.into(), day("2024-06-06")));
        assert_eq!(case.look(), [], "{clock} in time is no alarm");
    }
    // What was marked when its limit ran out, and turned out to have been kept, is no finding.
    let mut case = Case::new();
    let basis = case.state.clock("decide_in_time").unwrap().basis.clone();
    case.add(6, Event::Flagged("overdue".into(), Some(basis), None));
    assert_eq!(case.look(), []);
}

#[test]
fn numbers_and_remedies_are_looked_at() {
    let mut skipped = Case::new();
    skipped.issued(8, 0, "昌农罚决字〔2024〕7号");
    assert_eq!(skipped.look()[0].code, "number_skipped");
    let mut follows = Case::new();
    follows.issued(8, 0, "昌农罚决字〔2024〕9号");
    assert_eq!(follows.look(), [], "the one before it was issued");
    let mut missing = Case::new();
    missing.add(8, Event::Issued("penalty_decision".into(), None, day("2024-05-30")));
    assert_eq!((missing.look()[0].code.as_str(), missing.look()[0].entry), ("number_missing", Some(8)));
    let mut elsewhere = Case::new();
    elsewhere.took(8, "decide_penalty", "2024-05-30", ManneredAs::Late);
    elsewhere.issued(8, 0, "昌农罚决字〔2024〕9号");
    assert_eq!(elsewhere.look()[0].code, "remedy_unseen", "what was made elsewhere has its remedies on paper only");
}

#[test]
fn a_flag_keeps_its_article() {
    let mut case = Case::new();
    let basis = zhunsheng_core::basis::Basis::parse("行政处罚法§42.1").unwrap();
    case.add(9, Event::Flagged("officers_too_few".into(), Some(basis.clone()), Some("investigate".into())));
    let found = case.look();
    assert_eq!(found[0].basis.as_ref(), Some(&basis));
    let flag = Flag { code: "officers_too_few".into(), basis: Some(basis), step: Some("investigate".into()) };
    assert_eq!(found[0].flag.as_ref(), Some(&flag));
}
