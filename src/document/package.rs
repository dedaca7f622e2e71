//! Named parts → a zip file. The same parts give the same bytes: no clock, one level of compression.

use std::io::{Cursor, Write};

use zip::write::SimpleFileOptions;

use crate::error::{Error, Result};

/// Packs the parts in the order given.
pub(super) fn pack(parts: &[(String, Vec<u8>)]) -> Result<Vec<u8>> {
    // Without the crate's clock every part is dated 1980-01-01, the first day that zip knows.
    let options = SimpleFileOptions::default()
        .compression_method(zip::CompressionMethod::Deflated)
        .last_modified_time(zip::DateTime::default());
    let mut file = zip::ZipWriter::new(Cursor::new(Vec::with_capacity(256 * 1024)));
    for (name, bytes) in parts {
        file.start_file(name.as_str(), options).map_err(Error::internal)?;
        file.write_all(bytes).map_err(Error::internal)?;
    }
    file.finish().map(Cursor::into_inner).map_err(Error::internal)
}
