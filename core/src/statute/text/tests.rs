//! Texts invented for the purpose: each way to write a statute, and each thing that can be wrong with one.

use super::*;
use crate::basis::Basis;

const MARKDOWN: &str = "\u{FEFF}# 中华人民共和国某法

2001年2月3日 某会议通过

2020年5月6日 某会议修订

<!-- INFO END -->

\u{200B}

## 第一章 总 则

第一条 为了甲，制定本法。

第二条\u{2002}本法所称乙，是指：

（一）丙；

(二)丁，包括：

1．戊；

2．己。

前款所称丁，不含庚。

第三条 依照下列规定：

（一）辛；

下列情形视为辛：

1.壬；

（二）癸。

附 则

第三条之一 子。

第四条 丑。

第五条规定的期限，从其规定。

附件

某表
";

const PLAIN: &str = "中华人民共和国某地方
组织法

（1979年7月1日某会议通过　根据2015年8月29日某会议《关于修改〈某法〉
的决定》修正　2022年3月11日修订，自2022年3月12日起施行）

目　　录
第一章　总则
第二章　其他
第一章　总则
第一条　甲。
第二条　乙。
　　丙。
第二章　其他
第三条　丁。
";

fn passage(text: &Text, cited: &str) -> Result<String, NoPassage> {
    text.passage(Basis::parse(&format!("某法§{cited}")).unwrap().article.unwrap())
}

#[test]
fn articles_paragraphs_and_items_are_found_by_their_citation() {
    let text = Text::parse(MARKDOWN).unwrap();
    assert_eq!(text.title, "中华人民共和国某法");
    assert_eq!(text.adopted().unwrap().to_string(), "2020-05-06");
    for (cited, expected) in [
        ("1", "为了甲，制定本法。"),
        ("2.1", "本法所称乙，是指：\n（一）丙；\n(二)丁，包括：\n1．戊；\n2．己。"),
        ("2.1(2)", "(二)丁，包括：\n1．戊；\n2．己。"),
        ("2(1)", "（一）丙；"),
        ("2.2", "前款所称丁，不含庚。"),
        // 种子法§90: lines without a number between two items belong to the item before.
        ("3(1)", "（一）辛；\n下列情形视为辛：\n1.壬；"),
        ("3(2)", "（二）癸。"),
        ("3-1", "子。"),
        // A line that goes on about an article begins none.
        ("4.2", "第五条规定的期限，从其规定。"),
    ] {
        assert_eq!(passage(&text, cited).as_deref(), Ok(expected), "{cited}");
    }
    let headings: Vec<_> = text.headings.iter().map(|heading| (heading.text.as_str(), heading.before)).collect();
    assert_eq!(headings, [("第一章 总则", 0), ("附则", 3)]);
    assert_eq!(text.annex, ["附件", "某表"]);
    assert_eq!(text.article(Article::whole(2, 0)).unwrap().line, 15);
}

#[test]
fn what_is_not_there_is_said_with_what_is() {
    let text = Text::parse(MARKDOWN).unwrap();
    for (cited, expected) in [
        ("9", "没有这一条，全文从第一条到第四条"),
        ("2-1", "没有这一条，全文从第一条到第四条"),
        ("2.3", "该条只有2款"),
        ("2.1(3)", "所引之处只有2项"),
        ("1(1)", "所引之处没有分项"),
    ] {
        assert_eq!(passage(&text, cited).unwrap_err().to_string(), expected, "{cited}");
    }
}

#[test]
fn plain_text_is_read_with_its_contents_and_its_long_title() {
    let text = Text::parse(PLAIN).unwrap();
    assert_eq!(text.title, "中华人民共和国某地方组织法");
    assert_eq!(text.adopted().unwrap().to_string(), "2022-03-11");
    assert_eq!(text.articles.len(), 3);
    assert_eq!(passage(&text, "2.2").as_deref(), Ok("丙。"));
    let headings: Vec<_> = text.headings.iter().map(|heading| (heading.line, heading.before)).collect();
    assert_eq!(headings, [(10, 0), (14, 2)]);
}

