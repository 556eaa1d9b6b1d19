//! Memory that work needed goes back to the machine while nothing happens.
//!
//! The allocator gives freed pages back a second later at the earliest, and looks at them again only when some thread frees
//! another page: a county that nobody uses would keep for ever what its start needed (measured with ten
//! thousand matters: 111 to 116 MB, with this 79 to 83).

use std::hint::black_box;
use std::time::Duration;

use super::beat;

const PERIOD: Duration = Duration::from_secs(5);
/// Large enough to be a page of the allocator of its own; it is never written, so it costs no memory.
const PAGE: usize = 4 << 20;

/// Frees a page now and then, for ever.
pub(super) async fn run() {
    let mut beat = beat(PERIOD);
    loop {
        beat.tick().await;
        drop(black_box(Vec::<u8>::with_capacity(PAGE)));
    }
}
