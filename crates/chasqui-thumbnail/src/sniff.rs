//! The MIME type of a file from its first bytes, as the service's clients name it.
//!
//! `infer` knows most formats. What it does not know, or names otherwise than the service, is told apart here before it:
//! 3GP, contacts, Opus in Ogg, audio in MP4, the many brands of MP4, and Office files (it finds the present ones only in the
//! order that Microsoft writes, and the old ones all look alike at their beginning).

/// Bytes of a file's beginning that are enough for [`sniff`]; the types of Office files show up latest.
pub const SNIFF_LEN: usize = 8192;

/// The MIME type of a file that begins with these bytes; `None` for what has no certain mark, such as plain text.
///
/// ```
/// assert_eq!(chasqui_thumbnail::sniff(b"%PDF-1.7\n"), Some("application/pdf"));
/// ```
pub fn sniff(beginning: &[u8]) -> Option<&'static str> {
    if beginning.get(4..8) == Some(b"ftyp") {
        return Some(iso_media(beginning));
    }
    if is_contact(beginning) {
        return Some("text/vcard");
    }
    if let Some(office) = office(beginning) {
        return Some(office);
    }
    match infer::get(beginning)?.mime_type() {
        "audio/opus" => Some("audio/ogg; codecs=opus"),
        "audio/x-wav" => Some("audio/wav"),
        "audio/x-flac" => Some("audio/flac"),
        // Word, Excel and PowerPoint of before 2007 differ only further on.
        "application/msword" => None,
        // Guessed from four bytes in the middle of nowhere; a film has said so above, or begins with one of these boxes.
        "video/quicktime" if !matches!(beginning.get(4..8), Some(b"moov" | b"mdat" | b"wide" | b"free")) => None,
        other => Some(other),
    }
}

/// The type of a file of the MP4 family, by its major brand.
fn iso_media(beginning: &[u8]) -> &'static str {
    match beginning.get(8..12).unwrap_or_default() {
        [b'3', b'g', b'2', _] => "video/3gpp2",
        [b'3', b'g', _, _] => "video/3gpp",
        b"qt  " => "video/quicktime",
        b"M4A " | b"M4B " | b"M4P " => "audio/mp4",
        b"heic" | b"heix" | b"heim" | b"heis" => "image/heic",
        b"mif1" | b"msf1" | b"hevc" => "image/heif",
        b"avif" | b"avis" => "image/avif",
        _ => "video/mp4",
    }
}

/// The type of an Office file: a zip that has parts of the package format, and a folder named after the program.
fn office(beginning: &[u8]) -> Option<&'static str> {
    const HEADER: &[u8] = b"PK\x03\x04";
    const NAME_AT: usize = 30;
    const PACKAGE: [&[u8]; 3] = [b"[Content_Types].xml", b"_rels/", b"docProps/"];
    const FOLDERS: [(&[u8], &str); 3] = [
        (b"word/", "application/vnd.openxmlformats-officedocument.wordprocessingml.document"),
        (b"xl/", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
        (b"ppt/", "application/vnd.openxmlformats-officedocument.presentationml.presentation"),
    ];
    if !beginning.starts_with(HEADER) {
        return None;
    }
    // Sizes are often missing in the headers, so they are searched for and not stepped through.
    let headers = beginning.windows(HEADER.len()).enumerate().filter(|(_, window)| *window == HEADER);
    let mut names = headers.filter_map(|(at, _)| beginning.get(at + NAME_AT..)).collect::<Vec<_>>().into_iter();
    names.clone().find(|name| PACKAGE.iter().any(|part| name.starts_with(part)))?;
    names.find_map(|name| FOLDERS.iter().find(|(folder, _)| name.starts_with(folder)).map(|(_, mime)| *mime))
}

/// Whether it is a vCard, with or without a byte order mark.
fn is_contact(beginning: &[u8]) -> bool {
    let text = beginning.strip_prefix(b"\xef\xbb\xbf").unwrap_or(beginning);
    text.get(..11).is_some_and(|start| start.eq_ignore_ascii_case(b"BEGIN:VCARD"))
}

