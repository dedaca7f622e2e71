//! The HTTP edge: exchange API for partners, console for people.
