//! The units as files, and as one text.

use std::fmt;
use std::io;
use std::path::{Path, PathBuf};

use super::{SystemdUnits, UnitFile};
use crate::util::fs;
use crate::workspace::{Failure, display_path};

impl SystemdUnits {
    /// Writes both units into `directory`, which is created if it is missing, and returns their paths. Units of the same
    /// names are replaced.
    ///
    /// # Errors
    /// When a file cannot be written.
    pub fn write(&self, directory: &Path) -> Result<Vec<PathBuf>, Failure> {
        fs::create_directories(directory, 0o777).map_err(|error| not_written(directory, &error))?;
        let written = [&self.timer, &self.service].map(|unit| unit.write(directory));
        written.into_iter().collect()
    }
}

/// Both units, each below the path of its file.
impl fmt::Display for SystemdUnits {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}\n{}", self.timer, self.service)
    }
}

impl UnitFile {
    fn write(&self, directory: &Path) -> Result<PathBuf, Failure> {
        let path = directory.join(&self.name);
        let written = fs::write_whole(&path, self.text.as_bytes());
        written.map_err(|error| not_written(&path, &error))?;
        Ok(path)
    }
}

impl fmt::Display for UnitFile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "# /etc/systemd/system/{}\n{}", self.name, self.text)
    }
}

fn not_written(path: &Path, error: &io::Error) -> Failure {
    Failure::io(format!("`{}` cannot be written", display_path(path)), error)
}
