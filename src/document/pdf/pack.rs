//! Compression of streams.

use std::io::Write;

use lopdf::{Dictionary, Stream};

use crate::error::{Error, Result};

/// FNV-1a: tells contents apart where nobody would gain from a collision.
pub(super) fn fnv(bytes: impl IntoIterator<Item = u8>) -> u64 {
    bytes
        .into_iter()
        .fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3))
}

/// The zlib form, as `FlateDecode` reads it.
pub(super) fn deflate(content: &[u8]) -> Result<Vec<u8>> {
    let mut encoder =
        flate2::write::ZlibEncoder::new(Vec::with_capacity(content.len() / 2), flate2::Compression::new(6));
    encoder.write_all(content).and_then(|()| encoder.finish()).map_err(Error::internal)
}

/// A compressed stream that the writer leaves as it is.
pub(super) fn stream(mut dict: Dictionary, content: &[u8]) -> Result<Stream> {
    dict.set("Filter", "FlateDecode");
    Ok(Stream::new(dict, deflate(content)?).with_compression(false))
}

/// A stream kept readable without a PDF library.
pub(super) fn plain(dict: Dictionary, content: Vec<u8>) -> Stream {
    Stream::new(dict, content).with_compression(false)
}
