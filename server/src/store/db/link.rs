//! A connection to PostgreSQL: made, kept in the background, its requests in order.
//!
//! One background thread carries all connections of a process; whoever asks waits on its own thread, inside or outside
//! async code. Does not belong here: transactions, and what an answer means (`postgres.rs`).

use std::cell::RefCell;
use std::collections::{HashMap, VecDeque};
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, Waker};

use tokio::runtime::{Builder, Runtime};
use tokio_postgres::error::SqlState;
use tokio_postgres::{Client, Error, NoTls, RowStream, Statement};

use super::home::Address;
use super::postgres::{Failed, Said, fits};
use super::value::{Cell, Param};
use crate::store::fault::StoreFault;

/// Statements kept prepared per connection; lists with filters make many shapes, so it is bounded.
const PREPARED_MAX: usize = 512;

/// Requests on their way before they are waited for.
const SENT_MAX: usize = 256;

/// What every new connection is told. Chinese is UTF-8, a commit is on disk, nobody waits for a lock for ever; founding a
/// county checks the whole law inside its transaction, which takes as long as it takes.
const GREETING: &str = "SET client_encoding = 'UTF8'; SET timezone = 'UTC'; SET synchronous_commit = on;
    SET lock_timeout = '10s'; SET idle_in_transaction_session_timeout = 0; SET jit = off;
    SET client_min_messages = warning";

/// Where connections come from.
pub struct Dial {
    address: Address,
    pub(super) county: Option<String>,
    runtime: Option<Runtime>,
}

impl Dial {
    pub(super) fn new(address: Address, county: Option<String>) -> Result<Self, StoreFault> {
        let runtime = Builder::new_multi_thread().worker_threads(1).thread_name("postgres").enable_all().build();
        let runtime =
            runtime.map_err(|source| StoreFault::Open { doing: "启动连接线程", source: source.into() })?;
        Ok(Self { address, county, runtime: Some(runtime) })
    }

    /// A new connection, ready to be asked.
    pub(super) fn connect(&self) -> Result<Link, StoreFault> {
        let (told, answer) = tokio::sync::oneshot::channel();
        let config = self.address.config().clone();
        let Some(runtime) = &self.runtime else { return Err(StoreFault::Closed) };
        runtime.spawn(async move {
            let connected = async {
                let (client, connection) = config.connect(NoTls).await?;
                tokio::spawn(async move {
                    if let Err(error) = connection.await {
                        tracing::warn!(error = %Said::of(&error), "a connection to the database was lost");
                    }
                });
                client.batch_execute(GREETING).await?;
                Ok::<_, Error>(client)
            };
            let _ = told.send(connected.await);
        });
        match pollster::block_on(answer) {
            Ok(Ok(client)) => {
                Ok(Link { client: Arc::new(client), prepared: RefCell::default(), sent: RefCell::default() })
            }
            Ok(Err(error)) => Err(refused(&error)),
            Err(_) => Err(StoreFault::Closed),
        }
    }
}

/// Why there is no connection: what waiting does not mend is said.
fn refused(error: &Error) -> StoreFault {
    let source = Said::of(error).into();
    match error.code() {
        Some(&SqlState::INVALID_CATALOG_NAME) => {
            StoreFault::Open { doing: "服务器上没有这个库，请先用 createdb 建立空库", source }
        }
        Some(&(SqlState::INVALID_PASSWORD | SqlState::INVALID_AUTHORIZATION_SPECIFICATION)) => {
            StoreFault::Open { doing: "服务器不接受这个账户或口令", source }
        }
        _ => StoreFault::Unreachable { source },
    }
}

impl Drop for Dial {
    fn drop(&mut self) {
        // Also from async code, where a runtime may not be waited for.
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_background();
        }
    }
}

/// A request on its way: when it is answered, how many rows it changed.
type Answer = Pin<Box<dyn Future<Output = Result<u64, Error>> + Send>>;

/// The first look at a request sends it. On a busy machine the answer can be there before we look away: it is kept.
fn looked_at(mut answer: Answer) -> Answer {
    match answer.as_mut().poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Pending => answer,
        Poll::Ready(answered) => Box::pin(std::future::ready(answered)),
    }
}

/// One connection.
pub(super) struct Link {
    client: Arc<Client>,
    prepared: RefCell<HashMap<Box<str>, Vec<Statement>>>,
    sent: RefCell<VecDeque<(Arc<str>, Answer)>>,
}

impl Link {
    pub(super) fn is_closed(&self) -> bool {
        self.client.is_closed()
    }

    /// The statement, prepared for values of these types.
    pub(super) fn prepared(&self, sql: &str, params: &[Param<'_>]) -> Result<Statement, Failed> {
        let known = |kept: &Vec<Statement>| kept.iter().find(|statement| fits(statement, params)).cloned();
        if let Some(statement) = self.prepared.borrow().get(sql).and_then(known) {
            return Ok(statement);
        }
        self.settle()?;
        let types: Vec<_> = params.iter().map(|param| param.postgres_type()).collect();
        let statement = pollster::block_on(self.client.prepare_typed(sql, &types))?;
        let mut prepared = self.prepared.borrow_mut();
        if prepared.len() >= PREPARED_MAX {
            prepared.clear();
        }
        prepared.entry(sql.into()).or_default().push(statement.clone());
        Ok(statement)
    }

    /// Sends a statement.
    pub(super) fn send(&self, sql: &str, statement: Statement, values: Vec<Cell>) -> Result<(), Failed> {
        let client = Arc::clone(&self.client);
        self.push(sql, Box::pin(async move { client.execute_raw(&statement, values).await }))
    }

    /// Sends statements without values.
    pub(super) fn send_control(&self, sql: String) -> Result<(), Failed> {
        let client = Arc::clone(&self.client);
        self.push(&sql.clone(), Box::pin(async move { client.batch_execute(&sql).await.map(|()| 0) }))
    }

    fn push(&self, sql: &str, answer: Answer) -> Result<(), Failed> {
        if self.sent.borrow().len() >= SENT_MAX {
            self.settle()?;
        }
        self.sent.borrow_mut().push_back((sql.into(), looked_at(answer)));
        Ok(())
    }

    /// Waits for everything that was sent; the rows that the last one changed, or the first failure.
    pub(super) fn settle(&self) -> Result<u64, Failed> {
        let mut outcome = Ok(0);
        while let Some((sql, answer)) = { self.sent.borrow_mut().pop_front() } {
            let answered = pollster::block_on(answer);
            if outcome.is_ok() {
                outcome = answered.map_err(|error| Failed { sql: Some(sql), error });
            }
        }
        outcome
    }

    /// Sends a query, waits for what was sent before it, then for its first answer.
    pub(super) fn query(&self, statement: Statement, values: Vec<Cell>) -> Result<RowStream, Failed> {
        let client = Arc::clone(&self.client);
        let mut rows = Box::pin(async move { client.query_raw(&statement, values).await });
        let first = rows.as_mut().poll(&mut Context::from_waker(Waker::noop()));
        self.settle()?;
        Ok(match first {
            Poll::Ready(rows) => rows?,
            Poll::Pending => pollster::block_on(rows)?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_that_is_there_at_once_is_not_lost() {
        let mut later = false;
        let answer = std::future::poll_fn(move |_| match std::mem::replace(&mut later, true) {
            true => Poll::Ready(Ok(3)),
            false => Poll::Pending,
        });
        for (answer, changed) in [(Box::pin(std::future::ready(Ok(7_u64))) as Answer, 7), (Box::pin(answer), 3)] {
            assert_eq!(pollster::block_on(looked_at(answer)).unwrap(), changed);
        }
    }
}
