//! The words in which visitors read what a database refuses.

pub(crate) mod code {
    use frontdesk_validate::ValidationError;

    pub(crate) fn unique() -> ValidationError {
        ValidationError::new("unique", "Another record has this value already")
    }

    pub(crate) fn constraint() -> ValidationError {
        ValidationError::new("constraint", "The database does not accept these values")
    }

    pub(crate) fn foreign_key_at_commit() -> ValidationError {
        ValidationError::new("foreign_key", "Something refers to a record that does not exist")
    }

    pub(crate) fn ignored() -> ValidationError {
        ValidationError::new("ignored", "The database did not take this record")
    }
}
