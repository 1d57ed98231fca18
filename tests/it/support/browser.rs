//! A real browser, driven over the DevTools protocol, which measures messages where they are rendered.

use std::io::{BufRead, BufReader, ErrorKind};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

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
    /// The events of the browser since the last navigation began.
    events: Vec<String>,
    _profile: tempfile::TempDir,
}

/// How long the browser may say nothing: a test that waits for what never comes fails.
const SILENCE: Duration = Duration::from_mins(2);

/// How a page is looked at.
#[derive(Debug, Clone, Copy)]
pub struct View {
    /// The width of the window in CSS pixels.
    pub width: u32,
    /// Whether the user prefers a dark colour scheme.
    pub is_dark: bool,
}

/// A node of the accessibility tree, which screen readers use.
#[derive(Debug)]
pub struct Accessible {
    pub role: String,
    pub name: String,
    /// Of a heading; else 0.
    pub level: u64,
    pub children: Vec<Accessible>,
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
        if let MaybeTlsStream::Plain(stream) = socket.get_ref() {
            stream
                .set_read_timeout(Some(SILENCE))
                .expect("a time that is not zero");
        }
        let mut page = Self {
            child,
            socket,
            session: String::new(),
            next: 0,
            events: Vec::new(),
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
        self.visit(&format!("file://{}", file.display()));
    }

    /// Opens a page and waits until it is loaded.
    pub fn visit(&mut self, url: &str) {
        self.leave(|page| {
            page.call("Page.navigate", json!({ "url": url }));
        });
    }

    /// Has `how` lead to another page and waits until that is loaded. The browser is asked, not the page: a
    /// question to the page may still be answered by the one that is being left.
    pub fn leave(&mut self, how: impl FnOnce(&mut Self)) {
        self.events.clear();
        how(self);
        while !self
            .events
            .iter()
            .any(|event| event == "Page.loadEventFired")
        {
            self.read();
        }
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
        let resized = format!(
            "new Promise(done => innerWidth === {} ? done() : addEventListener('resize', () => done()))",
            view.width
        );
        self.evaluate(&resized);
    }

    /// Has Chromium darken every page by itself, as it does on Android for who wishes it.
    pub fn force_dark(&mut self) {
        self.call(
            "Emulation.setAutoDarkModeOverride",
            json!({ "enabled": true }),
        );
    }

    /// The whole page as a PNG in base64.
    pub fn shot(&mut self) -> String {
        let size = self.evaluate("[innerWidth, document.documentElement.scrollHeight]");
        let clip = json!({ "x": 0, "y": 0, "width": size[0], "height": size[1], "scale": 1 });
        let parameters = json!({ "captureBeyondViewport": true, "clip": clip });
        let shot = self.call("Page.captureScreenshot", parameters);
        shot["data"].as_str().expect("a picture").to_owned()
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

    /// Presses a key and lets it go: a character, or `Tab`, `Enter`, `Escape`, `ArrowLeft`.
    pub fn press(&mut self, key: &str) {
        let code = match key {
            "Tab" => 9,
            "Enter" => 13,
            "Escape" => 27,
            "ArrowLeft" => 37,
            _ => 0,
        };
        let text = match key {
            "Enter" => "\r",
            _ if code == 0 => key,
            _ => "",
        };
        let mut stroke = json!({
            "type": "keyDown", "key": key, "windowsVirtualKeyCode": code, "text": text,
        });
        self.call("Input.dispatchKeyEvent", stroke.clone());
        stroke["type"] = json!("keyUp");
        stroke["text"] = json!("");
        self.call("Input.dispatchKeyEvent", stroke);
    }

    /// Writes where the focus is, as a keyboard does.
    pub fn write(&mut self, words: &str) {
        self.call("Input.insertText", json!({ "text": words }));
    }

    /// Waits until `condition` holds in the page; the test fails where it does not for a minute.
    pub fn wait_until(&mut self, condition: &str) {
        let waited = self.evaluate(&format!(
            "new Promise(done => {{
                const end = Date.now() + 60_000;
                const look = () => {{
                    let holds = false;
                    try {{ holds = {condition} }} catch {{ /* what is not there yet */ }}
                    if (holds || Date.now() > end) done(Boolean(holds));
                    else requestAnimationFrame(look);
                }};
                look();
            }})"
        ));
        let seen = (waited != true).then(|| self.evaluate("document.body.innerText"));
        assert!(seen.is_none(), "{condition}: {seen:?}");
    }

    /// The accessibility tree from its root.
    pub fn accessibility_tree(&mut self) -> Accessible {
        let tree = self.call("Accessibility.getFullAXTree", json!({}));
        let nodes = tree["nodes"].as_array().cloned().unwrap_or_default();
        Accessible::of(nodes.first().expect("a root"), &nodes)
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
            let mut answer = self.read();
            if answer["id"] == json!(self.next) {
                assert!(answer.get("error").is_none(), "{method}: {answer}");
                return answer["result"].take();
            }
        }
    }

    /// The next message of the browser; an event is kept by its name.
    fn read(&mut self) -> Value {
        let message = loop {
            match self.socket.read() {
                // A signal of another test's, such as the end of a child.
                Err(tungstenite::Error::Io(error)) if error.kind() == ErrorKind::Interrupted => {}
                read => break read.expect("chromium speaks"),
            }
        };
        let message: Value = serde_json::from_slice(&message.into_data()).unwrap_or_default();
        if let Some(event) = message["method"].as_str() {
            self.events.push(event.to_owned());
        }
        message
    }
}

impl Accessible {
    fn of(node: &Value, nodes: &[Value]) -> Self {
        let said = |key: &str| node[key]["value"].as_str().unwrap_or_default().to_owned();
        let children = node["childIds"].as_array().into_iter().flatten();
        let children = children.filter_map(|id| nodes.iter().find(|child| child["nodeId"] == *id));
        let properties = node["properties"].as_array().into_iter().flatten();
        let level = properties
            .filter(|property| property["name"] == "level")
            .find_map(|property| property["value"]["value"].as_u64());
        Self {
            role: said("role"),
            name: said("name"),
            level: level.unwrap_or(0),
            children: children.map(|child| Self::of(child, nodes)).collect(),
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
