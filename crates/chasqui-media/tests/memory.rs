//! What a file needs of memory does not grow with its length.

use std::io::{self, Read, Write};

use chasqui_media::{Decryptor, Encryptor, Expected, MediaKey, MediaKind};
use peak_alloc::PeakAlloc;

#[global_allocator]
static MEMORY: PeakAlloc = PeakAlloc;

const LENGTH: u64 = 32 << 20;

/// Feeds what is written straight into a decryptor, so that the file as a whole is nowhere.
struct Through {
    decryptor: Decryptor,
    plain: Vec<u8>,
}

impl Write for Through {
    fn write(&mut self, file: &[u8]) -> io::Result<usize> {
        self.plain.clear();
        self.decryptor.update(file, &mut self.plain).map_err(io::Error::other)?;
        Ok(file.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[test]
fn a_long_file_passes_through_in_little_memory() {
    let keys = MediaKey::new([3; 32]).derive(MediaKind::Video);
    let expected = Expected { file_length: Some(LENGTH), ..Expected::at_most(LENGTH) };
    let mut through = Through { decryptor: Decryptor::new(&keys, expected), plain: Vec::new() };
    let before = MEMORY.current_usage();
    MEMORY.reset_peak_usage();
    let encryptor = Encryptor::new(&keys).with_sidecar(&keys);
    let encrypted = encryptor.copy(io::repeat(7).take(LENGTH), &mut through).unwrap();
    let verified = through.decryptor.finish(&mut through.plain).unwrap();
    let used = MEMORY.peak_usage().saturating_sub(before);
    assert_eq!((verified.file_length, verified.file_sha256), (LENGTH, encrypted.file_sha256));
    assert!(used < 400_000, "{used} bytes");
}
