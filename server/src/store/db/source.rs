//! Where connections come from: a file of the data folder, or a server.

use std::fs::File;
use std::path::PathBuf;
use std::sync::Arc;

use super::engine::{Engine, FaultPlan};
use super::flush::open_wal;
use super::folder::restrict;
use super::home::Home;
use super::link::Dial;
use super::postgres::Postgres;
use super::sqlite::Sqlite;
use crate::store::fault::StoreFault;

/// One of the two, and the faults that tests plan for it.
pub(super) struct Source {
    pub(super) place: Place,
    pub(super) plan: FaultPlan,
}

pub(super) enum Place {
    File(PathBuf),
    Server(Arc<Dial>),
}

impl Source {
    pub(super) fn of(home: &Home) -> Result<Self, StoreFault> {
        let place = match &home.database {
            None => Place::File(home.file()),
            Some(address) => Place::Server(Arc::new(Dial::new(address.clone(), home.county.clone())?)),
        };
        Ok(Self { place, plan: FaultPlan::default() })
    }

    pub(super) fn writer(&self) -> Result<Engine, StoreFault> {
        match &self.place {
            Place::File(path) => {
                let engine = Sqlite::open_writer(path, self.plan.clone())?;
                restrict(path);
                Ok(Engine::Sqlite(Box::new(engine)))
            }
            Place::Server(dial) => self.connect(dial),
        }
    }

    pub(super) fn reader(&self) -> Result<Engine, StoreFault> {
        match &self.place {
            Place::File(path) => Sqlite::open_reader(path, self.plan.clone()).map(|it| Engine::Sqlite(Box::new(it))),
            Place::Server(dial) => self.connect(dial),
        }
    }

    /// A reader of what nobody here has looked at yet.
    pub(super) fn beside(&self) -> Result<Engine, StoreFault> {
        match &self.place {
            Place::File(path) => Sqlite::open_beside(path, self.plan.clone()).map(|it| Engine::Sqlite(Box::new(it))),
            Place::Server(dial) => self.connect(dial),
        }
    }

    /// The WAL of a file that is open.
    pub(super) fn wal(&self) -> Result<Option<File>, StoreFault> {
        match &self.place {
            Place::File(path) => open_wal(path).map(Some),
            Place::Server(_) => Ok(None),
        }
    }

    fn connect(&self, dial: &Arc<Dial>) -> Result<Engine, StoreFault> {
        Postgres::open(Arc::clone(dial), self.plan.clone()).map(|engine| Engine::Postgres(Box::new(engine)))
    }
}
