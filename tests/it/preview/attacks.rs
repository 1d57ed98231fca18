//! Who must not get in, what must not get out, and what must not run.

use std::io::{Read, Write};
use std::net::Shutdown;
use std::os::unix::fs::symlink;

use serde_json::json;

use super::{Answer, Preview};
use crate::support::Folder;
use crate::support::browser::Page;

/// A request for the newsletter's page with these fields.
fn asked(preview: &Preview, fields: &str) -> Answer {
    preview.ask(&format!("GET {}/ HTTP/1.1\r\n{fields}", preview.base))
}

#[test]
fn a_request_with_another_host_is_rejected() {
    let preview = Preview::of(Folder::with("plain"));
    let port = preview.host.rsplit(':').next().expect("a port").to_owned();
    for host in ["127.0.0.1", "localhost", "[::1]"] {
        assert_eq!(
            asked(&preview, &format!("Host: {host}:{port}\r\n")).status,
            200,
            "{host}"
        );
    }
    // The last but one are names that lead here, as in DNS rebinding.
    for host in [
        "evil.example",
        "127.0.0.1",
        "127.0.0.1:1",
        "10.0.0.7",
        "127.0.0.1.nip.example",
        "localhost.evil.example",
    ] {
        let host = if host.contains(':') || host == "127.0.0.1" {
            host.to_owned()
        } else {
            format!("{host}:{port}")
        };
        let answer = asked(&preview, &format!("Host: {host}\r\n"));
        assert_eq!(
            (answer.status, answer.text().as_str()),
            (403, "this server answers to its own address only"),
            "{host}"
        );
    }
    let none = asked(&preview, "");
    assert!([400, 403].contains(&none.status), "{}", none.status);
    assert!(!none.text().contains("Plain"));
}

#[test]
fn a_request_from_another_origin_is_rejected() {
    let preview = Preview::of(Folder::with("plain"));
    let host = &preview.host;
    let own = asked(
        &preview,
        &format!("Host: {host}\r\nOrigin: http://{host}\r\n"),
    );
    assert_eq!(own.status, 200);
    for origin in [
        "https://evil.example",
        "null",
        "http://127.0.0.1:1",
        "http://localhost",
        "file://",
    ] {
        let answer = asked(&preview, &format!("Host: {host}\r\nOrigin: {origin}\r\n"));
        assert_eq!(
            (answer.status, answer.text().as_str()),
            (403, "this server answers to its own pages only"),
            "{origin}"
        );
        let form = format!(
            "POST {}/test/one HTTP/1.1\r\nHost: {host}\r\nOrigin: {origin}\r\nContent-Length: 0\r\n",
            preview.base
        );
        assert_eq!(preview.ask(&form).status, 403, "{origin}");
    }
}

#[test]
fn a_request_without_the_token_is_rejected() {
    let folder = Folder::with("plain");
    let [preview, other] = [Preview::open(&folder), Preview::open(&folder)];
    assert_ne!(preview.base, other.base);
    assert_eq!(preview.base.len(), 33, "{}", preview.base);
    let wrong = "/0123456789abcdef0123456789abcdef";
    for path in [
        "/",
        "/issue/one",
        "/events",
        "/preview.js",
        wrong,
        &format!("{wrong}/"),
        &format!("{}/issue/one", other.base),
    ] {
        let answer = preview.ask(&format!(
            "GET {path} HTTP/1.1\r\nHost: {}\r\n",
            preview.host
        ));
        assert_eq!(
            (answer.status, answer.text().as_str()),
            (404, "there is nothing here"),
            "{path}"
        );
    }
}

#[test]
fn no_path_leads_out_of_the_directory() {
    let folder = Folder::with("plain");
    folder.write("issues/sub/two.toml", &folder.read("issues/one.toml"));
    folder.write("secret.toml", "subject = \"The secret\"\n");
    let preview = Preview::open(&folder);
    for room in ["issue", "mail", "raw"] {
        assert_eq!(preview.get(&format!("/{room}/one")).status, 200);
        for name in [
            "..",
            "%2e%2e",
            "../secret",
            "..%2fsecret",
            "%2e%2e%2fsecret",
            "%2e%2e/secret",
            "..%5csecret",
            "sub%2ftwo",
            "one%00",
            "one.toml",
            "%ff",
            "%2fetc%2fpasswd",
        ] {
            let answer = preview.get(&format!("/{room}/{name}"));
            assert!(
                [400, 404].contains(&answer.status),
                "/{room}/{name}: {}",
                answer.status
            );
            let body = String::from_utf8_lossy(&answer.body).into_owned();
            assert!(!body.contains("The secret"), "/{room}/{name}: {body}");
        }
    }
    assert_eq!(
        preview
            .post("/test/..%2fsecret", "address=ed%40plain.example")
            .status,
        404
    );
    let read_as =
        preview.get("/issue/one?recipient=..%2f..%2fetc%2fpasswd&tab=..%2fsecret&version=..");
    assert_eq!(read_as.status, 200);
}

