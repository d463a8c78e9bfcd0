//! One piece for each answer that is small.

use std::cell::Cell;
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
            static WHOLE: Cell<Vec<u8>> = const { Cell::new(Vec::new()) };
        }
        let connection = Pin::new(&mut self.0);
        if pieces.len() < 2 || pieces.iter().map(|piece| piece.len()).sum::<usize>() > SMALL {
            return connection.poll_write_vectored(context, pieces);
        }
        let mut whole = WHOLE.take();
        whole.clear();
        whole.reserve(SMALL);
        pieces.iter().for_each(|piece| whole.extend_from_slice(piece));
        let written = connection.poll_write(context, &whole);
        WHOLE.set(whole);
        written
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

#[cfg(test)]
mod tests {
    use std::task::Waker;

    use super::*;

    /// Takes up to `most` bytes at a time, and notes what came and in how many pieces.
    struct Log {
        most: usize,
        written: Vec<u8>,
        pieces: Vec<usize>,
    }

    impl Write for Log {
        fn poll_write(
            mut self: Pin<&mut Self>,
            _: &mut Context<'_>,
            bytes: &[u8],
        ) -> Poll<io::Result<usize>> {
            let taken = bytes.len().min(self.most);
            self.written.extend_from_slice(&bytes[..taken]);
            self.pieces.push(1);
            Poll::Ready(Ok(taken))
        }

        fn poll_write_vectored(
            mut self: Pin<&mut Self>,
            _: &mut Context<'_>,
            pieces: &[IoSlice<'_>],
        ) -> Poll<io::Result<usize>> {
            let all: Vec<u8> = pieces.iter().flat_map(|piece| piece.iter().copied()).collect();
            let taken = all.len().min(self.most);
            self.written.extend_from_slice(&all[..taken]);
            self.pieces.push(pieces.len());
            Poll::Ready(Ok(taken))
        }

        fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
            Poll::Ready(Ok(()))
        }

        fn poll_shutdown(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
            Poll::Ready(Ok(()))
        }
    }

    impl Read for Log {
        fn poll_read(
            self: Pin<&mut Self>,
            _: &mut Context<'_>,
            _: ReadBufCursor<'_>,
        ) -> Poll<io::Result<()>> {
            Poll::Ready(Ok(()))
        }
    }

    #[test]
    fn small_pieces_are_written_as_one_and_large_ones_as_they_are() {
        for (head, body, most, pieces) in [
            (100, 900, usize::MAX, 1),
            (100, SMALL - 100, usize::MAX, 1),
            (100, SMALL - 99, usize::MAX, 2),
            (100, 900, 50, 1),
            (0, 0, usize::MAX, 1),
        ] {
            let (head, body) = (vec![b'h'; head], vec![b'b'; body]);
            let mut connection = Gather(Log { most, written: Vec::new(), pieces: Vec::new() });
            let slices = [IoSlice::new(&head), IoSlice::new(&body)];
            let written = Pin::new(&mut connection)
                .poll_write_vectored(&mut Context::from_waker(Waker::noop()), &slices);
            let whole = [head, body].concat();
            let Poll::Ready(Ok(written)) = written else { panic!("it has room") };
            assert_eq!(written, whole.len().min(most));
            assert_eq!(connection.0.written, whole[..written]);
            assert_eq!(connection.0.pieces, [pieces]);
        }
    }
}
