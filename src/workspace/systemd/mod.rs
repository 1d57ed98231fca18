//! A systemd timer and service for one newsletter.
//!
//! `systemd-analyze verify` of systemd 252 (Debian 12) accepts them. Therefore they have no `RestartForceExitStatus=`, which
//! systemd before 256 refuses for a oneshot: the timer retries the work that is left.

mod defaults;
mod files;
mod names;
mod paths;

pub use names::{parse_unit, parse_unit_name, parse_user_name};

use std::path::{Path, PathBuf};

use super::{Failure, FailureKind, Warning, Workspace, display_path};
use crate::diag::Findings;
use crate::newsletter::config::{self, Newsletter};
use defaults::{DEFAULT_USER, credentials, name_of, owner_of};

/// Names and paths in the units; each has a default.
#[derive(Debug, Clone, Default)]
pub struct UnitOptions {
    /// The path of this program; by default, that of the running process.
    pub program: Option<PathBuf>,
    /// The name of the units; by default, made of the directory's path, so that each newsletter has its own.
    pub name: Option<String>,
    /// The user of the service; by default, the owner of the directory, or `franking` if that is root.
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

/// A timer and a service for one newsletter.
#[derive(Debug)]
pub struct SystemdUnits {
    /// The timer.
    pub timer: UnitFile,
    /// The service.
    pub service: UnitFile,
    /// The user of the service.
    pub user: String,
    /// Why the service has this user although the directory belongs to another one.
    pub warning: Option<Warning>,
}

/// A unit file.
#[derive(Debug)]
pub struct UnitFile {
    /// Its name, such as `heron-franking.timer`.
    pub name: String,
    /// Its text.
    pub text: String,
}

/// The values of both units, in the spelling of unit files.
struct Units {
    name: String,
    program: String,
    directory: PathBuf,
    user: String,
    on_failure: Option<String>,
    newsletter: Newsletter,
}

impl Workspace {
    /// The texts of a timer and a service that send what is due.
    ///
    /// # Errors
    /// When the directory does not exist, or a path cannot be written into a unit file.
    pub fn systemd_units(&self, options: &UnitOptions) -> Result<SystemdUnits, Failure> {
        let units = Units::new(self, options)?;
        let file = |kind: &str, text: String| UnitFile {
            name: format!("{}-franking.{kind}", units.name),
            text,
        };
        let is_chosen = options.user.is_some() || owner_of(&units.directory).is_some();
        Ok(SystemdUnits {
            timer: file("timer", units.timer()),
            service: file("service", units.service()?),
            warning: (!is_chosen).then(|| units.no_owner()),
            user: units.user,
        })
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
            user: options
                .user
                .clone()
                .or_else(|| owner_of(&directory))
                .unwrap_or_else(|| DEFAULT_USER.to_owned()),
            on_failure: options.on_failure.clone(),
            newsletter: config::read(&directory, &mut Findings::new()).unwrap_or_else(|gaps| *gaps),
            directory,
        })
    }

    /// `Persistent` makes up for a run that was missed while the machine was off; `--max-late` limits how late an issue is
    /// sent.
    fn timer(&self) -> String {
        format!(
            "[Unit]
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

    /// Exit code 75 means that work is left for the next run, which the timer starts; 130, that systemd stopped the run.
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
        let credentials = credentials(&self.newsletter);
        let credentials: String = credentials
            .iter()
            .map(|one| format!("LoadCredential={one}:/etc/franking/{name}/{one}\n"))
            .collect();
        Ok(format!(
            "[Unit]
Description={}
After=network-online.target
Wants=network-online.target
{on_failure}
[Service]
Type=oneshot
User={user}
ExecStart={program} -C {} send --due --max-late 6h
{credentials}SuccessExitStatus=75 130
TimeoutStartSec=infinity
KillSignal=SIGTERM
TimeoutStopSec=11min
UMask=0077

# The service may write only to the newsletter's directory and its ledger, but not to the files that people edit.
ProtectSystem=strict
ReadWritePaths={}
ReadOnlyPaths={}
{SANDBOX}",
            self.description(),
            directory.replace('$', "$$"),
            self.writable()?,
            self.read_only()?,
        ))
    }

    fn description(&self) -> String {
        let directory = self.directory.display().to_string().replace('%', "%%");
        format!("Send the due issues of the newsletter in {directory}")
    }

    fn no_owner(&self) -> Warning {
        let Self { user, .. } = self;
        let directory = display_path(&self.directory);
        Warning {
            message: format!(
                "the directory belongs to root, and a newsletter is not sent as root: the service runs as `{user}`"
            ),
            hint: Some(format!(
                "`useradd --system {user}` and `chown -R {user} {directory}`, or name another user with `--user`"
            )),
        }
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
            .hint("rename it: the path must be UTF-8 without control characters")
    })?;
    let escaped = text.replace('\\', "\\\\").replace('"', "\\\"");
    Ok(format!("\"{}\"", escaped.replace('%', "%%")))
}
