//! What takes long to work out: shown as last worked out, with how far it is behind, and worked out anew meanwhile.

use std::sync::Arc;
use std::time::Duration;

use zhunsheng::web::router::{routes, site};

use crate::access::caller;
use crate::proofs::played;
use crate::public::{DISPUTE, TOWN};
use crate::support::{Browser, Folder, copy_county, opened};

const BEHIND: &str = "这些数是上次算好的，此后县里又记录了 1 项";

async fn register(citizen: &mut Browser, key: u8) {
    citizen.get(&format!("/disputes/new?town={TOWN}")).await;
    let key = format!("0123456789abcdef0123456789abcd{key:02x}");
    let said = DISPUTE.map(|(name, value)| (name, if name == "key" { key.as_str() } else { value }));
    let receipt = citizen.post("/disputes/new", &said).await;
    assert_eq!(receipt.status, 200, "{}", receipt.body);
}

/// Asks until what was worked out behind the reader's back is there.
async fn renewed(head: &mut Browser, path: &str) {
    for _ in 0..600 {
        if !head.get(path).await.body.contains(BEHIND) {
            return;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("{path} stays behind");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_that_takes_long_stands_and_is_worked_out_anew() {
    let folder = Folder::new();
    tokio::task::block_in_place(|| copy_county(&played().pristine(), folder.path()));
    let mut app = opened(&folder.home());
    app.patience = Duration::ZERO;
    let app = Arc::new(app);
    let router = site(Arc::clone(&app), routes());
    let mut citizen = caller(&app, &router, None).await;
    let mut head = caller(&app, &router, Some("县长")).await;

    for (key, path) in (0..).zip(["/figures", "/joint", "/mediation/statistics?from=2024-01-01&to=2024-10-26"]) {
        let first = head.get(path).await;
        assert_eq!(first.status, 200, "{path}");
        assert!(!first.body.contains("此后县里又记录了"), "{path}: worked out for who came first");
        register(&mut citizen, key).await;
        assert!(head.get(path).await.body.contains(BEHIND), "{path}: stands, and says how far it is behind");
        renewed(&mut head, path).await;
    }

    // Who asks for it waits for it.
    register(&mut citizen, 9).await;
    assert!(!head.get("/figures?as_of=2024-10-26&now=1").await.body.contains("此后县里又记录了"));
    register(&mut citizen, 10).await;
    let book = head.get("/mediation/statistics.xlsx?from=2024-01-01&to=2024-10-26").await;
    assert_eq!(book.status, 200);
    let sheet = head.get("/mediation/statistics?from=2024-01-01&to=2024-10-26").await;
    assert!(!sheet.body.contains("此后县里又记录了"), "what is taken home is of today's record");
}
