//! Pictures of every kind, good, turned, damaged and absurd.

use std::io::Cursor;

use chasqui_thumbnail::{Limits, Picture, PictureError, Thumbnail, dimensions, square, thumbnail};
use image::{DynamicImage, ImageFormat, Rgb, RgbImage, Rgba, RgbaImage};
use jpeg_encoder::{ColorType, Encoder};
use proptest::prelude::*;

/// Left half red, right half blue.
fn halves(width: u32, height: u32) -> RgbImage {
    RgbImage::from_fn(width, height, |x, _| if x < width / 2 { Rgb([255, 0, 0]) } else { Rgb([0, 0, 255]) })
}

fn jpeg(image: &RgbImage, orientation: Option<u8>, progressive: bool) -> Vec<u8> {
    let mut file = Vec::new();
    let mut encoder = Encoder::new(&mut file, 90);
    encoder.set_progressive(progressive);
    if let Some(orientation) = orientation {
        let exif = [b"II*\0\x08\0\0\0\x01\0\x12\x01\x03\0\x01\0\0\0", &[orientation][..], &[0; 7]].concat();
        encoder.add_exif_metadata(&exif).unwrap();
    }
    encoder.encode(image, image.width() as u16, image.height() as u16, ColorType::Rgb).unwrap();
    file
}

fn write(image: impl Into<DynamicImage>, format: ImageFormat) -> Vec<u8> {
    let mut file = Cursor::new(Vec::new());
    image.into().write_to(&mut file, format).unwrap();
    file.into_inner()
}

fn make(file: &[u8], edge: u16) -> Result<(Picture, Thumbnail), PictureError> {
    thumbnail(Cursor::new(file), edge, 80, Limits::default())
}

fn decode(thumbnail: &Thumbnail) -> RgbImage {
    let pixels = jpeg_decoder::Decoder::new(&thumbnail.jpeg[..]).decode().unwrap();
    RgbImage::from_raw(thumbnail.width, thumbnail.height, pixels).unwrap()
}

fn is_near(pixel: &Rgb<u8>, wanted: [u8; 3]) -> bool {
    pixel.0.iter().zip(wanted).all(|(&have, wanted)| have.abs_diff(wanted) < 40)
}

