//! The API, one file per resource, as a partner sees it.

mod exchange;
mod limits;
mod multipart;
mod mutual_tls;
mod plans;
mod public;
mod records;
mod schemes;
mod signature;
