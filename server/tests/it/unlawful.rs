//! What inspectors find wrong (`unlawful.toml`), tried one by one: by the API, by the command line and on the page it is refused before it is issued,
//! with its article and what to do next; entered as what happened elsewhere it is recorded and marked. The table for lawyers,
//! docs/unlawful.md, is written from what was answered.
// long because: stages, commands and the three ways by which each attempt is tried are one interpreter of unlawful.toml

use std::collections::BTreeMap;
use std::future::poll_fn;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::pin;
use std::task::Poll;

use serde::Deserialize;
use serde_json::{Value, json};
use zhunsheng::store::{credit, matters};
use zhunsheng::web::serve::{Patience, serve};
use zhunsheng_core::id::MatterId;
use zhunsheng_core::matter::MatterState;

use crate::api::Program;
use crate::casework::said;
use crate::house::keep;
use crate::support::{Folder, SmallCounty, form_with_files};

const PAPER: &[u8] = b"%PDF-1.4\n% what was signed\n";
const TODAY: &str = "2024-10-26";
const BUREAU: &str = "211224-nyj";

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    sets: BTreeMap<String, String>,
    stage: Vec<Stage>,
    attempt: Vec<Attempt>,
}

#[derive(Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct Stage {
    id: String,
    after: Option<String>,
    open: Option<String>,
    party: Option<String>,
    #[serde(default)]
    needs: Vec<String>,
    steps: Vec<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Attempt {
    finding: String,
    what: String,
    stage: Option<String>,
    open: Option<String>,
    party: Option<String>,
    r#try: String,
    /// The refusals, in their order.
    code: Option<String>,
    /// Not refused, but marked.
    marks: Option<String>,
    /// The refusal that the table shows, where it is not the first.
    tell: Option<String>,
    /// Tried from a signed form of this day.
    form: Option<String>,
}

/// One line: who, which step, what is typed, and the day if it is entered late.
struct Line {
    day: Option<String>,
    people: Vec<String>,
    step: String,
    fields: BTreeMap<String, Vec<String>>,
    assignee: Option<String>,
}

/// Where a step is taken.
#[derive(Clone)]
enum At {
    Open(String, Option<String>),
    Matter(MatterId),
}

struct Trial {
    county: SmallCounty,
    file: File,
    /// Stages that others name, by their id.
    made: BTreeMap<String, MatterId>,
    keys: u32,
    /// Where it is served; empty before it is.
    address: String,
    folder: Folder,
}

impl Trial {
    async fn new() -> Self {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/it/unlawful.toml");
        let file = toml::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
        let mut trial = Self {
            county: SmallCounty::new().await,
            file,
            made: BTreeMap::new(),
            keys: 0,
            address: String::new(),
            folder: Folder::new(),
        };
        let team = json!({ "code": "211224100-dui", "name": "昌图镇综合行政执法队", "short": "昌图队",
            "organ_kind": "town_enforcement_team", "parent": "211224100-zf", "place": "211224100", "valid_from": "2022-01-01" });
        trial.register("organ", team).await;
        let of_town = trial.person("镇队员", "211224100-dui", &["enforcement_officer"]).await;
        trial.certificate(&of_town, "agriculture").await;
        let foreigner = trial.person("外行队员", BUREAU, &["enforcement_officer"]).await;
        trial.certificate(&foreigner, "emergency").await;
        let both = trial.person("兼职队员", BUREAU, &["enforcement_officer", "legal_reviewer", "deputy_head"]).await;
        trial.certificate(&both, "agriculture").await;
        let reviewer = trial.person("法审乙", BUREAU, &["legal_reviewer"]).await;
        for (n, person) in [reviewer, both].iter().enumerate() {
            let listed = json!({ "person": person, "holder_organ": "211224-nyj", "number": format!("审{n}"), "ground": "qualified",
                "qualification_number": "A2020", "valid_from": "2022-01-01" });
            trial.register("legal_reviewer_register", listed).await;
        }
        trial
    }

    async fn register(&mut self, procedure: &str, fields: Value) -> String {
        let path = format!("/api/v1/matters/{procedure}");
        let (status, done) = self.send("管理员", &path, json!({ "fields": fields }), false).await;
        assert_eq!(status, 201, "{procedure}: {done}");
        done["matter"].as_str().unwrap().to_owned()
    }

