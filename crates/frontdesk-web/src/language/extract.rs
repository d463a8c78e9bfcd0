use std::convert::Infallible;

use axum::extract::FromRequestParts;
use http::request::Parts;
use http::{Extensions, HeaderMap};

use super::{Language, Languages};

impl Languages {
    /// The language of a request, unless the application put a [`Language`] into its extensions: then that one.
    ///
    /// ```
    /// use frontdesk_web::Languages;
    /// use http::{Extensions, HeaderMap};
    ///
    /// let languages = Languages::new();
    /// let mut extensions = Extensions::new();
    /// extensions.insert(languages.get("pt").unwrap()); // as the user's profile says
    /// assert_eq!(languages.choose(&extensions, &HeaderMap::new()).tag(), "pt");
    /// ```
    pub fn choose(&self, extensions: &Extensions, headers: &HeaderMap) -> Language {
        extensions.get::<Language>().cloned().unwrap_or_else(|| self.of(headers))
    }
}

impl Language {
    /// The language of a request: the [`Language`] in its extensions, where the application chose one, else what the
    /// [`Languages`] in its extensions find, else English.
    pub fn of_request(parts: &Parts) -> Self {
        match parts.extensions.get::<Languages>() {
            Some(languages) => languages.choose(&parts.extensions, &parts.headers),
            None => parts.extensions.get::<Self>().cloned().unwrap_or_default(),
        }
    }
}

impl<S: Send + Sync> FromRequestParts<S> for Language {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        Ok(Self::of_request(parts))
    }
}

#[cfg(test)]
mod tests {
    use http::Request;
    use http::header::{ACCEPT_LANGUAGE, COOKIE};

    use super::*;

    async fn tag(request: http::request::Builder) -> String {
        let (mut parts, ()) = request.body(()).unwrap().into_parts();
        Language::from_request_parts(&mut parts, &()).await.unwrap().tag().to_owned()
    }

    #[tokio::test]
    async fn what_was_chosen_wins_over_what_the_browser_says() {
        let browser = || Request::builder().header(ACCEPT_LANGUAGE, "de");
        let languages = Languages::new();
        assert_eq!(tag(browser()).await, "en", "an application that set nothing up is in English");
        assert_eq!(tag(browser().extension(languages.clone())).await, "de");
        assert_eq!(tag(browser().extension(languages.clone()).header(COOKIE, "a=b; _lang=pt")).await, "pt");
        assert_eq!(
            tag(browser().extension(languages.clone()).header(COOKIE, "_lang=<nonsense>")).await,
            "de"
        );
        assert_eq!(tag(browser().extension(languages.clone()).header(COOKIE, "_lang=fr")).await, "de");
        let chosen = languages.get("pt").unwrap();
        assert_eq!(tag(browser().extension(languages).extension(chosen)).await, "pt");
    }
}
