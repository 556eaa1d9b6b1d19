//! The world of 准绳.
