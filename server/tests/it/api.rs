//! Programs with a token: the same powers as their post, refusals with reasons, keys that make repeating safe.

use std::sync::Arc;

use axum::body::Body;
use axum::extract::Request;
use axum::http::Method;
use serde_json::{Value, json};

use zhunsheng::app::secret::Token;
use zhunsheng::store::{api_tokens, record, search};

use crate::support::SmallCounty;

const COMMITTEE: &str = "211224100201-tw";

pub struct Program<'a> {
    pub county: &'a SmallCounty,
    pub token: String,
}

impl<'a> Program<'a> {
    pub async fn of(county: &'a SmallCounty, name: &str) -> Self {
        let (person, post) = county.people[name];
        let (person, post) = (person.to_string(), post.to_string());
        let token = county.test.token(&person, &post, 30).await;
        Self { county, token }
    }

    async fn send(&self, method: Method, path: &str, key: &str, body: Option<Value>) -> (u16, Value) {
        let mut request =
            Request::builder().method(method).uri(path).header("authorization", format!("Bearer {}", self.token));
        if !key.is_empty() {
            request = request.header("idempotency-key", key);
        }
        let body = match body {
            Some(body) => {
                request = request.header("content-type", "application/json");
                Body::from(body.to_string())
            }
            None => Body::empty(),
        };
        let page = self.county.test.browser().send(request.body(body).unwrap()).await;
        (page.status, serde_json::from_str(&page.body).unwrap_or(Value::Null))
    }

    async fn get(&self, path: &str) -> (u16, Value) {
        self.send(Method::GET, path, "", None).await
    }

    pub async fn post(&self, path: &str, key: &str, body: Value) -> (u16, Value) {
        self.send(Method::POST, path, key, Some(body)).await
    }
}

fn dispute() -> Value {
    json!({
        "fields": { "committee": COMMITTEE, "dispute_kind": "contract", "source": "proactive", "summary": "欠款纠纷", "amount": "1200.50" },
        "parties": [{ "role": "applicant", "name": "佟守田", "phone": "13941002386" }, { "role": "respondent", "name": "栾某" }],
    })
}

#[tokio::test]
async fn a_program_opens_a_matter_once_and_reads_it_without_names() {
    let county = SmallCounty::new().await;
    let program = Program::of(&county, "调解员甲").await;
    let (status, done) = program.post("/api/v1/matters/mediation", "open-0001", dispute()).await;
    assert_eq!(status, 201, "{done}");
    assert_eq!(done["notice"], "演示数据，与昌图县实际工作无关");
    let (_, again) = program.post("/api/v1/matters/mediation", "open-0001", dispute()).await;
    assert_eq!(again["matter"], done["matter"], "the same key files nothing twice");
    let mut other = dispute();
    other["fields"]["summary"] = json!("另一件");
    assert_eq!(program.post("/api/v1/matters/mediation", "open-0001", other).await.0, 409);
    let path = format!("/api/v1/matters/{}", done["matter"].as_str().unwrap());
    let (status, matter) = program.get(&path).await;
    assert_eq!(status, 200, "{matter}");
    assert_eq!(matter["states"]["main"]["code"], "applied");
    assert_eq!(matter["facts"]["amount"]["text"], "1200.50元");
    assert!(!matter.to_string().contains("佟守田") && !matter.to_string().contains("13941002386"), "{matter}");
    assert!(matter["next"].as_array().unwrap().iter().any(|next| next["step"]["code"] == "accept"));
    let step = json!({ "fields": { "source": "proactive", "mediator_choice": "appointed" }, "assignee": county.id("调解员甲") });
    let (status, taken) = program.post(&format!("{path}/steps/accept"), "accept-0001", step).await;
    assert_eq!(status, 200, "{taken}");
}

