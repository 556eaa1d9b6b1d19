//! A real browser: Chromium driven by chromedriver, against the real binary serving the small demonstration county.
//!
//! One server and one chromedriver for a run of the tests, both on free ports, both ended at the end of the process's
//! last test. Without chromedriver a test prints `SKIPPED` and `./check` counts it.

use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::OnceLock;

use fantoccini::wd::Capabilities;
use fantoccini::{Client, ClientBuilder, Locator};
use serde_json::{Value, json};

use crate::house::root;
use crate::support::{Folder, copied};

const AXE: &str = include_str!("../../assets/axe.min.js");

/// How large the window is.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Window {
    /// 390 × 844: a common telephone.
    Phone,
    /// 1280 × 900.
    Desktop,
}

/// A child process that ends with its owner.
struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// The county being served, and the driver of browsers.
pub struct World {
    /// `http://127.0.0.1:…`, without a slash at the end.
    pub address: String,
    pub driver: String,
    _server: Running,
    _driver: Running,
    _folder: Folder,
}

impl World {
    /// Starts both; `None`, with a line that `./check` counts, if there is no chromedriver.
    pub fn start(test: &str) -> Option<Self> {
        let Ok(driver) = Command::new("chromedriver").arg("--port=0").stdout(Stdio::piped()).spawn() else {
            println!("\nSKIPPED {test}: chromedriver is not installed");
            return None;
        };
        let (driver, port) = wait_for(driver, |line| {
            line.split("successfully on port ").nth(1).map(|rest| rest.trim_end_matches('.').to_owned())
        });
        let folder = Folder::new();
        copied(made(), &folder.path().join("county"));
        let server = Command::new(env!("CARGO_BIN_EXE_zhunsheng"))
            .args(["demo", "--port", "0", "--data"])
            .arg(folder.path().join("county"))
            .env("ZHUNSHENG_LOG", "warn")
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let (server, address) =
            wait_for(server, |line| line.split("：").find(|part| part.starts_with("http://")).map(str::to_owned));
        Some(Self {
            address: address.trim_end_matches('/').to_owned(),
            driver: format!("http://127.0.0.1:{port}"),
            _server: server,
            _driver: driver,
            _folder: folder,
        })
    }

    /// A fresh browser without cookies. Without script the browser itself forbids it to pages; what the driver asks for is
    /// still answered.
    pub async fn browser(&self, test: &'static str, window: Window, script: bool) -> Surfer {
        let (width, height) = if window == Window::Phone { (390, 844) } else { (1280, 900) };
        let mut chrome = json!({
            "args": ["--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--hide-scrollbars",
                     "--lang=zh-CN", format!("--window-size={width},{height}")],
        });
        if window == Window::Phone {
            // A window cannot be narrower than 500 pixels; a telephone is emulated. A finger's press would wait for ever on
            // a page without script: there, the telephone has a mouse.
            chrome["mobileEmulation"] =
                json!({ "deviceMetrics": { "width": width, "height": height, "pixelRatio": 2.0, "touch": script } });
        }
        if !script {
            chrome["prefs"] = json!({ "profile.managed_default_content_settings.javascript": 2 });
        }
        let mut capabilities = Capabilities::new();
        capabilities.insert("goog:chromeOptions".to_owned(), chrome);
        let client = ClientBuilder::new(hyper_util::client::legacy::connect::HttpConnector::new())
            .capabilities(capabilities)
            .connect(&self.driver)
            .await
            .unwrap();
        let surfer = Surfer { client, address: self.address.clone(), test, pictures: 0, script };
        surfer.client.goto("data:text/html,<title>off</title><script>document.title='on'</script>").await.unwrap();
        let ran = surfer.ask("return document.title").await;
        assert_eq!(ran, json!(if script { "on" } else { "off" }), "scripts of pages");
        surfer
    }
}

/// The small county, made once for all tests of a run; each test works on a copy of its own.
fn made() -> &'static Path {
    static MADE: OnceLock<PathBuf> = OnceLock::new();
    MADE.get_or_init(|| {
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("browser-county-{}", std::process::id()));
        let _ = std::fs::remove_dir_all(&folder);
        let made = Command::new(env!("CARGO_BIN_EXE_zhunsheng"))
            .args(["demo", "--no-serve", "--scenario", "small", "--data"])
            .arg(&folder)
            .status();
        assert!(made.unwrap().success(), "the small county cannot be made");
        folder
    })
}

/// Reads a child's output until a line answers; the rest is read away so that the child never blocks.
fn wait_for(mut child: Child, answer: impl Fn(&str) -> Option<String>) -> (Running, String) {
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let running = Running(child);
    for line in lines.by_ref() {
        if let Some(found) = answer(&line.unwrap()) {
            std::thread::spawn(move || lines.for_each(drop));
            return (running, found);
        }
    }
    panic!("the child ended without saying where it listens");
}

/// A person at a browser.
pub struct Surfer {
    pub client: Client,
    address: String,
    test: &'static str,
    pictures: u32,
    script: bool,
}

