//! Bulk files: streamed in constant memory, a verdict per row, resumable.

/// Settings of bulk import.
#[derive(Debug, Clone, Default)]
pub struct Settings {
    /// Rows per transaction.
    pub batch: usize,
}