    /// Somebody of an organ; who holds several posts is known by a name for each.
    async fn person(&mut self, name: &'static str, organ: &str, posts: &[&str]) -> String {
        let id = self.register("person", json!({ "name": name, "valid_from": "2022-01-01" })).await;
        for kind in posts {
            let post = json!({ "person": id, "organ": organ, "post_kind": kind, "valid_from": "2022-01-01" });
            let post = self.register("post", post).await;
            let known = match *kind {
                "deputy_head" => "兼职副局长",
                "legal_reviewer" if posts.len() > 1 => "兼职法审",
                _ => name,
            };
            let ids = (MatterId::parse(&id).unwrap(), MatterId::parse(&post).unwrap());
            self.county.people.insert(known, ids);
        }
        id
    }

    async fn certificate(&mut self, person: &str, domain: &str) {
        let fields = json!({ "person": person, "holder_organ": "211224-nyj", "number": format!("0612{person}"), "domain": domain,
            "staffing": "administrative", "issuer": "辽宁省人民政府", "valid_from": "2022-01-01", "valid_until": "2027-01-01" });
        self.register("enforcement_certificate", fields).await;
    }

    /// Sends a command; with the paper that it is entered from.
    async fn send(&mut self, name: &str, path: &str, command: Value, paper: bool) -> (u16, Value) {
        self.keys += 1;
        let key = format!("attempt-{:04}", self.keys);
        let program = Program::of(&self.county, name).await;
        if !paper {
            return program.post(path, &key, command).await;
        }
        let command = command.to_string();
        let mut request = form_with_files(path, &[("command", &command)], &[("original", "原件.pdf", PAPER)]);
        let headers = request.headers_mut();
        headers.insert("authorization", format!("Bearer {}", program.token).parse().unwrap());
        headers.insert("idempotency-key", key.parse().unwrap());
        let page = self.county.test.browser().send(request).await;
        (page.status, serde_json::from_str(&page.body).unwrap_or(Value::Null))
    }

    /// The same by the command line: refused with the same codes, exit code 1.
    async fn by_command(&mut self, name: &str, path: &str, command: &Value, paper: bool, code: &str) {
        let server = self.server().await;
        let token = Program::of(&self.county, name).await.token;
        let folder = self.folder.path().to_owned();
        let words = words_of(path, command);
        let ran = tokio::task::spawn_blocking(move || {
            std::fs::write(folder.join("token"), token + "\n").unwrap();
            std::fs::write(folder.join("原件.pdf"), PAPER).unwrap();
            let mut run = std::process::Command::new(env!("CARGO_BIN_EXE_zhunsheng"));
            run.current_dir(&folder).args(["act", "--server", &server, "--token", "token", "--json"]).args(words);
            if paper {
                run.args(["--file", "original=原件.pdf"]);
            }
            run.output().unwrap()
        });
        let ran = ran.await.unwrap();
        let said = String::from_utf8_lossy(&ran.stdout).into_owned() + &String::from_utf8_lossy(&ran.stderr);
        assert_eq!(ran.status.code(), Some(1), "by command: {path} {command}: {said}");
        let answer: Value = serde_json::from_slice(&ran.stdout).unwrap();
        let codes: Vec<&str> =
            answer["refusals"].as_array().unwrap().iter().map(|refusal| refusal["code"].as_str().unwrap()).collect();
        assert_eq!(codes.join(" "), code, "by command: {path}");
    }

    /// Where the county is served over a real socket.
    async fn server(&mut self) -> String {
        if self.address.is_empty() {
            let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
            self.address = format!("http://{}", listener.local_addr().unwrap());
            let (site, config) = (self.county.test.router.clone(), self.county.test.app.config.clone());
            tokio::spawn(async move {
                serve(listener, &config, site, Patience::default(), std::future::pending()).await;
            });
        }
        self.address.clone()
    }

    /// Words, with their sets opened and people put in their place.
    fn words(&self, text: &str) -> BTreeMap<String, String> {
        let mut words = BTreeMap::new();
        for word in text.split_whitespace() {
            if let Some(set) = word.strip_prefix('$') {
                words.extend(self.words(&self.file.sets[set]));
            } else {
                let (field, value) = word.split_once('=').unwrap_or_else(|| panic!("{word}: field=value"));
                let value = match (value.strip_prefix("@@"), value.strip_prefix('@')) {
                    (Some(stage), _) => self.made[stage].to_string(),
                    (None, Some(name)) => self.county.id(name),
                    (None, None) => value.to_owned(),
                };
                words.insert(field.to_owned(), value);
            }
        }
        words.retain(|_, value| !value.is_empty());
        words
    }

