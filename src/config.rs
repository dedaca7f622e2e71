//! Settings, read once from file, environment and flags.
