//! One test binary for the server.
