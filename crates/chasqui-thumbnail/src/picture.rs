//! Dimensions and thumbnails of JPEG, PNG, WebP and GIF.
//!
//! A JPEG is decoded at an eighth, a quarter or half of its size where that is enough: a third of the time and an eighth
//! of the memory of decoding all of it. Pictures are turned upright as their EXIF data say, since who gets them sees them
//! so. Of an animation the first frame counts. What a decoder would need of memory is estimated from the header and
//! refused above a limit before it begins.

use std::{
    io::{self, BufRead, Seek},
    panic::{AssertUnwindSafe, catch_unwind},
};

use image::{DynamicImage, GrayImage, ImageDecoder, ImageFormat, ImageReader, RgbImage, metadata::Orientation};
use jpeg_decoder::{CodingProcess, PixelFormat};
use jpeg_encoder::{ColorType, Encoder, SamplingFactor};

/// Why there is nothing to say about a picture.
#[derive(Debug, thiserror::Error)]
pub enum PictureError {
    /// It is no JPEG, PNG, WebP or GIF, or one of a rare form.
    #[error("the picture is of a kind that is not supported")]
    Unsupported,
    /// It is damaged.
    #[error("the picture is damaged")]
    Broken,
    /// Decoding it would take more than the limits allow.
    #[error("a picture of {width} x {height} is too large to decode")]
    TooLarge {
        /// Width in pixels.
        width: u32,
        /// Height in pixels.
        height: u32,
    },
    /// It could not be read.
    #[error("the picture cannot be read: {0}")]
    Read(#[source] io::Error),
}

/// JPEG quality of square pictures.
const SQUARE_QUALITY: u8 = 80;

/// How much a picture may cost.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Bytes of memory that decoding may take; as estimated, so give or take a few percent.
    pub memory: u64,
    /// Pixels of a picture, which is what decoding takes time for.
    pub pixels: u64,
}

impl Default for Limits {
    /// 160 MB and 250 megapixels: enough for all JPEGs that phones make, for progressive ones of 50 megapixels, and others
    /// of 20.
    fn default() -> Self {
        Self { memory: 160_000_000, pixels: 250_000_000 }
    }
}

/// What the header of a picture says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Picture {
    /// MIME type.
    pub mime: &'static str,
    /// Width in pixels, upright.
    pub width: u32,
    /// Height in pixels, upright.
    pub height: u32,
}

/// A small JPEG.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Thumbnail {
    /// The file.
    pub jpeg: Vec<u8>,
    /// Width in pixels.
    pub width: u32,
    /// Height in pixels.
    pub height: u32,
}

/// Reads the header of a picture.
pub fn dimensions(file: impl BufRead + Seek) -> Result<Picture, PictureError> {
    guarded(|| Ok(Opened::new(file)?.picture()))
}

/// Makes a thumbnail that fits into a square of `edge` pixels, at a JPEG quality of 1 to 100. A smaller picture keeps its
/// size; what is transparent becomes white.
pub fn thumbnail(
    file: impl BufRead + Seek,
    edge: u16,
    quality: u8,
    limits: Limits,
) -> Result<(Picture, Thumbnail), PictureError> {
    guarded(|| {
        let edge = edge.max(1);
        let opened = Opened::new(file)?;
        let (picture, orientation) = (opened.picture(), opened.orientation());
        let mut image = opened.decode(edge, limits)?;
        if image.width().max(image.height()) > u32::from(edge) {
            image = image.thumbnail(edge.into(), edge.into());
        }
        image.apply_orientation(orientation);
        Ok((picture, encode(&on_white(image), quality)?))
    })
}

/// The middle of a picture as a square JPEG with edges of at most `size` pixels: the form of pictures of people, groups and
/// channels. A smaller picture keeps its size.
pub fn square_jpeg(bytes: &[u8], size: u16) -> Result<Vec<u8>, PictureError> {
    guarded(|| {
        let size = u32::from(size.max(1));
        let opened = Opened::new(io::Cursor::new(bytes))?;
        let (width, height) = opened.size();
        // So large that its shorter edge is not below the square's.
        let longest = u64::from(size) * u64::from(width.max(height)) / u64::from(width.min(height).max(1)) + 1;
        let orientation = opened.orientation();
        let mut image = opened.decode(u16::try_from(longest).unwrap_or(u16::MAX), Limits::default())?;
        image.apply_orientation(orientation);
        let edge = image.width().min(image.height());
        let (left, top) = ((image.width() - edge) / 2, (image.height() - edge) / 2);
        let mut square = image.crop_imm(left, top, edge, edge);
        if edge > size {
            square = square.thumbnail_exact(size, size);
        }
        Ok(encode(&on_white(square), SQUARE_QUALITY)?.jpeg)
    })
}

