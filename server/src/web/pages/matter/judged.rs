//! What a step judges, beside its form: nobody decides on what they do not see. Masked as on the matter's page.
//!
//! Does not belong here: what the form asks (`app/form/`), what stands against the step (the core).

use zhunsheng_core::id::{Digest, FieldId, MatterId, StepId};

use super::content::{FactView, FileView};
use super::{Case, Ground};
use crate::app::App;
use crate::app::commenting::{self, CONSULTATION, Personal, study};
use crate::app::recurring::Recurring;
use crate::store::StoreFault;
use crate::web::citation::Citations;
use crate::web::pages::commenting::{Heard, heard};
use crate::web::{Official, PageError};

/// What lies before whoever takes a step.
pub(in crate::web::pages) struct Judged {
    /// What the matter says, without what the form asks.
    pub facts: Vec<FactView>,
    /// Comments on a draft, where the step answers them or publishes the answer.
    pub heard: Option<Heard>,
    /// The draft that a comment is about.
    pub draft: Option<(String, Vec<FactView>)>,
    /// What of a text that will be published may be somebody's.
    pub personal: Personal,
    /// The files that go out with a draft: what was replaced nobody has to look at.
    pub files: Vec<FileView>,
    /// Ways to what lies around it.
    pub ways: Vec<(String, String)>,
}

/// Steps of a draft before which the comments lie, and those before which its text does.
const HEARD: [&str; 4] = ["close", "answer", "return_answer", "publish_feedback"];
const READ: [&str; 2] = ["prepare_again", "publish"];
/// What a draft publishes in words.
const WORDS: [&str; 3] = ["explanation", "draft_text", "short_reason"];

/// Of a step on a draft that is open to comments, or on a comment, in sight.
pub(in crate::web::pages) async fn judged(
    app: &App,
    official: &Official,
    id: MatterId,
    (step, asked): (&StepId, &[String]),
) -> Result<Option<Judged>, PageError> {
    let case = Case::load(app, &official.sight, &id.to_string()).await?;
    let of_draft = case.state.procedure.as_str() == CONSULTATION;
    if !of_draft && commenting::drafted(&case.state).is_none() {
        return Ok(None);
    }
    let (county, sight, state) = (app.county_code.clone(), official.sight.clone(), case.state.clone());
    let (ways, going_out) = app
        .db
        .read(move |r| {
            let files = if of_draft { commenting::going_out(r, &county, &state)? } else { Vec::new() };
            let files: Vec<Digest> = files.into_iter().map(|file| file.digest).collect();
            Ok::<_, StoreFault>((study::around(r, &county, &sight, &state)?, files))
        })
        .await?;
    let draft = match commenting::drafted(&case.state) {
        Some(draft) => match Case::load(app, &official.sight, &draft.to_string()).await {
            Ok(draft) => {
                let words = |field: &FieldId| !WORDS.contains(&field.as_str());
                Some((draft.row.title.clone(), ground(app, &draft).facts_but(words)))
            }
            Err(PageError::NotFound) => None,
            Err(error) => return Err(error),
        },
        None => None,
    };
    let heard = match of_draft && HEARD.contains(&step.as_str()) {
        true => heard(app, official, id).await?,
        false => None,
    };
    let written = WORDS.map(|field| case.value(&format!("field.{field}")).map_or("", |(_, value)| value));
    let personal = match of_draft && READ.contains(&step.as_str()) {
        true => Personal::of(&written),
        false => Personal::default(),
    };
    let asks = |field: &FieldId| asked.iter().any(|name| name.strip_prefix("f.") == Some(field.as_str()));
    let facts = ground(app, &case).facts_but(asks);
    let files = ground(app, &case).files_of(|file| going_out.contains(&file.digest));
    Ok(Some(Judged { facts, heard, draft, personal, files, ways }))
}

/// Some fields of a matter in sight, masked as on its page.
pub(in crate::web::pages) async fn words(
    app: &App,
    official: &Official,
    id: MatterId,
    fields: [&str; 2],
) -> Result<Vec<FactView>, PageError> {
    let case = Case::load(app, &official.sight, &id.to_string()).await?;
    Ok(ground(app, &case).facts_but(|field| !fields.contains(&field.as_str())))
}

fn ground<'a>(app: &App, case: &'a Case) -> Ground<'a> {
    Ground {
        ruling: app.county.ruling(),
        registry: app.county.registry(),
        citations: Citations::default(),
        today: app.today(),
        case,
        recurring: Recurring::default(),
        revealed: false,
    }
}
