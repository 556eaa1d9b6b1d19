//! A matter 事项(案件): a command comes in, [`decide`] answers with events or refusals, [`MatterState::apply`] folds
//! events. Both are pure: nothing here reads a clock, a file or a table.

mod alike;
mod apart;
mod clocks;
mod command;
mod decide;
mod effects;
mod erase;
mod evaluate;
mod event;
mod generic;
mod guards;
mod input;
mod numbers;
mod options;
mod party;
mod power;
mod scores;
mod state;
mod who;

pub use alike::key as alike_key;
pub use apart::{named as named_file, parted as parted_fields};
pub use command::{Actor, Command, Decider, EvidenceInput, ExternalId, Input, Manner, PartyInput, Target};
pub use decide::{Context, Decision, Found, Matters, SeriesKey, Supply, decide};
pub use effects::DRAW_SECRET;
pub use erase::list_of;
pub use evaluate::{View, evaluate};
pub use event::{Event, Fact, ManneredAs, Number, Sealed, SealedClass, Taken};
pub use generic::{expire, hand_over};
pub use options::{StepOption, Waiting, is_awaited, objections, options, waiting};
pub use power::{competent, named as named_power};
pub use state::{DisclosureRun, Erasure, EvidenceRef, Flag, IssuedInstrument, Link, MatterState, PartyState, StepDone};
pub use who::{kept_from, kept_from_all};
