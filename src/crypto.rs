//! Digests, message authentication, password hashes and random bytes: the only door to OpenSSL and Argon2.
