//! A QR code as one SVG path: black on white whatever the page's colours, sharp at every size on paper.

use qrcode::{Color, EcLevel, QrCode};

/// Light modules around the code that readers need.
const QUIET: usize = 4;

/// A code ready for a template.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Qr {
    /// Modules along one side, the quiet zone included.
    pub side: usize,
    /// The dark modules, as the data of a path.
    pub path: String,
}

/// The code of an address: rows of dark and light modules, without the quiet zone. None if it is too long for one, which no
/// address of ours is.
#[must_use]
pub fn squares(address: &str) -> Option<Vec<Vec<bool>>> {
    let code = QrCode::with_error_correction_level(address, EcLevel::M).ok()?;
    let dark: Vec<bool> = code.to_colors().into_iter().map(|colour| colour == Color::Dark).collect();
    Some(dark.chunks(code.width()).map(<[bool]>::to_vec).collect())
}

/// The code as a path.
#[must_use]
pub fn path(squares: &[Vec<bool>]) -> Qr {
    let mut path = String::new();
    for (y, row) in squares.iter().enumerate() {
        let mut x = 0;
        for run in row.chunk_by(|left, right| left == right) {
            if run.first() == Some(&true) {
                let (x, y, length) = (x + QUIET, y + QUIET, run.len());
                path.push_str(&format!("M{x} {y}h{length}v1h-{length}z"));
            }
            x += run.len();
        }
    }
    Qr { side: squares.len() + 2 * QUIET, path }
}

#[cfg(test)]
mod tests {
    #[test]
    fn a_code_has_its_three_corners() {
        let qr = super::path(&super::squares("https://example.gov.cn/verify/7K2M94QX1AB0ZZZZ").unwrap());
        assert!(qr.side >= 21 + 8);
        // The upper edges of the two upper corners are seven dark modules each.
        assert!(qr.path.starts_with("M4 4h7v1h-7z"), "{}", qr.path);
        assert!(qr.path.contains(&format!("M{} 4h7v1h-7z", qr.side - 11)));
    }
}
