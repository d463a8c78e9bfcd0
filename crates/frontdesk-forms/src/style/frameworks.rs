//! The classes of each style but Tailwind's.

use super::Slot;

/// Few classes, all beginning with `fd-`.
pub(super) fn plain(slot: Slot) -> &'static str {
    match slot {
        Slot::Form => "fd-form",
        Slot::Outer => "fd-field",
        Slot::Inner => "fd-control",
        Slot::Label | Slot::Legend => "fd-label",
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
        Slot::Note => "fd-note",
        Slot::Progress => "fd-progress",
        Slot::Choices | Slot::ChoiceSet => "fd-choices",
        Slot::Choice => "fd-choice",
        Slot::ChoiceGroup => "fd-choice-group",
        Slot::Code => "fd-code",
        Slot::Color => "fd-color",
        Slot::Range => "fd-range",
        Slot::Output => "fd-output",
        Slot::Joined => "fd-joined",
        Slot::Search => "fd-search",
        Slot::Ordered => "fd-ordered",
        Slot::Item => "fd-item",
        Slot::ReadOnly => "fd-value",
        Slot::Rows => "fd-rows",
        Slot::Row => "fd-row",
        Slot::RowButton => "fd-row-button",
        Slot::Hidden => "fd-visually-hidden",
        Slot::SummaryLink
        | Slot::Input
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
        Slot::Outer => "field",
        Slot::Inner => "control",
        Slot::Label | Slot::Legend => "label",
        Slot::Info => "help",
        Slot::Error => "help is-danger",
        Slot::Summary => "notification is-danger is-light",
        Slot::SummaryTitle => "has-text-weight-bold",
        Slot::SummaryList => "content mt-2",
        Slot::Conflict => "notification is-warning is-light",
        Slot::Notice | Slot::Draft => "notification is-info is-light",
        Slot::Submit => "button is-success",
        Slot::Button => "button",
        Slot::RowButton => "button is-small",
        Slot::Buttons => "buttons mt-5",
        // Bulma's own box for files shows the chosen name by script alone.
        Slot::Input | Slot::File => "input",
        Slot::Invalid => "is-danger",
        Slot::Files => "mt-3",
        Slot::FileRow => "is-flex is-flex-wrap-wrap is-align-items-center is-gap-2 mb-3",
        Slot::Note => "tag is-warning is-light",
        Slot::Progress => "progress is-info is-small",
        Slot::Choices => "checkboxes",
        Slot::Choice => "checkbox",
        Slot::ChoiceSet => "is-flex is-flex-direction-column is-gap-1 mr-5",
        Slot::ChoiceGroup => "has-text-weight-semibold",
        Slot::SelectWrap => "select is-fullwidth",
        Slot::SelectWrapMultiple => "is-multiple",
        Slot::Textarea => "textarea",
        Slot::Code => "textarea is-family-code",
        Slot::Color => "input",
        Slot::Range => "is-flex-grow-1",
        Slot::Output => "tag is-medium",
        Slot::Joined => "is-flex is-align-items-center is-gap-2",
        Slot::Ordered => "ml-5",
        Slot::Item => "mb-2",
        Slot::Rows => "field",
        Slot::Row => "box",
        Slot::ReadOnly => "content",
        Slot::Hidden => "is-sr-only",
        Slot::Form
        | Slot::SummaryLink
        | Slot::Group
        | Slot::Disabled
        | Slot::Preview
        | Slot::Checkbox
        | Slot::Radio
        | Slot::ChoiceText
        | Slot::Select
        | Slot::Search => "",
    }
}

/// Bootstrap 5.
pub(super) fn bootstrap5(slot: Slot) -> &'static str {
    match slot {
        Slot::Outer => "mb-3",
        Slot::Label => "form-label",
        Slot::Legend => "form-label fs-6",
        Slot::Info => "form-text mb-0",
        // Bootstrap shows its messages beside a marked input alone; ours may stand elsewhere.
        Slot::Error => "invalid-feedback d-block mb-0",
        Slot::Summary => "alert alert-danger",
        Slot::SummaryTitle => "alert-heading h5",
        Slot::SummaryList => "mb-0",
        Slot::SummaryLink => "alert-link",
        Slot::Conflict => "alert alert-warning",
        Slot::Notice | Slot::Draft => "alert alert-info",
        Slot::Submit => "btn btn-primary",
        Slot::Button => "btn btn-outline-secondary",
        Slot::RowButton => "btn btn-outline-secondary btn-sm",
        Slot::Buttons => "d-flex flex-wrap align-items-center gap-2 mt-4",
        Slot::Input | Slot::File | Slot::Textarea => "form-control",
        Slot::Invalid => "is-invalid",
        Slot::Files => "list-unstyled mt-3 mb-0",
        Slot::FileRow => "d-flex flex-wrap align-items-center gap-3 mb-2",
        Slot::Preview => "img-thumbnail",
        Slot::Note => "badge text-bg-warning",
        Slot::Progress => "w-100",
        Slot::Checkbox | Slot::Radio => "form-check-input",
        Slot::Choice => "form-check",
        Slot::ChoiceText => "form-check-label",
        Slot::ChoiceGroup => "fw-semibold mt-2",
        Slot::Select => "form-select",
        Slot::Code => "form-control font-monospace",
        Slot::Color => "form-control form-control-color",
        Slot::Range => "form-range",
        Slot::Output => "badge text-bg-secondary fs-6",
        Slot::Joined => "d-flex align-items-center gap-2",
        Slot::Search => "d-grid gap-2",
        Slot::Ordered => "ps-4 mb-0",
        Slot::Item => "mb-2",
        Slot::Rows => "mb-3",
        Slot::Row => "card card-body mb-3",
        Slot::ReadOnly => "form-control-plaintext",
        Slot::Hidden => "visually-hidden",
        Slot::Form
        | Slot::Inner
        | Slot::Group
        | Slot::Disabled
        | Slot::Choices
        | Slot::ChoiceSet
        | Slot::SelectWrap
        | Slot::SelectWrapMultiple => "",
    }
}

/// Bootstrap 4.
pub(super) fn bootstrap4(slot: Slot) -> &'static str {
    match slot {
        Slot::Outer => "form-group",
        Slot::Legend => "col-form-label pt-0",
        Slot::Info => "form-text text-muted mb-0",
        Slot::Note => "badge badge-warning",
        Slot::Buttons => "d-flex flex-wrap align-items-center mt-4",
        Slot::RowButton => "btn btn-outline-secondary btn-sm mr-2",
        // Its `btn-primary` is too pale for its white text.
        Slot::Submit => "btn btn-dark mr-2",
        Slot::Button => "btn btn-outline-secondary ml-2 flex-shrink-0",
        Slot::File => "form-control-file",
        Slot::FileRow => "mb-3",
        Slot::Preview => "img-thumbnail mr-3",
        Slot::Choice => "form-check mb-1",
        Slot::ChoiceGroup => "font-weight-bold mt-2",
        Slot::Select => "custom-select",
        Slot::Code => "form-control text-monospace",
        Slot::Color => "form-control w-25",
        Slot::Range => "custom-range",
        Slot::Output => "badge badge-secondary ml-2",
        Slot::Joined => "d-flex align-items-center",
        Slot::Search => "",
        Slot::Ordered => "pl-4 mb-0",
        Slot::Hidden => "sr-only",
        Slot::Label => "",
        same => bootstrap5(same),
    }
}
