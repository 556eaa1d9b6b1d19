//! Files: kept under two digests, listed with them, put into quarantine where they are of no kind that is taken, sent by programs.

use axum::body::Body;
use axum::http::header::{AUTHORIZATION, CONTENT_TYPE, HeaderValue};
use sm3::Digest as _;
use zhunsheng::app::evidence::path_of;
use zhunsheng::app::quarantine;
use zhunsheng::params;
use zhunsheng::store::Query;
use zhunsheng_core::id::Digest;

use crate::support::{Browser, Page, SmallCounty, form_with_files};

const PDF: &[u8] = b"%PDF-1.7\n% a photograph of the wall\n";
const PROGRAM: &[u8] = b"MZ\x90\x00 not a document";

/// A dispute registered by its mediator, as the address of its matter.
async fn registered(me: &mut Browser) -> String {
    me.get("/matters/new/mediation").await;
    let page = me
        .post(
            "/matters/new/mediation",
            &[
                ("f.committee", "211224100201-tw"),
                ("f.dispute_kind", "neighbour"),
                ("f.summary", "西院垒墙挡水，雨水倒灌。"),
                ("f.source", "party_application"),
                ("party.0.role", "applicant"),
                ("party.0.kind", "natural"),
                ("party.0.name", "佟守田"),
                ("party.0.phone", "13941002386"),
                ("party.1.role", "respondent"),
                ("party.1.kind", "natural"),
                ("party.1.name", "栾西院"),
            ],
        )
        .await;
    assert_eq!(page.status, 303, "{}", page.body);
    page.location().split('?').next().unwrap().to_owned()
}

async fn attached(me: &mut Browser, matter: &str, name: &str, bytes: &[u8]) -> Page {
    let path = format!("{matter}/steps/_attach");
    me.get(&path).await;
    me.post_files(&path, &[], &[("evidence.other", name, bytes)]).await
}

fn sm3(bytes: &[u8]) -> String {
    Digest(sm3::Sm3::digest(bytes).into()).to_string()
}

#[tokio::test]
async fn a_file_is_listed_with_both_digests_and_served_as_an_attachment() {
    let county = SmallCounty::new().await;
    let mut me = county.clerk("调解员甲").await;
    let matter = registered(&mut me).await;
    let page = attached(&mut me, &matter, "院墙.pdf", PDF).await;
    assert_eq!(page.status, 303, "{}", page.body);
    let list = me.get(&format!("{matter}/files")).await;
    let digest = Digest::of(PDF);
    for said in [digest.to_string().as_str(), &sm3(PDF), "院墙.pdf", "PDF，36 字节", "调解员甲", "执法人员（签名）"]
    {
        assert!(list.body.contains(said), "{said}: {}", list.body);
    }
    let book = me.get(&format!("{matter}/files/export")).await;
    assert_eq!((book.status, book.header("x-content-type-options")), (200, "nosniff"));
    assert!(book.header("content-disposition").starts_with("attachment"));
    let served = me.get(&format!("/evidence/{digest}")).await;
    assert_eq!(served.body.as_bytes(), PDF);
    assert!(served.header("content-disposition").starts_with("attachment"));
    assert_eq!(served.header("content-security-policy"), "default-src 'none'; sandbox");
    let other = county.clerk("队员甲").await.get(&format!("{matter}/files")).await;
    assert_eq!(other.status, 404, "who does not see the matter does not see its list");
}

#[tokio::test]
async fn a_long_file_comes_whole_and_one_that_was_changed_on_the_disk_does_not_come() {
    let county = SmallCounty::new().await;
    let mut me = county.clerk("调解员甲").await;
    let matter = registered(&mut me).await;
    let long = [PDF, vec![b'x'; 600_000].as_slice()].concat();
    for (name, bytes) in [("院墙.pdf", PDF), ("长.pdf", long.as_slice())] {
        let page = attached(&mut me, &matter, name, bytes).await;
        assert_eq!(page.status, 303, "{}", page.body);
    }
    let served = me.get(&format!("/evidence/{}", Digest::of(&long))).await;
    assert_eq!(served.header("content-length"), long.len().to_string());
    assert!(served.bytes == long, "{} bytes", served.bytes.len());
    let path = path_of(&county.test.app.config.data_dir, &Digest::of(PDF));
    std::fs::remove_file(&path).unwrap();
    std::fs::write(&path, b"%PDF-1.4\n% something else\n").unwrap();
    let served = me.get(&format!("/evidence/{}", Digest::of(PDF))).await;
    assert_eq!(served.status, 500);
    assert!(!served.body.contains("something else"));
}

