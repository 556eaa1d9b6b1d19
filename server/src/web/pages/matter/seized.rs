//! What is seized in a case, on the page of the case and of the seizure: until when, which things, and what became of them.

use zhunsheng_core::clock::ClockRun;
use zhunsheng_core::matter::MatterState;

use super::Ground;
use crate::app::seizing::{SEIZURE, Thing, things_of};

/// One seizure.
pub(super) struct SeizureView {
    /// 查封 or 扣押.
    pub title: String,
    /// Its page; empty on that page.
    pub href: String,
    /// Where it stands.
    pub state: String,
    /// How urgent that looks.
    pub class: &'static str,
    /// Until when, or why no day can be named.
    pub until: String,
    /// What it holds.
    pub things: Vec<Thing>,
    /// Where it is kept.
    pub custody: String,
}

impl Ground<'_> {
    /// The seizure itself, or those of a case as far as one may see them.
    pub(super) fn seizures(&self) -> Vec<SeizureView> {
        let case = self.case;
        if case.row.procedure == SEIZURE {
            return vec![self.seizure(&case.state, String::new(), self.custody())];
        }
        let linked = case.state.links.iter().filter(|link| link.procedure.as_str() == SEIZURE);
        let seen = linked.filter(|link| case.linked.iter().any(|(row, _)| row.id == link.matter));
        let states = seen.filter_map(|link| case.related.get(&link.matter));
        states.map(|state| self.seizure(state, format!("/matters/{}", state.id), String::new())).collect()
    }

    fn custody(&self) -> String {
        self.case.value("field.custody").map(|(_, custody)| custody.to_owned()).unwrap_or_default()
    }

    fn seizure(&self, state: &MatterState, href: String, custody: String) -> SeizureView {
        let definition = self.ruling.law.by_digest(&state.definition);
        let measure = definition.and_then(|procedure| {
            let field = procedure.fields.values().find(|field| field.id.as_str() == "measure")?;
            Some(procedure.list_of(field)?.title(state.text("measure"))?.to_owned())
        });
        let standing = definition.and_then(|procedure| match &state.ended {
            Some(ended) => procedure
                .steps
                .iter()
                .find(|step| step.outcome.as_ref() == Some(&ended.outcome))
                .map(|step| &step.title),
            None => procedure.state("main", state.standing()).map(|state| &state.title),
        });
        let (until, class) = self.until(state);
        SeizureView {
            title: measure.unwrap_or_else(|| "查封、扣押".to_owned()),
            href,
            state: standing.cloned().unwrap_or_default(),
            class,
            until,
            things: things_of(state),
            custody,
        }
    }

    /// The earlier of the thirty days and the day that an extension names.
    fn until(&self, state: &MatterState) -> (String, &'static str) {
        if state.ended.is_some() {
            return (String::new(), "ok");
        }
        let runs = ["period", "extended"].into_iter().filter_map(|clock| state.clock(clock));
        let running: Vec<&ClockRun> = runs.filter(|run| run.stopped.is_none()).collect();
        if running.iter().any(|run| run.suspended()) {
            let told =
                state.day("appraisal_until").map(|day| format!("；告知的期间到{}止，过后继续计算", day.chinese()));
            return (format!("检测、鉴定中，期限暂停计算{}", told.unwrap_or_default()), "stopped");
        }
        let due = running.iter().filter_map(|run| run.due(&self.ruling.calendar).certain()).min();
        match due {
            Some(due) if due < self.today => (format!("{}已届满，必须解除", due.chinese()), "late"),
            Some(due) => (format!("至{}", due.chinese()), "soon"),
            None => (String::new(), "soon"),
        }
    }
}
