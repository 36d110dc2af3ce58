//! A list of whole numbers -> its quantiles, and from these numbers of the same distribution. Finer at the upper end,
//! where codebases differ: half of all modules are imported once, one of them five hundred times.

use crate::generate::Random;
use serde::{Deserialize, Serialize};

/// Permille of the list that is not above each value.
const POSITIONS: [u32; 25] = [
    0, 50, 100, 150, 200, 250, 300, 350, 400, 450, 500, 550, 600, 650, 700, 750, 800, 850, 900, 950, 980, 990, 995,
    999, 1_000,
];

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Distribution {
    /// For readers; in units of 0.01.
    pub mean: f64,
    /// Values at `POSITIONS`; empty for an empty list.
    pub at: Vec<u32>,
}

impl Distribution {
    pub(crate) fn new(values: impl Iterator<Item = u32>) -> Self {
        let mut values: Vec<u32> = values.collect();
        values.sort_unstable();
        let Some(last) = values.len().checked_sub(1) else { return Self::default() };
        let mean = values.iter().map(|value| f64::from(*value)).sum::<f64>() / values.len() as f64;
        let at = POSITIONS.iter().map(|position| values[last * *position as usize / 1_000]).collect();
        Self { mean: (mean * 100.0).round() / 100.0, at }
    }

    /// 0 from an empty list. Between two quantiles all numbers are equally likely.
    pub(crate) fn sample(&self, random: &mut Random) -> u32 {
        let point = random.range(0, 1_000);
        let segment = POSITIONS.partition_point(|position| *position <= point).saturating_sub(1);
        let (Some(low), Some(high)) = (self.at.get(segment), self.at.get(segment + 1)) else { return 0 };
        let width = POSITIONS[segment + 1] - POSITIONS[segment];
        let span = u64::from(high.saturating_sub(*low));
        let offset = span * u64::from(point - POSITIONS[segment]) + u64::from(random.range(0, width));
        low + (offset / u64::from(width)) as u32
    }

    /// The largest value of the list.
    #[cfg(test)]
    pub(crate) fn highest(&self) -> u32 {
        self.at.last().copied().unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::Distribution;
    use crate::generate::Random;

    #[test]
    fn samples_have_the_mean_of_the_list() {
        let list = Distribution::new((0..1_000).map(|number| number % 10));
        let mut random = Random::new(1, 1);
        let total: u32 = (0..10_000).map(|_| list.sample(&mut random)).sum();
        assert!((42_000..48_000).contains(&total), "{total}");
    }

    #[test]
    fn an_empty_list_gives_zeros() {
        assert_eq!(Distribution::new(std::iter::empty()).sample(&mut Random::new(1, 1)), 0);
        assert_eq!(Distribution::new([7].into_iter()).sample(&mut Random::new(1, 1)), 7);
    }
}
