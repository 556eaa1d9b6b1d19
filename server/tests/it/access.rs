//! Who gets what at every address: the access matrix, executed on a small county and kept as docs/access.md.
//!
//! Addresses with an identifier are asked with one that nobody may know: the answer must not tell whether it exists.

use std::sync::Arc;

use axum::Router;
use zhunsheng::app::password::Passwords;
use zhunsheng::app::{App, persona, session};
use zhunsheng::web::router::{routes, site};

use crate::house;
use crate::proofs::played;
use crate::support::{Browser, Folder, copy_county, opened};

/// A citizen who came in with this number.
const PHONE: &str = "13941002386";

/// Callers: heading, and the beginning of the persona's title; none for somebody who has not signed in.
const CALLERS: [(&str, Option<&str>); 7] = [
    ("群众", None),
    ("群众（手机号）", Some(PHONE)),
    ("人民调解员", Some("村人民调解员")),
    ("执法人员", Some("农业执法人员甲")),
    ("合法性审查科员", Some("县司法局合法性审查科员")),
    ("县长", Some("县长")),
    ("系统管理员", Some("系统管理员")),
];

pub async fn caller(app: &Arc<App>, router: &Router, title: Option<&str>) -> Browser {
    let mut browser = Browser::new(router.clone());
    if title == Some(PHONE) {
        browser.get("/me/enter").await;
        browser.post("/me/code", &[("phone", PHONE)]).await;
        let (_, text) = app.gateway.as_ref().unwrap().shown().unwrap().remove(0);
        let code: String = text.split("核对码").nth(1).unwrap().chars().take(6).collect();
        browser.post("/me/enter", &[("phone", PHONE), ("code", &code)]).await;
    } else if let Some(title) = title {
        let people = persona::list(app).await.unwrap();
        let found = people.into_iter().find(|person| person.title.starts_with(title));
        let (person, post) = found.and_then(|person| person.who).unwrap_or_else(|| panic!("no persona {title}"));
        let token = session::sign_in_persona(app, &person.to_string(), Some(&post.to_string()), "test").await.unwrap();
        browser.cookies.insert("zs".to_owned(), token.text());
    }
    browser
}

/// A path with identifiers that nobody has.
fn filled(path: &str) -> String {
    let nobody = "0000000000000000000000000v";
    path.replace("/law/procedures/{id}", "/law/procedures/penalty")
        .replace("{short}", "%E8%A1%8C%E6%94%BF%E5%A4%84%E7%BD%9A%E6%B3%95")
        .replace("{adopted}", "2021-01-22")
        .replace("{article}", "64")
        .replace("{*path}", "checkpoint")
        .replace("{id}", nobody)
        .replace("{procedure}", "mediation")
        .replace("{step}", "register")
        .replace("{n}", "1")
        .replace("{seq}", "1")
        .replace("{code}", "7K2M94QX1AB0ZZZZ")
        .replace("{digest}", &"0".repeat(64))
        .replace("{name}", "nothing.css")
        .replace("{person}", nobody)
        .replace("{post}", nobody)
        .replace("{organ}", "211224")
        .replace("{unit}", "211224")
        .replace("{secret}", &"0".repeat(32))
}

#[tokio::test(flavor = "multi_thread")]
async fn the_access_matrix() {
    let folder = Folder::new();
    tokio::task::block_in_place(|| copy_county(&played().pristine(), folder.path()));
    let mut app = opened(&folder.home());
    app.passwords = Passwords::fast();
    let app = Arc::new(app);
    let router = site(Arc::clone(&app), routes());

    // One code a minute: the citizen keeps the session.
    let mut citizen = caller(&app, &router, Some(PHONE)).await;
    assert!(citizen.cookies.contains_key("zs-me"));
    let mut rows: Vec<(String, Vec<String>)> = Vec::new();
    for route in house::routes().iter().filter(|route| route.gets && !route.path.starts_with("/static/")) {
        let mut cells = Vec::new();
        for (_, title) in CALLERS {
            let page = if title == Some(PHONE) {
                citizen.get(&filled(&route.path)).await
            } else {
                caller(&app, &router, title).await.get(&filled(&route.path)).await
            };
            assert!(page.status < 500, "{} as {title:?}: {}", route.path, page.status);
            cells.push(match page.status {
                303 => format!("303 → {}", page.location().split('?').next().unwrap()),
                status => status.to_string(),
            });
        }
        rows.push((route.path.clone(), cells));
    }
    let headings: Vec<&str> = CALLERS.iter().map(|(heading, _)| *heading).collect();
    let mut text = format!(
        "# 访问矩阵 · Access matrix\n\n由测试执行并写成，请勿手改 · Executed and written by a test \
         (`server/tests/it/access.rs`): `GET` of every address by every kind of caller. Identifiers are ones that \
         nobody has; 404 is also the answer where something exists that the caller may not know of.\n\n\
         | address | {} |\n| --- |{}\n",
        headings.join(" | "),
        " --- |".repeat(headings.len())
    );
    for (path, cells) in rows {
        text.push_str(&format!("| `{path}` | {} |\n", cells.join(" | ")));
    }
    house::keep("docs/access.md", &text);
}
