//! What the binary can be asked to do, one file per command: options in, use case, words out.
//!
//! Exit codes: 0 all is well; 1 the work was done and something was found; 2 called wrongly; 3 a fault. Does not
//! belong here: logic beyond wiring.

mod act;
mod backup;
mod bench;
mod calendar;
mod clock;
mod credit;
mod demo;
mod failure;
mod figures;
mod help;
mod init;
mod law;
mod law_edition;
mod law_impact;
mod law_limits;
mod moving;
mod opening;
mod options;
mod paper;
mod program;
mod record;
mod restore;
mod serve;
mod shelf;
mod statutes;
mod statutes_import;
mod terminal;
mod texts;
mod witness;

use std::ffi::OsString;
use std::process::ExitCode;

use lexopt::{Arg, Parser};

use failure::{Failure, Outcome, exit_code};
use options::Options;
use terminal::Terminal;

/// A command and what runs it.
type Command = fn(Options, &mut Terminal) -> Result<Outcome, Failure>;

/// Every command by name.
const COMMANDS: [(&str, Command); 18] = [
    ("init", init::run),
    ("demo", demo::run),
    ("serve", serve::run),
    ("act", act::run),
    ("paper", paper::run),
    ("figures", figures::run),
    ("credit", credit::run),
    ("law", law::run),
    ("clock", clock::run),
    ("calendar", calendar::run),
    ("statutes", statutes::run),
    ("record", record::run),
    ("verify", record::verify),
    ("backup", backup::run),
    ("restore", restore::run),
    ("move", moving::run),
    ("bench", bench::run),
    ("witness", witness::run),
];

/// Runs what the words ask for. The first word is the program's own name.
#[must_use]
pub fn run(words: impl IntoIterator<Item = OsString>) -> ExitCode {
    let words: Vec<OsString> = words.into_iter().collect();
    let as_json = words.iter().any(|word| word == "--json");
    let mut terminal = Terminal::standard();
    let ended = dispatch(Parser::from_iter(words), &mut terminal);
    if let (Err(failure), true, false) = (&ended, as_json, terminal.answered) {
        terminal.say(failure.as_json().to_string());
    }
    match &ended {
        Ok(_) => {}
        Err(Failure::Usage(sentence)) => {
            terminal.remark(format!("准绳：{sentence}\n用法见 zhunsheng --help，或 zhunsheng 命令 --help。"));
        }
        Err(Failure::Fault(sentence)) => terminal.remark(format!("准绳：{sentence}")),
    }
    exit_code(&ended)
}

fn dispatch(mut parser: Parser, terminal: &mut Terminal) -> Result<Outcome, Failure> {
    let name = match parser.next()? {
        None | Some(Arg::Short('h') | Arg::Long("help")) => String::from("help"),
        Some(Arg::Short('V') | Arg::Long("version")) => {
            terminal.say(format!("zhunsheng {}", env!("CARGO_PKG_VERSION")));
            return Ok(Outcome::Fine);
        }
        Some(Arg::Value(name)) => name.to_string_lossy().into_owned(),
        Some(other) => return Err(other.unexpected().into()),
    };
    if name == "help" {
        let of = parser.next()?.and_then(|word| if let Arg::Value(of) = word { of.into_string().ok() } else { None });
        return help::show(of.as_deref().unwrap_or(""), terminal);
    }
    let found = COMMANDS.iter().find(|(known, _)| *known == name);
    let (_, command) = found.ok_or_else(|| Failure::Usage(format!("没有命令 {name}。")))?;
    if parser_asks_for_help(&parser) {
        return help::show(&name, terminal);
    }
    command(Options::new(parser)?, terminal)
}

/// `--help` anywhere behind a command shows its help and does nothing else.
fn parser_asks_for_help(parser: &Parser) -> bool {
    let mut rest = parser.clone();
    rest.raw_args().is_ok_and(|mut words| words.any(|word| word == "--help" || word == "-h"))
}
