//! Destruction: only as the law's procedure, nothing of it left on the disk, everything else as provable as before.

use std::path::{Path, PathBuf};

use zhunsheng::app::act::{ActError, Done};
use zhunsheng::app::audit::{self, Wish};
use zhunsheng::app::backup;
use zhunsheng::app::clock::MachineClock;
use zhunsheng::app::evidence::path_of;
use zhunsheng::app::export;
use zhunsheng::app::receipt::{Which, prove};
use zhunsheng::store::{Db, Home, Query, Reader, StoreFault};
use zhunsheng_core::id::{Digest, MatterId};
use zhunsheng_core::matter::{Actor, Command, EvidenceInput, Input, Manner, PartyInput, Target};
use zhunsheng_core::procedure::PartyKind;
use zhunsheng_core::record::receipt::Receipt;

use crate::support::{Folder, SmallCounty};

const COMMITTEE: &str = "211224100201-tw";
const COUNTY: &str = "211224";

/// The county with an archive of the committee: who lists, appraises, approves and watches.
struct Archive {
    county: SmallCounty,
    archivist: Actor,
    deputy: Actor,
    head: Actor,
}

async fn open(
    county: &SmallCounty,
    procedure: &str,
    step: &str,
    actor: &Actor,
    input: Input,
) -> Result<Done, ActError> {
    let command = Command { target: Target::Open(procedure.into()), step: step.into(), input, manner: Manner::Live };
    county.test.app.act(actor.clone(), command, None).await
}

async fn take(
    county: &SmallCounty,
    matter: MatterId,
    step: &str,
    actor: &Actor,
    input: Input,
) -> Result<Done, ActError> {
    let command = Command { target: Target::On(matter), step: step.into(), input, manner: Manner::Live };
    county.test.app.act(actor.clone(), command, None).await
}

fn why(result: Result<Done, ActError>) -> String {
    match result {
        Err(ActError::Refused(refusals)) => {
            refusals.iter().map(|refusal| refusal.code.to_string()).collect::<Vec<_>>().join(" ")
        }
        other => panic!("{other:?}"),
    }
}

impl Archive {
    async fn new() -> Self {
        let county = SmallCounty::new().await;
        let (person, post) = county.people["管理员"];
        let admin = Actor::Staff { person, post };
        let mut made = Vec::new();
        for (name, kind) in [("档案甲", "archivist"), ("副主任甲", "deputy_head"), ("主任乙", "organ_head")] {
            let input = Input::default().with("name", name).with("valid_from", "2022-01-01");
            let person = open(&county, "person", "register", &admin, input).await.unwrap().matter;
            let input = Input::default()
                .with("person", person.to_string())
                .with("organ", COMMITTEE)
                .with("post_kind", kind)
                .with("valid_from", "2022-01-01");
            let post = open(&county, "post", "register", &admin, input).await.unwrap().matter;
            made.push(Actor::Staff { person, post });
        }
        let [archivist, deputy, head] = made.try_into().unwrap();
        Self { county, archivist, deputy, head }
    }

    fn home(&self) -> Home {
        self.county.test.app.config.home()
    }

    /// Every file of the data folder, and every row of a server, that contains one of the words.
    fn holding(&self, words: &[String]) -> Vec<String> {
        let mut found = holding(&self.data(), words);
        if self.home().database.is_some() {
            found.extend(rows_holding(&self.county.test.app.db, words));
        }
        found
    }

    fn data(&self) -> PathBuf {
        self.county.test.app.config.data_dir.clone()
    }