impl Surfer {
    /// Goes to a page of the county, looks at it with axe, keeps a picture.
    pub async fn visit(&mut self, path: &str) {
        self.client.goto(&format!("{}{path}", self.address)).await.unwrap();
        self.look(path).await;
    }

    /// Goes to a page of a template that was looked at before: what costs seconds, axe and a picture, is left out.
    pub async fn pass(&self, path: &str) {
        self.client.goto(&format!("{}{path}", self.address)).await.unwrap();
        self.fits().await;
    }

    /// Path of the page.
    pub async fn path(&self) -> String {
        self.client.current_url().await.unwrap().path().to_owned()
    }

    /// All text of the page.
    pub async fn text(&self) -> String {
        self.client.find(Locator::Css("body")).await.unwrap().text().await.unwrap()
    }

    /// Asserts that the page says something.
    pub async fn sees(&self, words: &str) {
        let text = self.text().await;
        assert!(text.contains(words), "“{words}” is not on {}:\n{text}", self.path().await);
    }

    /// Looks at the page as it is: no violation of axe's rules, nothing wider than the window; a picture is kept.
    pub async fn look(&mut self, what: &str) {
        self.picture(what).await;
        self.fits().await;
        // Axe waits for timers, and a page without script has none.
        if self.script {
            self.look_with_axe().await;
        }
    }

    async fn fits(&self) {
        let wide = self.ask("return document.documentElement.scrollWidth - document.documentElement.clientWidth").await;
        assert_eq!(wide, json!(0), "{} scrolls sideways", self.path().await);
    }

    async fn look_with_axe(&self) {
        self.client.execute(AXE, vec![]).await.unwrap();
        let found = self
            .client
            .execute_async(
                "const done = arguments[arguments.length - 1];
                 axe.run(document, {resultTypes: ['violations']}).then(r => done(r.violations.map(v =>
                   v.id + ': ' + v.help + ' — ' + v.nodes.map(n => n.target.join(' ') + ' ' + (n.failureSummary || '')).join(' | '))),
                   e => done(['axe failed: ' + e]));",
                vec![],
            )
            .await
            .unwrap();
        let url = self.path().await;
        assert_eq!(found, json!([]), "axe on {url}");
    }

    async fn picture(&mut self, what: &str) {
        self.pictures += 1;
        let name: String = what.chars().map(|c| if c.is_alphanumeric() { c } else { '-' }).take(40).collect();
        let folder: PathBuf = root().join("test-output/screenshots").join(self.test);
        std::fs::create_dir_all(&folder).unwrap();
        let image = self.client.screenshot().await.unwrap();
        std::fs::write(folder.join(format!("{:02}-{}.png", self.pictures, name.trim_matches('-'))), image).unwrap();
    }

    /// Signs in as the persona whose title begins so.
    pub async fn become_persona(&mut self, title: &str) {
        self.client.delete_all_cookies().await.unwrap();
        self.visit("/demo").await;
        self.press(&format!("//button[contains(@class,'persona')][starts-with(normalize-space(.), '{title}')]")).await;
        assert!(self.path().await != "/demo", "{title} is not signed in");
    }

    /// Who plays the persona whose title begins so.
    pub async fn name_of(&mut self, title: &str) -> String {
        self.visit("/demo").await;
        let all = "[...document.querySelectorAll('button.persona strong')].map(b => b.textContent.trim())";
        let said = self.ask(&format!("return {all}.find(t => t.startsWith('{title}')) || ''")).await;
        said.as_str().and_then(|said| said.split_whitespace().nth(1)).expect("a persona with a name").to_owned()
    }

