//! A systemd timer and service for one newsletter.
//!
//! `systemd-analyze verify` of systemd 252 (Debian 12) accepts them. Therefore they have no `RestartForceExitStatus=`, which
//! systemd before 256 refuses for a oneshot: the timer retries the work that is left.

mod defaults;
mod names;

pub use names::{parse_unit, parse_unit_name, parse_user_name};

use std::path::{Path, PathBuf};

use super::{Failure, FailureKind, Workspace, display_path};
use crate::newsletter::config;
use defaults::{credentials, name_of, owner_of};

/// Names and paths in the units; each has a default.
#[derive(Debug, Clone, Default)]
pub struct UnitOptions {
    /// The path of this program; by default, that of the running process.
    pub program: Option<PathBuf>,
    /// The name of the units; by default, made of the directory's path, so that each newsletter has its own.
    pub name: Option<String>,
    /// The user of the service; by default, the owner of the directory.
    pub user: Option<String>,
    /// A unit to start when a run fails.
    pub on_failure: Option<String>,
}

/// What the service does not need (systemd.exec(5)).
const SANDBOX: &str = "\
ProtectHome=read-only
PrivateTmp=true
PrivateDevices=true
ProtectProc=invisible
ProcSubset=pid
ProtectClock=true
ProtectControlGroups=true
ProtectHostname=true
ProtectKernelLogs=true
ProtectKernelModules=true
ProtectKernelTunables=true
NoNewPrivileges=true
CapabilityBoundingSet=
LockPersonality=true
MemoryDenyWriteExecute=true
RestrictAddressFamilies=AF_INET AF_INET6 AF_UNIX
RestrictNamespaces=true
RestrictRealtime=true
RestrictSUIDSGID=true
SystemCallArchitectures=native
SystemCallFilter=@system-service
SystemCallFilter=~@privileged @resources
";

/// The values of both units, in the spelling of unit files.
struct Units {
    name: String,
    program: String,
    directory: PathBuf,
    user: String,
    on_failure: Option<String>,
    /// The names of the credentials that the service reads.
    credentials: Vec<String>,
}

impl Workspace {
    /// The texts of a timer and a service that send what is due.
    ///
    /// # Errors
    /// When the directory does not exist, or a path cannot be written into a unit file.
    pub fn systemd_units(&self, options: &UnitOptions) -> Result<[String; 2], Failure> {
        let units = Units::new(self, options)?;
        Ok([units.timer(), units.service()?])
    }
}

impl Units {
    fn new(workspace: &Workspace, options: &UnitOptions) -> Result<Self, Failure> {
        let directory = workspace.directory.canonicalize().map_err(|error| {
            let missing = display_path(&workspace.directory);
            Failure::io(format!("there is no directory `{missing}`"), &error)
        })?;
        quoted(&directory)?;
        let program = match &options.program {
            Some(program) => std::path::absolute(program),
            None => std::env::current_exe(),
        };
        let program = program.map_err(|error| Failure::io("this program has no path", &error))?;
        Ok(Self {
            name: options.name.clone().unwrap_or_else(|| name_of(&directory)),
            program: quoted(&program)?.replace('$', "$$"),
            user: options.user.clone().unwrap_or_else(|| owner_of(&directory)),
            on_failure: options.on_failure.clone(),
            credentials: credentials(&directory),
            directory,
        })
    }

    /// `Persistent` makes up for a run that was missed while the machine was off; `--max-late` limits how late an issue is
    /// sent.
    fn timer(&self) -> String {
        let Self { name, .. } = self;
        format!(
            "# /etc/systemd/system/{name}-franking.timer
[Unit]
Description={}

[Timer]
OnCalendar=*:0/5
Persistent=true
AccuracySec=1s

[Install]
WantedBy=timers.target
",
            self.description()
        )
    }

    /// Exit code 75 means that work is left for the next run, which the timer starts.
    fn service(&self) -> Result<String, Failure> {
        let Self {
            name,
            program,
            user,
            ..
        } = self;
        let directory = quoted(&self.directory)?;
        let on_failure = self.on_failure.as_ref();
        let on_failure = on_failure.map_or_else(String::new, |unit| format!("OnFailure={unit}\n"));
        let credentials = self.credentials.iter();
        let credentials: String = credentials
            .map(|one| format!("LoadCredential={one}:/etc/franking/{name}/{one}\n"))
            .collect();
        Ok(format!(
            "# /etc/systemd/system/{name}-franking.service
[Unit]
Description={}
After=network-online.target
Wants=network-online.target
{on_failure}
[Service]
Type=oneshot
User={user}
ExecStart={program} -C {} send --due --max-late 6h
{credentials}SuccessExitStatus=75
TimeoutStartSec=infinity
KillSignal=SIGTERM
TimeoutStopSec=11min
UMask=0077

# The service may write only to the newsletter's directory, and there only what no author edits.
ProtectSystem=strict
ReadWritePaths={directory}
ReadOnlyPaths={}
{SANDBOX}",
            self.description(),
            directory.replace('$', "$$"),
            self.read_only()?,
        ))
    }

    fn description(&self) -> String {
        let directory = self.directory.display().to_string().replace('%', "%%");
        format!("Send what is due of the newsletter in {directory}")
    }

    /// The paths that people edit; each may be absent.
    fn read_only(&self) -> Result<String, Failure> {
        let paths = [config::FILE, "issues", "templates"].map(|part| {
            let path = quoted(&self.directory.join(part))?;
            Ok(format!("\"-{}", &path[1..]))
        });
        let paths: Result<Vec<String>, Failure> = paths.into_iter().collect();
        Ok(paths?.join(" "))
    }
}

/// A quoted path for a unit file, with specifiers, quotes and backslashes escaped.
fn quoted(path: &Path) -> Result<String, Failure> {
    let text = path
        .to_str()
        .filter(|text| !text.chars().any(char::is_control));
    let text = text.ok_or_else(|| {
        let message = format!(
            "`{}` cannot be written into a unit file",
            display_path(path)
        );
        Failure::new(FailureKind::Usage, message)
            .hint("rename it: UTF-8, and no control characters")
    })?;
    let escaped = text.replace('\\', "\\\\").replace('"', "\\\"");
    Ok(format!("\"{}\"", escaped.replace('%', "%%")))
}
