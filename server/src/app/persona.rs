//! The people of a demonstration: whom a visitor may be. A real county has none.

use zhunsheng_core::id::{MatterId, PersonId, PostId};

use super::App;
use super::fault::Fault;
use crate::store::settings;

/// The setting that holds the people: one line each, `title<TAB>person<TAB>post<TAB>what they can do`. Person and post
/// are empty for 群众.
pub const PERSONAS: &str = "demo.personas";

/// The setting that holds what may be tried: one line each, `what to do<TAB>what happens<TAB>title<TAB>post<TAB>path`.
/// Title and post are empty where nobody need sign in.
pub const TOUR: &str = "demo.tour";

/// Something that a visitor may try.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Stop {
    /// What to do.
    pub say: String,
    /// What happens.
    pub find: String,
    /// As whom: the persona's title and post.
    pub who: Option<(String, PostId)>,
    /// Where: a path of this site.
    pub path: String,
}

/// Everything that may be tried, in order.
pub async fn tour(app: &App) -> Result<Vec<Stop>, Fault> {
    let county = app.county_code.clone();
    let written = app.db.read(move |r| settings::find(r, &county, TOUR)).await?;
    let stop = |line: &str| {
        let mut parts = line.split('\t').map(str::to_owned);
        let (say, find, title, post) = (parts.next()?, parts.next()?, parts.next()?, parts.next()?);
        let who = if title.is_empty() { None } else { Some((title, MatterId::parse(&post)?)) };
        Some(Stop { say, find, who, path: parts.next()? })
    };
    Ok(written.unwrap_or_default().lines().filter_map(stop).collect())
}

/// Somebody whom a visitor may be.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Persona {
    /// 县长 邢望舒.
    pub title: String,
    /// Person and post; none for 群众, who need no account.
    pub who: Option<(PersonId, PostId)>,
    /// The organ's name.
    pub organ: String,
    /// What they can do, in a phrase.
    pub can: String,
}

/// Everybody on offer: as the scenario wrote them, else the first holder of each kind of post.
pub async fn list(app: &App) -> Result<Vec<Persona>, Fault> {
    let county = app.county_code.clone();
    let written = app.db.read(move |r| settings::find(r, &county, PERSONAS)).await?;
    Ok(match written {
        Some(text) => text.lines().filter_map(|line| read_line(app, line)).collect(),
        None => from_registry(app),
    })
}

fn read_line(app: &App, line: &str) -> Option<Persona> {
    let mut parts = line.split('\t');
    let (title, person, post) = (parts.next()?, parts.next()?, parts.next()?);
    let can = parts.next().unwrap_or_default().to_owned();
    let registry = app.county.registry();
    if person.is_empty() {
        return Some(Persona { title: title.to_owned(), who: None, organ: "不用登录".to_owned(), can });
    }
    let (person, post) = (MatterId::parse(person)?, MatterId::parse(post)?);
    let held = registry.post(post).filter(|held| held.person == person && held.held_on(app.today()))?;
    Some(Persona {
        title: title.to_owned(),
        who: Some((person, post)),
        organ: registry.organ_name(&held.organ).to_owned(),
        can,
    })
}

fn from_registry(app: &App) -> Vec<Persona> {
    let (ruling, registry, today) = (app.county.ruling(), app.county.registry(), app.today());
    let first = |kind: &zhunsheng_core::authority::PostDefinition| {
        let held = registry.posts().find(|post| post.kind == kind.kind && post.held_on(today))?;
        Some(Persona {
            title: format!("{} {}", kind.title, registry.person_name(held.person)),
            who: Some((held.person, held.id)),
            organ: registry.organ_name(&held.organ).to_owned(),
            can: String::new(),
        })
    };
    let mut personas: Vec<Persona> = ruling.law.posts.iter().filter_map(first).collect();
    personas.push(Persona {
        title: "群众".to_owned(),
        who: None,
        organ: "不用登录".to_owned(),
        can: "登记纠纷、查进度、看公示".to_owned(),
    });
    personas
}
