//! 核验: codes on instruments, what their page says and never says, and the receipt that a stranger checks.

use std::collections::HashMap;
use std::sync::Arc;

use axum::Router;
use zhunsheng::app::limit::{Limits, Rules};
use zhunsheng::app::{App, checkpoint};
use zhunsheng::params;
use zhunsheng::store::Query;
use zhunsheng::web::router::{routes, site};
use zhunsheng_core::id::MatterId;
use zhunsheng_core::matter::SealedClass;
use zhunsheng_core::record::receipt::Receipt;
use zhunsheng_core::text;

use crate::proofs::played;
use crate::support::{Browser, Folder, copy_county, opened};

/// The small demonstration county, served from a copy.
pub struct Served {
    pub app: Arc<App>,
    pub router: Router,
    _folder: Folder,
}

/// An instrument with its code, read as only the record can.
#[derive(Debug, Clone)]
pub struct Coded {
    pub matter: MatterId,
    pub kind: String,
    pub code: String,
    pub number: String,
    pub seq: i64,
}

impl Served {
    pub fn new(rules: Rules) -> Self {
        let folder = Folder::new();
        tokio::task::block_in_place(|| copy_county(&played().pristine(), folder.path()));
        let mut app = opened(&folder.home());
        app.limits = Limits::new(rules);
        let app = Arc::new(app);
        Self { router: site(Arc::clone(&app), routes()), app, _folder: folder }
    }

    pub fn browser(&self) -> Browser {
        Browser::new(self.router.clone())
    }

    /// Every instrument that carries a code.
    pub fn coded(&self) -> Vec<Coded> {
        let rows = self.app.db.read_blocking(|r| {
            r.query_all(
                "SELECT s.matter, i.kind, s.value, i.text, i.seq FROM sealed s
                 JOIN instrument i ON i.county_code = s.county_code AND i.matter = s.matter
                   AND s.label = 'instrument.' || i.n || '.code'
                 WHERE s.county_code = $1 ORDER BY s.seq, s.position",
                params!["211224"],
                |row| {
                    Ok(Coded {
                        matter: MatterId::from_bytes(&row.blob(0)?).unwrap(),
                        kind: row.text(1)?,
                        code: row.text(2)?,
                        number: row.opt_text(3)?.unwrap_or_default(),
                        seq: row.int(4)?,
                    })
                },
            )
        });
        rows.unwrap()
    }

    pub fn first(&self, kind: &str) -> Coded {
        self.coded().into_iter().find(|coded| coded.kind == kind).unwrap_or_else(|| panic!("no {kind}"))
    }

