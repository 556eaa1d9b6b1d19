//! A time stamp authority of the `openssl` command: its root, its certificates, answers, and answers as nobody should give them.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::{Arc, Mutex};

const CONFIG: &str = "\
[ca]\ndefault_ca=c\n[c]\ndatabase=index\nserial=serial\nnew_certs_dir=.\ncertificate=ca.pem\nprivate_key=ca.key\ndefault_md=sha256\npolicy=p\n\
unique_subject=no\n[p]\ncommonName=supplied\n\
[stamp]\nextendedKeyUsage=critical,timeStamping\nbasicConstraints=CA:FALSE\nkeyUsage=critical,digitalSignature\n\
[server]\nextendedKeyUsage=critical,serverAuth\nbasicConstraints=CA:FALSE\n\
[plain]\nbasicConstraints=CA:FALSE\n\
[tsa]\ndefault_tsa=t\n[t]\nserial=tsaserial\nsigner_cert=stamp.pem\ncerts=ca.pem\nsigner_key=tsa.key\nsigner_digest=sha256\n\
default_policy=1.2.3.4.1\ndigests=sha256,sha512\naccuracy=secs:1\n";
const TST_INFO: &str = "1.2.840.113549.1.9.16.1.4";
/// Long enough for every time of a test.
const LONG: [&str; 2] = ["20200101000000Z", "20400101000000Z"];

/// How an authority signs.
#[derive(Clone, Copy, Debug)]
pub struct Kind {
    /// `rsa:2048`, or an elliptic curve.
    pub key: &'static str,
    /// By which it names its certificate, and whether its time has a fraction.
    pub ess: &'static str,
    pub digits: u8,
}

pub const EC: Kind = Kind { key: "P-256", ess: "sha256", digits: 0 };
pub const RSA: Kind = Kind { key: "rsa:2048", ess: "sha1", digits: 3 };

pub struct Authority {
    folder: PathBuf,
}

/// Whether there is an openssl; without it the line that `./check` counts.
pub fn openssl_is_here(test: &str) -> bool {
    let here = Command::new("openssl").arg("version").output().is_ok_and(|run| run.status.success());
    if !here {
        println!("\nSKIPPED {test}: openssl is missing");
    }
    here
}

impl Authority {
    pub fn new(parent: &Path, name: &str, kind: Kind) -> Self {
        let folder = parent.join(name);
        std::fs::create_dir_all(&folder).unwrap();
        let config = format!("{CONFIG}ess_cert_id_alg={}\nclock_precision_digits={}\n", kind.ess, kind.digits);
        for (file, text) in [("cnf", config.as_str()), ("index", ""), ("serial", "01\n"), ("tsaserial", "01\n")] {
            std::fs::write(folder.join(file), text).unwrap();
        }
        let authority = Self { folder };
        let curve = format!("ec_paramgen_curve:{}", kind.key);
        let key = if kind.key.starts_with("rsa") {
            vec!["-newkey", kind.key]
        } else {
            vec!["-newkey", "ec", "-pkeyopt", &curve]
        };
        let subject = format!("/CN={name} 时间戳");
        let root = [
            "req", "-x509", "-utf8", "-nodes", "-days", "9000", "-subj", "/CN=Root", "-keyout", "ca.key", "-out",
            "ca.pem",
        ];
        authority.openssl(&[&root[..], &key].concat());
        let request = ["req", "-utf8", "-nodes", "-subj", &subject, "-keyout", "tsa.key", "-out", "tsa.csr"];
        authority.openssl(&[&request[..], &key].concat());
        for usage in ["stamp", "server", "plain"] {
            authority.certify(usage, usage, LONG);
        }
        authority
    }

    /// Signs a certificate of the authority's key, under its root.
    pub fn certify(&self, name: &str, usage: &str, [from, until]: [&str; 2]) {
        let out = format!("{name}.pem");
        let dates = ["-startdate", from, "-enddate", until, "-notext", "-batch"];
        self.openssl(
            &[&["ca", "-config", "cnf", "-extensions", usage, "-in", "tsa.csr", "-out", &out][..], &dates].concat(),
        );
    }

    fn openssl(&self, words: &[&str]) -> Vec<u8> {
        let run = Command::new("openssl").args(words).current_dir(&self.folder).output().unwrap();
        assert!(run.status.success(), "{words:?}: {}", String::from_utf8_lossy(&run.stderr));
        run.stdout
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.join(name)
    }

