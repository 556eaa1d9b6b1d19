//! The rules of 准绳: pure, without clock, files, SQL, HTTP, async or randomness.
