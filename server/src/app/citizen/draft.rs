//! Drafts of a citizen who is in: what was typed, sealed, until it is filed, dropped, or a month has passed.

use super::Citizen;
use crate::app::App;
use crate::app::fault::Fault;
use crate::store::citizens;

/// Purpose of the seal.
const PURPOSE: &str = "citizen-draft";
/// A draft at most, in bytes.
const BYTES_MAX: usize = 64 * 1024;

/// A draft.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Draft {
    /// What is being filled in.
    pub filing: String,
    /// Names and values, in order.
    pub typed: Vec<(String, String)>,
    /// When it was kept, seconds of machine time.
    pub saved: i64,
}

impl App {
    /// One's own drafts.
    pub async fn citizen_drafts(&self, me: &Citizen) -> Result<Vec<Draft>, Fault> {
        let (county, hash) = (self.county_code.clone(), *me.hash());
        let stored = self.db.read(move |r| citizens::list_drafts(r, &county, &hash)).await?;
        let draft = |(filing, sealed, saved): citizens::StoredDraft| {
            let bytes = self.site_key.open(PURPOSE, &hash, &sealed)?;
            Some(Draft { filing, typed: serde_json::from_slice(&bytes).ok()?, saved })
        };
        Ok(stored.into_iter().filter_map(draft).collect())
    }

    /// Keeps a draft; false if it is too long.
    pub async fn keep_draft(&self, me: &Citizen, filing: &str, typed: &[(String, String)]) -> Result<bool, Fault> {
        let plain = serde_json::to_vec(typed).unwrap_or_default();
        let sealed = self.site_key.close(PURPOSE, me.hash(), &plain).filter(|_| plain.len() <= BYTES_MAX);
        let Some(sealed) = sealed else { return Ok(false) };
        let (county, hash, now) = (self.county_code.clone(), *me.hash(), self.machine.seconds());
        let filing = filing.to_owned();
        let keep = move |tx: &mut crate::store::Tx<'_>| {
            citizens::put_draft(tx, &county, &hash, (&filing, &sealed), now).map_err(Fault::from)
        };
        self.db.write(keep).await?;
        Ok(true)
    }

    /// Drops a draft.
    pub async fn drop_draft(&self, me: &Citizen, filing: &str) -> Result<(), Fault> {
        let (county, hash, filing) = (self.county_code.clone(), *me.hash(), filing.to_owned());
        self.db.write(move |tx| citizens::delete_draft(tx, &county, &hash, &filing).map_err(Fault::from)).await
    }
}
