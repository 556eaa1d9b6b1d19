//! Days that follow from remedies: when the periods end, from when the court may be asked, and what kind of result there was.
//!
//! Does not belong here: what is refused (law/procedures/enforcement/penalty.toml).

use zhunsheng_core::clock::{ClockRun, Due};
use zhunsheng_core::day::Day;
use zhunsheng_core::id::FieldId;
use zhunsheng_core::matter::{MatterState, StepDone, named_power};

use crate::app::act::Desk;
use crate::app::completing::{Asked, Made};
use crate::app::inspect::ON_THE_SPOT;

/// The results of remedies, and what the organ itself did instead.
const RESULTS: [&str; 6] =
    ["remedy_upheld", "remedy_unlawful", "remedy_changed", "remedy_revoked", "self_change", "self_revoke"];

/// What the system works out for a step of urging or of remedies; none for other steps.
pub(super) fn made(desk: &Desk, asked: &Asked<'_>, state: &MatterState) -> Option<Made> {
    let day = asked.day(desk.today);
    Some(match asked.command.step.as_str() {
        "decide_penalty" => vec![("violation_near", near(desk, state, day))],
        "serve_urge" => vec![("urge_served_on", day.to_string())],
        "record_urge_defence" => vec![("urge_defence_open", "yes".to_owned())],
        "review_urge_defence" => {
            let due = if defence_open(state) { "yes" } else { "no" };
            vec![("urge_review_due", due.to_owned()), ("urge_defence_open", "no".to_owned())]
        }
        "serve" | "serve_deemed" => vec![("remedy_ends_on", window(desk, state, "litigation_window", day))],
        "self_change" => {
            vec![("remedy_route", "own".to_owned()), ("remedy_ends_on", window(desk, state, "litigation_window", day))]
        }
        "remedy_upheld" => upheld(desk, asked, state, day),
        // Of a revocation it says under which law the decision is made anew; what a suit against the organ of reconsideration orders is
        // that organ's.
        step @ ("remedy_changed" | "remedy_unlawful" | "remedy_revoked") if in_suit(state) => {
            above(state, step, day).unwrap_or_else(|| vec![("remedy_route", "judgment".to_owned())])
        }
        "remedy_changed" | "remedy_unlawful" => by_reconsideration(desk, state, day),
        "remedy_revoked" => vec![("remedy_route", "reconsideration".to_owned())],
        "confirm_unremedied" => confirmed(desk, asked, state),
        _ => return None,
    })
}

/// What the benchmark calls what is written much like the violation, or what the power of the case stands for, where it does not list
/// the violation.
fn near(desk: &Desk, state: &MatterState, day: Day) -> String {
    let power = named_power(state, &FieldId::from("power"), &desk.registry);
    let near = desk.ruling.law.discretion.meant(state, power, day);
    near.iter().map(|item| item.violation.as_str()).collect::<Vec<_>>().join("；")
}

/// Whether the last objection to the urge is still to be reviewed, as the steps say that stand: withdrawing one puts no fact back.
fn defence_open(state: &MatterState) -> bool {
    let last = |step: &str| state.done.iter().rposition(|done| done.step.as_str() == step && !done.withdrawn);
    last("record_urge_defence").is_some_and(|came| last("review_urge_defence").is_none_or(|heard| heard < came))
}

/// The same again for a step that needs the objections reviewed; nothing where none ever came.
pub(super) fn heard_again(state: &MatterState) -> Made {
    if !state.done.iter().any(|done| done.step.as_str() == "record_urge_defence") {
        return Made::new();
    }
    vec![("urge_defence_open", if defence_open(state) { "yes" } else { "no" }.to_owned())]
}

fn in_suit(state: &MatterState) -> bool {
    state.track("remedy").is_some_and(|now| now.as_str() == "litigation")
}

fn written(day: Option<Day>) -> String {
    day.map(|day| day.to_string()).unwrap_or_default()
}

/// The last day of a period that would begin on a day, as the definition counts it. It warns; nothing ends by it.
fn window(desk: &Desk, state: &MatterState, clock: &str, day: Day) -> String {
    let definition = desk.ruling.law.by_digest(&state.definition);
    let clock = definition.and_then(|definition| definition.clock(clock));
    let run = clock.map(|clock| ClockRun::new(clock.id.clone(), clock.basis.clone(), clock.limit.clone(), day));
    written(run.and_then(|run| run.due(&desk.ruling.calendar).day()))
}

fn by_reconsideration(desk: &Desk, state: &MatterState, day: Day) -> Made {
    let ends = window(desk, state, "litigation_after_reconsideration", day);
    vec![("remedy_route", "reconsideration".to_owned()), ("remedy_ends_on", ends)]
}

/// A judgment on a penalty on the spot that finds it unlawful and leaves it standing.
pub(super) fn unlawful_on_the_spot(state: &MatterState) -> Made {
    if in_suit(state) { vec![("suit_result", "judgment".to_owned())] } else { Made::new() }
}

fn upheld(desk: &Desk, asked: &Asked<'_>, state: &MatterState, day: Day) -> Made {
    if !in_suit(state) {
        return by_reconsideration(desk, state, day);
    }
    if let Some(made) = above(state, "remedy_upheld", day) {
        return made;
    }
    let result = asked.typed("suit_result");
    let mut made = vec![("remedy_route", result.to_owned())];
    if result == "ruling" {
        made.push(("remedy_ends_on", written(after_ruling(desk, state, day))));
    }
    made
}

