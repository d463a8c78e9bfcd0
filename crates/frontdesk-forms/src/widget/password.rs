use frontdesk_html::{Sink, SinkExt, name};

use super::describe::Own;
use super::{Control, Widget};
use crate::Slot;

/// A password: what was typed is never sent back.
#[derive(Clone, Debug, Default)]
pub struct PasswordWidget {
    autocomplete: Option<&'static str>,
}

impl PasswordWidget {
    /// For a new password (`autocomplete="new-password"`).
    pub fn new() -> Self {
        Self::default()
    }

    /// For the password that somebody has already (`autocomplete="current-password"`).
    pub fn current() -> Self {
        Self { autocomplete: Some("current-password") }
    }
}

impl Widget for PasswordWidget {
    fn is_template(&self, _value: &str) -> bool {
        true // it is not shown
    }

    fn is_plain(&self) -> bool {
        true
    }

    fn write(&self, control: &Control<'_>, out: &mut dyn Sink) {
        out.open(name!("input"));
        out.attr(name!("type"), "password");
        out.attr(name!("id"), control.id());
        out.attr(name!("name"), control.name());
        out.attr_opt(name!("placeholder"), control.placeholder());
        let own = Own { autocomplete: Some(self.autocomplete.unwrap_or("new-password")), ..Own::default() };
        control.finish("password", Slot::Input, own, out);
        out.close();
    }
}
