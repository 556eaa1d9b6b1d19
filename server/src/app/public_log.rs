//! 对外公布: the record's two trees for everybody (C2SP tlog-tiles), after an approval that is itself in the record.
//!
//! What is public follows from the procedure `log_publication` and from nothing else; there is no setting beside it. Never more than
//! the published checkpoint covers: a tile of later acts would tell that there were some. Does not belong here: HTTP.

use zhunsheng_core::day::Day;
use zhunsheng_core::id::MatterId;
use zhunsheng_core::matter::{Decider, Fact, MatterState};
use zhunsheng_core::record::crypto::{Both, Suite};
use zhunsheng_core::record::tile::{LEVELS, Tile, WIDTH, read_numbered, to_bytes};

use super::deposit::cosigned;
use super::fault::Fault;
use crate::store::checkpoint::{self, StoredCheckpoint};
use crate::store::{Query, StoreFault, few, record, tile};

/// By which publication is asked for, approved and stopped.
pub const PROCEDURE: &str = "log_publication";

/// What is public.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Mode {
    /// Nothing.
    Off,
    /// The checkpoint of the last day that is over.
    Daily,
    /// The newest checkpoint.
    Live,
}

impl Mode {
    fn of(state: &MatterState) -> Self {
        match state.fact("mode").and_then(Fact::code) {
            Some("daily") => Self::Daily,
            Some("live") => Self::Live,
            _ => Self::Off,
        }
    }

    /// In words.
    #[must_use]
    pub fn title(self) -> &'static str {
        match self {
            Self::Off => "没有公布",
            Self::Daily => "每日公布",
            Self::Live => "实时公布",
        }
    }
}

/// One application.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Application {
    /// Its matter.
    pub matter: MatterId,
    /// What was asked for.
    pub mode: Mode,
    /// Its state: `applied`, `publishing`, `declined`, `stopped`.
    pub state: String,
    /// When it was asked for.
    pub applied: Option<Day>,
    /// When it was approved, and by whom.
    pub approved: Option<(Day, Decider)>,
    /// When it was stopped.
    pub stopped: Option<Day>,
}

impl Application {
    fn of(state: &MatterState) -> Self {
        let day = |step: &str| state.last_done(step).map(|done| done.day);
        Self {
            matter: state.id,
            mode: Mode::of(state),
            state: state.track("main").map(ToString::to_string).unwrap_or_default(),
            applied: day("apply"),
            approved: state.last_done("approve").map(|done| (done.day, done.decided_by.clone())),
            stopped: day("stop"),
        }
    }
}

/// Every application that was not entered in error, newest first.
pub fn applications(q: &impl Query, county: &str) -> Result<Vec<Application>, StoreFault> {
    Ok(few::all(q, county, PROCEDURE)?.iter().rev().map(Application::of).collect())
}

/// The application that decides what is public: the newest one that was ever approved. One that was stopped lets no older one
/// come to life again.
#[must_use]
pub fn deciding(applications: &[Application]) -> Option<&Application> {
    applications.iter().find(|application| application.approved.is_some())
}

/// What follows from all applications.
#[must_use]
pub fn mode_of(applications: &[Application]) -> Mode {
    let publishing = deciding(applications).filter(|application| application.state == "publishing");
    publishing.map_or(Mode::Off, |application| application.mode)
}

/// What is public now.
pub fn mode(q: &impl Query, county: &str) -> Result<Mode, StoreFault> {
    Ok(mode_of(&applications(q, county)?))
}

/// The checkpoint that is public; none if nothing is, or none is signed yet.
pub fn published(q: &impl Query, county: &str, mode: Mode, today: Day) -> Result<Option<StoredCheckpoint>, StoreFault> {
    match mode {
        Mode::Off => Ok(None),
        Mode::Daily => checkpoint::newest_before(q, county, today),
        Mode::Live => checkpoint::newest(q, county),
    }
}

/// What somebody asks for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Wanted {
    /// The signed note of a tree.
    Checkpoint(Suite),
    /// So many hashes of a tile of a tree.
    Tile(Suite, Tile, u64),
    /// So many leaves of a bundle.
    Leaves(u64, u64),
}

