//! Reading what was typed behind a command: values with a sentence when they cannot be understood.

use std::ffi::OsString;
use std::path::PathBuf;

use lexopt::{Arg, Parser, ValueExt};

use super::failure::Failure;
use crate::config::Config;

/// The words behind a command, with what every command takes already understood.
pub struct Options {
    parser: Parser,
    /// How the process is to run: defaults, environment, `--data`, `--database`.
    pub config: Config,
}

/// An option or a value of a command.
pub enum Word {
    /// `--name`.
    Option(String),
    /// A value without an option.
    Value(OsString),
}

impl Options {
    /// Options from the words of a command line.
    pub fn new(parser: Parser) -> Result<Self, Failure> {
        Ok(Self { parser, config: Config::from_environment()? })
    }

    /// The next word that is neither `--data` nor `--database`. `--help` was seen before (mod.rs).
    pub fn next(&mut self) -> Result<Option<Word>, Failure> {
        loop {
            let word = match self.parser.next()? {
                None => return Ok(None),
                Some(Arg::Long("data")) => {
                    self.config.data_dir = PathBuf::from(self.parser.value()?);
                    continue;
                }
                Some(Arg::Long("database")) => {
                    let typed = self.text()?;
                    self.config.database =
                        Some(typed.parse().map_err(|fault| Failure::Usage(format!("--database：{fault}")))?);
                    continue;
                }
                Some(Arg::Long(name)) => Word::Option(name.to_owned()),
                Some(Arg::Short(letter)) => return Err(Failure::Usage(format!("没有选项 -{letter}。"))),
                Some(Arg::Value(value)) => Word::Value(value),
            };
            return Ok(Some(word));
        }
    }

    /// The value of the option just read.
    pub fn text(&mut self) -> Result<String, Failure> {
        Ok(self.parser.value()?.string()?)
    }

    /// The value of the option just read, as a path.
    pub fn path(&mut self) -> Result<PathBuf, Failure> {
        Ok(PathBuf::from(self.parser.value()?))
    }

    /// The value of the option just read, as whatever it is parsed to; `expected` says in Chinese what that is.
    pub fn parsed<T: std::str::FromStr>(&mut self, name: &str, expected: &str) -> Result<T, Failure> {
        let typed = self.text()?;
        typed.parse().map_err(|_| Failure::Usage(format!("--{name} 的取值“{typed}”无法理解，应为{expected}。")))
    }

    /// The value of `--port`.
    pub fn port(&mut self) -> Result<(), Failure> {
        let typed = self.text()?;
        self.config.port =
            typed.parse().map_err(|_| Failure::Usage(format!("--port 的取值“{typed}”不是 0 至 65535 的端口号。")))?;
        Ok(())
    }

    /// The value of a date option.
    pub fn date(&mut self, name: &str) -> Result<jiff::civil::Date, Failure> {
        let typed = self.text()?;
        typed.parse().map_err(|_| Failure::Usage(format!("--{name} 的取值“{typed}”不是日期，应如 2024-10-26。")))
    }
}

/// A word that the command does not know.
pub fn unknown(word: &Word) -> Failure {
    Failure::Usage(match word {
        Word::Option(name) => format!("没有选项 --{name}。"),
        Word::Value(value) => format!("多余的参数“{}”。", value.to_string_lossy()),
    })
}
