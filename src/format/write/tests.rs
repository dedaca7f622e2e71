//! What goes out, and that it comes back the same.