    /// Sealed values of these classes, long enough to mean something.
    pub fn secrets(&self, classes: &[SealedClass]) -> Vec<String> {
        let classes: Vec<i64> = classes.iter().map(|class| *class as i64).collect();
        let rows = self.app.db.read_blocking(|r| {
            r.query_all("SELECT class, value FROM sealed WHERE county_code = $1", params!["211224"], |row| {
                Ok((row.int(0)?, row.opt_text(1)?))
            })
        });
        let wanted = rows.unwrap().into_iter().filter(|(class, _)| classes.contains(class));
        let mut values: Vec<String> =
            wanted.filter_map(|(_, value)| value).filter(|v| v.chars().count() >= 6).collect();
        values.sort();
        values.dedup();
        values
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_code_leads_to_what_the_record_proves() {
    let county = Served::new(Rules::none());
    let decision = county.first("penalty_decision");
    let mut anybody = county.browser();
    let typed = text::written_code(&decision.code).to_lowercase();
    let led = anybody.get(&format!("/verify?code={typed}")).await;
    assert_eq!((led.status, led.location()), (303, &*format!("/verify/{}", decision.code)));
    let page = anybody.get(led.location()).await;
    assert_eq!(page.status, 200, "{}", page.body);
    for said in [
        "行政处罚决定书",
        &decision.number,
        "记录没有被改动",
        "没有证明什么",
        "演示",
        &format!("第 {} 项", decision.seq),
    ] {
        assert!(page.body.contains(said), "{said}: {}", page.body);
    }
    // The receipt of the page holds, without us.
    let receipt = anybody.get(&format!("/verify/{typed}/receipt")).await;
    assert_eq!(receipt.status, 200);
    let keys = county.app.db.read_blocking(|r| checkpoint::public_keys(r, "211224")).unwrap();
    let known = zhunsheng_core::record::crypto::Both { sm3: Some(&keys.sm3), sha256: Some(&keys.sha256) };
    let proven = Receipt::parse(&receipt.body).unwrap().verify(&known).unwrap();
    assert_eq!((proven.index, proven.entry.matter), (decision.seq.unsigned_abs(), decision.matter));
    assert!(page.body.contains(&keys.sm3.to_string()) && page.body.contains(&keys.sha256.to_string()));
}

#[tokio::test(flavor = "multi_thread")]
async fn every_code_that_leads_nowhere_gets_the_same_answer_and_guessing_is_slow() {
    let county = Served::new(Rules::default());
    let known = county.first("penalty_decision").code;
    let mistyped = format!("{}{}", &known[..15], if known.ends_with('0') { '1' } else { '0' });
    let stranger = text::verify_code(77);
    let mut anybody = county.browser();
    let mut answers = Vec::new();
    for code in [mistyped.as_str(), &stranger, "7K2M", "%E4%B8%8D%E7%9F%A5%E9%81%93", "'%20OR%201=1", &"9".repeat(300)]
    {
        let page = anybody.get(&format!("/verify/{code}")).await;
        assert_eq!(page.status, 404, "{code}");
        answers.push(page.text("#code-e"));
        assert_eq!(anybody.get(&format!("/verify/{code}/receipt")).await.status, 404);
    }
    answers.dedup();
    assert_eq!(answers.len(), 1, "{answers:?}");
    // Codes that lead somewhere cost nothing; thirty that do not, and one waits.
    for _ in 0..40 {
        assert_eq!(anybody.get(&format!("/verify/{known}")).await.status, 200);
    }
    let mut statuses = Vec::new();
    for _ in 0..40 {
        statuses.push(anybody.get(&format!("/verify/{stranger}")).await.status);
    }
    assert_eq!(statuses.last(), Some(&429), "{statuses:?}");
    assert_eq!(anybody.get(&format!("/verify/{known}")).await.status, 429, "whoever guesses waits for everything");
}

/// The first six characters: thousands of secrets are looked for in hundreds of pages.
fn start(text: &str) -> &str {
    &text[..text.char_indices().nth(6).map_or(text.len(), |(at, _)| at)]
}

#[tokio::test(flavor = "multi_thread")]
async fn no_public_page_and_no_receipt_tells_what_is_sealed() {
    let county = Served::new(Rules::none());
    let all = county.coded();
    assert!(all.len() > 20, "{}", all.len());
    let secrets = county.secrets(&[
        SealedClass::Phone,
        SealedClass::IdNumber,
        SealedClass::Address,
        SealedClass::Uscc,
        SealedClass::Text,
        SealedClass::FileName,
        SealedClass::Name,
    ]);
    assert!(secrets.len() > 100);
    let registers: Vec<String> = {
        let registry = county.app.county.registry();
        registry.organs().map(|organ| organ.name.clone()).collect()
    };
    // A village in the name of its committee is no address.
    let told = |secret: &String| registers.iter().any(|name| name.contains(secret.as_str()));
    let secrets: Vec<String> = secrets.into_iter().filter(|secret| !told(secret)).collect();
    let mut by_start: HashMap<&str, Vec<&str>> = HashMap::new();
    secrets.iter().for_each(|secret| by_start.entry(start(secret)).or_default().push(secret));
    let mut anybody = county.browser();
    for coded in &all {
        let page = anybody.get(&format!("/verify/{}", coded.code)).await;
        assert_eq!(page.status, 200, "{coded:?}: {}", page.body);
        let receipt = anybody.get(&format!("/verify/{}/receipt", coded.code)).await;
        let addressed = page.body.contains("/receipt\"");
        assert_eq!(receipt.status, if addressed { 200 } else { 404 }, "{coded:?}");
        let shown = if addressed {
            let opened = Receipt::parse(&receipt.body).unwrap().opening;
            page.body.clone() + &String::from_utf8_lossy(&opened.entry)
        } else {
            page.body.clone()
        };
        for (at, _) in shown.char_indices() {
            let rest = &shown[at..];
            let found = by_start.get(start(rest)).and_then(|secrets| secrets.iter().find(|it| rest.starts_with(**it)));
            assert_eq!(found, None, "of {coded:?}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_changed_row_shows_on_the_page() {
    let county = Served::new(Rules::none());
    let decision = county.first("penalty_decision");
    let seq = decision.seq;
    county
        .app
        .db
        .write(move |tx| {
            // Somebody with the database makes the decision a day older.
            let bytes =
                tx.query_one("SELECT bytes FROM entry WHERE seq = $1", params![seq], |row| row.blob(0))?.unwrap();
            let mut entry = zhunsheng_core::record::Entry::from_bytes(&bytes).unwrap();
            entry.recorded.0 -= 86_400_000;
            tx.execute("UPDATE entry SET bytes = $1 WHERE seq = $2", params![&entry.to_bytes(), seq])?;
            Ok::<_, zhunsheng::store::StoreFault>(())
        })
        .await
        .unwrap();
    let page = county.browser().get(&format!("/verify/{}", decision.code)).await;
    assert!(page.body.contains("记录对不上"), "{}", page.body);
    assert!(!page.body.contains("记录没有被改动"));
}

impl Served {
    /// A sealed value of a matter.
    fn sealed(&self, matter: MatterId, label: &'static str) -> Option<String> {
        let found = self.app.db.read_blocking(move |r| {
            r.query_all(
                "SELECT value FROM sealed WHERE county_code = $1 AND matter = $2 AND label = $3 ORDER BY seq DESC",
                params!["211224", &matter.to_bytes(), label],
                |row| row.opt_text(0),
            )
        });
        found.unwrap().into_iter().next().flatten()
    }

    /// The last four characters of what the first party of a matter is known by.
    fn factor(&self, matter: MatterId) -> String {
        let known = ["party.1.id_number", "party.1.uscc", "party.1.phone"];
        let number = known.into_iter().find_map(|label| self.sealed(matter, label)).unwrap();
        number.chars().skip(number.chars().count() - 4).collect()
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_addressee_sees_what_is_told_to_them_and_nothing_of_the_inside() {
    let county = Served::new(Rules::none());
    let decision = county.first("penalty_decision");
    let mut party = county.browser();
    party.get("/track").await;
    let factor = county.factor(decision.matter);
    let page = party.post("/track", &[("code", &decision.code), ("factor", &factor)]).await;
    assert_eq!(page.status, 200);
    for said in ["作出行政处罚决定", "送达", "一切以文书载明为准", "申请行政复议", &decision.number, "行政处罚决定书"]
    {
        assert!(page.body.contains(said), "{said}: {}", page.body);
    }
    let inside = ["法制审核", "集体讨论", "批准立案", "报请负责人", "案件调查终结报告", "立案审批表"];
    let text = page.text("main");
    for hidden in inside {
        assert!(!text.contains(hidden), "{hidden}: {text}");
    }
    for secret in county.secrets(&[SealedClass::Phone, SealedClass::IdNumber, SealedClass::Secret]) {
        let own = text::written_code(&secret);
        assert!(!page.body.contains(&secret) && (own.len() == 19 || !page.body.contains(&own)), "{secret}");
    }
    // What officials wrote for each other stays with them.
    let written = ["field.review_opinion", "field.opinion", "field.deliberation", "field.minutes", "field.report"];
    for label in written {
        if let Some(value) = county.sealed(decision.matter, label) {
            assert!(!page.body.contains(&value), "{label}: {value}");
        }
    }
    let looks = county.app.db.read_blocking(move |r| zhunsheng::store::looks::total(r, "211224", decision.matter));
    assert_eq!(looks.unwrap(), 1, "counted");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_factor_tells_nothing_waits_and_shuts() {
    let county = Served::new(Rules::none());
    let decision = county.first("penalty_decision");
    let factor = county.factor(decision.matter);
    let mut stranger = county.browser();
    stranger.get("/track").await;
    let mut answers = Vec::new();
    for (code, factor) in [(decision.code.as_str(), ""), (&text::verify_code(5), &*factor), ("7K2M", &*factor)] {
        let page = stranger.post("/track", &[("code", code), ("factor", factor)]).await;
        answers.push(page.text("#code-e"));
    }
    answers.dedup();
    assert_eq!(answers.len(), 1, "{answers:?}");
    let ask = |factor: String| (decision.code.clone(), factor);
    let clock = |seconds| county.app.machine.advance(jiff::SignedDuration::from_secs(seconds));
    for _ in 0..9 {
        clock(700);
        let (code, factor) = ask("####".to_owned());
        let page = stranger.post("/track", &[("code", &code), ("factor", &factor)]).await;
        assert!(page.text("#code-e").contains("没有核对上"), "{}", page.body);
    }
    clock(700);
    let page = stranger.post("/track", &[("code", &decision.code), ("factor", &factor)]).await;
    assert!(page.text("#code-e").contains("到明天才能再试"), "the right factor, too: {}", page.text("#code-e"));
    clock(24 * 60 * 60);
    let page = stranger.post("/track", &[("code", &decision.code), ("factor", &factor)]).await;
    assert!(page.body.contains("发给您的文书"), "{}", page.body);
}
