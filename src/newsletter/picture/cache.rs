//! Resized pictures, cached by the digest of their inputs.
//!
//! The cache never changes a result: a missing, damaged or outdated entry is computed again, and if an entry cannot be
//! written, it is computed each time.

use std::path::{Path, PathBuf};

use ring::digest::{Context, SHA256, digest};

use super::fit::has_work;
use super::{Damaged, Fitted, Format, fit};
use crate::util::fs;

/// Must change whenever [`fit`] produces other bytes: with its filter, its quality or its libraries.
const RECIPE: &[u8] = b"franking picture 1\n";

/// The length of the digest at the beginning of an entry.
const DIGEST: usize = 32;

/// The cache of a newsletter's resized pictures.
#[derive(Debug, Clone)]
pub struct Cache(PathBuf);

impl Cache {
    /// The cache in the directory `folder`.
    pub fn of(folder: &Path) -> Self {
        Self(folder.join(".franking").join("pictures"))
    }

    /// Like [`fit`], with cached results. A picture that needs no change is neither read nor decoded.
    ///
    /// # Errors
    /// If the picture cannot be decoded.
    pub fn fit(
        &self,
        bytes: &[u8],
        format: Format,
        (orientation, width): (u8, u32),
        widest: u32,
    ) -> Result<Option<Fitted>, Damaged> {
        if !has_work(bytes, format, orientation, width, widest) {
            return Ok(None);
        }
        let path = self.0.join(name(bytes, orientation, widest));
        if let Some(known) = read(&path) {
            return Ok(known);
        }
        let fitted = fit(bytes, format, orientation, widest)?;
        let _ = self.write(&path, fitted.as_ref());
        Ok(fitted)
    }

    fn write(&self, path: &Path, fitted: Option<&Fitted>) -> std::io::Result<()> {
        fs::create_directories(&self.0, 0o700)?;
        let content = fitted.map(content).unwrap_or_default();
        let sum = digest(&SHA256, &content);
        fs::write_whole(path, &[sum.as_ref(), &content].concat())
    }
}

fn name(bytes: &[u8], orientation: u8, widest: u32) -> String {
    let mut context = Context::new(&SHA256);
    context.update(RECIPE);
    context.update(&[orientation]);
    context.update(&widest.to_be_bytes());
    context.update(bytes);
    let digest = context.finish();
    digest
        .as_ref()
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect()
}

/// Width, height and bytes; empty for a picture that is not changed.
fn content(fitted: &Fitted) -> Vec<u8> {
    let size = [fitted.width.to_be_bytes(), fitted.height.to_be_bytes()].concat();
    [size, fitted.bytes.clone()].concat()
}

/// The entry at `path`; `None` if there is no valid one.
#[allow(
    clippy::option_option,
    reason = "no entry, and an entry for a picture that needs no change"
)]
fn read(path: &Path) -> Option<Option<Fitted>> {
    let entry = std::fs::read(path).ok()?;
    let (sum, content) = entry.split_at_checked(DIGEST)?;
    if digest(&SHA256, content).as_ref() != sum {
        return None;
    }
    let Some((width, rest)) = content.split_first_chunk() else {
        return Some(None);
    };
    let (height, bytes) = rest.split_first_chunk()?;
    Some(Some(Fitted {
        width: u32::from_be_bytes(*width),
        height: u32::from_be_bytes(*height),
        bytes: bytes.to_vec(),
    }))
}
