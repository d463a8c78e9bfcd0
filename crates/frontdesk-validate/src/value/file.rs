use std::any::Any;
use std::fmt;
use std::sync::Arc;

/// An uploaded file, as rules see it: its name, its size, and its first bytes.
///
/// A file that is not in memory keeps a handle of whoever stored it (`frontdesk-forms` streams uploads to disk), so a
/// rule never reads more than the head.
///
/// ```
/// use frontdesk_validate::FileValue;
///
/// let file = FileValue::in_memory("a.txt", b"hello".to_vec());
/// assert_eq!((file.name(), file.size(), file.content()), ("a.txt", 5, Some(&b"hello"[..])));
/// ```
#[derive(Clone)]
pub struct FileValue {
    name: Arc<str>,
    media_type: Option<Arc<str>>,
    size: u64,
    head: Arc<[u8]>,
    handle: Option<Arc<dyn Any + Send + Sync>>,
}

impl FileValue {
    /// How many bytes of a file that is stored elsewhere are kept as its [`head`](Self::head): 65,536. The size of a
    /// JPEG can stand behind long metadata.
    pub const HEAD: usize = 64 * 1024;

    /// A file whose whole content is here.
    pub fn in_memory(name: impl Into<Arc<str>>, content: impl Into<Arc<[u8]>>) -> Self {
        let head = content.into();
        Self { name: name.into(), media_type: None, size: head.len() as u64, head, handle: None }
    }

    /// A file that is stored elsewhere: `head` holds its first bytes (up to [`HEAD`](Self::HEAD)), `handle` what the
    /// one who stored it needs to find it again.
    pub fn stored(
        name: impl Into<Arc<str>>,
        size: u64,
        head: impl Into<Arc<[u8]>>,
        handle: Arc<dyn Any + Send + Sync>,
    ) -> Self {
        Self { name: name.into(), media_type: None, size, head: head.into(), handle: Some(handle) }
    }

    /// Notes the media type that the client stated. It is a claim, not a fact.
    #[must_use]
    pub fn with_media_type(mut self, media_type: impl Into<Arc<str>>) -> Self {
        self.media_type = Some(media_type.into());
        self
    }

    /// The file's name as the client stated it, without any path.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The media type that the client stated.
    pub fn media_type(&self) -> Option<&str> {
        self.media_type.as_deref()
    }

    /// The size in bytes.
    pub fn size(&self) -> u64 {
        self.size
    }

    /// The first bytes; all of them where the file is no larger than [`HEAD`](Self::HEAD).
    pub fn head(&self) -> &[u8] {
        &self.head
    }

    /// The whole content, where it is in memory.
    pub fn content(&self) -> Option<&[u8]> {
        (self.head.len() as u64 == self.size).then_some(&*self.head)
    }

    /// What the one who stored the file keeps of it.
    pub fn handle(&self) -> Option<&Arc<dyn Any + Send + Sync>> {
        self.handle.as_ref()
    }
}

impl PartialEq for FileValue {
    fn eq(&self, other: &Self) -> bool {
        self.name == other.name && self.size == other.size && self.head == other.head
    }
}

impl fmt::Debug for FileValue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FileValue")
            .field("name", &self.name)
            .field("size", &self.size)
            .finish_non_exhaustive()
    }
}
