//! Witness processes of the same binary on loopback, and logs of numbered leaves to show them.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use zhunsheng::witness::folder::Folder as WitnessFolder;
use zhunsheng_core::id::Digest;
use zhunsheng_core::record::cosign::WitnessKey;
use zhunsheng_core::record::crypto::{Both, Suite};
use zhunsheng_core::record::note::{LogKey, LogSigner};
use zhunsheng_core::record::proof::{Node, consistency, root};
use zhunsheng_core::record::tree::{leaf_hash, node_hash};
use zhunsheng_core::record::witness::Request;

const BINARY: &str = env!("CARGO_BIN_EXE_zhunsheng");

/// A log of numbered leaves that share the first `fork` leaves with every other one.
#[derive(Clone, Copy)]
pub struct NumberedLog {
    pub seed: u64,
    pub fork: u64,
}

impl NumberedLog {
    pub fn signer() -> LogSigner {
        LogSigner::new(Suite::Sha256, "zhunsheng/211224", &[1; 32]).unwrap()
    }

    /// A note of this root; nobody asks for the other one.
    pub fn sign(signer: &LogSigner, size: u64, root: Digest) -> String {
        signer.sign(size, &Both::of(|_| root)).unwrap()
    }

    fn node(self, node: Node) -> Digest {
        match node.height {
            0 => {
                let seed = if node.index < self.fork { 0 } else { self.seed };
                leaf_hash(Suite::Sha256, &[seed.to_be_bytes(), node.index.to_be_bytes()].concat())
            }
            height => {
                let child = |index| self.node(Node { height: height - 1, index });
                node_hash(Suite::Sha256, &child(node.index * 2), &child(node.index * 2 + 1))
            }
        }
    }

    pub fn root(self, size: u64) -> Digest {
        root(Suite::Sha256, size, &mut |node| Ok::<_, ()>(self.node(node))).unwrap()
    }

    pub fn proof(self, old: u64, size: u64) -> Vec<Digest> {
        consistency(Suite::Sha256, old, size, &mut |node| Ok::<_, ()>(self.node(node))).unwrap().unwrap_or_default()
    }

    /// What an honest log asks.
    pub fn request(self, old: u64, size: u64) -> Request {
        Request { old, proof: self.proof(old, size), note: Self::sign(&Self::signer(), size, self.root(size)) }
    }
}

/// An answer over HTTP.
#[derive(Debug)]
pub struct Answer {
    pub status: u16,
    pub kind: String,
    pub body: String,
}

/// One request on a connection of its own; none if the peer went away.
pub fn try_post(address: &str, path: &str, body: &[u8]) -> Option<Answer> {
    let mut stream = TcpStream::connect(address).ok()?;
    stream.set_read_timeout(Some(Duration::from_secs(10))).unwrap();
    let head =
        format!("POST {path} HTTP/1.1\r\nHost: w\r\nConnection: close\r\nContent-Length: {}\r\n\r\n", body.len());
    stream.write_all(head.as_bytes()).ok()?;
    stream.write_all(body).ok()?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer).ok()?;
    let (head, body) = answer.split_once("\r\n\r\n")?;
    let status = head.split(' ').nth(1)?.parse().ok()?;
    let kind = head.lines().find_map(|line| line.strip_prefix("content-type: ")).unwrap_or_default();
    Some(Answer { status, kind: kind.to_owned(), body: body.to_owned() })
}

/// A witness: its folder, and its process while it runs.
pub struct WitnessProcess {
    pub folder: PathBuf,
    pub key: WitnessKey,
    pub address: String,
    running: Option<Child>,
}

impl WitnessProcess {
    /// Made with the commands that people use, and started.
    pub fn start(parent: &Path, name: &str, logs: &[LogKey]) -> Self {
        let folder = parent.join(name);
        command(&folder, &["init", "--name", name]);
        for log in logs {
            command(&folder, &["follow", &log.to_string()]);
        }
        let key = WitnessFolder::open(&folder).unwrap().key();
        let mut witness = Self { folder, key, address: String::new(), running: None };
        witness.run(&[]);
        witness
    }

    /// Starts the process, below another program if one is given.
    pub fn run(&mut self, below: &[&str]) {
        let mut words = below.to_vec();
        words.extend([BINARY, "witness", "serve", "--port", "0", "--data", self.folder.to_str().unwrap()]);
        let mut child =
            Command::new(words[0]).args(&words[1..]).stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let address = line.split("http://").nth(1).unwrap_or_else(|| panic!("{line}"));
        self.address = address.trim().trim_end_matches('/').to_owned();
        self.running = Some(child);
    }

    pub fn ask(&self, request: &Request) -> Answer {
        self.try_ask(request).expect("an answer")
    }

    pub fn try_ask(&self, request: &Request) -> Option<Answer> {
        try_post(&self.address, "/add-checkpoint", request.to_text().as_bytes())
    }

    /// The time of this witness's signature, if the answer is one for the note.
    pub fn signed(&self, request: &Request, answer: &Answer) -> Option<u64> {
        self.key.verify(&(request.note.clone() + &answer.body)).ok()
    }

    /// SIGKILL, whatever it is doing; [`WitnessProcess::wait`] sees its end.
    pub fn kill_now(&self) {
        let pid = self.running.as_ref().map(Child::id).unwrap().to_string();
        assert!(Command::new("kill").args(["-9", &pid]).status().unwrap().success());
    }

    /// SIGKILL, and its end.
    pub fn kill(&mut self) {
        if let Some(mut child) = self.running.take() {
            let _ = child.kill();
            let _ = child.wait();
        }
    }

    /// The end of a process that something else kills.
    pub fn wait(&mut self) {
        if let Some(mut child) = self.running.take() {
            let _ = child.wait();
        }
    }
}

impl Drop for WitnessProcess {
    fn drop(&mut self) {
        self.kill();
    }
}

/// A command of the witness that must succeed; what it said.
pub fn command(folder: &Path, words: &[&str]) -> String {
    let (code, text) = try_command(folder, words);
    assert_eq!(code, 0, "{words:?}: {text}");
    text
}

/// A command of the witness: exit code and what it said.
pub fn try_command(folder: &Path, words: &[&str]) -> (i32, String) {
    let output = Command::new(BINARY).arg("witness").args(words).arg("--data").arg(folder).output().unwrap();
    let text = [&output.stdout[..], &output.stderr[..]].concat();
    (output.status.code().unwrap(), String::from_utf8(text).unwrap())
}
