//! Matters that a field can name: one is chosen by its title, nobody types a number.
//!
//! Does not belong here: which ones a field means (`of` in its definition), whether the one that was chosen may be named (the guards of the step).

use std::collections::BTreeMap;
use std::sync::Arc;

use zhunsheng_core::id::{FieldId, OrganCode};
use zhunsheng_core::procedure::{Checked, NamedMatter, Procedure};

use super::App;
use super::form::Choice;
use crate::store::matters::{self, ListFilter, Page};
use crate::store::seeing::SightFilter;
use crate::store::{Query, StoreFault};

/// Matters of one organ that are offered, the newest.
const OFFERED: i64 = 50;

/// What each field of a procedure can name, for a post of an organ.
pub async fn named(
    app: &App,
    sight: &SightFilter,
    organ: &OrganCode,
    procedure: &Arc<Checked>,
) -> Result<BTreeMap<FieldId, Vec<Choice>>, StoreFault> {
    if procedure.fields.values().all(|field| field.of.is_none()) {
        return Ok(BTreeMap::new());
    }
    let (county, sight, organ) = (app.county_code.clone(), sight.clone(), organ.to_string());
    let procedure = Arc::clone(procedure);
    app.db.read(move |r| offered(r, &county, &sight, &organ, &procedure)).await
}

/// What each field can name: matters of one's own organ, as far as one sees them.
fn offered(
    q: &impl Query,
    county: &str,
    sight: &SightFilter,
    organ: &str,
    procedure: &Procedure,
) -> Result<BTreeMap<FieldId, Vec<Choice>>, StoreFault> {
    let naming = procedure.fields.values().filter_map(|field| Some((field.id.clone(), field.of.as_ref()?)));
    naming.map(|(field, of)| Ok((field, choices(q, county, sight, organ, of)?))).collect()
}

fn choices(
    q: &impl Query,
    county: &str,
    sight: &SightFilter,
    organ: &str,
    of: &NamedMatter,
) -> Result<Vec<Choice>, StoreFault> {
    let filter = ListFilter {
        procedure: Some(of.procedure.to_string()),
        organ: Some(organ.to_owned()),
        standing: true,
        ..ListFilter::default()
    };
    let mut choices = Vec::new();
    for row in matters::list(q, county, sight, &filter, Page::First, OFFERED)? {
        let Some(state) = matters::find_state(q, county, row.id)? else { continue };
        let shown = of.disclosed.as_ref().is_none_or(|wanted| {
            let mut runs = state.disclosures.iter().filter(|run| run.disclosure == *wanted);
            runs.any(|run| run.made.is_some() && run.withdrawn.is_none())
        });
        if shown && !state.is_work_secret() {
            choices.push(Choice { value: row.id.to_string(), title: row.title, note: String::new() });
        }
    }
    Ok(choices)
}
