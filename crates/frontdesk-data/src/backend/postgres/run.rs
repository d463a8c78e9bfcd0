//! Running statements on a connection.

use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use futures_util::{StreamExt, TryStreamExt, future};
use tokio_postgres::types::Type;
use tokio_postgres::{Error, RowStream};

use super::connection::{Connection, Prepared, limit, read_as_text};
use super::encode::{Misfit, Param, param};
use super::{decode, error, placeholders, violation};
use crate::digest::Digesting;
use crate::row::Gathered;
use crate::statement::{Check, Codec, Op, Query, Shape, Write, Written};
use crate::{Columns, DbError, DbErrorKind, DbOptions, Row, RowId, TableKind, Value, Violation, WriteError};

/// Why a statement was not done.
#[derive(Debug)]
pub(super) enum Failed {
    /// The server said so, or is gone.
    Server(Error),
    /// It has not answered, not even to being told to stop.
    Silent,
    /// A parameter is none of its type; nothing was sent.
    Misfit(usize, Misfit),
    /// The parameters are more than one message to the server may hold.
    TooLarge,
    /// Something else; nothing was written.
    Db(DbError),
}

/// PostgreSQL takes no larger messages, and breaks the connection off.
const LARGEST: usize = 0x3fff_ff00;

impl From<Error> for Failed {
    fn from(error: Error) -> Self {
        Self::Server(error)
    }
}

impl Failed {
    /// Whether the connection is no more.
    pub(super) fn is_lost(&self) -> bool {
        matches!(self, Self::Server(error) if error::is_lost(error))
    }

    /// The error of a statement of which nothing stays.
    pub(super) fn into_error(self) -> DbError {
        match self {
            Self::Server(error) => error::of_statement(error),
            Self::Silent => error::unanswered(),
            Self::Misfit(at, misfit) => DbError::new(
                DbErrorKind::Refused,
                format!("parameter {} does not fit: {}", at + 1, misfit.error().text()),
            ),
            Self::TooLarge => {
                DbError::new(DbErrorKind::Refused, "the values are larger than the database takes at once")
            }
            Self::Db(error) => error,
        }
    }
}

/// The parameters of a statement. Those from `strict` on are compared with what is there: one that is none of the type
/// equals nothing, as null does.
fn params<'v>(
    values: impl ExactSizeIterator<Item = &'v Value>,
    kinds: Option<&[Type]>,
    strict: usize,
) -> Result<Vec<Param<'v>>, Failed> {
    if kinds.is_some_and(|kinds| kinds.len() != values.len()) {
        return Err(Failed::Db(DbError::new(
            DbErrorKind::Refused,
            format!(
                "the statement has {} parameters, and {} values were given",
                kinds.map_or(0, <[Type]>::len),
                values.len()
            ),
        )));
    }
    let mut size = 0_usize;
    let params = values.enumerate().map(|(at, value)| {
        let param = match param(value, kinds.map(|kinds| &kinds[at])) {
            Ok(param) => param,
            Err(_) if at >= strict => Param::Null,
            Err(misfit) => return Err(Failed::Misfit(at, misfit)),
        };
        size = size.saturating_add(param.size());
        if size > LARGEST { Err(Failed::TooLarge) } else { Ok(param) }
    });
    params.collect()
}

/// What a statement answered.
pub(super) struct Answer {
    rows: Vec<tokio_postgres::Row>,
    affected: u64,
}

async fn answer(rows: RowStream) -> Result<Answer, Error> {
    let mut rows = std::pin::pin!(rows);
    let mut found = Vec::new();
    while let Some(row) = rows.as_mut().try_next().await? {
        found.push(row);
    }
    let affected = rows.rows_affected().unwrap_or_default();
    Ok(Answer { rows: found, affected })
}

/// A statement with its parameters, ready to be sent.
struct Ready<'v> {
    prepared: Option<Prepared>,
    /// The text as PostgreSQL reads it, where it is not prepared.
    text: String,
    params: Vec<Param<'v>>,
}

