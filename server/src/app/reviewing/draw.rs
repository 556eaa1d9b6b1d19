//! The list of files of a round, and who is drawn from it.
//!
//! The list is closed in the same act that tells the secret; see core `draw`, where the drawing itself is.

use std::collections::BTreeSet;

use zhunsheng_core::day::Day;
use zhunsheng_core::draw;
use zhunsheng_core::id::MatterId;
use zhunsheng_core::matter::{Command, DRAW_SECRET, Fact, Input, Manner, MatterState, Target};

use super::super::act::Desk;
use super::super::completing::Made;
use super::{REVIEW, ROUND, case_number};
use crate::store::{Query, StoreFault, credit, matters, record, reviews};

/// What a draw was made from and what it gave: enough for anybody to do it again.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Drawn {
    /// What was told before.
    pub commitment: String,
    /// What was kept until the draw.
    pub secret: String,
    /// The list, one id of a matter each.
    pub frame: Vec<String>,
    /// How many were to be drawn.
    pub count: usize,
}

impl Drawn {
    /// Whether the secret is the one that was pledged.
    #[must_use]
    pub fn keeps_its_pledge(&self) -> bool {
        draw::commitment(&self.secret).to_string() == self.commitment
    }

    /// The files, first drawn first.
    pub fn files(&self) -> impl Iterator<Item = MatterId> {
        let seed = draw::seed_of(&self.secret, &self.frame);
        let drawn = draw::drawn_weighted(&seed, draw::FILES, &self.frame, self.count);
        drawn.into_iter().filter_map(|id| MatterId::parse(&id))
    }
}

/// A round's draw as its record has it; none before it was drawn.
pub fn of_round(q: &impl Query, county: &str, round: &MatterState) -> Result<Option<Drawn>, StoreFault> {
    let secret = round.said("draw_seed");
    if secret.is_empty() {
        return Ok(None);
    }
    let sealed = record::sealed_values(q, county, round.id)?;
    let count = round.fact("drawn").and_then(Fact::number).and_then(|count| usize::try_from(count).ok());
    Ok(Some(Drawn {
        commitment: round.said("seed_commitment"),
        secret,
        frame: record::opened(&sealed, "field.frame").split_whitespace().map(str::to_owned).collect(),
        count: count.unwrap_or(0),
    }))
}

/// The files that were complete within the days of a round, of its organs.
fn frame(q: &impl Query, desk: &Desk, round: &MatterState) -> Result<Vec<String>, StoreFault> {
    let Some(sheet) = desk.ruling.law.review.get(&round.said("sheet")) else { return Ok(Vec::new()) };
    let day = |field: &str| round.fact(field).and_then(Fact::day).unwrap_or(desk.today);
    let days: (Day, Day) = (day("files_from"), day("files_to"));
    let organs: Option<Vec<String>> = match round.fact("round_organs") {
        Some(Fact::Codes(codes)) if !codes.is_empty() => Some(codes.iter().map(ToString::to_string).collect()),
        _ => None,
    };
    let mut files = Vec::new();
    for step in &sheet.complete {
        let step = (sheet.procedure.as_str(), step.as_str());
        files.extend(credit::decisions(q, &desk.county, step, days, organs.as_deref())?);
    }
    let heavy = if round.said("weighted") == "yes" { Some(unqualified(q, desk)?) } else { None };
    // A work secret is reviewed inside its organ.
    let open = files.into_iter().filter(|(file, _)| !file.is_withheld());
    let mut ids: Vec<String> = open
        .flat_map(|(file, _)| {
            let tickets = heavy.as_ref().map_or(1, |organs| {
                1 + usize::from(!file.flags.is_empty()) + usize::from(organs.contains(file.organ.as_str()))
            });
            draw::entries(&file.id.to_string(), tickets).collect::<Vec<_>>()
        })
        .collect();
    ids.sort_unstable();
    ids.dedup();
    Ok(ids)
}

/// Organs of which a file was found unqualified within a year: theirs are drawn more often.
fn unqualified(q: &impl Query, desk: &Desk) -> Result<BTreeSet<String>, StoreFault> {
    let since = desk.today.plus_months(-12);
    let found = reviews::with_fact(q, &desk.county, REVIEW, ("grade", "unqualified"))?;
    let recent = found.into_iter().filter(|one| one.last_done("score").is_some_and(|done| done.day >= since));
    Ok(recent.map(|one| one.said("handling_organ")).collect())
}

/// Closes the list of a round and tells its secret.
pub(super) fn close(q: &impl Query, desk: &Desk, round: &MatterState) -> Result<Made, StoreFault> {
    let sealed = record::sealed_values(q, &desk.county, round.id)?;
    let frame = frame(q, desk, round)?;
    let asked = round.fact("sample_size").and_then(Fact::number).and_then(|size| usize::try_from(size).ok());
    let files = draw::candidates(&frame).len();
    let drawn = asked.unwrap_or(0).min(files);
    Ok(vec![
        ("draw_seed", record::opened(&sealed, DRAW_SECRET).to_owned()),
        ("frame_digest", draw::list_digest(&frame).to_string()),
        ("frame_size", files.to_string()),
        ("drawn", drawn.to_string()),
        ("frame", if frame.is_empty() { "（没有）".to_owned() } else { frame.join("\n") }),
    ])
}

/// Whether the file that a review is opened for was drawn in its round.
pub(super) fn is_drawn(q: &impl Query, county: &str, command: &Command) -> Result<bool, StoreFault> {
    let named = |field: &str| {
        let typed = command.input.fields.get(field).and_then(|values| values.first());
        typed.and_then(|id| MatterId::parse(id))
    };
    let (Some(round), Some(file)) = (named("round_matter"), named("file")) else { return Ok(false) };
    let Some(round) = matters::find_state(q, county, round)?.filter(|round| round.procedure.as_str() == ROUND) else {
        return Ok(false);
    };
    let drawn = of_round(q, county, &round)?;
    Ok(drawn.is_some_and(|drawn| drawn.files().any(|known| known == file)))
}

/// A command for each file that was drawn.
pub(super) fn openings(q: &impl Query, desk: &Desk, round: MatterId) -> Result<Vec<Command>, StoreFault> {
    let Some(round) = matters::find_state(q, &desk.county, round)? else { return Ok(Vec::new()) };
    let Some(drawn) = of_round(q, &desk.county, &round)? else { return Ok(Vec::new()) };
    let mut commands = Vec::new();
    for (rank, id) in (1..).zip(drawn.files()) {
        let Some(file) = matters::find_state(q, &desk.county, id)? else { continue };
        let mut input = Input::default()
            .with("round", round.said("round_title"))
            .with("round_matter", round.id.to_string())
            .with("sheet", round.said("sheet"))
            .with("file", id.to_string())
            .with("file_number", case_number(&desk.ruling.law, &file))
            .with("handling_organ", file.organ.as_str())
            .with("rank", i64::to_string(&rank));
        let violation = file.said("violation");
        if !violation.is_empty() {
            input = input.with("violation", violation);
        }
        let target = Target::Open(REVIEW.into());
        commands.push(Command { target, step: "draw_in".into(), input, manner: Manner::Live });
    }
    Ok(commands)
}
