//! 通知设置: which kinds by which way, and addresses for calendars. Everybody's own.

use std::sync::Arc;

use askama::Template;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Redirect, Response};

use crate::app::App;
use crate::app::agenda::FEEDS_MAX;
use crate::app::clock::minute;
use crate::app::code::Said;
use crate::app::notice::choice::{Typed, Wrong, masked};
use crate::app::notice::{Channel, Kind};
use crate::app::secret::{hex, unhex};
use crate::web::frame::StaffFrame;
use crate::web::{Form, Layout, Official, PageError, Query, address, render};

/// A kind that can be chosen.
struct KindChoice {
    code: &'static str,
    title: &'static str,
    on: bool,
}

/// A way out of the house.
struct Way {
    code: &'static str,
    title: &'static str,
    /// Whether the county has it.
    usable: bool,
    /// What is asked for; empty if nothing is.
    asks: &'static str,
    input: &'static str,
    autocomplete: &'static str,
    /// The address as it stands, masked.
    known: String,
    /// What was typed and could not be kept.
    typed: String,
    note: &'static str,
    kinds: Vec<KindChoice>,
    error: Option<&'static str>,
    /// Whether the address waits for the code that is sent there.
    waits: bool,
    /// What came of a code.
    said: Option<String>,
}

/// An address of a calendar.
struct FeedLine {
    id: String,
    made: String,
}

#[derive(Template)]
#[template(path = "notices/settings.html")]
struct SettingsPage {
    layout: Layout,
    staff: StaffFrame,
    ways: Vec<Way>,
    wrong: bool,
    saved: bool,
    feeds: Vec<FeedLine>,
    may_make: bool,
    /// The address just made: shown once.
    made: Option<String>,
}

/// What stands on the page beside what is stored.
#[derive(Default)]
struct Telling {
    typed: Vec<Typed>,
    wrong: Vec<Wrong>,
    saved: bool,
    made: Option<String>,
    said: Option<(Channel, String)>,
}

/// `GET /account/notices`.
pub(in crate::web) async fn show_settings(
    State(app): State<Arc<App>>,
    official: Official,
    query: Query,
) -> Result<Response, PageError> {
    let telling = Telling { saved: query.text("saved") == "1", ..Telling::default() };
    page(&app, &official, telling).await
}

async fn page(app: &App, official: &Official, telling: Telling) -> Result<Response, PageError> {
    let person = official.post.person;
    let stored = app.notice_ways(person).await?;
    let on_console = app.gateway.as_ref().is_some_and(|gateway| gateway.shown().is_some());
    let way = |channel: Channel| {
        let kept = stored.iter().find(|way| way.channel == channel.code());
        let typed = telling.typed.iter().find(|typed| typed.channel == channel);
        let on = |kind: Kind| match typed {
            Some(typed) => typed.kinds.contains(&kind),
            None => kept.is_some_and(|way| way.kinds.iter().any(|code| code == kind.code())),
        };
        let kinds = Kind::ALL.map(|kind| KindChoice { code: kind.code(), title: kind.chinese(), on: on(kind) });
        let (asks, input, autocomplete, note) = match channel {
            Channel::Sms if on_console => {
                ("手机号", "tel", "tel", "演示环境不真的发短信，内容显示在系统管理员的“外发消息”页。")
            }
            Channel::Sms => ("手机号", "tel", "tel", ""),
            Channel::Mail => ("邮件地址", "email", "email", ""),
            Channel::Webhook => ("", "", "", "发到本县的办公系统，按您的账号名找到您。"),
        };
        Way {
            code: channel.code(),
            title: channel.chinese(),
            usable: app.has_channel(channel),
            asks,
            input,
            autocomplete,
            known: kept.map(|way| masked(channel, &way.address)).unwrap_or_default(),
            typed: typed.map(|typed| typed.address.clone()).unwrap_or_default(),
            note,
            kinds: kinds.into(),
            waits: kept.is_some_and(|way| !way.confirmed),
            said: telling.said.as_ref().filter(|(of, _)| *of == channel).map(|(_, sentence)| sentence.clone()),
            error: telling.wrong.iter().find(|(of, _)| *of == channel).map(|(_, sentence)| *sentence),
        }
    };
    let feeds = app.list_feeds(person).await?;
    render(&SettingsPage {
        layout: Layout::new(app, &official.visitor, "通知设置"),
        staff: StaffFrame::load(app, official, "/account/notices").await?,
        ways: Channel::ALL.map(way).into(),
        wrong: !telling.wrong.is_empty(),
        saved: telling.saved,
        may_make: feeds.len() < FEEDS_MAX,
        feeds: feeds
            .into_iter()
            .map(|feed| FeedLine { id: hex(&feed.token_hash), made: minute(feed.made / 1_000) })
            .collect(),
        made: telling.made,
    })
}