impl Ready<'_> {
    async fn send(self, connection: &Connection) -> Result<RowStream, Error> {
        match self.prepared {
            Some(prepared) => connection.client().query_raw(prepared.statement(), self.params).await,
            None => {
                let params: Vec<_> = self.params.into_iter().map(|param| (param, Type::UNKNOWN)).collect();
                connection.client().query_typed_raw(&self.text, params).await
            }
        }
    }
}

async fn ready<'v>(
    connection: &Connection,
    sql: &Arc<str>,
    values: impl ExactSizeIterator<Item = &'v Value>,
    shape: Option<&Shape>,
    strict: usize,
    options: &DbOptions,
    time: Duration,
) -> Result<Ready<'v>, Failed> {
    if !options.prepare {
        let text = placeholders::numbered(sql);
        return Ok(Ready { prepared: None, text, params: params(values, None, strict)? });
    }
    let prepared = match connection.known(sql, shape) {
        Some(known) => known,
        None => match connection.limited(time, connection.prepare(sql, shape)).await {
            Some(prepared) => prepared?,
            None => return Err(Failed::Silent),
        },
    };
    let params = params(values, Some(prepared.params()), strict)?;
    Ok(Ready { prepared: Some(prepared), text: String::new(), params })
}

/// Runs a read. `before` and `after` are statements around it, sent together with it.
pub(super) async fn query(
    connection: &Connection,
    query: &Query,
    options: &DbOptions,
    around: Option<(&str, &str)>,
) -> Result<Vec<Row>, Failed> {
    let time = limit(options, query.limit);
    let strict = if query.own { usize::MAX } else { 0 };
    let mut again = true;
    let mut as_text: Option<(String, Vec<Arc<str>>)> = None;
    loop {
        let mut ready =
            ready(connection, &query.sql, query.params.iter(), query.shape.as_deref(), strict, options, time)
                .await?;
        let mut names = ready.prepared.as_ref().map(|prepared| prepared.names().to_vec());
        if let Some((text, known)) = as_text.take() {
            (ready.text, names) = (text, Some(known));
        }
        let work = async {
            let rows = async { found(ready.send(connection).await?, query, names).await };
            match around {
                None => rows.await,
                Some((before, after)) => {
                    let (begun, rows, ended) = future::join3(
                        connection.client().batch_execute(before),
                        rows,
                        connection.client().batch_execute(after),
                    )
                    .await;
                    begun?;
                    let rows = rows?;
                    ended?;
                    Ok::<_, Error>(rows)
                }
            }
        };
        return match connection.limited(time, work).await {
            None => Err(Failed::Silent),
            Some(Ok(Found::Rows(rows))) => Ok(rows),
            Some(Ok(Found::Unread(text, names))) => {
                as_text = Some((text, names));
                continue;
            }
            Some(Ok(Found::Trouble(error))) => Err(Failed::Db(error)),
            Some(Err(error)) if again && error::is_outdated(&error) => {
                connection.forget(&query.sql);
                again = false;
                continue;
            }
            // What is none of a type equals nothing of it.
            Some(Err(error)) if !query.own && error::is_bad_value(&error) => Ok(Vec::new()),
            Some(Err(error)) => Err(error.into()),
        };
    }
}

/// Reads the rows of a result.
async fn found(rows: RowStream, query: &Query, names: Option<Vec<Arc<str>>>) -> Result<Found, Error> {
    let mut rows = std::pin::pin!(rows);
    let mut unread = None;
    let mut own: Option<Shape> = None;
    let mut gathered = query.shape.as_ref().map(|shape| Gathered::new(&shape.columns, query.rows));
    let mut trouble = None;
    while let Some(row) = rows.next().await {
        let row = row?;
        if unread.is_some() {
            continue;
        }
        if gathered.as_ref().is_none_or(Gathered::is_empty)
            && names.is_none()
            && let Some(text) = read_as_text(&query.sql, row.columns(), query.shape.as_deref())
        {
            let names = row.columns().iter().map(|column| column.name().into()).collect();
            unread = Some(Found::Unread(text, names));
            continue;
        }
        let shape = match &query.shape {
            Some(shape) => &**shape,
            None => own.get_or_insert_with(|| own_shape(&row, names.clone())),
        };
        let gathered = gathered.get_or_insert_with(|| Gathered::new(&shape.columns, query.rows));
        if trouble.is_none() {
            trouble = decode::row(&row, shape, gathered).err();
        }
    }
    Ok(match (unread, trouble) {
        (Some(unread), _) => unread,
        (None, Some(error)) => Found::Trouble(error),
        (None, None) => Found::Rows(gathered.map(Gathered::into_rows).unwrap_or_default()),
    })
}

