use frontdesk_html::{Sink, SinkExt, name};
use frontdesk_web::Purpose;

use super::{BotProtection, WithoutScript};

/// Where the protection is drawn, and in which words.
#[derive(Clone, Copy, Debug)]
pub struct BotPlace<'a> {
    /// The key of [`BotProtection::PURPOSE`].
    pub key: &'a Purpose,
    /// The name of the form.
    pub form: &'a str,
    /// The name of the honeypot, from [`BotProtection::honeypot_name`].
    pub honeypot: Option<&'a str>,
    /// The words.
    pub texts: BotTexts<'a>,
}

/// The words of the protection, for visitors whose browser shows them.
#[derive(Clone, Copy, Debug)]
pub struct BotTexts<'a> {
    /// The label of the honeypot, for browsers without style sheets: `Leave this empty`.
    pub leave_empty: &'a str,
    /// What visitors without JavaScript are told where they have to wait; `None` for the English words.
    pub wait: Option<&'a str>,
    /// What they are told where the form needs JavaScript.
    pub script: &'a str,
}

impl Default for BotTexts<'_> {
    /// English.
    fn default() -> Self {
        Self {
            leave_empty: "Leave this empty",
            wait: None,
            script: "This form needs JavaScript, to keep robots out.",
        }
    }
}

impl BotProtection {
    /// Writes the honeypot, and the challenge of a proof of work with the hidden input for its solution. They belong
    /// within the form.
    ///
    /// The honeypot has the attribute `hidden`, so that it needs no style sheet; ours (`frontdesk.css`) moves it off the
    /// screen instead, where programs take it for an input like others. There is no inline style and no inline script.
    ///
    /// ```
    /// use frontdesk_forms::{BotPlace, BotProtection, BotTexts};
    /// use frontdesk_html::HtmlWriter;
    /// use frontdesk_web::{Secret, Signer};
    ///
    /// let key = Signer::new(Secret::random()).purpose(BotProtection::PURPOSE);
    /// let place = BotPlace { key: &key, form: "contact", honeypot: Some("website"), texts: BotTexts::default() };
    /// let mut out = HtmlWriter::new();
    /// BotProtection::new().write(place, &mut out);
    /// let html = out.into_string();
    /// assert!(html.starts_with(r#"<div class="fd-honeypot" aria-hidden="true" hidden>"#));
    /// ```
    pub fn write(&self, place: BotPlace<'_>, out: &mut dyn Sink) {
        if let Some(honeypot) = place.honeypot {
            write_honeypot(&place, honeypot, out);
        }
        if let Some(challenge) = self.challenge(place.key, place.form) {
            out.open(name!("div"));
            out.attr(name!("class"), "fd-altcha");
            out.attr(name!("data-fd-altcha"), &challenge);
            out.open(name!("input"));
            out.attr(name!("type"), "hidden");
            out.attr(name!("name"), Self::PROOF);
            out.close();
            out.close();
            self.write_noscript(&place.texts, out);
        }
    }

    fn write_noscript(&self, texts: &BotTexts<'_>, out: &mut dyn Sink) {
        out.open(name!("noscript"));
        out.open(name!("p"));
        out.attr(name!("class"), "fd-noscript");
        match (self.0.without_script, texts.wait) {
            (WithoutScript::Refuse, _) => out.text(texts.script),
            (WithoutScript::Wait(_), Some(text)) => out.text(text),
            (WithoutScript::Wait(time), None) => {
                let seconds = time.as_millis().div_ceil(1000);
                out.text(&format!(
                    "Without JavaScript, this form can be sent {seconds} seconds after it was opened."
                ));
            }
        }
        out.close();
        out.close();
    }

    /// How long visitors without JavaScript have to wait, in whole seconds, for
    /// [`BotTexts::wait`]; `None` if they need not, or are refused.
    pub fn seconds_without_script(&self) -> Option<u64> {
        match (self.0.without_script, &self.0.difficulty) {
            (WithoutScript::Wait(time), Some(_)) => {
                Some(u64::try_from(time.as_millis().div_ceil(1000)).unwrap_or(u64::MAX))
            }
            _ => None,
        }
    }
}

fn write_honeypot(place: &BotPlace<'_>, honeypot: &str, out: &mut dyn Sink) {
    let id = format!("{}_{honeypot}", place.form);
    out.open(name!("div"));
    out.attr(name!("class"), "fd-honeypot");
    out.attr(name!("aria-hidden"), "true");
    out.flag(name!("hidden"));
    out.open(name!("label"));
    out.attr(name!("for"), &id);
    out.text(place.texts.leave_empty);
    out.close();
    out.open(name!("input"));
    out.attr(name!("type"), "text");
    out.attr(name!("id"), &id);
    out.attr(name!("name"), honeypot);
    out.attr(name!("tabindex"), "-1");
    out.attr(name!("autocomplete"), "off");
    // Password managers fill in addresses of web sites in spite of `autocomplete`.
    out.attrs([("data-lpignore", "true"), ("data-1p-ignore", ""), ("data-bwignore", "")]);
    out.close();
    out.close();
}
