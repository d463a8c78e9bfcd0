//! A thread that reads.

use tokio::sync::oneshot;

use super::connection::{Connection, Source};
use super::queue::Worker;
use super::{Task, error, run};
use crate::statement::Query;
use crate::{DbError, Row};

/// What readers do.
pub(super) enum Job {
    Query(Query, oneshot::Sender<Result<Vec<Row>, DbError>>),
    Call(Task),
}

/// Works off `jobs` until the last handle of the database is gone. The connection is opened at the first job.
pub(super) fn run(source: &Source, mut connection: Option<Connection>, jobs: &Worker<Job>) {
    while let Some(job) = jobs.next() {
        let opened = match &mut connection {
            Some(connection) => Ok(&*connection),
            closed => source.reader().map(|opened| &*closed.insert(opened)),
        };
        match job {
            // Whoever asked may have gone: then there is nothing to do.
            Job::Query(_, reply) if reply.is_closed() => {}
            Job::Query(query, reply) => {
                let found =
                    opened.and_then(|connection| run::query(connection, &query).map_err(error::of_read));
                let _ = reply.send(found);
            }
            Job::Call(task) => task(opened.map(|connection| {
                connection.start();
                &**connection
            })),
        }
    }
}
