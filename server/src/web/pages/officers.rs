//! 执法人员公示: who may enforce for an organ today, with the number and the fields of the certificate (国办发〔2018〕118号).
//!
//! From the registers of the day, so that whoever left, or whose certificate ended or was suspended, is gone the same day. Nothing but
//! name, organ, post, number and fields is shown.

use std::collections::BTreeMap;
use std::sync::Arc;

use askama::Template;
use axum::extract::State;
use axum::response::Response;
use zhunsheng_core::authority::{Credential, Post, Registry};
use zhunsheng_core::day::Day;
use zhunsheng_core::id::{OrganCode, ProcedureId};
use zhunsheng_core::law::Law;

use crate::app::App;
use crate::app::inspect::draw::INSPECTOR;
use crate::web::{Layout, PageError, Query, Visitor, render};

/// The register of certificates.
const CERTIFICATES: &str = "enforcement_certificate";

struct OrganLine {
    code: String,
    name: String,
    count: usize,
}

struct OfficerLine {
    name: String,
    post: String,
    number: String,
    domains: String,
    until: String,
}

#[derive(Template)]
#[template(path = "citizen/officers.html")]
struct OfficersPage {
    layout: Layout,
    /// Empty: the list of organs.
    organ: String,
    organs: Vec<OrganLine>,
    officers: Vec<OfficerLine>,
    today: String,
}

/// `GET /officers?organ=…`: the organs, or the people of one.
pub(in crate::web) async fn list_officers(
    State(app): State<Arc<App>>,
    visitor: Visitor,
    query: Query,
) -> Result<Response, PageError> {
    let (ruling, registry, today) = (app.county.ruling(), app.county.registry(), app.today());
    let of_organ = serving(&registry, today);
    let code = query.text("organ");
    let known = of_organ.get(code).filter(|_| !code.is_empty());
    if known.is_none() && !code.is_empty() {
        return Err(PageError::NotFound);
    }
    let organ = |code: &&str| registry.organ(code).map(|organ| organ.name.clone()).unwrap_or_default();
    let mut officers: Vec<OfficerLine> =
        known.into_iter().flatten().map(|(post, credential)| line(&ruling.law, &registry, post, credential)).collect();
    officers.sort_by(|a, b| a.number.cmp(&b.number));
    render(&OfficersPage {
        layout: Layout::new(&app, &visitor, "行政执法人员公示"),
        organ: known.map(|_| organ(&code)).unwrap_or_default(),
        organs: of_organ
            .iter()
            .map(|(code, people)| OrganLine { code: (*code).to_owned(), name: organ(code), count: people.len() })
            .collect(),
        officers,
        today: today.chinese(),
    })
}

/// Everybody in a post that enforces today whose certificate serves today and names this organ, or the one it is a team of; once for
/// each organ. Who went elsewhere enforces there only with a certificate of theirs.
fn serving(registry: &Registry, today: Day) -> BTreeMap<&str, Vec<(&Post, &Credential)>> {
    let register = ProcedureId::from(CERTIFICATES);
    let mut of_organ: BTreeMap<&str, Vec<(&Post, &Credential)>> = BTreeMap::new();
    for post in registry.posts().filter(|post| post.kind.as_str() == INSPECTOR && post.held_on(today)) {
        let names_it = |named: &OrganCode| registry.is_below(&post.organ, named);
        let mut held = registry.credentials_of(post.person).iter().filter(|known| known.register == register);
        let serves = |known: &&Credential| known.in_force(today).is_ok() && known.organ.as_ref().is_some_and(names_it);
        let Some(credential) = held.find(serves) else { continue };
        let people = of_organ.entry(post.organ.as_str()).or_default();
        if !people.iter().any(|(known, _)| known.person == post.person) {
            people.push((post, credential));
        }
    }
    of_organ
}

fn line(law: &Law, registry: &Registry, post: &Post, credential: &Credential) -> OfficerLine {
    let list = law.newest(CERTIFICATES).and_then(|register| register.lists.get("domain"));
    let title = |code: &String| list.and_then(|list| list.title(code)).unwrap_or(code).to_owned();
    OfficerLine {
        name: registry.person_name(post.person).to_owned(),
        post: law.posts.title(&post.kind).to_owned(),
        number: credential.number.clone(),
        domains: credential.domains.iter().map(title).collect::<Vec<_>>().join("、"),
        until: credential.last_day.map(|day| day.chinese()).unwrap_or_default(),
    }
}
