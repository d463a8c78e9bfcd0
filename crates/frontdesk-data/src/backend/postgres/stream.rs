//! Streams: long reads, each on a connection of its own, so that they keep nobody else waiting.

use std::sync::Arc;

use futures_util::TryStreamExt;
use tokio::sync::{OwnedSemaphorePermit, oneshot};
use tokio_postgres::types::Type;

use super::connection::Connection;
use super::run::own_shape;
use super::{Postgres, decode, encode, error};
use crate::row::Gathered;
use crate::statement::{Query, Shape};
use crate::stream::{Feed, RowStream};
use crate::{Db, DbError, DbErrorKind, DbOptions};

/// How many rows are asked for at a time at most, and how many bytes they shall have about.
const ROWS: usize = 256;
const BYTES: usize = 256 * 1024;

impl Postgres {
    /// Begins a read whose rows come one after the other. `db` is kept open by it.
    pub(crate) async fn stream(&self, query: Query, db: Db) -> Result<RowStream, DbError> {
        if self.is_closed() {
            return Err(super::closed());
        }
        let slot = Arc::clone(&self.streams).try_acquire_owned().map_err(|_| {
            DbError::new(
                DbErrorKind::Busy,
                format!("{} streams of rows are open already, and no more may be", self.options().streams),
            )
        })?;
        let connection = self.connect().await?;
        let (feed, stream) = RowStream::new(db);
        let (opened, answer) = oneshot::channel();
        let reading = Reading { connection, query, options: self.options().clone(), slot };
        let stop = self.stop.subscribe();
        tokio::spawn(reading.run(feed, opened, stop));
        answer.await.map_err(|_| super::failed())??;
        Ok(stream)
    }
}

struct Reading {
    connection: Connection,
    query: Query,
    options: DbOptions,
    /// Free again when this ends.
    slot: OwnedSemaphorePermit,
}

impl Reading {
    async fn run(
        mut self,
        feed: Feed,
        opened: oneshot::Sender<Result<(), DbError>>,
        mut stop: tokio::sync::watch::Receiver<bool>,
    ) {
        let chunks = feed.chunks().clone();
        let ending = tokio::select! {
            ending = self.read(&feed, opened) => ending,
            // Who reads has gone: the connection is closed, and with it the statement ends.
            () = chunks.closed() => Ok(()),
            _ = stop.wait_for(|stop| *stop) => Err(super::closed()),
        };
        drop(chunks);
        feed.end(ending);
        drop(self.connection);
        drop(self.slot);
    }

    async fn read(
        &mut self,
        feed: &Feed,
        opened: oneshot::Sender<Result<(), DbError>>,
    ) -> Result<(), DbError> {
        let Self { connection, query, options, .. } = self;
        let mut opened = Some(opened);
        let mut tell = |result: Result<(), DbError>| {
            if let Some(opened) = opened.take() {
                let _ = opened.send(result.clone());
            }
            result
        };
        // Rows come from one snapshot, however long they are read; whoever reads slowly is not idle.
        let settings = "SET idle_in_transaction_session_timeout = 0";
        if let Err(error) = connection.client().batch_execute(settings).await {
            return tell(Err(error::of_statement(error)));
        }
        let prepared = match connection.prepare(&query.sql, query.shape.as_deref()).await {
            Ok(prepared) => prepared,
            Err(error) => return tell(Err(error::of_statement(error))),
        };
        let kinds: Vec<Type> = prepared.params().to_vec();
        let params: Vec<encode::Param<'_>> = (query.params.iter().enumerate())
            .map(|(at, value)| encode::param(value, kinds.get(at)).unwrap_or(encode::Param::Null))
            .collect();
        let names = prepared.names().to_vec();
        let begun = connection.client_mut().build_transaction().read_only(true).start().await;
        let transaction = match begun {
            Ok(transaction) => transaction,
            Err(error) => return tell(Err(error::of_statement(error))),
        };
        let portal = match transaction.bind_raw(prepared.statement(), params).await {
            Ok(portal) => portal,
            Err(error) if error::is_bad_value(&error) => return tell(Ok(())),
            Err(error) => return tell(Err(error::of_statement(error))),
        };
        tell(Ok(()))?;
        let limit = super::connection::limit(options, query.limit);
        let mut own: Option<Shape> = None;
        let mut wanted = 16;
        loop {
            let asked = async {
                let rows = transaction.query_portal_raw(&portal, wanted).await?;
                let mut rows = std::pin::pin!(rows);
                let mut found = Vec::new();
                while let Some(row) = rows.as_mut().try_next().await? {
                    found.push(row);
                }
                Ok::<_, tokio_postgres::Error>(found)
            };
            let rows = match tokio::time::timeout(limit, asked).await {
                Ok(rows) => rows.map_err(error::of_statement)?,
                Err(_) => return Err(error::unanswered()),
            };
            let is_last = rows.len() < usize::try_from(wanted).unwrap_or(ROWS);
            if let Some(first) = rows.first() {
                let shape = match &query.shape {
                    Some(shape) => &**shape,
                    None => own.get_or_insert_with(|| own_shape(first, Some(names.clone()))),
                };
                let mut gathered = Gathered::new(&shape.columns, rows.len());
                let bytes: usize = rows.iter().map(tokio_postgres::Row::raw_size_bytes).sum();
                for row in &rows {
                    decode::row(row, shape, &mut gathered)?;
                }
                let each = (bytes / rows.len()).max(1);
                wanted = i32::try_from((BYTES / each).clamp(1, ROWS)).unwrap_or(1);
                drop(rows);
                match tokio::time::timeout(options.idle_timeout, feed.chunks().send(gathered.into_rows()))
                    .await
                {
                    Ok(Ok(())) => {}
                    Ok(Err(_)) => return Ok(()),
                    Err(_) => {
                        tracing::warn!("nobody read a stream of rows for too long; it has been ended");
                        return Err(DbError::new(
                            DbErrorKind::Timeout,
                            "nobody read the rows for too long, and reading has been given up",
                        ));
                    }
                }
            }
            if is_last {
                return Ok(());
            }
        }
    }
}
