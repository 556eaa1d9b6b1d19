//! What is a citizen's own: filed while they were in, or shown to be by the query code or the end of the number of identity; and what they may
//! do with it. Asked in the query, each time.

use std::sync::Arc;

use zhunsheng_core::id::{MatterId, StepId};
use zhunsheng_core::matter::{self, Actor, Command, Input, Manner, Matters, Target};
use zhunsheng_core::procedure::{Performer, Procedure, Step};
use zhunsheng_core::text;

use super::Citizen;
use crate::app::account::{SignInError, count_attempt};
use crate::app::act::{ActError, CommandKey, Done, perform_once};
use crate::app::fault::Fault;
use crate::app::progress::{self, Progress};
use crate::app::secret::sha256;
use crate::app::{App, commenting, identify};
use crate::store::citizens::{self, Own};
use crate::store::party_phones::{self, PhoneHash};
use crate::store::{Query, StoreFault, Tx, accounts, matters, record};
use zhunsheng_core::id::Digest;

/// Matters of one list.
const LINES: i64 = 50;
/// Parties with one number that are looked through for a factor.
const CARRYING: i64 = 200;

/// A line of the list.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct OwnLine {
    /// Which.
    pub id: MatterId,
    /// 人民调解（邻里）.
    pub title: String,
    /// Who holds it.
    pub organ: String,
    /// What its state says to citizens.
    pub now: String,
    /// When it was registered.
    pub opened: zhunsheng_core::day::Day,
    /// The draft that a comment is about: where it is read, and its title.
    pub about: Option<(String, String)>,
    /// Whether it may be rated now.
    pub may_rate: bool,
}

/// What came of showing that something is one's own.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Proved {
    /// So many are shown from now on.
    Shown(usize),
    /// Nothing belongs together; why is not told.
    Wrong,
    /// Too often; wait.
    Wait {
        /// So long.
        seconds: i64,
    },
}

/// The step that a party may take on a matter of theirs, if it may be taken now.
fn step_now<'a>(app: &App, definition: &'a Procedure, own: &Own) -> Option<&'a Step> {
    let state = &own.state;
    if !has_filed(definition, own) {
        return None;
    }
    let (ruling, registry) = (app.county.ruling(), app.county.registry());
    let context = matter::Context {
        actor: Actor::Citizen,
        today: app.today(),
        now: app.moment(),
        calendar: &ruling.calendar,
        registry: &registry,
    };
    definition
        .steps
        .iter()
        .filter(|step| step.by.contains(&Performer::Citizen) && !step.from.is_empty())
        .find(|step| matter::objections(&ruling.law, state, &Matters::new(), &context, &step.id).is_empty())
}

/// Whether somebody is who filed: with the receipt's code, or as the role that applies. The other side judges no service that it did not ask for.
fn has_filed(definition: &Procedure, own: &Own) -> bool {
    let Some(party) = own.party else { return true };
    let opened = own.state.done.first().and_then(|done| definition.step(done.step.as_str()));
    let applies = opened.and_then(|step| step.parties.first());
    own.state.parties.iter().any(|known| i64::from(known.ordinal) == party && Some(&known.role) == applies)
}

/// One of one's own matters, if one may be told of it.
fn told(app: &App, q: &impl Query, hash: &PhoneHash, id: MatterId) -> Result<Option<Own>, StoreFault> {
    let own = citizens::find_own(q, &app.county_code, hash, id)?;
    Ok(own.filter(|own| progress::is_told(&app.county.ruling().law, &own.state, own.party)))
}

/// The matters that belong to a number and to what was typed: with the query code one, with the end of a number of identity all in which that
/// party is.
fn proved(
    app: &App,
    q: &impl Query,
    hash: &PhoneHash,
    typed: &str,
) -> Result<Vec<(MatterId, Option<i64>)>, StoreFault> {
    let county = &app.county_code;
    if let Some(code) = progress::read_code(typed) {
        let found = matters::find_by_query_code(q, county, &Digest::of(code.as_bytes()).0)?;
        let Some(id) = found else { return Ok(Vec::new()) };
        return Ok(if party_phones::carries(q, county, hash, id)? { vec![(id, None)] } else { Vec::new() });
    }
    let mut found = Vec::new();
    for (id, party) in party_phones::list_carrying(q, county, hash, CARRYING)? {
        if progress::identifies(&record::sealed_values(q, county, id)?, party, typed) {
            let state = matters::find_state(q, county, id)?;
            if state.is_some_and(|state| progress::is_told(&app.county.ruling().law, &state, Some(party))) {
                found.push((id, Some(party)));
            }
        }
    }
    Ok(found)
}

