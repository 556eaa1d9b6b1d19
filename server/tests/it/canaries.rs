//! Nothing of a thousand people and more reaches the public: every number of identity, telephone number and address that the played county
//! has under seal is looked for on every public page, in what the search box answers, in the public log and in what programs are told.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use zhunsheng::app::App;
use zhunsheng::params;
use zhunsheng::store::Query;
use zhunsheng::web::router::{routes, site};
use zhunsheng_core::matter::SealedClass;

use crate::proofs::played;
use crate::sizes::{links, resolved};
use crate::support::{Browser, Folder, copy_county, home, opened};

/// Ways of asking one address that are followed.
const QUERIES_MAX: usize = 6;

/// What nobody outside may read, each once.
fn canaries(app: &App) -> Vec<String> {
    let classes = [SealedClass::Phone, SealedClass::IdNumber, SealedClass::Address];
    let read = |r: &zhunsheng::store::Reader<'_>| {
        let mut all: BTreeSet<String> = BTreeSet::new();
        for class in classes {
            let values = r.query_all(
                "SELECT value FROM sealed WHERE county_code = $1 AND class = $2 AND value IS NOT NULL",
                params!["211224", class as i64],
                |row| row.text(0),
            )?;
            all.extend(values.into_iter().filter(|value| value.chars().count() >= 7));
        }
        Ok::<_, zhunsheng::store::StoreFault>(all.into_iter().collect())
    };
    app.db.read_blocking(read).unwrap()
}

/// Which of them a text has.
fn found<'c>(text: &str, canaries: &'c [String]) -> Vec<&'c String> {
    canaries.iter().filter(|canary| text.contains(canary.as_str())).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn no_public_page_search_or_answer_holds_what_is_sealed() {
    let folder = Folder::new();
    let data = folder.path().join("county");
    let played = tokio::task::spawn_blocking(played).await.unwrap();
    copy_county(&played.data(), &data);
    let place = home(&data);
    let app = Arc::new(opened(&place));
    let canaries = canaries(&app);
    assert!(canaries.len() >= 1_000, "only {} are planted", canaries.len());
    let mut visitor = Browser::new(site(Arc::clone(&app), routes()));
    let begin = [
        "/",
        "/law",
        "/law/limits",
        "/penalties",
        "/popular",
        "/villages",
        "/powers",
        "/record",
        "/verify",
        "/api/v1/openapi.json",
    ];
    let mut waiting: Vec<String> = begin.map(str::to_owned).to_vec();
    // The box is asked for the secrets themselves, and for words of which answers are full.
    waiting.extend(canaries.iter().step_by(canaries.len() / 40).map(|canary| format!("/find?q={canary}")));
    waiting
        .extend(["工钱", "邻居占地", "离婚", "赡养", "欠条", "电话", "身份证"].map(|words| format!("/find?q={words}")));
    waiting.extend(["/api/v1/figures", "/matters", "/matters/export", "/desk"].map(str::to_owned));
    let mut asked: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    let (mut looked, mut leaked) = (0, Vec::new());
    while let Some(address) = waiting.pop() {
        let path = address.split('?').next().unwrap().to_owned();
        let most = if path == "/find" { 60 } else { QUERIES_MAX };
        let ways = asked.entry(path.clone()).or_default();
        if ways.len() >= most || !ways.insert(address.clone()) || path.starts_with("/static/") || looked > 700 {
            continue;
        }
        let page = visitor.get(&address).await;
        looked += 1;
        // What somebody typed stands in the box again; it came from them.
        let typed = address.split_once("q=").map(|(_, typed)| typed.to_owned()).unwrap_or_default();
        let headers = format!("{:?}", page.headers);
        for canary in found(&page.body, &canaries).into_iter().chain(found(&headers, &canaries)) {
            if *canary != typed {
                leaked.push(format!("{address}: {}…", canary.chars().take(4).collect::<String>()));
            }
        }
        if !typed.is_empty() && canaries.contains(&typed) {
            assert!(
                !page.body.contains("/answers/"),
                "{}… leads to an answer",
                typed.chars().take(4).collect::<String>()
            );
        }
        waiting.extend(links(&page.body).iter().filter_map(|href| resolved(&address, href)));
    }
    assert!(looked > 200, "only {looked} pages were found");
    assert!(leaked.is_empty(), "of {looked} pages:\n{}", leaked.join("\n"));
}

#[test]
fn the_search_would_find_one() {
    let planted = ["13800000001".to_owned(), "211224199001011231".to_owned()];
    assert_eq!(found("请打电话13800000001联系", &planted), [&planted[0]]);
    assert!(found("请打电话138****0001联系", &planted).is_empty());
}
