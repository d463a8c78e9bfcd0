//! `frontdesk inspect`.

use std::io::Write;

use crate::{CliError, InspectArgs, open_described};

/// Prints the schema file that describes a database.
pub(crate) async fn run(args: InspectArgs) -> Result<(), CliError> {
    let described = open_described(&args.database, None).await?;
    let schema = frontdesk_data::Schema::new(described.db.tables());
    let written = std::io::stdout().lock().write_all(schema.to_toml().as_bytes());
    described.db.close().await;
    match written {
        // Whoever reads it has read enough, as `head` does.
        Err(error) if error.kind() == std::io::ErrorKind::BrokenPipe => Ok(()),
        other => other.map_err(|error| CliError::failed(format!("cannot write: {error}"))),
    }
}