/// Decoders of hostile bytes: should one of them panic, the picture is at fault and not the program.
fn guarded<T>(work: impl FnOnce() -> Result<T, PictureError>) -> Result<T, PictureError> {
    catch_unwind(AssertUnwindSafe(work)).unwrap_or(Err(PictureError::Broken))
}

/// A picture whose header has been read.
enum Opened<'a, R: BufRead + Seek + 'a> {
    Jpeg { decoder: Box<jpeg_decoder::Decoder<R>>, info: jpeg_decoder::ImageInfo },
    Other { decoder: Box<dyn ImageDecoder + 'a>, mime: &'static str, orientation: Orientation },
}

impl<'a, R: BufRead + Seek + 'a> Opened<'a, R> {
    fn new(mut file: R) -> Result<Self, PictureError> {
        let format = image::guess_format(file.fill_buf().map_err(PictureError::Read)?);
        let format = format.map_err(|_| PictureError::Unsupported)?;
        if format == ImageFormat::Jpeg {
            let mut decoder = Box::new(jpeg_decoder::Decoder::new(file));
            decoder.read_info().map_err(from_jpeg)?;
            let info = decoder.info().ok_or(PictureError::Broken)?;
            return Ok(Self::Jpeg { decoder, info });
        }
        if !matches!(format, ImageFormat::Png | ImageFormat::WebP | ImageFormat::Gif) {
            return Err(PictureError::Unsupported);
        }
        let mut reader = ImageReader::with_format(file, format);
        // What is decoded is limited where it is decoded; this is for what a decoder takes to read a header.
        let mut limits = image::Limits::no_limits();
        limits.max_alloc = Some(Limits::default().memory);
        reader.limits(limits);
        let mut decoder = reader.into_decoder().map_err(from_image)?;
        let orientation = decoder.orientation().unwrap_or(Orientation::NoTransforms);
        Ok(Self::Other { decoder: Box::new(decoder), mime: format.to_mime_type(), orientation })
    }

    fn size(&self) -> (u32, u32) {
        match self {
            Self::Jpeg { info, .. } => (info.width.into(), info.height.into()),
            Self::Other { decoder, .. } => decoder.dimensions(),
        }
    }

    fn orientation(&self) -> Orientation {
        match self {
            Self::Jpeg { decoder, .. } => {
                decoder.exif_data().and_then(Orientation::from_exif_chunk).unwrap_or(Orientation::NoTransforms)
            }
            Self::Other { orientation, .. } => *orientation,
        }
    }

    fn picture(&self) -> Picture {
        let (mut width, mut height) = self.size();
        if matches!(
            self.orientation(),
            Orientation::Rotate90 | Orientation::Rotate270 | Orientation::Rotate90FlipH | Orientation::Rotate270FlipH
        ) {
            std::mem::swap(&mut width, &mut height);
        }
        let mime = match self {
            Self::Jpeg { .. } => "image/jpeg",
            Self::Other { mime, .. } => mime,
        };
        Picture { mime, width, height }
    }

    /// Decodes it, a JPEG not larger than is needed for a longest edge of `edge`.
    fn decode(self, edge: u16, limits: Limits) -> Result<DynamicImage, PictureError> {
        let (width, height) = self.size();
        let pixels = u64::from(width) * u64::from(height);
        let check = |memory: u64| {
            let fits = pixels <= limits.pixels && memory <= limits.memory;
            if fits { Ok(()) } else { Err(PictureError::TooLarge { width, height }) }
        };
        match self {
            Self::Jpeg { mut decoder, info } => {
                check(0)?;
                let (scaled_width, scaled_height) = decoder.scale(edge, edge).map_err(from_jpeg)?;
                let scaled = u64::from(scaled_width) * u64::from(scaled_height);
                let samples = info.pixel_format.pixel_bytes() as u64;
                // The planes and the pixels made of them; all coefficients when they come in several passes.
                check(match info.coding_process {
                    CodingProcess::DctSequential => scaled * samples * 2,
                    CodingProcess::DctProgressive => scaled * samples * 2 + pixels * samples * 2,
                    CodingProcess::Lossless => pixels * samples * 3,
                })?;
                let bytes = decoder.decode().map_err(from_jpeg)?;
                let info = decoder.info().ok_or(PictureError::Broken)?;
                from_pixels(info, bytes)
            }
            Self::Other { mut decoder, .. } => {
                // The picture, and the frame or the rows that it is made of.
                check(decoder.total_bytes().saturating_mul(2))?;
                let mut left = image::Limits::no_limits();
                left.max_alloc = Some(limits.memory);
                decoder.set_limits(left).map_err(from_image)?;
                DynamicImage::from_decoder(decoder).map_err(from_image)
            }
        }
    }
}

