//! A partner's message comes in: verified, read, mapped and kept in one transaction.
