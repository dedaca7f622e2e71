//! From template and values to pages and PDF: blocks, layout, fonts, writer. Pure.
