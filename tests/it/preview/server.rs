//! A preview that runs, and requests to it as no browser would send them.

use std::io::{BufRead, BufReader, Lines, Read, Write};
use std::net::TcpStream;
use std::process::{Child, Stdio};
use std::time::Duration;

use scraper::{ElementRef, Html, Selector};

use crate::support::Folder;

/// `franking preview` in a folder; it ends with its test.
pub struct Preview {
    child: Child,
    /// Of a newsletter that the test does not change.
    folder: Option<Folder>,
    /// `127.0.0.1:PORT`
    pub host: String,
    /// `/SECRET`
    pub base: String,
}

/// The versions that a page hears of.
pub struct Versions(Lines<BufReader<TcpStream>>);

/// What was answered to a request.
pub struct Answer {
    pub status: u16,
    /// The fields, as they came: `name: value`.
    pub head: String,
    pub body: Vec<u8>,
}

impl Preview {
    /// The preview of the newsletter in `folder`, as soon as it says where it is.
    pub fn open(folder: &Folder) -> Self {
        let mut command = folder.command(&["preview", "--no-open", "--port", "0"]);
        let mut child = command
            .env("FRANKING_NOW", "2026-11-24T08:00:00Z")
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("the program starts");
        let stdout = child.stdout.take().expect("a pipe");
        let mut line = String::new();
        BufReader::new(stdout)
            .read_line(&mut line)
            .expect("the preview says where it is");
        let url = line.trim_end().strip_prefix("http://");
        let (host, path) = url.and_then(|url| url.split_once('/')).expect("a URL");
        let secret = path.split('/').next().expect("a secret");
        Self {
            child,
            folder: None,
            host: host.to_owned(),
            base: format!("/{secret}"),
        }
    }

    /// The same of a folder that nothing happens to.
    pub fn of(folder: Folder) -> Self {
        let mut preview = Self::open(&folder);
        preview.folder = Some(folder);
        preview
    }

    /// The URL of a path behind the secret.
    pub fn url(&self, path: &str) -> String {
        format!("http://{}{}{path}", self.host, self.base)
    }

    /// What is behind the secret at `path`.
    pub fn get(&self, path: &str) -> Answer {
        self.ask(&format!(
            "GET {}{path} HTTP/1.1\r\nHost: {}\r\n",
            self.base, self.host
        ))
    }

    /// Sends a form.
    pub fn post(&self, path: &str, form: &str) -> Answer {
        let (base, host) = (&self.base, &self.host);
        let kind = "Content-Type: application/x-www-form-urlencoded";
        let length = form.len();
        self.exchange(&format!(
            "POST {base}{path} HTTP/1.1\r\nHost: {host}\r\nOrigin: http://{host}\r\n{kind}\r\n\
             Content-Length: {length}\r\nConnection: close\r\n\r\n{form}"
        ))
    }

    /// Sends a head, but for its end, as it is.
    pub fn ask(&self, head: &str) -> Answer {
        self.exchange(&format!("{head}Connection: close\r\n\r\n"))
    }

    fn exchange(&self, request: &str) -> Answer {
        let mut connection = self.connect();
        connection
            .write_all(request.as_bytes())
            .expect("a request is taken");
        Answer::read(&mut connection).expect("an answer")
    }

    /// A connection on which nothing has been asked yet; the test fails where it stays silent for a minute.
    pub fn connect(&self) -> TcpStream {
        let connection = TcpStream::connect(&self.host).expect("the preview listens");
        let silence = Some(Duration::from_mins(1));
        connection
            .set_read_timeout(silence)
            .expect("a time that is not zero");
        connection
    }

    /// What a page is told from now on.
    pub fn versions(&self) -> Versions {
        let mut connection = self.connect();
        let request = format!(
            "GET {}/events HTTP/1.1\r\nHost: {}\r\n\r\n",
            self.base, self.host
        );
        connection
            .write_all(request.as_bytes())
            .expect("a request is taken");
        Versions(BufReader::new(connection).lines())
    }

    /// Saves a file of [`Preview::of`] again, unchanged.
    pub fn touch(&self, name: &str) {
        let folder = self.folder.as_ref().expect("a preview of its own folder");
        folder.write(name, &folder.read(name));
    }

    /// The memory that it has, in KiB.
    pub fn memory(&self) -> usize {
        let path = format!("/proc/{}/status", self.child.id());
        let status = std::fs::read_to_string(path).expect("a process that runs");
        let line = status.lines().find(|line| line.starts_with("VmRSS"));
        let size = line.and_then(|line| line.split_whitespace().nth(1));
        size.and_then(|size| size.parse().ok()).expect("a size")
    }
}

impl Drop for Preview {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Versions {
    /// The next one; the test fails where nothing but signs of life come.
    pub fn next(&mut self) -> u64 {
        let lines = self.0.by_ref().map_while(Result::ok);
        let mut words = lines.take(30).filter_map(|line| {
            let data = line.strip_prefix("data: ")?;
            data.parse().ok()
        });
        words.next().expect("news")
    }
}

impl Answer {
    /// Everything until the other side ends; `None` where it has ended before it answered.
    pub fn read(connection: &mut TcpStream) -> Option<Self> {
        let mut bytes = Vec::new();
        // Cut off behind its answer is an end as well.
        let _ = connection.read_to_end(&mut bytes);
        let end = bytes.windows(4).position(|four| four == b"\r\n\r\n")?;
        let body = bytes.split_off(end + 4);
        let head = String::from_utf8(bytes).expect("a head of ASCII");
        let (first, fields) = head.split_once("\r\n").expect("a first line");
        let status = first
            .split(' ')
            .nth(1)
            .and_then(|status| status.parse().ok());
        Some(Self {
            status: status.expect("a status"),
            head: fields.trim_end().replace("\r\n", "\n"),
            body,
        })
    }

    pub fn field(&self, name: &str) -> &str {
        let mut fields = self.head.lines().filter_map(|line| line.split_once(": "));
        fields
            .find(|field| field.0 == name)
            .map_or("", |field| field.1)
    }

    pub fn text(&self) -> String {
        String::from_utf8(self.body.clone()).expect("a body of UTF-8")
    }

    pub fn html(&self) -> Html {
        Html::parse_document(&self.text())
    }

    /// The words of every element that `selector` finds.
    pub fn words(&self, selector: &str) -> Vec<String> {
        words(self.html().root_element(), selector)
    }
}

/// The words of every element below one, whitespace as one space.
pub fn words(below: ElementRef<'_>, selector: &str) -> Vec<String> {
    let selector = Selector::parse(selector).expect("a selector");
    below.select(&selector).map(text).collect()
}

pub fn text(element: ElementRef<'_>) -> String {
    let text: Vec<&str> = element.text().flat_map(str::split_whitespace).collect();
    text.join(" ")
}