fn kinds(image: &RgbImage) -> [(&'static str, Vec<u8>); 5] {
    [
        ("image/jpeg", jpeg(image, None, false)),
        ("image/jpeg", jpeg(image, None, true)),
        ("image/png", write(image.clone(), ImageFormat::Png)),
        ("image/webp", write(image.clone(), ImageFormat::WebP)),
        ("image/gif", write(image.clone(), ImageFormat::Gif)),
    ]
}

#[test]
fn every_kind_has_dimensions_and_a_thumbnail() {
    for (mime, file) in kinds(&halves(640, 360)) {
        let picture = Picture { mime, width: 640, height: 360 };
        assert_eq!(dimensions(Cursor::new(&file)).unwrap(), picture);
        let (seen, small) = make(&file, 100).unwrap();
        assert_eq!((seen, small.width, small.height), (picture, 100, 56));
        let image = decode(&small);
        assert!(is_near(image.get_pixel(10, 28), [255, 0, 0]), "{mime}");
        assert!(is_near(image.get_pixel(90, 28), [0, 0, 255]), "{mime}");
        assert!(small.jpeg.len() < 1500);
    }
}

#[test]
fn a_small_or_narrow_picture_keeps_what_it_has() {
    for (_, file) in kinds(&halves(20, 10)) {
        let (_, small) = make(&file, 100).unwrap();
        assert_eq!((small.width, small.height), (20, 10));
    }
    for (_, file) in kinds(&halves(3000, 2)) {
        let (_, small) = make(&file, 32).unwrap();
        assert_eq!((small.width, small.height), (32, 1));
    }
    let (_, least) = make(&jpeg(&halves(640, 360), None, false), 0).unwrap();
    assert_eq!((least.width, least.height), (1, 1));
}

#[test]
fn a_turned_photo_stands_upright() {
    // Orientation 6: what is stored must be turned right by 90 degrees to be upright, so left comes to the top.
    let file = jpeg(&halves(640, 360), Some(6), false);
    let (picture, small) = make(&file, 100).unwrap();
    assert_eq!((picture.width, picture.height), (360, 640));
    assert_eq!(dimensions(Cursor::new(&file)).unwrap(), picture);
    assert_eq!((small.width, small.height), (56, 100));
    let image = decode(&small);
    assert!(is_near(image.get_pixel(28, 10), [255, 0, 0]));
    assert!(is_near(image.get_pixel(28, 90), [0, 0, 255]));
}

#[test]
fn a_square_is_the_middle_of_a_picture_and_has_the_wanted_size() {
    for (width, height) in [(1200, 300), (300, 1200), (40, 30), (1, 1), (65_000, 20)] {
        let file = jpeg(&halves(width, height), None, false);
        let made = square(Cursor::new(&file), 96, 80, Limits::default()).unwrap();
        assert_eq!((made.width, made.height), (96, 96), "{width} x {height}");
        if width > 1 {
            let pixels = decode(&made);
            assert!(is_near(pixels.get_pixel(2, 48), [255, 0, 0]) && is_near(pixels.get_pixel(93, 48), [0, 0, 255]));
        }
    }
    let turned = jpeg(&halves(300, 200), Some(6), false);
    let pixels = decode(&square(Cursor::new(&turned), 96, 80, Limits::default()).unwrap());
    assert!(is_near(pixels.get_pixel(48, 2), [255, 0, 0]) && is_near(pixels.get_pixel(48, 93), [0, 0, 255]));
    assert!(square(Cursor::new(b"nothing"), 96, 80, Limits::default()).is_err());
}

#[test]
fn what_is_transparent_becomes_white() {
    let image = RgbaImage::from_pixel(200, 200, Rgba([0, 200, 0, 0]));
    for format in [ImageFormat::Png, ImageFormat::WebP, ImageFormat::Gif] {
        let (_, small) = make(&write(image.clone(), format), 50).unwrap();
        assert!(is_near(decode(&small).get_pixel(25, 25), [255, 255, 255]), "{format:?}");
    }
}

#[test]
fn a_gray_picture_and_one_of_16_bits_are_read() {
    let gray = DynamicImage::ImageRgb8(halves(300, 300)).into_luma8();
    let mut file = Vec::new();
    Encoder::new(&mut file, 90).encode(&gray, 300, 300, ColorType::Luma).unwrap();
    assert_eq!(make(&file, 50).unwrap().1.width, 50);
    let deep = DynamicImage::ImageRgb8(halves(300, 300)).into_rgb16();
    assert_eq!(make(&write(deep, ImageFormat::Png), 50).unwrap().1.width, 50);
}

#[test]
fn a_picture_for_print_has_its_colors() {
    let mut file = Vec::new();
    let red: Vec<u8> = [0, 255, 255, 0].repeat(64 * 64);
    Encoder::new(&mut file, 90).encode(&red, 64, 64, ColorType::CmykAsYcck).unwrap();
    let (_, small) = make(&file, 16).unwrap();
    assert!(is_near(decode(&small).get_pixel(8, 8), [255, 0, 0]), "{:?}", decode(&small).get_pixel(8, 8));
}

#[test]
fn absurd_dimensions_are_refused_from_the_header() {
    let large = |file: &[u8], limits: Limits| match thumbnail(Cursor::new(file), 100, 80, limits) {
        Err(PictureError::TooLarge { width, height }) => Some((width, height)),
        Ok(_) => None,
        Err(other) => panic!("{other}"),
    };
    // A GIF and a JPEG that claim what they do not have.
    let mut gif = write(halves(8, 8), ImageFormat::Gif);
    gif[6..10].fill(0xff);
    assert_eq!(large(&gif, Limits::default()), Some((65535, 65535)));
    let mut file = jpeg(&halves(8, 8), None, false);
    let frame = file.windows(2).position(|mark| mark == [0xff, 0xc0]).unwrap();
    file[frame + 5..frame + 9].fill(0xff);
    assert_eq!(large(&file, Limits::default()), Some((65535, 65535)));

    let tight = Limits { memory: 1_000_000, ..Limits::default() };
    for (mime, file) in kinds(&halves(1000, 1000)) {
        // The JPEG in one pass is the only one that needs less than a megabyte for its million of pixels.
        let fits = mime == "image/jpeg" && file.windows(2).any(|mark| mark == [0xff, 0xc0]);
        assert_eq!(large(&file, tight), (!fits).then_some((1000, 1000)), "{mime}");
    }
}

#[test]
fn what_is_no_picture_is_said_to_be_none() {
    for file in [&b""[..], b"<!DOCTYPE html><html>", b"BM\0\0\0\0", b"%PDF-1.4", b"II*\0\x08\0\0\0"] {
        assert!(matches!(dimensions(Cursor::new(file)), Err(PictureError::Unsupported)));
        assert!(matches!(make(file, 100), Err(PictureError::Unsupported)));
    }
    assert!(matches!(make(b"\xff\xd8\xff\xe0", 100), Err(PictureError::Broken)));
    for (_, file) in kinds(&halves(64, 64)) {
        assert!(make(&file[..40], 100).is_err());
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, ..ProptestConfig::default() })]

    #[test]
    fn a_damaged_picture_never_panics(
        kind in 0..5usize,
        damage in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..8),
        keep in any::<prop::sample::Index>(),
        cut: bool,
    ) {
        let mut file = kinds(&halves(48, 40))[kind].1.clone();
        for (at, byte) in damage {
            let at = at.index(file.len());
            file[at] = byte;
        }
        if cut {
            file.truncate(keep.index(file.len()));
        }
        let _ = dimensions(Cursor::new(&file));
        let _ = thumbnail(Cursor::new(&file), 32, 50, Limits { memory: 10_000_000, pixels: 10_000_000 });
    }
}

#[test]
fn a_square_is_the_middle_of_a_picture_and_never_larger_than_it() {
    let size = |jpeg: Vec<u8>| {
        let picture = dimensions(Cursor::new(jpeg)).unwrap();
        (picture.mime, picture.width, picture.height)
    };
    let square = |file: &[u8], edge| {
        square(std::io::Cursor::new(file.to_vec()), edge, 80, Limits::default()).map(|made| made.jpeg)
    };
    for file in [jpeg(&halves(900, 600), None, false), jpeg(&halves(600, 900), Some(6), true)] {
        assert_eq!(size(square(&file, 200).unwrap()), ("image/jpeg", 200, 200));
    }
    for small in [halves(40, 30), halves(3000, 10)] {
        let png = write(small, ImageFormat::Png);
        assert_eq!(size(square(&png, 640).unwrap()), ("image/jpeg", 640, 640), "smaller ones are enlarged");
    }
    assert!(square(b"no picture", 640).is_err() && square(b"", 640).is_err());
}
