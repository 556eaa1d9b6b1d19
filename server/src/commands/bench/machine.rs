//! What the machine says of itself: how busy it is, what a process has used. Linux, from `/proc`.

use std::path::Path;
use std::time::{Duration, Instant};

/// Ticks of `/proc` in a second (USER_HZ, the same on every Linux that we run on).
const TICKS: f64 = 100.0;
/// Less than this share of the machine in use by others is quiet.
const QUIET: f64 = 0.15;
/// How long one look at the machine takes.
const LOOK: Duration = Duration::from_millis(500);

fn proc(path: impl AsRef<Path>) -> String {
    std::fs::read_to_string(path).unwrap_or_default()
}

/// The load average of the last minute.
pub fn load() -> f64 {
    proc("/proc/loadavg").split(' ').next().and_then(|text| text.parse().ok()).unwrap_or(0.0)
}

/// Ticks of all cores: busy, and in all.
fn ticks() -> (f64, f64) {
    let text = proc("/proc/stat");
    let numbers: Vec<f64> =
        text.lines().next().unwrap_or("").split_whitespace().skip(1).filter_map(|word| word.parse().ok()).collect();
    let all: f64 = numbers.iter().take(8).sum();
    let idle: f64 = numbers.iter().skip(3).take(2).sum();
    (all - idle, all)
}

/// The share of the machine that is in use now, between 0 and 1.
pub fn busy() -> f64 {
    let before = ticks();
    std::thread::sleep(LOOK);
    let after = ticks();
    ((after.0 - before.0) / (after.1 - before.1).max(1.0)).clamp(0.0, 1.0)
}

/// Waits until the machine is quiet, `patience` at most; returns how busy it was at the end.
pub fn wait_for_quiet(patience: Duration) -> f64 {
    let began = Instant::now();
    loop {
        let now = busy();
        if now < QUIET || began.elapsed() >= patience {
            return now;
        }
    }
}

/// Seconds of processor time that a process has used, in all its threads.
pub fn cpu_seconds(pid: u32) -> f64 {
    let text = proc(format!("/proc/{pid}/stat"));
    // The name stands in brackets and may hold blanks.
    let after = text.rsplit(')').next().unwrap_or("");
    let fields: Vec<f64> = after.split_whitespace().skip(11).take(2).filter_map(|word| word.parse().ok()).collect();
    fields.iter().sum::<f64>() / TICKS
}

/// Bytes that a process holds in memory.
pub fn memory(pid: u32) -> u64 {
    named(&proc(format!("/proc/{pid}/status")), "VmRSS:") * 1_024
}

/// Bytes that a process has sent to storage.
pub fn written(pid: u32) -> u64 {
    named(&proc(format!("/proc/{pid}/io")), "write_bytes:")
}

fn named(text: &str, name: &str) -> u64 {
    let line = text.lines().find_map(|line| line.strip_prefix(name));
    line.and_then(|rest| rest.split_whitespace().next()).and_then(|word| word.parse().ok()).unwrap_or(0)
}

/// Processor and kernel, for the head of the report.
pub fn description() -> String {
    let info = proc("/proc/cpuinfo");
    let value = |name: &str| {
        info.lines().find(|line| line.starts_with(name)).and_then(|line| line.split(':').nth(1)).unwrap_or("").trim()
    };
    let cores = info.lines().filter(|line| line.starts_with("processor")).count();
    let memory = named(&proc("/proc/meminfo"), "MemTotal:") / 1_048_576;
    let kernel = proc("/proc/sys/kernel/osrelease");
    format!("{}，{cores} 核，{memory} GiB 内存，Linux {}", value("model name"), kernel.trim())
}

#[cfg(test)]
mod tests {
    use super::{cpu_seconds, memory};

    #[test]
    fn a_process_sees_itself() {
        let me = std::process::id();
        assert!(memory(me) > 100_000);
        let before = cpu_seconds(me);
        let mut sum = 0u64;
        while cpu_seconds(me) < before + 0.02 {
            sum = std::hint::black_box(sum.wrapping_mul(31).wrapping_add(7));
        }
        assert_eq!(memory(0), 0, "no such process");
    }
}
