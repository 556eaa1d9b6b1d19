//! Everything that was measured, as it goes into `performance.json`.

use serde::Serialize;

use super::forms::Sent;
use super::load::Load;
use super::pages::Asked;

/// The whole of it.
#[derive(Clone, Debug, Serialize)]
pub struct Report {
    /// When it began.
    pub when: String,
    /// On what.
    pub machine: String,
    /// Of which program.
    pub version: String,
    /// Which engine.
    pub engine: String,
    /// Whether it is the short form, whose numbers say little.
    pub quick: bool,
    /// County by county, from small to large.
    pub counties: Vec<OfCounty>,
}

/// What was measured on a county of one size.
#[derive(Clone, Debug, Serialize)]
pub struct OfCounty {
    /// Matters, about.
    pub matters: usize,
    /// Entries of its record at the beginning.
    pub entries: i64,
    /// Bytes of its database.
    pub bytes: u64,
    /// Steps under load.
    pub steps: Vec<Steps>,
    /// Pages, one after the other.
    pub pages: Vec<Asked>,
    /// Receipts made a second.
    pub proofs_per_second: f64,
    /// Seconds to verify a million entries.
    pub verify_million_seconds: f64,
    /// From the start of the process to the first answer, where the law that came with the program is new to the county.
    pub adopting_seconds: f64,
    /// Seconds from the start of the program to its first answer.
    pub start_seconds: f64,
    /// The same after a kill in the middle of the load.
    pub start_after_kill_seconds: f64,
    /// The WAL that it found then.
    pub wal_bytes: u64,
    /// Memory a few seconds after the start.
    pub idle_bytes: u64,
    /// Memory at the end of all pages and loads.
    pub loaded_bytes: u64,
    /// Acknowledged steps that were looked for in the record after the kill; all were there.
    pub checked: usize,
    /// Forms that citizens sent, each of them there once afterwards; on the smallest county only.
    pub forms: Option<Sent>,
}

/// Durable steps with so many clients, and the floor of the same minute.
#[derive(Clone, Debug, Serialize)]
pub struct Steps {
    /// What came of the load.
    #[serde(flatten)]
    pub load: Load,
    /// The load average before it.
    pub load_average: f64,
    /// The share of the machine that others used just before it.
    pub busy: f64,
    /// Milliseconds of processor time that the server used for one step.
    pub cpu_ms_per_step: f64,
    /// Bytes that the server wrote for one step.
    pub written_per_step: f64,
    /// Rows a second by the bare engine: the bytes of a step, as many in a transaction as there were clients.
    pub floor_rows: f64,
    /// Appends with fdatasync a second.
    pub floor_syncs: f64,
}

impl Steps {
    /// Steps as a share of the bare engine's rows.
    pub fn of_floor(&self) -> f64 {
        self.load.per_second / self.floor_rows.max(1.0)
    }
}
