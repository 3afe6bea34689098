//! How long a file plays, and how large its picture is, as far as its container says so: Opus in Ogg, WAV, and the MP4
//! family. Only headers are read, and only so many of them.

use std::io::{self, Read, Seek, SeekFrom};

/// Longest page of Ogg (RFC 3533 §6).
const OGG_PAGE: u64 = 65_307;
/// Samples per second of Opus, whatever was put in (RFC 7845 §4).
const OPUS_RATE: u64 = 48_000;
/// Chunks or boxes that are looked at.
const MAX_STEPS: usize = 4096;

/// What a container says.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Playing {
    /// Milliseconds.
    pub millis: Option<u64>,
    /// Pixels, upright.
    pub size: Option<(u32, u32)>,
}

/// Reads what the file says; nothing when it is of another kind or says nothing.
pub fn playing(mut file: impl Read + Seek) -> io::Result<Playing> {
    let mut beginning = [0; 12];
    file.rewind()?;
    let length = fill(&mut file, &mut beginning)?;
    let beginning = beginning.get(..length).unwrap_or_default();
    if beginning.starts_with(b"OggS") {
        return Ok(Playing { millis: opus(&mut file)?, size: None });
    }
    if beginning.starts_with(b"RIFF") && beginning.get(8..12) == Some(b"WAVE") {
        return Ok(Playing { millis: wav(&mut file)?, size: None });
    }
    if beginning.get(4..8).is_some_and(|name| matches!(name, b"ftyp" | b"moov" | b"mdat" | b"wide" | b"free")) {
        return mp4(&mut file);
    }
    Ok(Playing::default())
}

/// The number of channels of Opus in Ogg, by the first bytes of the file; `None` for anything else.
pub fn opus_channels(beginning: &[u8]) -> Option<u8> {
    let (_, packet) = first_packet(beginning)?;
    packet.starts_with(b"OpusHead").then(|| packet.get(9).copied()).flatten()
}

/// The serial number of a stream and its first packet.
fn first_packet(page: &[u8]) -> Option<(&[u8], &[u8])> {
    let segments = usize::from(*page.get(26)?);
    let packet = page.get(27 + segments..)?;
    Some((page.get(14..18)?, packet)).filter(|_| page.starts_with(b"OggS"))
}

/// The last page of the stream says how many samples there are up to its end.
fn opus(file: &mut (impl Read + Seek)) -> io::Result<Option<u64>> {
    let mut first = vec![0; 1024];
    file.rewind()?;
    let length = fill(file, &mut first)?;
    let first = first.get(..length).unwrap_or_default();
    let Some((serial, packet)) = first_packet(first).filter(|(_, packet)| packet.starts_with(b"OpusHead")) else {
        return Ok(None);
    };
    let skipped = packet.get(10..12).map_or(0, |bytes| u64::from(le16(bytes)));
    let end = file.seek(SeekFrom::End(0))?;
    file.seek(SeekFrom::Start(end.saturating_sub(OGG_PAGE)))?;
    let mut last = Vec::new();
    file.take(OGG_PAGE).read_to_end(&mut last)?;
    // No packet ends on a page whose position is -1.
    let pages = last.windows(18).filter(|page| page.starts_with(b"OggS") && page.get(14..18) == Some(serial));
    let position = pages.filter_map(|page| page.get(6..14)).map(le64).rfind(|position| *position != u64::MAX);
    Ok(position.map(|position| position.saturating_sub(skipped).saturating_mul(1000) / OPUS_RATE).filter(|ms| *ms > 0))
}

fn wav(file: &mut (impl Read + Seek)) -> io::Result<Option<u64>> {
    let end = file.seek(SeekFrom::End(0))?;
    let mut at = 12;
    let mut rate = 0;
    for _ in 0..MAX_STEPS {
        let mut header = [0; 20];
        file.seek(SeekFrom::Start(at))?;
        if fill(file, &mut header)? < 8 {
            return Ok(None);
        }
        let size = u64::from(le32(&header[4..8]));
        match &header[..4] {
            // Bytes per second stand after format, channels and samples per second.
            b"fmt " => rate = u64::from(le32(&header[16..20])),
            b"data" if rate > 0 => {
                // What was written to a pipe does not know its length.
                let size = size.min(end.saturating_sub(at + 8));
                return Ok(Some(size.saturating_mul(1000) / rate));
            }
            _ => {}
        }
        // Chunks begin at even positions.
        at = at.saturating_add(8).saturating_add(size).saturating_add(size % 2);
    }
    Ok(None)
}

/// A box of an MP4: its name, and where its content begins and ends.
struct Part {
    name: [u8; 4],
    from: u64,
    to: u64,
}

