//! What stands around a staff page: who acts in which post, where they can go, what waits for them.
//!
//! Beside [`super::Layout`], which every page has. Template: `layout/staff.html`.

use zhunsheng_core::authority::{PostDefinition, Scope};
use zhunsheng_core::id::PostKind;

use super::error::PageError;
use super::official::Official;
use super::pages::{dispatch, figures, inspections, joint, reviews, training, yearly};
use crate::app::App;
use crate::app::commenting::{self, study};
use crate::app::credit;
use crate::app::deposit::standing::concerns;
use crate::app::sheet::IMPORT;
use crate::store::matters::{self, Work};
use crate::store::notices;

/// Counted to this; more reads `1000+`.
pub const COUNT_MAX: i64 = 1_000;

/// Notices that were not seen are counted to this; more reads `99+`. Every page counts them, and how many more there are helps nobody.
const NOTICES_MAX: i64 = 99;

/// One way to go.
#[derive(Clone, Debug)]
pub struct Way {
    /// Where.
    pub href: &'static str,
    /// Its name.
    pub title: &'static str,
    /// How many wait there; empty for none.
    pub count: String,
    /// Whether some of them are late.
    pub late: bool,
    /// Whether the page is there.
    pub current: bool,
}

/// Ways under a heading.
#[derive(Clone, Debug)]
pub struct Ways {
    /// The heading; empty for the first.
    pub title: &'static str,
    /// The ways.
    pub ways: Vec<Way>,
}

/// The frame of a staff page.
#[derive(Clone, Debug)]
pub struct StaffFrame {
    /// Who.
    pub person: String,
    /// In which post.
    pub post: String,
    /// Of which organ.
    pub organ: String,
    /// Whether they hold other posts to change to.
    pub others: bool,
    /// Whether they may search matters.
    pub searches: bool,
    /// What stands in the search box.
    pub words: String,
    /// Where they can go.
    pub sides: Vec<Ways>,
    /// Open work and how much of it is late.
    pub todo: (i64, i64),
}

impl StaffFrame {
    /// The frame for an official; `current` is the first part of the page's path, e.g. `/matters`.
    pub async fn load(app: &App, official: &Official, current: &str) -> Result<Self, PageError> {
        let (registry, ruling) = (app.county.registry(), app.county.ruling());
        let post = &official.post;
        let definition = ruling.law.posts.get(post.kind.as_str());
        let administers = definition.is_some_and(|post| post.administers);
        let (todo, told) =
            if administers { ((0, 0), app.count_failed().await?) } else { waiting(app, official).await? };
        let deposits = match definition.filter(|post| concerns(post)) {
            Some(_) => Some(app.deposits().await?.alarm.is_some()),
            None => None,
        };
        Ok(Self {
            person: registry.person_name(post.person).to_owned(),
            post: ruling.law.posts.title(&post.kind).to_owned(),
            organ: registry.organ_name(&post.organ).to_owned(),
            others: registry.posts_of(post.person, app.today()).count() > 1,
            searches: !administers,
            words: String::new(),
            sides: sides(definition, (todo, told), current, (figures::title(app), beside(&post.kind)), deposits),
            todo,
        })
    }
}

/// Open work and how much of it is late; what was told and not seen.
async fn waiting(app: &App, official: &Official) -> Result<((i64, i64), i64), PageError> {
    let (county, post, today) = (app.county_code.clone(), official.post.clone(), app.today().number());
    let (sight, ruling) = (official.sight.clone(), app.county.ruling());
    let counted = app.db.read(move |r| {
        let work = Work { organ: post.organ.as_str(), post_kind: post.kind.as_str(), person: post.person };
        let (todo, late) = matters::count_todo(r, &county, (&work, commenting::COMMENT), today, COUNT_MAX + 1)?;
        // Comments on one draft wait as one.
        let drafts = study::waiting(r, &county, &ruling.law, (&work, &sight))?.len();
        let todo = (todo + i64::try_from(drafts).unwrap_or(0), late);
        Ok::<_, PageError>((todo, notices::count_unseen(r, &county, post.id, &sight, NOTICES_MAX + 1)?))
    });
    counted.await
}

