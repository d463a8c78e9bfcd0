use frontdesk_html::{Sink, SinkExt, name};

use super::{Control, ShownFile, Widget};
use crate::Slot;

/// A file, with the one that is stored already: a link or a picture, and a checkbox to remove it where the field may be
/// empty.
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
        control.describe_as(Slot::File, out);
        out.close();
        for file in control.files() {
            out.open(name!("div"));
            out.attr(name!("class"), "fd-stored");
            match &file.url {
                Some(url) => {
                    out.open(name!("a"));
                    out.attr_url(name!("href"), url);
                    show(file, out);
                    out.close();
                }
                None => show(file, out),
            }
            if let Some((name, value)) = &file.remove {
                out.open(name!("label"));
                out.attr(name!("class"), "fd-choice");
                out.open(name!("input"));
                out.attr(name!("type"), "checkbox");
                out.attr(name!("name"), name);
                out.attr(name!("value"), value);
                out.flag_if(name!("checked"), file.remove_ticked);
                out.attr(name!("aria-label"), &format!("Remove this file: {}", control.label()));
                out.close();
                out.text(" Remove this file");
                out.close();
            }
            out.close();
        }
    }
}

fn show(file: &ShownFile<'_>, out: &mut dyn Sink) {
    match &file.preview {
        Some(url) => {
            out.open(name!("img"));
            out.attr_url(name!("src"), url);
            out.attr(name!("alt"), &file.name);
            out.attr(name!("height"), "96");
            out.close();
        }
        None => out.text(&file.name),
    }
}
