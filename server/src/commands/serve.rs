//! `zhunsheng serve`: a real county on the web.

use super::failure::{Failure, Outcome};
use super::opening::{self, Which};
use super::options::{Options, Word, unknown};
use super::terminal::Terminal;
use crate::app::App;

/// Runs the command.
pub fn run(mut options: Options, terminal: &mut Terminal) -> Result<Outcome, Failure> {
    let mut time_checked = false;
    while let Some(word) = options.next()? {
        match &word {
            Word::Option(name) if name == "port" => options.port()?,
            Word::Option(name) if name == "accept-rollback" => {
                let reason = options.text()?.trim().to_owned();
                if reason.is_empty() {
                    return Err(Failure::Usage("--accept-rollback 后面要写明理由，它会记入全程记录。".to_owned()));
                }
                options.config.accept_rollback = Some(reason);
            }
            Word::Option(name) if name == "time-checked" => time_checked = true,
            _ => return Err(unknown(&word)),
        }
    }
    opening::start_log(&options.config);
    let app = opening::open_to_serve(options.config, Which::Real { time_checked })?;
    opening::serve_app(app, terminal, async |app: &App, address: &str, terminal: &mut Terminal| {
        terminal.say(format!("{} 已启动：{address}", app.county_name));
    })
}
