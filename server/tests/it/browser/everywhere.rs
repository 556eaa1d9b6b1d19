//! Every page that can be reached by following links, for every kind of person: axe finds nothing, nothing scrolls
//! sideways on a telephone, and every page works without JavaScript.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use super::driver::{Surfer, Window, World};

/// Pages of one shape (identifiers aside) looked at, at most.
const PER_SHAPE: usize = 2;
/// Pages of one shape looked at with axe and kept as a picture, whoever looks, at most: in one window a template is the same.
const PER_TEMPLATE: usize = 3;
/// Pages for one person, at most.
const PER_PERSON: usize = 40;

/// Pages of one address that the walk does not tell apart: a question, its answer, what was typed wrongly; large pictures.
const ANSWERS: [&str; 7] = [
    "/guide/time?q=行政",
    "/guide/time?of=penalty&d.file=2024-02-08&d.serve=2024-06-03",
    "/guide/time?of=penalty&d.file=2024-02-30",
    "/guide/time?limit=reconsider_decide&from=2026-12-20&more.0=1",
    "/guide/time?limit=reconsider_decide&from=tomorrow",
    "/law/limits?unit=hour",
    "/law/procedures/penalty",
];

/// Controls that do nothing without a script: a form that cannot be sent, a button that is seen and sends nothing, a link
/// that leads nowhere.
const HELPLESS: &str = r#"
const seen = e => e.getClientRects().length > 0;
return [...document.querySelectorAll('form')]
    .filter(f => !f.getAttribute('action') || !f.querySelector('button:not([type=button]),input[type=submit]'))
  .concat([...document.querySelectorAll('button[type=button]')].filter(b => seen(b) && !b.matches('[data-print],[data-read],[data-made]')))
  .concat([...document.querySelectorAll('a')].filter(a => !a.getAttribute('href') || a.getAttribute('href') === '#'))
  .map(e => e.outerHTML.slice(0, 120));
"#;

/// `/matters/01abc…/steps/accept` → `/matters/*/steps/*`: pages of one template.
fn shape(path: &str) -> String {
    let path = path.split('?').next().unwrap();
    let is_id = |part: &str| part.len() == 26 || part.len() == 64 || part.chars().all(|c| c.is_ascii_digit());
    let parts: Vec<&str> =
        path.split('/').map(|part| if !part.is_empty() && is_id(part) { "*" } else { part }).collect();
    parts.join("/")
}

/// Links of the page to pages of this site.
async fn links(me: &Surfer) -> Vec<String> {
    let found = me
        .ask(
            "return [...document.querySelectorAll('a[href]')].filter(a => a.origin === location.origin && !a.download)
               .map(a => a.pathname + a.search)",
        )
        .await;
    serde_json::from_value(found).unwrap()
}

/// How many pages of a shape were looked at, in each window.
type Looked = BTreeMap<(Window, String), usize>;

async fn walk(me: &mut Surfer, window: Window, from: &str, looked: &mut Looked) -> usize {
    let mut seen = BTreeSet::new();
    let mut of_shape: BTreeMap<String, usize> = BTreeMap::new();
    let mut next = VecDeque::from([from.to_owned()]);
    while let Some(path) = next.pop_front() {
        let count = of_shape.entry(shape(&path)).or_default();
        let skip = path.contains("/export") || path.starts_with("/evidence/") || path.starts_with("/static/");
        if skip || *count >= PER_SHAPE || seen.len() >= PER_PERSON || !seen.insert(path.clone()) {
            continue;
        }
        let alike = looked.entry((window, shape(&path))).or_default();
        if *alike >= PER_TEMPLATE && *count > 0 {
            continue;
        }
        *count += 1;
        if *alike < PER_TEMPLATE {
            *alike += 1;
            me.visit(&path).await;
        } else {
            me.pass(&path).await;
        }
        let helpless = me.ask(HELPLESS).await;
        assert_eq!(helpless, serde_json::json!([]), "{path} needs a script");
        let text = me.text().await;
        assert!(!text.contains("没有找到这个页面") && !text.contains("出了故障"), "{path}:\n{text}");
        assert!(text.contains("演示数据"), "{path} does not say that it is a demonstration:\n{text}");
        next.extend(links(me).await);
    }
    seen.len()
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "a browser: ./check runs it"]
async fn every_page_is_accessible() {
    let Some(world) = World::start("every_page_is_accessible") else { return };
    let mut me = world.browser("walk-citizen-phone", Window::Phone, true).await;
    let mut looked = Looked::new();
    println!("群众 on a telephone: {} pages", walk(&mut me, Window::Phone, "/", &mut looked).await);
    for path in ANSWERS {
        me.visit(path).await;
        assert!(me.has("main h1").await, "{path}");
    }
    me.close().await;
    for (name, window, title) in [
        ("walk-mediator-phone", Window::Phone, "村人民调解员"),
        ("walk-officer", Window::Desktop, "农业执法人员甲"),
        ("walk-reviewer", Window::Desktop, "县司法局合法性审查科员"),
        ("walk-county-head", Window::Desktop, "县长"),
        ("walk-administrator", Window::Desktop, "系统管理员"),
    ] {
        let mut me = world.browser(name, window, true).await;
        me.become_persona(title).await;
        println!("{title}: {} pages", walk(&mut me, window, "/desk", &mut looked).await);
        me.close().await;
    }
    println!("{} pages looked at with axe", looked.values().sum::<usize>());
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "a browser: ./check runs it"]
async fn pages_work_without_script() {
    let Some(world) = World::start("pages_work_without_script") else { return };
    let mut me = world.browser("no-script", Window::Desktop, false).await;
    for path in [
        "/",
        "/about",
        "/guide",
        "/guide/time",
        "/law/limits",
        "/penalties",
        "/track",
        "/login",
        "/law",
        "/law/refusals",
    ] {
        me.visit(path).await;
        assert!(me.has("main h1").await, "{path}");
    }
    me.become_persona("村人民调解员").await;
    for path in ["/desk", "/matters", "/matters/new", "/matters/new/mediation", "/account/sessions"] {
        me.visit(path).await;
        assert!(me.has("main h1").await, "{path}");
    }
    me.close().await;
}