#[tokio::test]
async fn what_a_program_registers_is_read_for_danger() {
    let county = SmallCounty::new().await;
    let program = Program::of(&county, "调解员甲").await;
    let mut threat = dispute();
    threat["fields"]["summary"] = json!("欠款不还，扬言拿刀。");
    threat["fields"]["risk_proposed"] = json!("low");
    let (status, done) = program.post("/api/v1/matters/mediation", "threat-0001", threat).await;
    assert_eq!(status, 201, "{done}");
    let (_, matter) = program.get(&format!("/api/v1/matters/{}", done["matter"].as_str().unwrap())).await;
    assert_eq!(matter["facts"]["risk_proposed"]["text"], "高（可能激化）", "{matter}");
    assert!(matter["facts"]["danger_signs"]["text"].as_str().unwrap().contains("提到刀具"), "{matter}");
}

#[tokio::test]
async fn a_refusal_says_everything() {
    let county = SmallCounty::new().await;
    let program = Program::of(&county, "调解员甲").await;
    let empty = json!({ "fields": { "committee": COMMITTEE, "dispute_kind": "nothing" } });
    let (status, refused) = program.post("/api/v1/matters/mediation", "refused-1", empty).await;
    assert_eq!(status, 422, "{refused}");
    let refusals = refused["refusals"].as_array().unwrap();
    let at = |field: &str| refusals.iter().find(|refusal| refusal["field"] == field).unwrap();
    assert_eq!(
        (at("dispute_kind")["code"].as_str(), at("summary")["code"].as_str()),
        (Some("field_invalid"), Some("field_required"))
    );
    for refusal in refusals {
        let keys: Vec<&str> = refusal.as_object().unwrap().keys().map(String::as_str).collect();
        assert_eq!(keys, ["basis", "code", "field", "grade", "next", "sentence"]);
    }
    assert!(refused["notice"].as_str().unwrap().contains("演示数据"));
}

#[tokio::test]
async fn a_token_has_the_powers_of_its_post_and_no_more() {
    let county = SmallCounty::new().await;
    let (mediator, head) = (Program::of(&county, "调解员甲").await, Program::of(&county, "县长甲").await);
    let administrator = Program::of(&county, "管理员").await;
    let (_, done) = mediator.post("/api/v1/matters/mediation", "open-0001", dispute()).await;
    let path = format!("/api/v1/matters/{}", done["matter"].as_str().unwrap());
    assert_eq!(administrator.get(&path).await.0, 404, "no case content for administrators");
    assert_eq!(administrator.post(&format!("{path}/steps/accept"), "admin-0001", json!({})).await.0, 404);
    assert_eq!(mediator.get("/api/v1/figures").await.0, 404);
    let (status, figures) = head.get("/api/v1/figures").await;
    assert_eq!(status, 200);
    let line = figures["figures"].as_array().unwrap().iter().find(|figure| figure["id"] == "S46").unwrap();
    assert_eq!(line["stated"], json!({ "value": 1.2, "qualifier": "近", "unit": "万件" }));
    // The list is the page's: within sight, masked, a page at a time.
    let (status, list) = mediator.get("/api/v1/matters?procedure=mediation").await;
    assert_eq!((status, list["matters"].as_array().unwrap().len()), (200, 1), "{list}");
    assert_eq!(list["matters"][0]["id"], done["matter"]);
    assert!(list["before"].is_null() && !list.to_string().contains("佟守田"), "{list}");
    let (_, none) = administrator.get("/api/v1/matters?procedure=mediation").await;
    assert_eq!(none["matters"].as_array().unwrap().len(), 0, "{none}");
    assert_eq!(mediator.get("/api/v1/matters?before=x").await.0, 400);
    // The yearly sheet of enforcement: for who sees penalties.
    assert_eq!(mediator.get("/api/v1/enforcement/yearly").await.0, 404);
    let (status, yearly) = head.get("/api/v1/enforcement/yearly?year=2024").await;
    assert_eq!((status, &yearly["yearly"]["groups"][0]["rows"][0]["value"]), (200, &json!(0)), "{yearly}");
    for year in ["1949", "2020", "2099", "30000", "-9999", "x"] {
        let (status, error) = head.get(&format!("/api/v1/enforcement/yearly?year={year}")).await;
        assert_eq!(status, 400, "{year}: {error}");
    }
    let all = Program::of(&county, "监督甲").await;
    assert_eq!(all.get("/api/v1/enforcement/yearly?organ=211224-nyj").await.0, 200);
    assert_eq!(all.get("/api/v1/enforcement/yearly?organ=211224-none").await.0, 404);
    let nobody = Program { county: &county, token: "zhs_x".to_owned() };
    let (status, error) = nobody.get(&path).await;
    assert_eq!((status, error["notice"].is_string()), (401, true));
    for (path, key, body, expected) in [
        ("/api/v1/matters/nothing", "key-00001", json!({}), 404),
        ("/api/v1/matters/mediation", "", json!({}), 400),
        ("/api/v1/matters/mediation", "key-00002", json!({ "unknown": 1 }), 400),
        ("/api/v1/matters/mediation", "key-00003", json!({ "assignee": "x" }), 400),
        ("/api/v1/matters/x/steps/accept", "key-00004", json!({}), 404),
    ] {
        assert_eq!(mediator.post(path, key, body).await.0, expected, "{path} {key}");
    }
}