    fn line(&self, text: &str) -> Line {
        let (day, text) = match text.split_once(' ') {
            Some((day, rest)) if zhunsheng_core::day::Day::parse(day).is_some() => (Some(day.to_owned()), rest),
            _ => (None, text),
        };
        let mut parts = text.splitn(3, ' ');
        let people = parts.next().unwrap().split('+').map(str::to_owned).collect();
        let step = parts.next().unwrap().to_owned();
        let mut words = self.words(parts.next().unwrap_or_default());
        let assignee = words.remove("assignee");
        let several = |value: String| value.split('|').map(str::to_owned).collect();
        let fields = words.into_iter().map(|(field, value)| (field, several(value))).collect();
        Line { day, people, step, fields, assignee }
    }

    fn officers(&self, line: &Line) -> Vec<String> {
        line.people.iter().skip(1).map(|name| self.county.id(name)).collect()
    }

    /// A line as a command of the API.
    fn command(&self, at: &At, line: &Line, manner: Option<Value>) -> (String, Value) {
        let mut command = json!({ "fields": line.fields, "officers": self.officers(line), "assignee": line.assignee, "reason": null });
        if let Some(manner) = manner {
            command["manner"] = manner;
            command["reason"] = json!("检查时发现");
        }
        let path = match at {
            At::Matter(id) => format!("/api/v1/matters/{id}/steps/{}", line.step),
            At::Open(procedure, party) => {
                command["step"] = json!(line.step);
                let parties = parties_of(procedure, party.as_deref());
                if !parties.is_empty() {
                    command["parties"] = Value::Array(parties);
                }
                format!("/api/v1/matters/{procedure}")
            }
        };
        (path, command)
    }

    /// As what happened elsewhere on a day.
    fn late(&self, line: &Line, day: &str) -> Value {
        json!({ "kind": "late", "person": self.county.id(&line.people[0]), "day": day })
    }

    /// Takes a step of a stage, which must succeed and, late or not, be lawful.
    async fn take(&mut self, stage: &str, at: &At, text: &str) -> MatterId {
        let line = self.line(text);
        let manner = line.day.as_ref().map(|day| self.late(&line, day));
        let (path, command) = self.command(at, &line, manner);
        let (status, done) = self.send(&line.people[0], &path, command, line.day.is_some()).await;
        assert!([200, 201].contains(&status), "{stage}: {text}: {status} {done}");
        assert_eq!(done["noted"], json!([]), "{stage}: {text}");
        MatterId::parse(done["matter"].as_str().unwrap()).unwrap()
    }

    async fn state(&self, id: MatterId) -> MatterState {
        let code = self.county.test.app.county_code.clone();
        self.county.test.app.db.read(move |r| matters::find_state(r, &code, id)).await.unwrap().unwrap()
    }

    /// Goes through the stages up to one.
    async fn come_to(&mut self, stage: &str) -> At {
        let mut way = Vec::new();
        let mut next = Some(stage.to_owned());
        while let Some(id) = next.take() {
            let found = self.file.stage.iter().find(|known| known.id == id);
            let found = found.unwrap_or_else(|| panic!("no stage {id}")).clone();
            next.clone_from(&found.after);
            way.push(found);
        }
        let first = way.last().unwrap();
        let mut at = At::Open(first.open.clone().unwrap(), first.party.clone());
        for stage in way.iter().rev() {
            let asked = stage.steps.iter().flat_map(|step| step.split("=@@").skip(1));
            let asked: Vec<String> = asked.map(|rest| rest.split(' ').next().unwrap().to_owned()).collect();
            for needed in stage.needs.iter().chain(&asked) {
                Box::pin(self.once(needed)).await;
            }
            for step in &stage.steps {
                at = match (step.strip_prefix("-> "), &at) {
                    (Some(role), At::Matter(id)) => At::Matter(self.follow(*id, role).await),
                    _ => At::Matter(self.take(&stage.id, &at, step).await),
                };
            }
        }
        at
    }

    async fn once(&mut self, stage: &str) {
        if !self.made.contains_key(stage) {
            let At::Matter(id) = self.come_to(stage).await else { panic!("{stage} opens nothing") };
            self.made.insert(stage.to_owned(), id);
        }
    }

