//! Tests of form.
