//! A small county with people in posts: founded with the embedded law, registered through the same acts as a real one.

use std::collections::BTreeMap;

use zhunsheng::app::act::{ActError, Desk};
use zhunsheng::app::limit::Rules;
use zhunsheng::app::session;
use zhunsheng::config::Config;
use zhunsheng::store::Tx;
use zhunsheng::web::router::routes;
use zhunsheng_core::id::{MatterId, PersonId, PostId};
use zhunsheng_core::matter::{Actor, Command, Input, Manner, Target};

use super::{Browser, TestApp};

/// The county and who holds which post, by the person's name.
pub struct SmallCounty {
    pub test: TestApp,
    pub people: BTreeMap<&'static str, (PersonId, PostId)>,
}

/// Organs: code, name, short form, kind, above, place, functions.
const ORGANS: [(&str, &str, &str, &str, &str, &str, &str); 10] = [
    ("211224-zfb", "昌图县人民政府办公室", "昌政办", "government_office", "211224", "211224", "government_office"),
    ("211224-sfj", "昌图县司法局", "昌司", "department", "211224", "211224", "judicial_bureau|legality_review"),
    ("211224-fyzx", "昌图县法律援助中心", "昌援", "legal_aid_centre", "211224-sfj", "211224", "legal_aid"),
    ("211224-nyj", "昌图县农业农村局", "昌农", "department", "211224", "211224", "enforcement"),
    ("211224-zzzx", "昌图县综治中心", "昌综治", "dispute_centre", "211224", "211224", "dispute_centre"),
    ("211224-gzc", "昌图县公证处", "昌证", "other", "211224-sfj", "211224", "notary_office"),
    ("211224-gaj", "昌图县公安局", "昌公", "department", "211224", "211224", "public_security"),
    ("211224100-sfs", "昌图镇司法所", "昌图司", "justice_station", "211224-sfj", "211224100", ""),
    ("211224100-zf", "昌图镇人民政府", "昌图政", "town_government", "211224", "211224100", ""),
    (
        "211224100201-tw",
        "昌图镇柳树村人民调解委员会",
        "柳树",
        "village_committee",
        "211224100-sfs",
        "211224100201",
        "mediation",
    ),
];

/// People: name, organ, post, last day of an enforcement certificate.
const PEOPLE: [(&str, &str, &str, &str); 34] = [
    ("县长甲", "211224", "county_head", ""),
    ("调解员甲", "211224100201-tw", "mediator", ""),
    ("主任甲", "211224100201-tw", "mediation_head", ""),
    ("所长甲", "211224100-sfs", "justice_station_head", ""),
    ("队员甲", "211224-nyj", "enforcement_officer", "2027-01-01"),
    ("队员乙", "211224-nyj", "enforcement_officer", "2027-01-01"),
    ("队员丙", "211224-nyj", "enforcement_officer", "2024-01-01"),
    ("局长甲", "211224-nyj", "organ_head", ""),
    ("内勤甲", "211224-nyj", "enforcement_clerk", ""),
    ("法审甲", "211224-nyj", "legal_reviewer", ""),
    ("起草甲", "211224100-zf", "drafter", ""),
    ("镇长甲", "211224100-zf", "town_head", ""),
    ("办文甲", "211224-zfb", "office_clerk", ""),
    ("审查甲", "211224-sfj", "review_clerk", ""),
    ("审查长甲", "211224-sfj", "review_head", ""),
    ("基层甲", "211224-sfj", "grassroots_clerk", ""),
    ("宣传甲", "211224-sfj", "publicity_clerk", ""),
    ("科长甲", "211224-sfj", "section_head", ""),
    ("分管甲", "211224-sfj", "deputy_head", ""),
    ("司法局长", "211224-sfj", "organ_head", ""),
    ("宣传乙", "211224-nyj", "publicity_clerk", ""),
    ("温援", "211224-fyzx", "aid_clerk", ""),
    ("温主任", "211224-fyzx", "aid_head", ""),
    ("县综治甲", "211224-zzzx", "joint_supervisor", ""),
    ("镇综治甲", "211224100-zf", "joint_clerk", ""),
    ("联络员甲", "211224-nyj", "dispute_liaison", ""),
    ("联络员乙", "211224-gaj", "dispute_liaison", ""),
    ("镇内勤甲", "211224100-zf", "enforcement_clerk", ""),
    ("监督甲", "211224-sfj", "supervisor", ""),
    ("监督乙", "211224-sfj", "supervisor", ""),
    ("法治办甲", "211224-sfj", "rule_of_law_office", ""),
    ("公证助理", "211224-gzc", "notary_assistant", ""),
    ("公证员甲", "211224-gzc", "notary", ""),
    ("公证主任", "211224-gzc", "notary_head", ""),
];

