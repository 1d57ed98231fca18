//! `check --links`: links are requested as a browser does, and addresses of a private network are not.

use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Barrier};

use franking::linkcheck::{Reach, Visit, visit};

use crate::compile::findings::reported;
use crate::support::Folder;

/// What the server says to a request such as `HEAD /minutes`; nothing where it hangs up.
type Answer = fn(&str) -> Option<&'static str>;

/// A server of this machine that lives as long as the tests; where it is.
fn server(answer: Answer) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a listener");
    let address = listener.local_addr().expect("its address");
    let meeting = Arc::new(Barrier::new(2));
    std::thread::spawn(move || {
        for connection in listener.incoming().map_while(Result::ok) {
            let meeting = Arc::clone(&meeting);
            std::thread::spawn(move || serve(connection, answer, &meeting));
        }
    });
    format!("http://{address}")
}

/// One request a connection. The answers to `/meets` wait for each other.
fn serve(mut connection: TcpStream, answer: Answer, meeting: &Barrier) -> Option<()> {
    let mut lines = BufReader::new(connection.try_clone().ok()?).lines();
    let request = lines.next()?.ok()?;
    let head = lines.map_while(Result::ok);
    head.take_while(|line| !line.is_empty()).for_each(drop);
    let request = request.trim_end_matches(" HTTP/1.1");
    if request.contains("/meets") {
        meeting.wait();
    }
    let said = answer(request)?;
    let end = "\r\nContent-Length: 0\r\nConnection: close\r\n\r\n";
    connection
        .write_all(format!("HTTP/1.1 {said}{end}").as_bytes())
        .ok()
}

fn visits(paths: &[&str], answer: Answer) -> Vec<Visit> {
    let server = server(answer);
    let urls: Vec<String> = paths.iter().map(|path| format!("{server}{path}")).collect();
    visit(&urls, Reach::Loopback)
}

#[test]
fn a_page_is_found_and_a_missing_one_is_reported() {
    let found = visits(&["/minutes", "/gone"], |request| match request {
        "HEAD /minutes" => Some("200 OK"),
        _ => Some("404 Not Found"),
    });
    assert_eq!(found, [Visit::Found, Visit::Status(404)]);
}

#[test]
fn a_server_without_head_gets_a_get() {
    let found = visits(&["/minutes", "/gone"], |request| match request {
        "GET /minutes" => Some("200 OK"),
        "GET /gone" => Some("410 Gone"),
        _ => Some("405 Method Not Allowed"),
    });
    assert_eq!(found, [Visit::Found, Visit::Status(410)]);
}

#[test]
fn a_redirect_is_followed_but_not_into_a_private_network() {
    let found = visits(&["/moved", "/inside", "/around"], |request| {
        Some(match request {
            "HEAD /moved" => "301 Moved Permanently\r\nLocation: /minutes",
            "HEAD /minutes" => "200 OK",
            "HEAD /around" | "GET /around" => "302 Found\r\nLocation: /around",
            _ => "302 Found\r\nLocation: http://10.0.0.1/",
        })
    });
    let refused = Visit::Failed("its address is not a public one".to_owned());
    assert_eq!(found[..2], [Visit::Found, refused]);
    assert!(matches!(found[2], Visit::Failed(_)), "{found:?}");
}

#[test]
fn a_closed_connection_is_reported_as_no_answer() {
    let found = visits(&["/"], |_| None);
    assert!(matches!(&found[..], [Visit::Failed(_)]), "{found:?}");
}

/// The first answer comes only when the last one does, so the visits end in another order than the links.
#[test]
fn results_are_in_the_order_of_the_links() {
    let paths = ["/meets/first", "/gone", "/minutes", "/gone", "/meets/last"];
    let found = visits(&paths, |request| match request {
        "HEAD /gone" | "GET /gone" => Some("404 Not Found"),
        _ => Some("200 OK"),
    });
    let (gone, here) = (Visit::Status(404), Visit::Found);
    assert_eq!(
        found,
        [here.clone(), gone.clone(), here.clone(), gone, here]
    );
}

#[test]
fn links_to_this_machine_are_not_requested() {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a listener");
    let address = listener.local_addr().expect("its address");
    let folder = Folder::with("plain");
    let issue = folder.read("issues/one.toml");
    let inside = issue.replace("https://plain.example", &format!("https://{address}"));
    folder.write("issues/one.toml", &inside);
    let run = folder.run(&["check", "--links"]);
    assert_eq!(run.code, 0, "{}", run.stderr);
    let place = "issues/one.toml:9:27".to_owned();
    let codes = ["dead-link", "private-link"];
    assert_eq!(
        reported(&run.stderr),
        codes.map(|code| (place.clone(), code.to_owned()))
    );
    assert!(
        run.stderr.starts_with("visiting 1 link\n"),
        "{}",
        run.stderr
    );
    let why = "this link does not work: its address is not a public one\n";
    assert!(run.stderr.contains(why), "{}", run.stderr);
    listener.set_nonblocking(true).expect("a listener");
    assert!(listener.accept().is_err(), "nobody knocked");
}
