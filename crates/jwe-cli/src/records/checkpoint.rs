//! How far a run is, in a file: all that the same command needs to go on where it was interrupted.

use std::fs;
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};

use jwe_fields::records::Progress;
use serde_json::{Value, json};

use super::partial_file::{create_new, sync_folder};
use super::settings::Settings;
use super::written::Written;
use crate::failure::Failure;
use crate::output;

/// What a checkpoint holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Checkpoint {
    pub(super) reached: Reached,
    /// Whether the input has come to its end, and files only have to get their names.
    pub(super) finished: bool,
    pub(super) settings: Settings,
}

/// How far a run has come, and what of its files belongs to that.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Reached {
    pub(super) progress: Progress,
    pub(super) output: Written,
    pub(super) rejects: Written,
}

/// The member that tells a checkpoint from other files, and its value.
const MARK: &str = "jwe_checkpoint";
const VERSION: u64 = 1;

/// The longest checkpoint in bytes: selectors and names are in it.
const MAX_LEN: u64 = 4 * 1024 * 1024;

impl Checkpoint {
    /// Reads the checkpoint of an earlier run, if there is one.
    ///
    /// # Errors
    /// It can't be read, or the file is something else.
    pub(super) fn read(path: &Path) -> Result<Option<Self>, Failure> {
        let unreadable = |error: io::Error| {
            Failure::new("checkpoint", format!("{}: can't be read: {error}", path.display()))
        };
        let mut content = Vec::new();
        match fs::File::open(path) {
            Ok(file) => file.take(MAX_LEN).read_to_end(&mut content).map_err(unreadable)?,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(unreadable(error)),
        };
        Self::parse(&content).map(Some).ok_or_else(|| {
            Failure::new(
                "checkpoint",
                format!(
                    "{}: is no checkpoint of this version of the command: name another file, or remove it to begin anew",
                    path.display()
                ),
            )
        })
    }

    fn parse(json: &[u8]) -> Option<Self> {
        let json: Value = serde_json::from_slice(json).ok()?;
        let number = |json: &Value, name: &str| json.get(name)?.as_u64();
        let crc32 = |name: &str| number(&json, name)?.try_into().ok();
        if number(&json, MARK) != Some(VERSION) {
            return None;
        }
        let mut progress = Progress::default();
        progress.input_bytes = number(&json, "input_bytes")?;
        progress.input_crc32 = crc32("input_crc32")?;
        progress.records = number(&json, "records")?;
        progress.rejected = number(&json, "rejected")?;
        progress.values = number(&json, "values")?;
        Some(Self {
            reached: Reached {
                progress,
                output: Written {
                    len: number(&json, "output_bytes")?,
                    crc32: crc32("output_crc32")?,
                },
                rejects: Written {
                    len: number(&json, "rejects_bytes")?,
                    crc32: crc32("rejects_crc32")?,
                },
            },
            finished: json.get("finished")?.as_bool()?,
            settings: Settings::from_json(json.get("settings")?.as_object()?),
        })
        .filter(|_| progress.rejected <= progress.records)
    }

    fn to_json(&self) -> Value {
        let Reached { progress, output, rejects } = self.reached;
        json!({
            MARK: VERSION,
            "finished": self.finished,
            "input_bytes": progress.input_bytes,
            "input_crc32": progress.input_crc32,
            "records": progress.records,
            "rejected": progress.rejected,
            "values": progress.values,
            "output_bytes": output.len,
            "output_crc32": output.crc32,
            "rejects_bytes": rejects.len,
            "rejects_crc32": rejects.crc32,
            "settings": self.settings.to_json(),
        })
    }

    /// That the run that goes on has the settings of the one that began.
    pub(super) fn check_settings(&self, path: &Path, settings: &Settings) -> Result<(), Failure> {
        let differences = self.settings.differences(settings);
        if differences.is_empty() {
            return Ok(());
        }
        Err(Failure::new(
            "checkpoint_settings",
            format!(
                "{}: the run was begun with other settings ({}): give the same command, or remove the \
                 checkpoint to begin anew",
                path.display(),
                differences.join(", ")
            ),
        ))
    }
}

/// Where the checkpoints of a run are stored.
#[derive(Debug)]
pub(super) struct CheckpointFile {
    path: PathBuf,
    checkpoint: Checkpoint,
}

