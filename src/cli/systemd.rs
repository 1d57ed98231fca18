//! `franking systemd`: a timer and a service for one newsletter, printed and never installed.
//!
//! `systemd-analyze verify` of systemd 252 (Debian 12) accepts them. So there is no `RestartForceExitStatus=`, which systemd
//! before 256 refuses for a oneshot: the timer is the next try for work that is left.

use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use clap::Args;
use ring::digest::{SHA256, digest};

use crate::cli::exit::Exit;
use crate::diag::Findings;
use crate::newsletter::config::{self, Newsletter, PasswordSource};
use crate::workspace::{Failure, FailureKind, Workspace, display_path};

/// Names and paths in the units.
#[derive(Debug, Args)]
pub(super) struct Arguments {
    /// The path of this program in the service; by default, where it runs from.
    #[arg(long, value_name = "PATH")]
    program: Option<PathBuf>,
    /// The name of the units; by default, made of the directory's path, so that each newsletter has its own.
    #[arg(long, value_parser = unit_name)]
    name: Option<String>,
    /// The user of the service; by default, the directory's owner.
    #[arg(long, value_parser = user_name)]
    user: Option<String>,
    /// A unit to start when a run fails, such as one that mails the administrator.
    #[arg(long, value_name = "UNIT", value_parser = unit)]
    on_failure: Option<String>,
}

/// What both units are made of, each value in the spelling of a unit file.
struct Units {
    name: String,
    program: String,
    folder: PathBuf,
    user: String,
    on_failure: Option<String>,
    /// The names of the credentials that the service reads.
    credentials: Vec<String>,
}

pub(super) fn execute(arguments: &Arguments, workspace: &Workspace) -> Result<Exit, Failure> {
    let folder = workspace.directory.canonicalize().map_err(|error| {
        let message = format!(
            "there is no directory `{}`",
            display_path(&workspace.directory)
        );
        Failure::io(message, &error)
    })?;
    quoted(&folder)?;
    let program = match &arguments.program {
        Some(program) => std::path::absolute(program),
        None => std::env::current_exe(),
    };
    let program = program.map_err(|error| Failure::io("this program has no path", &error))?;
    let units = Units {
        name: arguments.name.clone().unwrap_or_else(|| name_of(&folder)),
        program: quoted(&program)?.replace('$', "$$"),
        user: arguments.user.clone().unwrap_or_else(|| owner_of(&folder)),
        on_failure: arguments.on_failure.clone(),
        credentials: credentials(&folder),
        folder,
    };
    Ok(super::print(&format!(
        "{}\n{}",
        units.timer(),
        units.service()?
    )))
}

impl Units {
    /// `Persistent` runs a slot that was missed while the machine was off; `--max-late` decides whether it is
    /// still sent.
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
        let folder = quoted(&self.folder)?;
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

# The newsletter's directory is all that it may write, for .franking and the lock, and in it only what no author edits.
ProtectSystem=strict
ReadWritePaths={folder}
ReadOnlyPaths={}
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
",
            self.description(),
            folder.replace('$', "$$"),
            self.read_only()?,
        ))
    }

    fn description(&self) -> String {
        let folder = self.folder.display().to_string().replace('%', "%%");
        format!("Send what is due of the newsletter in {folder}")
    }

    /// What people edit; each path may be absent.
    fn read_only(&self) -> Result<String, Failure> {
        let paths = [config::FILE, "issues", "templates"].map(|part| {
            let path = quoted(&self.folder.join(part))?;
            Ok(format!("\"-{}", &path[1..]))
        });
        let paths: Result<Vec<String>, Failure> = paths.into_iter().collect();
        Ok(paths?.join(" "))
    }
}

/// A path between quotes, as a unit file has it: specifiers, quotes and backslashes escaped.
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

/// The directory's own name, as far as a unit's name may have it, and eight digits of its whole path: two newsletters
/// on one machine have two names.
fn name_of(folder: &Path) -> String {
    let own = folder.file_name().unwrap_or_default().to_string_lossy();
    let own: String = own
        .chars()
        .map(|c| {
            if c.is_ascii_alphanumeric() || c == '.' || c == '_' {
                c
            } else {
                '-'
            }
        })
        .take(64)
        .collect();
    let digest = digest(&SHA256, folder.as_os_str().as_encoded_bytes());
    let digits: String = digest.as_ref()[..4]
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect();
    format!("{}-{digits}", own.trim_matches(['-', '.']))
}

/// The owner of the directory; a newsletter of root's runs as a user of its own.
fn owner_of(folder: &Path) -> String {
    let owner = std::fs::metadata(folder).map_or(0, |metadata| metadata.uid());
    match owner {
        0 => "franking".to_owned(),
        owner => user_called(owner).unwrap_or_else(|| owner.to_string()),
    }
}

/// The name of a user in `/etc/passwd`: `name:password:uid:…`
fn user_called(wanted: u32) -> Option<String> {
    let users = std::fs::read_to_string("/etc/passwd").ok()?;
    let found = users.lines().find_map(|line| {
        let mut parts = line.split(':');
        let (name, uid) = (parts.next()?, parts.nth(1)?);
        (uid.parse() == Ok(wanted)).then_some(name)
    });
    found.map(str::to_owned)
}

/// The credentials of the relays whose password newsletter.toml does not locate. Systemd starts no service that names
/// one without its file.
fn credentials(folder: &Path) -> Vec<String> {
    let read = config::read(folder, &mut Findings::new());
    let newsletter: Newsletter = read.unwrap_or_else(|gaps| *gaps);
    let Some(smtp) = newsletter.smtp else {
        return Vec::new();
    };
    let needs_one = |relay: &config::RelayConfig| {
        let source = relay.login.as_ref().map(|(_, source)| source);
        source == Some(&PasswordSource::Credential)
    };
    let first = needs_one(&smtp.relay).then(|| "smtp-password".to_owned());
    let further = smtp.further.iter().filter(|relay| needs_one(relay));
    let further = further.map(|relay| format!("smtp-password-{}", relay.host));
    first.into_iter().chain(further).collect()
}

fn unit_name(text: &str) -> Result<String, String> {
    let is_known = |c: char| c.is_ascii_alphanumeric() || "_.-:".contains(c);
    let is_name = !text.is_empty() && text.len() <= 200 && text.chars().all(is_known);
    let why = "use letters, digits, `.`, `_`, `:` and `-`";
    is_name
        .then(|| text.to_owned())
        .ok_or_else(|| why.to_owned())
}

fn user_name(text: &str) -> Result<String, String> {
    let is_known = |c: char| c.is_ascii_alphanumeric() || "_-.".contains(c);
    let is_name = !text.is_empty() && text.chars().all(is_known) && !text.starts_with(['-', '.']);
    let why = "use the name or the number of a user";
    is_name
        .then(|| text.to_owned())
        .ok_or_else(|| why.to_owned())
}

/// A unit's name with its kind; specifiers such as `%n` are systemd's.
fn unit(text: &str) -> Result<String, String> {
    const KINDS: [&str; 6] = ["service", "target", "socket", "path", "timer", "mount"];
    let is_known = |c: char| c.is_ascii_alphanumeric() || "_.-:@%\\".contains(c);
    let kind = text.rsplit_once('.').map(|(_, kind)| kind);
    let is_unit = text.chars().all(is_known) && kind.is_some_and(|kind| KINDS.contains(&kind));
    let why = "write the whole name of a unit, such as `mail-alert@%n.service`";
    is_unit
        .then(|| text.to_owned())
        .ok_or_else(|| why.to_owned())
}
