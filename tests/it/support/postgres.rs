//! A PostgreSQL of the tests' own: its files in a temporary folder, its ends a socket there and a port.
//!
//! One that runs on this machine already is not touched. Tests that run at the same time share a server, each
//! with a database of its own; the last one stops it.

use std::net::TcpListener;
use std::os::unix::fs::{MetadataExt, PermissionsExt, chown};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, Weak};

use crate::support::{self, Run};

/// The password of the server's one user, over TCP; over the socket none is asked for.
pub const PASSWORD: &str = "canary-of-the-store";

/// A server that ends with the last test that uses it.
pub struct Server {
    root: tempfile::TempDir,
    programs: PathBuf,
    port: u16,
    /// Root may not run it; then this user does.
    user: Option<(u32, u32)>,
    databases: AtomicUsize,
}

/// A database of a test's own.
pub struct Database {
    pub server: Arc<Server>,
    name: String,
}

impl Database {
    /// An empty one; `None` where there is no PostgreSQL, which is a fault in CI.
    pub fn create(test: &str) -> Option<Self> {
        Some(Self::on(Server::shared(test)?))
    }

    /// An empty one on a server that no other test uses.
    pub fn alone(test: &str) -> Option<Self> {
        Some(Self::on(Arc::new(Server::start(test)?)))
    }

    fn on(server: Arc<Server>) -> Self {
        let number = server.databases.fetch_add(1, Ordering::SeqCst);
        let name = format!("letter{number}");
        server.query("postgres", &format!("create database {name}"));
        Self { server, name }
    }

    /// A copy of it as it is now, as a backup is.
    pub fn copy(&self) -> Self {
        let copy = Self::on(Arc::clone(&self.server));
        let (from, to) = (&self.name, &copy.name);
        self.server
            .query("postgres", &format!("drop database {to}"));
        let sql = format!("create database {to} template {from}");
        self.server.query("postgres", &sql);
        copy
    }

    /// Over the socket.
    pub fn url(&self) -> String {
        let folder = self.server.root.path().display();
        format!(
            "postgres:///{}?host={folder}&port={}&user=franking",
            self.name, self.server.port
        )
    }

    /// Over TCP, with `password` where there is one.
    pub fn tcp_url(&self, password: Option<&str>) -> String {
        let password = password.map(|password| format!(":{password}"));
        format!(
            "postgres://franking{}@127.0.0.1:{}/{}",
            password.unwrap_or_default(),
            self.server.port,
            self.name
        )
    }

    /// A text without what differs from run to run.
    pub fn masked(&self, text: &str) -> String {
        let folder = self.server.root.path().display().to_string();
        let text = text
            .replace(&folder, "FOLDER")
            .replace(&self.name, "LETTER");
        text.replace(&self.server.port.to_string(), "PORT")
    }

    /// Everybody who is connected is thrown out, and whoever has sent counts as not heard of: the others would
    /// wait a minute for a sign of life.
    pub fn bury_senders(&self) {
        self.query(
            "select pg_terminate_backend(pid, 10000) from pg_stat_activity
             where datname = current_database() and application_name = 'franking'",
        );
        // One that died at once may not have come to the tables.
        self.query(
            "do $$ begin if to_regclass('sender') is not null then
             update sender set expires_at = '-infinity'; end if; end $$",
        );
    }

    /// What `psql` prints for a statement, its columns with bars between them.
    pub fn query(&self, sql: &str) -> String {
        self.server.query(&self.name, sql)
    }

    /// The whole database as `pg_dump` writes it for a backup.
    pub fn dump(&self) -> String {
        let program = self.server.programs.join("pg_dump");
        let output = Command::new(program).arg(self.url()).output();
        let run = Run::from(output.expect("pg_dump starts"));
        assert_eq!(run.code, 0, "{}", run.stderr);
        run.stdout
    }
}

static SHARED: Mutex<Weak<Server>> = Mutex::new(Weak::new());

