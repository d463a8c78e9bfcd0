use proc_macro2::Span;

/// What is wrong, gathered: each mistake at its place.
#[derive(Default)]
pub(crate) struct Mistakes(Option<syn::Error>);

impl Mistakes {
    pub(crate) fn add(&mut self, place: Span, text: impl std::fmt::Display) {
        self.push(syn::Error::new(place, text));
    }

    pub(crate) fn push(&mut self, mistake: syn::Error) {
        match &mut self.0 {
            Some(known) => known.combine(mistake),
            None => self.0 = Some(mistake),
        }
    }

    /// `found`, if there was no mistake.
    pub(crate) fn unless<T>(self, found: T) -> syn::Result<T> {
        match self.0 {
            Some(mistakes) => Err(mistakes),
            None => Ok(found),
        }
    }
}
