//! The vector instructions of the machine at hand.

/// Work on many bytes, which the compiler turns into vector instructions.
pub trait Vectorized {
    /// What it comes to.
    type Output;

    /// Does it. To be always inlined, and so all that it calls.
    fn work(self) -> Self::Output;
}

/// Does the work, compiled for AVX2 where the machine has that: what is compiled for every machine of its kind looks at half
/// as many bytes at once.
#[inline]
pub fn vectorized<W: Vectorized>(work: W) -> W::Output {
    #[cfg(target_arch = "x86_64")]
    {
        #[target_feature(enable = "avx2")]
        fn with_avx2<W: Vectorized>(work: W) -> W::Output {
            work.work()
        }
        if is_x86_feature_detected!("avx2") {
            // SAFETY: the machine has it.
            #[allow(unsafe_code)]
            return unsafe { with_avx2(work) };
        }
    }
    work.work()
}
