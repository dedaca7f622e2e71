//! Bytes to a tree in which every node knows its place, and back.
