//! A file on disk that has its name only when all of it is there and good.
//!
//! What is written goes into a new file beside the target, so that the last step is a rename within one file system.
//! Dropped before that, on an error as on a cancelled task, nothing of it stays and an older file of that name is
//! untouched. Only a process that is killed leaves one behind: `.NAME.RANDOM.part`.

use std::{
    io::{self, Write},
    path::{Path, PathBuf},
};

use tempfile::NamedTempFile;

/// Writes a file under a temporary name; [`FileSink::commit`] gives it its own.
#[derive(Debug)]
pub struct FileSink {
    file: NamedTempFile,
    target: PathBuf,
}

impl FileSink {
    /// Creates the temporary file. The directory must exist, and `target` may be a regular file (it will be replaced), but
    /// nothing else.
    pub fn create(target: impl Into<PathBuf>) -> io::Result<Self> {
        let target = target.into();
        let name = target.file_name().ok_or_else(|| refused("the path has no file name"))?;
        if target.metadata().is_ok_and(|old| !old.is_file()) {
            return Err(refused("there is something at the path that is not a regular file"));
        }
        let mut prefix = std::ffi::OsString::from(".");
        // A name may have 255 bytes; those that are long leave no room for what is put around them.
        prefix.push(if name.len() <= 200 { name } else { "download".as_ref() });
        prefix.push(".");
        let mut builder = tempfile::Builder::new();
        builder.prefix(&prefix).suffix(".part");
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            // As any new file: the process's umask takes from it. The default of the crate is for secrets.
            builder.permissions(std::fs::Permissions::from_mode(0o666));
        }
        Ok(Self { file: builder.tempfile_in(directory(&target))?, target })
    }

    /// Makes all of it durable and renames it to its target.
    pub fn commit(self) -> io::Result<()> {
        let Self { file, target } = self;
        file.as_file().sync_all()?;
        file.persist(&target)?;
        // The rename is durable only with its directory; only there can a directory be opened for that.
        #[cfg(unix)]
        std::fs::File::open(directory(&target))?.sync_all()?;
        Ok(())
    }
}

fn refused(why: &str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidInput, why)
}

/// The directory of a path; a bare name is in the current one.
fn directory(path: &Path) -> &Path {
    match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        _ => Path::new("."),
    }
}

impl Write for FileSink {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.file.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Check, Decryptor, Encryptor, Expected, MediaError, MediaKey, MediaKind};

    fn names(directory: &Path) -> Vec<String> {
        let entries = directory.read_dir().unwrap();
        let mut names: Vec<_> = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
        names.sort();
        names
    }

    #[test]
    fn a_file_has_its_name_only_after_the_commit() {
        let directory = tempfile::tempdir().unwrap();
        let target = directory.path().join("cat.jpg");
        std::fs::write(&target, "an older one").unwrap();
        let mut sink = FileSink::create(&target).unwrap();
        sink.write_all(b"a cat").unwrap();
        assert_eq!(std::fs::read(&target).unwrap(), b"an older one");
        assert_eq!(names(directory.path()).len(), 2);
        sink.commit().unwrap();
        assert_eq!(std::fs::read(&target).unwrap(), b"a cat");
        assert_eq!(names(directory.path()), ["cat.jpg"]);
    }

    #[test]
    fn nothing_stays_of_a_corrupt_file() {
        let directory = tempfile::tempdir().unwrap();
        let target = directory.path().join("cat.jpg");
        let keys = MediaKey::generate().derive(MediaKind::Image);
        let mut file = Vec::new();
        Encryptor::new(&keys).copy(&[7; 100_000][..], &mut file).unwrap();
        file[50_000] ^= 1;
        let mut sink = FileSink::create(&target).unwrap();
        let result = Decryptor::new(&keys, Expected::at_most(1 << 20)).copy(&file[..], &mut sink);
        assert!(matches!(result, Err(MediaError::Corrupt(Check::Mac))));
        assert_eq!(names(directory.path()).len(), 1);
        drop(sink);
        assert!(names(directory.path()).is_empty());
    }

    #[test]
    fn what_is_no_regular_file_is_not_replaced() {
        let directory = tempfile::tempdir().unwrap();
        assert_eq!(FileSink::create(directory.path()).unwrap_err().kind(), io::ErrorKind::InvalidInput);
        assert_eq!(FileSink::create("..").unwrap_err().kind(), io::ErrorKind::InvalidInput);
        #[cfg(unix)]
        assert_eq!(FileSink::create("/dev/null").unwrap_err().kind(), io::ErrorKind::InvalidInput);
        let nowhere = directory.path().join("missing").join("cat.jpg");
        assert_eq!(FileSink::create(nowhere).unwrap_err().kind(), io::ErrorKind::NotFound);
    }

    #[test]
    fn a_name_of_the_longest_kind_is_possible() {
        let directory = tempfile::tempdir().unwrap();
        let name = "n".repeat(255);
        FileSink::create(directory.path().join(&name)).unwrap().commit().unwrap();
        assert_eq!(names(directory.path()), [name]);
    }

    #[cfg(unix)]
    #[test]
    fn the_file_has_the_permissions_of_any_new_file() {
        use std::os::unix::fs::PermissionsExt;
        let directory = tempfile::tempdir().unwrap();
        let (ours, other) = (directory.path().join("ours"), directory.path().join("other"));
        FileSink::create(&ours).unwrap().commit().unwrap();
        std::fs::write(&other, "").unwrap();
        let mode = |path: &Path| path.metadata().unwrap().permissions().mode();
        assert_eq!(mode(&ours), mode(&other));
    }
}
