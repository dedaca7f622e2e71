//! Every code, one file per range, so that each room finds its own and numbers never collide.
//!
//! | range | concerns |
//! |---|---|
//! | 1xxx | transport: who sends, signature, clock, size, repetition |
//! | 2xxx | format: charset, XML, JSON, CSV, XLSX |
//! | 3xxx | mapping files and their application |
//! | 4xxx | values against the canonical model, identifiers |
//! | 5xxx | records: keys, links, quarantine, conflicts |
//! | 6xxx | documents: templates, forms, fonts, numbers |
//! | 7xxx | tasks and deadlines |
//! | 8xxx | people: login, rights, sessions |
//! | 9xxx | machine: settings, database, files, the unexpected |

/// Declares the codes of one range and its list.
macro_rules! codes {
    ($($(#[$doc:meta])* $name:ident = $number:literal, $stable:literal, $title:literal, $cause:literal, $cure:literal $(, $retry:ident)?;)*) => {
        $(
            $(#[$doc])*
            #[doc = $title]
            pub const $name: $crate::error::Code = $crate::error::Code(&$crate::error::CodeInfo {
                number: $number,
                name: $stable,
                title: $title,
                cause: $cause,
                cure: $cure,
                retry: codes!(@retry $($retry)?),
            });
        )*
        /// The codes of this range.
        pub const ALL: &[$crate::error::Code] = &[$($name),*];
    };
    (@retry) => { false };
    (@retry retry) => { true };
}

pub mod document;
pub mod format;
pub mod machine;
pub mod mapping;
pub mod people;
pub mod record;
pub mod task;
pub mod transport;
pub mod value;

/// The ranges in order of number.
pub(super) const RANGES: &[&[super::Code]] = &[
    transport::ALL,
    format::ALL,
    mapping::ALL,
    value::ALL,
    record::ALL,
    document::ALL,
    task::ALL,
    people::ALL,
    machine::ALL,
];
