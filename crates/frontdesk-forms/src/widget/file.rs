use frontdesk_html::{Sink, SinkExt, name};

use super::{Control, Widget};
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

const PICTURES: &[&str] = &[".png", ".jpg", ".jpeg", ".gif", ".webp", ".bmp"];

impl Widget for FileUploadWidget {
    fn write(&self, control: &Control<'_>, out: &mut dyn Sink) {
        out.open(name!("input"));
        out.attr(name!("type"), "file");
        out.attr(name!("id"), control.id());
        out.attr(name!("name"), control.name());
        control.describe_as(Slot::File, out);
        out.close();
        let Some(stored) = &control.stored else { return };
        out.open(name!("div"));
        out.attr(name!("class"), "fd-stored");
        match &stored.url {
            Some(url) => {
                out.open(name!("a"));
                out.attr_url(name!("href"), url);
                let lower = stored.key.to_ascii_lowercase();
                if PICTURES.iter().any(|extension| lower.ends_with(extension)) {
                    out.open(name!("img"));
                    out.attr_url(name!("src"), url);
                    out.attr(name!("alt"), stored.key);
                    out.attr(name!("height"), "96");
                    out.close();
                } else {
                    out.text(stored.key);
                }
                out.close();
            }
            None => out.text(stored.key),
        }
        if stored.removable {
            out.open(name!("label"));
            out.attr(name!("class"), "fd-choice");
            out.open(name!("input"));
            out.attr(name!("type"), "checkbox");
            out.attr(name!("name"), &format!("_delete_{}", control.name()));
            out.attr(name!("value"), "ON");
            out.flag_if(name!("checked"), stored.remove_ticked);
            out.attr(name!("aria-label"), &format!("Remove this file: {}", control.label()));
            out.close();
            out.text(" Remove this file");
            out.close();
        }
        out.close();
    }
}
