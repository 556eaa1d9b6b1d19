//! How a command speaks to a running county: through its JSON API, with the token of a post.
//!
//! Does not belong here: what is asked (`act.rs`, `paper.rs`, `credit.rs`).

use std::fs::File;
use std::io::Write as _;
use std::path::{Path, PathBuf};

use serde_json::Value;

use super::failure::{Failure, Outcome};
use super::terminal::Terminal;
use crate::app::fault::chain;
use crate::app::outward::{Letter, Outward, Reply, Target};

/// Where the county is, if nobody says.
const HERE: &str = "http://127.0.0.1:8826";

/// The county and the token.
#[derive(Default)]
pub struct Program {
    /// Its address; none: on this machine.
    pub server: Option<String>,
    /// The file with the token.
    pub token: Option<PathBuf>,
}

impl Program {
    /// The token, from its file.
    pub fn token(&self) -> Result<String, Failure> {
        let path = self.token.as_deref().ok_or_else(|| Failure::Usage("缺少 --token 令牌文件。".to_owned()))?;
        let token = std::fs::read_to_string(path).map_err(|error| Failure::file("读取", path, &error))?;
        Ok(token.trim().to_owned())
    }

    /// A place of the API. A token does not travel in the clear but on this machine.
    pub fn target(&self, path: &str) -> Result<Target, Failure> {
        let server = self.server.as_deref().unwrap_or(HERE).trim_end_matches('/');
        let target = Target::parse(&format!("{server}/api/v1/{path}")).map_err(|error| Failure::because(&error))?;
        let here = ["127.0.0.1", "localhost", "[::1]", "::1"].contains(&target.host());
        if !target.is_secure() && !here {
            let why = "令牌不能在网上明文传送：请用 https:// 地址，或者在服务器本机运行。";
            return Err(Failure::Usage(why.to_owned()));
        }
        Ok(target)
    }

    /// Asks for a file, or (`send`) for an act without words of its own. Errors: anything but an answer of success.
    pub fn ask(&self, roots: PathBuf, path: &str, send: bool, answer_max: usize) -> Result<Reply, Failure> {
        let (token, target) = (self.token()?, self.target(path)?);
        let headers = vec![("authorization", format!("Bearer {token}"))];
        let letter = Letter { path: "", kind: "", headers, body: Vec::new(), answer_max };
        let reply = exchange(roots, &target, letter, send)?.map_err(Failure::Fault)?;
        if reply.status == 200 { Ok(reply) } else { Err(Failure::Fault(format!("没有成功：{}", said(&reply)))) }
    }

    /// Asks for a file and writes it where none is: what was taken before may have been filled in by hand.
    pub fn fetch(
        &self,
        roots: PathBuf,
        path: &str,
        answer_max: usize,
        out: &Path,
        terminal: &mut Terminal,
    ) -> Result<Outcome, Failure> {
        if out.exists() {
            return Err(Failure::Usage(format!("{} 已经存在，不覆盖。请写另外的文件名。", out.display())));
        }
        let reply = self.ask(roots, path, false, answer_max)?;
        // Somebody may have written it meanwhile.
        let written = File::options().write(true).create_new(true).open(out);
        let written = written.and_then(|mut file| file.write_all(&reply.body));
        written.map_err(|error| Failure::file("写入", out, &error))?;
        terminal.say(format!("已写入 {}，{} 字节。", out.display(), reply.body.len()));
        Ok(Outcome::Fine)
    }
}

/// A letter and its answer; inside, why none came.
pub fn exchange(roots: PathBuf, to: &Target, letter: Letter, send: bool) -> Result<Result<Reply, String>, Failure> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let runtime = runtime.map_err(|error| Failure::because(&error))?;
    let outward = Outward::new(roots);
    let asked = async { if send { outward.post(to, letter).await } else { outward.get(to, letter).await } };
    Ok(runtime.block_on(asked).map_err(|error| chain(&error)))
}

/// What an answer that is no success says: every reason, or the one sentence.
pub fn said(reply: &Reply) -> String {
    let answer: Value = serde_json::from_slice(&reply.body).unwrap_or(Value::Null);
    let text = |value: &Value, field: &str| value.get(field).and_then(Value::as_str).unwrap_or_default().to_owned();
    let refusals = answer.get("refusals").and_then(Value::as_array);
    let reasons: Vec<String> = refusals.into_iter().flatten().map(|refusal| text(refusal, "sentence")).collect();
    let error = answer.get("error").unwrap_or(&Value::Null);
    let told = if reasons.is_empty() { text(error, "sentence") } else { reasons.join("；") };
    match (told.as_str(), reply.status) {
        ("", status) => format!("服务端答复 {status}"),
        (told, status) => format!("{told}（{status}）"),
    }
}
