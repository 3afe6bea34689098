//! The pairing QR code: its text, and its pictures.
//!
//! Source: 02-pairing-and-keys §2.1 and §2.2.

use base64::{Engine, prelude::BASE64_STANDARD};
use qrcode::{EcLevel, QrCode as Matrix, render::svg};

use crate::{creds::Creds, event::QrCode};

/// The part in front of the fields that lets a phone's camera application open WhatsApp.
const PREFIX: &str = "https://wa.me/settings/linked_devices#";
/// Light modules around the code.
const QUIET: usize = 2;

/// The text of the code for one server reference.
pub(crate) fn text(reference: &str, creds: &Creds, platform: char) -> String {
    format!(
        "{PREFIX}{reference},{},{},{},{platform}",
        BASE64_STANDARD.encode(creds.noise.public.as_bytes()),
        BASE64_STANDARD.encode(creds.identity.public.as_bytes()),
        BASE64_STANDARD.encode(*creds.adv_secret),
    )
}

/// The companion platform character of a browser name.
pub(crate) fn platform(browser: &str) -> char {
    match browser.to_ascii_lowercase().as_str() {
        "chrome" => '1',
        "edge" => '2',
        "firefox" => '3',
        "ie" => '4',
        "opera" => '5',
        "safari" => '6',
        "desktop" => '7',
        _ => '9',
    }
}

/// Draws the code in every form. Fails only for texts that no QR code can hold.
pub(crate) fn draw(text: String, expires_at: u64) -> Option<QrCode> {
    let matrix = Matrix::with_error_correction_level(text.as_bytes(), EcLevel::L).ok()?;
    let svg = matrix.render::<svg::Color<'_>>().min_dimensions(256, 256).build();
    let bitmap = Bitmap::new(&matrix);
    let data_url = format!("data:image/png;base64,{}", BASE64_STANDARD.encode(bitmap.png(6)?));
    Some(QrCode { data_url, svg, terminal: bitmap.terminal(), text, expires_at })
}

/// The modules with their quiet zone; `true` is dark.
struct Bitmap {
    width: usize,
    dark: Vec<bool>,
}

impl Bitmap {
    fn new(matrix: &Matrix) -> Self {
        let inner = matrix.width();
        let width = inner + 2 * QUIET;
        let mut dark = vec![false; width * width];
        for (at, color) in matrix.to_colors().into_iter().enumerate() {
            dark[(at / inner + QUIET) * width + at % inner + QUIET] = color == qrcode::Color::Dark;
        }
        Self { width, dark }
    }

    fn is_dark(&self, x: usize, y: usize) -> bool {
        self.dark.get(y * self.width + x).copied().unwrap_or(false)
    }

    /// A one-bit PNG, `scale` pixels a module.
    fn png(&self, scale: usize) -> Option<Vec<u8>> {
        let side = self.width * scale;
        let stride = side.div_ceil(8);
        let mut pixels = vec![0u8; stride * side];
        for y in 0..side {
            for x in (0..side).filter(|x| !self.is_dark(x / scale, y / scale)) {
                pixels[y * stride + x / 8] |= 0x80 >> (x % 8);
            }
        }
        let mut out = Vec::new();
        let mut encoder = png::Encoder::new(&mut out, u32::try_from(side).ok()?, u32::try_from(side).ok()?);
        encoder.set_color(png::ColorType::Grayscale);
        encoder.set_depth(png::BitDepth::One);
        let mut writer = encoder.write_header().ok()?;
        writer.write_image_data(&pixels).ok()?;
        writer.finish().ok()?;
        Some(out)
    }

    /// Two modules a character, light on the terminal's dark background.
    fn terminal(&self) -> String {
        let mut out = String::new();
        for y in (0..self.width).step_by(2) {
            for x in 0..self.width {
                let below = y + 1 < self.width && !self.is_dark(x, y + 1);
                out.push(match (!self.is_dark(x, y), below) {
                    (true, true) => '█',
                    (true, false) => '▀',
                    (false, true) => '▄',
                    (false, false) => ' ',
                });
            }
            out.push('\n');
        }
        out
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_is_drawn_as_png_svg_and_blocks() {
        let code = draw(format!("{PREFIX}2@ref,{}", "A".repeat(140)), 1_700_000_000_000).expect("drawn");
        assert!(code.data_url.starts_with("data:image/png;base64,iVBORw0KGgo"));
        assert!(code.svg.contains("<svg"));
        let lines: Vec<_> = code.terminal.lines().collect();
        let width = lines[0].chars().count();
        assert!(lines.len() == width.div_ceil(2) && lines.iter().all(|line| line.chars().count() == width));
        assert!(lines[0].chars().all(|block| block == '█'), "the quiet zone is light");
    }

    #[test]
    fn the_platform_follows_the_browser() {
        assert_eq!(['1', '3', '7', '9'], ["Chrome", "Firefox", "Desktop", "Lynx"].map(platform));
    }
}
