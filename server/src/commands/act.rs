//! `zhunsheng act`: opens a matter or takes a step at a running county, through its JSON API with a token, so that a script meets the
//! same law as a page. Exit code 1: refused, and every reason was said.
//!
//! Does not belong here: any rule; what a step needs is answered by the county.

use std::path::PathBuf;

use serde_json::{Map, Value, json};
use zhunsheng_core::id::MatterId;

use super::failure::{Failure, Outcome};
use super::options::{Options, Word, unknown};
use super::program::{Program, exchange, said};
use super::terminal::Terminal;
use crate::app::outward::{Letter, Reply, Target};
use crate::app::secret::{hex, random};

/// An answer is no longer than this.
const ANSWER_MAX: usize = 1 << 20;
/// Between the parts of a form; no file holds it but by chance of 2⁻¹²⁸.
const BOUNDARY_BYTES: usize = 16;

/// What is asked of the county.
#[derive(Default)]
struct Asked {
    program: Program,
    key: Option<String>,
    /// A procedure, or a matter.
    target: String,
    step: String,
    command: Map<String, Value>,
    /// Kind of document and file.
    files: Vec<(String, PathBuf)>,
    json: bool,
}

/// Runs the command.
pub fn run(mut options: Options, terminal: &mut Terminal) -> Result<Outcome, Failure> {
    let asked = read(&mut options)?;
    let token = asked.program.token()?;
    let target = target(&asked)?;
    let key = asked.key.clone().unwrap_or_else(|| hex(&random::<16>()));
    let letter = letter(&asked, &token, key.clone())?;
    let reply = exchange(options.config.roots.clone(), &target, letter, true)?;
    let reply = reply.map_err(|why| Failure::Fault(format!("{why}{}", unsure(&key))))?;
    tell(&asked, &reply, &key, terminal)
}

fn read(options: &mut Options) -> Result<Asked, Failure> {
    let mut asked = Asked::default();
    let mut words = Vec::new();
    while let Some(word) = options.next()? {
        match word {
            Word::Option(name) => option(&mut asked, options, &name)?,
            Word::Value(value) => words.push(value.to_string_lossy().into_owned()),
        }
    }
    let fields: Vec<String> = words.iter().filter(|word| word.contains('=')).cloned().collect();
    let mut named = words.into_iter().filter(|word| !word.contains('='));
    asked.target = named.next().ok_or_else(|| Failure::Usage("缺少程序或者事项编号。".to_owned()))?;
    asked.step = named.next().unwrap_or_default();
    if let Some(more) = named.next() {
        return Err(unknown(&Word::Value(more.into())));
    }
    for field in fields {
        let Some((field, value)) = field.split_once('=') else { continue };
        add(&mut asked.command, field, value)?;
    }
    Ok(asked)
}

fn option(asked: &mut Asked, options: &mut Options, name: &str) -> Result<(), Failure> {
    let wrong = |what: &str| Failure::Usage(format!("--{name} 应为{what}。"));
    match name {
        "server" => asked.program.server = Some(options.text()?),
        "token" => asked.program.token = Some(options.path()?),
        "key" => asked.key = Some(options.text()?),
        "json" => asked.json = true,
        "command" => {
            let path = options.path()?;
            let read = match path.to_str() {
                Some("-") => std::io::read_to_string(std::io::stdin()),
                _ => std::fs::read_to_string(&path),
            };
            let text = read.map_err(|error| Failure::file("读取", &path, &error))?;
            let Ok(Value::Object(command)) = serde_json::from_str(&text) else {
                return Err(wrong("一个 JSON 对象（格式见接口说明 StepRequest）"));
            };
            asked.command.extend(command);
        }
        "reason" | "assignee" | "place" => {
            let value = options.text()?;
            asked.command.insert(name.to_owned(), json!(value));
        }
        "officer" => push(&mut asked.command, "officers", json!(options.text()?)),
        "party" => {
            let party = serde_json::from_str(&options.text()?).map_err(|_| wrong("一个 JSON 对象"))?;
            push(&mut asked.command, "parties", party);
        }
        "manner" => {
            let manner = serde_json::from_str(&options.text()?).map_err(|_| wrong("一个 JSON 对象"))?;
            asked.command.insert(name.to_owned(), manner);
        }
        "file" => {
            let text = options.text()?;
            let (kind, path) = text.split_once('=').ok_or_else(|| wrong("“材料种类=文件”"))?;
            asked.files.push((kind.to_owned(), PathBuf::from(path)));
        }
        _ => return Err(unknown(&Word::Option(name.to_owned()))),
    }
    Ok(())
}

fn push(command: &mut Map<String, Value>, list: &str, value: Value) {
    if let Value::Array(all) = command.entry(list).or_insert_with(|| json!([])) {
        all.push(value);
    }
}