/// The box at `at`, which ends within `end`.
fn part(file: &mut (impl Read + Seek), at: u64, end: u64) -> io::Result<Option<Part>> {
    let mut header = [0; 16];
    file.seek(SeekFrom::Start(at))?;
    let length = fill(file, &mut header)?;
    if length < 8 || at >= end {
        return Ok(None);
    }
    let name = [header[4], header[5], header[6], header[7]];
    let (content, size) = match be32(&header[..4]) {
        // It reaches to the end.
        0 => (8, end - at),
        1 if length == 16 => (16, be64(&header[8..16])),
        size => (8, u64::from(size)),
    };
    let to = at.saturating_add(size).min(end);
    Ok((size >= content).then_some(Part { name, from: at.saturating_add(content), to }))
}

fn mp4(file: &mut (impl Read + Seek)) -> io::Result<Playing> {
    let end = file.seek(SeekFrom::End(0))?;
    let mut found = Playing::default();
    // Ranges still to be looked through, the next one last.
    let mut ranges = vec![(0, end)];
    for _ in 0..MAX_STEPS {
        let Some((at, until)) = ranges.pop() else { break };
        let Some(part) = part(file, at, until)? else { continue };
        ranges.push((part.to, until));
        match &part.name {
            b"moov" | b"trak" if ranges.len() < 8 => ranges.push((part.from, part.to)),
            b"mvhd" if found.millis.is_none() => found.millis = movie_header(file, &part)?,
            b"tkhd" if found.size.is_none() => found.size = track_header(file, &part)?,
            _ => {}
        }
    }
    Ok(found)
}

fn content(file: &mut (impl Read + Seek), part: &Part) -> io::Result<Vec<u8>> {
    /// Longer than a header of either kind.
    const MOST: u64 = 128;
    file.seek(SeekFrom::Start(part.from))?;
    let mut bytes = Vec::new();
    file.take((part.to - part.from.min(part.to)).min(MOST)).read_to_end(&mut bytes)?;
    Ok(bytes)
}

fn movie_header(file: &mut (impl Read + Seek), part: &Part) -> io::Result<Option<u64>> {
    let bytes = content(file, part)?;
    // Version 1 has times of 64 bits.
    let (scale, duration) = match bytes.first() {
        Some(1) => (bytes.get(20..24).map(be32), bytes.get(24..32).map(be64).filter(|time| *time != u64::MAX)),
        Some(0) => {
            let duration = bytes.get(16..20).map(be32).filter(|time| *time != u32::MAX);
            (bytes.get(12..16).map(be32), duration.map(u64::from))
        }
        _ => (None, None),
    };
    let (Some(scale), Some(duration)) = (scale.filter(|scale| *scale > 0), duration) else { return Ok(None) };
    Ok(Some(duration.saturating_mul(1000) / u64::from(scale)).filter(|ms| *ms > 0))
}

fn track_header(file: &mut (impl Read + Seek), part: &Part) -> io::Result<Option<(u32, u32)>> {
    let bytes = content(file, part)?;
    let matrix = match bytes.first() {
        Some(1) => 52,
        Some(0) => 40,
        _ => return Ok(None),
    };
    let (Some(turned), Some(width), Some(height)) = (
        bytes.get(matrix..matrix + 4).map(be32),
        bytes.get(matrix + 36..matrix + 38).map(be16),
        bytes.get(matrix + 40..matrix + 42).map(be16),
    ) else {
        return Ok(None);
    };
    // A picture that is turned by a right angle keeps nothing of its x in x.
    let (width, height) = if turned == 0 { (height, width) } else { (width, height) };
    Ok((width > 0 && height > 0).then_some((width.into(), height.into())))
}

