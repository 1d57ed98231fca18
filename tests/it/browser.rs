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
    /// What the browser told unasked since the last navigation began.
    events: Vec<String>,
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

/// A node of the accessibility tree, which a screen reader goes through.
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

    /// Opens a file and waits until it is loaded. The browser is asked, not the page: a question to the page
    /// may still be answered by the one that is being left.
    pub fn open(&mut self, file: &Path) {
        let url = format!("file://{}", file.display());
        self.events.clear();
        self.call("Page.navigate", json!({ "url": url }));
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
        let message = self.socket.read().expect("chromium speaks");
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
