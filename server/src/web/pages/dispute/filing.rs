//! What a citizen may file, and how the pages speak of it.

use crate::app::{commenting, dispute};

/// What a citizen may file, and how the pages speak of it.
pub(in crate::web::pages) struct Filing {
    pub(super) procedure: &'static str,
    pub(super) path: &'static str,
    pub(super) title: &'static str,
    pub(super) lead: &'static str,
    pub(super) place: &'static str,
    pub(super) unsure: &'static str,
    pub(in crate::web::pages) submit: &'static str,
    pub(super) done: &'static str,
    pub(super) draft: &'static str,
    /// Which guide tells what to bring, how long it takes and by which article; empty: none does.
    pub(super) guide: &'static str,
    pub(super) reader: &'static str,
    pub(super) next: [&'static str; 3],
    /// What to do where the query code is lost.
    pub(in crate::web::pages) lost: &'static str,
    /// The legal hotline is called where the organ has no telephone.
    pub(in crate::web::pages) hotline: bool,
    /// As which kind of document photographs are taken with it; empty: none are.
    pub(super) photos: &'static str,
    pub(super) photo_hint: &'static str,
}

pub(super) static DISPUTE: Filing = Filing {
    procedure: dispute::DISPUTE,
    path: "/disputes/new",
    title: "登记一起纠纷",
    lead: "大约一分钟，不收费。先告诉我们在哪个镇。",
    place: "纠纷发生在哪个镇",
    unsure: "不知道、不确定的，由镇调解委员会受理",
    submit: "提交登记",
    done: "登记好了",
    draft: "dispute",
    guide: "mediation",
    photos: "proof",
    photo_hint: "现场、欠条、合同等，最多6张；没有就不用传",
    reader: "只给承办的调解员看",
    lost: "丢了，请带身份证到{organ}查询。",
    hotline: true,
    next: [
        "{organ}会联系您",
        "调解员征求对方意见；对方明确拒绝的，不能调解，会告诉您别的办法",
        "双方都同意，约时间调解",
    ],
};

pub(super) static LEGAL_AID: Filing = Filing {
    procedure: dispute::LEGAL_AID,
    path: "/legal-aid/new",
    title: "申请法律援助",
    lead: "大约三分钟，不收费。先告诉我们您在哪个镇。",
    place: "您住在哪个镇",
    unsure: "不确定的可以不选，不影响受理",
    submit: "提交申请",
    done: "申请已经收到",
    draft: "legal-aid",
    guide: "legal_aid",
    photos: "case_proof",
    photo_hint: "身份证、合同、工资条、判决书等，拍清楚就行，最多6张；没带也可以先提交",
    reader: "只给承办的工作人员看",
    lost: "丢了，请带身份证到{organ}查询。",
    hotline: true,
    next: [
        "{organ}会联系您，材料不齐的，一次告诉您还缺什么",
        "自收到申请之日起七日内决定是否援助；不给予援助的，书面告诉您理由，您可以提出异议",
        "决定援助的，三日内指派律师或者法律服务工作者，不收任何费用",
    ],
};

pub(super) static QUESTION: Filing = Filing {
    procedure: dispute::CONSULTATION,
    path: "/ask",
    title: "问懂法的人",
    lead: "大约一分钟，不收费，不用注册。先告诉我们您在哪个镇。",
    place: "您在哪个镇",
    unsure: "不确定的可以不选，不影响答复",
    submit: "提交问题",
    done: "问题已经收到",
    draft: "question",
    guide: "",
    photos: "",
    photo_hint: "",
    reader: "可以不留；留了，只给答复的人看",
    lost: "丢了，可以再问一次；答复公开的，在首页搜得到。",
    hotline: true,
    next: [
        "{organ}按问题的类别，请律师、基层法律服务工作者或者司法所的人答复",
        "答复以后，凭查询码在“查办理进度”里看",
        "问得多的，去掉个人信息、复核以后公开，供别人查；您不同意的，可以要求撤下",
    ],
};

pub(in crate::web::pages) static COMMENT: Filing = Filing {
    procedure: commenting::COMMENT,
    path: "/consultations",
    title: "对草案提意见",
    lead: "大约一分钟，不收费，不用注册，可以不留姓名。",
    place: "",
    unsure: "",
    submit: "提交意见",
    done: "意见已经收到",
    draft: "comment",
    guide: "",
    photos: "",
    photo_hint: "",
    reader: "可以不留；留了，只给征求意见的单位看，不公开",
    lost: "丢了也不要紧：采纳了什么，公布在草案的页面上。",
    hotline: false,
    next: [
        "征求意见截止以后，{organ}逐条研究",
        "采纳了什么、没有采纳的为什么，公布在草案的页面上，不写是谁提的",
        "凭查询码可以在“查办理进度”里看到有没有研究",
    ],
};

/// How the key of a comment's draft begins.
pub(in crate::web::pages) const COMMENT_DRAFT: &str = "comment.";

/// Where a citizen files a matter of a procedure, and what the button says.
pub(in crate::web::pages) fn counter(procedure: &str) -> Option<(&'static str, &'static str)> {
    [&DISPUTE, &LEGAL_AID, &QUESTION, &COMMENT]
        .into_iter()
        .find(|filing| filing.procedure == procedure)
        .map(|filing| (filing.path, filing.title))
}

/// The filing that a draft is of; a comment's names what it is about (`comment.<matter>`).
pub(in crate::web::pages) fn of_draft(draft: &str) -> Option<&'static Filing> {
    if draft.starts_with(COMMENT_DRAFT) {
        return Some(&COMMENT);
    }
    [&DISPUTE, &LEGAL_AID, &QUESTION].into_iter().find(|filing| filing.draft == draft)
}

impl Filing {
    /// What it is called.
    pub(in crate::web::pages) fn title(&self) -> &'static str {
        self.title
    }
    /// Where it is filled in.
    pub(in crate::web::pages) fn path(&self) -> &'static str {
        self.path
    }
    /// What comes next, told by the organ that received it.
    pub(in crate::web::pages) fn next(&self, organ: &str) -> Vec<String> {
        self.next.iter().map(|line| line.replace("{organ}", organ)).collect()
    }
    /// What to do where the query code is lost, told by the organ.
    pub(in crate::web::pages) fn lost(&self, organ: &str) -> String {
        self.lost.replace("{organ}", organ)
    }
    /// Under which its draft is kept.
    pub(in crate::web::pages) fn draft(&self) -> &'static str {
        self.draft
    }
}