/// Whether these are the first bytes of a WebP with more than one frame.
pub fn is_animated_webp(beginning: &[u8]) -> bool {
    const ANIMATION: u8 = 0x02;
    beginning.starts_with(b"RIFF")
        && beginning.get(8..16) == Some(b"WEBPVP8X")
        && beginning.get(20).is_some_and(|flags| flags & ANIMATION != 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn padded(beginning: &[u8]) -> Vec<u8> {
        let mut file = beginning.to_vec();
        file.resize(file.len() + 512, 0);
        file
    }

    fn ftyp(brand: &[u8; 4]) -> Vec<u8> {
        padded(&[b"\0\0\0\x18ftyp", &brand[..], b"\0\0\0\0"].concat())
    }

    /// A local header of a zip with this name and `size` bytes that are not compressed.
    fn entry(name: &str, size: usize) -> Vec<u8> {
        let mut entry = b"PK\x03\x04".to_vec();
        entry.extend([0; 14]);
        entry.extend(u32::try_from(size).unwrap().to_le_bytes());
        entry.extend(u32::try_from(size).unwrap().to_le_bytes());
        entry.extend(u16::try_from(name.len()).unwrap().to_le_bytes());
        entry.extend([0, 0]);
        entry.extend(name.as_bytes());
        entry.resize(entry.len() + size, b'x');
        entry
    }

    fn office(part: &str) -> Vec<u8> {
        padded(
            &[
                entry("[Content_Types].xml", 300),
                entry("_rels/.rels", 400),
                entry("docProps/app.xml", 300),
                entry(part, 200),
            ]
            .concat(),
        )
    }

    #[test]
    fn what_people_send_is_known() {
        let opus = [b"OggS\0\x02", &[0; 22][..], b"OpusHead\x01\x01"].concat();
        let vorbis = [b"OggS\0\x02", &[0; 22][..], b"\x01vorbis"].concat();
        for (file, mime) in [
            (padded(b"\xff\xd8\xff\xe0\0\x10JFIF"), "image/jpeg"),
            (padded(b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR"), "image/png"),
            (padded(b"GIF89a"), "image/gif"),
            (padded(b"RIFF\x24\0\0\0WEBPVP8 "), "image/webp"),
            (padded(b"RIFF\x24\0\0\0WEBPVP8X\x0a\0\0\0\x02"), "image/webp"),
            (ftyp(b"heic"), "image/heic"),
            (ftyp(b"avif"), "image/avif"),
            (ftyp(b"isom"), "video/mp4"),
            (ftyp(b"mp42"), "video/mp4"),
            (ftyp(b"iso6"), "video/mp4"),
            (ftyp(b"M4V "), "video/mp4"),
            (ftyp(b"3gp4"), "video/3gpp"),
            (ftyp(b"3gp5"), "video/3gpp"),
            (ftyp(b"3g2a"), "video/3gpp2"),
            (ftyp(b"qt  "), "video/quicktime"),
            (padded(b"\0\0\0\x20moov\0\0\0\x6cmvhd"), "video/quicktime"),
            (ftyp(b"M4A "), "audio/mp4"),
            (padded(&opus), "audio/ogg; codecs=opus"),
            (padded(&vorbis), "audio/ogg"),
            (padded(b"ID3\x03\0"), "audio/mpeg"),
            (padded(b"\xff\xfb\x90\x64"), "audio/mpeg"),
            (padded(b"\xff\xf1\x50\x80"), "audio/aac"),
            (padded(b"#!AMR\n\x3c"), "audio/amr"),
            (padded(b"RIFF\x24\0\0\0WAVEfmt "), "audio/wav"),
            (padded(b"fLaC\0\0"), "audio/flac"),
            (padded(b"%PDF-1.4"), "application/pdf"),
            (padded(&entry("notes.txt", 10)), "application/zip"),
            (office("word/document.xml"), "application/vnd.openxmlformats-officedocument.wordprocessingml.document"),
            (office("xl/workbook.xml"), "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
            (
                office("ppt/presentation.xml"),
                "application/vnd.openxmlformats-officedocument.presentationml.presentation",
            ),
            (padded(b"BEGIN:VCARD\r\nVERSION:3.0"), "text/vcard"),
            (padded(b"\xef\xbb\xbfbegin:vcard\n"), "text/vcard"),
        ] {
            assert_eq!(sniff(&file), Some(mime), "{:?}", String::from_utf8_lossy(&file[..24]));
        }
    }

    #[test]
    fn what_is_not_certain_is_not_guessed() {
        for file in [
            &b""[..],
            b"hello, this is text and mdat is in it",
            b"0123456789abmdat0123",
            b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1",
        ] {
            assert_eq!(sniff(&padded(file)), None);
            assert_eq!(sniff(file), None);
        }
    }

    #[test]
    fn an_animated_sticker_is_told_from_a_static_one() {
        assert!(is_animated_webp(b"RIFF\x24\0\0\0WEBPVP8X\x0a\0\0\0\x12\0\0\0"));
        assert!(!is_animated_webp(b"RIFF\x24\0\0\0WEBPVP8X\x0a\0\0\0\x10\0\0\0"));
        assert!(!is_animated_webp(b"RIFF\x24\0\0\0WEBPVP8 \x0a\0\0\0\x02\0\0\0"));
        assert!(!is_animated_webp(b"RIFF\x24\0\0\0WEBPVP8X"));
    }

    proptest::proptest! {
        #[test]
        fn any_bytes_are_looked_at_without_panic(bytes: Vec<u8>, mark in 0..6usize) {
            let mark = [&b"PK\x03\x04"[..], b"RIFF", b"OggS", b"\0\0\0\x18ftyp", b"\x1aE\xdf\xa3", b""][mark];
            let file = [mark, &bytes].concat();
            let _ = (sniff(&file), is_animated_webp(&file));
        }
    }
}