/// What a read has found.
enum Found {
    Rows(Vec<Row>),
    /// Columns of types that are not known here, of a statement that was not prepared: the text that reads them as text,
    /// and their names.
    Unread(String, Vec<Arc<str>>),
    Trouble(DbError),
}

/// How the rows of the application's own SQL are read: as they are.
pub(super) fn own_shape(row: &tokio_postgres::Row, names: Option<Vec<Arc<str>>>) -> Shape {
    let names =
        names.unwrap_or_else(|| row.columns().iter().map(|column| column.name().into()).collect::<Vec<_>>());
    Shape {
        codecs: vec![Codec::Own; names.len()],
        columns: Arc::new(Columns::new(names)),
        key: Vec::new(),
        cut: Vec::new(),
    }
}

/// What became of a write that met no error.
pub(super) enum Done {
    Written(Written),
    /// A trigger left the row out without an error.
    Ignored,
    /// There is no such row.
    Missing,
    /// The row is no longer what the write's guard says.
    Changed,
}

impl Done {
    /// What whoever asked for the write is told.
    pub(super) fn answer(self) -> Result<Written, WriteError> {
        match self {
            Self::Written(written) => Ok(written),
            Self::Missing => Ok(Written::default()),
            Self::Changed => Ok(Written { changed: true, ..Written::default() }),
            Self::Ignored => Err(crate::violation::ignored().into()),
        }
    }
}

/// Which of a write's parameters are values for fields.
pub(super) fn strict(write: &Write) -> usize {
    match &write.op {
        _ if write.plan.is_none() => usize::MAX,
        Op::Insert { fields, .. } | Op::Update { fields, .. } | Op::Many { fields } => fields.len(),
        Op::Delete { .. } => 0,
    }
}

/// A write whose statement is prepared.
pub(super) struct Writing<'w>(Ready<'w>);

/// Makes a write ready. Nothing is written yet.
pub(super) async fn prepared<'w>(
    connection: &Connection,
    write: &'w Write,
    options: &DbOptions,
) -> Result<Writing<'w>, Failed> {
    let sql = match &write.op {
        Op::Insert { returning: Some(returning), .. } => returning,
        _ => &write.sql,
    };
    // The digest is compared here, not there.
    let values = match &write.guard {
        Some(_) => &write.params[..write.params.len().saturating_sub(1)],
        None => &write.params,
    };
    let time = limit(options, None);
    let ready = ready(connection, sql, values.iter(), None, strict(write), options, time).await?;
    Ok(Writing(ready))
}

impl Writing<'_> {
    /// Runs the statement alone.
    pub(super) async fn run(self, connection: &Connection) -> Result<Answer, Error> {
        answer(self.0.send(connection).await?).await
    }
}

