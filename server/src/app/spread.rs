//! Work spread over the cores, its results taken in order: for verifying, which is all hashing. The caller's thread brings the
//! jobs and takes the results, so that what it reads from may belong to it alone.

use std::collections::BTreeMap;
use std::num::NonZero;
use std::sync::Mutex;
use std::sync::mpsc::{self, Receiver};

/// Jobs under way for each core: enough that none waits, few enough that memory stays small.
const AHEAD: u64 = 3;

/// Results that came back, by the number of their job.
struct Results<R> {
    done: Receiver<(u64, R)>,
    early: BTreeMap<u64, R>,
    taken: u64,
}

impl<R> Results<R> {
    /// Hands out what is next, waiting for it while more than `open` of `given` jobs are under way.
    fn take<E>(&mut self, given: u64, open: u64, take: &mut impl FnMut(R) -> Result<(), E>) -> Result<(), E> {
        loop {
            if let Some(result) = self.early.remove(&self.taken) {
                self.taken += 1;
                take(result)?;
            } else if given - self.taken > open {
                let Ok((at, result)) = self.done.recv() else { return Ok(()) };
                self.early.insert(at, result);
            } else {
                return Ok(());
            }
        }
    }
}

/// Brings jobs until there are none, works on them on every core, and takes the results in the order of the jobs. Errors: the
/// first of `next` or `take`; what is under way is finished and dropped.
pub fn spread<J: Send, R: Send, E>(
    mut next: impl FnMut() -> Result<Option<J>, E>,
    work: impl Fn(J) -> R + Sync,
    mut take: impl FnMut(R) -> Result<(), E>,
) -> Result<(), E> {
    let cores = std::thread::available_parallelism().map_or(1, NonZero::get);
    let (give, jobs) = mpsc::channel::<(u64, J)>();
    let (back, done) = mpsc::channel();
    let jobs = Mutex::new(jobs);
    std::thread::scope(|scope| {
        // Dropped at the end of this closure, whichever way: then the workers end.
        let give = give;
        for _ in 0..cores {
            let (back, jobs, work) = (back.clone(), &jobs, &work);
            scope.spawn(move || {
                while let Some((at, job)) = jobs.lock().ok().and_then(|jobs| jobs.recv().ok()) {
                    if back.send((at, work(job))).is_err() {
                        break;
                    }
                }
            });
        }
        drop(back);
        let mut results = Results { done, early: BTreeMap::new(), taken: 0 };
        let mut given = 0;
        while let Some(job) = next()? {
            if give.send((given, job)).is_err() {
                break;
            }
            given += 1;
            results.take(given, cores as u64 * AHEAD, &mut take)?;
        }
        results.take(given, 0, &mut take)
    })
}

#[cfg(test)]
mod tests {
    use super::spread;

    #[test]
    fn results_come_in_order_and_the_first_error_ends_it() {
        let (mut jobs, mut found) = (0..1_000u64, Vec::new());
        let work = |n: u64| {
            if n.is_multiple_of(7) {
                std::thread::yield_now();
            }
            n * n
        };
        let all: Result<(), ()> = spread(
            || Ok(jobs.next()),
            work,
            |square| {
                found.push(square);
                Ok(())
            },
        );
        assert_eq!((all, found), (Ok(()), (0..1_000).map(|n| n * n).collect()));
        let mut jobs = 0..1_000u64;
        assert_eq!(spread(|| Ok(jobs.next()), work, |n| if n == 49 { Err(n) } else { Ok(()) }), Err(49));
        assert!(jobs.start < 1_000, "no more jobs are brought");
        assert_eq!(spread(|| Err::<Option<u64>, _>("read"), work, |_| Ok(())), Err("read"));
    }
}
