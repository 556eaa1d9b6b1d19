//! What a change of law touches: definitions whose citations point at articles that changed, and with them
//! instruments and figures.

use std::collections::BTreeSet;

use super::citing::{Citing, citations};
use super::compare::{Change, Pair};
use super::{Edition, Statute};
use crate::basis::Article;
use crate::id::{InstrumentId, ProcedureId};
use crate::indicator::{Indicator, Measure};
use crate::law::Law;

/// Which edition a citation means.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Meant {
    /// The earlier one.
    Earlier,
    /// The later one.
    Later,
    /// Its definition is in force under both: the number has to be right in each.
    Both,
}

impl Meant {
    /// In words.
    pub fn chinese(self) -> &'static str {
        match self {
            Self::Earlier => "按旧版本引用",
            Self::Later => "按新版本引用",
            Self::Both => "施行期间跨两个版本",
        }
    }

    /// A stable code for programs.
    pub fn code(self) -> &'static str {
        match self {
            Self::Earlier => "from",
            Self::Later => "to",
            Self::Both => "both",
        }
    }

    /// Where a definition is in force under both, the phrase that it quotes may stand in only one of the articles.
    fn settled(self, citing: &Citing, pairs: &[Pair]) -> Self {
        let (Self::Both, Some(phrase)) = (self, citing.phrase) else { return self };
        let wanted = Some(citing.article.without_part());
        let earlier = pairs.iter().any(|pair| pair.before == wanted && pair.earlier().contains(phrase));
        let later = pairs.iter().any(|pair| pair.after == wanted && pair.later().contains(phrase));
        match (earlier, later) {
            (true, false) => Self::Earlier,
            (false, true) => Self::Later,
            _ => Self::Both,
        }
    }

    fn by(citing: &Citing, later: &Edition) -> Self {
        let Some(procedure) = citing.procedure else {
            let earlier = citing.edition.is_some_and(|meant| meant < later.adopted);
            return if earlier { Self::Earlier } else { Self::Later };
        };
        match (procedure.in_force_from < later.in_force, procedure.in_force_until) {
            (false, _) => Self::Later,
            (true, Some(until)) if until <= later.in_force => Self::Earlier,
            (true, _) => Self::Both,
        }
    }
}

/// A citation that a change touches.
#[derive(Clone, Debug)]
pub struct Touched<'l> {
    /// The citation.
    pub citing: Citing<'l>,
    /// Which edition it means.
    pub meant: Meant,
    /// What became of the article.
    pub change: Change,
    /// Its number in the earlier edition.
    pub before: Option<Article>,
    /// Its number in the later edition.
    pub after: Option<Article>,
}

/// What a change of one statute touches.
#[derive(Clone, Debug)]
pub struct Impact<'l> {
    /// Citations, in the order of the law's files.
    pub touched: Vec<Touched<'l>>,
    /// Citations of the statute whose article the edition they mean does not have.
    pub astray: Vec<Citing<'l>>,
    /// Instruments that touched steps issue: procedure, instrument, title.
    pub instruments: Vec<(ProcedureId, InstrumentId, String)>,
    /// Figures over procedures that are touched: id, title.
    pub indicators: Vec<(String, String)>,
}

impl Impact<'_> {
    /// The procedures touched.
    pub fn procedures(&self) -> BTreeSet<ProcedureId> {
        self.touched.iter().filter_map(|touched| touched.citing.procedure_id().cloned()).collect()
    }
}

/// What in the law rests on articles that changed between two editions of a statute.
///
/// A definition means the editions under which it is in force; what has no days of its own (a refusal, a named limit)
/// means the later edition, unless it says another.
pub fn impact<'l>(
    law: &'l Law,
    indicators: &[Indicator],
    statute: &Statute,
    later: &Edition,
    pairs: &[Pair],
) -> Impact<'l> {
    let (mut touched, mut astray) = (Vec::new(), Vec::new());
    for citing in citations(law) {
        if law.statutes.find(&citing.basis.source).is_none_or(|found| found.short != statute.short) {
            continue;
        }
        let wanted = Some(citing.article.without_part());
        let meant = Meant::by(&citing, later).settled(&citing, pairs);
        let by_before = pairs.iter().find(|pair| meant != Meant::Later && pair.before == wanted);
        let by_after = pairs.iter().find(|pair| meant != Meant::Earlier && pair.after == wanted);
        match by_before.or(by_after) {
            None => astray.push(citing),
            Some(pair) if pair.change == Change::Unchanged => {}
            Some(pair) => {
                let (change, before, after) = (pair.change, pair.before, pair.after);
                touched.push(Touched { citing, meant, change, before, after });
            }
        }
    }
    let mut impact = Impact { touched, astray, instruments: Vec::new(), indicators: Vec::new() };
    impact.instruments = instruments(&impact.touched);
    let procedures = impact.procedures();
    let resting = |indicator: &&Indicator| {
        indicator.measure.as_ref().is_some_and(|measure| counted(measure).any(|id| procedures.contains(id)))
    };
    let named = |indicator: &Indicator| (indicator.id.clone(), indicator.title.clone());
    impact.indicators = indicators.iter().filter(resting).map(named).collect();
    impact
}

/// Instruments issued by touched steps, each once.
fn instruments(touched: &[Touched]) -> Vec<(ProcedureId, InstrumentId, String)> {
    let mut found = BTreeSet::new();
    for (procedure, step) in touched.iter().filter_map(|one| Some((one.citing.procedure?, one.citing.step?))) {
        for issued in &step.issues {
            let title = procedure.instrument(issued.item.as_str()).map(|paper| paper.title.clone());
            found.insert((procedure.id.clone(), issued.item.clone(), title.unwrap_or_default()));
        }
    }
    found.into_iter().collect()
}

/// The procedures that a figure counts.
fn counted(measure: &Measure) -> impl Iterator<Item = &ProcedureId> {
    let selections = match measure {
        Measure::Count(of) | Measure::PerYear(of) | Measure::Sum { of, .. } | Measure::Distinct { of, .. } => vec![of],
        Measure::Ratio { part, whole } => vec![part, whole],
    };
    selections.into_iter().flat_map(|selection| selection.procedures.iter())
}