/// What a write's answer means; why nothing was written is looked up.
pub(super) async fn meaning(
    connection: &Connection,
    write: &Write,
    answer: Answer,
    options: &DbOptions,
) -> Result<Done, Failed> {
    let Some(plan) = &write.plan else {
        return Ok(Done::Written(Written { rows: answer.affected, ..Written::default() }));
    };
    let is_view = plan.table.kind == TableKind::View;
    let returned = |count: usize| match answer.rows.first() {
        Some(row) => decode::id(row, &(0..count).collect::<Vec<_>>()).map_err(Failed::Db),
        None => Ok(None),
    };
    Ok(match &write.op {
        Op::Insert { returning: Some(_), .. } if answer.rows.is_empty() => Done::Ignored,
        Op::Insert { returning: Some(_), .. } => Done::Written(Written::row(returned(plan.table.key.len())?)),
        Op::Insert { returning: None, .. } if answer.affected == 0 && !is_view => Done::Ignored,
        Op::Insert { returning: None, .. } => Done::Written(Written::row(None)),
        Op::Update { id, rekeys, .. } if answer.affected > 0 => Done::Written(Written::row(match rekeys {
            true => returned(id.values().len())?,
            false => Some(id.clone()),
        })),
        Op::Delete { .. } if answer.affected > 0 => Done::Written(Written::row(None)),
        Op::Update { id, .. } | Op::Delete { id } => {
            let exists = Query {
                sql: Arc::clone(&plan.exists),
                params: id.values().to_vec(),
                shape: None,
                rows: 1,
                limit: None,
                own: false,
            };
            match query(connection, &exists, options, None).await?.is_empty() {
                true => Done::Missing,
                false => Done::Ignored,
            }
        }
        Op::Many { .. } => Done::Written(Written { rows: answer.affected, ..Written::default() }),
    })
}

/// Locks the row of a guarded write, and tells what keeps it from being done: that the row has changed, or is gone. `None`
/// if nothing does; nobody else changes it then until the transaction ends.
pub(super) async fn look(
    connection: &Connection,
    write: &Write,
    check: &Check,
    options: &DbOptions,
) -> Result<Option<Done>, Failed> {
    let (Some(plan), Op::Update { id, .. } | Op::Delete { id }) = (&write.plan, &write.op) else {
        return Ok(None);
    };
    let shape = Arc::new(Shape {
        columns: Arc::new(Columns::new(
            check.columns.iter().map(|&at| Arc::clone(&plan.table.fields[at].name)).collect(),
        )),
        codecs: check.columns.iter().map(|&at| plan.shape.codecs[at]).collect(),
        key: Vec::new(),
        cut: Vec::new(),
    });
    let asked = Query {
        sql: Arc::clone(&check.look),
        params: id.values().to_vec(),
        shape: Some(shape),
        rows: 1,
        limit: None,
        own: false,
    };
    let rows = query(connection, &asked, options, None).await?;
    let Some(row) = rows.first() else { return Ok(Some(Done::Missing)) };
    let mut digest = Digesting::begin(&[]);
    row.values().iter().for_each(|value| digest.push(Some(value)));
    Ok((digest.end() != check.digest).then_some(Done::Changed))
}

/// Runs a write by itself, in a transaction of its own where it takes more than one statement.
pub(super) async fn write_alone(
    connection: &mut super::Lease,
    write: &Write,
    options: &DbOptions,
) -> Result<Result<Written, WriteError>, Failed> {
    let time = limit(options, None);
    let mut again = true;
    loop {
        let writing = match prepared(connection, write, options).await {
            Ok(writing) => writing,
            Err(failed) if failed.is_lost() => return Err(failed),
            Err(failed) => return Ok(Err(refused(connection, write, failed, options).await)),
        };
        if connection.is_lost() {
            // Nothing was sent.
            return Err(Failed::Db(DbError::unavailable("the connection to the database was lost")));
        }
        if let Some(check) = &write.guard {
            return guarded(connection, write, check, writing, options).await;
        }
        connection.begin();
        let answered = connection.limited(time, writing.run(connection)).await;
        let error = match answered {
            None => return Ok(Err(error::unconfirmed().into())),
            Some(Ok(answer)) => {
                connection.end();
                return Ok(match meaning(connection, write, answer, options).await {
                    Ok(done) => done.answer(),
                    Err(failed) => Err(failed.into_error().into()),
                });
            }
            Some(Err(error)) => error,
        };
        connection.end();
        if again && error::is_outdated(&error) {
            connection.forget(&write.sql);
            if let Op::Insert { returning: Some(returning), .. } = &write.op {
                connection.forget(returning);
            }
            again = false;
            continue;
        }
        if error::is_lost(&error) {
            return Ok(Err(error::of_commit(error).into()));
        }
        return Ok(Err(refused(connection, write, error.into(), options).await));
    }
}