#[tokio::test]
async fn a_revoked_token_opens_nothing_from_the_next_request_on() {
    let county = SmallCounty::new().await;
    let program = Program::of(&county, "调解员甲").await;
    let (_, done) = program.post("/api/v1/matters/mediation", "open-0001", dispute()).await;
    let path = format!("/api/v1/matters/{}", done["matter"].as_str().unwrap());
    assert_eq!(program.get(&path).await.0, 200);
    let hash = Token::parse(program.token.strip_prefix("zhs_").unwrap()).unwrap().hash();
    let person = county.id("调解员甲");
    let revoked = county.test.write(move |tx, code| api_tokens::revoke(tx, code, &person, &hash, 1)).await;
    assert!(revoked);
    let before = size(&county).await;
    assert_eq!(program.get(&path).await.0, 401);
    assert_eq!(program.post(&format!("{path}/steps/_urge"), "urge-0001", json!({})).await.0, 401);
    assert_eq!(size(&county).await, before, "nothing was recorded");
}

async fn size(county: &SmallCounty) -> i64 {
    county.test.write(|tx, code| record::next_seq(tx, code)).await
}

/// An act only notes that words changed; the index follows by itself, in groups, and is never behind what a person has just done.
#[tokio::test]
async fn search_follows_the_acts() {
    let county = SmallCounty::new().await;
    let app = Arc::clone(&county.test.app);
    while app.index_words().await.unwrap() > 0 {}
    let program = Program::of(&county, "调解员甲").await;
    let (_, done) = program.post("/api/v1/matters/mediation", "open-0001", dispute()).await;
    let due = |county: &SmallCounty| {
        let (app, code) = (Arc::clone(&county.test.app), county.test.app.county_code.clone());
        async move { app.db.read(move |r| search::has_due(r, &code)).await.unwrap() }
    };
    assert!(due(&county).await, "noted in the transaction of the act");
    let page = county.clerk("调解员甲").await.get("/matters?q=%E6%AC%A0%E6%AC%BE").await; // 欠款
    assert!(page.body.contains(done["matter"].as_str().unwrap()), "found at once by whoever searches");
    assert!(!due(&county).await);
    let path = format!("/api/v1/matters/{}/steps/accept", done["matter"].as_str().unwrap());
    let step = json!({ "fields": { "source": "proactive", "mediator_choice": "appointed" }, "assignee": county.id("调解员甲") });
    assert_eq!(program.post(&path, "accept-0001", step).await.0, 200);
    assert_eq!(app.index_words().await.unwrap(), 1, "its new number is a word");
    assert_eq!(app.index_words().await.unwrap(), 0);
}

const DOCUMENT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/openapi.json");

#[test]
fn the_description_in_docs_is_the_one_served() {
    let kept = std::fs::read_to_string(DOCUMENT).unwrap_or_default();
    assert!(
        kept == zhunsheng::web::api::openapi(),
        "docs/openapi.json is old: cargo test -p zhunsheng --test it -- --ignored write_openapi"
    );
}

#[test]
#[ignore = "writes docs/openapi.json"]
fn write_openapi() {
    std::fs::write(DOCUMENT, zhunsheng::web::api::openapi()).unwrap();
}
