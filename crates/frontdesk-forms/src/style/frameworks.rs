//! The classes of each style.

use super::Slot;

/// Few classes, all beginning with `fd-`.
pub(super) fn plain(slot: Slot) -> &'static str {
    match slot {
        Slot::Form => "fd-form",
        Slot::Outer => "fd-field",
        Slot::Inner => "fd-control",
        Slot::Label => "fd-label",
        Slot::Legend => "fd-label",
        Slot::Group => "fd-group",
        Slot::Info => "fd-help",
        Slot::Error => "fd-error",
        Slot::Summary => "fd-summary",
        Slot::SummaryTitle => "fd-summary-title",
        Slot::SummaryList => "fd-summary-list",
        Slot::Conflict => "fd-conflict",
        Slot::Notice => "fd-notice",
        Slot::Draft => "fd-draft",
        Slot::Submit => "fd-submit",
        Slot::Button => "fd-button",
        Slot::Buttons => "fd-buttons",
        Slot::Files => "fd-files",
        Slot::FileRow => "fd-stored",
        Slot::Preview => "fd-preview",
        Slot::Progress => "fd-progress",
        Slot::Choices => "fd-choices",
        Slot::Choice => "fd-choice",
        Slot::ChoiceGroup => "fd-choice-group",
        Slot::Code => "fd-code",
        Slot::Color => "fd-color",
        Slot::Range => "fd-range",
        Slot::Output => "fd-output",
        Slot::Joined => "fd-joined",
        Slot::Search => "fd-search",
        Slot::Item => "fd-item",
        Slot::ReadOnly => "fd-value",
        Slot::Rows => "fd-rows",
        Slot::Row => "fd-row",
        Slot::RowButton => "fd-row-button",
        Slot::Hidden => "fd-visually-hidden",
        Slot::Input
        | Slot::Invalid
        | Slot::Disabled
        | Slot::File
        | Slot::Checkbox
        | Slot::Radio
        | Slot::ChoiceText
        | Slot::Select
        | Slot::SelectWrap
        | Slot::SelectWrapMultiple
        | Slot::Textarea => "",
    }
}

/// Bulma 1.
pub(super) fn bulma(slot: Slot) -> &'static str {
    match slot {
        Slot::Outer | Slot::Rows => "field",
        Slot::Inner => "control",
        Slot::Label | Slot::Legend => "label",
        Slot::Group => "control",
        Slot::Info => "help",
        Slot::Error => "help is-danger",
        Slot::Summary => "notification is-danger is-light",
        Slot::SummaryTitle => "has-text-weight-bold",
        Slot::SummaryList => "content",
        Slot::Conflict => "notification is-warning is-light",
        Slot::Notice | Slot::Draft => "notification is-info is-light",
        Slot::Submit => "button is-success",
        Slot::Button => "button",
        Slot::RowButton => "button is-small",
        Slot::Buttons => "field is-grouped",
        Slot::Input | Slot::File => "input",
        Slot::Invalid => "is-danger",
        Slot::Files => "mt-3",
        Slot::FileRow => "mb-3",
        Slot::Preview => "mr-3",
        Slot::Progress => "progress is-info is-small",
        Slot::Choices => "checkboxes",
        Slot::Choice => "checkbox",
        Slot::ChoiceGroup => "has-text-weight-semibold",
        Slot::SelectWrap => "select",
        Slot::SelectWrapMultiple => "is-multiple",
        Slot::Textarea => "textarea",
        Slot::Code => "textarea is-family-monospace",
        Slot::Output => "tag",
        Slot::Joined | Slot::Item | Slot::Search => "is-flex",
        Slot::Row => "box",
        Slot::ReadOnly => "content",
        Slot::Hidden => "is-sr-only",
        Slot::Form
        | Slot::Disabled
        | Slot::Checkbox
        | Slot::Radio
        | Slot::ChoiceText
        | Slot::Select
        | Slot::Color
        | Slot::Range => "",
    }
}
