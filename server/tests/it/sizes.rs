//! Every public page of a county with all procedures and a library is small enough for a village's telephone.

use std::collections::{BTreeMap, BTreeSet};

use zhunsheng::app::library::import::{prepare, put};
use zhunsheng::app::ruling::embedded;
use zhunsheng_core::basis::chinese_number;
use zhunsheng_core::statute::Statutes;

use crate::support::SmallCounty;

/// Bytes of a page as written, before compression.
const BYTES_MAX: usize = 60_000;

/// Ways of asking one address that are followed; lists have as many pages as they have lines.
const QUERIES_MAX: usize = 4;

/// A text of as many articles as the statute has, each of them a long one.
fn text(title: &str, articles: u16) -> String {
    let words = "本条的文字只为测量页面大小而写，不是法律条文。".repeat(8);
    let articles: String = (1..=articles).map(|number| format!("第{}条 {words}\n\n", chinese_number(number))).collect();
    format!("# {title}\n\n2017年1月1日 某会议通过\n\n<!-- INFO END -->\n\n## 第一章 总　则\n\n{articles}")
}

/// A county whose library has the newest edition of every statute of which the number of articles is known.
async fn county() -> SmallCounty {
    let county = SmallCounty::new().await;
    let file = embedded().into_iter().find(|(path, _)| path == "statutes.toml").unwrap().1;
    let statutes = Statutes::parse("statutes.toml", &file).unwrap();
    for statute in statutes.iter() {
        for edition in statute.editions.iter().rev().take(2).filter(|edition| edition.articles.is_some()) {
            let text = text(&statute.title, edition.articles.unwrap().min(120));
            let name = format!("{}({}).md", statute.short, edition.adopted);
            let Ok(prepared) = prepare(&statutes, &name, text.as_bytes()) else { continue };
            county.test.app.db.write(move |tx| put(tx, "211224", &prepared)).await.unwrap();
        }
    }
    county
}

pub fn links(body: &str) -> Vec<String> {
    let html = scraper::Html::parse_document(body);
    let selector = scraper::Selector::parse("a[href]").unwrap();
    let hrefs = html.select(&selector).filter_map(|link| link.value().attr("href"));
    hrefs.map(|href| href.split('#').next().unwrap().to_owned()).collect()
}

/// Relative to the page on which it stands.
pub fn resolved(page: &str, href: &str) -> Option<String> {
    if href.is_empty() || href.contains(':') {
        return None;
    }
    if href.starts_with('/') {
        return Some(href.to_owned());
    }
    let folder = page.split('?').next().unwrap().rsplit_once('/').map_or("", |(folder, _)| folder);
    Some(format!("{folder}/{href}"))
}

#[tokio::test(flavor = "multi_thread")]
async fn no_public_page_is_too_large_for_a_telephone() {
    let county = county().await;
    let mut visitor = county.test.browser();
    let mut waiting = vec!["/".to_owned(), "/law".to_owned(), "/law/limits".to_owned(), "/guide/time".to_owned()];
    let mut asked: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    let mut large = Vec::new();
    let mut looked = 0;
    while let Some(address) = waiting.pop() {
        let path = address.split('?').next().unwrap().to_owned();
        // The articles of a statute are alike: the first of each edition stands for all.
        let kind = path.strip_prefix("/law/statutes/").map_or(path.clone(), |rest| {
            rest.split('/').take(2).collect::<Vec<_>>().join("/") + if rest.split('/').count() > 2 { "/a" } else { "" }
        });
        let ways = asked.entry(kind).or_default();
        if ways.len() >= QUERIES_MAX || !ways.insert(address.clone()) || path.starts_with("/static/") {
            continue;
        }
        let page = visitor.get(&address).await;
        assert!(page.status < 500, "{address}: {}", page.status);
        looked += 1;
        if page.body.len() > BYTES_MAX {
            large.push(format!("{} {address}", page.body.len()));
        }
        waiting.extend(links(&page.body).iter().filter_map(|href| resolved(&address, href)));
    }
    assert!(looked > 200, "only {looked} pages were found");
    assert!(large.is_empty(), "of {looked} pages:\n{}", large.join("\n"));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_first_page_brings_along_what_it_needs_and_stays_small() {
    let county = SmallCounty::new().await;
    let css = zhunsheng::web::assets::url("zhunsheng.css");
    for address in ["/", "/guide/legal_aid", "/disputes/new?town=211224100", "/legal-aid/new?town=211224100", "/track"]
    {
        let mut visitor = county.test.browser();
        let first = visitor.get(address).await;
        let linked = format!("<link rel=\"stylesheet\" href=\"{css}\">");
        assert!(
            first.body.contains("<style>:root{") && !first.body.contains(&linked),
            "{address}: one way there and back"
        );
        assert!(!first.body.contains("<script defer"), "{address}: scripts as well");
        assert!(first.body.len() <= BYTES_MAX, "{address}: {}", first.body.len());
        let policy = first.header("content-security-policy").to_owned();
        let sent = scraper::Html::parse_document(&first.body);
        for what in ["style", "script"] {
            let selector = scraper::Selector::parse(what).unwrap();
            for text in sent.select(&selector).map(|part| part.text().collect::<String>()) {
                let digest = zhunsheng_core::id::Digest::of(text.as_bytes());
                let allowed = policy.split('\'').filter_map(|part| part.strip_prefix("sha256-"));
                let known = allowed.filter_map(base64).any(|bytes| bytes == digest.0);
                assert!(known, "{address}: the browser takes this {what} by its digest");
            }
        }
        let second = visitor.get(address).await;
        assert!(second.body.contains(&linked) && !second.body.contains("<style>"), "{address}: from the browser then");
    }
}

/// The bytes of a digest as a policy writes it.
fn base64(text: &str) -> Option<Vec<u8>> {
    const LETTERS: &str = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut bits = 0_u32;
    let mut bytes = Vec::new();
    for (n, letter) in text.trim_end_matches('=').chars().enumerate() {
        bits = (bits << 6) | u32::try_from(LETTERS.find(letter)?).ok()?;
        if n % 4 > 0 {
            bytes.push(u8::try_from((bits >> (6 - 2 * (n % 4))) & 0xff).ok()?);
        }
    }
    Some(bytes)
}