const FROM: &str = "2022-01-01";

struct Registers<'a, 't> {
    desk: Desk,
    tx: &'a mut Tx<'t>,
    actor: Actor,
}

impl Registers<'_, '_> {
    fn open(&mut self, procedure: &str, values: &[(&str, &str)]) -> MatterId {
        let mut input = Input::default();
        for (field, value) in values.iter().filter(|(_, value)| !value.is_empty()) {
            for part in value.split('|') {
                input = input.with(field, part);
            }
        }
        let target = Target::Open(procedure.into());
        let command = Command { target, step: "register".into(), input, manner: Manner::Live };
        match self.desk.perform(self.tx, self.actor.clone(), &command) {
            Ok(done) => done.matter,
            Err(ActError::Refused(refusals)) => {
                let said: Vec<String> =
                    refusals.iter().map(|refusal| format!("{} {:?}", refusal.sentence, refusal.field)).collect();
                panic!("{procedure} {values:?}: {}", said.join("; "))
            }
            Err(other) => panic!("{procedure}: {other:?}"),
        }
    }
}

impl SmallCounty {
    pub async fn new() -> Self {
        Self::with(Config::default()).await
    }

    pub async fn with(config: Config) -> Self {
        let test = TestApp::with(routes(), config, Rules::none()).await;
        let desk = test.app.desk();

        let founded = test.administrator;
        let people = test
            .app
            .db
            .write(move |tx| {
                let actor = Actor::Staff { person: founded.person, post: founded.post };
                Ok::<_, ActError>(fill(&mut Registers { desk, tx, actor }))
            })
            .await
            .unwrap();
        test.app.refresh_registry().await.unwrap();
        // The registers are more matters than one search lets the index follow.
        while test.app.index_words().await.unwrap() > 0 {}
        let mut people = people;
        people.insert("管理员", (founded.person, founded.post));
        Self { test, people }
    }

    /// A browser in which this person is signed in.
    pub async fn clerk(&self, name: &str) -> Browser {
        let post = self.people[name].1;
        self.clerk_in(name, &post.to_string()).await
    }

    /// The same, in another post of theirs.
    pub async fn clerk_in(&self, name: &str, post: &str) -> Browser {
        let (person, _) = self.people[name];
        let app = &self.test.app;
        let token = session::sign_in_persona(app, &person.to_string(), Some(post), "测试").await.unwrap();
        let mut browser = self.test.browser();
        browser.cookies.insert("zs".to_owned(), token.text());
        browser
    }

    /// The id of a person, as forms send it.
    pub fn id(&self, name: &str) -> String {
        self.people[name].0.to_string()
    }
}

fn fill(registers: &mut Registers<'_, '_>) -> BTreeMap<&'static str, (PersonId, PostId)> {
    for (code, name, level, parent) in
        [("211224100", "昌图镇", "town", "211224"), ("211224100201", "柳树村", "village", "211224100")]
    {
        registers.open("place", &[("code", code), ("name", name), ("level", level), ("parent", parent)]);
    }
    for (code, name, short, kind, parent, place, functions) in ORGANS {
        registers.open(
            "organ",
            &[
                ("code", code),
                ("name", name),
                ("short", short),
                ("organ_kind", kind),
                ("parent", parent),
                ("place", place),
                ("functions", functions),
                ("valid_from", FROM),
            ],
        );
    }
    let mut people = BTreeMap::new();
    for (name, organ, kind, certificate) in PEOPLE {
        let person = registers.open("person", &[("name", name), ("valid_from", FROM)]);
        let id = person.to_string();
        let post =
            registers.open("post", &[("person", &id), ("organ", organ), ("post_kind", kind), ("valid_from", FROM)]);
        people.insert(name, (person, post));
        if !certificate.is_empty() {
            let number = format!("06120{}", people.len());
            registers.open(
                "enforcement_certificate",
                &[
                    ("person", &id),
                    ("holder_organ", organ),
                    ("number", &number),
                    ("domain", "agriculture"),
                    ("staffing", "administrative"),
                    ("issuer", "辽宁省人民政府"),
                    ("valid_from", FROM),
                    ("valid_until", certificate),
                ],
            );
        }
    }
    people
}
