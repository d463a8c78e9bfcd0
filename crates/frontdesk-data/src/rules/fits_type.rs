use frontdesk_validate::{Checked, Context, Validator, Value};

use crate::FieldType;
use crate::coerce::coerce;

/// A value that the field's type can hold, and as that type: what the write would ask for, already among the rules, so
/// that the error stands beside the others. Nothing passes as nothing.
#[derive(Debug)]
pub(super) struct FitsType(pub(super) FieldType);

impl Validator for FitsType {
    fn name(&self) -> &str {
        "fits_type"
    }

    fn check<'a>(&'a self, value: Value, _: Context<'a>) -> Checked<'a> {
        coerce(&self.0, value).into()
    }
}
