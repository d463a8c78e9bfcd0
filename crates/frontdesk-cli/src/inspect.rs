//! `frontdesk inspect`.

use std::io::Write;

use crate::database::read_schema;
use crate::{CliError, InspectArgs, open_described};

/// Prints the schema file that describes a database.
pub(crate) async fn run(args: InspectArgs) -> Result<(), CliError> {
    let file = args.schema.as_deref().map(read_schema).transpose()?;
    let described = open_described(&args.database, file.as_ref()).await?;
    let schema = frontdesk_data::Schema::new(described.db.tables());
    let text = match &file {
        Some(file) => schema.to_toml_with(&file.policy()),
        None => schema.to_toml(),
    };
    let written = std::io::stdout().lock().write_all(text.as_bytes());
    described.db.close().await;
    match written {
        // Whoever reads it has read enough, as `head` does.
        Err(error) if error.kind() == std::io::ErrorKind::BrokenPipe => Ok(()),
        other => other.map_err(|error| CliError::failed(format!("cannot write: {error}"))),
    }
}
