//! `franking systemd`: the units, printed and never installed.

use clap::Args;

use super::context::Context;
use super::exit::{Exit, Failure};

/// What the units are for.
#[derive(Debug, Args)]
pub(super) struct Arguments {
    /// The path of this program in the service.
    #[arg(long, value_name = "PATH", default_value = "/usr/local/bin/franking")]
    program: String,
}

pub(super) fn execute(arguments: &Arguments, context: &Context) -> Result<Exit, Failure> {
    let folder = context.folder.canonicalize().map_err(|error| {
        Failure::io(
            format!("there is no folder `{}`", context.folder.display()),
            &error,
        )
    })?;
    Ok(super::print(&units(
        &arguments.program,
        &folder.display().to_string(),
    )))
}

/// `Persistent` runs a slot that was missed while the machine was off; `--max-late` decides whether it is
/// still sent. Exit code 75 means that work is left.
fn units(program: &str, folder: &str) -> String {
    format!(
        "# /etc/systemd/system/franking.timer
[Unit]
Description=Send what is due of the newsletter in {folder}

[Timer]
OnCalendar=*:0/5
Persistent=true
AccuracySec=1s

[Install]
WantedBy=timers.target

# /etc/systemd/system/franking.service
[Unit]
Description=Send what is due of the newsletter in {folder}
After=network-online.target
Wants=network-online.target

[Service]
Type=oneshot
ExecStart={program} -C {folder} send --due --max-late 6h
LoadCredential=smtp-password:/etc/franking/smtp-password
StateDirectory=franking
ReadWritePaths={folder}/.franking
RestartForceExitStatus=75
RestartSec=60
TimeoutStartSec=infinity
KillSignal=SIGTERM
TimeoutStopSec=11min
NoNewPrivileges=true
ProtectSystem=strict
PrivateTmp=true
"
    )
}