/// A field that is typed several times has several values.
fn add(command: &mut Map<String, Value>, field: &str, value: &str) -> Result<(), Failure> {
    let Value::Object(fields) = command.entry("fields").or_insert_with(|| json!({})) else {
        return Err(Failure::Usage("--command 里的 fields 应为 JSON 对象。".to_owned()));
    };
    match fields.get_mut(field) {
        Some(Value::Array(all)) => all.push(json!(value)),
        Some(one) => *one = json!([one.clone(), value]),
        None => {
            fields.insert(field.to_owned(), json!(value));
        }
    }
    Ok(())
}

fn target(asked: &Asked) -> Result<Target, Failure> {
    let plain = |word: &str| !word.is_empty() && word.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
    let is_matter = MatterId::parse(&asked.target).is_some();
    let path = match (is_matter, asked.step.as_str()) {
        (true, "") => return Err(Failure::Usage("缺少步骤，如 accept。".to_owned())),
        (true, step) if plain(step) => format!("{}/steps/{step}", asked.target),
        (false, _) if plain(&asked.target) => asked.target.clone(),
        _ => return Err(Failure::Usage(format!("“{} {}”不是程序、事项或者步骤。", asked.target, asked.step))),
    };
    asked.program.target(&format!("matters/{path}"))
}

/// What to do where nobody knows whether it was done.
fn unsure(key: &str) -> String {
    format!("　是否已经办理不清楚：请加 --key {key} 再来一次，同一个编号只办理一次。")
}

fn letter(asked: &Asked, token: &str, key: String) -> Result<Letter, Failure> {
    let mut command = asked.command.clone();
    if MatterId::parse(&asked.target).is_none() && !asked.step.is_empty() {
        command.insert("step".to_owned(), json!(asked.step));
    }
    let command = Value::Object(command).to_string();
    let mut headers = vec![("authorization", format!("Bearer {token}")), ("idempotency-key", key)];
    let (kind, body) = match asked.files.as_slice() {
        [] => ("application/json", command.into_bytes()),
        files => {
            let boundary = hex(&random::<BOUNDARY_BYTES>());
            headers.push(("content-type", format!("multipart/form-data; boundary={boundary}")));
            ("", form(&boundary, &command, files)?)
        }
    };
    Ok(Letter { path: "", kind, headers, body, answer_max: ANSWER_MAX })
}

fn form(boundary: &str, command: &str, files: &[(String, PathBuf)]) -> Result<Vec<u8>, Failure> {
    let mut body =
        format!("--{boundary}\r\nContent-Disposition: form-data; name=\"command\"\r\n\r\n{command}\r\n").into_bytes();
    for (kind, path) in files {
        let bytes = std::fs::read(path).map_err(|error| Failure::file("读取", path, &error))?;
        let name = quoted(&path.file_name().unwrap_or(path.as_os_str()).to_string_lossy());
        body.extend_from_slice(
            format!(
                "--{boundary}\r\nContent-Disposition: form-data; name=\"{}\"; filename=\"{name}\"\r\nContent-Type: \
                 application/octet-stream\r\n\r\n",
                quoted(kind)
            )
            .as_bytes(),
        );
        body.extend_from_slice(&bytes);
        body.extend_from_slice(b"\r\n");
    }
    body.extend_from_slice(format!("--{boundary}--\r\n").as_bytes());
    Ok(body)
}

/// As a form writes a name between quotation marks.
fn quoted(name: &str) -> String {
    name.replace('"', "%22").replace(['\r', '\n'], " ")
}

fn tell(asked: &Asked, reply: &Reply, key: &str, terminal: &mut Terminal) -> Result<Outcome, Failure> {
    let answer: Value = serde_json::from_slice(&reply.body).unwrap_or(Value::Null);
    let text = |value: &Value, field: &str| value.get(field).and_then(Value::as_str).unwrap_or_default().to_owned();
    let outcome = match reply.status {
        200 | 201 => Outcome::Fine,
        422 => Outcome::Finding,
        status => {
            let said = said(reply);
            if status >= 500 {
                return Err(Failure::Fault(format!("{said}{}", unsure(key))));
            }
            return Err(Failure::Fault(format!("没有办理：{said}")));
        }
    };
    if asked.json {
        terminal.say(answer.to_string());
        return Ok(outcome);
    }
    if outcome == Outcome::Fine {
        let entry = answer.get("entry").and_then(Value::as_i64).unwrap_or_default();
        terminal.say(format!("已办理：事项 {}，记录第 {entry} 项。", text(&answer, "matter")));
        for noted in answer.get("noted").and_then(Value::as_array).into_iter().flatten() {
            terminal.say(format!("标明：{}", noted.as_str().unwrap_or_default()));
        }
        return Ok(outcome);
    }
    terminal.say("不能办，一项也没有记录：");
    for refusal in answer.get("refusals").and_then(Value::as_array).into_iter().flatten() {
        let basis = text(refusal, "basis");
        let basis = if basis.is_empty() { basis } else { format!("（{basis}）") };
        terminal.say(format!("· {}{basis}［{}］", text(refusal, "sentence"), text(refusal, "code")));
        terminal.say(format!("  {}", text(refusal, "next")));
    }
    Ok(outcome)
}
