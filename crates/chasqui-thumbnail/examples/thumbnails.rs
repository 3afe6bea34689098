//! What a thumbnail of a picture of 12 megapixels takes: milliseconds (the best of some runs), bytes, memory.
//!
//! `cargo run --release -p chasqui-thumbnail --example thumbnails`
#![allow(clippy::print_stdout)]

use std::{io::Cursor, time::Instant};

use chasqui_thumbnail::{Limits, thumbnail};
use image::{DynamicImage, ImageFormat, Rgb, RgbImage};
use jpeg_encoder::{ColorType, Encoder, SamplingFactor};
use peak_alloc::PeakAlloc;

#[global_allocator]
static MEMORY: PeakAlloc = PeakAlloc;

fn main() {
    let mut seed = 1u32;
    let photo = RgbImage::from_fn(4000, 3000, |x, y| {
        seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        let (x, y, noise) = (x as f32, y as f32, (seed >> 27) as f32);
        let fine = (x * 0.3).sin() * (y * 0.23).sin() * 12.0;
        let wave = |k: f32, p: f32| ((x * k + p).sin() * (y * k * 0.7 + p).cos() * 50.0 + 110.0 + noise + fine) as u8;
        Rgb([wave(0.004, 0.0), wave(0.011, 1.0), wave(0.002, 2.0)])
    });
    let jpeg = |progressive| {
        let mut file = Vec::new();
        let mut encoder = Encoder::new(&mut file, 88);
        encoder.set_sampling_factor(SamplingFactor::F_2_2);
        encoder.set_progressive(progressive);
        encoder.encode(&photo, 4000, 3000, ColorType::Rgb).expect("memory does not fail");
        file
    };
    let write = |format| {
        let mut file = Cursor::new(Vec::new());
        DynamicImage::from(photo.clone()).write_to(&mut file, format).expect("memory does not fail");
        file.into_inner()
    };
    let files = [
        ("JPEG", jpeg(false)),
        ("JPEG, progressive", jpeg(true)),
        ("PNG", write(ImageFormat::Png)),
        ("WebP, lossless", write(ImageFormat::WebP)),
    ];
    for (name, file) in files {
        let before = MEMORY.current_usage();
        MEMORY.reset_peak_usage();
        let mut best = f64::MAX;
        let mut size = 0;
        for _ in 0..10 {
            let start = Instant::now();
            let made = thumbnail(Cursor::new(&file), 100, 50, Limits::default());
            best = best.min(start.elapsed().as_secs_f64());
            size = made.expect("a good picture").1.jpeg.len();
        }
        let peak = MEMORY.peak_usage().saturating_sub(before) as f64 / 1e6;
        println!("{name:20} {:9} bytes -> {size} bytes, {:5.0} ms, {peak:5.1} MB", file.len(), best * 1e3);
    }
}