/// A picture, an issue, a template and the list behind links that lead out of the folder: none of them is read,
/// and nothing of them is drawn into a finding.
#[test]
fn symbolic_links_out_of_the_directory_are_not_followed() {
    let outside = Folder::with("plain");
    let secret = "subject = \"One\"\ndate = 2026-12-01\nsecret = \"the treasure\"\n";
    outside.write("issues/secret.toml", secret);
    outside.write("theme.toml", "treasure = 1\n");
    outside.write("list.toml", "[[subscriber]]\nemail = \"the treasure\"\n");
    let link = |folder: &Folder, to: &str, at: &str| {
        let at = folder.path().join(at);
        let _ = std::fs::remove_file(&at);
        symlink(outside.path().join(to), at).expect("a link");
    };
    let folder = Folder::with("plain");
    let good = folder.read("issues/one.toml");
    link(&folder, "issues/secret.toml", "issues/two.toml");
    link(&folder, "issues/one/dot.png", "issues/one/dot.png");
    let preview = Preview::open(&folder);
    let page = preview.get("/issue/one");
    let said = page.words("#notice").concat();
    assert!(
        said.contains("the picture `one/dot.png` is not in `issues/`"),
        "{said}"
    );
    assert!(!preview.get("/mail/one").text().contains("data:image"));
    let page = preview.get("/issue/two").text();
    assert!(
        page.contains("`issues/two.toml` is a link to a file outside"),
        "{page}"
    );
    assert!(!page.contains("treasure"), "{page}");
    for tab in [
        "text", "html", "source", "headers", "raw", "size", "changes",
    ] {
        let page = preview.get(&format!("/issue/two?tab={tab}")).text();
        assert!(!page.contains("treasure"), "{tab}: {page}");
    }
    assert_eq!(preview.get("/raw/two").status, 404);

    // The same for the other files; and `check` says so too.
    for (to, at) in [
        ("theme.toml", "templates/plain/theme.toml"),
        ("list.toml", "subscribers.toml"),
    ] {
        let folder = Folder::with("plain");
        link(&folder, to, at);
        let run = folder.run(&["check"]);
        assert_eq!(run.code, 1, "{at}");
        let said = format!(
            "error[file-outside]: `{at}` is a link to a file outside the newsletter's directory\n"
        );
        assert!(run.stderr.contains(&said), "{}", run.stderr);
        assert!(!run.stderr.contains("treasure"), "{}", run.stderr);
    }

    // Inside, a link is a way to say a file's name twice; and the folder itself may be one.
    let folder = Folder::with("plain");
    folder.write("drafts/two.toml", &good);
    symlink(
        folder.path().join("drafts/two.toml"),
        folder.path().join("issues/two.toml"),
    )
    .expect("a link");
    let home = Folder::empty();
    symlink(folder.path(), home.path().join("letter")).expect("a link");
    let run = home.run(&["-C", "letter", "check"]);
    assert_eq!(run.code, 0, "{}", run.stderr);

    // What is no file would be waited for, or read for ever.
    let pipe = std::process::Command::new("mkfifo")
        .arg(folder.path().join("issues/three.toml"))
        .status();
    assert!(pipe.expect("mkfifo").success());
    let run = folder.run(&["check"]);
    assert_eq!(run.code, 1, "{}", run.stderr);
    assert!(
        run.stderr.contains("`issues/three.toml` is not a file"),
        "{}",
        run.stderr
    );
}

const SCRIPT: &str = "<script>top.ran = true</script><img src=x onerror='top.ran = true'>";