impl App {
    /// One's own matters, the newest first.
    pub async fn own_matters(&self, me: &Citizen) -> Result<Vec<OwnLine>, Fault> {
        let (county, hash) = (self.county_code.clone(), *me.hash());
        let found = self.db.read(move |r| {
            let with_draft = |own: Own| Ok::<_, StoreFault>((commenting::draft_of(r, &county, &own.state)?, own));
            citizens::list_own(r, &county, &hash, LINES)?.into_iter().map(with_draft).collect::<Result<Vec<_>, _>>()
        });
        let found = found.await?;
        let ruling = self.county.ruling();
        let line = |(about, own): (Option<(String, String)>, Own)| {
            if !progress::is_told(&ruling.law, &own.state, own.party) {
                return None;
            }
            let (title, organ, now) = progress::line(&self.county, &own.state)?;
            let definition = ruling.law.by_digest(&own.state.definition)?;
            Some(OwnLine {
                id: own.state.id,
                title,
                organ,
                now,
                opened: own.state.opened,
                about,
                may_rate: step_now(self, definition, &own).is_some(),
            })
        };
        Ok(found.into_iter().filter_map(line).collect())
    }

    /// One of one's own matters, and what may be done with it now: step and definition. None for everybody else's.
    pub async fn own_matter(
        self: &Arc<Self>,
        me: &Citizen,
        id: MatterId,
    ) -> Result<Option<(Progress, Option<(StepId, Digest)>)>, Fault> {
        let (app, hash) = (Arc::clone(self), *me.hash());
        let read = self.db.read(move |r| {
            let Some(own) = told(&app, r, &hash, id)? else { return Ok(None) };
            let progress = progress::own(r, &app.county_code, &app.county, &own.state, own.party)?;
            let ruling = app.county.ruling();
            let definition = ruling.law.by_digest(&own.state.definition);
            let step = definition.and_then(|definition| step_now(&app, definition, &own));
            let step = step.map(|step| (step.id.clone(), own.state.definition));
            Ok::<_, Fault>(progress.map(|progress| (progress, step)))
        });
        read.await
    }

    /// Shows matters to be one's own. Counted before it is looked at, slower with each failure, shut for a day after ten: four characters are
    /// too few for more, and whoever was given an old number has no more than they. Query codes are counted apart, and only their own count
    /// ends with a right one: else a code that one holds would open the count of the four characters again and again.
    pub async fn prove_own(self: &Arc<Self>, me: &Citizen, typed: &str) -> Result<Proved, Fault> {
        let typed: String = text::half_width(typed).trim().chars().take(40).collect();
        let (county, hash, now) = (self.county_code.clone(), *me.hash(), self.machine.seconds());
        let by_code = progress::read_code(&typed).is_some();
        let counted: &[u8] = if by_code { b"citizen-prove-code" } else { b"citizen-prove" };
        let tries = sha256(&[counted, &hash].concat());
        let app = Arc::clone(self);
        let prove = move |tx: &mut Tx<'_>| {
            count_attempt(tx, &county, &tries, now, identify::wait)?;
            let found = proved(&app, tx, &hash, &typed)?;
            for own in &found {
                citizens::put_own(tx, &county, &hash, *own, now)?;
            }
            if by_code && !found.is_empty() {
                accounts::delete_attempts(tx, &county, &tries)?;
            }
            Ok::<_, SignInError>(found.len())
        };
        match self.db.write(prove).await {
            Ok(0) | Err(SignInError::Wrong) => Ok(Proved::Wrong),
            Ok(shown) => Ok(Proved::Shown(shown)),
            Err(SignInError::Wait { seconds }) => Ok(Proved::Wait { seconds }),
            Err(SignInError::Fault(fault)) => Err(fault),
        }
    }

    /// Notes that what was just filed by somebody who is in is their own, if it carries their number; whether it does.
    pub async fn own_filed(&self, me: &Citizen, id: MatterId, filing: &str) -> Result<bool, Fault> {
        let (county, hash, now) = (self.county_code.clone(), *me.hash(), self.machine.seconds());
        let filing = filing.to_owned();
        let note = move |tx: &mut Tx<'_>| {
            let own = party_phones::carries(tx, &county, &hash, id)?;
            if own {
                citizens::put_own(tx, &county, &hash, (id, None), now)?;
            }
            citizens::delete_draft(tx, &county, &hash, &filing)?;
            Ok::<_, Fault>(own)
        };
        self.db.write(note).await
    }

    /// Takes a step on one's own matter. Whose it is is asked in the writer; for everybody else it does not exist.
    pub async fn act_on_own(
        self: &Arc<Self>,
        me: &Citizen,
        id: MatterId,
        (step, input): (StepId, Input),
        key: Option<CommandKey>,
    ) -> Result<Done, ActError> {
        let (app, hash, now_ms) = (Arc::clone(self), *me.hash(), self.machine.millis());
        self.at_the_desk(move |desk, tx| {
            let Some(own) = told(&app, tx, &hash, id)? else { return Err(ActError::NotFound) };
            let ruling = app.county.ruling();
            if !ruling.law.by_digest(&own.state.definition).is_some_and(|definition| has_filed(definition, &own)) {
                return Err(ActError::NotFound);
            }
            let command =
                Command { target: Target::On(id), step: step.clone(), input: input.clone(), manner: Manner::Live };
            perform_once(desk, tx, Actor::Citizen, &command, key.as_ref(), now_ms)
        })
        .await
    }
}