    /// A certificate, PEM.
    pub fn pem(&self, name: &str) -> String {
        std::fs::read_to_string(self.path(name)).unwrap()
    }

    /// The fingerprint of a certificate, as openssl prints it.
    pub fn fingerprint(&self, name: &str) -> String {
        let said = self.openssl(&["x509", "-noout", "-fingerprint", "-sha256", "-in", name]);
        String::from_utf8(said).unwrap().trim().split_once('=').unwrap().1.to_owned()
    }

    /// The answer to a request (TimeStampResp).
    pub fn reply(&self, request: &[u8]) -> Vec<u8> {
        std::fs::write(self.path("q.tsq"), request).unwrap();
        self.openssl(&["ts", "-reply", "-config", "cnf", "-queryfile", "q.tsq", "-out", "r.tsr"]);
        std::fs::read(self.path("r.tsr")).unwrap()
    }

    /// What a token says (TSTInfo) about a request.
    pub fn info(&self, request: &[u8]) -> Vec<u8> {
        self.reply(request);
        self.openssl(&["ts", "-reply", "-in", "r.tsr", "-token_out", "-out", "r.tst"]);
        self.openssl(&["cms", "-verify", "-noverify", "-inform", "DER", "-in", "r.tst", "-out", "info"]);
        std::fs::read(self.path("info")).unwrap()
    }

    /// An answer that says anything, of any status, signed with any certificate of this authority.
    pub fn forge(&self, info: &[u8], status: u8, certificate: &str) -> Vec<u8> {
        std::fs::write(self.path("info"), info).unwrap();
        let certificate = format!("{certificate}.pem");
        let sign = ["cms", "-sign", "-binary", "-nodetach", "-cades", "-md", "sha256", "-econtent_type", TST_INFO];
        let of = ["-signer", &certificate, "-inkey", "tsa.key", "-outform", "DER", "-in", "info"];
        answer(status, &self.openssl(&[&sign[..], &of].concat()))
    }
}

/// TimeStampResp: a status, and a token behind it.
pub fn answer(status: u8, token: &[u8]) -> Vec<u8> {
    let body = [&[0x30, 3, 2, 1, status][..], token].concat();
    let length = u16::try_from(body.len()).unwrap().to_be_bytes();
    [&[0x30, 0x82][..], &length, &body].concat()
}

type Manner = Box<dyn FnMut(&[u8]) -> (u16, Vec<u8>) + Send>;

/// An authority at an address, which answers as it is told to.
#[derive(Clone)]
pub struct Counter {
    pub address: String,
    manner: Arc<Mutex<Manner>>,
}

impl Counter {
    pub fn open(manner: impl FnMut(&[u8]) -> (u16, Vec<u8>) + Send + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = format!("http://{}/tsa", listener.local_addr().unwrap());
        let counter = Self { address, manner: Arc::new(Mutex::new(Box::new(manner))) };
        let shared = counter.clone();
        std::thread::spawn(move || listener.incoming().flatten().for_each(|stream| shared.serve(stream)));
        counter
    }

    pub fn answer_by(&self, manner: impl FnMut(&[u8]) -> (u16, Vec<u8>) + Send + 'static) {
        *self.manner.lock().unwrap() = Box::new(manner);
    }

    fn serve(&self, mut stream: TcpStream) {
        let mut asked = Vec::new();
        let mut chunk = [0; 4096];
        let body = loop {
            let read = stream.read(&mut chunk).unwrap();
            asked.extend_from_slice(&chunk[..read]);
            let Some(end) = asked.windows(4).position(|four| four == b"\r\n\r\n") else { continue };
            let head = String::from_utf8_lossy(&asked[..end]).to_lowercase();
            assert!(head.starts_with("post /tsa http") && head.contains("application/timestamp-query"), "{head}");
            let length = head.lines().find_map(|line| line.strip_prefix("content-length: ")).unwrap();
            if asked.len() >= end + 4 + length.trim().parse::<usize>().unwrap() {
                break asked.split_off(end + 4);
            }
        };
        let (status, answer) = self.manner.lock().unwrap()(&body);
        let head = format!(
            "HTTP/1.1 {status} X\r\nContent-Type: application/timestamp-reply\r\nConnection: close\r\nContent-Length: {}\r\n\r\n",
            answer.len()
        );
        let _ = stream.write_all(head.as_bytes()).and_then(|()| stream.write_all(&answer));
    }
}
