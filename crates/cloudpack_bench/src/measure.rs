//! Times of runs, and what is said about them: medians and spreads. Processor time is printed beside wall time, because
//! it is what stays comparable on a machine that does other things too.

use cpu_time::ProcessTime;
use std::time::Instant;

/// Milliseconds.
#[derive(Clone, Copy, Debug, Default)]
pub struct Spent {
    pub wall: f64,
    /// Of all threads of this process, user and system.
    pub cpu: f64,
}

pub fn measure<T>(work: impl FnOnce() -> T) -> (Spent, T) {
    let (wall, cpu) = (Instant::now(), ProcessTime::now());
    let made = work();
    let spent = Spent { cpu: cpu.elapsed().as_secs_f64() * 1_000.0, wall: wall.elapsed().as_secs_f64() * 1_000.0 };
    (spent, made)
}

pub struct Series(Vec<f64>);

impl Series {
    pub fn new(values: impl IntoIterator<Item = f64>) -> Self {
        let mut values: Vec<f64> = values.into_iter().collect();
        values.sort_by(f64::total_cmp);
        Self(values)
    }

    /// 0 for no values.
    pub fn median(&self) -> f64 {
        let middle = self.0.len() / 2;
        match (self.0.get(middle), self.0.len() % 2) {
            (Some(value), 1) => *value,
            (Some(value), _) => (self.0[middle - 1] + value) / 2.0,
            (None, _) => 0.0,
        }
    }

    pub fn lowest(&self) -> f64 {
        self.0.first().copied().unwrap_or_default()
    }

    pub fn highest(&self) -> f64 {
        self.0.last().copied().unwrap_or_default()
    }

    /// `{ median, lowest, highest }`, in units of 0.01.
    pub fn json(&self) -> serde_json::Value {
        let rounded = |value: f64| (value * 100.0).round() / 100.0;
        serde_json::json!({
            "median": rounded(self.median()), "lowest": rounded(self.lowest()), "highest": rounded(self.highest()),
        })
    }
}

/// The most memory that this process ever held, in bytes; only Linux tells.
pub fn peak_memory() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    let kilobytes: u64 = line.trim().trim_end_matches("kB").trim().parse().ok()?;
    Some(kilobytes * 1024)
}

#[cfg(test)]
mod tests {
    use super::Series;

    #[test]
    fn the_median_is_the_middle_or_between_the_two_in_the_middle() {
        assert_eq!(Series::new([3.0, 1.0, 2.0]).median(), 2.0);
        assert_eq!(Series::new([4.0, 1.0, 2.0, 3.0]).median(), 2.5);
        assert_eq!(Series::new([]).median(), 0.0);
        assert_eq!(Series::new([3.0, 1.0]).highest(), 3.0);
    }
}
