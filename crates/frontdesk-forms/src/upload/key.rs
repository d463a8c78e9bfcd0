use std::fmt;

use frontdesk_data::UploadOptions;
use frontdesk_validate::{Message, ValidationError, Value};
use uuid::Uuid;

/// The key of a stored file: what the database holds, and the file's name in the upload folder.
///
/// It is the uploaded file's name, a hyphen, a random UUID and the extension: `poster.gif` becomes
/// `poster-3beac950-7721-46c9-9e7d-5e908ef51011.gif`. If the whole name has more than 50 characters, the part before the
/// extension is cut to 50. Characters that are not safe in an address or a file name become `_`.
///
/// Every `FileKey` is one plain name: not empty, no `/` or `\`, no control character, no leading period.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct FileKey(Box<str>);

/// Why a file is not taken for its name.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum FileNameError {
    /// There is no name.
    #[error("The file name can't be empty.")]
    Empty,
    /// The name begins with a period.
    #[error("File names must not start with a period.")]
    LeadingPeriod,
    /// The name has two periods in a row.
    #[error("File names must not contain '..'.")]
    TwoPeriods,
    /// The name has a character that is not allowed.
    #[error("'{0}' is not allowed in the filename.")]
    Character(char),
    /// The name has no extension.
    #[error("The file has no extension.")]
    NoExtension,
    /// The extension is none of the allowed ones.
    #[error("This file type isn't allowed.")]
    Extension,
}

impl FileNameError {
    fn code(&self) -> &'static str {
        match self {
            Self::Empty => "upload.name_empty",
            Self::LeadingPeriod => "upload.name_leading_period",
            Self::TwoPeriods => "upload.name_two_periods",
            Self::Character(_) => "upload.name_character",
            Self::NoExtension => "upload.no_extension",
            Self::Extension => "upload.extension",
        }
    }
}

impl From<FileNameError> for ValidationError {
    fn from(error: FileNameError) -> Self {
        match error {
            FileNameError::Character(letter) => Self::with_params(
                error.code(),
                &Message::new("'%(character)s' is not allowed in the filename."),
                vec![("character", Value::from(letter.to_string()))],
            ),
            _ => Self::new(error.code(), error.to_string()),
        }
    }
}

impl FileKey {
    /// A new key for a file of that name.
    ///
    /// # Errors
    /// [`FileNameError`], if the name breaks one of the rules in `options`.
    ///
    /// ```
    /// use frontdesk_data::UploadOptions;
    /// use frontdesk_forms::FileKey;
    ///
    /// let key = FileKey::generate("/etc/poster.gif", &UploadOptions::default()).unwrap();
    /// assert!(key.as_str().starts_with("poster-") && key.as_str().ends_with(".gif"));
    /// assert!(FileKey::generate("page.html", &UploadOptions::default()).is_err());
    /// ```
    pub fn generate(file_name: &str, options: &UploadOptions) -> Result<Self, FileNameError> {
        let name = file_name.rsplit(['/', '\\']).next().unwrap_or_default();
        if name.is_empty() {
            return Err(FileNameError::Empty);
        }
        if name.starts_with('.') {
            return Err(FileNameError::LeadingPeriod);
        }
        if name.contains("..") {
            return Err(FileNameError::TwoPeriods);
        }
        if let Some(allowed) = &options.allowed_characters
            && let Some(bad) = name.chars().find(|&letter| !allowed.contains(letter))
        {
            return Err(FileNameError::Character(bad));
        }
        let (stem, extension) = match name.rsplit_once('.') {
            Some((stem, extension)) if !extension.is_empty() => (stem, Some(extension)),
            _ => (name.trim_end_matches('.'), None),
        };
        if let Some(allowed) = &options.allowed_extensions {
            let extension = extension.ok_or(FileNameError::NoExtension)?;
            if !allowed.iter().any(|known| known.eq_ignore_ascii_case(extension)) {
                return Err(FileNameError::Extension);
            }
        }
        let safe =
            |letter: char| if letter.is_alphanumeric() || " -_.()".contains(letter) { letter } else { '_' };
        let kept = if name.chars().count() > 50 { 50 } else { usize::MAX };
        let mut key: String = stem.chars().take(kept).map(safe).collect();
        // File systems take names of 255 bytes.
        key.truncate(key.floor_char_boundary(150));
        key.push('-');
        key.push_str(&Uuid::new_v4().to_string());
        // A blank at the end is cut off by some systems.
        if let Some(extension) = extension.map(str::trim_end).filter(|extension| !extension.is_empty()) {
            key.push('.');
            key.extend(extension.chars().take(20).map(safe));
        }
        Ok(Self(key.into()))
    }

