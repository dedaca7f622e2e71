//! Text → QR code (ISO/IEC 18004), error correction level M: a smudge on paper does not make it unreadable.

use qrcodegen::{QrCode, QrCodeEcc};

use super::align;
use crate::document::block::{Align, Qr, Text};

/// Side in mm when the template gives none; scanners read modules down to about a third of a millimetre.
const SIZE: f64 = 22.0;

/// Builds the code from `[左 边长=22]` and what it shall say.
pub(super) fn build(options: &[(String, String)], text: &Text) -> Result<Qr, String> {
    let mut size = SIZE;
    for (key, value) in options.iter().filter(|(key, _)| key == "边长") {
        size = value
            .parse()
            .ok()
            .filter(|size| (10.0..=80.0).contains(size))
            .ok_or_else(|| format!("二维码的{key}“{value}”应为 10 至 80 毫米。"))?;
    }
    let code = QrCode::encode_text(&text.to_plain(), QrCodeEcc::Medium)
        .ok()
        .ok_or_else(|| "二维码的内容太长，最多约 770 个汉字。".to_owned())?;
    let side = code.size();
    let dark =
        (0..side).flat_map(|y| (0..side).map(move |x| (x, y))).map(|(x, y)| code.get_module(x, y)).collect();
    let side = usize::try_from(side).unwrap_or_default();
    Ok(Qr { size, align: align(options).unwrap_or(Align::Left), side, dark })
}
