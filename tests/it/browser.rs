//! A real browser, driven over the DevTools protocol: what a letter looks like, measured where it is drawn.

use std::io::{BufRead, BufReader};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Child, Command, Stdio};

use serde_json::{Value, json};
use tungstenite::stream::MaybeTlsStream;
use tungstenite::{Message, WebSocket};

use crate::support;

/// A page of a browser of its own, which ends with it.
pub struct Page {
    child: Child,
    socket: WebSocket<MaybeTlsStream<TcpStream>>,
    session: String,
    next: u64,
    _profile: tempfile::TempDir,
}

/// How a page is looked at.
#[derive(Debug, Clone, Copy)]
pub struct View {
    /// The width of the window in CSS pixels.
    pub width: u32,
    /// Whether the reader prefers the dark.
    pub is_dark: bool,
}

impl Page {
    /// A new browser; `None` where there is none on this machine (see [`support::has`]).
    pub fn new(test: &str) -> Option<Self> {
        if !support::has("chromium", test) {
            return None;
        }
        let profile = tempfile::tempdir().expect("a folder for the profile");
        let mut child = Command::new("chromium")
            .args([
                "--headless",
                "--no-sandbox",
                "--disable-gpu",
                "--disable-quic",
                "--no-first-run",
            ])
            .args([
                "--disable-background-networking",
                "--disable-component-update",
                "--disable-sync",
            ])
            .args([
                "--hide-scrollbars",
                "--remote-debugging-port=0",
                "about:blank",
            ])
            .arg(format!("--user-data-dir={}", profile.path().display()))
            .stderr(Stdio::piped())
            .stdout(Stdio::null())
            .spawn()
            .expect("chromium starts");
        let address = devtools(&mut child);
        let (socket, _) = tungstenite::connect(address).expect("chromium listens");
        let mut page = Self {
            child,
            socket,
            session: String::new(),
            next: 0,
            _profile: profile,
        };
        page.attach();
        Some(page)
    }

    fn attach(&mut self) {
        let targets = self.call("Target.getTargets", json!({}));
        let infos = targets["targetInfos"]
            .as_array()
            .cloned()
            .unwrap_or_default();
        let page = infos
            .iter()
            .find(|info| info["type"] == "page")
            .expect("a page");
        let target = json!({ "targetId": page["targetId"], "flatten": true });
        let attached = self.call("Target.attachToTarget", target);
        self.session = attached["sessionId"]
            .as_str()
            .expect("a session")
            .to_owned();
        self.call("Page.enable", json!({}));
    }

    /// Opens a file and waits until it is loaded.
    pub fn open(&mut self, file: &Path) {
        let url = format!("file://{}", file.display());
        self.call("Page.navigate", json!({ "url": url }));
        // A promise of the page itself: nothing is polled, nothing slept.
        let loaded = "new Promise(done => document.readyState === 'complete' ? done() : \
                      addEventListener('load', () => done()))";
        self.evaluate(loaded);
    }

    pub fn look(&mut self, view: View) {
        let size = json!({
            "width": view.width, "height": 900, "deviceScaleFactor": 1, "mobile": false,
        });
        self.call("Emulation.setDeviceMetricsOverride", size);
        let scheme = if view.is_dark { "dark" } else { "light" };
        let feature = json!({ "name": "prefers-color-scheme", "value": scheme });
        self.call(
            "Emulation.setEmulatedMedia",
            json!({ "features": [feature] }),
        );
    }

    /// The value of an expression, promises waited for.
    pub fn evaluate(&mut self, expression: &str) -> Value {
        let parameters = json!({
            "expression": expression, "awaitPromise": true, "returnByValue": true,
        });
        let mut result = self.call("Runtime.evaluate", parameters);
        assert!(
            result.get("exceptionDetails").is_none(),
            "{expression}: {result}"
        );
        result["result"]["value"].take()
    }

    /// The nodes of the accessibility tree, as a screen reader goes through them.
    pub fn accessibility_tree(&mut self) -> Vec<Value> {
        let tree = self.call("Accessibility.getFullAXTree", json!({}));
        tree["nodes"].as_array().cloned().unwrap_or_default()
    }

    fn call(&mut self, method: &str, parameters: Value) -> Value {
        self.next += 1;
        let mut message = json!({ "id": self.next, "method": method, "params": parameters });
        if !self.session.is_empty() {
            message["sessionId"] = json!(self.session);
        }
        self.socket
            .send(Message::text(message.to_string()))
            .expect("chromium takes a message");
        loop {
            let answer = self.socket.read().expect("chromium answers");
            let Ok(text) = answer.to_text() else { continue };
            let mut answer: Value = serde_json::from_str(text).unwrap_or_default();
            if answer["id"] == json!(self.next) {
                assert!(answer.get("error").is_none(), "{method}: {answer}");
                return answer["result"].take();
            }
        }
    }
}

impl Drop for Page {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The address that the browser writes when it listens.
fn devtools(child: &mut Child) -> String {
    let stderr = child.stderr.take().expect("a pipe");
    let mut lines = BufReader::new(stderr).lines();
    let found = lines.by_ref().map_while(Result::ok).find_map(|line| {
        line.strip_prefix("DevTools listening on ")
            .map(str::to_owned)
    });
    // The rest is read too, or the browser would wait for room in the pipe.
    std::thread::spawn(move || lines.for_each(drop));
    found.expect("chromium says where it listens")
}
