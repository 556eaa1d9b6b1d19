//! Every kind of finding is documented; small definitions that show one and narrowly do not.

use std::path::Path;

use zhunsheng_core::check::Code;
use zhunsheng_core::law;

/// `docs/findings.md` lists every code; it is written anew when it differs.
#[test]
fn every_finding_is_documented() {
    let lines: String = Code::ALL
        .iter()
        .map(|code| format!("| `{code}` | {} | {} |\n", code.severity().chinese(), code.meaning()))
        .collect();
    let text = format!(
        "# 检查发现 · Findings\n\n由测试写成（`core/tests/it/findings.rs`）。`zhunsheng law check` 逐条写明文件、行、列、理由和改法。\n错误：定义不能使用；警告：多半是写错；提示：值得知道；县情：由县里办理，从不拦下。\n\n| 代码 | 轻重 | 含义 |\n| --- | --- | --- |\n{lines}"
    );
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/findings.md");
    if std::fs::read_to_string(&path).ok().as_deref() != Some(text.as_str()) {
        std::fs::write(&path, &text).unwrap();
        panic!("docs/findings.md was written anew; look at the difference and commit it");
    }
}

const SMALL: &str = r#"
id = "small"
title = "小程序"
part = "service"
statute = "某法"
in_force_from = "2020-01-01"
held_by = "own"
[list]
way = [["a", "甲"], ["b", "乙"]]
[[field]]
id = "way"
title = "方式"
kind = "code"
list = "way"
[[track]]
id = "main"
title = "办理"
initial = "begun"
state = [
  { id = "begun", title = "开始" },
  { id = "middle", title = "中间" },
  { id = "done", title = "办结", end = true },
]
[[track]]
id = "side"
title = "旁线"
initial = "none"
state = [
  { id = "none", title = "无", end = true },
  { id = "one", title = "一", end = true },
  { id = "two", title = "二", end = true },
]
[[step]]
id = "open"
title = "登记"
kind = "filing"
to = "begun"
by = ["drafter"]
authority = "制度:甲"
fill = ["way"]
also = ["side.one if way = a", "side.two if way = b"]
[[step]]
id = "go"
title = "办理"
kind = "internal"
from = ["begun"]
to = "middle"
by = ["drafter"]
authority = "制度:甲"
[[step]]
id = "again"
title = "再办"
kind = "internal"
from = ["middle"]
to = "begun"
by = ["drafter"]
authority = "制度:甲"
[[step]]
id = "end"
title = "办结"
kind = "closing"
from = ["middle"]
to = "done"
by = ["head"]
authority = "制度:甲"
outcome = "done"
guard = [{ that = "done go", basis = "制度:甲", refuse = "no" }]
[[clock]]
id = "limit"
title = "办理期限"
basis = "制度:甲"
limit = "3 work_day"
starts = ["open"]
stops = ["end"]
configurable = "由县设定"
[[invariant]]
id = "gone_first"
basis = "制度:甲"
only = "end if go"
[[invariant]]
id = "two_people"
basis = "制度:甲"
by = "end only head"
"#;

/// The codes of errors and warnings of the small definition with one text replaced.
fn codes(from: &str, to: &str) -> Vec<&'static str> {
    assert!(SMALL.contains(from), "{from}");
    let posts = "[[post]]\nkind = \"drafter\"\ntitle = \"起草\"\nsees = [{ reach = \"own\" }]\n[[post]]\nkind = \"head\"\ntitle = \"负责人\"\nsees = [{ reach = \"own\" }]\n";
    let refusals = format!(
        "{}\n[[refusal]]\ncode = \"no\"\nsentence = \"不行。\"\nnext = \"补办。\"\n",
        include_str!("../../../law/refusals.toml")
    );
    let file = |path: &str, text: &str| (path.to_owned(), text.to_owned());
    let files = [
        file("posts.toml", posts),
        file("refusals.toml", &refusals),
        file("procedures/small.toml", &SMALL.replacen(from, to, 1)),
    ];
    let found = law::check_one(&files, "procedures/small.toml", true).unwrap();
    found.iter().filter(|f| f.at.is_some()).map(|f| f.code.as_str()).collect()
}

#[test]
fn a_definition_shows_each_finding_and_narrowly_does_not() {
    assert_eq!(codes("id = \"small\"", "id = \"small\""), Vec::<&str>::new());
    let cases = [
        ("unreachable-state", "to = \"middle\"", "to = \"done\"", "to = \"middle\"  # 到得了"),
        (
            "livelock",
            "from = [\"middle\"]\nto = \"done\"",
            "from = [\"done\"]\nto = \"done\"",
            "from = [\"middle\", \"done\"]\nto = \"done\"",
        ),
        (
            "dead-end",
            "{ id = \"two\", title = \"二\", end = true }",
            "{ id = \"two\", title = \"二\" }",
            "{ id = \"two\", title = \"两\", end = true }",
        ),
        (
            "step-never-taken",
            "that = \"done go\"",
            "that = \"done go and not done go\"",
            "that = \"done go or not done go\"",
        ),
        ("guards-overlap", "side.two if way = b", "side.two if way in a|b", "side.two if not way = a"),
        ("guards-gap", "side.two if way = b", "side.two if way = b and done go", "side.two if not way = a"),
        ("invariant-violated", "by = [\"head\"]", "by = [\"head\", \"drafter\"]", "by = [\"head\"]  # 负责人"),
        ("clock-never-starts", "starts = [\"open\"]", "starts = []", "starts = [\"open\", \"again\"]"),
        ("clock-never-stops", "stops = [\"end\"]", "stops = []", "stops = [\"end\", \"again\"]"),
        ("clock-cannot-stop", "stops = [\"end\"]", "stops = [\"again\"]", "stops = [\"go\", \"end\"]"),
        ("limit-not-configurable", "configurable = \"由县设定\"\n", "", "configurable = \"由县核对后设定\"\n"),
        ("unknown-post", "by = [\"head\"]", "by = [\"chief\"]", "by = [\"head\"]"),
        ("unknown-refusal", "refuse = \"no\"", "refuse = \"never\"", "refuse = \"secret\""),
        (
            "gate-unused",
            "stops = [\"end\"]",
            "stops = [\"end\"]\nkind = \"minimum\"",
            "stops = [\"end\"]\nkind = \"maximum\"",
        ),
        (
            "paper-missing",
            "kind = \"internal\"\nfrom = [\"begun\"]",
            "kind = \"notice\"\nfrom = [\"begun\"]",
            "kind = \"notice\"\nwithout = { paper = \"当面告知\" }\nfrom = [\"begun\"]",
        ),
        (
            "reviewer-may-be-drafter",
            "kind = \"internal\"\nfrom = [\"begun\"]",
            "kind = \"review\"\nfrom = [\"begun\"]",
            "kind = \"review\"\nnot_by = [\"open 制度:甲\"]\nfrom = [\"begun\"]",
        ),
    ];
    for (code, from, wrong, right) in cases {
        assert!(codes(from, wrong).contains(&code), "{code}: {:?}", codes(from, wrong));
        if from != right {
            assert!(!codes(from, right).contains(&code), "{code} is raised falsely: {right}");
        }
    }
}
