//! Work with private keys, off the async threads and with a bound on how much waits.

use core::fmt;
use core::num::NonZero;
use std::panic::resume_unwind;
use std::sync::Arc;
use std::thread::available_parallelism;

use tokio::sync::Semaphore;
use tokio::task::spawn_blocking;

/// Runs work that takes a processor for long, such as RSA, where it keeps no other request from going on:
/// on the blocking threads of the tokio runtime it is called in, so much of it at once, and no more
/// waiting than a bound.
///
/// Work that waits is begun in the order in which it came. A future that is dropped while its work waits
/// frees its place at once; work that has begun runs to its end, and only then is its place free, because
/// until then it takes a processor.
///
/// A clone shares the bound.
#[derive(Clone)]
pub struct Workers {
    shared: Arc<Shared>,
}

struct Shared {
    /// One for each work that runs or waits.
    places: Arc<Semaphore>,
    /// One for each work that runs.
    turns: Arc<Semaphore>,
    threads: usize,
    max_waiting: usize,
}

/// As much work waits as may. Whoever asked should try again later, such as after the time that
/// `Retry-After` gives.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Busy;

impl Busy {
    /// A stable name for programs.
    #[must_use]
    pub fn code(&self) -> &'static str {
        "busy"
    }
}

impl fmt::Display for Busy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("as much work is waiting as may: try again a little later")
    }
}

impl core::error::Error for Busy {}

impl Workers {
    /// How much may wait for each thread unless it is set: with RSA-2048 and one value a request, about
    /// 50 ms of work.
    pub const DEFAULT_WAITING_PER_THREAD: usize = 64;

    /// At most `threads` at work at once, and `max_waiting` more that wait. More than the processors
    /// there are gains nothing.
    #[must_use]
    pub fn new(threads: NonZero<usize>, max_waiting: usize) -> Self {
        let threads = threads.get().min(Semaphore::MAX_PERMITS / 2);
        let max_waiting = max_waiting.min(Semaphore::MAX_PERMITS / 2);
        Self {
            shared: Arc::new(Shared {
                places: Arc::new(Semaphore::new(threads + max_waiting)),
                turns: Arc::new(Semaphore::new(threads)),
                threads,
                max_waiting,
            }),
        }
    }

    /// Runs the work and returns what it returns. A panic of the work goes on in the caller.
    ///
    /// Has to be called in a tokio runtime.
    ///
    /// # Errors
    /// [`Busy`] at once if as much waits as may, and if the runtime ends before the work has begun.
    pub async fn run<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T, Busy> {
        let place = Arc::clone(&self.shared.places).try_acquire_owned().map_err(|_| Busy)?;
        let turn = Arc::clone(&self.shared.turns).acquire_owned().await.map_err(|_| Busy)?;
        let task = spawn_blocking(move || {
            // Both go with the work, whether anybody still waits for it or not, and however it ends.
            let _held = (turn, place);
            work()
        });
        task.await.map_err(|error| match error.try_into_panic() {
            Ok(panic) => resume_unwind(panic),
            Err(_) => Busy,
        })
    }

    /// How many may be at work at once.
    #[must_use]
    pub fn threads(&self) -> usize {
        self.shared.threads
    }

    /// How much may wait.
    #[must_use]
    pub fn max_waiting(&self) -> usize {
        self.shared.max_waiting
    }

    /// How many are at work now.
    #[must_use]
    pub fn running(&self) -> usize {
        self.shared.threads.saturating_sub(self.shared.turns.available_permits())
    }

    /// How many wait now.
    #[must_use]
    pub fn waiting(&self) -> usize {
        let all = self.shared.threads + self.shared.max_waiting;
        all.saturating_sub(self.shared.places.available_permits()).saturating_sub(self.running())
    }
}

impl Default for Workers {
    /// As many as there are processors, and [`DEFAULT_WAITING_PER_THREAD`](Self::DEFAULT_WAITING_PER_THREAD)
    /// for each.
    fn default() -> Self {
        let threads = available_parallelism().unwrap_or(NonZero::<usize>::MIN);
        Self::new(threads, threads.get().saturating_mul(Self::DEFAULT_WAITING_PER_THREAD))
    }
}

impl fmt::Debug for Workers {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Workers")
            .field("threads", &self.threads())
            .field("max_waiting", &self.max_waiting())
            .field("running", &self.running())
            .field("waiting", &self.waiting())
            .finish()
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
    use std::sync::mpsc;
    use std::time::Duration;

    use tokio::task::{JoinHandle, yield_now};
    use tokio::time::timeout;

    use super::*;

    fn workers(threads: usize, max_waiting: usize) -> Workers {
        Workers::new(NonZero::new(threads).unwrap(), max_waiting)
    }

    /// Work that runs until it is sent something.
    fn blocked(workers: &Workers) -> (mpsc::Sender<()>, JoinHandle<Result<(), Busy>>) {
        let (end, wait) = mpsc::channel();
        let workers = workers.clone();
        (end, tokio::spawn(async move { workers.run(move || wait.recv().unwrap()).await }))
    }

    async fn until(workers: &Workers, running: usize, waiting: usize) {
        timeout(Duration::from_secs(20), async {
            while (workers.running(), workers.waiting()) != (running, waiting) {
                yield_now().await;
            }
        })
        .await
        .unwrap();
    }

    #[tokio::test]
    async fn so_much_runs_and_so_much_waits() {
        let workers = workers(2, 3);
        assert_eq!((workers.threads(), workers.max_waiting()), (2, 3));
        let work: Vec<_> = (0..5).map(|_| blocked(&workers)).collect();
        until(&workers, 2, 3).await;
        for _ in 0..3 {
            assert_eq!(workers.run(|| ()).await, Err(Busy));
        }
        for (end, task) in work {
            end.send(()).unwrap();
            task.await.unwrap().unwrap();
        }
        until(&workers, 0, 0).await;
        assert_eq!(workers.run(|| 7).await, Ok(7));
    }

