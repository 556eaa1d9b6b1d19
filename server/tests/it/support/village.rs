//! A county of one town and one village, with a mediation committee and a few people: registered by the administrator
//! through the same acts that people use.

use zhunsheng::app::act::ActError;
use zhunsheng_core::id::MatterId;
use zhunsheng_core::matter::{Actor, Command, Input, Manner, Target};

use super::TestApp;

pub const TOWN: &str = "211224101";
pub const VILLAGE: &str = "211224101201";

/// Who and what there is.
pub struct Village {
    /// 村调委会.
    pub committee: &'static str,
    /// The mediator: person and post.
    pub mediator: (MatterId, MatterId),
    /// The county head.
    pub head: (MatterId, MatterId),
}

impl Village {
    pub async fn found(app: &TestApp) -> Self {
        let place = |code: &str, name: &str, level: &str, parent: &str| {
            Input::default().with("code", code).with("name", name).with("level", level).with("parent", parent)
        };
        register(app, "place", place(TOWN, "老城镇", "town", "211224")).await;
        register(app, "place", place(VILLAGE, "柳河沿村", "village", TOWN)).await;
        let organ = |code: &str, name: &str, kind: &str, place: &str| {
            Input::default()
                .with("code", code)
                .with("name", name)
                .with("short", "老调")
                .with("organ_kind", kind)
                .with("functions", "mediation")
                .with("place", place)
        };
        let town = organ("town_committee", "老城镇人民调解委员会", "town_committee", TOWN);
        register(app, "organ", town).await;
        let village = organ("village_committee", "柳河沿村人民调解委员会", "village_committee", VILLAGE);
        register(app, "organ", village.with("parent", "town_committee")).await;
        let mediator = appoint(app, "栗国英", "village_committee", "mediator").await;
        let head = appoint(app, "邢望舒", "211224", "county_head").await;
        Self { committee: "village_committee", mediator, head }
    }
}

/// Registers a person and gives them a post.
pub async fn appoint(app: &TestApp, name: &str, organ: &str, kind: &str) -> (MatterId, MatterId) {
    let person = register(app, "person", Input::default().with("name", name)).await;
    let post = Input::default()
        .with("person", person.to_string())
        .with("organ", organ)
        .with("post_kind", kind)
        .with("valid_from", "2024-01-01");
    (person, register(app, "post", post).await)
}

async fn register(app: &TestApp, procedure: &str, input: Input) -> MatterId {
    let Input { mut fields, .. } = input;
    fields.retain(|_, values| values.iter().any(|value| !value.is_empty()));
    let command = Command {
        target: Target::Open(procedure.into()),
        step: "register".into(),
        input: Input { fields, ..Input::default() },
        manner: Manner::Live,
    };
    let actor = Actor::Staff { person: app.administrator.person, post: app.administrator.post };
    match app.app.act(actor, command, None).await {
        Ok(done) => done.matter,
        Err(ActError::Refused(refusals)) => panic!("{procedure}: {refusals:?}"),
        Err(other) => panic!("{procedure}: {other:?}"),
    }
}
