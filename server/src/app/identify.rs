//! A party identifies with an instrument's code and a second factor: counted before it is looked at, slower with each failure,
//! shut for a day after ten. What they then see is `progress`; that they looked is counted, not recorded.

use std::sync::Arc;

use zhunsheng_core::text;

use super::account::{SignInError, count_attempt, delay_seconds};
use super::progress::{self, Progress};
use super::{App, attestation};
use crate::store::digest::sha256;
use crate::store::{Tx, accounts, looks};

/// Failures after which a code is shut: four characters are too few for more.
const FAILURES_MAX: i64 = 10;
/// For so long.
const SHUT_SECONDS: i64 = 24 * 60 * 60;

/// How long the next try waits.
pub(super) fn wait(failures: i64) -> i64 {
    if failures >= FAILURES_MAX { SHUT_SECONDS } else { delay_seconds(failures) }
}

/// What a party may see of the matter, if code and factor belong together.
///
/// Errors: [`SignInError::Wrong`] for everything that does not, a code that leads nowhere included;
/// [`SignInError::Wait`] before anything is looked at.
pub async fn party(app: &Arc<App>, typed: &str, factor: &str) -> Result<Progress, SignInError> {
    let code = text::plain_code(typed);
    let hash = sha256(format!("party {code}").as_bytes());
    let (county, now, today) = (app.county_code.clone(), app.machine.seconds(), app.today());
    let of = county.clone();
    app.db.write(move |tx: &mut Tx<'_>| count_attempt(tx, &of, &hash, now, wait)).await?;
    let (reader, factor) = (Arc::clone(app), factor.to_owned());
    let seen = app.db.read(move |r| {
        let found = progress::find_party(r, &reader.county_code, &reader.county, &code, &factor)?;
        let matter = attestation::find_coded(r, &reader.county_code, &code)?.map(|coded| coded.matter);
        Ok::<_, SignInError>(found.zip(matter))
    });
    let (found, matter) = seen.await?.ok_or(SignInError::Wrong)?;
    let forgive = move |tx: &mut Tx<'_>| {
        accounts::delete_attempts(tx, &county, &hash)?;
        looks::count(tx, &county, matter, today).map_err(SignInError::from)
    };
    app.db.write(forgive).await?;
    Ok(found)
}