    #[tokio::test]
    async fn without_a_queue_only_what_can_run_is_taken() {
        let workers = workers(1, 0);
        assert_eq!(workers.run(|| 1).await, Ok(1));
        let (end, task) = blocked(&workers);
        until(&workers, 1, 0).await;
        assert_eq!(workers.run(|| 2).await, Err(Busy));
        end.send(()).unwrap();
        task.await.unwrap().unwrap();
        until(&workers, 0, 0).await;
    }

    #[tokio::test]
    async fn first_come_first_served() {
        let workers = workers(1, 10);
        let (end, first) = blocked(&workers);
        until(&workers, 1, 0).await;
        let (report, reported) = mpsc::channel();
        let mut tasks = Vec::new();
        for number in 0..10 {
            let (workers, report) = (workers.clone(), report.clone());
            tasks.push(tokio::spawn(async move {
                workers.run(move || report.send(number).unwrap()).await
            }));
            yield_now().await;
        }
        end.send(()).unwrap();
        first.await.unwrap().unwrap();
        for task in tasks {
            task.await.unwrap().unwrap();
        }
        assert!(reported.try_iter().eq(0..10));
    }

    #[tokio::test]
    async fn who_stops_waiting_frees_the_place_and_the_work_is_not_done() {
        let workers = workers(1, 1);
        let (end, first) = blocked(&workers);
        until(&workers, 1, 0).await;
        let done = Arc::new(AtomicBool::new(false));
        for _ in 0..100 {
            let (other, done) = (workers.clone(), Arc::clone(&done));
            let waiting =
                tokio::spawn(
                    async move { other.run(move || done.store(true, Ordering::SeqCst)).await },
                );
            until(&workers, 1, 1).await;
            assert_eq!(workers.run(|| ()).await, Err(Busy));
            waiting.abort();
            assert!(waiting.await.unwrap_err().is_cancelled());
            until(&workers, 1, 0).await;
        }
        end.send(()).unwrap();
        first.await.unwrap().unwrap();
        until(&workers, 0, 0).await;
        assert!(!done.load(Ordering::SeqCst));
    }

    #[tokio::test]
    async fn what_has_begun_runs_to_its_end_and_holds_its_turn_until_then() {
        let workers = workers(1, 0);
        let (end, task) = blocked(&workers);
        until(&workers, 1, 0).await;
        task.abort();
        assert!(task.await.unwrap_err().is_cancelled());
        // Nobody waits for it, and it still takes a processor.
        assert_eq!(workers.run(|| ()).await, Err(Busy));
        // It is there to receive this.
        end.send(()).unwrap();
        until(&workers, 0, 0).await;
        assert_eq!(workers.run(|| 3).await, Ok(3));
    }

    #[tokio::test]
    async fn a_panic_is_the_caller_s_and_loses_no_turn() {
        let workers = workers(1, 0);
        for _ in 0..3 {
            let other = workers.clone();
            let task = tokio::spawn(async move { other.run(|| panic!("as it may happen")).await });
            let result: Result<Result<(), Busy>, _> = task.await;
            assert!(result.unwrap_err().is_panic());
            until(&workers, 0, 0).await;
        }
        assert_eq!(workers.run(|| 3).await, Ok(3));
    }

    /// Cancelled at any time, nothing is lost.
    #[tokio::test(flavor = "multi_thread", worker_threads = 4)]
    async fn no_place_is_ever_lost() {
        let workers = workers(2, 30);
        let most = Arc::new(AtomicUsize::new(0));
        let mut tasks = Vec::new();
        for number in 0_u64..500 {
            let (other, most) = (workers.clone(), Arc::clone(&most));
            let task = tokio::spawn(async move {
                let inner = other.clone();
                let work = move || {
                    most.fetch_max(inner.running(), Ordering::SeqCst);
                    std::thread::sleep(Duration::from_micros(number % 7 * 30));
                };
                let _ = other.run(work).await;
            });
            if number % 3 == 0 {
                task.abort();
            } else if number % 3 == 1 {
                tokio::spawn(async move {
                    tokio::time::sleep(Duration::from_micros(number)).await;
                    task.abort();
                });
            } else {
                tasks.push(task);
            }
            if number % 16 == 0 {
                yield_now().await;
            }
        }
        for task in tasks {
            task.await.unwrap();
        }
        until(&workers, 0, 0).await;
        assert!((1..=2).contains(&most.load(Ordering::SeqCst)));
        let work: Vec<_> = (0..32).map(|_| blocked(&workers)).collect();
        until(&workers, 2, 30).await;
        // All are told before any is waited for: which two of them run is for the threads to decide.
        let (ends, tasks): (Vec<_>, Vec<_>) = work.into_iter().unzip();
        for end in ends {
            end.send(()).unwrap();
        }
        for task in tasks {
            task.await.unwrap().unwrap();
        }
    }

    #[test]
    fn a_runtime_that_ends_leaves_nobody_waiting() {
        let workers = workers(1, 1);
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        let (end, _task) = runtime.block_on(async { blocked(&workers) });
        runtime.block_on(until(&workers, 1, 0));
        runtime.shutdown_background();
        end.send(()).unwrap();
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(until(&workers, 0, 0));
        assert_eq!(runtime.block_on(workers.run(|| 3)), Ok(3));
    }

    #[test]
    fn any_bound_can_be_asked_for() {
        let workers = workers(usize::MAX, usize::MAX);
        assert_eq!(workers.waiting(), 0);
        assert!(Workers::default().max_waiting() >= Workers::DEFAULT_WAITING_PER_THREAD);
    }
}
