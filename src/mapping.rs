//! The mapping language: one file reads and writes a partner's message.
