//! Dates and times of a time zone, stored in UTC.

use frontdesk_data::Field;
use frontdesk_validate::{Message, ValidationError, Value};
use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::{AmbiguousOffset, Offset, TimeZone};

/// The system knows no time zone of that name.
#[derive(Clone, Debug, thiserror::Error)]
#[error("no time zone is called `{name}` here")]
pub struct UnknownZone {
    name: String,
}

/// A time zone by its name.
#[derive(Clone, Debug)]
pub(super) struct Zone {
    name: String,
    zone: TimeZone,
}

impl Zone {
    pub(super) fn named(name: &str) -> Result<Self, UnknownZone> {
        let unknown = || UnknownZone { name: name.chars().take(64).collect() };
        let zone = TimeZone::get(name).map_err(|_| unknown())?;
        Ok(Self { name: name.to_owned(), zone })
    }

    pub(super) fn utc() -> Self {
        Self { name: "UTC".to_owned(), zone: TimeZone::UTC }
    }

    pub(super) fn name(&self) -> &str {
        &self.name
    }

    /// Whether a local time comes twice, since the clocks go back.
    pub(super) fn comes_twice(&self, local: &str) -> bool {
        let Ok(local) = local.parse::<DateTime>() else { return false };
        matches!(self.zone.to_ambiguous_zoned(local).offset(), AmbiguousOffset::Fold { .. })
    }

    /// The local time of a text that is read as UTC; `None` if it is no date and time.
    pub(super) fn show(&self, field: &Field, utc: &str) -> Option<String> {
        let at = Offset::UTC.to_timestamp(date_and_time(field, utc)?).ok()?;
        let local = self.zone.to_datetime(at);
        let text = local.to_string();
        Some(if self.comes_twice(&text) { with_offset(local, self.zone.to_offset(at)) } else { text })
    }

    /// The UTC time for a local one. What is no date and time is left to the rules.
    pub(super) fn read(&self, field: &Field, typed: String) -> Result<String, ValidationError> {
        let utc = |at: Timestamp| Offset::UTC.to_datetime(at).to_string().replacen('T', " ", 1);
        if let Ok(at) = typed.trim().parse::<Timestamp>() {
            return Ok(utc(at));
        }
        let Some(local) = date_and_time(field, &typed) else { return Ok(typed) };
        let out_of_range = || ValidationError::new("zone.range", "This is too far away");
        let around = |offset: Offset| offset.to_timestamp(local).map_err(|_| out_of_range());
        match self.zone.to_ambiguous_zoned(local).offset() {
            AmbiguousOffset::Unambiguous { offset } => Ok(utc(around(offset)?)),
            AmbiguousOffset::Gap { before, after } => {
                let text = |offset| around(offset).map(|at| Value::Text(short(self.zone.to_datetime(at))));
                Err(ValidationError::with_params(
                    "zone.gap",
                    &Message::new(
                        "The clocks left this time out in %(zone)s. Enter %(earlier)s or %(later)s",
                    ),
                    vec![
                        ("zone", Value::Text(self.name.clone())),
                        ("earlier", text(after)?),
                        ("later", text(before)?),
                    ],
                ))
            }
            AmbiguousOffset::Fold { before, after } => Err(ValidationError::with_params(
                "zone.fold",
                &Message::new("This time came twice in %(zone)s. Enter %(first)s or %(second)s"),
                vec![
                    ("zone", Value::Text(self.name.clone())),
                    ("first", Value::Text(with_offset(local, before))),
                    ("second", Value::Text(with_offset(local, after))),
                ],
            )),
        }
    }
}

/// What ISO 8601 or the field's rules read as a date and a time without a zone.
fn date_and_time(field: &Field, text: &str) -> Option<DateTime> {
    // A zone would be dropped in silence.
    let bare = text.bytes().all(|byte| byte.is_ascii_digit() || b"-:. T".contains(&byte));
    if let Some(at) = text.trim().parse().ok().filter(|_| bare) {
        return Some(at);
    }
    match field.rules().check_now(Value::Text(text.to_owned())) {
        Ok(Value::DateTime(at)) => Some(at),
        _ => None,
    }
}

/// A local time with its offset, to the second.
fn with_offset(local: DateTime, offset: Offset) -> String {
    let sign = if offset.is_negative() { '-' } else { '+' };
    let minutes = offset.seconds().unsigned_abs() / 60;
    format!("{}{sign}{:02}:{:02}", short(local), minutes / 60, minutes % 60)
}

/// A date and a time as people write it, without what is zero.
fn short(at: DateTime) -> String {
    let text = at.to_string().replacen('T', " ", 1);
    text.strip_suffix(":00").map_or_else(|| text.clone(), str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn zone() -> Zone {
        Zone::named("Europe/Berlin").unwrap()
    }

    fn read(typed: &str) -> Result<String, String> {
        zone().read(&Field::datetime("at"), typed.to_owned()).map_err(|error| error.text().to_owned())
    }

    #[test]
    fn local_times_are_stored_in_utc_and_come_back() {
        let field = Field::datetime("at");
        for (utc, local) in [
            ("2024-06-01 10:00:00", "2024-06-01T12:00:00"),
            ("2024-12-01 23:30:00", "2024-12-02T00:30:00"),
            ("2024-10-27 00:30:00", "2024-10-27 02:30+02:00"),
            ("2024-10-27 01:30:00", "2024-10-27 02:30+01:00"),
            ("2024-10-27 01:30:15.5", "2024-10-27 02:30:15.5+01:00"),
        ] {
            assert_eq!(zone().show(&field, utc).as_deref(), Some(local));
            assert_eq!(read(local).as_deref(), Ok(utc), "{local}");
        }
        assert_eq!(read("2024-06-01T12:00").as_deref(), Ok("2024-06-01 10:00:00"));
        assert_eq!(read("2024-06-01T12:00:00Z").as_deref(), Ok("2024-06-01 12:00:00"));
    }

    #[test]
    fn a_time_that_is_none_or_two_is_asked_about() {
        assert_eq!(
            read("2024-03-31T02:30"),
            Err("The clocks left this time out in Europe/Berlin. Enter 2024-03-31 01:30 or 2024-03-31 03:30"
                .into())
        );
        assert_eq!(
            read("2024-10-27T02:30"),
            Err("This time came twice in Europe/Berlin. Enter 2024-10-27 02:30+02:00 or 2024-10-27 02:30+01:00".into())
        );
    }

    #[test]
    fn what_is_no_time_is_left_to_the_rules() {
        for text in ["", "soon", "2024-13-01 10:00:00"] {
            assert_eq!(read(text).as_deref(), Ok(text));
            assert_eq!(zone().show(&Field::datetime("at"), text), None);
        }
    }
}
