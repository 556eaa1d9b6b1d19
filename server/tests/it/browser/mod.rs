//! What people do, in a real browser. Ignored in a plain `cargo test`; `./check` runs them one after another:
//! `cargo test --test it -- browser:: --ignored --nocapture --test-threads=1`.
//!
//! Every page that is visited is looked at with axe and kept as a picture in `test-output/screenshots/`.

mod citizen;
mod driver;
mod everywhere;
mod inspection;
mod journeys;
mod penalty;
mod speed;
mod staff;
mod work;