/// Reads until the buffer is full or the file ends.
fn fill(file: &mut impl Read, buffer: &mut [u8]) -> io::Result<usize> {
    let mut length = 0;
    while let Some(rest) = buffer.get_mut(length..).filter(|rest| !rest.is_empty()) {
        match file.read(rest) {
            Ok(0) => break,
            Ok(more) => length += more,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(length)
}

macro_rules! numbers {
    ($($name:ident $number:ty, $from:ident;)*) => {$(
        /// 0 for fewer bytes than that.
        fn $name(bytes: &[u8]) -> $number {
            bytes.first_chunk().map_or(0, |bytes| <$number>::$from(*bytes))
        }
    )*};
}

numbers! {
    le16 u16, from_le_bytes;
    le32 u32, from_le_bytes;
    le64 u64, from_le_bytes;
    be16 u16, from_be_bytes;
    be32 u32, from_be_bytes;
    be64 u64, from_be_bytes;
}

#[cfg(test)]
mod tests {
    use std::io::Cursor;

    use proptest::prelude::*;

    use super::*;

    fn of(bytes: &[u8]) -> Playing {
        playing(Cursor::new(bytes)).expect("memory is read")
    }

    fn page(serial: u32, position: u64, content: &[u8]) -> Vec<u8> {
        let mut page = b"OggS\0\0".to_vec();
        page.extend(position.to_le_bytes());
        page.extend(serial.to_le_bytes());
        page.extend([0; 8]);
        page.push(1);
        page.push(u8::try_from(content.len()).expect("short"));
        page.extend(content);
        page
    }

    fn head(skip: u16) -> Vec<u8> {
        [&b"OpusHead\x01\x01"[..], &skip.to_le_bytes(), &[0; 7]].concat()
    }

    fn boxed(name: &[u8; 4], content: &[u8]) -> Vec<u8> {
        let size = u32::try_from(content.len() + 8).expect("short");
        [&size.to_be_bytes()[..], name, content].concat()
    }

    fn film(turned: bool) -> Vec<u8> {
        let mut movie = vec![0; 100];
        movie[12..16].copy_from_slice(&600_u32.to_be_bytes());
        movie[16..20].copy_from_slice(&1500_u32.to_be_bytes());
        let mut track = vec![0; 84];
        if !turned {
            track[40..44].copy_from_slice(&0x10000_u32.to_be_bytes());
        }
        track[76..78].copy_from_slice(&640_u16.to_be_bytes());
        track[80..82].copy_from_slice(&360_u16.to_be_bytes());
        let silent = boxed(b"trak", &boxed(b"tkhd", &[0; 84]));
        let moov = [boxed(b"mvhd", &movie), silent, boxed(b"trak", &boxed(b"tkhd", &track))].concat();
        [boxed(b"ftyp", b"mp42"), boxed(b"mdat", &[7; 5000]), boxed(b"moov", &moov)].concat()
    }

    #[test]
    fn opus_plays_up_to_the_last_page_of_its_own_stream() {
        let file =
            [page(7, 0, &head(312)), page(7, 48_312, b"a"), page(7, 96_312, b"b"), page(9, 999_999, b"c")].concat();
        assert_eq!(of(&file).millis, Some(2000));
        let unended = [page(7, 0, &head(312)), page(7, 48_312, b"a"), page(7, u64::MAX, b"b")].concat();
        assert_eq!(of(&unended).millis, Some(1000));
        assert_eq!(of(&page(7, 48_000, b"\x01vorbis")).millis, None);
        assert_eq!((opus_channels(&file), opus_channels(b"OggS"), opus_channels(b"RIFF")), (Some(1), None, None));
    }

    #[test]
    fn wav_plays_as_long_as_its_bytes_last() {
        let format =
            [&1_u16.to_le_bytes()[..], &[1, 0], &8000_u32.to_le_bytes(), &16_000_u32.to_le_bytes(), &[2, 0, 16, 0]];
        let chunk = |name: &[u8], size: u32, content: &[u8]| [name, &size.to_le_bytes(), content].concat();
        let file = |size: u32| {
            let parts =
                [chunk(b"LIST", 3, b"abc\0"), chunk(b"fmt ", 16, &format.concat()), chunk(b"data", size, &[0; 24_000])];
            [&b"RIFF\0\0\0\0WAVE"[..], &parts.concat()].concat()
        };
        assert_eq!(of(&file(24_000)).millis, Some(1500));
        assert_eq!(of(&file(u32::MAX)).millis, Some(1500), "of unknown length");
    }

    #[test]
    fn a_film_says_its_length_and_its_size_upright() {
        assert_eq!(of(&film(false)), Playing { millis: Some(2500), size: Some((640, 360)) });
        assert_eq!(of(&film(true)), Playing { millis: Some(2500), size: Some((360, 640)) });
        assert_eq!(of(b"\0\0\0\x18ftypmp42\0\0\0\0mp42isom"), Playing::default());
    }

    proptest! {
        #[test]
        fn nothing_that_is_read_makes_it_fail(bytes in prop::collection::vec(any::<u8>(), 0..4096)) {
            of(&bytes);
            for start in [&b"OggS"[..], b"RIFF\0\0\0\0WAVE", b"\0\0\0\x08ftyp"] {
                of(&[start, &bytes].concat());
            }
            opus_channels(&bytes);
        }

        #[test]
        fn a_film_with_any_byte_altered_is_read_to_its_end(at in 0_usize..5300, to in any::<u8>()) {
            let mut file = film(false);
            if let Some(byte) = file.get_mut(at) {
                *byte = to;
            }
            of(&file);
        }
    }
}
