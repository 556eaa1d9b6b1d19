//! The life of a dispute as a program lives it: eight commands, of which seven act on the matter that the first one opened.
//!
//! Does not belong here: connections and time.

use serde_json::json;

use super::cast::Actor;

/// The steps in their order; the first opens the matter.
pub const STEPS: [&str; 8] = ["register", "accept", "inform", "mediate", "mediate", "mediate", "fail", "close"];

/// What mediators write; of the length that the demonstration's texts have.
const SESSION: &str = "双方到场，调解员说明了调解自愿、平等的原则。申请人陈述：去年秋收后被申请人借用粮车，归还时车厢损坏，多次催要\
    修理费未果。被申请人承认借车，但认为损坏在借用之前就有，只愿意承担一半。调解员到现场看了车，找了当时在场的邻居了解情况，\
    向双方讲明借用人应当妥善保管借用物。双方同意各自回去商量，三日内再谈。";

/// Where a dispute stands.
#[derive(Clone, Debug, Default)]
pub struct Life {
    matter: Option<String>,
    taken: usize,
}

impl Life {
    /// The next command: its step, path and body.
    pub fn next(&self, actor: &Actor, number: u64) -> (&'static str, String, String) {
        let step = STEPS.get(self.taken).copied().unwrap_or("register");
        let path = match &self.matter {
            Some(matter) => format!("/api/v1/matters/{matter}/steps/{step}"),
            None => "/api/v1/matters/mediation".to_owned(),
        };
        (step, path, body(step, actor, number))
    }

    /// It was taken: the matter goes on, or a new one begins.
    pub fn taken(&mut self, matter: &str) {
        self.taken += 1;
        if self.taken < STEPS.len() {
            self.matter.get_or_insert_with(|| matter.to_owned());
        } else {
            *self = Self::default();
        }
    }

    /// The matter is left as it stands.
    pub fn leave(&mut self) {
        *self = Self::default();
    }
}

fn body(step: &str, actor: &Actor, number: u64) -> String {
    let body = match step {
        "register" => json!({
            "step": "register",
            "fields": {
                "committee": actor.committee,
                "dispute_kind": if number.is_multiple_of(3) { "neighbour" } else { "contract" },
                "source": "party_application",
                "summary": format!("借用粮车损坏，修理费{}元由谁承担，双方各执一词。", 100 + number % 900),
                "request": "由被申请人承担修理费",
                "people_count": 2,
                "amount": (100 + number % 900).to_string(),
                "public_wish": "open",
            },
            "parties": [
                { "role": "applicant", "kind": "natural", "name": format!("测{}", surname(number)), "phone": "13900000000" },
                { "role": "respondent", "kind": "natural", "name": format!("量{}", surname(number / 7)) },
            ],
        }),
        "accept" => json!({
            "fields": { "source": "party_application", "mediator_choice": "appointed" },
            "assignee": actor.person,
        }),
        "inform" => json!({ "fields": { "public_wish": "open" } }),
        "mediate" => {
            json!({ "fields": { "session_record": format!("第{number}次记录。{SESSION}"), "session_place": "调解室" } })
        }
        "fail" => json!({
            "fields": { "failure_reason": "no_agreement", "remedies_told": ["litigation"], "failure_note": "双方分歧较大，没有达成协议。" },
        }),
        _ => json!({}),
    };
    body.to_string()
}

fn surname(number: u64) -> char {
    const NAMES: [char; 10] = ['甲', '乙', '丙', '丁', '戊', '己', '庚', '辛', '壬', '癸'];
    usize::try_from(number % 10).ok().and_then(|at| NAMES.get(at)).copied().unwrap_or('甲')
}
