//! The binary: hands the command line to `hub::cli`.

fn main() {}