    /// The matter linked in a role; the parent; the report of a decision.
    async fn follow(&self, id: MatterId, role: &str) -> MatterId {
        let state = self.state(id).await;
        if role == "parent" {
            return state.parent.unwrap();
        }
        if let Some(link) = state.links.iter().rev().find(|link| link.role.as_str() == role) {
            return link.matter;
        }
        let code = self.county.test.app.county_code.clone();
        let found = self.county.test.app.db.read(move |r| credit::reports(r, &code, credit::By::Decision(id), None));
        found.await.unwrap().first().unwrap().id
    }

    /// What the page says to the same attempt.
    async fn on_the_page(&self, at: &At, line: &Line) -> String {
        let mut browser = self.county.clerk(&line.people[0]).await;
        let path = match at {
            At::Matter(id) => format!("/matters/{id}/steps/{}", line.step),
            At::Open(procedure, _) => format!("/matters/new/{procedure}?step={}&f.secrecy=none", line.step),
        };
        let mut fields: Vec<(String, String)> = Vec::new();
        for (field, values) in &line.fields {
            fields.extend(values.iter().map(|value| (format!("f.{field}"), value.clone())));
        }
        fields.extend(self.officers(line).into_iter().map(|id| ("officer".to_owned(), id)));
        fields.extend(line.assignee.clone().map(|id| ("assignee".to_owned(), id)));
        if let At::Open(procedure, party) = at {
            for (n, party) in parties_of(procedure, party.as_deref()).iter().enumerate() {
                let typed = party.as_object().unwrap().iter();
                fields
                    .extend(typed.map(|(key, value)| (format!("party.{n}.{key}"), value.as_str().unwrap().to_owned())));
            }
        }
        browser.get(&path).await;
        let fields: Vec<(&str, &str)> = fields.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        let page = browser.post(&path, &fields).await;
        assert_ne!(page.status, 303, "{path} went through on the page");
        // What cannot be done at all has no form: the page says why instead.
        if page.status == 422 { said(&page.body) } else { page.text("main") }
    }
}

/// A command of the API as words behind `zhunsheng act`.
fn words_of(path: &str, command: &Value) -> Vec<String> {
    let path = path.strip_prefix("/api/v1/matters/").unwrap();
    let (target, step) = path.split_once("/steps/").unwrap_or((path, ""));
    let mut words = vec![target.to_owned()];
    words.extend(
        [step, command["step"].as_str().unwrap_or_default()]
            .iter()
            .filter(|step| !step.is_empty())
            .map(|step| (*step).to_owned()),
    );
    for (field, values) in command["fields"].as_object().unwrap() {
        words.extend(values.as_array().unwrap().iter().map(|value| format!("{field}={}", value.as_str().unwrap())));
    }
    let mut option = |name: &str, value: String| words.extend([format!("--{name}"), value]);
    for officer in command["officers"].as_array().unwrap() {
        option("officer", officer.as_str().unwrap().to_owned());
    }
    for party in command["parties"].as_array().into_iter().flatten() {
        option("party", party.to_string());
    }
    for name in ["assignee", "reason"] {
        if let Some(value) = command[name].as_str() {
            option(name, value.to_owned());
        }
    }
    if command["manner"].is_object() {
        option("manner", command["manner"].to_string());
    }
    words
}

/// The parties that a matter begins with.
fn parties_of(procedure: &str, kind: Option<&str>) -> Vec<Value> {
    match (procedure, kind) {
        ("inspection", Some("legal")) => {
            vec![json!({ "role": "object", "kind": "legal", "name": "昌图镇某农资公司", "address": "昌图镇东街" })]
        }
        ("inspection", _) => {
            vec![json!({ "role": "object", "kind": "natural", "name": "邹某", "address": "昌图镇东街" })]
        }
        ("penalty" | "penalty_on_the_spot", Some("natural")) => {
            vec![json!({ "role": "respondent", "kind": "natural", "name": "邹某", "address": "昌图镇东街" })]
        }
        ("penalty" | "penalty_on_the_spot", _) => vec![
            json!({ "role": "respondent", "kind": "sole_trader", "name": "昌图镇某农资商店", "representative": "邹某", "address": "昌图镇东街" }),
        ],
        ("mediation", _) => vec![
            json!({ "role": "applicant", "kind": "natural", "name": "邹某", "phone": "13900001234" }),
            json!({ "role": "respondent", "kind": "natural", "name": "齐某" }),
        ],
        _ => Vec::new(),
    }
}

/// A line of the table.
struct Told {
    codes: String,
    sentence: String,
    basis: String,
    next: String,
    late: String,
}

