use super::document::Section;

/// The `[server]` part of a schema file: what the ready server needs to know. Everything is optional, and command-line
/// options and `FRONTDESK_*` environment variables come first.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct ServerSettings {
    /// The address to listen on, such as `127.0.0.1:8000`.
    pub listen: Option<String>,
    /// The URL of the database, such as `sqlite://heroes.db`.
    pub database: Option<String>,
    /// Where sessions are kept: `database`, or the URL of a Redis server.
    pub sessions: Option<String>,
    /// Where the server's own tables live: `same` for the database itself.
    pub state: Option<String>,
    /// Where uploaded files are kept.
    pub media: Option<MediaSettings>,
}

/// Where uploaded files are kept.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum MediaSettings {
    /// In a folder, relative to that of the schema file. As data: `media = { path = "media" }`.
    Path(String),
    /// In a bucket of a service that speaks S3. As data: `media = { s3 = { bucket = "…" } }`.
    S3 {
        /// The bucket's name.
        bucket: String,
        /// The service's URL. Default: that of AWS for the region.
        endpoint: Option<String>,
        /// The region.
        region: Option<String>,
    },
}

impl ServerSettings {
    pub(super) fn read(section: &mut Section<'_, '_>) -> Self {
        let listen = section.text("listen");
        if let Some(listen) = &listen
            && listen
                .value
                .rsplit_once(':')
                .is_none_or(|(host, port)| host.is_empty() || port.parse::<u16>().is_err())
        {
            section.problem(
                listen.line,
                format!(
                    "`listen` wants an address and a port, such as \"127.0.0.1:8000\", not {:?}",
                    listen.value
                ),
            );
        }
        Self {
            listen: listen.map(|at| at.value),
            database: section.text("database").map(|at| at.value),
            sessions: section.text("sessions").map(|at| at.value),
            state: section.text("state").map(|at| at.value),
            media: section.section("media", media).flatten(),
        }
    }
}

fn media(section: &mut Section<'_, '_>) -> Option<MediaSettings> {
    let path = section.text("path").map(|at| MediaSettings::Path(at.value));
    let s3 = section.section("s3", |section| {
        let bucket = section.text("bucket").map(|at| at.value);
        if bucket.is_none() {
            section.problem(section.line, "`bucket` is needed");
        }
        Some(MediaSettings::S3 {
            endpoint: section.text("endpoint").map(|at| at.value),
            region: section.text("region").map(|at| at.value),
            bucket: bucket?,
        })
    });
    match (path, s3) {
        (Some(_), Some(_)) | (None, None) => {
            section
                .problem(section.line, "`media` is either { path = \"…\" } or { s3 = { bucket = \"…\" } }");
            None
        }
        (path, s3) => path.or(s3.flatten()),
    }
}