fn from_pixels(info: jpeg_decoder::ImageInfo, bytes: Vec<u8>) -> Result<DynamicImage, PictureError> {
    let (width, height) = (info.width.into(), info.height.into());
    let image = match info.pixel_format {
        PixelFormat::L8 => GrayImage::from_raw(width, height, bytes).map(DynamicImage::ImageLuma8),
        PixelFormat::RGB24 => RgbImage::from_raw(width, height, bytes).map(DynamicImage::ImageRgb8),
        PixelFormat::CMYK32 => {
            let light = |ink: u8, black: u8| ((255 - u16::from(ink)) * (255 - u16::from(black)) / 255) as u8;
            let pixels = bytes.as_chunks::<4>().0.iter();
            let rgb = pixels.flat_map(|&[c, m, y, k]| [light(c, k), light(m, k), light(y, k)]).collect();
            RgbImage::from_raw(width, height, rgb).map(DynamicImage::ImageRgb8)
        }
        PixelFormat::L16 => return Err(PictureError::Unsupported),
    };
    image.ok_or(PictureError::Broken)
}

/// Puts a picture on white, where it lets anything through.
fn on_white(image: DynamicImage) -> RgbImage {
    if !image.color().has_alpha() {
        return image.into_rgb8();
    }
    let image = image.into_rgba8();
    RgbImage::from_fn(image.width(), image.height(), |x, y| {
        let [colors @ .., alpha] = image.get_pixel(x, y).0;
        let alpha = u16::from(alpha);
        image::Rgb(colors.map(|color| ((u16::from(color) * alpha + 255 * (255 - alpha)) / 255) as u8))
    })
}

fn encode(image: &RgbImage, quality: u8) -> Result<Thumbnail, PictureError> {
    let (width, height) = image.dimensions();
    let (Ok(narrow_width), Ok(narrow_height)) = (u16::try_from(width), u16::try_from(height)) else {
        return Err(PictureError::TooLarge { width, height });
    };
    let mut jpeg = Vec::new();
    let mut encoder = Encoder::new(&mut jpeg, quality.clamp(1, 100));
    encoder.set_sampling_factor(SamplingFactor::F_2_2);
    encoder.set_optimized_huffman_tables(true);
    encoder.encode(image, narrow_width, narrow_height, ColorType::Rgb).map_err(|_| PictureError::Broken)?;
    Ok(Thumbnail { jpeg, width, height })
}

fn from_jpeg(error: jpeg_decoder::Error) -> PictureError {
    match error {
        jpeg_decoder::Error::Unsupported(_) => PictureError::Unsupported,
        jpeg_decoder::Error::Io(error) => from_io(error),
        _ => PictureError::Broken,
    }
}

fn from_image(error: image::ImageError) -> PictureError {
    match error {
        image::ImageError::Unsupported(_) => PictureError::Unsupported,
        image::ImageError::IoError(error) => from_io(error),
        _ => PictureError::Broken,
    }
}

/// A file that ends too early is damaged; any other error is that of its source.
fn from_io(error: io::Error) -> PictureError {
    match error.kind() {
        io::ErrorKind::UnexpectedEof | io::ErrorKind::InvalidData | io::ErrorKind::InvalidInput => PictureError::Broken,
        _ => PictureError::Read(error),
    }
}
