//! What can be asked for.

use std::convert::Infallible;
use std::sync::Arc;

use axum::Router;
use axum::extract::{Form, Path, RawQuery, State};
use axum::http::{HeaderValue, StatusCode, header};
use axum::middleware;
use axum::response::sse::{Event, KeepAlive, Sse};
use axum::response::{Html, IntoResponse, Redirect, Response};
use axum::routing::{get, post};
use maud::Markup;
use serde::Deserialize;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio_stream::StreamExt;
use tokio_stream::wrappers::WatchStream;

use super::desk::{Good, IssueState, Project};
use super::gate::{self, HostGuard};
use super::view::View;
use super::{crowd, mail, page, readers};
use crate::util::escape;

#[derive(Clone)]
struct Room {
    desk: Arc<Project>,
    /// How many pages may still wait for news.
    streams: Arc<Semaphore>,
    base: Arc<str>,
}

pub(super) fn router(desk: Arc<Project>, gate: HostGuard) -> Router {
    let base = format!("/{}", gate.secret.as_str());
    let room = Room {
        desk,
        streams: Arc::new(Semaphore::new(crowd::STREAMS)),
        base: Arc::from(base.as_str()),
    };
    let inside = Router::new()
        .route("/issue/{name}", get(issue))
        .route("/mail/{name}", get(letter_in_frame))
        .route("/raw/{name}", get(raw))
        .route("/readers", get(find_readers))
        .route("/events", get(events))
        .route("/test/{name}", post(test))
        .route("/desk.css", get(style))
        .route("/desk.js", get(script));
    Router::new()
        .route(&format!("{base}/"), get(all_issues))
        .nest(&base, inside)
        .with_state(room)
        .fallback(|| async { (StatusCode::NOT_FOUND, "there is nothing here") })
        .layer(middleware::from_fn(crowd::with_whole_body))
        .layer(middleware::from_fn_with_state(gate, gate::keep))
}

async fn all_issues(State(room): State<Room>) -> Response {
    on_the_desk(move || page::all(&room.desk, &room.base).into_response()).await
}

async fn issue(
    State(room): State<Room>,
    Path(name): Path<String>,
    RawQuery(query): RawQuery,
) -> Response {
    let query = query.unwrap_or_default();
    on_the_desk(move || match room.desk.sheet(&name) {
        Some(sheet) => {
            page::issue(&room.desk, &sheet, &View::of(&query), &room.base).into_response()
        }
        None => elsewhere(&room, &name, &query),
    })
    .await
}

/// Where an issue is that is not here any more.
fn elsewhere(room: &Room, name: &str, query: &str) -> Response {
    match room.desk.renamed(name) {
        Some(new) => {
            let query = View::of(query).query();
            let to = format!("{}/issue/{}{query}", room.base, escape::url_segment(&new));
            Redirect::to(&to).into_response()
        }
        None => not_found(page::gone(&room.desk, name, &room.base)),
    }
}

fn not_found(page: Markup) -> Response {
    (StatusCode::NOT_FOUND, page).into_response()
}

async fn letter_in_frame(
    State(room): State<Room>,
    Path(name): Path<String>,
    RawQuery(query): RawQuery,
) -> Response {
    let view = View::of(&query.unwrap_or_default());
    with_letter(room, name, move |_, good| {
        let chosen = readers::choose(good, &view.reader);
        let html = mail::framed(&good.compiled.edition, &chosen.reader, &good.stamp(), &view);
        let policy = HeaderValue::from_static(mail::POLICY);
        ([(header::CONTENT_SECURITY_POLICY, policy)], Html(html)).into_response()
    })
    .await
}

