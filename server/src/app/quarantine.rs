//! Quarantine: what an official sent and is of no kind that is taken is neither lost nor served. It lies under
//! `<data>/quarantine/<SHA-256>` until an administrator releases it (then the same bytes may be attached as they are) or
//! discards it; both are acts that stand with the person who sent it.
//!
//! Does not belong here: which kinds are taken (`evidence`), what citizens send (refused, nothing is kept).

use std::path::{Path, PathBuf};

use zhunsheng_core::id::{Digest, PersonId, StepId};
use zhunsheng_core::matter::{Actor, Decision, Event, Matters, Sealed, SealedClass};
use zhunsheng_core::refusal::Refusals;

use super::App;
use super::act::{ActError, Desk};
use super::evidence::{self, KeepError, Received};
use super::fault::Fault;
use crate::store::Tx;
use crate::store::quarantine::{self, Quarantined};

/// What an administrator decides about a held file.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Settlement {
    /// It may be attached: the person sends it again.
    Release,
    /// It is deleted.
    Discard,
}

impl Settlement {
    /// From a form's word.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        match word {
            "release" => Some(Self::Release),
            "discard" => Some(Self::Discard),
            _ => None,
        }
    }

    fn step(self) -> StepId {
        StepId::from(match self {
            Self::Release => "_quarantine_release",
            Self::Discard => "_quarantine_discard",
        })
    }

    fn state(self) -> &'static str {
        match self {
            Self::Release => "released",
            Self::Discard => "discarded",
        }
    }
}

/// Where a quarantined file lies.
#[must_use]
pub fn path_of(data: &Path, digest: &Digest) -> PathBuf {
    data.join("quarantine").join(digest.to_string())
}

/// The ending of a file's name, as far as it is one: letters and digits only.
fn ending(name: &str) -> String {
    let ending = name.rsplit_once('.').map_or("", |(_, ending)| ending);
    ending.chars().filter(char::is_ascii_alphanumeric).take(8).collect::<String>().to_ascii_lowercase()
}

impl App {
    /// Whether an administrator has released exactly these bytes.
    pub async fn is_released(&self, digest: Digest) -> Result<bool, Fault> {
        let county = self.county_code.clone();
        let found = self.db.read(move |r| quarantine::find(r, &county, &digest)).await.map_err(Fault::from)?;
        Ok(found.is_some_and(|file| file.state == Settlement::Release.state()))
    }

    /// Keeps a received file apart. Durable, with its row, when this returns.
    pub async fn hold(
        &self,
        source: PathBuf,
        received: Received,
        name: &str,
        person: PersonId,
    ) -> Result<(), KeepError> {
        let target = path_of(&self.config.data_dir, &received.digest);
        let settle = tokio::task::spawn_blocking(move || evidence::settle(&source, &target));
        settle.await.map_err(|_| KeepError::Io(std::io::Error::other("file task died")))??;
        let file = Quarantined {
            digest: received.digest,
            sm3: received.sm3,
            bytes: i64::try_from(received.bytes).unwrap_or(i64::MAX),
            ending: ending(name),
            person,
            received: self.machine.seconds(),
            state: "held".to_owned(),
            settled: None,
        };
        let county = self.county_code.clone();
        let put = self.db.write(move |tx| quarantine::put(tx, &county, &file).map_err(Fault::from)).await;
        put.map_err(|fault| KeepError::Io(std::io::Error::other(fault)))
    }

    /// Releases or discards a held file by an act with its reason.
    ///
    /// Errors: [`ActError::NotFound`] if nothing of this digest is held or the actor does not administer.
    pub async fn settle_quarantined(
        &self,
        actor: Actor,
        digest: Digest,
        settlement: Settlement,
        reason: String,
    ) -> Result<(), ActError> {
        let now = self.machine.seconds();
        self.at_the_desk(move |desk, tx| desk.settle_quarantined(tx, &actor, digest, settlement, &reason, now)).await?;
        if settlement == Settlement::Discard {
            let path = path_of(&self.config.data_dir, &digest);
            let removed = tokio::task::spawn_blocking(move || std::fs::remove_file(path)).await;
            if !matches!(removed, Ok(Ok(()))) {
                tracing::warn!(%digest, "a discarded file could not be deleted; the audit will name it");
            }
        }
        Ok(())
    }
}

impl Desk {
    fn settle_quarantined(
        &mut self,
        tx: &mut Tx<'_>,
        actor: &Actor,
        digest: Digest,
        settlement: Settlement,
        reason: &str,
        now: i64,
    ) -> Result<(), ActError> {
        if !self.administers(actor) {
            return Err(ActError::NotFound);
        }
        let file = quarantine::find(tx, &self.county, &digest)?.ok_or(ActError::NotFound)?;
        let county = self.county.clone();
        if !quarantine::settle(tx, &county, &digest, settlement.state(), now)? {
            return Err(ActError::NotFound);
        }
        // The label names the file by its digest; why is sealed.
        let label = format!("quarantine.{digest}");
        let decision = Decision {
            matter: file.person,
            day: self.today,
            events: vec![(file.person, Event::SealedSet(label.clone()))],
            sealed: vec![Sealed { matter: file.person, label, class: SealedClass::Text, value: reason.to_owned() }],
            noted: Refusals::default(),
            query_code: None,
        };
        self.commit(tx, actor, settlement.step(), decision, &Matters::new()).map(|_| ())
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn an_ending_is_letters_and_digits_only() {
        for (name, ending) in
            [("恶意.EXE", "exe"), ("无后缀", ""), ("a.tar.gz", "gz"), ("x.<script>", "script"), ("王某.身份证", "")]
        {
            assert_eq!(super::ending(name), ending, "{name}");
        }
    }
}
