//! 外发消息: what leaves the house, for the administrator: what failed first, with its reason and a button. Never what a matter holds.

use std::sync::Arc;

use askama::Template;
use axum::extract::State;
use axum::response::{IntoResponse, Redirect, Response};

use crate::app::App;
use crate::app::clock::minute;
use crate::app::notice::Channel;
use crate::app::notice::deliver::{SentLine, TRIES_MAX};
use crate::app::secret::{hex, unhex};
use crate::web::frame::{StaffFrame, count_text};
use crate::web::{Administrator, Form, Layout, PageError, render};

/// A message.
struct Line {
    id: String,
    channel: &'static str,
    kind: &'static str,
    person: String,
    made: String,
    /// When it is tried next, or when it ended.
    when: String,
    tries: i64,
    problem: String,
}

/// Messages in one state.
struct Group {
    id: &'static str,
    title: &'static str,
    note: String,
    when: &'static str,
    count: String,
    more: bool,
    lines: Vec<Line>,
    failed: bool,
}

#[derive(Template)]
#[template(path = "notices/console.html")]
struct ConsolePage {
    layout: Layout,
    staff: StaffFrame,
    groups: Vec<Group>,
    /// Each way, and whether the county has it.
    ways: Vec<(&'static str, bool)>,
    /// In a demonstration, short messages that were not sent: telephone masked, and text.
    shown: Option<Vec<(String, String)>>,
}

fn line(line: SentLine) -> Line {
    Line {
        id: hex(&line.row.id),
        channel: Channel::parse(&line.row.channel).map_or("", Channel::chinese),
        kind: line.kind,
        person: line.person,
        made: minute(line.row.made / 1_000),
        when: minute(line.row.next / 1_000),
        tries: line.row.tries,
        problem: line.row.problem,
    }
}

/// `GET /admin/notices`.
pub(in crate::web) async fn show_console(
    State(app): State<Arc<App>>,
    Administrator(official): Administrator,
) -> Result<Response, PageError> {
    let mut console = app.show_outgoing().await?;
    let given_up = format!("试了{TRIES_MAX}次，或者对方明确不收。查明原因以后点“重发”。");
    let mut group = |id: &'static str, title: &'static str, note: &str, when: &'static str| {
        let lines: Vec<Line> = console.lines.remove(id).unwrap_or_default().into_iter().map(line).collect();
        let count = console.counts.get(id).copied().unwrap_or(0);
        Group {
            id,
            title,
            note: note.to_owned(),
            when,
            count: count_text(count),
            more: i64::try_from(lines.len()).is_ok_and(|shown| count > shown),
            lines,
            failed: id == "dead",
        }
    };
    let groups = vec![
        group("dead", "没有送到", &given_up, "放弃时间"),
        group("due", "等待发送", "没有成功的隔半分钟再试，越隔越长，最长一小时。", "下次发送"),
        group("sent", "已经送出", "", "送出时间"),
        group(
            "dropped",
            "不再发送",
            "发送以前再核对一次：本人不要了、离任了、看不到这件事项了、事情已经办了、消息过了七天，就不发。",
            "取消时间",
        ),
    ];
    render(&ConsolePage {
        ways: Channel::ALL.map(|channel| (channel.chinese(), app.has_channel(channel))).into(),
        layout: Layout::new(&app, &official.visitor, "外发消息"),
        staff: StaffFrame::load(&app, &official, "/admin/notices").await?,
        shown: app.gateway.as_ref().and_then(|gateway| gateway.shown()),
        groups,
    })
}

/// `POST /admin/notices/again`: one message that failed for good, or all of them.
pub(in crate::web) async fn send_again(
    State(app): State<Arc<App>>,
    Administrator(_): Administrator,
    form: Form,
) -> Result<Response, PageError> {
    let id = match form.fields.text("message") {
        "all" => None,
        id => Some(unhex(id).ok_or(PageError::NotFound)?),
    };
    if app.send_again(id).await? == 0 && id.is_some() {
        return Err(PageError::NotFound);
    }
    Ok(Redirect::to("/admin/notices").into_response())
}
