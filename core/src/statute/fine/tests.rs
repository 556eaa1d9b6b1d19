//! Sentences as statutes write them (made up; no statute is copied), and what is read from them.

use super::*;

fn read(text: &str) -> Vec<Reading> {
    fines(&ArticleText::from_plain(Article::whole(9, 0), 1, text))
}

/// `who|condition|may|extent`, and the reason for what is not read.
fn told(text: &str) -> Vec<String> {
    let tell = |reading: &Reading| match reading {
        Reading::Fine(fine) => format!(
            "{}|{}|{}|{}",
            fine.who.map_or("", Who::chinese),
            fine.condition.as_deref().unwrap_or_default(),
            if fine.may { "可以" } else { "" },
            fine.extent,
        ),
        Reading::Unread(unread) => unread.why.chinese().to_owned(),
    };
    read(text).iter().map(tell).collect()
}

#[test]
fn each_fine_of_a_sentence_is_read_with_its_clause() {
    let text = "擅自经营甲物的，没收违法所得，货值金额不足一万元的，并处五万元以上十五万元以下罚款；货值金额一万元以上的，\
                并处货值金额十倍以上二十倍以下罚款；对其直接负责的主管人员和其他直接责任人员，可以处2000元以下的罚款。";
    assert_eq!(
        told(text),
        [
            "|货值金额不足一万元的||50000元以上150000元以下",
            "|货值金额一万元以上的||货值金额的10倍以上20倍以下",
            "责任人员||可以|2000元以下",
        ]
    );
}

#[test]
fn many_forms_are_read() {
    for (text, expected) in [
        ("拒不停止的，对单位处一万元的罚款。", "单位|拒不停止的||10000元"),
        ("甲方为个人的，处警告或者五百元以下罚款。", "个人|甲方为个人的||500元以下"),
        ("乱放甲物的，处十日以下拘留或者一千元以下罚款。", "|乱放甲物的||1000元以下"),
        ("占地的，处每平方米一百元以上五百元以下的罚款。", "|占地的||每平方米100元以上500元以下"),
        ("违约的，处合同金额百分之五以上千分之六十以下罚款。", "|违约的||合同金额的5%以上6%以下"),
        ("弄脏的，处所需处置费用一倍以上三倍以下的罚款。", "|弄脏的||所需处置费用的1倍以上3倍以下"),
        ("对个人的罚款金额，为人民币十万元以下。", "个人|||100000元以下"),
    ] {
        assert_eq!(told(text), [expected], "{text}");
    }
}

#[test]
fn what_is_not_understood_is_said_and_never_guessed() {
    for (text, expected) in [
        ("情节严重的，依照前条的规定处以罚款。", "此处没有写明数额"),
        ("可以对其负责人予以罚款。", "此处没有写明数额"),
        ("处一万元以上三万元以下或者违法所得一倍以下的罚款。", "数额的写法不能确定"),
        ("没收违法所得，并处一倍以上三倍以下的罚款。", "数额的写法不能确定"),
    ] {
        assert_eq!(told(text), [expected], "{text}");
    }
    for text in ["当事人应当缴纳罚款。", "不得乱罚款。", "罚款决定书送达后生效。", "处二百元以下罚款的，可以当场作出。"]
    {
        assert_eq!(told(text), Vec::<String>::new(), "{text}");
    }
}

#[test]
fn the_place_names_item_and_bytes() {
    let text = "有下列情形之一的，分别处罚：\n（一）丢失的，处一百元罚款；\n（二）毁坏的，处二百元罚款。";
    let found = read(text);
    let place = found.get(1).map(Reading::place).unwrap();
    assert_eq!(place.article.written(), "9.1(2)");
    let words = "（二）毁坏的，处二百元罚款。";
    assert_eq!(words.get(place.span.clone()), Some("处二百元罚款"));
    assert_eq!(place.line, 0);
}
