//! The canonical model: kinds of records as data, values, claims and what they make together.