    /// Reads a key, as from an address or a database.
    ///
    /// `None` for what is no plain name.
    ///
    /// ```
    /// use frontdesk_forms::FileKey;
    ///
    /// assert!(FileKey::parse("poster-3beac950.gif").is_some());
    /// for bad in ["", "..", "../secret", "a/b", "a\\b", ".hidden", "a\0"] {
    ///     assert!(FileKey::parse(bad).is_none());
    /// }
    /// ```
    pub fn parse(key: &str) -> Option<Self> {
        let plain = !key.is_empty()
            && key.len() <= 255
            && !key.starts_with('.')
            && !key.contains(['/', '\\', ':'])
            && !key.chars().any(char::is_control);
        if cfg!(windows) && is_special_on_windows(key) {
            return None;
        }
        plain.then(|| Self(key.into()))
    }

    /// Whether the key is one that [`generate`](Self::generate) made: its name ends in a UUID.
    pub fn is_generated(&self) -> bool {
        let stem = self.0.rsplit_once('.').map_or(&*self.0, |(stem, _)| stem);
        let uuid = stem.len().checked_sub(37).and_then(|at| stem.get(at..));
        uuid.and_then(|uuid| uuid.strip_prefix('-')).is_some_and(|uuid| Uuid::try_parse(uuid).is_ok())
    }

    /// The key as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The extension in lower case; empty where there is none.
    pub fn extension(&self) -> String {
        self.0.rsplit_once('.').map(|(_, extension)| extension.to_ascii_lowercase()).unwrap_or_default()
    }
}

/// Whether Windows takes a name for a device, or for another name that is shorter at its end.
fn is_special_on_windows(name: &str) -> bool {
    const DEVICES: [&str; 6] = ["CON", "PRN", "AUX", "NUL", "CONIN$", "CONOUT$"];
    let stem = name.split('.').next().unwrap_or_default().trim_end();
    let is_device = DEVICES.iter().any(|device| stem.eq_ignore_ascii_case(device));
    let port = stem.split_at_checked(3).filter(|(_, number)| number.chars().count() == 1);
    let is_port =
        port.is_some_and(|(port, _)| ["COM", "LPT"].iter().any(|known| port.eq_ignore_ascii_case(known)));
    is_device || is_port || name.ends_with(['.', ' '])
}

impl fmt::Display for FileKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_refused_in_the_documented_order() {
        let options = UploadOptions::default();
        for (name, error) in [
            ("", "The file name can't be empty."),
            ("/etc/", "The file name can't be empty."),
            (".a..&", "File names must not start with a period."),
            ("a..&gif", "File names must not contain '..'."),
            ("a&b+", "'&' is not allowed in the filename."),
            ("poster", "The file has no extension."),
            ("poster.", "The file has no extension."),
            ("poster.svg", "This file type isn't allowed."),
        ] {
            assert_eq!(FileKey::generate(name, &options).unwrap_err().to_string(), error, "{name}");
        }
    }

    #[test]
    fn a_long_name_is_cut_before_the_extension() {
        let name = format!("{}.JPG", "x".repeat(60));
        let key = FileKey::generate(&name, &UploadOptions::default()).unwrap();
        assert_eq!(key.as_str().len(), 50 + 1 + 36 + 4);
        assert!(key.as_str().ends_with(".JPG"), "the extension keeps its letter case");
        assert_eq!(key.extension(), "jpg");
    }

    #[test]
    fn upld_04_names_of_devices_are_known() {
        for name in [
            "con",
            "CON.txt",
            "Aux.png",
            "nul .txt",
            "com1",
            "COM9.png",
            "LPT\u{b9}.txt",
            "conin$",
            "a.",
            "a.png ",
        ] {
            assert!(is_special_on_windows(name), "{name}");
        }
        for name in ["a.png", "console.txt", "con-1.txt", "com10", "commons.png", "aux-1.png", "ä", "日本"]
        {
            assert!(!is_special_on_windows(name), "{name}");
        }
    }

    #[test]
    fn every_generated_key_reads_back() {
        let any = UploadOptions::default().any_characters();
        let long = format!("{}.txt", "日".repeat(90));
        for name in [&*long, "a b.txt", "größe.txt", "a:b?<>|\".txt", "日本.txt"] {
            let key = FileKey::generate(name, &any).unwrap();
            assert!(key.is_generated());
            assert_eq!(FileKey::parse(key.as_str()), Some(key));
        }
    }
}