impl Trial {
    async fn attempt(&mut self, n: usize) -> Told {
        let attempt = &self.file.attempt[n];
        let (what, text) = (attempt.what.clone(), attempt.r#try.clone());
        let (code, marks, form) = (attempt.code.clone(), attempt.marks.clone(), attempt.form.clone());
        let tell = attempt.tell.clone();
        let at = match (&attempt.stage, &attempt.open) {
            (Some(stage), None) => {
                let stage = stage.clone();
                self.come_to(&stage).await
            }
            (None, Some(procedure)) => At::Open(procedure.clone(), attempt.party.clone()),
            _ => panic!("{what}: either a stage or something to open"),
        };
        let line = self.line(&text);
        let Some(code) = code else {
            let (path, command) = self.command(&at, &line, None);
            let (status, done) = self.send(&line.people[0], &path, command, false).await;
            assert_eq!(status, 200, "{what}: is marked, not blocked: {done}");
            return self.marked(&at, &done, &what, &marks.unwrap()).await;
        };
        let signed = form
            .as_ref()
            .map(|day| json!({ "kind": "signed_form", "person": self.county.id(&line.people[0]), "day": day }));
        let by_form = signed.is_some();
        let (path, command) = self.command(&at, &line, signed);
        let (status, refused) = self.send(&line.people[0], &path, command.clone(), by_form).await;
        assert_eq!(status, 422, "{what}: is refused before it is issued: {refused}");
        let refusals = refused["refusals"].as_array().unwrap();
        let codes: Vec<&str> = refusals.iter().map(|refusal| refusal["code"].as_str().unwrap()).collect();
        assert_eq!(codes.join(" "), code, "{what}");
        for refusal in refusals {
            let next = refusal["next"].as_str().unwrap_or_default();
            assert!(!next.is_empty(), "{what}: says what to do next");
        }
        let shown = |refusal: &&Value| tell.as_deref().is_none_or(|tell| refusal["code"] == tell);
        let first = refusals.iter().find(shown).unwrap();
        self.by_command(&line.people[0], &path, &command, by_form, &code).await;
        if !by_form {
            let page = self.on_the_page(&at, &line).await;
            let sentence = first["sentence"].as_str().unwrap();
            assert!(page.contains(sentence), "{what}: the page says “{page}” and not “{sentence}”");
        }
        // The same, as what happened elsewhere: recorded, and every defect marked with its article.
        let day = form.unwrap_or_else(|| TODAY.to_owned());
        let manner = self.late(&line, &day);
        let (path, command) = self.command(&at, &line, Some(manner));
        let (status, done) = self.send(&line.people[0], &path, command, true).await;
        assert!([200, 201].contains(&status), "{what}: is recorded: {status} {done}");
        let id = MatterId::parse(done["matter"].as_str().unwrap()).unwrap();
        let flags = self.state(id).await.flags;
        // That a reason is wanted is no defect: here one was given.
        let defects: Vec<&&str> = codes.iter().filter(|code| **code != "reason_missing").collect();
        for code in &defects {
            assert!(flags.iter().any(|flag| flag.code.as_str() == **code), "{what}: {code} is marked: {flags:?}");
        }
        Told {
            codes: defects.iter().map(|code| **code).collect::<Vec<_>>().join(" "),
            sentence: first["sentence"].as_str().unwrap().to_owned(),
            basis: first["basis"].as_str().unwrap_or_default().to_owned(),
            next: first["next"].as_str().unwrap().to_owned(),
            late: "照录，标明".to_owned(),
        }
    }

    async fn marked(&self, at: &At, done: &Value, what: &str, code: &str) -> Told {
        let At::Matter(id) = at else { panic!("{what}") };
        let state = self.state(*id).await;
        let flag = state.flags.iter().find(|flag| flag.code.as_str() == code);
        let flag = flag.unwrap_or_else(|| panic!("{what}: {code} is marked: {done} {:?}", state.flags));
        let law = self.county.test.app.county.ruling();
        let said = law.law.refusals.refuse(code, flag.basis.clone(), &[]);
        Told {
            codes: code.to_owned(),
            sentence: "不阻止，办理时随即标明超期。".to_owned(),
            basis: flag.basis.as_ref().map(ToString::to_string).unwrap_or_default(),
            next: said.next,
            late: "照录，标明".to_owned(),
        }
    }
}

/// A trial that goes wrong is told, and the next one follows.
async fn caught<T>(trial: impl Future<Output = T>) -> Option<T> {
    let mut trial = pin!(trial);
    let polled = poll_fn(|cx| match catch_unwind(AssertUnwindSafe(|| trial.as_mut().poll(cx))) {
        Ok(poll) => poll.map(Some),
        Err(_) => Poll::Ready(None),
    });
    polled.await
}

/// Each attempt in turn; at the end the table.
#[tokio::test]
async fn what_inspectors_find_wrong_is_refused_before_it_is_issued_and_marked_when_recorded() {
    let mut trial = Trial::new().await;
    let mut text = String::from(
        "# 违法情形逐项试验 · Unlawful attempts\n\n由测试写成，请勿手改 · Written by a test (`server/tests/it/unlawful.rs`) from what the \
         server answered.\n\n每一项都试过：通过接口、命令行和页面办理，一律在作出之前拒绝，说明依据和下一步（依据是“内控”的，写明理由才能继续）；已经在系统外发生的，补录时照录，并在事项上\
         标明。\n\n| 序号 | 检查发现 | 试图 | 代码 | 系统怎么说 | 依据 | 下一步 | 补录 |\n| --- | --- | --- | --- | --- | --- | --- | --- |\n",
    );
    let mut wrong = Vec::new();
    for n in 0..trial.file.attempt.len() {
        let told = caught(trial.attempt(n)).await;
        let attempt = &trial.file.attempt[n];
        let Some(told) = told else {
            wrong.push(attempt.what.clone());
            continue;
        };
        let codes = told.codes.split(' ').map(|code| format!("`{code}`")).collect::<Vec<_>>().join(" ");
        text.push_str(&format!(
            "| {} | {} | {} | {codes} | {} | {} | {} | {} |\n",
            n + 1,
            attempt.finding,
            attempt.what,
            told.sentence,
            told.basis,
            told.next,
            told.late
        ));
    }
    assert!(wrong.is_empty(), "{} went wrong, see above: {wrong:?}", wrong.len());
    assert!(trial.file.attempt.len() >= 40);
    keep("docs/unlawful.md", &text);
}

/// Nobody types the number of what is issued here, so none is left out; one that was given on paper is recorded as it stands there.
#[tokio::test]
async fn a_number_that_skips_or_doubles_cannot_be_issued_and_is_marked_when_recorded() {
    let mut trial = Trial::new().await;
    let typed = trial.line("局长甲 decide_penalty $decision number=昌农罚决字〔2024〕7号");
    let at = trial.come_to("submitted").await;
    let (path, command) = trial.command(&at, &typed, None);
    let (status, refused) = trial.send("局长甲", &path, command, false).await;
    assert_eq!((status, refused["refusals"][0]["code"].as_str()), (422, Some("field_unknown")), "{refused}");
    let line = trial.line("局长甲 decide_penalty $decision");
    let mut recorded = Vec::new();
    for (number, code) in [("7号", Some("number_skipped")), ("1号", None)] {
        let at = trial.come_to("submitted").await;
        let mut manner = trial.late(&line, TODAY);
        manner["number"] = json!(format!("昌农罚决字〔2024〕{number}"));
        let (path, command) = trial.command(&at, &line, Some(manner));
        let (status, done) = trial.send("局长甲", &path, command, true).await;
        assert_eq!(status, 200, "{number}: {done}");
        let state = trial.state(MatterId::parse(done["matter"].as_str().unwrap()).unwrap()).await;
        let marks: Vec<&str> = state.flags.iter().map(|flag| flag.code.as_str()).collect();
        assert_eq!(marks, code.into_iter().collect::<Vec<_>>(), "{number}");
        recorded.push(state.instruments.last().unwrap().number.clone().unwrap().text);
    }
    assert_eq!(recorded, ["昌农罚决字〔2024〕7号", "昌农罚决字〔2024〕1号"], "as it stands on the paper");
    // The series goes on by itself; a number that it has given is not given again unseen.
    trial.come_to("decided").await;
    let at = trial.come_to("submitted").await;
    let mut manner = trial.late(&line, TODAY);
    manner["number"] = json!("昌农罚决字〔2024〕1号");
    let (path, command) = trial.command(&at, &line, Some(manner));
    let (status, done) = trial.send("局长甲", &path, command, true).await;
    assert_eq!(status, 200, "{done}");
    let state = trial.state(MatterId::parse(done["matter"].as_str().unwrap()).unwrap()).await;
    assert!(state.flags.iter().any(|flag| flag.code.as_str() == "number_taken"), "{:?}", state.flags);
}
