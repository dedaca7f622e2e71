//! A document is drafted from records, numbered, rendered and kept.
