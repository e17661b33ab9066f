//! A file that is written beside its name, and gets the name when it is whole.
//!
//! It is locked while it is written, so that two runs never write to one file, and a file that is
//! there and not locked was left by a run that was killed.

use std::ffi::OsString;
use std::fs::{self, File, Metadata, OpenOptions, Permissions, TryLockError};
use std::io::{self, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use super::written::Written;
use crate::failure::Failure;
use crate::output::{self, Secrecy};

/// A file on its way to its name.
#[derive(Debug)]
pub(super) struct PartialFile {
    file: File,
    path: PathBuf,
    target: PathBuf,
    /// Which it gets with its name. Until then nobody but the owner reads it.
    permissions: Option<Permissions>,
    /// Whether it stays where it is when this value goes.
    keep: bool,
}

/// Where a file of this name is written: beside the name, with `.partial` behind it.
pub(super) fn partial_path(target: &Path) -> PathBuf {
    let mut name = OsString::from(target.as_os_str());
    name.push(".partial");
    name.into()
}

impl PartialFile {
    /// Begins a new file. One that a killed run left is replaced.
    ///
    /// # Errors
    /// Another run is writing to it, something else has its name, or it can't be written.
    pub(super) fn create(target: &Path, permissions: Option<Permissions>) -> Result<Self, Failure> {
        let path = partial_path(target);
        let private = permissions.as_ref().and_then(|_| output::owner_only());
        // Another run may do the same at the same time; one of both then finds the file locked.
        for _ in 0..100 {
            match create_new(&path, private.as_ref()) {
                Ok(file) => {
                    lock(&file, &path)?;
                    if is_at(&file, &path) {
                        let target = target.to_owned();
                        return Ok(Self { file, path, target, permissions, keep: false });
                    }
                }
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
                    if let Some(left) = open_locked(&path)? {
                        fs::remove_file(&path)
                            .map_err(|error| output::unwritable(&path, &error))?;
                        drop(left);
                    }
                }
                Err(error) => return Err(output::unwritable(&path, &error)),
            }
        }
        Err(in_use(&path))
    }

    /// Goes on with the file that an earlier run left, of which the first bytes count.
    ///
    /// # Errors
    /// It is not there, or begins with other bytes, and as [`create`](Self::create).
    pub(super) fn resume(
        target: &Path,
        permissions: Option<Permissions>,
        written: Written,
    ) -> Result<Self, Failure> {
        let path = partial_path(target);
        let failed = |error: io::Error| output::unwritable(&path, &error);
        let mut file = open_locked(&path)?.ok_or_else(|| missing(&path))?;
        let found = file.metadata().map_err(failed)?;
        if found.len() < written.len {
            return Err(Failure::new(
                "checkpoint_output",
                format!(
                    "{}: has {} bytes, and the checkpoint counts {}: remove the checkpoint to begin anew",
                    path.display(),
                    found.len(),
                    written.len
                ),
            ));
        }
        if !written.begins(&mut file).map_err(failed)? {
            return Err(Failure::new(
                "checkpoint_output",
                format!(
                    "{}: is not what the checkpoint counts on: remove the checkpoint to begin anew",
                    path.display()
                ),
            ));
        }
        // Only the owner can do so, and nobody else's file is written to.
        let private = permissions.as_ref().and_then(|_| output::owner_only());
        file.set_permissions(private.unwrap_or(found.permissions())).map_err(failed)?;
        file.set_len(written.len).map_err(failed)?;
        file.seek(SeekFrom::Start(written.len)).map_err(failed)?;
        let target = target.to_owned();
        Ok(Self { file, path, target, permissions, keep: true })
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// Whether the file stays if the run ends before it is whole.
    pub(super) fn keep(&mut self, keep: bool) {
        self.keep = keep;
    }

    /// What was written is on the disk.
    pub(super) fn sync(&self) -> io::Result<()> {
        self.file.sync_data()
    }

    /// Cuts off what is behind the first `len` bytes.
    pub(super) fn cut(&mut self, len: u64) -> io::Result<()> {
        self.file.set_len(len)?;
        self.file.seek(SeekFrom::Start(len)).map(drop)
    }

    /// It is whole and gets its name. Where that fails it stays where it is.
    pub(super) fn persist(mut self) -> Result<(), Failure> {
        self.keep = true;
        let named = self
            .permissions
            .take()
            .map_or(Ok(()), |permissions| self.file.set_permissions(permissions));
        named
            .and_then(|()| self.file.sync_all())
            .and_then(|()| fs::rename(&self.path, &self.target))
            .map_err(|error| {
                let whole =
                    format!("it is whole, in {}: move it where you want it", self.path.display());
                output::unwritable(&self.target, &error).and(&whole)
            })?;
        sync_folder(&self.target);
        Ok(())
    }
}

impl Write for PartialFile {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.file.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Drop for PartialFile {
    fn drop(&mut self) {
        if !self.keep {
            // Where that fails, the next run replaces it.
            let _ = fs::remove_file(&self.path);
        }
    }
}

/// Has the names in the folder of a file survive a loss of power, where the system does that.
pub(super) fn sync_folder(path: &Path) {
    let folder = match path.parent() {
        Some(folder) if folder != Path::new("") => folder,
        _ => Path::new("."),
    };
    if let Ok(folder) = File::open(folder) {
        let _ = folder.sync_all();
    }
}

/// A file that was not there. With permissions it has these, whatever the umask.
pub(super) fn create_new(path: &Path, permissions: Option<&Permissions>) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.read(true).write(true).create_new(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt;

        // Nobody but the owner gets in before the permissions are set.
        options.mode(if permissions.is_some() { 0o600 } else { 0o666 });
    }
    let file = options.open(path)?;
    if let Some(permissions) = permissions {
        file.set_permissions(permissions.clone())?;
    }
    Ok(file)
}

/// Opens a file that an earlier run left and locks it; `None` if there is none.
fn open_locked(path: &Path) -> Result<Option<File>, Failure> {
    match fs::symlink_metadata(path) {
        Ok(found) if found.is_file() && has_one_name(&found) => {}
        Ok(_) => {
            return Err(Failure::new(
                "output_partial",
                format!(
                    "{}: is no file, or one with another name too, so it is not replaced: remove it",
                    path.display()
                ),
            ));
        }
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(output::unwritable(path, &error)),
    }
    let file = match OpenOptions::new().read(true).write(true).open(path) {
        Ok(file) => file,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(output::unwritable(path, &error)),
    };
    lock(&file, path)?;
    // A link may have been put there, or another run may have been faster.
    Ok(is_at(&file, path).then_some(file))
}

fn lock(file: &File, path: &Path) -> Result<(), Failure> {
    match file.try_lock() {
        Ok(()) => Ok(()),
        Err(TryLockError::WouldBlock) => Err(in_use(path)),
        // A file system without locks: the names are all that there is.
        Err(TryLockError::Error(error)) if error.kind() == io::ErrorKind::Unsupported => Ok(()),
        Err(TryLockError::Error(error)) => Err(output::unwritable(path, &error)),
    }
}

/// Whether the file is the one of that name, and no link to it.
fn is_at(file: &File, path: &Path) -> bool {
    match (file.metadata(), fs::symlink_metadata(path)) {
        (Ok(open), Ok(named)) => named.is_file() && is_same(&open, &named),
        _ => false,
    }
}

#[cfg(unix)]
fn is_same(a: &Metadata, b: &Metadata) -> bool {
    use std::os::unix::fs::MetadataExt;

    (a.dev(), a.ino()) == (b.dev(), b.ino())
}

/// Whether what is written to it is written to no file of another name.
#[cfg(unix)]
fn has_one_name(file: &Metadata) -> bool {
    std::os::unix::fs::MetadataExt::nlink(file) == 1
}

#[cfg(not(unix))]
fn has_one_name(_: &Metadata) -> bool {
    true
}

#[cfg(not(unix))]
fn is_same(_: &Metadata, _: &Metadata) -> bool {
    true
}

fn in_use(path: &Path) -> Failure {
    Failure::new(
        "output_in_use",
        format!(
            "{}: another run is writing to it: wait for it, or name another output",
            path.display()
        ),
    )
}

fn missing(path: &Path) -> Failure {
    Failure::new(
        "checkpoint_output",
        format!(
            "{}: is not there, and the checkpoint counts on it: remove the checkpoint to begin anew",
            path.display()
        ),
    )
}

/// Whether a file can be put under this name: there is none, or one, and no device and no pipe.
pub(super) fn can_be_replaced(path: &Path) -> bool {
    fs::metadata(path).map_or(true, |found| found.is_file() || found.is_dir())
}

/// The permissions of a file that is written under this name, which may be there already.
pub(super) fn permissions(
    target: &Path,
    secrecy: Secrecy,
    input: Option<&Path>,
) -> Option<Permissions> {
    let replaced = fs::metadata(target).ok().filter(Metadata::is_file);
    output::permissions(secrecy, replaced.as_ref(), input)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn place() -> (tempfile::TempDir, PathBuf) {
        let folder = tempfile::tempdir().unwrap();
        let target = folder.path().join("out");
        (folder, target)
    }

    #[test]
    fn appears_when_it_is_whole() {
        let (_folder, target) = place();
        let mut file = PartialFile::create(&target, None).unwrap();
        file.write_all(b"abc").unwrap();
        assert!(!target.exists());
        file.persist().unwrap();
        assert_eq!(fs::read(&target).unwrap(), b"abc");
        assert!(!partial_path(&target).exists());
    }

    #[test]
    fn is_gone_when_it_is_not_kept() {
        let (_folder, target) = place();
        drop(PartialFile::create(&target, None).unwrap());
        assert!(!partial_path(&target).exists());
        let mut file = PartialFile::create(&target, None).unwrap();
        file.keep(true);
        drop(file);
        assert!(partial_path(&target).exists());
    }

    #[test]
    fn is_for_one_run_at_a_time() {
        let (_folder, target) = place();
        let mut first = PartialFile::create(&target, None).unwrap();
        first.write_all(b"abc").unwrap();
        let refused = PartialFile::create(&target, None).unwrap_err();
        assert!(refused.to_string().starts_with("error[output_in_use]"), "{refused}");
        let refused = PartialFile::resume(&target, None, Written::default()).unwrap_err();
        assert!(refused.to_string().starts_with("error[output_in_use]"), "{refused}");
        assert_eq!(fs::read(partial_path(&target)).unwrap(), b"abc");
        first.keep(true);
        drop(first);
        // Left behind, it is replaced.
        let second = PartialFile::create(&target, None).unwrap();
        assert_eq!(fs::read(second.path()).unwrap(), b"");
    }

    #[test]
    fn goes_on_behind_what_counts() {
        let (_folder, target) = place();
        let missing = PartialFile::resume(&target, None, Written::default()).unwrap_err();
        assert!(missing.to_string().starts_with("error[checkpoint_output]"), "{missing}");
        fs::write(partial_path(&target), b"abcdef").unwrap();
        let count = |bytes: &[u8]| {
            let mut written = Written::default();
            written.add(bytes);
            written
        };
        let other = PartialFile::resume(&target, None, count(b"abd")).unwrap_err();
        assert!(other.to_string().contains("is not what the checkpoint counts on"), "{other}");
        let mut file = PartialFile::resume(&target, None, count(b"abc")).unwrap();
        file.write_all(b"x").unwrap();
        drop(file);
        assert_eq!(fs::read(partial_path(&target)).unwrap(), b"abcx");
        let shorter = PartialFile::resume(&target, None, count(b"abcxy")).unwrap_err();
        assert!(shorter.to_string().starts_with("error[checkpoint_output]"), "{shorter}");
        assert_eq!(fs::read(partial_path(&target)).unwrap(), b"abcx");
    }

    #[cfg(unix)]
    #[test]
    fn nothing_is_written_through_a_link() {
        let (folder, target) = place();
        let precious = folder.path().join("precious");
        fs::write(&precious, b"precious").unwrap();
        std::os::unix::fs::symlink(&precious, partial_path(&target)).unwrap();
        for refused in [
            PartialFile::create(&target, None).unwrap_err(),
            PartialFile::resume(&target, None, Written::default()).unwrap_err(),
        ] {
            assert!(refused.to_string().starts_with("error[output_partial]"), "{refused}");
        }
        assert_eq!(fs::read(precious).unwrap(), b"precious");
    }
}
