//! A number given elsewhere (补录) against the series that is issued here: one that this series has given already, or that leaves
//! some out, is recorded and marked. What is issued here has no gaps: nobody types its number.

use super::command::{Command, Manner};
use super::decide::{Draft, Scene, SeriesKey, Supply, part_applies};
use super::who;
use crate::id::{InstrumentId, OrganCode};
use crate::procedure::Step;
use crate::refusal::engine;

/// Notes what is odd about the number that a late entry brings.
pub(super) fn check(step: &Step, command: &Command, draft: &mut Draft, scene: Scene<'_>, supply: &mut dyn Supply) {
    let Scene { law, context, day, .. } = scene;
    let Manner::Late { number: Some(text), .. } = &command.manner else { return };
    let text = text.trim();
    let issued = step.issues.iter().filter(|when| part_applies(when.when.as_ref(), draft, law, context, day));
    let found = issued.filter_map(|when| series(&when.item, text, draft, scene)).next();
    let Some((key, n)) = found else { return };
    let last = supply.last_number(&key);
    let expected = last.saturating_add(1);
    let code = if n <= last {
        engine::NUMBER_TAKEN
    } else if n > expected {
        engine::NUMBER_SKIPPED
    } else {
        return;
    };
    draft.refuse(law.refusals.refuse(code, None, &[("number", text), ("n", &expected.to_string())]));
}

/// The series that a number is written as, and its place in it.
fn series(instrument: &InstrumentId, text: &str, draft: &Draft, scene: Scene<'_>) -> Option<(SeriesKey, u32)> {
    let numbering = draft.procedure.instrument(instrument.as_str())?.numbering.clone()?;
    let organ: OrganCode = who::seat_organ(&numbering.of, draft, scene.context)?;
    let year = scene.day.year();
    let short = scene.context.registry.organ(organ.as_str()).map_or("", |organ| organ.short.as_str());
    let pattern = numbering.pattern.replace("{short}", short).replace("{year}", &year.to_string());
    let (before, after) = pattern.split_once("{n}")?;
    let n = text.strip_prefix(before)?.strip_suffix(after)?.parse().ok()?;
    Some((SeriesKey { organ, instrument: instrument.clone(), year }, n))
}
