//! The tables that frontdesk keeps for itself, and how they come to be what a version of it needs.

use crate::{Db, DbError, DbErrorKind, Transaction, Value, WriteError};

/// Where it is kept how far the tables of each part are.
const VERSIONS: &str = "CREATE TABLE IF NOT EXISTS frontdesk_versions (\
    component TEXT NOT NULL PRIMARY KEY, version BIGINT NOT NULL, changed BIGINT NOT NULL)";
const FIND: &str = "SELECT version, changed FROM frontdesk_versions WHERE component = ?";
const NOTE: &str = "INSERT INTO frontdesk_versions (component, version, changed) VALUES (?, ?, ?) \
    ON CONFLICT (component) DO UPDATE SET version = excluded.version, changed = excluded.changed";

/// The tables that one part of frontdesk keeps for itself: the steps by which they came to be, in order.
///
/// A step is a list of statements and is never changed once it was released: what is to be otherwise is a further step.
/// How many steps a database has seen is its version, kept in the table `frontdesk_versions`. All steps that are missing
/// are done in one transaction; of two processes that start at once, one does them, and the other waits. Tables of
/// anybody else are never touched.
///
/// The first step makes tables `IF NOT EXISTS`, so that tables of the time before versions were counted are taken over.
///
/// ```
/// use frontdesk_data::{Db, OwnTables};
///
/// const NOTES: OwnTables = OwnTables::new("notes", &["frontdesk_notes"], &[
///     &["CREATE TABLE IF NOT EXISTS frontdesk_notes (id TEXT NOT NULL PRIMARY KEY, text TEXT NOT NULL)"],
///     &["ALTER TABLE frontdesk_notes ADD COLUMN pinned BIGINT"],
/// ]);
///
/// # tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap().block_on(async {
/// let db = Db::open("sqlite::memory:").await.unwrap();
/// assert_eq!(NOTES.plan(&db).await.unwrap().len(), 2);
/// NOTES.make(&db).await.unwrap();
/// assert!(NOTES.plan(&db).await.unwrap().is_empty());
/// # });
/// ```
#[derive(Clone, Copy, Debug)]
pub struct OwnTables {
    component: &'static str,
    tables: &'static [&'static str],
    steps: &'static [&'static [&'static str]],
}

impl OwnTables {
    /// The tables of a part of that name. Column types are written `TEXT` and `BIGINT`, which all databases know.
    pub const fn new(
        component: &'static str,
        tables: &'static [&'static str],
        steps: &'static [&'static [&'static str]],
    ) -> Self {
        Self { component, tables, steps }
    }

