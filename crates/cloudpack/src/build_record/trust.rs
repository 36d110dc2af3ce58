//! When an unchanged stamp means unchanged content. A file system's clock ticks: what is written twice within a tick has
//! one stamp. So a stamp is trusted only if it was old when the content was read (git calls the others "racily clean").

use cloudpack_fs::Stamp;
use std::time::{Duration, SystemTime};

/// Longer than a tick of any system's clock: 10 ms on Linux, 16 ms on Windows.
const FINE_TICK: Duration = Duration::from_millis(40);
/// After this long, what was written can be recognised by its stamp where times are finer than seconds.
pub(crate) const OLD_ENOUGH: Duration = Duration::from_millis(45);
/// Where times are whole seconds: FAT counts in twos.
const COARSE_TICK: Duration = Duration::from_secs(3);

/// A moment: nanoseconds since 1970.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Clock(pub(crate) i64);

impl Clock {
    pub(crate) fn now() -> Self {
        let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
        Self(i64::try_from(since.as_nanos()).unwrap_or(i64::MAX))
    }
}

/// The stamp, if content that was read at `read` or later can be recognised by it.
pub(crate) fn trusted(stamp: Option<Stamp>, read: Clock) -> Option<Stamp> {
    stamp.filter(|stamp| {
        let whole = |time: i64| time % 1_000_000_000 == 0;
        let tick = if whole(stamp.mtime_ns) && whole(stamp.ctime_ns) { COARSE_TICK } else { FINE_TICK };
        let tick = i64::try_from(tick.as_nanos()).unwrap_or(i64::MAX);
        stamp.mtime_ns.max(stamp.ctime_ns).saturating_add(tick) < read.0
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use cloudpack_fs::FileKind;

    #[test]
    fn a_stamp_is_trusted_only_if_both_times_are_older_than_the_read_by_more_than_a_tick() {
        let stamp =
            |mtime_ns, ctime_ns| Some(Stamp { kind: FileKind::File, size: 1, mtime_ns, ctime_ns, inode: 1, device: 1 });
        let ms = 1_000_000;
        let now = 1_700_000_000_000 * ms;
        let read = Clock(now);
        assert!(trusted(stamp(now - 100 * ms, now - 100 * ms), read).is_some());
        assert!(trusted(stamp(now - 100 * ms, now - 39 * ms), read).is_none());
        assert!(trusted(stamp(now - 39 * ms, now - 100 * ms), read).is_none());
        assert!(trusted(stamp(now + 5_000 * ms, now - 100 * ms), read).is_none(), "from the future");
        // Whole seconds: the file system may know no others.
        assert!(trusted(stamp(now - 2_000 * ms, now - 2_000 * ms), read).is_none());
        assert!(trusted(stamp(now - 4_000 * ms, now - 4_000 * ms), read).is_some());
        assert!(trusted(None, read).is_none());
    }
}
