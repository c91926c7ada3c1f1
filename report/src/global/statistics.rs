//! Means, medians and shares over economies. Absent values are left out and never count as 0.

use crate::page::count;

/// The unweighted mean of the values; absent where there is none.
pub(super) fn mean(values: impl IntoIterator<Item = Option<f64>>) -> Option<f64> {
    let (sum, number) =
        values.into_iter().flatten().fold((0.0, 0_usize), |(sum, number), value| (sum + value, number + 1));
    (number > 0).then(|| sum / count(number))
}

/// The value in the middle, or the mean of the two in the middle; absent where there is none.
pub(super) fn median(values: impl IntoIterator<Item = Option<f64>>) -> Option<f64> {
    let mut values: Vec<f64> = values.into_iter().flatten().collect();
    values.sort_by(f64::total_cmp);
    let middle = values.len() / 2;
    let upper = *values.get(middle)?;
    if values.len() % 2 == 1 {
        return Some(upper);
    }
    values.get(middle.checked_sub(1)?).map(|lower| f64::midpoint(*lower, upper))
}

/// The share of `true` among the values that are known; absent where none is.
pub(super) fn share(values: impl IntoIterator<Item = Option<bool>>) -> Option<f64> {
    mean(values.into_iter().map(|value| value.map(|known| if known { 1.0 } else { 0.0 })))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn absent_values_are_left_out() {
        assert_eq!(mean([Some(0.5), None, Some(1.0)]), Some(0.75));
        assert_eq!(mean([None]), None);
        assert_eq!(median([None, Some(3.0), Some(1.0), Some(2.0)]), Some(2.0));
        assert_eq!(median([Some(3.0), Some(1.0)]), Some(2.0));
        assert_eq!(median([]), None);
        assert_eq!(share([Some(true), None, Some(false), Some(true), Some(true)]), Some(0.75));
    }
}
