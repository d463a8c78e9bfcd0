//! Comparing limits.

use rust_decimal::Decimal;

/// Whether `a` is less than `b`: as numbers if both are, else as texts, as dates and times in ISO 8601 compare.
pub(super) fn is_less(a: &str, b: &str) -> bool {
    if let (Ok(a), Ok(b)) = (a.parse::<Decimal>(), b.parse::<Decimal>()) {
        return a < b;
    }
    match (a.parse::<f64>(), b.parse::<f64>()) {
        (Ok(a), Ok(b)) => a < b,
        _ => a < b,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_compare_by_worth_and_dates_by_text() {
        for (less, more) in [("9", "10"), ("-2", "-1.5"), ("1e300", "1e301"), ("2008-12-31", "2009-01-01")] {
            assert!(is_less(less, more), "{less} {more}");
            assert!(!is_less(more, less), "{less} {more}");
            assert!(!is_less(less, less), "{less}");
        }
    }
}
