//! Whether the record is the one that was shown outside: an old backup or an old copy put back, a cut or rewritten record.
//!
//! Two things know: a small file beside the database with the largest checkpoint ever deposited, and the witnesses. They are asked
//! when a county starts; a county that differs is not opened, unless that is accepted by an act of its own.

use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};

use zhunsheng_core::id::StepId;
use zhunsheng_core::matter::{Actor, Decision, Event, Matters, Sealed, SealedClass};
use zhunsheng_core::record::crypto::Suite;
use zhunsheng_core::record::note::Checkpoint;
use zhunsheng_core::refusal::Refusals;

use super::list;
use crate::app::act::ActError;
use crate::app::fault::Fault;
use crate::app::{App, checkpoint, durable};
use crate::config::Config;
use crate::store::{Query, deposits, record};

/// The step by which a rollback is accepted.
pub const STEP: &str = "_accept_rollback";

/// Where the largest deposited checkpoint lies.
#[must_use]
pub fn file(config: &Config) -> PathBuf {
    config.deposited.clone().unwrap_or_else(|| config.data_dir.join("keys").join("deposited"))
}

/// Keeps a deposited checkpoint beside the database, unless a larger one lies there. Durable when this returns.
pub fn keep(config: &Config, size: u64, note: &str) -> Result<(), Fault> {
    static ONE: Mutex<()> = Mutex::new(());
    let _one = ONE.lock().unwrap_or_else(PoisonError::into_inner);
    let path = file(config);
    let fault = |source| Fault::File { path: path.clone(), source };
    let known = match std::fs::read_to_string(&path) {
        Ok(text) => Checkpoint::unverified(&text).map_or(0, |known| known.size),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => 0,
        Err(error) => return Err(fault(error)),
    };
    if size <= known {
        return Ok(());
    }
    durable::make_private_folder(path.parent().unwrap_or(&config.data_dir)).map_err(fault)?;
    durable::replace(&path, note.as_bytes(), 0o600).map_err(fault)
}

/// One outside memory that differs from the record.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Difference {
    /// Who remembers.
    pub whence: String,
    /// What differs, without a full stop.
    pub sentence: String,
    /// The witness, and what it holds; none: the file.
    witness: Option<(zhunsheng_core::id::MatterId, u64)>,
}

/// What the file beside the database says against the record. Errors: it cannot be read.
pub fn compare_file(q: &impl Query, county: &str, config: &Config) -> Result<Option<Difference>, Fault> {
    let path = file(config);
    let note = match std::fs::read_to_string(&path) {
        Ok(note) => note,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
        Err(source) => return Err(Fault::File { path, source }),
    };
    let key = checkpoint::public_key(q, county, Suite::Sha256)?;
    let size = record::find_head(q, county)?.map_or(0, |(size, _)| size.unsigned_abs());
    let sentence = match key.as_ref().map(|key| Checkpoint::open(&note, key)) {
        Some(Ok(known)) if known.size > size => {
            format!("它记着 {} 项，这里只有 {size} 项：本记录是旧的，或者被截短", known.size)
        }
        Some(Ok(known)) if checkpoint::root_of(q, county, Suite::Sha256, known.size)? != known.root => {
            format!("它记着的前 {} 项与这里的不同：本记录被改写", known.size)
        }
        Some(Ok(_)) => return Ok(None),
        Some(Err(_)) | None => "它不是用本记录的公钥签的：数据库是另一个县的，或者文件损坏".to_owned(),
    };
    Ok(Some(Difference { whence: format!("存证文件 {}", path.display()), sentence, witness: None }))
}

impl App {
    /// Everything outside that differs from the record; witnesses that do not answer say nothing.
    pub async fn compare_outside(self: &Arc<Self>) -> Result<Vec<Difference>, Fault> {
        let (county, config, today) = (self.county_code.clone(), self.config.clone(), self.today());
        let (by_file, witnesses) = self
            .db
            .read(move |r| {
                let online = list(r, &county)?.into_iter();
                // Who stamps times remembers nothing.
                let online = online.filter(|witness| witness.online && !witness.stamps() && witness.in_force(today));
                Ok::<_, Fault>((compare_file(r, &county, &config)?, online.collect::<Vec<_>>()))
            })
            .await?;
        if let Some(differs) = by_file {
            return Ok(vec![differs]);
        }
        let mut differences = Vec::new();
        for (witness, said) in self.deposit_with_all(witnesses).await? {
            let Err(problem) = said else { continue };
            let (county, id) = (self.county_code.clone(), witness.id);
            let grave = self.db.read(move |r| deposits::asking(r, &county, id)).await?.grave;
            if grave {
                let held = problem.held.unwrap_or(0);
                differences.push(Difference {
                    whence: witness.name,
                    sentence: problem.sentence,
                    witness: Some((witness.id, held)),
                });
            }
        }
        Ok(differences)
    }

    /// Goes on with a record that differs from what lies outside: an act of its own, with the reason and what differed.
    pub async fn accept_rollback(&self, reason: &str, differences: &[Difference]) -> Result<(), ActError> {
        let said: Vec<String> = differences.iter().map(|d| format!("{}：{}", d.whence, d.sentence)).collect();
        let value = format!("{reason}（{}）", said.join("；"));
        let accepted: Vec<_> = differences.iter().filter_map(|difference| difference.witness).collect();
        self.at_the_desk(move |desk, tx| {
            let stored = record::find_entry(tx, &desk.county, 0)?.ok_or(ActError::NotFound)?;
            let matter = record::decode(0, &stored.bytes)?.matter;
            let label = "rollback.reason".to_owned();
            let decision = Decision {
                matter,
                day: desk.today,
                events: vec![(matter, Event::Reasoned(StepId::from(STEP))), (matter, Event::SealedSet(label.clone()))],
                sealed: vec![Sealed { matter, label, class: SealedClass::Text, value }],
                noted: Refusals::default(),
                query_code: None,
            };
            desk.commit(tx, &Actor::System, StepId::from(STEP), decision, &Matters::new())?;
            for (witness, held) in accepted {
                let known = deposits::asking(tx, &desk.county, witness)?;
                let asking = deposits::Asking { accepted: held, grave: false, ..known };
                deposits::put_asking(tx, &desk.county, witness, &asking)?;
            }
            Ok(())
        })
        .await?;
        // What it remembered is in the record now; it begins anew with the next deposit.
        let path = file(&self.config);
        match std::fs::remove_file(&path) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
                Err(ActError::Fault(Fault::File { path, source: error }))
            }
            _ => Ok(()),
        }
    }
}
