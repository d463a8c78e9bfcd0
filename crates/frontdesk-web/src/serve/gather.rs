//! One piece for each answer that is small.

use std::cell::RefCell;
use std::io::{self, IoSlice};
use std::pin::Pin;
use std::task::{Context, Poll};

use hyper::rt::{Read, ReadBufCursor, Write};

/// Up to how many bytes are gathered. Copying more costs more than it saves.
const SMALL: usize = 4096;

/// A connection that writes small pieces as one. Hyper gives an answer's head and its body apart: for the operating system
/// two pieces are more work than copying a small page into one.
#[derive(Debug)]
pub(super) struct Gather<C>(pub(super) C);

impl<C: Read + Unpin> Read for Gather<C> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: ReadBufCursor<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_read(context, buffer)
    }
}

impl<C: Write + Unpin> Write for Gather<C> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.0).poll_write(context, bytes)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        pieces: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        thread_local! {
            static WHOLE: RefCell<Vec<u8>> = RefCell::new(Vec::with_capacity(SMALL));
        }
        let connection = Pin::new(&mut self.0);
        if pieces.len() < 2 || pieces.iter().map(|piece| piece.len()).sum::<usize>() > SMALL {
            return connection.poll_write_vectored(context, pieces);
        }
        WHOLE.with_borrow_mut(|whole| {
            whole.clear();
            pieces.iter().for_each(|piece| whole.extend_from_slice(piece));
            connection.poll_write(context, whole)
        })
    }

    fn is_write_vectored(&self) -> bool {
        self.0.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_shutdown(context)
    }
}
