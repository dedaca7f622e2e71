//! Text as officials write it: dates, amounts, areas, width, charsets.