/// The page, and the message in its frame: no script of a file or a name runs in either.
#[test]
fn no_script_of_a_file_runs() {
    let Some(mut page) = Page::new("no_script_of_a_file_runs") else {
        return;
    };
    let folder = Folder::with("plain");
    let quoted = json!(SCRIPT).to_string();
    let list = format!(
        "[[subscriber]]\nemail = \"ada@plain.example\"\nname = {quoted}\nfirst_name = {quoted}\ntags = [\"members\"]\n\n\
         [[subscriber]]\nemail = \"bo@plain.example\"\nfirst_name = \"Bo\"\n"
    );
    folder.write("subscribers.toml", &list);
    let publication = folder.read("newsletter.toml");
    folder.write(
        "newsletter.toml",
        &publication.replace(
            "\"The Plain Letter\"",
            &json!(format!("Plain {SCRIPT}")).to_string(),
        ),
    );
    let issue = |body: &str| {
        format!(
            "subject = {}\npreheader = {quoted}\ndate = 2026-12-01\nintro = \"Dear {{{{ first_name }}}}\"\n\n\
             [[section]]\nkind = \"text\"\nheading = {quoted}\nbody = {body}\n\n\
             [[section]]\nkind = \"text\"\nheading = \"Members\"\nwhen = \"tag:members\"\nbody = \"Words.\"\n",
            json!(format!("{{{{ first_name }}}} {SCRIPT}"))
        )
    };
    folder.write("issues/one.toml", &issue("\"Words.\""));
    folder.write("issues/raw.toml", &issue(&quoted));
    folder.write(
        "issues/link.toml",
        &issue("\"[here](javascript:top.ran=true) and ![x](x onerror=top.ran=true)\""),
    );
    folder.write("issues/broken.toml", &format!("subject = {SCRIPT}"));
    folder.write(
        "issues/<script>top.ran=true<.toml",
        &format!("subject = {SCRIPT}"),
    );
    let preview = Preview::open(&folder);
    let tabs = [
        "checks", "text", "html", "source", "headers", "raw", "size", "changes",
    ];
    let mut paths: Vec<String> = tabs
        .map(|tab| format!("/issue/one?recipient=ada%40plain.example&tab={tab}"))
        .into();
    paths.extend(
        ["raw", "link", "broken", "%3Cscript%3Etop.ran%3Dtrue%3C"]
            .map(|name| format!("/issue/{name}?recipient=ada%40plain.example")),
    );
    paths.push(format!(
        "/issue/one?recipient={}",
        url::form_urlencoded::byte_serialize(SCRIPT.as_bytes()).collect::<String>()
    ));
    paths.extend([
        "/".to_owned(),
        "/issue/%3Cscript%3Etop.ran=true%3C%2Fscript%3E".to_owned(),
        "/recipients?q=script".to_owned(),
    ]);
    for odd in ["nameless", "long", "signs", "hebrew", "abroad"] {
        paths.push(format!("/issue/one?recipient=odd:{odd}"));
    }
    for path in paths {
        page.visit(&preview.url(&path));
        let alive = page.evaluate(
            "[...document.querySelectorAll('iframe')].concat(document).flatMap(e => [...(e.contentDocument ?? e)
                .querySelectorAll?.('script, [onerror], [onload], [onclick]') ?? []]).map(e => e.outerHTML)",
        );
        let own = format!(
            "<script defer=\"\" src=\"{}/preview.js\"></script>",
            preview.base
        );
        let expected = if path.starts_with("/recipients") {
            json!([])
        } else {
            json!([own])
        };
        assert_eq!(alive, expected, "{path}");
        assert_eq!(page.evaluate("typeof ran"), "undefined", "{path}");
        if path.starts_with("/issue/one") {
            // The message is there, and the text is shown as text.
            page.wait_until(&format!("document.getElementById('mail').contentDocument.body.textContent.includes(\"{SCRIPT}\")"));
        }
    }
    // What the sandbox and its policy keep from running where our escaping does not.
    page.visit(&preview.url("/issue/one"));
    page.evaluate(
        "new Promise(done => {
            const letter = document.getElementById('mail').contentDocument;
            const script = letter.createElement('script');
            script.textContent = 'top.ran = true';
            const picture = letter.createElement('img');
            picture.setAttribute('onerror', 'top.ran = true');
            picture.addEventListener('error', () => setTimeout(done));
            picture.src = 'https://picture.example/x.png';
            letter.body.append(script, picture);
        })",
    );
    assert_eq!(page.evaluate("typeof ran"), "undefined");
}

