//! Tests of nested.
