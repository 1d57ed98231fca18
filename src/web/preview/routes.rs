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

use super::host_guard::{self, HostGuard};
use super::project::{Good, IssueState, Project};
use super::view::View;
use super::{connections, message_frame, page, subscribers};
use crate::util::escape;

#[derive(Clone)]
struct App {
    project: Arc<Project>,
    /// How many pages may still wait for news.
    streams: Arc<Semaphore>,
    base: Arc<str>,
}

pub(super) fn router(project: Arc<Project>, guard: HostGuard) -> Router {
    let base = format!("/{}", guard.secret.as_str());
    let app = App {
        project,
        streams: Arc::new(Semaphore::new(connections::STREAMS)),
        base: Arc::from(base.as_str()),
    };
    let inside = Router::new()
        .route("/issue/{name}", get(issue))
        .route("/mail/{name}", get(framed_message))
        .route("/raw/{name}", get(raw))
        .route("/readers", get(search_subscribers))
        .route("/events", get(events))
        .route("/test/{name}", post(test))
        .route("/preview.css", get(style))
        .route("/preview.js", get(script));
    Router::new()
        .route(&format!("{base}/"), get(all_issues))
        .nest(&base, inside)
        .with_state(app)
        .fallback(|| async { (StatusCode::NOT_FOUND, "there is nothing here") })
        .layer(middleware::from_fn(connections::with_whole_body))
        .layer(middleware::from_fn_with_state(guard, host_guard::keep))
}

async fn all_issues(State(app): State<App>) -> Response {
    blocking(move || page::issues(&app.project, &app.base).into_response()).await
}

async fn issue(
    State(app): State<App>,
    Path(name): Path<String>,
    RawQuery(query): RawQuery,
) -> Response {
    let query = query.unwrap_or_default();
    blocking(move || match app.project.issue(&name) {
        Some(issue) => {
            page::issue(&app.project, &issue, &View::of(&query), &app.base).into_response()
        }
        None => elsewhere(&app, &name, &query),
    })
    .await
}

/// Where an issue is that is not here any more.
fn elsewhere(app: &App, name: &str, query: &str) -> Response {
    match app.project.renamed(name) {
        Some(new) => {
            let query = View::of(query).query();
            let to = format!("{}/issue/{}{query}", app.base, escape::url_segment(&new));
            Redirect::to(&to).into_response()
        }
        None => not_found(page::gone(&app.project, name, &app.base)),
    }
}

fn not_found(page: Markup) -> Response {
    (StatusCode::NOT_FOUND, page).into_response()
}

async fn framed_message(
    State(app): State<App>,
    Path(name): Path<String>,
    RawQuery(query): RawQuery,
) -> Response {
    let view = View::of(&query.unwrap_or_default());
    with_message(app, name, move |_, good| {
        let chosen = subscribers::choose(good, &view.subscriber);
        let html = message_frame::framed(
            &good.compiled.edition,
            &chosen.subscriber,
            &good.stamp(),
            &view,
        );
        let policy = HeaderValue::from_static(message_frame::POLICY);
        ([(header::CONTENT_SECURITY_POLICY, policy)], Html(html)).into_response()
    })
    .await
}

async fn raw(
    State(app): State<App>,
    Path(name): Path<String>,
    RawQuery(query): RawQuery,
) -> Response {
    let view = View::of(&query.unwrap_or_default());
    with_message(app, name, move |issue, good| {
        let chosen = subscribers::choose(good, &view.subscriber);
        match page::message_for(good, &chosen.subscriber) {
            Ok(message) => {
                // A name of a few sure characters: a header field takes no others.
                let safe = |c: char| {
                    if c.is_ascii_alphanumeric() || "-_.".contains(c) {
                        c
                    } else {
                        '_'
                    }
                };
                let name: String = issue.name.chars().map(safe).collect();
                let disposition = format!("attachment; filename=\"{name}.eml\"");
                let fields = [
                    (header::CONTENT_TYPE, "message/rfc822".to_owned()),
                    (header::CONTENT_DISPOSITION, disposition),
                ];
                (fields, message.bytes()).into_response()
            }
            Err(why) => (StatusCode::UNPROCESSABLE_ENTITY, why).into_response(),
        }
    })
    .await
}

/// Whatever is made from an issue's letter, if there is one.
async fn with_message(
    app: App,
    name: String,
    make: impl FnOnce(&IssueState, &Good) -> Response + Send + 'static,
) -> Response {
    blocking(move || {
        let issue = app.project.issue(&name);
        match issue
            .as_ref()
            .and_then(|issue| Some((issue, issue.good.as_ref()?)))
        {
            Some((issue, good)) => make(issue, good),
            None => not_found(page::gone(&app.project, &name, &app.base)),
        }
    })
    .await
}

async fn search_subscribers(State(app): State<App>, RawQuery(query): RawQuery) -> Response {
    let query = query.unwrap_or_default();
    blocking(move || {
        let mut pairs = url::form_urlencoded::parse(query.as_bytes());
        let words = pairs.find(|(name, _)| name == "q");
        let words = words
            .map(|(_, words)| words.into_owned())
            .unwrap_or_default();
        let folder = app.project.newsletter();
        page::suggestions(&subscribers::search(&folder, &words)).into_response()
    })
    .await
}

/// The version of the desk, now and at every change: who has missed one hears of the next, and a page that
/// comes back is told at once.
async fn events(State(app): State<App>) -> Response {
    let Ok(place) = Arc::clone(&app.streams).try_acquire_owned() else {
        let wait = [(header::RETRY_AFTER, "5")];
        let why = "too many pages wait for news; close some";
        return (StatusCode::SERVICE_UNAVAILABLE, wait, why).into_response();
    };
    let versions = WatchStream::new(app.project.versions());
    let events = versions.map(move |version| version_event(version, &place));
    Sse::new(events)
        .keep_alive(KeepAlive::default())
        .into_response()
}

/// The place is held as long as the stream.
fn version_event(version: u64, _place: &OwnedSemaphorePermit) -> Result<Event, Infallible> {
    Ok(Event::default().event("version").data(version.to_string()))
}

#[derive(Deserialize)]
struct TestForm {
    address: String,
    /// Given by the page that asks whether it is meant.
    #[serde(default)]
    sure: bool,
}

async fn test(
    State(app): State<App>,
    Path(name): Path<String>,
    Form(form): Form<TestForm>,
) -> Response {
    blocking(move || {
        let Some(issue) = app.project.issue(&name) else {
            return not_found(page::gone(&app.project, &name, &app.base));
        };
        let address = form.address.trim();
        if !form.sure {
            return page::confirm_test(&issue, address, &app.base).into_response();
        }
        let outcome = app.project.send_test(&name, address);
        let outcome = outcome.map_err(|failure| failure.to_string());
        page::test_result(&issue, address, &outcome, &app.base).into_response()
    })
    .await
}

async fn style() -> Response {
    let kind = [(header::CONTENT_TYPE, "text/css; charset=utf-8")];
    (kind, include_str!("preview.css")).into_response()
}

async fn script() -> Response {
    let kind = [(header::CONTENT_TYPE, "text/javascript; charset=utf-8")];
    (kind, include_str!("preview.js")).into_response()
}

/// Files are read and letters compiled beside the threads that answer.
async fn blocking(work: impl FnOnce() -> Response + Send + 'static) -> Response {
    match tokio::task::spawn_blocking(work).await {
        Ok(response) => response,
        // The page says what is wrong with the newsletter; this is wrong with us, and stderr has said it.
        Err(_) => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
    }
}
