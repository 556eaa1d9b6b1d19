//! Papers, bound files and credit batches for programs and by command: what the post may have on the page, and no more.

use axum::body::Body;
use axum::extract::Request;
use zhunsheng::web::serve::{Patience, serve};

use crate::api::Program;
use crate::casework::{SOURCE, decided, take};
use crate::credit::made_valid;
use crate::inspections::id_of;
use crate::support::{Folder, SmallCounty};

/// What is offered to a program is what its post is offered on the page.
#[tokio::test]
async fn programs_take_papers_volumes_and_batches_as_their_post_may() {
    let county = SmallCounty::new().await;
    let case = decided(&county).await;
    let id = id_of(&case).to_string();
    let (clerk, mediator) = (Program::of(&county, "内勤甲").await, Program::of(&county, "调解员甲").await);
    let get = async |program: &Program<'_>, path: String| {
        let request = Request::get(path).header("authorization", format!("Bearer {}", program.token));
        county.test.browser().send(request.body(Body::empty()).unwrap()).await
    };
    let docx = get(&clerk, format!("/api/v1/matters/{id}/instruments/1/docx")).await;
    assert_eq!((docx.status, docx.body.starts_with("PK")), (200, true));
    for path in ["instruments/1/pdf", "volume/main", "volume/inner"] {
        let page = get(&clerk, format!("/api/v1/matters/{id}/{path}")).await;
        // Without fonts on the machine nothing can be drawn, and that is said.
        assert!(page.status == 200 && page.body.starts_with("%PDF") || page.status == 422, "{path}: {}", page.status);
        assert_eq!(get(&mediator, format!("/api/v1/matters/{id}/{path}")).await.status, 404, "{path}");
    }
    for path in ["instruments/0/pdf", "instruments/99/docx", "instruments/1/odt", "volume/whole"] {
        assert_eq!(get(&clerk, format!("/api/v1/matters/{id}/{path}")).await.status, 404, "{path}");
    }
    let nobody = Program { county: &county, token: "zhs_x".to_owned() };
    assert_eq!(get(&nobody, format!("/api/v1/matters/{id}/volume/main")).await.status, 401);
    // A work secret is not taken away.
    let secret = [&[("f.secrecy", "work_secret")], &SOURCE[1..]].concat();
    let mut officer = county.clerk("队员甲").await;
    let kept = take(&mut officer, "/matters/new/penalty?f.secrecy=work_secret", &secret).await;
    let assignee = county.id("队员甲");
    let filing = [("f.file_reason", "应当立案。"), ("assignee", assignee.as_str())];
    take(&mut county.clerk("局长甲").await, &format!("{kept}/steps/file"), &filing).await;
    let page = get(&clerk, format!("/api/v1{kept}/instruments/1/docx")).await;
    assert_eq!(page.status, 404);
    // Batches: only who reports.
    let (status, sent) = clerk.post("/api/v1/credit/batches", "", serde_json::json!({})).await;
    assert_eq!((status, sent["held_back"].as_u64()), (200, Some(1)), "{sent}");
    let reviewer = Program::of(&county, "法审甲").await;
    assert_eq!(reviewer.post("/api/v1/credit/batches", "", serde_json::json!({})).await.0, 403);
    assert_eq!(get(&clerk, "/api/v1/credit/batches/20241026-001/penalty.csv".to_owned()).await.status, 404);
    // A batch whose answer was lost is found in the list; nobody else finds it.
    let list = async |who: &Program<'_>| get(who, "/api/v1/credit/batches".to_owned()).await;
    let told = |body: &str| serde_json::from_str::<serde_json::Value>(body).unwrap()["batches"].clone();
    assert_eq!(told(&list(&clerk).await.body), serde_json::json!([]));
    let mut browser = county.clerk("内勤甲").await;
    browser.get("/credit/queue").await;
    made_valid(&county, &mut browser).await;
    assert_eq!(clerk.post("/api/v1/credit/batches", "", serde_json::json!({})).await.0, 200, "and lost");
    let batches = told(&list(&clerk).await.body);
    assert_eq!(batches, serde_json::json!([{ "batch": "20241026-001", "reports": 1 }]));
    assert_eq!((list(&reviewer).await.status, list(&nobody).await.status), (403, 401));
}

