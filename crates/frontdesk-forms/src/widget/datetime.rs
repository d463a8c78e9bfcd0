use std::borrow::Cow;

use frontdesk_data::Field;
use frontdesk_html::{Sink, SinkExt, name};
use frontdesk_validate::ValidationError;
use jiff::civil;

use super::describe::Own;
use super::zoned::Zone;
use super::{Control, UnknownZone, Widget};
use crate::Slot;

/// The browser's own input for a date, a time, or both.
///
/// These inputs read and write ISO 8601. What is no such text (a typing mistake, odd data) is kept in a plain text input,
/// since browsers would show nothing for it.
#[derive(Clone, Debug)]
pub struct DateTimeWidget {
    kind: Kind,
    zone: Option<Zone>,
}

#[derive(Clone, Copy, Debug)]
enum Kind {
    Date,
    Time,
    DateTime,
}

impl DateTimeWidget {
    /// A date (`input type="date"`).
    pub fn date() -> Self {
        Self { kind: Kind::Date, zone: None }
    }

    /// A time of day (`input type="time"`).
    pub fn time() -> Self {
        Self { kind: Kind::Time, zone: None }
    }

    /// A date and a time (`input type="datetime-local"`), as they are stored.
    pub fn datetime() -> Self {
        Self { kind: Kind::DateTime, zone: None }
    }

    /// A date and a time in a time zone, such as `Europe/Berlin`; stored is UTC. The zone's name stands below the input.
    ///
    /// A time that the clocks leave out is refused, with the times around it. One that comes twice is asked for with its
    /// offset from UTC (`2024-10-27 02:30+01:00`), which is always understood.
    ///
    /// # Errors
    /// [`UnknownZone`] if the system's time zone database has none of that name.
    ///
    /// ```
    /// use frontdesk_data::Field;
    /// use frontdesk_forms::{DateTimeWidget, FieldWidget};
    ///
    /// let starts = Field::datetime("starts").with_widget(DateTimeWidget::zoned("Europe/Berlin")?);
    /// assert!(DateTimeWidget::zoned("Europe/Atlantis").is_err());
    /// # Ok::<(), frontdesk_forms::widget::UnknownZone>(())
    /// ```
    pub fn zoned(zone: &str) -> Result<Self, UnknownZone> {
        Ok(Self { kind: Kind::DateTime, zone: Some(Zone::named(zone)?) })
    }

    /// A date and a time in UTC.
    pub(crate) fn utc() -> Self {
        Self { kind: Kind::DateTime, zone: Some(Zone::utc()) }
    }

    /// The value as the browser's input wants it; `None` if it is no such value.
    fn iso(&self, value: &str) -> Option<String> {
        // A zone, or a time beside a date, would be dropped in silence.
        let plain = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit() || b"-:. T".contains(&byte));
        let fits = match self.kind {
            Kind::Date => value.len() == 10,
            Kind::Time => value.contains(':') && !value.contains(['-', '+', 'T', ' ']),
            Kind::DateTime => {
                value.get(10..11).is_some_and(|between| matches!(between, " " | "T"))
                    && value[11..].contains(':')
                    && !value[11..].contains('-')
            }
        };
        if !plain(value) || !fits {
            return None;
        }
        // A leap second reads as the one before it, and would be written so.
        if value.contains(":60") {
            return None;
        }
        let year_fits = |date: civil::Date| (0..=9999).contains(&date.year());
        Some(match self.kind {
            Kind::Date => value.parse::<civil::Date>().ok().filter(|date| year_fits(*date))?.to_string(),
            Kind::Time => time(value.parse().ok()?)?,
            Kind::DateTime => {
                let at = value.parse::<civil::DateTime>().ok().filter(|at| year_fits(at.date()))?;
                format!("{}T{}", at.date(), time(at.time())?)
            }
        })
    }
}

/// A time for an input: browsers know milliseconds at most.
fn time(time: civil::Time) -> Option<String> {
    (time.subsec_nanosecond() % 1_000_000 == 0).then(|| time.to_string())
}

impl Widget for DateTimeWidget {
    fn write(&self, control: &Control<'_>, out: &mut dyn Sink) {
        let (kind, step) = match self.kind {
            Kind::Date => ("date", None),
            Kind::Time => ("time", Some("1")),
            Kind::DateTime => ("datetime-local", Some("1")),
        };
        let value = control.value();
        let iso = if value.is_empty() { Some(String::new()) } else { self.iso(value) };
        // A time that comes twice has to be told by its offset, which the browser's input cannot hold.
        let iso = iso.filter(|iso| !self.zone.as_ref().is_some_and(|zone| zone.comes_twice(iso)));
        let kind = if iso.is_some() { kind } else { "text" };
        out.open(name!("input"));
        out.attr(name!("type"), kind);
        out.attr(name!("id"), control.id());
        out.attr(name!("name"), control.name());
        out.attr(name!("value"), iso.as_deref().unwrap_or(value));
        if let Some(iso) = &iso {
            let step = if iso.contains('.') { Some("any") } else { step };
            out.attr_opt(name!("step"), step);
        }
        out.attr_opt(name!("placeholder"), control.placeholder());
        let Some(zone) = &self.zone else {
            control.finish(kind, Slot::Input, Own::default(), out);
            return out.close();
        };
        let note = format!("{}_zone", control.id());
        // The limits are UTC.
        let own = Own { other_range: true, note: Some(&note), ..Own::default() };
        control.finish(kind, Slot::Input, own, out);
        out.close();
        out.open(name!("p"));
        control.write_class(Slot::Info, out);
        out.attr(name!("id"), &note);
        out.text(&control.word("form-time-zone", "Time zone:"));
        out.text(" ");
        out.text(zone.name());
        out.close();
    }

    fn show(&self, field: &Field, texts: Vec<Cow<'static, str>>) -> Vec<Cow<'static, str>> {
        let Some(zone) = &self.zone else { return texts };
        texts.into_iter().map(|text| zone.show(field, &text).map_or(text, Cow::Owned)).collect()
    }

    fn read(&self, field: &Field, typed: Vec<String>) -> Result<Vec<String>, ValidationError> {
        let Some(zone) = &self.zone else { return Ok(typed) };
        typed.into_iter().map(|text| zone.read(field, text)).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_the_browser_can_show_is_given_to_it() {
        assert_eq!(DateTimeWidget::date().iso("2024-02-29").as_deref(), Some("2024-02-29"));
        assert_eq!(DateTimeWidget::date().iso("29.02.2024"), None);
        assert_eq!(
            DateTimeWidget::datetime().iso("2024-02-29 10:00:00").as_deref(),
            Some("2024-02-29T10:00:00")
        );
        assert_eq!(DateTimeWidget::time().iso("10:00:00.5").as_deref(), Some("10:00:00.5"));
        assert_eq!(DateTimeWidget::time().iso("10:00:00.000001"), None);
        for odd in
            ["2024-06-01 10:00:00+02:00", "2024-06-01 10:00:00Z", "2024-06-01", "2024-06-01T10:00-02", "é"]
        {
            assert_eq!(DateTimeWidget::datetime().iso(odd), None, "{odd}");
        }
        assert_eq!(DateTimeWidget::date().iso("2024-06-01 10:00:00"), None);
        assert_eq!(DateTimeWidget::datetime().iso("2016-12-31 23:59:60"), None);
    }
}
