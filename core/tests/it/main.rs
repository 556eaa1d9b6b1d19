//! One test binary for the rules.
