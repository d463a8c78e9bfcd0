use std::borrow::Cow;

use frontdesk_html::{Sink, SinkExt, name};

use super::describe::Own;
use super::{Control, ShownFile, Widget, choices};
use crate::Slot;

/// A file, or several: the input, and below it the files that are there already, each as a link or a small picture, with
/// a checkbox that removes it where it may be removed.
///
/// A file that was kept from a submission that was refused says so: it need not be chosen again.
#[derive(Clone, Debug, Default)]
pub struct FileUploadWidget {}

impl FileUploadWidget {
    /// A file input.
    pub fn new() -> Self {
        Self {}
    }
}

impl Widget for FileUploadWidget {
    fn write(&self, control: &Control<'_>, out: &mut dyn Sink) {
        out.open(name!("input"));
        out.attr(name!("type"), "file");
        out.attr(name!("id"), control.id());
        out.attr(name!("name"), control.name());
        out.flag_if(name!("multiple"), control.is_multiple() || control.field().kind.is_list());
        // Nothing has to be chosen where something is there already.
        let own = Own { autocomplete: Some(""), optional: !control.files().is_empty(), ..Own::default() };
        control.finish("file", Slot::File, own, out);
        out.close();
        if control.files().is_empty() {
            return;
        }
        out.open(name!("ul"));
        control.write_class(Slot::Files, out);
        out.attr(
            name!("aria-label"),
            &format!("{}: {}", control.label(), control.word("form-files", "files")),
        );
        for file in control.files() {
            out.open(name!("li"));
            control.write_class(Slot::FileRow, out);
            write_file(control, file, out);
            out.close();
        }
        out.close();
    }
}

fn write_file(control: &Control<'_>, file: &ShownFile<'_>, out: &mut dyn Sink) {
    match &file.url {
        Some(url) => {
            out.open(name!("a"));
            out.attr_url(name!("href"), url);
            show(control, file, out);
            out.close();
        }
        None => show(control, file, out),
    }
    if file.kept {
        out.open(name!("span"));
        control.write_class(Slot::Note, out);
        out.text(&control.word("form-kept-file", "Kept from before; not saved yet"));
        out.close();
    }
    let Some((name, value)) = &file.remove else { return };
    let text = control.word("form-remove-file", "Remove this file");
    out.open(name!("label"));
    control.write_class(Slot::Choice, out);
    out.open(name!("input"));
    out.attr(name!("type"), "checkbox");
    out.attr(name!("name"), name);
    out.attr(name!("value"), value);
    out.flag_if(name!("checked"), file.remove_ticked);
    out.attr(name!("aria-label"), &format!("{text}: {}", file.name));
    out.flag_if(name!("disabled"), control.is_disabled());
    control.write_class(Slot::Checkbox, out);
    out.close();
    out.text(" ");
    choices::write_text(control, &text, out);
    out.close();
}

fn show(control: &Control<'_>, file: &ShownFile<'_>, out: &mut dyn Sink) {
    let preview: Option<&Cow<'_, str>> = file.preview.as_ref();
    if let Some(url) = preview.and_then(|url| frontdesk_html::safe_url(url)) {
        out.open(name!("img"));
        out.attr(name!("src"), url);
        // The name beside it says what it is.
        out.attr(name!("alt"), "");
        out.attr(name!("height"), "96");
        control.write_class(Slot::Preview, out);
        out.close();
        out.text(" ");
    }
    out.text(&file.name);
}