#[test]
fn an_endless_request_body_is_cut_off() {
    const GIGABYTE: usize = 1 << 30;
    let preview = Preview::of(Folder::with("plain"));
    assert_eq!(preview.get("/issue/one").status, 200);
    let before = preview.memory();
    for (path, chunked) in [
        ("/test/one", false),
        ("/test/one", true),
        ("/nothing", false),
    ] {
        let mut connection = preview.connect();
        let kind = "Content-Type: application/x-www-form-urlencoded";
        let length = if chunked {
            "Transfer-Encoding: chunked".to_owned()
        } else {
            format!("Content-Length: {GIGABYTE}")
        };
        let head = format!(
            "POST {}{path} HTTP/1.1\r\nHost: {}\r\n{kind}\r\n{length}\r\n\r\n",
            preview.base, preview.host
        );
        connection
            .write_all(head.as_bytes())
            .expect("a head is taken");
        let piece = vec![b'a'; 1 << 16];
        let mut sent = 0;
        while sent < GIGABYTE {
            let taken = if chunked {
                connection
                    .write_all(b"10000\r\n")
                    .and_then(|()| connection.write_all(&piece))
                    .and_then(|()| connection.write_all(b"\r\n"))
            } else {
                connection.write_all(&piece)
            };
            if taken.is_err() {
                break;
            }
            sent += piece.len();
        }
        assert!(sent < GIGABYTE, "all of it was taken");
    }
    let grown = preview.memory().saturating_sub(before);
    assert!(grown < 16 << 10, "{grown} KiB");
    assert_eq!(preview.get("/issue/one").status, 200);
    let long = format!(
        "GET {}/issue/one?{} HTTP/1.1\r\nHost: {}\r\n",
        preview.base,
        "a".repeat(1 << 20),
        preview.host
    );
    let mut connection = preview.connect();
    let _ = connection.write_all(long.as_bytes());
    let answer = Answer::read(&mut connection);
    assert!(answer.is_none_or(|answer| [414, 431].contains(&answer.status)));
}

/// A form for `/test/one` with some header fields of the test's own.
fn form(preview: &Preview, fields: &str, body: &str) -> String {
    let (base, host) = (&preview.base, &preview.host);
    let kind = "Content-Type: application/x-www-form-urlencoded";
    format!("POST {base}/test/one HTTP/1.1\r\nHost: {host}\r\n{kind}\r\n{fields}\r\n{body}")
}

/// The response to bytes that are sent as they are.
fn exchange(preview: &Preview, request: &str) -> Answer {
    let mut connection = preview.connect();
    connection
        .write_all(request.as_bytes())
        .expect("the server reads the request");
    Answer::read(&mut connection).expect("a response")
}

#[test]
fn a_body_is_limited_with_and_without_its_length() {
    let preview = Preview::of(Folder::with("plain"));
    let form_of = |length: usize| format!("address={}", "a".repeat(length - "address=".len()));
    let with_length = |length: usize| {
        let fields = format!("Content-Length: {length}\r\nConnection: close\r\n");
        exchange(&preview, &form(&preview, &fields, &form_of(length)))
    };
    let chunked = |length: usize| {
        let fields = "Transfer-Encoding: chunked\r\nConnection: close\r\n";
        let body = format!("{length:x}\r\n{}\r\n0\r\n\r\n", form_of(length));
        exchange(&preview, &form(&preview, fields, &body))
    };
    assert_eq!((with_length(4096).status, chunked(4096).status), (200, 200));
    for answer in [with_length(4097), chunked(4097)] {
        assert_eq!(answer.status, 413);
        assert_eq!(answer.field("connection"), "close");
    }
}

/// A client that sends an octet now and then never comes to the end of its body before the deadline.
#[test]
fn a_body_that_misses_its_deadline_is_refused() {
    let preview = Preview::of(Folder::with("plain"));
    let mut events = preview.versions();
    let first = events.next();
    let request = form(&preview, "Content-Length: 4096\r\n", "address=a");
    let answer = exchange(&preview, &request);
    assert_eq!(answer.status, 408);
    assert_eq!(answer.field("connection"), "close");
    assert_eq!(answer.field("x-content-type-options"), "nosniff");
    // The stream of events is older than the deadline, and open.
    preview.touch("issues/one.toml");
    assert!(events.next() > first);
}