/// Runs a command with a token beside a county that is served over a socket; its exit code and what it said.
async fn run(county: &SmallCounty, name: &str, server: &str, words: &[&str], folder: &Folder) -> (i32, String) {
    let token = Program::of(county, name).await.token;
    std::fs::write(folder.path().join("token"), token).unwrap();
    let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_zhunsheng"));
    command.current_dir(folder.path()).args(words).args(["--server", server, "--token", "token"]);
    let ran = tokio::task::spawn_blocking(move || command.output().unwrap()).await.unwrap();
    let said = String::from_utf8_lossy(&ran.stdout).into_owned() + &String::from_utf8_lossy(&ran.stderr);
    (ran.status.code().unwrap(), said)
}

#[tokio::test]
async fn papers_and_batches_are_fetched_by_command() {
    let county = SmallCounty::new().await;
    let case = decided(&county).await;
    let id = id_of(&case).to_string();
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let server = format!("http://{}", listener.local_addr().unwrap());
    let (site, config) = (county.test.router.clone(), county.test.app.config.clone());
    tokio::spawn(async move {
        serve(listener, &config, site, Patience::default(), std::future::pending()).await;
    });
    let folder = Folder::new();
    let paper = ["paper", id.as_str(), "1", "--form", "docx", "--out", "文书.docx"];
    let (code, said) = run(&county, "内勤甲", &server, &paper, &folder).await;
    assert_eq!(code, 0, "{said}");
    assert!(std::fs::read(folder.path().join("文书.docx")).unwrap().starts_with(b"PK"));
    // What was filled in by hand since is not written over.
    let (code, said) = run(&county, "内勤甲", &server, &paper, &folder).await;
    assert!(code == 2 && said.contains("不覆盖"), "{code} {said}");
    let paper = ["paper", id.as_str(), "1", "--form", "docx", "--out", "另一份.docx"];
    let (code, said) = run(&county, "调解员甲", &server, &paper, &folder).await;
    assert!(code == 3 && said.contains("404"), "{code} {said}");
    for (words, expected) in [
        (&["paper", id.as_str(), "whole", "--out", "x"][..], "正卷"),
        (&["paper", id.as_str(), "1"], "--out"),
        (&["paper", id.as_str(), "main", "--form", "docx", "--out", "x"], "只有 pdf"),
        (&["credit", "batch", "a"], "取文件写明"),
    ] {
        let (code, said) = run(&county, "内勤甲", &server, words, &folder).await;
        assert!(code == 2 && said.contains(expected), "{words:?}: {code} {said}");
    }
    // The organ's code is missing still: held back, and the exit code says so.
    let (code, said) = run(&county, "内勤甲", &server, &["credit", "batch"], &folder).await;
    assert!(code == 1 && said.contains("留下的 1 条"), "{code} {said}");
    let mut clerk = county.clerk("内勤甲").await;
    clerk.get("/credit/queue").await;
    made_valid(&county, &mut clerk).await;
    let (code, said) = run(&county, "内勤甲", &server, &["credit", "batch"], &folder).await;
    assert!(code == 0 && said.contains("批次 20241026-001：报送 1 条"), "{code} {said}");
    let fetch = ["credit", "batch", "20241026-001", "penalty.csv", "--out", "批次.csv"];
    let (code, said) = run(&county, "内勤甲", &server, &fetch, &folder).await;
    assert_eq!(code, 0, "{said}");
    assert!(std::fs::read_to_string(folder.path().join("批次.csv")).unwrap().contains("昌农罚决字〔2024〕1号"));
    let fetch = ["credit", "batch", "20241026-001", "penalty.csv", "--out", "别的.csv"];
    let (code, said) = run(&county, "法审甲", &server, &fetch, &folder).await;
    assert!(code == 3 && said.contains("403"), "{code} {said}");
}