/// A suit against what reconsideration had changed is one against its organ (行政诉讼法§26.2): what came of it is for that organ to
/// have enforced (行政复议法§78(2)). So is a suit after reconsideration found the decision unlawful, unless for its procedure
/// (行政诉讼法解释§22.3); but the decision was not changed, and is this organ's to enforce, which has no judgment of its own for it
/// (行政诉讼法§95): it lapses. What came of a suit is entered when it is final.
fn above(state: &MatterState, step: &str, day: Day) -> Option<Made> {
    let result = |done: &&StepDone| !done.withdrawn && RESULTS.contains(&done.step.as_str());
    let before = state.done.iter().rev().find(result).map(|done| done.step.as_str());
    let route = match (before, state.text("remedy_route")) {
        (Some("remedy_changed"), "reconsideration") | (_, "above") => "above",
        (Some("remedy_unlawful"), "reconsideration") if !by_procedure(state) => beside(step),
        (_, "beside") => beside(step),
        _ => return None,
    };
    Some(vec![("remedy_route", route.to_owned()), ("remedy_ends_on", day.to_string())])
}

/// What the court changes in the place of the organ of reconsideration is enforced by that organ.
fn beside(step: &str) -> &'static str {
    if step == "remedy_changed" { "above" } else { "beside" }
}

/// Whether reconsideration found the decision unlawful for its procedure.
fn by_procedure(state: &MatterState) -> bool {
    state.text("unlawful_ground") == "minor_procedure" || state.text("unlawful_by_procedure") == "yes"
}

/// A suit that came to no judgment leaves the decision uncontested: from the ruling, and not before the period to sue had ended.
fn after_ruling(desk: &Desk, state: &MatterState, ruled: Day) -> Option<Day> {
    Some(due(desk, state, "litigation_window").map_or(ruled, |last| last.max(ruled)))
}

fn due(desk: &Desk, state: &MatterState, clock: &str) -> Option<Day> {
    state.clock(clock).map(|run| run.due(&desk.ruling.calendar)).and_then(Due::certain)
}

/// The first day on which the periods can have ended, as far as the record knows: from service, from the result of a reconsideration,
/// from a ruling.
fn earliest(desk: &Desk, procedure: &str, state: &MatterState) -> Option<Day> {
    let stands = state.track("remedy").is_some_and(|now| matches!(now.as_str(), "upheld" | "unlawful"));
    match (stands, state.text("remedy_route")) {
        (true, "ruling") => {
            let ruled = state.last_done("remedy_upheld")?;
            after_ruling(desk, state, ruled.day)
        }
        (true, "beside") => {
            let judged = ["remedy_upheld", "remedy_unlawful"].map(|step| state.last_done(step).map(|done| done.day));
            judged.into_iter().flatten().max()
        }
        (true, _) => {
            let judged = state.last_done("litigation_upheld").map(|done| done.day);
            due(desk, state, "litigation_after_reconsideration").map(|day| judged.map_or(day, |judged| judged.max(day)))
        }
        // Reconsideration comes before a suit there (行政复议法§23).
        (false, _) if procedure == ON_THE_SPOT => due(desk, state, "reconsideration_window"),
        (false, _) => due(desk, state, "litigation_window"),
    }
}

/// The day may be left out; then it is the one that was worked out.
pub(super) fn confirmed(desk: &Desk, asked: &Asked<'_>, state: &MatterState) -> Made {
    let earliest = earliest(desk, asked.procedure, state);
    let typed = asked.typed("remedy_ended_on");
    let ended = if typed.is_empty() { earliest } else { asked.typed_day("remedy_ended_on") };
    let mut made = vec![("remedy_earliest", written(earliest))];
    if typed.is_empty() {
        made.push(("remedy_ended_on", written(earliest)));
    }
    made.push(("court_from", written(court_from(desk, state, ended))));
    made
}

/// The day from which the court may be asked for three months: the end of the periods, or of a deferral that was granted in time,
/// whichever is later (行政处罚法§72.2).
fn court_from(desk: &Desk, state: &MatterState, ended: Option<Day>) -> Option<Day> {
    let granted = state.last_done("approve_deferral");
    let deferred = granted.filter(|granted| ended.is_none_or(|ended| granted.day <= lapses(desk, state, ended)));
    let until = deferred.and_then(|_| state.day("defer_until"));
    ended.into_iter().chain(until).max()
}

/// What is handed up to the organ of reconsideration: only to another organ, and with the day from which it may ask the court.
pub(super) fn handed_up(desk: &Desk, asked: &Asked<'_>, state: &MatterState) -> Made {
    let ends = state.day("remedy_ends_on");
    let said = |yes: bool| if yes { "yes" } else { "no" }.to_owned();
    let elsewhere = asked.typed("reconsideration_organ") != state.organ.as_str();
    vec![
        ("changed_period_over", said(ends.is_some_and(|last| last < asked.day(desk.today)))),
        ("reconsideration_elsewhere", said(elsewhere)),
        ("court_from", written(court_from(desk, state, ends))),
    ]
}

/// The last day of the three months that begin on a day (行政强制法§53).
fn lapses(desk: &Desk, state: &MatterState, from: Day) -> Day {
    Day::parse(&window(desk, state, "court_window", from)).unwrap_or(from)
}

/// A deferral moves the three months to its own end (行政处罚法§72.2), if they had not ended before it was granted: what is over does
/// not begin again.
pub(super) fn court_from_deferred(desk: &Desk, state: &MatterState, granted: Day, until: Option<Day>) -> Made {
    let lapsed = state.track("remedy").is_some_and(|now| now.as_str() == "lapsed");
    let Some(ended) = state.day("remedy_ended_on").filter(|_| lapsed) else { return Made::new() };
    let standing = state.day("court_from").unwrap_or(ended);
    let from = if granted <= lapses(desk, state, standing) { ended.max(until.unwrap_or(ended)) } else { standing };
    vec![("court_from", from.to_string())]
}
