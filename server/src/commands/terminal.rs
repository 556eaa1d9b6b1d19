//! The one writer: everything that a command says to a person or a script goes through here.
//!
//! Answers go to standard output, everything else (progress, warnings, questions) to standard error, so that
//! `zhunsheng figures --json > file` is clean. Logging is tracing's business, not ours.

use std::io::{IsTerminal, Write};

/// Standard output and standard error. A reader that has gone away (`| head`) is not an error of ours.
pub struct Terminal {
    out: Box<dyn Write>,
    err: Box<dyn Write>,
    /// Whether anything was answered yet.
    pub answered: bool,
    /// Whether standard error is a person's screen: progress bars and questions only there.
    pub interactive: bool,
}

impl Terminal {
    /// The process's own.
    #[must_use]
    pub fn standard() -> Self {
        let interactive = std::io::stderr().is_terminal() && std::io::stdin().is_terminal();
        Self { out: Box::new(std::io::stdout()), err: Box::new(std::io::stderr()), answered: false, interactive }
    }

    /// An answer, with a line end.
    pub fn say(&mut self, line: impl AsRef<str>) {
        let _ = writeln!(self.out, "{}", line.as_ref());
        let _ = self.out.flush();
        self.answered = true;
    }

    /// A remark beside the answer, with a line end.
    pub fn remark(&mut self, line: impl AsRef<str>) {
        let _ = writeln!(self.err, "{}", line.as_ref());
    }

    /// How far a long job is: one line that is written over, on a screen only.
    pub fn progress(&mut self, done: u64, all: u64, what: &str) {
        const WIDTH: u64 = 30;
        if !self.interactive {
            return;
        }
        let all = all.max(1);
        let full = (done.min(all) * WIDTH) / all;
        let bar: String = (0..WIDTH).map(|cell| if cell < full { '█' } else { '░' }).collect();
        let _ = write!(self.err, "\r{bar} {:>3}% {what}\u{1b}[K", done.min(all) * 100 / all);
        let _ = self.err.flush();
    }

    /// Ends a progress line.
    pub fn end_progress(&mut self) {
        if self.interactive {
            let _ = writeln!(self.err);
        }
    }

    /// Asks for a secret; what is typed is not shown. `None` without a person at the screen.
    pub fn ask_secret(&mut self, question: &str) -> Option<String> {
        if !self.interactive {
            return None;
        }
        let _ = write!(self.err, "{question}");
        let _ = self.err.flush();
        let hidden = Hidden::begin();
        let mut typed = String::new();
        let read = std::io::stdin().read_line(&mut typed);
        drop(hidden);
        let _ = writeln!(self.err);
        read.ok()?;
        Some(typed.trim_end_matches(['\r', '\n']).to_owned())
    }
}

/// Echo switched off by `stty` for as long as this lives; without `stty` what is typed shows, which is said nowhere
/// because the person sees it.
struct Hidden;

impl Hidden {
    fn begin() -> Self {
        stty("-echo");
        Self
    }
}

impl Drop for Hidden {
    fn drop(&mut self) {
        stty("echo");
    }
}

fn stty(setting: &str) {
    let _ = std::process::Command::new("stty").arg(setting).status();
}
