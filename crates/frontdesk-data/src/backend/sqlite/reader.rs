//! A thread that reads.

use std::panic::{AssertUnwindSafe, catch_unwind};

use super::connection::{Asker, Connection, Source};
use super::queue::Worker;
use super::{Task, error, run};
use crate::statement::Query;

/// What readers do.
pub(super) enum Job {
    Query(Query, Asker),
    Call(Task),
}

/// Works off `jobs` until the last handle of the database is gone. The connection is opened at the first job.
pub(super) fn run(source: &Source, mut connection: Option<Connection>, jobs: &Worker<Job>) {
    while let Some(job) = jobs.next() {
        let opened = match &mut connection {
            Some(connection) => Ok(&*connection),
            closed => source.reader().map(|opened| &*closed.insert(opened)),
        };
        // A fault of ours must not take the thread with it, and with the last thread the database.
        let work = AssertUnwindSafe(|| match (job, opened) {
            // Whoever asked may have gone: then there is nothing to do.
            (Job::Query(_, asker), _) if asker.is_closed() => {}
            (Job::Query(query, asker), Ok(connection)) => {
                connection.work_for(asker);
                connection.answer(run::query(connection, &query).map_err(error::of_read));
            }
            (Job::Query(_, asker), Err(error)) => drop(asker.send(Err(error))),
            (Job::Call(task), opened) => task(opened.map(|connection| {
                connection.start();
                &**connection
            })),
        });
        if catch_unwind(work).is_err() {
            tracing::error!("a read has panicked; it goes on with a new connection");
            if let Some(broken) = connection.take() {
                broken.answer(Err(super::failed()));
            }
        }
    }
}