/// A write that is done only to a row that is still what it was: the row is locked first, so that of two only one does.
async fn guarded(
    connection: &mut super::Lease,
    write: &Write,
    check: &Check,
    writing: Writing<'_>,
    options: &DbOptions,
) -> Result<Result<Written, WriteError>, Failed> {
    let time = limit(options, None);
    connection.begin();
    let (begun, looked) =
        future::join(connection.client().batch_execute("BEGIN"), look(connection, write, check, options))
            .await;
    let found = match (begun, looked) {
        (Ok(()), Ok(found)) => found,
        (Err(error), _) => return Err(error.into()),
        (_, Err(failed)) => {
            rolled_back(connection).await;
            if failed.is_lost() {
                return Err(failed);
            }
            return Ok(Err(failed.into_error().into()));
        }
    };
    if let Some(done) = found {
        rolled_back(connection).await;
        return Ok(done.answer());
    }
    let both = async {
        let (answer, ended) =
            future::join(writing.run(connection), connection.client().batch_execute("COMMIT")).await;
        // After an error there is nothing to commit, and the end is a rollback.
        let answer = answer?;
        ended?;
        Ok(answer)
    };
    let error = match connection.limited(time, both).await {
        None => return Ok(Err(error::unconfirmed().into())),
        Some(Ok(answer)) => {
            connection.end();
            return Ok(match meaning(connection, write, answer, options).await {
                Ok(Done::Missing) => Err(crate::violation::ignored().into()),
                Ok(done) => done.answer(),
                Err(failed) => Err(failed.into_error().into()),
            });
        }
        Some(Err(error)) => error,
    };
    connection.end();
    if error::is_lost(&error) {
        return Ok(Err(error::of_commit(error).into()));
    }
    if error::is_outdated(&error) {
        connection.forget(&write.sql);
    }
    Ok(Err(refused(connection, write, error.into(), options).await))
}

async fn rolled_back(connection: &mut super::Lease) {
    if ended(connection, "ROLLBACK").await {
        connection.end();
    }
}

/// Ends a transaction; false if that is not certain.
pub(super) async fn ended(connection: &Connection, how: &str) -> bool {
    let answer = connection.client().batch_execute(how);
    matches!(connection.limited(Duration::from_secs(5), answer).await, Some(Ok(())))
}

/// The error of a write of which nothing stays. What is read here is read after it was undone.
pub(super) async fn refused(
    connection: &Connection,
    write: &Write,
    failed: Failed,
    options: &DbOptions,
) -> WriteError {
    match failed {
        Failed::Misfit(at, misfit) => {
            let field = violation::field_of(write, at);
            match field {
                Some(field) => WriteError::Refused(vec![Violation::field(field, misfit.error())]),
                None => Failed::Misfit(at, misfit).into_error().into(),
            }
        }
        Failed::TooLarge => crate::violation::too_long(violation::longest(write)).into(),
        Failed::Server(error) => match violation::of(connection, write, &error, options).await {
            Some(violations) => WriteError::Refused(violations),
            None => error::of_statement(error).into(),
        },
        other => other.into_error().into(),
    }
}

/// Whether there is a row of that identity.
pub(super) async fn exists(
    connection: &Connection,
    sql: &Arc<str>,
    params: Vec<Value>,
    options: &DbOptions,
) -> Result<bool, Failed> {
    let asked = Query { sql: Arc::clone(sql), params, shape: None, rows: 1, limit: None, own: false };
    Ok(!query(connection, &asked, options, None).await?.is_empty())
}

/// The name of a row's identity for a list of them.
pub(super) type Rows = Vec<(Arc<crate::plan::Plan>, RowId)>;

/// Two futures, of which the first is sent first.
pub(super) async fn in_turn<A, B>(first: impl Future<Output = A>, second: impl Future<Output = B>) -> (A, B) {
    future::join(first, second).await
}
