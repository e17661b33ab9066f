//! OpenSSL contexts of one key, set up once and used again.

use crossbeam_queue::ArrayQueue;
use openssl::error::ErrorStack;
use openssl::pkey::PKey;
use openssl::pkey_ctx::{PkeyCtx, PkeyCtxRef};

/// Sets up a new context for its one operation: direction, padding and hashes.
pub(crate) type SetUp<T> = Box<dyn Fn(&mut PkeyCtxRef<T>) -> Result<(), ErrorStack> + Send + Sync>;

/// How many contexts a key keeps: as many as threads are likely to use it at the same time. A call
/// beyond them makes a context for itself. They are freed with the key.
const MOST_IDLE: usize = 64;

/// The contexts of one key. Setting one up costs a tenth of an RSA-2048 encryption, and a context
/// serves one thread at a time, so that each call borrows one. No call waits for another: the
/// queue has no lock.
pub(crate) struct ContextPool<T> {
    key: PKey<T>,
    set_up: SetUp<T>,
    idle: ArrayQueue<PkeyCtx<T>>,
}

impl<T> ContextPool<T> {
    pub(crate) fn new(key: PKey<T>, set_up: SetUp<T>) -> Self {
        Self { key, set_up, idle: ArrayQueue::new(MOST_IDLE) }
    }

    /// Does one operation in a context of this key.
    ///
    /// An operation leaves nothing behind in its context, so that the context is used again after
    /// a failed one, too: to make a new one would tell a failure by its time. The wrappers of the
    /// `openssl` crate take all errors off OpenSSL's thread-local queue when they report one.
    pub(crate) fn with_context<R>(
        &self,
        operation: impl FnOnce(&mut PkeyCtxRef<T>) -> Result<R, ErrorStack>,
    ) -> Result<R, ErrorStack> {
        let mut context = match self.idle.pop() {
            Some(context) => context,
            None => self.new_context()?,
        };
        let result = operation(&mut context);
        // Where the queue is full, the context is freed.
        drop(self.idle.push(context));
        result
    }

    fn new_context(&self) -> Result<PkeyCtx<T>, ErrorStack> {
        let mut context = PkeyCtx::new(&self.key)?;
        (self.set_up)(&mut context)?;
        Ok(context)
    }
}