    /// The names of the tables.
    pub const fn tables(&self) -> &'static [&'static str] {
        self.tables
    }

    /// Brings the tables of `db` to what this version of frontdesk needs. Where they are, that takes one look.
    ///
    /// # Errors
    /// [`DbErrorKind::Unsupported`] if a newer frontdesk has made them: their content is not to be guessed at.
    /// [`DbErrorKind::ReadOnly`] if tables are missing and may not be made; else as [`Db::get`]. Nothing is done then.
    pub async fn make(&self, db: &Db) -> Result<(), DbError> {
        let found = self.find(db).await?;
        if found.is_current(self) {
            return Ok(());
        }
        let transaction = db.begin().await?;
        self.lock(&transaction).await?;
        for statement in db.backend().before_own_tables() {
            execute(&transaction, statement, []).await?;
        }
        execute(&transaction, VERSIONS, []).await?;
        let noted = noted(&transaction.query(FIND, [self.component.into()]).await?);
        // Unless another process has made it meanwhile, what somebody has dropped is made anew, from the first step on.
        let is_lost = found.is_lost && found.noted == noted;
        let done = self.check(if is_lost { None } else { noted })?;
        for step in &self.steps[done..] {
            for statement in *step {
                execute(&transaction, *statement, []).await?;
            }
        }
        let (version, now) = (self.steps.len() as i64, jiff::Timestamp::now().as_millisecond());
        execute(&transaction, NOTE, [self.component.into(), version.into(), now.into()]).await?;
        transaction.commit().await.map_err(trouble)
    }

    /// The statements that [`make`](Self::make) would run; none where nothing is missing. Nothing is changed.
    ///
    /// # Errors
    /// As [`make`](Self::make).
    pub async fn plan(&self, db: &Db) -> Result<Vec<&'static str>, DbError> {
        let found = self.find(db).await?;
        if found.is_current(self) {
            return Ok(Vec::new());
        }
        let done = self.check(if found.is_lost { None } else { found.noted })?;
        Ok(self.steps[done..].iter().copied().flatten().copied().collect())
    }

    async fn find(&self, db: &Db) -> Result<Found, DbError> {
        let noted = match db.query(FIND, [self.component.into()]).await {
            Ok(rows) => noted(&rows),
            Err(error) if matches!(error.kind(), DbErrorKind::NotFound(_)) => None,
            Err(error) => return Err(error),
        };
        self.check(noted)?;
        let mut lost = 0;
        let tables = if noted.is_some() { self.tables } else { &[] };
        for table in tables {
            match db.query(format!("SELECT 1 FROM {table} WHERE 1 = 0"), []).await {
                Ok(_) => {}
                Err(error) if matches!(error.kind(), DbErrorKind::NotFound(_)) => lost += 1,
                Err(error) => return Err(error),
            }
        }
        if lost > 0 && lost < self.tables.len() {
            return Err(DbError::new(
                DbErrorKind::Other,
                format!(
                    "of the tables that frontdesk keeps for `{}`, some are missing ({}): bring them back, or drop the others too",
                    self.component,
                    self.tables.join(", ")
                ),
            ));
        }
        Ok(Found { noted, is_lost: lost > 0 })
    }

    /// How many steps are done.
    fn check(&self, noted: Option<Noted>) -> Result<usize, DbError> {
        let known = self.steps.len();
        match noted.map_or(Some(0), |noted| usize::try_from(noted.version).ok()) {
            Some(done) if done <= known => Ok(done),
            Some(done) => Err(DbError::unsupported(format!(
                "a newer frontdesk has made the tables for `{}` in this database (version {done}; this one knows {known}): \
                 use that frontdesk, or another database",
                self.component
            ))),
            None => Err(DbError::new(
                DbErrorKind::Other,
                format!("`frontdesk_versions` has a version for `{}` that is none", self.component),
            )),
        }
    }

    /// Waits until nobody else makes tables. SQLite's transactions have the database to themselves from the start.
    async fn lock(&self, transaction: &Transaction) -> Result<(), DbError> {
        match transaction.dialect().lock_for_own_tables() {
            Some(sql) => transaction.query(sql, []).await.map(drop),
            None => Ok(()),
        }
    }
}

/// What there is of a part's tables.
struct Found {
    noted: Option<Noted>,
    /// Whether the tables are missing that are noted to be there.
    is_lost: bool,
}

/// What `frontdesk_versions` says of a part.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Noted {
    version: i64,
    changed: i64,
}

impl Found {
    fn is_current(&self, own: &OwnTables) -> bool {
        self.noted.is_some_and(|noted| noted.version == own.steps.len() as i64) && !self.is_lost
    }
}

fn noted(rows: &[crate::Row]) -> Option<Noted> {
    let row = rows.first()?;
    let number = |name| row[name].as_int().unwrap_or(-1);
    Some(Noted { version: number("version"), changed: number("changed") })
}

async fn execute<const N: usize>(
    transaction: &Transaction,
    sql: impl Into<std::sync::Arc<str>>,
    params: [Value; N],
) -> Result<(), DbError> {
    transaction.execute(sql, params).await.map(drop).map_err(trouble)
}

/// No row of ours breaks a rule of ours: what is refused is a fault of the steps, or of who changed the tables.
fn trouble(error: WriteError) -> DbError {
    match error {
        WriteError::Db(error) => error,
        refused => {
            DbError::new(DbErrorKind::Refused, format!("frontdesk's own tables cannot be made: {refused}"))
        }
    }
}