#[test]
fn a_code_printed_in_parts_is_one_text() {
    let text = Text::parse(
        "# 某典\n# 总则\n2020年1月1日 通过\n<!-- INFO END -->\n## 第一章 甲\n第一条 一。\n# 某典\n# 物权编\n2020年1月1日 通过\n<!-- INFO END -->\n## 第一分编 乙\n第二条 二。\n",
    )
    .unwrap();
    assert_eq!(text.head, ["2020年1月1日 通过"]);
    let headings: Vec<_> = text.headings.iter().map(|heading| (heading.rank, heading.text.as_str())).collect();
    assert_eq!(
        headings,
        [(Rank::Part, "总则"), (Rank::Chapter, "第一章 甲"), (Rank::Part, "物权编"), (Rank::Subpart, "第一分编 乙")]
    );
    assert_eq!(text.articles.len(), 2);
}

#[test]
fn everything_wrong_is_said_with_its_line() {
    for (source, expected) in [
        ("# 某法\n<!-- INFO END -->\n不明文字。\n第一条 甲。\n", vec![(3, "text-before-first-article")]),
        ("# 某法\n第二条 甲。\n第三条 乙。\n", vec![(2, "missing-article")]),
        ("# 某法\n第一条 甲。\n第三条 乙。\n", vec![(3, "missing-article")]),
        ("# 某法\n第一条 甲。\n第一条之二 乙。\n", vec![(3, "missing-article")]),
        ("# 某法\n第一条 甲。\n第一条 乙。\n第二条 丙。\n", vec![(3, "duplicate-article")]),
        ("# 某法\n第一条 甲。\n第三条 乙。\n第二条 丙。\n", vec![(3, "missing-article"), (4, "article-out-of-order")]),
        ("# 某法\n第一条\n第二条 乙。\n", vec![(2, "empty-article")]),
        ("# 某法\n第一条 甲：\n（一）乙；\n（三）丙。\n", vec![(4, "item-numbering")]),
        ("# 某法\n第一条 甲：\n（二）乙。\n", vec![(3, "item-numbering")]),
    ] {
        let found: Vec<_> =
            Text::parse(source).unwrap_err().iter().map(|problem| (problem.line, problem.fault.code())).collect();
        assert_eq!(found, expected, "{source}");
    }
}

#[test]
fn a_decision_of_amendment_is_no_text() {
    for source in ["", "# 关于修改某法的决定\n\n一、将第五条修改为：\n\n“第五条 甲。”\n"] {
        let problems = Text::parse(source).unwrap_err();
        assert_eq!(problems.len(), 1);
        assert_eq!(problems[0].fault, Fault::NoArticles, "{source}");
    }
}

#[test]
fn an_article_comes_back_from_its_own_words() {
    let text = Text::parse(MARKDOWN).unwrap();
    for article in &text.articles {
        let again = ArticleText::from_plain(article.article, article.line, &article.plain_text());
        assert_eq!(again.plain_text(), article.plain_text());
        assert_eq!(again.paragraphs.len(), article.paragraphs.len());
    }
}

#[test]
fn a_file_name_says_the_edition() {
    for (name, expected) in [
        ("某法(2021-01-22).md", Some(("某法", "2021-01-22"))),
        ("某法（2021-01-22）.txt", Some(("某法", "2021-01-22"))),
        (
            "最高人民法院关于适用《某法》的解释(2018-02-06).md",
            Some(("最高人民法院关于适用《某法》的解释", "2018-02-06")),
        ),
        ("中华人民共和国某法_20210122.docx", Some(("中华人民共和国某法", "2021-01-22"))),
        ("README.md", None),
        ("某法(试行).md", None),
        ("(2021-01-22).md", None),
    ] {
        let found = edition_in_file_name(name).unwrap();
        assert_eq!(
            found.as_ref().map(|(statute, day)| (statute.as_str(), day.to_string())),
            expected.map(|(statute, day)| (statute, day.to_owned())),
            "{name}"
        );
    }
    assert_eq!(edition_in_file_name("某法(2021-13-22).md"), Err("2021-13-22".to_owned()));
    assert_eq!(edition_in_file_name("某法_20230229.docx"), Err("20230229".to_owned()));
}