/// `POST /account/notices`.
pub(in crate::web) async fn submit_settings(
    State(app): State<Arc<App>>,
    official: Official,
    form: Form,
) -> Result<Response, PageError> {
    let typed = Channel::ALL.map(|channel| Typed {
        channel,
        address: form.fields.text(&format!("{}.address", channel.code())).chars().take(200).collect(),
        kinds: form.fields.all(&format!("{}.kind", channel.code())).filter_map(Kind::parse).collect(),
    });
    match app.choose_notice_ways(official.post.person, typed.to_vec()).await? {
        Ok(()) => Ok(Redirect::to("/account/notices?saved=1").into_response()),
        Err(wrong) => {
            let page = page(&app, &official, Telling { typed: typed.into(), wrong, ..Telling::default() }).await?;
            Ok((StatusCode::UNPROCESSABLE_ENTITY, page).into_response())
        }
    }
}

/// `POST /account/notices/code`: sends a code to an address, or judges the one that was typed.
pub(in crate::web) async fn submit_code(
    State(app): State<Arc<App>>,
    official: Official,
    form: Form,
) -> Result<Response, PageError> {
    let channel = Channel::parse(form.fields.text("channel")).ok_or(PageError::NotFound)?;
    let person = official.post.person;
    if !app.notice_ways(person).await?.iter().any(|way| way.channel == channel.code() && !way.confirmed) {
        return Ok(Redirect::to("/account/notices").into_response());
    }
    let (status, said) = if form.fields.text("do") == "send" {
        match app.send_way_code(person, channel).await? {
            Ok(()) => (StatusCode::OK, "核对码已发出，请把收到的6位数字填在下面。".to_owned()),
            Err(sentence) => (StatusCode::UNPROCESSABLE_ENTITY, sentence),
        }
    } else {
        match app.confirm_way(person, channel, form.fields.text("code").to_owned()).await? {
            Said::Right => return Ok(Redirect::to("/account/notices?saved=1").into_response()),
            said => (StatusCode::UNPROCESSABLE_ENTITY, said.sentence().to_owned()),
        }
    };
    let page = page(&app, &official, Telling { said: Some((channel, said)), ..Telling::default() }).await?;
    Ok((status, page).into_response())
}

/// `POST /account/notices/calendar`: an address for a calendar, shown this once.
pub(in crate::web) async fn make_calendar(
    State(app): State<Arc<App>>,
    official: Official,
    headers: HeaderMap,
) -> Result<Response, PageError> {
    let Some(secret) = app.make_feed(official.post.person).await? else {
        return Ok(Redirect::to("/account/notices").into_response());
    };
    let made = Some(format!("{}/calendar/{secret}.ics", address::own(&headers, &app.config)));
    page(&app, &official, Telling { made, ..Telling::default() }).await
}

/// `POST /account/notices/calendar/close`.
pub(in crate::web) async fn close_calendar(
    State(app): State<Arc<App>>,
    official: Official,
    form: Form,
) -> Result<Response, PageError> {
    let hash = unhex(form.fields.text("calendar")).ok_or(PageError::NotFound)?;
    if !app.close_feed(official.post.person, hash).await? {
        return Err(PageError::NotFound);
    }
    Ok(Redirect::to("/account/notices").into_response())
}
