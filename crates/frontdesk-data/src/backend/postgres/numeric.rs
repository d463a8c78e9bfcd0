//! Numbers of any size, from the form in which PostgreSQL sends them.
//!
//! Four digits at a time: how many such groups there are, the weight of the first, the sign, how many digits stand behind
//! the point, and the groups. See `numeric_send` in PostgreSQL's `numeric.c`.

use frontdesk_validate::{Decimal, Value};

/// The number: as a [`Decimal`] where that holds it, else as the text of its digits. `None` if the bytes are no number.
pub(super) fn value(raw: &[u8]) -> Option<Value> {
    let word = |at: usize| Some(u16::from_be_bytes(raw.get(at * 2..at * 2 + 2)?.try_into().ok()?));
    let (count, weight) = (usize::from(word(0)?), i32::from(word(1)?.cast_signed()));
    let (sign, scale) = (word(2)?, word(3)?);
    match sign {
        0xC000 => return Some("NaN".into()),
        0xD000 => return Some("Infinity".into()),
        0xF000 => return Some("-Infinity".into()),
        _ => {}
    }
    let groups: Vec<u16> = (0..count).map(|at| word(4 + at)).collect::<Option<_>>()?;
    if raw.len() != 8 + 2 * count || groups.iter().any(|group| *group > 9999) {
        return None;
    }
    let is_negative = sign == 0x4000;
    Some(match decimal(&groups, weight, is_negative, u32::from(scale)) {
        Some(number) => Value::Decimal(number),
        None => Value::Text(text(&groups, weight, is_negative, usize::from(scale))),
    })
}

fn decimal(groups: &[u16], weight: i32, is_negative: bool, scale: u32) -> Option<Decimal> {
    if scale > 28 || !(-8..=7).contains(&weight) {
        return None;
    }
    let mut mantissa = 0_i128;
    for group in groups {
        mantissa = mantissa.checked_mul(10_000)?.checked_add(i128::from(*group))?;
    }
    // The mantissa counts units of 10^-behind.
    let behind = 4 * (i32::try_from(groups.len()).ok()? - 1 - weight);
    let shift = i32::try_from(scale).ok()? - behind;
    let mantissa = match u32::try_from(shift) {
        Ok(up) => mantissa.checked_mul(10_i128.checked_pow(up)?)?,
        // The last group is filled with zeros beyond the scale.
        Err(_) => mantissa / 10_i128.checked_pow(shift.unsigned_abs())?,
    };
    Decimal::try_from_i128_with_scale(if is_negative { -mantissa } else { mantissa }, scale).ok()
}

/// The digits, without zeros at the end of the fraction.
fn text(groups: &[u16], weight: i32, is_negative: bool, scale: usize) -> String {
    let group = |at: i32| {
        usize::try_from(weight - at).ok().and_then(|index| groups.get(index)).copied().unwrap_or_default()
    };
    let mut before: String = (0..=weight.max(0)).rev().map(|at| format!("{:04}", group(at))).collect();
    before = before.trim_start_matches('0').to_owned();
    if before.is_empty() {
        before.push('0');
    }
    let groups_behind = i32::try_from(scale.div_ceil(4)).unwrap_or_default();
    let mut behind: String = (1..=groups_behind).map(|at| format!("{:04}", group(-at))).collect();
    behind.truncate(scale);
    let behind = behind.trim_end_matches('0');
    let sign = if is_negative { "-" } else { "" };
    if behind.is_empty() { format!("{sign}{before}") } else { format!("{sign}{before}.{behind}") }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn sent(groups: &[u16], weight: i16, sign: u16, scale: u16) -> Vec<u8> {
        let head = [groups.len() as u16, weight.cast_unsigned(), sign, scale];
        head.iter().chain(groups).flat_map(|word| word.to_be_bytes()).collect()
    }

    #[test]
    fn type_02_numbers_are_exact() {
        for (raw, number) in [
            (sent(&[], 0, 0, 0), "0"),
            (sent(&[], 0, 0, 2), "0.00"),
            (sent(&[1], 0, 0, 0), "1"),
            (sent(&[1], 1, 0x4000, 0), "-10000"),
            (sent(&[12, 3450], 0, 0, 2), "12.34"),
            (sent(&[12, 3450], 0, 0, 3), "12.345"),
            (sent(&[1], -1, 0, 4), "0.0001"),
            (sent(&[1], -1, 0, 6), "0.000100"),
        ] {
            assert_eq!(value(&raw), Some(Value::Decimal(number.parse().unwrap())), "{number}");
        }
        for (raw, text) in [
            (sent(&[1], 10, 0, 0), "1".to_owned() + &"0".repeat(40)),
            (sent(&[1, 0, 5000], 10, 0x4000, 2), "-100005000".to_owned() + &"0".repeat(32)),
            (sent(&[1], -10, 0, 40), "0.".to_owned() + &"0".repeat(39) + "1"),
            (sent(&[], 0, 0xC000, 0), "NaN".to_owned()),
            (sent(&[], 0, 0xD000, 0), "Infinity".to_owned()),
            (sent(&[], 0, 0xF000, 0), "-Infinity".to_owned()),
        ] {
            assert_eq!(value(&raw), Some(Value::Text(text)));
        }
    }

    proptest! {
        #[test]
        fn any_bytes_are_read(raw: Vec<u8>) {
            let _ = value(&raw);
        }

        #[test]
        fn any_groups_are_read(
            groups in prop::collection::vec(0_u16..10_000, 0..20), weight: i16, scale: u16, negative: bool,
        ) {
            let sign = if negative { 0x4000 } else { 0 };
            let number = value(&sent(&groups, weight, sign, scale));
            prop_assert!(number.is_some());
        }
    }
}
