//! The people of a load: mediators with a token each, and officials who look at pages. Written to a file that only its owner
//! reads, because the tokens in it open the (demonstration) county.

use std::collections::BTreeSet;
use std::path::Path;

use serde::{Deserialize, Serialize};
use zhunsheng_core::authority::Registry;
use zhunsheng_core::id::OrganCode;

use crate::app::{App, api_token, session};
use crate::commands::failure::Failure;
use crate::store::{StoreFault, Tx, api_tokens};

/// Mediators in a cast at most; clients beyond share them.
const ACTORS_MAX: usize = 256;
/// A cast lives for a month.
const DAYS: i64 = 30;

/// Everybody.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Cast {
    /// Who takes steps.
    pub actors: Vec<Actor>,
    /// Who looks at pages.
    pub readers: Vec<Reader>,
    /// Codes of the towns where mediators are: there citizens find somebody who takes their form.
    #[serde(default)]
    pub towns: Vec<String>,
}

/// A mediator.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Actor {
    /// For the header.
    pub token: String,
    /// The person.
    pub person: String,
    /// The code of their committee.
    pub committee: String,
}

/// An official with a session.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Reader {
    /// The kind of post: `county_head` sees everything, `mediator` a village.
    pub post: String,
    /// The value of the session cookie.
    pub cookie: String,
}

/// Kinds of post that look at pages.
const READERS: [&str; 3] = ["county_head", "justice_station_head", "mediator"];

impl Cast {
    /// Gives tokens to mediators and sessions to officials. The county must be a demonstration that nobody serves.
    pub fn engage(app: &App) -> Result<Self, Failure> {
        if !app.is_demonstration() {
            return Err(Failure::Fault(
                "测量要登记成千上万件虚构的纠纷，只能在演示县上进行；这是真实的县，没有改动。".to_owned(),
            ));
        }
        let (registry, today) = (app.county.registry(), app.today());
        let held =
            |kind: &'static str| registry.posts().filter(move |post| post.kind.as_str() == kind && post.held_on(today));
        let (mut tokens, mut actors, mut towns) = (Vec::new(), Vec::new(), BTreeSet::new());
        for post in held("mediator").take(ACTORS_MAX) {
            let (person, post_id) = (post.person.to_string(), post.id.to_string());
            let (token, row) = api_token::new(&person, &post_id, "测量", DAYS, app.machine.seconds());
            tokens.push(row);
            towns.extend(town_of(&registry, &post.organ));
            actors.push(Actor { token, person, committee: post.organ.to_string() });
        }
        if actors.is_empty() {
            return Err(Failure::Fault("这个县没有在任的人民调解员，无从测量。".to_owned()));
        }
        let county = app.county_code.clone();
        app.db.write_blocking::<_, StoreFault, _>(move |tx: &mut Tx<'_>| {
            tokens.iter().try_for_each(|token| api_tokens::insert(tx, &county, token))
        })?;
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
        let runtime = runtime.map_err(|error| Failure::because(&error))?;
        let mut readers = Vec::new();
        for kind in READERS {
            let Some(post) = held(kind).next() else { continue };
            let (person, id) = (post.person.to_string(), post.id.to_string());
            let token = runtime.block_on(session::sign_in_persona(app, &person, Some(&id), "测量"))?;
            readers.push(Reader { post: kind.to_owned(), cookie: token.text() });
        }
        Ok(Self { actors, readers, towns: towns.into_iter().collect() })
    }

    /// Writes the cast.
    pub fn write(&self, path: &Path) -> Result<(), Failure> {
        use std::io::Write;
        use std::os::unix::fs::OpenOptionsExt;
        let text = serde_json::to_string_pretty(self).map_err(|error| Failure::because(&error))?;
        let mut options = std::fs::File::options();
        let file = options.write(true).create(true).truncate(true).mode(0o600).open(path);
        file.and_then(|mut file| file.write_all(text.as_bytes())).map_err(|error| Failure::file("写", path, &error))
    }

    /// Reads a cast.
    pub fn read(path: &Path) -> Result<Self, Failure> {
        let text = std::fs::read_to_string(path).map_err(|error| Failure::file("读取", path, &error))?;
        serde_json::from_str(&text).map_err(|error| Failure::file("读取", path, &error))
    }
}

/// The town in which an organ is.
fn town_of(registry: &Registry, organ: &OrganCode) -> Option<String> {
    let mut place = registry.place(registry.organ(organ.as_str())?.place.as_ref()?.as_str());
    while let Some(found) = place {
        if found.level == "town" {
            return Some(found.code.to_string());
        }
        place = registry.place(found.parent.as_ref()?.as_str());
    }
    None
}