async fn raw(
    State(room): State<Room>,
    Path(name): Path<String>,
    RawQuery(query): RawQuery,
) -> Response {
    let view = View::of(&query.unwrap_or_default());
    with_letter(room, name, move |sheet, good| {
        let chosen = readers::choose(good, &view.reader);
        match page::letter_for(good, &chosen.reader) {
            Ok(letter) => {
                // A name of a few sure characters: a header field takes no others.
                let safe = |c: char| {
                    if c.is_ascii_alphanumeric() || "-_.".contains(c) {
                        c
                    } else {
                        '_'
                    }
                };
                let name: String = sheet.name.chars().map(safe).collect();
                let disposition = format!("attachment; filename=\"{name}.eml\"");
                let fields = [
                    (header::CONTENT_TYPE, "message/rfc822".to_owned()),
                    (header::CONTENT_DISPOSITION, disposition),
                ];
                (fields, letter.bytes()).into_response()
            }
            Err(why) => (StatusCode::UNPROCESSABLE_ENTITY, why).into_response(),
        }
    })
    .await
}

/// Whatever is made from an issue's letter, if there is one.
async fn with_letter(
    room: Room,
    name: String,
    make: impl FnOnce(&IssueState, &Good) -> Response + Send + 'static,
) -> Response {
    on_the_desk(move || {
        let sheet = room.desk.sheet(&name);
        match sheet
            .as_ref()
            .and_then(|sheet| Some((sheet, sheet.good.as_ref()?)))
        {
            Some((sheet, good)) => make(sheet, good),
            None => not_found(page::gone(&room.desk, &name, &room.base)),
        }
    })
    .await
}

async fn find_readers(State(room): State<Room>, RawQuery(query): RawQuery) -> Response {
    let query = query.unwrap_or_default();
    on_the_desk(move || {
        let mut pairs = url::form_urlencoded::parse(query.as_bytes());
        let words = pairs.find(|(name, _)| name == "q");
        let words = words
            .map(|(_, words)| words.into_owned())
            .unwrap_or_default();
        let folder = room.desk.newsletter();
        page::suggestions(&readers::search(&folder, &words)).into_response()
    })
    .await
}

/// The version of the desk, now and at every change: who has missed one hears of the next, and a page that
/// comes back is told at once.
async fn events(State(room): State<Room>) -> Response {
    let Ok(place) = Arc::clone(&room.streams).try_acquire_owned() else {
        let wait = [(header::RETRY_AFTER, "5")];
        let why = "too many pages wait for news; close some";
        return (StatusCode::SERVICE_UNAVAILABLE, wait, why).into_response();
    };
    let versions = WatchStream::new(room.desk.versions());
    let events = versions.map(move |version| told(version, &place));
    Sse::new(events)
        .keep_alive(KeepAlive::default())
        .into_response()
}

/// The place is held as long as the stream.
fn told(version: u64, _place: &OwnedSemaphorePermit) -> Result<Event, Infallible> {
    Ok(Event::default().event("version").data(version.to_string()))
}

#[derive(Deserialize)]
struct Wish {
    address: String,
    /// Given by the page that asks whether it is meant.
    #[serde(default)]
    sure: bool,
}

async fn test(
    State(room): State<Room>,
    Path(name): Path<String>,
    Form(wish): Form<Wish>,
) -> Response {
    on_the_desk(move || {
        let Some(sheet) = room.desk.sheet(&name) else {
            return not_found(page::gone(&room.desk, &name, &room.base));
        };
        let address = wish.address.trim();
        if !wish.sure {
            return page::ask_for_test(&sheet, address, &room.base).into_response();
        }
        let outcome = room.desk.send_test(&name, address);
        let outcome = outcome.map_err(|failure| failure.to_string());
        page::told_of_test(&sheet, address, &outcome, &room.base).into_response()
    })
    .await
}

async fn style() -> Response {
    let kind = [(header::CONTENT_TYPE, "text/css; charset=utf-8")];
    (kind, include_str!("desk.css")).into_response()
}

async fn script() -> Response {
    let kind = [(header::CONTENT_TYPE, "text/javascript; charset=utf-8")];
    (kind, include_str!("desk.js")).into_response()
}

/// Files are read and letters compiled beside the threads that answer.
async fn on_the_desk(work: impl FnOnce() -> Response + Send + 'static) -> Response {
    match tokio::task::spawn_blocking(work).await {
        Ok(response) => response,
        // The page says what is wrong with the newsletter; this is wrong with us, and stderr has said it.
        Err(_) => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
    }
}
