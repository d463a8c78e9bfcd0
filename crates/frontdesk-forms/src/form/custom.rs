use std::collections::BTreeMap;

use frontdesk_html::{HtmlWriter, Markup};

use super::{Form, Mode};

/// A form in pieces, for a layout of one's own.
///
/// Print `begin`, the widgets where you want them, `submit`, `end`. The begin holds the hidden inputs that make the form
/// work, what is wrong with the form as a whole, and the draft that there is.
///
/// A layout that only puts whole fields elsewhere prints `blocks` instead of widgets, labels, errors and comments. Fields
/// with [conditions](frontdesk_data::Field::show_when) are best drawn so: the script shows and hides the block.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Custom {
    /// The start tag and the hidden inputs.
    pub begin: Markup,
    /// The control of each drawn field, by name.
    pub widgets: BTreeMap<String, Markup>,
    /// The label of each drawn field, by name.
    pub labels: BTreeMap<String, Markup>,
    /// The error of each refused field, by name; tied to its control by id. Where somebody else changed the field
    /// meanwhile, also what they wrote and the choice that has to be made.
    pub errors: BTreeMap<String, Markup>,
    /// The help text of each drawn field that has one, by name; tied to its control by id.
    pub comments: BTreeMap<String, Markup>,
    /// Each drawn field whole, by name: label, control, error, help, and the element around them.
    pub blocks: BTreeMap<String, Markup>,
    /// The rows of each sub-form, by its name.
    pub children: BTreeMap<String, Markup>,
    /// The [captcha](crate::FormSpec::captcha); empty where there is none. A layout without it is refused each time.
    pub captcha: Markup,
    /// The submit button, and beside it those that some forms need: to save a draft, to ask for the fields that belong to
    /// the form by now. Empty in a form that is only shown.
    pub submit: Markup,
    /// The checkbox that deletes the record; empty where there is nothing to delete.
    pub delete: Markup,
    /// The end tag.
    pub end: Markup,
    /// The names of the drawn fields, in order.
    pub fields: Vec<String>,
}

impl Form {
    /// The form in pieces.
    ///
    /// ```
    /// # use frontdesk_data::Field;
    /// # use frontdesk_forms::{Desk, Form, FormRequest};
    /// # use frontdesk_web::Secret;
    /// # tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(async {
    /// # let mut request = FormRequest::new(Desk::new(Secret::random()), http::Method::GET, "/".parse().unwrap(), Default::default(), axum::body::Body::empty());
    /// let form = Form::for_fields("paint", [Field::string("color")]).process(&mut request).await.unwrap();
    /// let custom = form.custom();
    /// let page = format!("{}<b>{}</b>{}{}", custom.begin, custom.widgets["color"], custom.submit, custom.end);
    /// # assert!(page.starts_with("<form") && page.ends_with("</form>"));
    /// # });
    /// ```
    pub fn custom(&self) -> Custom {
        let piece = |write: &dyn Fn(&mut HtmlWriter)| {
            let mut out = HtmlWriter::with_capacity(256);
            write(&mut out);
            out.into_markup()
        };
        let begin = self.unclosed(|out| {
            self.open_form(out);
            self.write_hidden(out);
            self.write_summary(out);
            self.write_draft(out);
        });
        let by_name = |write: &dyn Fn(&super::FieldPlan, &super::FieldState, &mut HtmlWriter)| {
            self.shown()
                .map(|(plan, state)| {
                    (plan.field(&self.def).name.to_string(), piece(&|out| write(plan, state, out)))
                })
                .filter(|(_, markup)| !markup.is_empty())
                .collect::<BTreeMap<_, _>>()
        };
        Custom {
            begin: Markup::trusted(begin),
            widgets: by_name(&|plan, state, out| self.write_control(plan, state, out)),
            labels: by_name(&|plan, state, out| self.write_label(plan, state, out)),
            errors: by_name(&|plan, state, out| {
                self.write_error(plan, state, out);
                self.write_conflict(plan, state, out);
            }),
            comments: by_name(&|plan, _, out| self.write_comment(plan, out)),
            blocks: by_name(&|plan, state, out| self.write_field(plan, state, out)),
            children: self
                .children
                .iter()
                .map(|rows| (rows.spec.name.to_string(), piece(&|out| self.write_rows(rows, out))))
                .collect(),
            captcha: piece(&|out| self.write_captcha(out)),
            submit: if self.mode == Mode::ReadOnly {
                Markup::default()
            } else {
                piece(&|out| {
                    self.write_submit(out);
                    self.write_refresh(out);
                    self.write_save_draft(out);
                })
            },
            delete: if self.offers_deletion() {
                piece(&|out| self.write_delete(out))
            } else {
                Markup::default()
            },
            end: Markup::trusted("</form>"),
            fields: self.shown().map(|(plan, _)| plan.field(&self.def).name.to_string()).collect(),
        }
    }
}
