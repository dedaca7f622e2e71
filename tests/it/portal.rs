//! The portal as a partner's engineer meets it: a reference that is true, programs that really sign, a place to try.

mod programs;
mod reference;
mod trial;