impl Server {
    fn shared(test: &str) -> Option<Arc<Self>> {
        let mut shared = SHARED
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner);
        if let Some(running) = shared.upgrade() {
            return Some(running);
        }
        let server = Arc::new(Self::start(test)?);
        *shared = Arc::downgrade(&server);
        Some(server)
    }

    fn start(test: &str) -> Option<Self> {
        let Some(programs) = programs() else {
            support::skip(test, "there is no PostgreSQL server on this machine");
            return None;
        };
        let root = tempfile::tempdir().expect("a temporary folder");
        let is_root = root.path().metadata().expect("our folder").uid() == 0;
        let user = if is_root { owner() } else { None };
        if is_root && user.is_none() {
            support::skip(
                test,
                "PostgreSQL does not run as root, and there is no user `postgres`",
            );
            return None;
        }
        let server = Self {
            root,
            programs,
            port: free_port(),
            user,
            databases: AtomicUsize::new(0),
        };
        server.prepare();
        server.begin();
        Some(server)
    }

    fn prepare(&self) {
        let root = self.root.path();
        if let Some((user, group)) = self.user {
            chown(root, Some(user), Some(group)).expect("root may");
        }
        std::fs::set_permissions(root, std::fs::Permissions::from_mode(0o755)).expect("our folder");
        let password = root.join("password");
        std::fs::write(&password, PASSWORD).expect("a file of the test");
        let password = format!("--pwfile={}", password.display());
        let mut arguments = vec!["--username=franking", &password, "--no-sync"];
        arguments.extend(["--auth-local=trust", "--auth-host=scram-sha-256"]);
        arguments.extend(["--encoding=UTF8", "--locale=C.UTF-8"]);
        self.run("initdb", &arguments);
        let settings = format!(
            "port = {}\nlisten_addresses = '127.0.0.1'\nunix_socket_directories = '{}'\n\
             fsync = off\nmax_connections = 60\nshared_buffers = 16MB\n",
            self.port,
            root.display()
        );
        self.set(&settings);
    }

    /// Appends to the server's settings, which it reads when it begins.
    pub fn set(&self, settings: &str) {
        let path = self.data().join("postgresql.conf");
        let before = std::fs::read_to_string(&path).expect("the settings");
        std::fs::write(path, before + settings).expect("the settings");
    }

    /// Says who may come in how, in the words of `pg_hba.conf`.
    pub fn admit(&self, rules: &str) {
        std::fs::write(self.data().join("pg_hba.conf"), rules).expect("the rules");
    }

    /// Starts the server, or starts it again; it answers when this returns.
    pub fn begin(&self) {
        let log = self.root.path().join("log").display().to_string();
        self.run("pg_ctl", &["start", "--wait", "--silent", "--log", &log]);
    }

    /// Stops it as a crash does, without a shutdown of its connections.
    pub fn crash(&self) {
        self.run("pg_ctl", &["stop", "--mode=immediate", "--silent"]);
    }

    /// A file for the server alone, below its folder.
    pub fn write_private(&self, name: &str, text: &str) -> PathBuf {
        let path = self.root.path().join(name);
        std::fs::write(&path, text).expect("a file of the test");
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o600)).expect("our file");
        if let Some((user, group)) = self.user {
            chown(&path, Some(user), Some(group)).expect("root may");
        }
        path
    }

    fn data(&self) -> PathBuf {
        self.root.path().join("data")
    }

    fn query(&self, database: &str, sql: &str) -> String {
        let socket = self.root.path().display().to_string();
        let port = self.port.to_string();
        let output = Command::new(self.programs.join("psql"))
            .args([
                "-X",
                "-q",
                "-A",
                "-t",
                "-v",
                "ON_ERROR_STOP=1",
                "-U",
                "franking",
            ])
            .args(["-h", &socket, "-p", &port, "-d", database, "-c", sql])
            .output();
        let run = Run::from(output.expect("psql starts"));
        assert_eq!(run.code, 0, "{sql}: {}", run.stderr);
        run.stdout.trim_end().to_owned()
    }

    fn run(&self, program: &str, arguments: &[&str]) {
        let mut command = Command::new(self.programs.join(program));
        command.arg("-D").arg(self.data()).args(arguments);
        command.current_dir(self.root.path());
        // A pipe of ours would stay open for as long as the server runs.
        command
            .stdin(std::process::Stdio::null())
            .stdout(std::process::Stdio::null());
        if let Some((user, group)) = self.user {
            command.uid(user).gid(group);
        }
        let status = command
            .stderr(std::process::Stdio::null())
            .status()
            .expect("it is installed");
        let log = std::fs::read_to_string(self.root.path().join("log")).unwrap_or_default();
        assert!(status.success(), "{program} {arguments:?}: {log}");
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let is_running = self.data().join("postmaster.pid").exists();
        if is_running && !std::thread::panicking() {
            self.crash();
        } else if is_running {
            // A second panic would end all tests without a word.
            let _ = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| self.crash()));
        }
    }
}

/// The newest server of Debian's, or the one in the path.
fn programs() -> Option<PathBuf> {
    let versions = std::fs::read_dir("/usr/lib/postgresql")
        .into_iter()
        .flatten();
    let mut found: Vec<PathBuf> = versions
        .flatten()
        .map(|entry| entry.path().join("bin"))
        .collect();
    found.sort();
    let path = std::env::var_os("PATH").unwrap_or_default();
    let others = std::env::split_paths(&path).collect::<Vec<_>>();
    let all = found.into_iter().rev().chain(others);
    all.into_iter().find(|folder| has_server(folder))
}

fn has_server(folder: &Path) -> bool {
    ["initdb", "pg_ctl", "psql"]
        .iter()
        .all(|name| folder.join(name).is_file())
}

/// Debian's user for the server.
fn owner() -> Option<(u32, u32)> {
    let users = std::fs::read_to_string("/etc/passwd").ok()?;
    let line = users.lines().find(|line| line.starts_with("postgres:"))?;
    let mut parts = line.split(':').skip(2);
    let mut number = || parts.next()?.parse().ok();
    Some((number()?, number()?))
}

fn free_port() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port on loopback");
    listener.local_addr().expect("its address").port()
}
