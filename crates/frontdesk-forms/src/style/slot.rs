/// Declares [`Slot`], and the list of its variants beside it, so that none is forgotten.
macro_rules! slots {
    ($($(#[$doc:meta])* $name:ident,)*) => {
        /// A part of a form that has classes of its own.
        ///
        /// The names that people of the originals know are in brackets.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        #[non_exhaustive]
        pub enum Slot {
            $($(#[$doc])* $name,)*
        }

        impl Slot {
            /// All parts, in the order of their declaration.
            ///
            /// ```
            /// use frontdesk_forms::{Slot, Style};
            ///
            /// let bare = Slot::ALL.iter().fold(Style::plain(), |style, slot| style.class(*slot, ""));
            /// assert_eq!(bare.class_of(Slot::Label), "");
            /// ```
            pub const ALL: &'static [Self] = &[$(Self::$name,)*];
        }
    };
}

slots! {
    /// The form element.
    Form,
    /// Around label, control and messages of a field (`outer`).
    Outer,
    /// Around the control (`inner`).
    Inner,
    /// The label (`label`).
    Label,
    /// The label of several inputs that belong together: a `legend`.
    Legend,
    /// Added to [`Outer`](Self::Outer) where it is a `fieldset`: around several inputs that belong together.
    Group,
    /// The help text (`info`).
    Info,
    /// An error (`error`).
    Error,
    /// The box of errors above the form.
    Summary,
    /// The title of that box.
    SummaryTitle,
    /// The list of errors in that box.
    SummaryList,
    /// A link in that box, to the control whose value was refused.
    SummaryLink,
    /// The box that says that somebody else changed the record meanwhile.
    Conflict,
    /// A message that is no error: what was kept, what was found.
    Notice,
    /// The box that offers a draft which was kept.
    Draft,
    /// The submit button (`submit`).
    Submit,
    /// A button beside the one that submits: search, add, restore.
    Button,
    /// The row of the submit button and the sidecar.
    Buttons,
    /// An input of one line (`input`).
    Input,
    /// A control whose value was refused; added to its other classes.
    Invalid,
    /// A control that cannot be used; added to its other classes.
    Disabled,
    /// An input of type file (`input[type=file]`).
    File,
    /// The list of the files that a field has already.
    Files,
    /// One of those files.
    FileRow,
    /// The small picture of a file.
    Preview,
    /// A short remark beside something, such as that a file was kept.
    Note,
    /// The progress of an upload.
    Progress,
    /// An input of type checkbox (`input[type=checkbox]`).
    Checkbox,
    /// An input of type radio (`input[type=radio]`).
    Radio,
    /// Around all radio buttons or checkboxes of a field.
    Choices,
    /// The label of a single checkbox or radio button, around both.
    Choice,
    /// The text of that label.
    ChoiceText,
    /// Around the choices of a group, within [`Choices`](Self::Choices).
    ChoiceSet,
    /// The heading of a group of choices.
    ChoiceGroup,
    /// A drop-down list (`select`).
    Select,
    /// Around a drop-down list, where a framework needs that.
    SelectWrap,
    /// Added to that where several values may be chosen.
    SelectWrapMultiple,
    /// A text of several lines (`textarea`).
    Textarea,
    /// A text of several lines that is read by a machine, such as JSON; in place of [`Textarea`](Self::Textarea).
    Code,
    /// An input of type color.
    Color,
    /// An input of type range.
    Range,
    /// The number beside a range.
    Output,
    /// Around an input and what belongs right beside it: a unit, a button, a number.
    Joined,
    /// The search of a field that refers to another table.
    Search,
    /// A numbered list of inputs.
    Ordered,
    /// One line of a list: an input and its buttons.
    Item,
    /// A value that is shown, not edited.
    ReadOnly,
    /// The rows of a sub-form.
    Rows,
    /// One row of a sub-form.
    Row,
    /// A button that adds, removes or moves a row.
    RowButton,
    /// Text for screen readers alone.
    Hidden,
}
