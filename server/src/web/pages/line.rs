//! The line of a matter in lists: the same on the desk, in the list and in the export.

use zhunsheng_core::authority::Registry;
use zhunsheng_core::day::Day;
use zhunsheng_core::id::PlaceCode;
use zhunsheng_core::law::Law;
use zhunsheng_core::procedure::Projects;

pub use crate::app::notice::SOON_DAYS;
use crate::app::show;
use crate::store::matters::MatterRow;

/// A limit as a coloured word.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Badge {
    /// `late`, `soon`, `ok`, `provisional`, `stopped`.
    pub class: &'static str,
    /// What it says.
    pub text: String,
    /// The day, `2024-10-29`; empty if there is none.
    pub day: String,
}

impl Badge {
    /// How a last day stands today.
    #[must_use]
    pub fn of(due: Day, provisional: bool, today: Day) -> Self {
        let left = due.days_since(today);
        let (class, text) = match left {
            _ if provisional => ("provisional", "暂定".to_owned()),
            ..0 => ("late", format!("逾期{}天", -left)),
            0 => ("soon", "今天到期".to_owned()),
            1..=SOON_DAYS => ("soon", format!("还有{left}天")),
            _ => ("ok", format!("还有{left}天")),
        };
        Self { class, text, day: due.to_string() }
    }
}

/// A line.
#[derive(Clone, Debug)]
pub struct Line {
    /// The address of the matter's page.
    pub href: String,
    /// Its title, natural persons masked.
    pub title: String,
    /// Its last number; may be empty.
    pub number: String,
    /// Its procedure.
    pub procedure: String,
    /// The state of its main track.
    pub state: String,
    /// The nearest limit, if one runs.
    pub due: Option<Badge>,
    /// The organ that holds it.
    pub organ: String,
    /// Its place.
    pub place: String,
    /// The day it began.
    pub opened: String,
    /// The day it ended; may be empty.
    pub ended: String,
    /// Who is responsible; may be empty.
    pub assigned: String,
    /// Defects marked.
    pub flags: i64,
    /// Voided or merged.
    pub closed: bool,
    /// What its reader can do next: title and address.
    pub next: Option<(String, String)>,
}

impl Line {
    /// From a row.
    #[must_use]
    pub fn new(row: &MatterRow, law: &Law, registry: &Registry, today: Day) -> Self {
        let procedure = law.newest(&row.procedure);
        let track = procedure.and_then(|procedure| procedure.tracks.first());
        let state = track.and_then(|track| track.states.iter().find(|state| state.id.as_str() == row.state));
        let day = |number: i64| Day::from_number(number).map(|day| day.to_string()).unwrap_or_default();
        // A limit may run on after the outcome: the drafting unit still answers what it took over.
        let due = row.due.filter(|_| !row.closed).and_then(Day::from_number);
        Self {
            href: format!("/matters/{}", row.id),
            title: registered(row, procedure.and_then(|procedure| procedure.projects), registry)
                .unwrap_or_else(|| row.title.clone()),
            number: row.number.clone().unwrap_or_default(),
            procedure: procedure.map_or(row.procedure.clone(), |procedure| procedure.title.clone()),
            state: state.map_or(row.state.clone(), |state| state.title.clone()),
            due: due.map(|due| Badge::of(due, row.provisional, today)),
            organ: registry.organ(&row.organ).map_or(row.organ.clone(), |organ| organ.name.clone()),
            place: row
                .place
                .as_ref()
                .map(|code| show::place(registry, PlaceCode::from(code.as_str()).as_str()))
                .unwrap_or_default(),
            opened: day(row.opened),
            ended: row.ended.map(day).unwrap_or_default(),
            assigned: row.assigned.map(|id| registry.person_name(id).to_owned()).unwrap_or_default(),
            flags: row.flags,
            closed: row.closed,
            next: None,
        }
    }
}

/// A line of a register is called by the person it is about: that is what is looked for in it, and officials are not masked.
fn registered(row: &MatterRow, projects: Option<Projects>, registry: &Registry) -> Option<String> {
    let of = |person| Some(registry.person_name(person)).filter(|name| *name != "—");
    match projects? {
        Projects::Person => of(row.id).map(str::to_owned),
        Projects::Post => {
            let post = registry.post(row.id)?;
            Some(format!("{} {} {}", of(post.person)?, registry.organ_name(&post.organ), row.title))
        }
        Projects::Credential => Some(format!("{} {}", of(registry.holder_of(row.id)?)?, row.title)),
        Projects::Place | Projects::Organ | Projects::Power | Projects::Delegation => None,
    }
}