impl CheckpointFile {
    pub(super) fn new(path: &Path, settings: Settings) -> Self {
        let checkpoint = Checkpoint { reached: Reached::default(), finished: false, settings };
        Self { path: output::resolved(path), checkpoint }
    }

    /// Replaces the checkpoint, in one step and only when it is whole on the disk.
    pub(super) fn store(&mut self, reached: &Reached, finished: bool) -> io::Result<()> {
        self.checkpoint.reached = *reached;
        self.checkpoint.finished = finished;
        let mut text = serde_json::to_vec(&self.checkpoint.to_json())?;
        text.push(b'\n');
        self.write(&text).map_err(|error| {
            let name = self.path.display();
            io::Error::new(error.kind(), format!("the checkpoint {name}: {error}"))
        })
    }

    fn write(&self, text: &[u8]) -> io::Result<()> {
        let beside = self.beside();
        remove(&beside)?;
        // Nobody but the owner can read it: it tells something of the input.
        let mut file = create_new(&beside, output::owner_only().as_ref())?;
        file.write_all(text)?;
        file.sync_data()?;
        fs::rename(beside, &self.path)
    }

    fn beside(&self) -> PathBuf {
        beside(&self.path)
    }

    /// Has the checkpoint survive a loss of power under its name.
    pub(super) fn sync_name(&self) {
        sync_folder(&self.path);
    }

    /// Nothing is left to go on with.
    pub(super) fn remove(&self) -> Result<(), Failure> {
        remove(&self.beside()).and_then(|()| remove(&self.path)).map_err(|error| {
            Failure::new(
                "checkpoint",
                format!(
                    "{}: can't be removed: {error}: the run is done, so remove it",
                    self.path.display()
                ),
            )
        })
    }
}

/// Where a checkpoint is written before it gets its name. A run that was killed leaves it there, and
/// the next one takes it away.
pub(super) fn beside(path: &Path) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(".new");
    name.into()
}

fn remove(path: &Path) -> io::Result<()> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn checkpoint() -> Checkpoint {
        let mut progress = Progress::default();
        progress.input_bytes = u64::MAX;
        progress.input_crc32 = u32::MAX;
        progress.records = 5;
        progress.rejected = 2;
        progress.values = 7;
        Checkpoint {
            reached: Reached {
                progress,
                output: Written { len: 11, crc32: 12 },
                rejects: Written { len: 13, crc32: u32::MAX },
            },
            finished: true,
            settings: Settings::new().with("enc", "A256GCM"),
        }
    }

    #[test]
    fn what_is_stored_is_read() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("checkpoint");
        assert_eq!(Checkpoint::read(&path).unwrap(), None);
        let expected = checkpoint();
        let mut file = CheckpointFile::new(&path, expected.settings.clone());
        file.store(&Reached::default(), false).unwrap();
        file.store(&expected.reached, true).unwrap();
        assert_eq!(Checkpoint::read(&path).unwrap(), Some(expected));
        // And nothing beside it.
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
        file.remove().unwrap();
        file.remove().unwrap();
        assert!(!path.exists());
    }

    #[test]
    fn other_files_are_none() {
        let whole = checkpoint().to_json();
        for name in whole.as_object().unwrap().keys() {
            let mut other = whole.clone();
            other.as_object_mut().unwrap().remove(name);
            assert_eq!(Checkpoint::parse(other.to_string().as_bytes()), None, "without {name}");
            other[name] = json!(-1);
            assert_eq!(Checkpoint::parse(other.to_string().as_bytes()), None, "{name}");
        }
        for (name, value) in [
            (MARK, json!(2)),
            ("input_crc32", json!(1_u64 << 32)),
            ("records", json!(1)),
            ("values", json!(1.5)),
            ("finished", json!(1)),
        ] {
            let mut other = whole.clone();
            other[name] = value;
            assert_eq!(Checkpoint::parse(other.to_string().as_bytes()), None, "{name}");
        }
        let text = whole.to_string();
        assert_eq!(Checkpoint::parse(&text.as_bytes()[..text.len() - 1]), None);
        assert_eq!(Checkpoint::parse(b""), None);
    }

    #[test]
    fn other_settings_are_named() {
        let settings = Settings::new().with("enc", "A128GCM").with("kid", "1");
        let refused = checkpoint().check_settings(Path::new("c"), &settings).unwrap_err();
        assert!(refused.reason().contains("(enc, kid)"), "{refused}");
    }
}