/// 1000+ beyond what is counted.
#[must_use]
pub fn count_text(count: i64) -> String {
    if count > COUNT_MAX { format!("{COUNT_MAX}+") } else { count.to_string() }
}

/// Nothing for none.
fn some(count: i64) -> String {
    if count > 0 { count_text(count) } else { String::new() }
}

/// Pages of a field of work that stand beside that of some posts.
fn beside(post: &PostKind) -> Vec<(&'static str, &'static str)> {
    let ways = [
        (joint::shows(post), "/joint", "联动解纷"),
        (inspections::shows(post), "/inspections", "行政检查"),
        (credit::shows(post), "/credit", "信用报送"),
        (reviews::shows(post.as_str()), "/reviews", "案卷评查"),
        (dispatch::shows(post.as_str()), "/supervision", "执法监督通报"),
        (yearly::shows(post.as_str()), "/enforcement/yearly", "执法统计年报"),
        (training::shows(post.as_str()), "/training", "执法培训"),
    ];
    ways.into_iter().filter(|(shows, ..)| *shows).map(|(_, href, title)| (href, title)).collect()
}

/// Whether a post has a register or procedure that it may fill by tables: who begins none has no imports to see.
fn imports(post: &PostDefinition) -> bool {
    post.sees.iter().any(|sight| matches!(&sight.scope, Scope::One(id) if id.as_str() == IMPORT))
}

/// `deposits`: whether they are this post's business, and then whether they need attention. `told`: notices that were not seen; to who
/// administers, messages that failed.
fn sides(
    post: Option<&PostDefinition>,
    ((todo, late), told): ((i64, i64), i64),
    current: &str,
    (figures, beside): (&'static str, Vec<(&'static str, &'static str)>),
    deposits: Option<bool>,
) -> Vec<Ways> {
    let way = |href: &'static str, title: &'static str| Way {
        href,
        title,
        count: String::new(),
        late: false,
        current: href == current,
    };
    let deposit = deposits.map(|alarmed| Way {
        count: if alarmed { "1".to_owned() } else { String::new() },
        late: alarmed,
        ..way("/deposits", "存证")
    });
    if post.is_some_and(|post| post.administers) {
        let mut ways = vec![
            way("/admin", "人员和岗位"),
            way("/admin/people/new", "新增人员"),
            way("/admin/calendar", "放假安排"),
            way("/registers", "名册"),
            way("/sheets", "表格导入"),
            way("/admin/quarantine", "隔离的文件"),
            Way { count: some(told), late: told > 0, ..way("/admin/notices", "外发消息") },
            way("/admin/log", "对外公布"),
        ];
        ways.extend(deposit);
        return vec![
            Ways { title: "", ways },
            Ways {
                title: "本人",
                ways: vec![way("/account/sessions", "登录会话"), way("/account/password", "修改口令")],
            },
        ];
    }
    let desk = Way { count: some(todo), late: late > 0, ..way("/desk", "待办") };
    let mut work = vec![desk];
    if late > 0 {
        work.push(Way { count: some(late), late: true, ..way("/desk/late", "逾期") });
    }
    let told = if told > NOTICES_MAX { format!("{NOTICES_MAX}+") } else { some(told) };
    work.push(Way { count: told, ..way("/notices", "消息") });
    work.extend([way("/desk/done", "已办"), way("/matters", "事项"), way("/matters/new", "登记新事项")]);
    if post.is_some_and(imports) {
        work.push(way("/sheets", "表格导入"));
    }
    work.extend(beside.into_iter().map(|(href, title)| way(href, title)));
    let mut ground = vec![way("/registers", "名册"), way("/law", "法规和程序")];
    if post.is_some_and(|post| post.sees_figures) {
        ground.push(way("/figures", figures));
    }
    ground.extend(deposit);
    vec![
        Ways { title: "", ways: work },
        Ways { title: "依据和数据", ways: ground },
        Ways {
            title: "本人",
            ways: vec![
                way("/account/notices", "通知设置"),
                way("/account/sessions", "登录会话"),
                way("/account/password", "修改口令"),
            ],
        },
    ]
}
