//! The secret that signs forms.

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
    Secret::new(bytes)
        .map_err(|error| CliError::failed(format!("the secret key in {from} cannot be used: {error}")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_is_given_once_and_is_long_enough() {
        let good = "kS9vQ2xY7pLw4nRt8uVz1aBc3dEf5gHj";
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