    /// A file in the store, as an upload leaves it.
    fn kept(&self, bytes: &[u8], kind: &str, name: String) -> EvidenceInput {
        let digest = Digest::of(bytes);
        let path = path_of(&self.data(), &digest);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, bytes).unwrap();
        let (sm3, size) = (crate::audit::sm3_of(bytes), bytes.len() as u64);
        EvidenceInput { kind: kind.into(), digest, sm3, bytes: size, media: "application/pdf".into(), name }
    }

    /// A dispute full of canaries that has ended, with a file.
    async fn ended(&self, n: u32, file: &[u8]) -> MatterId {
        let (person, post) = self.county.people["调解员甲"];
        let mediator = Actor::Staff { person, post };
        let party = |role: &str, name: String| PartyInput {
            role: Some(role.into()),
            kind: Some(PartyKind::Natural),
            name,
            phone: format!("1390000{n:04}"),
            address: format!("金丝雀住址{n:04}号"),
            ..PartyInput::default()
        };
        let input = Input::default()
            .with("committee", COMMITTEE)
            .with("dispute_kind", "neighbour")
            .with("source", "proactive")
            .with("summary", format!("金丝雀经过{n:04}号。").repeat(40));
        let parties =
            vec![party("applicant", format!("金丝雀甲{n:04}")), party("respondent", format!("金丝雀乙{n:04}"))];
        let matter = open(&self.county, "mediation", "register", &mediator, Input { parties, ..input }).await.unwrap();
        let file = self.kept(file, "other", format!("金丝雀文件{n:04}.pdf"));
        let input = Input { evidence: vec![file], ..Input::default() };
        take(&self.county, matter.matter, "_attach", &mediator, input).await.unwrap();
        let input = Input::default().with("not_accepted_reason", "not_civil").with("remedies_told", "arbitration");
        take(&self.county, matter.matter, "not_accept", &mediator, input).await.unwrap();
        matter.matter
    }

    async fn list(&self, matters: &[MatterId]) -> Result<Done, ActError> {
        let lines: Vec<String> = matters.iter().map(ToString::to_string).collect();
        let input = Input::default().with("list_title", "到期调解档案").with("matters", lines.join("\n"));
        open(&self.county, "record_erasure", "list", &self.archivist, input).await
    }

    /// From the list to the approval.
    async fn approved(&self, matters: &[MatterId]) -> MatterId {
        let list = self.list(matters).await.unwrap().matter;
        let report = self.kept(b"%PDF-1.4 report", "report", String::new());
        let input =
            Input::default().with("opinion", "destroy").with("appraisers", "鉴定小组").with("report", "无保存价值。");
        let input = Input { evidence: vec![report], ..input };
        take(&self.county, list, "appraise", &self.deputy, input).await.unwrap();
        take(&self.county, list, "approve", &self.head, Input::default().with("approval", "同意。")).await.unwrap();
        list
    }

    fn witnesses(&self, one: &str, two: &str) -> Input {
        let id = |name: &str| match name {
            "主任乙" => match &self.head {
                Actor::Staff { person, .. } => person.to_string(),
                _ => unreachable!(),
            },
            name => self.county.id(name),
        };
        Input::default().with("witness_1", id(one)).with("witness_2", id(two))
    }

    async fn years_later(&self) {
        self.county.test.app.advance_demo_to(jiff::civil::date(2035, 1, 4)).await.unwrap();
    }
}

/// Every file below a folder that contains one of the words.
fn holding(folder: &Path, words: &[String]) -> Vec<String> {
    let (mut found, mut folders) = (Vec::new(), vec![folder.to_owned()]);
    while let Some(next) = folders.pop() {
        for entry in std::fs::read_dir(next).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
                continue;
            }
            let bytes = std::fs::read(&path).unwrap();
            for word in words {
                if bytes.windows(word.len()).any(|part| part == word.as_bytes()) {
                    found.push(format!("{}: {word}", path.display()));
                }
            }
        }
    }
    found
}

/// The same of a server, whose files are not ours to look into: every table, row by row, as text; bytes are shown in hex there.
fn rows_holding(db: &Db, words: &[String]) -> Vec<String> {
    let dump = |r: &Reader<'_>| {
        let tables = "SELECT tablename::text FROM pg_tables WHERE schemaname = current_schema() ORDER BY 1";
        let mut rows = Vec::new();
        for table in r.query_all(tables, &[], |row| row.text(0))? {
            let all = r.query_all(&format!("SELECT t::text FROM {table} t"), &[], |row| row.text(0))?;
            rows.extend(all.into_iter().map(|row| (table.clone(), row)));
        }
        Ok::<_, StoreFault>(rows)
    };
    let rows = db.read_blocking(dump).unwrap();
    assert!(rows.len() > 100, "the rows were read");
    let hex = |word: &String| word.bytes().map(|byte| format!("{byte:02x}")).collect::<String>();
    let held = |row: &str| words.iter().find(|word| row.contains(*word) || row.contains(&hex(word)));
    rows.iter().filter_map(|(table, row)| held(row).map(|word| format!("{table}: {word}"))).collect()
}

