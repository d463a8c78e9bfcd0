//! QR codes as PNG.

use qrcode::{Color, EcLevel, QrCode};

use crate::AuthError;

/// How many pixels a module is wide.
const SCALE: usize = 6;
/// How many modules stay light around it, as the standard wants.
const QUIET: usize = 4;

/// The QR code of a text, as a PNG of one bit a pixel.
pub(super) fn png(text: &str) -> Result<Vec<u8>, AuthError> {
    let code = QrCode::with_error_correction_level(text, EcLevel::M)
        .map_err(|error| AuthError::Setup(format!("a name is too long for a QR code: {error}")))?;
    let (width, modules) = (code.width(), code.to_colors());
    let side = (width + 2 * QUIET) * SCALE;
    let mut rows = Vec::with_capacity(side * side.div_ceil(8));
    for y in 0..side {
        let mut row = vec![0xFF_u8; side.div_ceil(8)];
        for x in 0..side {
            if is_dark(&modules, width, x / SCALE, y / SCALE) {
                row[x / 8] &= !(0x80 >> (x % 8));
            }
        }
        rows.extend(row);
    }
    encode(side, &rows).map_err(|error| AuthError::Fault(format!("a QR code: {error}")))
}

fn is_dark(modules: &[Color], width: usize, x: usize, y: usize) -> bool {
    let (Some(x), Some(y)) = (x.checked_sub(QUIET), y.checked_sub(QUIET)) else { return false };
    x < width && y < width && modules[y * width + x] == Color::Dark
}

fn encode(side: usize, rows: &[u8]) -> Result<Vec<u8>, png::EncodingError> {
    let mut picture = Vec::new();
    // A QR code has 177 modules at most.
    let mut encoder = png::Encoder::new(&mut picture, side as u32, side as u32);
    encoder.set_color(png::ColorType::Grayscale);
    encoder.set_depth(png::BitDepth::One);
    let mut writer = encoder.write_header()?;
    writer.write_image_data(rows)?;
    writer.finish()?;
    Ok(picture)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_picture_has_the_modules_and_a_light_edge() {
        let text = "otpauth://totp/frontdesk:ada%40example.com?secret=JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP&issuer=frontdesk";
        let picture = png(text).unwrap();
        let mut decoder = png::Decoder::new(std::io::Cursor::new(&picture));
        decoder.set_transformations(png::Transformations::normalize_to_color8());
        let mut reader = decoder.read_info().unwrap();
        let mut pixels = vec![0; reader.output_buffer_size().unwrap()];
        let info = reader.next_frame(&mut pixels).unwrap();
        let code = QrCode::new(text).unwrap();
        let side = (code.width() + 8) * SCALE;
        assert_eq!((info.width as usize, info.height as usize), (side, side));
        let seen = |x: usize, y: usize| pixels[(y * SCALE + 3) * side + x * SCALE + 3];
        for at in 0..code.width() + 8 {
            assert_eq!((seen(at, 3), seen(3, at)), (255, 255));
        }
        let colors = code.to_colors();
        for (at, color) in colors.iter().enumerate() {
            let dark = seen(4 + at % code.width(), 4 + at / code.width()) == 0;
            assert_eq!(dark, *color == Color::Dark);
        }
    }

    #[test]
    fn what_does_not_fit_is_said() {
        assert!(matches!(png(&"x".repeat(5000)), Err(AuthError::Setup(_))));
    }
}