#[tokio::test]
async fn what_is_no_document_goes_to_quarantine_until_an_administrator_settles_it() {
    let county = SmallCounty::new().await;
    let mut me = county.clerk("调解员甲").await;
    let matter = registered(&mut me).await;
    let page = attached(&mut me, &matter, "王某病历.exe", PROGRAM).await;
    assert_eq!(page.status, 422, "the step was not taken");
    let digest = Digest::of(PROGRAM);
    let short: String = digest.to_string().chars().take(8).collect();
    assert!(page.body.contains("已经隔离保存") && page.body.contains(&short), "{}", page.body);
    let data = county.test.app.config.data_dir.clone();
    assert!(quarantine::path_of(&data, &digest).exists() && !path_of(&data, &digest).exists());
    assert_eq!(me.get(&format!("/evidence/{digest}")).await.status, 404, "never served");
    assert_eq!(me.get("/admin/quarantine").await.status, 403);

    let mut administrator = county.clerk("管理员").await;
    let list = administrator.get("/admin/quarantine").await;
    assert!(
        list.body.contains(&short) && list.body.contains("调解员甲") && list.body.contains(".exe"),
        "{}",
        list.body
    );
    assert!(!list.body.contains("王某"), "a file's name may say what a case is about");
    let settle = format!("/admin/quarantine/{digest}");
    let without = administrator.post(&settle, &[("settle", "release"), ("reason", "")]).await;
    assert_eq!(without.status, 422);
    let released =
        administrator.post(&settle, &[("settle", "release"), ("reason", "执法记录仪原始格式，已查毒")]).await;
    assert_eq!(released.status, 303);
    assert_eq!(administrator.post(&settle, &[("settle", "discard"), ("reason", "再来一次")]).await.status, 404);
    let steps = county.test.app.db.read_blocking(|r| {
        r.query_all("SELECT step FROM step WHERE step LIKE '\\_quarantine%' ESCAPE '\\'", params![], |row| row.text(0))
    });
    assert_eq!(steps.unwrap(), ["_quarantine_release"], "an act of the record");

    let page = attached(&mut me, &matter, "原始数据.exe", PROGRAM).await;
    assert_eq!(page.status, 303, "{}", page.body);
    let served = me.get(&format!("/evidence/{digest}")).await;
    assert_eq!(served.header("content-type"), "application/octet-stream");
    assert!(served.header("content-disposition").starts_with("attachment"));
}

#[tokio::test]
async fn a_discarded_file_is_gone_and_may_be_held_again() {
    let county = SmallCounty::new().await;
    let mut me = county.clerk("调解员甲").await;
    let matter = registered(&mut me).await;
    attached(&mut me, &matter, "a.exe", PROGRAM).await;
    let (digest, data) = (Digest::of(PROGRAM), county.test.app.config.data_dir.clone());
    let mut administrator = county.clerk("管理员").await;
    administrator.get("/admin/quarantine").await;
    let settle = format!("/admin/quarantine/{digest}");
    let done = administrator.post(&settle, &[("settle", "discard"), ("reason", "病毒文件，查杀后销毁")]).await;
    assert_eq!(done.status, 303);
    assert!(!quarantine::path_of(&data, &digest).exists());
    attached(&mut me, &matter, "a.exe", PROGRAM).await;
    assert!(quarantine::path_of(&data, &digest).exists());
    assert!(administrator.get("/admin/quarantine").await.body.contains("待处理"));
}

#[tokio::test]
async fn a_program_sends_files_with_a_step() {
    let county = SmallCounty::new().await;
    let mut me = county.clerk("调解员甲").await;
    let matter = registered(&mut me).await;
    let id = matter.rsplit('/').next().unwrap().to_owned();
    let (person, post) = county.people["调解员甲"];
    let token = county.test.token(&person.to_string(), &post.to_string(), 30).await;
    let mut program = county.test.browser();
    let path = format!("/api/v1/matters/{id}/steps/_attach");
    let call = |files: &[(&str, &str, &[u8])], key: &str| {
        let mut request = form_with_files(&path, &[("command", "{\"reason\":\"对接系统补充\"}")], files);
        request.headers_mut().insert(AUTHORIZATION, HeaderValue::from_str(&format!("Bearer {token}")).unwrap());
        request.headers_mut().insert("idempotency-key", HeaderValue::from_str(key).unwrap());
        request
    };
    let done = program.send(call(&[("other", "院墙.pdf", PDF)], "0123456789")).await;
    assert_eq!(done.status, 200, "{}", done.body);
    assert!(me.get(&format!("{matter}/files")).await.body.contains(&sm3(PDF)));
    let again = program.send(call(&[("other", "院墙.pdf", PDF)], "0123456789")).await;
    assert_eq!((again.status, &again.body), (200, &done.body), "the same key and the same file: done once");
    let other = program.send(call(&[("other", "院墙.pdf", b"%PDF-1.7 another")], "0123456789")).await;
    assert_eq!(other.status, 409, "{}", other.body);
    let refused = program.send(call(&[("other", "a.exe", PROGRAM)], "abcdefghij")).await;
    assert_eq!(refused.status, 422, "{}", refused.body);
    assert!(refused.body.contains("已经隔离保存"));
    let mut anonymous = call(&[("other", "院墙.pdf", PDF)], "0123456789");
    anonymous.headers_mut().insert(AUTHORIZATION, HeaderValue::from_static("Bearer none"));
    assert_eq!(program.send(anonymous).await.status, 401);
    let request = axum::extract::Request::post(&path)
        .header(AUTHORIZATION, format!("Bearer {token}"))
        .header("idempotency-key", "klmnopqrst")
        .header(CONTENT_TYPE, "application/x-www-form-urlencoded")
        .body(Body::from("a=b"));
    assert_eq!(program.send(request.unwrap()).await.status, 415);
}