    /// Chooses what is called so: of a select, or the box beside it.
    pub async fn choose(&self, name: &str, words: &str) {
        let script = format!(
            "const words = '{words}';
             for (const o of document.querySelectorAll(\"select[name='{name}'] option\"))
               if (o.textContent.includes(words)) {{ o.closest('select').value = o.value; return true; }}
             for (const box of document.querySelectorAll(\"input[name='{name}']\"))
               if (box.closest('.choice')?.textContent.includes(words)) {{ box.checked = true; return true; }}
             return false"
        );
        assert_eq!(self.ask(&script).await, json!(true), "nothing called {words} in {name}:\n{}", self.text().await);
    }

    /// Clicks an element found by XPath and waits for the next page.
    pub async fn press(&mut self, xpath: &str) {
        let found = self.client.find(Locator::XPath(xpath)).await;
        let Ok(element) = found else {
            panic!("nothing like {xpath} on {}:\n{}", self.path().await, self.text().await);
        };
        if !self.script {
            // A question asked while such a page gives way to the next is never answered: the old element goes stale.
            element.click().await.unwrap();
            for _ in 0..200 {
                tokio::time::sleep(std::time::Duration::from_millis(50)).await;
                if element.tag_name().await.is_err() {
                    return;
                }
            }
            panic!("{xpath} led to no other page");
        }
        self.ask("document.documentElement.dataset.before = '1'").await;
        element.click().await.unwrap();
        let loaded = "return !document.documentElement.dataset.before && document.readyState === 'complete'";
        for _ in 0..200 {
            if self.client.execute(loaded, vec![]).await.is_ok_and(|done| done == json!(true)) {
                return;
            }
            tokio::time::sleep(std::time::Duration::from_millis(50)).await;
        }
        panic!("{xpath} led to no other page from {}:\n{}", self.path().await, self.text().await);
    }

    /// Whether the page has such an element.
    pub async fn has(&self, css: &str) -> bool {
        !self.client.find_all(Locator::Css(css)).await.unwrap().is_empty()
    }

    /// Waits until the page has such an element, as long as a patient person would.
    pub async fn waits_for(&self, css: &str) {
        for _ in 0..300 {
            if self.has(css).await {
                return;
            }
            tokio::time::sleep(std::time::Duration::from_millis(50)).await;
        }
        panic!("{css} never came:\n{}", self.text().await);
    }

    /// Fills one control by name: types, chooses, or checks, whatever it is.
    pub async fn fill(&mut self, name: &str, value: &str) {
        // What is folded away is opened, as people do.
        self.ask("document.querySelectorAll('main form details').forEach(part => { part.open = true })").await;
        let path = format!("//*[@name='{name}'][not(@type='hidden')]");
        let all = self.client.find_all(Locator::XPath(&path)).await.unwrap();
        let Some(first) = all.first() else {
            panic!("no field {name} on {}:\n{}", self.path().await, self.text().await);
        };
        match (first.tag_name().await.unwrap().as_str(), first.attr("type").await.unwrap().as_deref()) {
            ("select", _) => first.select_by_value(value).await.unwrap(),
            ("input", Some("radio" | "checkbox")) => {
                let one = format!("//input[@name='{name}'][@value='{value}']");
                let choice = self.client.find(Locator::XPath(&one)).await.unwrap();
                // A form may stand filled as an earlier step said: what is chosen stays chosen.
                if !choice.is_selected().await.unwrap() {
                    choice.click().await.unwrap();
                }
            }
            ("input", Some("file")) => first.send_keys(value).await.unwrap(),
            ("input", Some("date")) => {
                // The keys of a date control depend on the locale; its value does not.
                let set = "arguments[0].value = arguments[1]";
                let element = serde_json::to_value(first).unwrap();
                self.client.execute(set, vec![element, json!(value)]).await.unwrap();
            }
            _ => {
                first.clear().await.unwrap();
                first.send_keys(value).await.unwrap();
            }
        }
    }

    /// Fills every required control that is still empty with something that fits its kind: forms are made from
    /// definitions, and a test should not have to be rewritten when a definition asks one thing more.
    pub async fn fill_the_rest(&mut self) {
        self.client.execute(FILL_THE_REST, vec![]).await.unwrap();
    }

    /// The value of a script.
    pub async fn ask(&self, script: &str) -> Value {
        self.client.execute(script, vec![]).await.unwrap()
    }

    /// A file to upload, as large as it must be.
    pub fn file(&self, name: &str, bytes: &[u8]) -> String {
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("browser-files-{}", std::process::id()));
        std::fs::create_dir_all(&folder).unwrap();
        let path = folder.join(name);
        std::fs::write(&path, bytes).unwrap();
        path.to_str().unwrap().to_owned()
    }

    /// Ends the browser.
    pub async fn close(self) {
        self.client.close().await.unwrap();
    }
}

/// Types into what is marked as required and empty; of choices takes the first.
const FILL_THE_REST: &str = r#"
const form = [...document.querySelectorAll('main form')].sort((a, b) => b.elements.length - a.elements.length)[0];
for (const field of form.querySelectorAll('.field')) {
  if (!field.querySelector('.req')) continue;
  const radios = [...field.querySelectorAll('input[type=radio]')];
  if (radios.length) { if (!radios.some(r => r.checked)) radios[0].checked = true; continue; }
  const boxes = [...field.querySelectorAll('input[type=checkbox]')];
  if (boxes.length) { // Two officers, where officers are named (行政处罚法§42); who acts is checked already.
    const need = boxes[0].closest('.choice').classList.contains('person') ? 2 : 1;
    for (const box of boxes.filter(b => !b.closest('.choice').textContent.includes('不能计入'))) {
      if (boxes.filter(b => b.checked).length < need) box.checked = true;
    }
    continue; }
  const select = field.querySelector('select');
  if (select) { if (!select.value) select.value = [...select.options].map(o => o.value).find(v => v) || ''; continue; }
  const area = field.querySelector('textarea');
  if (area) { if (!area.value.trim()) area.value = '双方对事实没有争议，内容真实完整。'; continue; }
  const input = field.querySelector('input:not([type=hidden]):not([type=file])');
  if (!input || input.value) continue;
  if (input.type === 'date') input.value = '2024-10-26';
  else if (input.inputMode === 'numeric') input.value = '1';
  else if (input.inputMode === 'decimal') input.value = '100';
  else if (input.type === 'tel' || input.inputMode === 'tel') input.value = '13800000000';
  else input.value = '测试内容';
}
"#;
