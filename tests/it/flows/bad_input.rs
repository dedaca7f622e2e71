//! Bad input: each kind gets its code, place, rule and fix; nothing is stored half; the server goes on.