/// The server closes the connection without a response.
#[test]
fn a_head_that_does_not_end_closes_the_connection() {
    let preview = Preview::of(Folder::with("plain"));
    let mut connection = preview.connect();
    let head = format!(
        "GET {}/ HTTP/1.1\r\nHost: {}\r\n",
        preview.base, preview.host
    );
    connection
        .write_all(head.as_bytes())
        .expect("the server reads the request");
    let mut response = Vec::new();
    connection.read_to_end(&mut response).expect("an end");
    assert!(!response.starts_with(b"HTTP/1.1 200"), "{response:?}");
}

/// Those beyond the limit are turned away, and neither they nor those who stay keep the page from others.
#[test]
fn a_thousand_event_streams_do_not_block_the_page() {
    let preview = Preview::of(Folder::with("plain"));
    let request = format!(
        "GET {}/events HTTP/1.1\r\nHost: {}\r\n\r\n",
        preview.base, preview.host
    );
    let asked = || {
        let mut stream = preview.connect();
        stream
            .write_all(request.as_bytes())
            .expect("a request is taken");
        let mut first = [0; 12];
        stream.read_exact(&mut first).expect("a status");
        (String::from_utf8_lossy(&first).into_owned(), stream)
    };
    let streams: Vec<_> = (0..1_000).map(|_| asked()).collect();
    let (mut open, refused): (Vec<_>, Vec<_>) = streams
        .into_iter()
        .partition(|(status, _)| status == "HTTP/1.1 200");
    assert_eq!(open.len(), 32);
    assert!(refused.iter().all(|(status, _)| status == "HTTP/1.1 503"));
    assert_eq!(preview.get("/issue/one").status, 200);
    // A place that is left is another's, as soon as the server has heard of it.
    drop(open.pop());
    assert!((0..10_000).any(|_| asked().0 == "HTTP/1.1 200"));
}

/// More connections than there are places, and none of them comes to an end: they are given up.
#[test]
fn requests_that_do_not_end_do_not_block_the_page() {
    let preview = Preview::of(Folder::with("plain"));
    let (base, host) = (&preview.base, &preview.host);
    let head = format!("GET {base}/ HTTP/1.1\r\nHost: {host}\r\nX-Slow: ");
    let body = format!(
        "POST {base}/test/one HTTP/1.1\r\nHost: {host}\r\nContent-Length: 100\r\n\
         Content-Type: application/x-www-form-urlencoded\r\n\r\naddress="
    );
    for request in [head, body] {
        let slow: Vec<_> = (0..300)
            .map(|_| {
                let mut connection = preview.connect();
                connection
                    .write_all(request.as_bytes())
                    .expect("a request's begin is taken");
                connection
            })
            .collect();
        assert_eq!(preview.get("/issue/one").status, 200);
        for mut connection in slow {
            let _ = connection.shutdown(Shutdown::Write);
            let mut rest = Vec::new();
            let _ = connection.read_to_end(&mut rest);
            assert!(!rest.starts_with(b"HTTP/1.1 200"));
        }
    }
}

/// The header fields of the pages, of the message in its frame, and of rejected requests.
#[test]
fn every_response_has_the_security_header_fields() {
    let preview = Preview::of(Folder::with("plain"));
    let mut said = String::new();
    for path in [
        "/",
        "/issue/one",
        "/issue/none",
        "/none",
        "/mail/one",
        "/mail/one?pictures=off",
        "/raw/one",
        "/recipients?q=a",
        "/preview.css",
        "/preview.js",
    ] {
        let answer = preview.get(path);
        said.push_str(&output(path, &answer));
    }
    let other = asked(&preview, "Host: evil.example\r\n");
    said.push_str(&output("/ of another host", &other));
    let wrong_method = preview.post("/issue/one", "");
    said.push_str(&output("POST /issue/one", &wrong_method));
    let not_a_form = preview.post("/test/one", "nothing=1");
    said.push_str(&output("POST /test/one without an address", &not_a_form));
    let too_large = preview.post("/test/one", &"a".repeat(4097));
    said.push_str(&output("POST /test/one, too large", &too_large));
    snapbox::assert_data_eq!(said, snapbox::file!["headers.txt"].raw());
}

fn output(path: &str, answer: &Answer) -> String {
    let changing = ["date: ", "content-length: "];
    let fields = answer
        .head
        .lines()
        .filter(|line| !changing.iter().any(|name| line.starts_with(name)));
    let fields: Vec<&str> = fields.collect();
    format!("# {path}\n\n{}\n{}\n\n", answer.status, fields.join("\n"))
}
