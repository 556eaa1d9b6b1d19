//! What rests on the articles that changed between two editions of a statute, and what of it is open in the county: the
//! same for the command and for the page.

use zhunsheng_core::indicator::Indicator;
use zhunsheng_core::law::Law;
use zhunsheng_core::statute::citing::{Citer, Citing};
use zhunsheng_core::statute::compare::{Change, Pair};
use zhunsheng_core::statute::impact::{Impact, impact};
use zhunsheng_core::statute::{Edition, Statute};

use super::fault::StoreFault;
use crate::store::Query;
use crate::store::open_matters::{self, OpenMatter};
use crate::store::seeing::SightFilter;

/// Open matters that are listed one by one.
const MATTERS_SHOWN: i64 = 200;

/// What a change of law touches.
pub struct LawChange<'l> {
    /// Articles that are not what they were.
    pub changed: usize,
    /// Citations, instruments, figures.
    pub impact: Impact<'l>,
}

/// Follows a change of articles to what rests on them.
pub fn find<'l>(
    law: &'l Law,
    indicators: &[Indicator],
    statute: &Statute,
    later: &Edition,
    pairs: &[Pair],
) -> LawChange<'l> {
    LawChange {
        changed: pairs.iter().filter(|pair| pair.change != Change::Unchanged).count(),
        impact: impact(law, indicators, statute, later, pairs),
    }
}

/// What is open in the county under the definitions touched.
#[derive(Default)]
pub struct Open {
    /// How many matters, by procedure.
    pub matters: Vec<(String, i64)>,
    /// How many touched limits run, by procedure and clock.
    pub running: Vec<(String, String, i64)>,
    /// The newest of the matters.
    pub list: Vec<OpenMatter>,
}

/// Reads what is open; with `sight` only what a person may see, without it everything (the operator's command).
pub fn open(q: &impl Query, county: &str, found: &Impact<'_>, sight: Option<&SightFilter>) -> Result<Open, StoreFault> {
    let procedures: Vec<String> = found.procedures().iter().map(ToString::to_string).collect();
    if procedures.is_empty() {
        return Ok(Open::default());
    }
    let touched = |procedure: &str, clock: &str| {
        let is_it = |citing: &Citing<'_>| {
            citing.citer == Citer::Clock
                && citing.id == clock
                && citing.procedure_id().is_some_and(|id| id.as_str() == procedure)
        };
        found.touched.iter().any(|touched| is_it(&touched.citing))
    };
    let mut running = open_matters::count_running(q, county, &procedures, sight)?;
    running.retain(|(procedure, clock, _)| touched(procedure, clock));
    Ok(Open {
        matters: open_matters::count(q, county, &procedures, sight)?,
        running,
        list: open_matters::list(q, county, &procedures, sight, MATTERS_SHOWN)?,
    })
}