fn canaries(n: u32) -> Vec<String> {
    let mut words: Vec<String> =
        ["甲", "乙", "住址", "经过", "文件"].iter().map(|word| format!("金丝雀{word}{n:04}")).collect();
    words.push(format!("1390000{n:04}"));
    words
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_destroyed_is_nowhere_and_all_else_is_as_provable_as_before() {
    let archive = Archive::new().await;
    let app = &archive.county.test.app;
    crate::audit::aside(|| zhunsheng::app::checkpoint::found_log(&app.db, &archive.data(), 1).unwrap());
    let shared: &[u8] = b"%PDF-1.4 shared canary file";
    let mut matters = Vec::new();
    for n in 0..100 {
        let own = format!("%PDF-1.4 own canary {n:04}");
        matters.push(archive.ended(n, if n < 2 { shared } else { own.as_bytes() }).await);
    }
    // The first stays; the second shares its file.
    let (kept, doomed) = matters.split_first().unwrap();
    archive.years_later().await;
    let list = archive.approved(doomed).await;
    assert!(!archive.holding(&canaries(50)).is_empty(), "the canaries can be found");
    let signer = zhunsheng::app::checkpoint::read_keys(&archive.data()).unwrap();
    let receipt = || app.db.read_blocking(|r| prove(r, COUNTY, Which::NewestOf(*kept), true, signer.as_ref())).unwrap();
    let before = receipt();
    let root_of = |size: u64| app.db.read_blocking(|r| zhunsheng::app::checkpoint::roots_of(r, COUNTY, size)).unwrap();
    let size = app.db.read_blocking(|r| zhunsheng::store::record::find_head(r, COUNTY)).unwrap().unwrap().0;
    let root = root_of(size.unsigned_abs());
    let carrying = || {
        let sql = "SELECT count(*) FROM party_phone WHERE county_code = $1";
        app.db.read_blocking(|r| r.query_one(sql, zhunsheng::params![COUNTY], |row| row.int(0))).unwrap()
    };
    let numbers = carrying().unwrap();
    take(&archive.county, list, "destroy", &archive.archivist, archive.witnesses("所长甲", "队员甲")).await.unwrap();
    assert_eq!((numbers, carrying()), (200, Some(2)), "the hash of a number goes with the number");
    while !app.finish_erasure().await.unwrap_or(false) {}
    assert!(!app.finish_erasure().await.unwrap(), "nothing is left to do");

    assert_eq!(root_of(size.unsigned_abs()), root, "every leaf is as before");
    for n in [1, 2, 50, 99] {
        assert_eq!(archive.holding(&canaries(n)), [String::new(); 0]);
    }
    assert_eq!(archive.holding(&["own canary".to_owned()]), [String::new(); 0]);
    assert!(path_of(&archive.data(), &Digest::of(shared)).exists(), "another matter keeps this file");
    assert!(!archive.holding(&canaries(0)).is_empty(), "what is kept is still there");
    let after = receipt();
    let opened = |receipt: Option<Receipt>| receipt.unwrap().opening;
    assert_eq!(opened(after), opened(before), "a receipt of another matter opens as before");
    let audit = audit::audit(&archive.home(), &Wish::default()).unwrap();
    assert!(audit.findings.is_empty(), "a rebuild equals the live tables: {:?}", audit.findings);

    let away = Folder::new();
    let wish = export::Wish { folder: away.path().join("export"), from: 0, redacted: false };
    app.db.read_blocking(|r| export::write(r, &wish, signer.as_ref())).unwrap();
    export::verify(&away.path().join("export"), &Default::default()).unwrap();
    let zip = away.path().join("backup.zip");
    crate::audit::aside(|| backup::write(&archive.home(), &zip, "一句不短的口令短语", &MachineClock::System).unwrap());
    let back = away.path().join("back");
    crate::audit::aside(|| backup::restore(&zip, "一句不短的口令短语", &(&back).into()).unwrap());
    assert_eq!(holding(away.path(), &canaries(50)), [String::new(); 0]);

    let mut officer = archive.county.clerk("调解员甲").await;
    let page = officer.get(&format!("/matters/{}", doomed[0])).await;
    assert_eq!(page.status, 200);
    assert!(page.body.contains("已销毁") && !page.body.contains("金丝雀"), "{}", page.text("main"));
}

#[tokio::test]
async fn destruction_meets_its_refusals() {
    let archive = Archive::new().await;
    let matter = archive.ended(1, b"%PDF-1.4 x").await;
    assert_eq!(why(archive.list(&[matter]).await), "erase_not_expired");
    assert_eq!(why(archive.list(&[MatterId(77)]).await), "erase_unknown");
    let register = archive.county.people["主任甲"].0;
    assert!(why(archive.list(&[register]).await).starts_with("erase_"));
    archive.years_later().await;
    let list = archive.approved(&[matter]).await;
    let destroy =
        async |one, two| take(&archive.county, list, "destroy", &archive.archivist, archive.witnesses(one, two)).await;
    assert!(why(destroy("所长甲", "所长甲").await).contains("erase_witnesses"));
    assert!(why(destroy("所长甲", "主任乙").await).contains("erase_partial"), "who approved does not watch");
    let wrong = take(&archive.county, list, "destroy", &archive.head, archive.witnesses("所长甲", "队员甲")).await;
    assert!(why(wrong).contains("wrong_post"));
    destroy("所长甲", "队员甲").await.unwrap();
    while !archive.county.test.app.finish_erasure().await.unwrap_or(false) {}
}

#[tokio::test]
async fn a_request_is_refused_while_the_law_keeps_the_file_and_its_use_stops() {
    let archive = Archive::new().await;
    let matter = archive.ended(7, b"%PDF-1.4 y").await;
    let request = EvidenceInput {
        kind: "request".into(),
        digest: Digest::of(b"request"),
        sm3: crate::audit::sm3_of(b"request"),
        bytes: 7,
        media: "application/pdf".into(),
        name: String::new(),
    };
    let input = Input::default()
        .with("list_title", "个人请求一")
        .with("requested_on", "2024-10-26")
        .with("requester", "赵一")
        .with("request", "请求删除。")
        .with("matters", format!("{matter}/party.1.phone"));
    let input = Input { evidence: vec![request], ..input };
    let list = open(&archive.county, "record_erasure", "take_request", &archive.archivist, input).await.unwrap().matter;
    let opinion = || Input::default().with("opinion", "destroy").with("report", "审查。");
    let refused = take(&archive.county, list, "examine_request", &archive.deputy, opinion()).await;
    assert_eq!(why(refused), "erase_kept");
    let reply = Input::default().with("reply", "期限未届满，停止除存储之外的处理。");
    take(&archive.county, list, "restrict", &archive.head, reply).await.unwrap();
    let found = archive.county.test.app.db.read_blocking(|r| {
        r.query_one(
            "SELECT secret FROM matter WHERE county_code = $1 AND id = $2",
            zhunsheng::params![COUNTY, &matter.to_bytes()],
            |row| row.int(0),
        )
    });
    assert_eq!(found.unwrap(), Some(1), "not in search, export and API");
    let (person, post) = archive.county.people["调解员甲"];
    let mediator = Actor::Staff { person, post };
    let input = Input { reason: Some("改".into()), ..Input::default().with("summary", "改写") };
    assert_eq!(why(take(&archive.county, matter, "_correct", &mediator, input).await), "restricted");
}

#[tokio::test]
async fn a_backup_copy_is_cleaned_when_the_destruction_is_not_finished() {
    let archive = Archive::new().await;
    let matter = archive.ended(3, b"%PDF-1.4 z").await;
    crate::audit::aside(|| {
        zhunsheng::app::checkpoint::found_log(&archive.county.test.app.db, &archive.data(), 1).unwrap()
    });
    archive.years_later().await;
    let list = archive.approved(&[matter]).await;
    take(&archive.county, list, "destroy", &archive.archivist, archive.witnesses("所长甲", "队员甲")).await.unwrap();
    let away = Folder::new();
    let zip = away.path().join("backup.zip");
    crate::audit::aside(|| backup::write(&archive.home(), &zip, "一句不短的口令短语", &MachineClock::System).unwrap());
    crate::audit::aside(|| backup::restore(&zip, "一句不短的口令短语", &(&away.path().join("back")).into()).unwrap());
    assert_eq!(holding(away.path(), &canaries(3)), [String::new(); 0]);
    drop(Db::open_for_reading(&away.path().join("back")).unwrap());
}
