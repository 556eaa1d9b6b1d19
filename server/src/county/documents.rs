//! The scanned documents of the demonstration: one file for each kind, kept by content like any other evidence.
//!
//! Does not belong here: which matter holds them.

use std::collections::BTreeMap;
use std::path::Path;

use zhunsheng_core::matter::EvidenceInput;

use super::Fault;
use crate::app::evidence::Received;
use crate::app::fault::Fault as AppFault;

/// Kind, what it is evidence of in a procedure, and its title.
const DOCUMENTS: [(&str, &str); 23] = [
    ("agreement_signed", "人民调解协议书（各方签名并盖章的签署件）"),
    ("draft", "送审文本"),
    ("comment_summary", "公众意见研究采纳情况"),
    ("expert_summary", "专家论证意见研究采纳情况"),
    ("risk_report", "风险评估报告"),
    ("fair_competition_report", "公平竞争审查有关情况"),
    ("site_record", "现场笔录"),
    ("inquiry_record", "询问笔录"),
    ("service_receipt", "送达回证"),
    ("waiver", "放弃陈述、申辩的声明"),
    ("meeting_minutes", "集体讨论记录原件"),
    ("signed_form", "负责人签字的审批表"),
    ("exempt_proof", "免予核查的证明材料"),
    ("notice_letter", "通知辩护（代理）公函"),
    ("closing_file", "结案材料"),
    ("resolution_proof", "协议、生效文书或者书面撤回"),
    ("photo", "现场照片"),
    ("statement", "公证机构报送的统计表"),
    ("opinion", "公众评议汇总表"),
    ("scores", "履职报告会评分汇总表"),
    ("check_record", "抽查记录"),
    ("process_video", "执法音像记录索引单（设备号、起止时间、存放位置、校验值）"),
    ("video", "听证音像记录索引单（设备号、起止时间、存放位置、校验值）"),
];

/// Writes the documents under `<data>/evidence/ab/cdef…` and returns them by kind.
pub fn write(data: &Path, notice: &str) -> Result<BTreeMap<&'static str, EvidenceInput>, Fault> {
    DOCUMENTS.into_iter().map(|(kind, title)| Ok((kind, keep(data, kind, title, notice)?))).collect()
}

fn keep(data: &Path, kind: &str, title: &str, notice: &str) -> Result<EvidenceInput, Fault> {
    let text = format!("{title}\n\n{notice}。\n本页代表随案保存的原件扫描件，内容为虚构。\n");
    let Received { digest, sm3, bytes } = Received::of(text.as_bytes());
    let name = digest.to_string();
    let (folder, rest) = name.split_at_checked(2).unwrap_or(("", &name));
    let folder = data.join("evidence").join(folder);
    let path = folder.join(rest);
    let failed = |source| AppFault::File { path: path.clone(), source };
    std::fs::create_dir_all(&folder).map_err(failed)?;
    std::fs::write(&path, &text).and_then(|()| std::fs::File::open(&path)?.sync_all()).map_err(failed)?;
    Ok(EvidenceInput {
        kind: kind.into(),
        digest,
        sm3,
        bytes,
        media: "text/plain; charset=utf-8".to_owned(),
        name: format!("{title}.txt"),
    })
}
