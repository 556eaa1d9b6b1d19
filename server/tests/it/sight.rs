//! What a post may see is asked twice, in the query of every list and of a matter in hand: both must answer alike.

use std::collections::BTreeSet;
use std::sync::OnceLock;

use proptest::prelude::*;
use proptest::sample::{select, subsequence};
use zhunsheng::app::ruling::{Ruling, embedded};
use zhunsheng::app::sight;
use zhunsheng::store::matters::{self, ListFilter, Page};
use zhunsheng::store::project::{Ground, project};
use zhunsheng::store::seeing::SightFilter;
use zhunsheng::store::{Db, StoreFault, catalog};
use zhunsheng_core::authority::Registry;
use zhunsheng_core::day::{Day, Moment};
use zhunsheng_core::id::MatterId;
use zhunsheng_core::matter::{Event, MatterState, Matters};
use zhunsheng_core::record::{ActorEntry, Entry};

use crate::support::Folder;

const COUNTY: &str = "211224";
const PROCEDURES: [&str; 4] = ["mediation", "penalty", "hearing", "legality_review"];
const ORGANS: [&str; 5] = ["a", "b", "c", "d", "e"];

/// A database with one matter for every procedure, holding organ and pair of organs that take part.
struct Given {
    db: Db,
    states: Vec<MatterState>,
    _folder: Folder,
}

/// The act that opens a matter and lets organs join it, as the projection reads it.
fn opening(ruling: &Ruling, id: MatterId, procedure: &str, organ: &str, joined: &[&str]) -> Entry {
    let day = Day::new(2024, 10, 26).unwrap();
    let definition = ruling.law.newest(procedure).unwrap();
    let mut events = vec![Event::Opened {
        procedure: procedure.into(),
        definition: definition.digest,
        organ: organ.into(),
        place: None,
        parent: None,
        day,
    }];
    events.extend(joined.iter().map(|organ| Event::OrganJoined((*organ).into())));
    Entry {
        format: 1,
        county: COUNTY.into(),
        recorded: Moment::on(day, 36_000),
        day,
        actor: ActorEntry::System,
        step: "open".into(),
        matter: id,
        events: events.into_iter().map(|event| (id, event)).collect(),
        sealed: Vec::new(),
        law: vec![ruling.digest],
    }
}

fn given() -> &'static Given {
    static GIVEN: OnceLock<Given> = OnceLock::new();
    GIVEN.get_or_init(|| {
        let folder = Folder::new();
        let db = Db::open(folder.home()).unwrap();
        let ruling = Ruling::check(&embedded()).unwrap();
        let mut entries = Vec::new();
        for procedure in PROCEDURES {
            for (n, organ) in ORGANS.into_iter().enumerate() {
                for joined in [vec![], vec![ORGANS[(n + 1) % 5]], vec![ORGANS[(n + 2) % 5], ORGANS[(n + 3) % 5]]] {
                    let id = MatterId(1 + entries.len() as u128);
                    entries.push(opening(&ruling, id, procedure, organ, &joined));
                }
            }
        }
        let states = entries.iter().map(|entry| {
            let mut events = entry.events.iter().map(|(_, event)| event);
            let mut state = MatterState::begin(entry.matter, events.next().unwrap()).unwrap();
            events.for_each(|event| state.apply(event));
            state
        });
        let states = states.collect();
        db.write_blocking(move |tx| {
            let (registry, known) = (Registry::default(), Matters::new());
            let (law, calendar) = (&ruling.law, &ruling.calendar);
            let ground = Ground { county: COUNTY, law, calendar, registry: &registry, known: &known, index: true };
            catalog::make_partitions(tx, COUNTY)?;
            for (seq, entry) in (0..).zip(&entries) {
                project(tx, &ground, seq, entry, &[])?;
            }
            Ok::<_, StoreFault>(())
        })
        .unwrap();
        Given { db, states, _folder: folder }
    })
}

fn some_of(all: &'static [&'static str]) -> impl Strategy<Value = Vec<String>> {
    subsequence(all, 0..=all.len()).prop_map(|some| some.into_iter().map(str::to_owned).collect())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn the_query_and_the_matter_in_hand_agree(
        county in some_of(&PROCEDURES),
        organs in prop::collection::vec((some_of(&ORGANS), some_of(&PROCEDURES)), 0..3),
        one in select((0..60usize).collect::<Vec<_>>()),
    ) {
        let given = given();
        let filter = SightFilter { county, organs };
        let narrow = ListFilter::default();
        let (listed, counted, found) = given.db.read_blocking(|r| {
            let listed = matters::list(r, COUNTY, &filter, &narrow, Page::First, 1_000)?;
            let counted = matters::count(r, COUNTY, &filter, &narrow, 1_000)?;
            Ok::<_, StoreFault>((listed, counted, matters::find_row(r, COUNTY, &filter, given.states[one].id)?))
        }).unwrap();
        let listed: BTreeSet<MatterId> = listed.iter().map(|row| row.id).collect();
        let seen: BTreeSet<MatterId> =
            given.states.iter().filter(|state| sight::sees(&filter, state)).map(|state| state.id).collect();
        prop_assert_eq!(&listed, &seen);
        prop_assert_eq!(counted, seen.len() as i64);
        prop_assert_eq!(found.is_some(), seen.contains(&given.states[one].id));
    }
}
