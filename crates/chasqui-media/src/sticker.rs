//! The first frame of an animated sticker: a receiver shows it before the rest is there, and checks it with a MAC of its
//! own (`firstFrameSidecar`, made by [`crate::Encryptor::with_first_frame`]). Source: 05-media §3.4.

/// Finds `firstFrameLength` of an animated WebP: the offset just after its first `ANMF` chunk.
///
/// `beginning` is the file or as much of its beginning as there is. `None` for what is no animated WebP, and when the
/// first frame does not end within it.
pub fn first_frame_length(beginning: &[u8]) -> Option<u32> {
    let (header, mut chunks) = beginning.split_at_checked(12)?;
    if !header.starts_with(b"RIFF") || !header.ends_with(b"WEBP") {
        return None;
    }
    loop {
        let (name, rest) = chunks.split_first_chunk::<4>()?;
        let (size, body) = rest.split_first_chunk::<4>()?;
        let size = usize::try_from(u32::from_le_bytes(*size)).ok()?.checked_next_multiple_of(2)?;
        chunks = body.get(size..)?;
        if name == b"ANMF" {
            return u32::try_from(beginning.len() - chunks.len()).ok();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn chunk(name: &[u8; 4], size: usize) -> Vec<u8> {
        let mut chunk = [&name[..], &u32::try_from(size).unwrap().to_le_bytes()].concat();
        chunk.resize(8 + size.next_multiple_of(2), 0);
        chunk
    }

    fn webp(chunks: &[Vec<u8>]) -> Vec<u8> {
        let body = chunks.concat();
        let length = u32::try_from(body.len() + 4).unwrap().to_le_bytes();
        [b"RIFF", &length[..], b"WEBP", &body].concat()
    }

    #[test]
    fn the_first_frame_ends_after_the_first_anmf_chunk() {
        let file = webp(&[chunk(b"VP8X", 10), chunk(b"ANIM", 6), chunk(b"ANMF", 33), chunk(b"ANMF", 20)]);
        let end = 12 + 18 + 14 + 42;
        assert_eq!(first_frame_length(&file), Some(end));
        assert_eq!(first_frame_length(&file[..end as usize]), Some(end));
        assert_eq!(first_frame_length(&file[..end as usize - 1]), None);
    }

    #[test]
    fn what_has_no_frames_has_no_first_one() {
        assert_eq!(first_frame_length(&webp(&[chunk(b"VP8 ", 100)])), None);
        assert_eq!(first_frame_length(b""), None);
        assert_eq!(first_frame_length(b"RIFF\0\0\0\0WAVE"), None);
        assert_eq!(first_frame_length(b"RIFF\0\0\0\0WEBPANMF\xff\xff\xff\xff"), None);
    }
}
