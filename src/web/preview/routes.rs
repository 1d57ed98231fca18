//! The routes of the preview, and their handlers.

use std::convert::Infallible;
use std::error::Error;
use std::sync::Arc;

use axum::Router;
use axum::extract::rejection::FormRejection;
use axum::extract::{Form, Path, RawQuery, State};
use axum::http::{HeaderValue, StatusCode, header};
use axum::middleware;
use axum::response::sse::{Event, KeepAlive, Sse};
use axum::response::{Html, IntoResponse, Redirect, Response};
use axum::routing::{get, post};
use serde::Deserialize;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio_stream::StreamExt;
use tokio_stream::wrappers::WatchStream;
use tower_http::timeout::TimeoutError;

use super::host_guard::{self, HostGuard};
use super::project::{Good, PreviewState, Project};
use super::view::View;
use super::{layers, message_frame, page, subscribers};
use crate::util::escape;

/// The most pages that listen for events at once.
const MAX_STREAMS: usize = 32;

#[derive(Clone)]
struct App {
    project: Arc<Project>,
    /// A permit for each page that may still listen for events.
    streams: Arc<Semaphore>,
    base: Arc<str>,
}

/// All routes below the secret, with their limits and header fields.
pub(super) fn router(project: Arc<Project>, guard: HostGuard) -> Router {
    let base = format!("/{}", guard.secret.as_str());
    let app = App {
        project,
        streams: Arc::new(Semaphore::new(MAX_STREAMS)),
        base: Arc::from(base.as_str()),
    };
    let routes = Router::new()
        .route(&format!("{base}/"), get(all_issues))
        .nest(&base, pages())
        .with_state(app)
        .fallback(|| async { (StatusCode::NOT_FOUND, "there is nothing here") });
    let guarded = layers::with_body_limits(routes)
        .layer(middleware::from_fn_with_state(guard, host_guard::guard));
    layers::with_header_fields(guarded)
}

fn pages() -> Router<App> {
    Router::new()
        .route("/issue/{name}", get(issue))
        .route("/mail/{name}", get(framed_message))
        .route("/raw/{name}", get(raw))
        .route("/recipients", get(search_subscribers))
        .route("/events", get(events))
        .route("/test/{name}", post(test))
        .route("/preview.css", get(style))
        .route("/preview.js", get(script))
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
        None => renamed_or_not_found(&app, &name, &query),
    })
    .await
}

/// Redirects to an issue's new name, if it was renamed while the preview was open.
fn renamed_or_not_found(app: &App, name: &str, query: &str) -> Response {
    match app.project.renamed(name) {
        Some(new) => to_issue(app, &new, query).into_response(),
        None => not_found(app, name),
    }
}

/// A redirection to the page of the issue `name`, with the same view.
fn to_issue(app: &App, name: &str, query: &str) -> Redirect {
    let query = View::of(query).query();
    let name = escape::url_segment(name);
    Redirect::to(&format!("{}/issue/{name}{query}", app.base))
}

fn not_found(app: &App, name: &str) -> Response {
    let page = page::not_found(&app.project, name, &app.base);
    (StatusCode::NOT_FOUND, page).into_response()
}

