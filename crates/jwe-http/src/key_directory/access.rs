//! Who can read and write files of keys.

use std::fs::Metadata;
use std::path::Path;

use super::error::KeyDirectoryError;

/// Of a folder: nobody else may put keys into it or take them away. Names of keys are no secret.
pub(super) fn check_folder(path: &Path, folder: &Metadata) -> Result<(), KeyDirectoryError> {
    check(path, folder, 0o022, 0o700)
}

/// Of a file: nobody else may read it.
pub(super) fn check_file(path: &Path, file: &Metadata) -> Result<(), KeyDirectoryError> {
    if !file.is_file() {
        return Err(KeyDirectoryError::NotFile { path: path.to_owned() });
    }
    check(path, file, 0o077, 0o600)
}

#[cfg(unix)]
fn check(path: &Path, found: &Metadata, refused: u32, mode: u32) -> Result<(), KeyDirectoryError> {
    use std::os::unix::fs::PermissionsExt;

    if found.permissions().mode() & refused == 0 {
        Ok(())
    } else {
        Err(KeyDirectoryError::Access { path: path.to_owned(), mode })
    }
}

// Elsewhere the folder has its list of who may do what from its own folder.
#[cfg(not(unix))]
fn check(_: &Path, _: &Metadata, _: u32, _: u32) -> Result<(), KeyDirectoryError> {
    Ok(())
}
