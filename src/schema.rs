//! The tables as diesel sees them, the same for SQLite and PostgreSQL; a test compares them with both.
