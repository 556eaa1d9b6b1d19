//! How a command ends: exit codes that scripts can trust, and one clear paragraph for whatever went wrong.

use std::process::ExitCode;

use crate::app::act::ActError;
use crate::app::fault::{Fault, StoreFault, chain};
use crate::config::ConfigFault;

/// How a command ended, when it could do its work.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Outcome {
    /// All is well.
    Fine,
    /// The work was done and something was found: a finding, a difference, a figure that is off.
    Finding,
}

/// Why a command could not do its work.
#[derive(Debug)]
pub enum Failure {
    /// It was called wrongly.
    Usage(String),
    /// We or the machine failed, or the folder is not what it should be. Nothing was overwritten.
    Fault(String),
}

impl Failure {
    /// For a script that asked for JSON and got no other answer.
    pub fn as_json(&self) -> serde_json::Value {
        let (code, message) = match self {
            Self::Usage(sentence) => ("usage", sentence),
            Self::Fault(sentence) => ("fault", sentence),
        };
        serde_json::json!({ "error": { "code": code, "message": message } })
    }

    /// A fault with the whole chain of its causes.
    pub fn because(error: &dyn std::error::Error) -> Self {
        Self::Fault(chain(error))
    }

    /// A file that could not be read or written.
    pub fn file(doing: &str, path: &std::path::Path, error: &dyn std::error::Error) -> Self {
        Self::Fault(format!("{doing} {} 失败：{}", path.display(), chain(error)))
    }
}

impl From<Fault> for Failure {
    fn from(fault: Fault) -> Self {
        Self::because(&fault)
    }
}

impl From<StoreFault> for Failure {
    fn from(fault: StoreFault) -> Self {
        Self::because(&fault)
    }
}

impl From<ConfigFault> for Failure {
    fn from(fault: ConfigFault) -> Self {
        Self::Usage(fault.to_string())
    }
}

impl From<ActError> for Failure {
    fn from(error: ActError) -> Self {
        match error {
            ActError::Refused(refusals) => {
                let sentences: Vec<String> = refusals.iter().map(|refusal| refusal.sentence.clone()).collect();
                Self::Fault(sentences.join(""))
            }
            ActError::NotFound => Self::Fault("事项不存在。".to_owned()),
            ActError::KeyReused => Self::Fault("同一请求编号用于了不同的内容。".to_owned()),
            ActError::Fault(fault) => fault.into(),
        }
    }
}

impl From<lexopt::Error> for Failure {
    fn from(error: lexopt::Error) -> Self {
        use lexopt::Error;
        Self::Usage(match error {
            Error::MissingValue { option: Some(option) } => format!("选项 {option} 缺少取值。"),
            Error::MissingValue { option: None } => "缺少参数。".to_owned(),
            Error::UnexpectedOption(option) => format!("没有选项 {option}。"),
            Error::UnexpectedArgument(argument) => format!("多余的参数“{}”。", argument.to_string_lossy()),
            Error::UnexpectedValue { option, value } => {
                format!("选项 {option} 不带取值，不应有“{}”。", value.to_string_lossy())
            }
            Error::ParsingFailed { value, .. } => format!("“{value}”无法理解。"),
            Error::NonUnicodeValue(value) => format!("“{}”不是有效的文字。", value.to_string_lossy()),
            Error::Custom(error) => error.to_string(),
        })
    }
}

/// The exit code of what happened: 0, 1, 2 or 3, as `zhunsheng --help` lists them.
#[must_use]
pub fn exit_code(ended: &Result<Outcome, Failure>) -> ExitCode {
    ExitCode::from(match ended {
        Ok(Outcome::Fine) => 0,
        Ok(Outcome::Finding) => 1,
        Err(Failure::Usage(_)) => 2,
        Err(Failure::Fault(_)) => 3,
    })
}
