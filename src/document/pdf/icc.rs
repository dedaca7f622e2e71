//! A small sRGB profile (ICC version 2), made here so that no profile of unclear licence is shipped.

/// The profile: primaries adapted to D50, the sRGB curve in 1,024 steps.
pub(super) fn srgb() -> Vec<u8> {
    let tags: [(&[u8; 4], Vec<u8>); 7] = [
        (b"desc", description()),
        (b"cprt", b"text\0\0\0\0public domain\0".to_vec()),
        (b"wtpt", xyz(0.9642, 1.0, 0.8249)),
        (b"rXYZ", xyz(0.43607, 0.22249, 0.01392)),
        (b"gXYZ", xyz(0.38515, 0.71687, 0.09708)),
        (b"bXYZ", xyz(0.14307, 0.06061, 0.71410)),
        (b"rTRC", curve()),
    ];
    // All three channels share one curve.
    let count = tags.len() + 2;
    let start = 128 + 4 + 12 * count;
    let (mut table, mut body) = (Vec::new(), Vec::new());
    for (name, data) in &tags {
        let entry = [big(start + body.len()), big(data.len())].concat();
        let names: &[&[u8; 4]] = if *name == b"rTRC" { &[b"rTRC", b"gTRC", b"bTRC"] } else { &[name] };
        for name in names {
            table.extend_from_slice(&name[..]);
            table.extend_from_slice(&entry);
        }
        body.extend_from_slice(data);
        body.resize(body.len().next_multiple_of(4), 0);
    }
    [header(start + body.len()), big(count).to_vec(), table, body].concat()
}

fn header(size: usize) -> Vec<u8> {
    let mut out = Vec::with_capacity(128);
    out.extend_from_slice(&big(size));
    out.extend_from_slice(&[0; 4]);
    out.extend_from_slice(&[2, 0x10, 0, 0]);
    out.extend_from_slice(b"mntrRGB XYZ ");
    // A date is required; it belongs to the profile, not to the document.
    out.extend_from_slice(&[7, 0xe6, 0, 1, 0, 1, 0, 0, 0, 0, 0, 0]);
    out.extend_from_slice(b"acsp");
    out.resize(68, 0);
    for part in [0.9642, 1.0, 0.8249] {
        out.extend_from_slice(&fixed(part));
    }
    out.resize(128, 0);
    out
}

fn description() -> Vec<u8> {
    let mut out = b"desc\0\0\0\0\0\0\0\x05sRGB\0".to_vec();
    // Empty Unicode and ScriptCode names.
    out.resize(out.len() + 78, 0);
    out
}

fn xyz(x: f64, y: f64, z: f64) -> Vec<u8> {
    [b"XYZ \0\0\0\0".to_vec(), fixed(x).to_vec(), fixed(y).to_vec(), fixed(z).to_vec()].concat()
}

fn curve() -> Vec<u8> {
    const STEPS: u32 = 1024;
    let mut out = b"curv\0\0\0\0".to_vec();
    out.extend_from_slice(&STEPS.to_be_bytes());
    for step in 0..STEPS {
        let x = f64::from(step) / f64::from(STEPS - 1);
        let y = if x <= 0.04045 { x / 12.92 } else { ((x + 0.055) / 1.055).powf(2.4) };
        out.extend_from_slice(&((y * 65535.0).round() as u16).to_be_bytes());
    }
    out
}

fn fixed(value: f64) -> [u8; 4] {
    ((value * 65536.0).round() as i32).to_be_bytes()
}

fn big(value: usize) -> [u8; 4] {
    u32::try_from(value).unwrap_or(u32::MAX).to_be_bytes()
}
