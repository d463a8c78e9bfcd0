//! The secret that signs forms, and what makes a bad one.

use std::path::Path;

use frontdesk_web::Secret;

use crate::CliError;

/// The secret from `FRONTDESK_SECRET_KEY`, or from the file that `FRONTDESK_SECRET_KEY_FILE` names, or a random one.
pub(crate) fn secret(key: Option<&str>, file: Option<&Path>) -> Result<Secret, CliError> {
    let (bytes, from) = match (key, file) {
        (Some(_), Some(_)) => {
            return Err(CliError::usage(
                "FRONTDESK_SECRET_KEY and FRONTDESK_SECRET_KEY_FILE are both set; use one of them",
            ));
        }
        (Some(key), None) => (key.trim().as_bytes().to_vec(), "FRONTDESK_SECRET_KEY".to_owned()),
        (None, Some(file)) => {
            let bytes = std::fs::read(file).map_err(|error| {
                CliError::failed(format!("cannot read the secret key in {}: {error}", file.display()))
            })?;
            (bytes.trim_ascii().to_vec(), file.display().to_string())
        }
        (None, None) => return Ok(Secret::random()),
    };
    if let Some(why) = weakness(&bytes) {
        return Err(CliError::failed(format!(
            "the secret key in {from} cannot be used: {why}. It needs at least 32 bytes of random data; `head -c 32 \
             /dev/urandom | base64` makes one"
        )));
    }
    Secret::new(bytes)
        .map_err(|error| CliError::failed(format!("the secret key in {from} cannot be used: {error}")))
}

/// Keys that stand in our documentation: whoever reads it knows them.
const SAMPLES: [&str; 1] = ["kS9vQ2xY7pLw4nRt8uVz1aBc3dEf5gHj"];

/// Words that are in keys that somebody made up, or took over from an example.
const WORDS: [&str; 13] = [
    "change",
    "secret",
    "passw",
    "example",
    "sample",
    "insecure",
    "default",
    "frontdesk",
    "letmein",
    "develop",
    "replace",
    "placeholder",
    "your-",
];

/// Why a key is no secret; `None`, if it looks like random data.
pub(crate) fn weakness(key: &[u8]) -> Option<&'static str> {
    if key.is_empty() {
        return Some("it is empty");
    }
    if SAMPLES.iter().any(|sample| sample.as_bytes() == key) {
        return Some("it is a sample from the documentation");
    }
    if key.len() < Secret::MIN {
        return Some("it is too short");
    }
    let mut seen = [false; 256];
    key.iter().for_each(|byte| seen[usize::from(*byte)] = true);
    let is_repeated =
        (1..=key.len() / 2).any(|length| key.iter().zip(&key[length..]).all(|(one, other)| one == other));
    if is_repeated || seen.iter().filter(|seen| **seen).count() < 8 {
        return Some("it repeats itself");
    }
    let steps = key.windows(2).filter(|pair| pair[1].wrapping_sub(pair[0]) == 1).count();
    if steps * 2 > key.len() {
        return Some("it counts up");
    }
    let lower = key.to_ascii_lowercase();
    let has = |word: &str| lower.windows(word.len()).any(|part| part == word.as_bytes());
    WORDS.iter().any(|word| has(word)).then_some("it is made of words, as samples are")
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Never the same: a key that stands in a file is none.
    fn random() -> String {
        (0..2).map(|_| uuid::Uuid::new_v4().simple().to_string()).collect()
    }

    #[test]
    fn auth_12_ops_02_a_secret_that_is_none_is_refused() {
        for (key, why) in [
            ("", "empty"),
            ("hunter2", "too short"),
            ("0123456789abcdef0123456789abcdef", "repeats"),
            ("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", "repeats"),
            ("abababcbcbabababcbcbcbacbacbcabcbabcab", "repeats"),
            ("abcdefghijklmnopqrstuvwxyz0123456789", "counts up"),
            ("change-me-to-some-long-random-text-9", "made of words"),
            ("Your-Very-Long-Key-Of-32-Characters!", "made of words"),
            ("kS9vQ2xY7pLw4nRt8uVz1aBc3dEf5gHj", "sample"),
        ] {
            assert!(weakness(key.as_bytes()).is_some_and(|found| found.contains(why)), "{key}");
            let error = secret(Some(key), None).unwrap_err().to_string();
            assert!(error.contains(why) && (key.is_empty() || !error.contains(key)), "{error}");
        }
        for _ in 0..2000 {
            assert_eq!(weakness(random().as_bytes()), None);
            let bytes = *uuid::Uuid::new_v4().as_bytes();
            assert_eq!(weakness(&[bytes, *uuid::Uuid::new_v4().as_bytes()].concat()), None);
        }
    }

    /// Every key that a reader could copy from our pages.
    #[test]
    fn auth_12_no_key_of_the_documentation_starts_anything() {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
        let mut pages = vec![root.join("README.md"), root.join("CHANGELOG.md")];
        for folder in ["docs", "crates/frontdesk-web/src", "crates/frontdesk-cli/src", "examples", "scripts"]
        {
            let mut folders = vec![root.join(folder)];
            while let Some(folder) = folders.pop() {
                for entry in std::fs::read_dir(folder).unwrap() {
                    let path = entry.unwrap().path();
                    if path.is_dir() { folders.push(path) } else { pages.push(path) }
                }
            }
        }
        let mut found = 0;
        for page in pages {
            let text = std::fs::read_to_string(&page).unwrap_or_default();
            let text = text.split("#[cfg(test)]").next().unwrap();
            for mark in ["Secret::new(\"", "SECRET_KEY=", "SECRET_KEY: ", "SECRET_KEY = "] {
                for (at, _) in text.match_indices(mark) {
                    let rest = text[at + mark.len()..].trim_start_matches(['\'', '"']);
                    // What a shell makes is no text to be copied.
                    let key = rest.split(['"', '\'', '\n', ' ', ')']).next().unwrap();
                    if key.starts_with(['$', '`', '\\', '{']) {
                        continue;
                    }
                    found += 1;
                    assert!(weakness(key.as_bytes()).is_some(), "{}: {key}", page.display());
                }
            }
        }
        assert!(found > 1, "the pages are looked through");
    }

    #[test]
    fn a_secret_is_given_once_and_is_long_enough() {
        let good = random();
        let good = good.as_str();
        assert!(secret(None, None).is_ok());
        assert!(secret(Some(good), None).is_ok());
        assert!(secret(Some("short"), None).unwrap_err().to_string().contains("FRONTDESK_SECRET_KEY"));
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), format!("{good}\n")).unwrap();
        assert!(secret(None, Some(file.path())).is_ok());
        assert_eq!(secret(Some(good), Some(file.path())).unwrap_err().exit_code(), 2);
        assert!(secret(None, Some(Path::new("/nowhere/key"))).is_err());
    }
}