async fn framed_message(
    State(app): State<App>,
    Path(name): Path<String>,
    RawQuery(query): RawQuery,
) -> Response {
    let view = View::of(&query.unwrap_or_default());
    with_message(app, name, move |_, good| {
        let chosen = subscribers::choose(good, &view.recipient);
        let html = message_frame::framed(
            &good.compiled.edition,
            &chosen.subscriber,
            &good.options(),
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
        let chosen = subscribers::choose(good, &view.recipient);
        match page::message_for(good, &chosen.subscriber) {
            Ok(message) => eml(&issue.name, message.bytes()),
            Err(reason) => (StatusCode::UNPROCESSABLE_ENTITY, reason).into_response(),
        }
    })
    .await
}

/// A message as a file to download.
fn eml(issue: &str, bytes: Vec<u8>) -> Response {
    let name = issue.replace(|c: char| !is_safe_in_file_name(c), "_");
    let disposition = format!("attachment; filename=\"{name}.eml\"");
    let fields = [
        (header::CONTENT_TYPE, "message/rfc822".to_owned()),
        (header::CONTENT_DISPOSITION, disposition),
    ];
    (fields, bytes).into_response()
}

/// Whether a character needs neither quoting nor encoding in a header field.
fn is_safe_in_file_name(c: char) -> bool {
    c.is_ascii_alphanumeric() || "-_.".contains(c)
}

/// The response that `make` builds from an issue's message; 404 if there is no message.
async fn with_message(
    app: App,
    name: String,
    make: impl FnOnce(&PreviewState, &Good) -> Response + Send + 'static,
) -> Response {
    blocking(move || {
        let issue = app.project.issue(&name);
        match issue
            .as_ref()
            .and_then(|issue| Some((issue, issue.good.as_ref()?)))
        {
            Some((issue, good)) => make(issue, good),
            None => not_found(&app, &name),
        }
    })
    .await
}

async fn search_subscribers(State(app): State<App>, RawQuery(query): RawQuery) -> Response {
    let query = query.unwrap_or_default();
    blocking(move || {
        let mut pairs = url::form_urlencoded::parse(query.as_bytes());
        let words = pairs.find(|(name, _)| name == "q");
        let words = words.map_or_else(String::new, |(_, words)| words.into_owned());
        let folder = app.project.sources();
        page::suggestions(&subscribers::search(&folder, &words)).into_response()
    })
    .await
}

/// The version of the newsletter's files, now and after each change. A page that missed versions gets the latest when
/// it connects again.
async fn events(State(app): State<App>) -> Response {
    let Ok(permit) = Arc::clone(&app.streams).try_acquire_owned() else {
        let wait = [(header::RETRY_AFTER, "5")];
        let reason = "too many open pages of this preview; close some";
        return (StatusCode::SERVICE_UNAVAILABLE, wait, reason).into_response();
    };
    let versions = WatchStream::new(app.project.versions());
    let events = versions.map(move |version| version_event(version, &permit));
    Sse::new(events)
        .keep_alive(KeepAlive::default())
        .into_response()
}

/// Borrows the permit, so that the stream keeps it until it closes.
fn version_event(version: u64, _permit: &OwnedSemaphorePermit) -> Result<Event, Infallible> {
    Ok(Event::default().event("version").data(version.to_string()))
}

#[derive(Deserialize)]
struct TestForm {
    address: String,
    /// Set by the page that asks for confirmation.
    #[serde(default)]
    sure: bool,
}

async fn test(
    State(app): State<App>,
    Path(name): Path<String>,
    form: Result<Form<TestForm>, FormRejection>,
) -> Response {
    match form {
        Ok(Form(form)) => blocking(move || confirm_or_send_test(&app, &name, &form)).await,
        Err(rejection) => unread_form(rejection),
    }
}

fn confirm_or_send_test(app: &App, name: &str, form: &TestForm) -> Response {
    let Some(issue) = app.project.issue(name) else {
        return not_found(app, name);
    };
    let address = form.address.trim();
    if !form.sure {
        return page::confirm_test(&issue, address, &app.base).into_response();
    }
    let outcome = app.project.send_test(name, address);
    let outcome = outcome.map_err(|failure| failure.to_string());
    page::test_result(&issue, address, &outcome, &app.base).into_response()
}

/// The response to a form that could not be read: 408 if its body missed the deadline, otherwise axum's own.
fn unread_form(rejection: FormRejection) -> Response {
    let first: &(dyn Error + 'static) = &rejection;
    let mut causes = std::iter::successors(Some(first), |error| (*error).source());
    if causes.any(|error| error.is::<TimeoutError>()) {
        return StatusCode::REQUEST_TIMEOUT.into_response();
    }
    rejection.into_response()
}

async fn style() -> Response {
    let kind = [(header::CONTENT_TYPE, "text/css; charset=utf-8")];
    (kind, include_str!("preview.css")).into_response()
}

async fn script() -> Response {
    let kind = [(header::CONTENT_TYPE, "text/javascript; charset=utf-8")];
    (kind, include_str!("preview.js")).into_response()
}

/// Runs work that reads files or compiles, outside of the threads that serve connections.
async fn blocking(work: impl FnOnce() -> Response + Send + 'static) -> Response {
    match tokio::task::spawn_blocking(work).await {
        Ok(response) => response,
        // A panic, whose message is on stderr. Errors in the user's files have a page of their own.
        Err(_) => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
    }
}
