//! Tasks on real databases: loading, deeds, boards, tables in and out.

mod act;
mod evidence;
mod import;
mod load;
mod office;