impl Wanted {
    /// Reads a path behind `/log/`: C2SP's names for the tree of SHA-256, the same behind `sm3/`. None for every other spelling.
    #[must_use]
    pub fn parse(path: &str) -> Option<Self> {
        let (suite, path) = match path.strip_prefix("sm3/") {
            Some(path) => (Suite::Sm3, path),
            None => (Suite::Sha256, path),
        };
        if path == "checkpoint" {
            return Some(Self::Checkpoint(suite));
        }
        let (level, rest) = path.strip_prefix("tile/")?.split_once('/')?;
        let (index, width) = read_numbered(rest)?;
        if level == "entries" {
            return Some(Self::Leaves(index, width));
        }
        let number: u32 = level.parse().ok().filter(|number| *number < LEVELS)?;
        (number.to_string() == level).then_some(Self::Tile(suite, Tile { level: number, index }, width))
    }
}

/// The bytes of what is asked for, as far as the published checkpoint covers it.
pub fn read(q: &impl Query, county: &str, mode: Mode, today: Day, wanted: Wanted) -> Result<Option<Vec<u8>>, Fault> {
    let Some(newest) = published(q, county, mode, today)? else { return Ok(None) };
    let covered = |tile: Tile, width| width <= tile.width(newest.size);
    match wanted {
        Wanted::Checkpoint(suite) => note(q, county, suite, newest).map(Some),
        Wanted::Tile(suite, tile, width) if covered(tile, width) => {
            let hashes = tile::Nodes::new(q, county, suite, newest.size).hashes(tile)?;
            let width = usize::try_from(width).unwrap_or(usize::MAX);
            Ok(hashes.get(..width).map(to_bytes))
        }
        Wanted::Leaves(index, width) if covered(Tile { level: 0, index }, width) => {
            let number = |value: u64| i64::try_from(value).map_err(|_| StoreFault::Value { what: "leaf".to_owned() });
            let leaves = record::leaves_from(q, county, number(index * WIDTH)?, number(width)?)?;
            Ok((leaves.len() as u64 == width).then(|| bundle(&leaves)))
        }
        Wanted::Tile(..) | Wanted::Leaves(..) => Ok(None),
    }
}

/// The note of a tree; that of the SHA-256 tree with the lines of the witnesses that signed exactly this one.
fn note(q: &impl Query, county: &str, suite: Suite, newest: StoredCheckpoint) -> Result<Vec<u8>, Fault> {
    let Both { sm3, sha256 } = newest.notes;
    Ok(match suite {
        Suite::Sm3 => sm3,
        Suite::Sha256 => cosigned::with_lines(q, county, newest.size, &sha256)?.0,
    }
    .into_bytes())
}

/// An entry bundle (C2SP tlog-tiles): each leaf behind its length in two bytes.
fn bundle(leaves: &[Vec<u8>]) -> Vec<u8> {
    let prefixed = |leaf: &Vec<u8>| {
        let length = u16::try_from(leaf.len()).unwrap_or(u16::MAX);
        [length.to_be_bytes().as_slice(), leaf].concat()
    };
    leaves.iter().flat_map(prefixed).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_file_has_one_name() {
        let tile = |level, index| Tile { level, index };
        for (path, wanted) in [
            ("checkpoint", Wanted::Checkpoint(Suite::Sha256)),
            ("sm3/checkpoint", Wanted::Checkpoint(Suite::Sm3)),
            ("tile/0/000", Wanted::Tile(Suite::Sha256, tile(0, 0), 256)),
            ("sm3/tile/1/x001/234.p/7", Wanted::Tile(Suite::Sm3, tile(1, 1_234), 7)),
            ("tile/entries/002.p/3", Wanted::Leaves(2, 3)),
            ("sm3/tile/entries/002", Wanted::Leaves(2, 256)),
        ] {
            assert_eq!(Wanted::parse(path), Some(wanted), "{path}");
        }
        for wrong in [
            "",
            "key",
            "checkpoint/",
            "sm3/sm3/checkpoint",
            "sha256/checkpoint",
            "tile/00/000",
            "tile/8/000",
            "tile/0/0",
            "tile/-1/000",
            "tile/entries/1",
            "tile//000",
            "tile/0/000.p/256",
            "tile/0/../0/000",
            "entries/000.jsonl",
        ] {
            assert_eq!(Wanted::parse(wrong), None, "{wrong}");
        }
    }
}
