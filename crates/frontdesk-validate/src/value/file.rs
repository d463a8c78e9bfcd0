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
pub struct FileValue(Arc<About>);

/// What is known of a file, apart: a [`Value`](crate::Value) is moved often, and seldom a file.
#[derive(Clone)]
struct About {
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
        let size = head.len() as u64;
        Self(Arc::new(About { name: name.into(), media_type: None, size, head, handle: None }))
    }

    /// A file that is stored elsewhere: `head` holds its first bytes (up to [`HEAD`](Self::HEAD)), `handle` what the
    /// one who stored it needs to find it again.
    pub fn stored(
        name: impl Into<Arc<str>>,
        size: u64,
        head: impl Into<Arc<[u8]>>,
        handle: Arc<dyn Any + Send + Sync>,
    ) -> Self {
        let (name, head) = (name.into(), head.into());
        Self(Arc::new(About { name, media_type: None, size, head, handle: Some(handle) }))
    }

    /// Notes the media type that the client stated. It is a claim, not a fact.
    #[must_use]
    pub fn with_media_type(mut self, media_type: impl Into<Arc<str>>) -> Self {
        Arc::make_mut(&mut self.0).media_type = Some(media_type.into());
        self
    }

    /// The file's name as the client stated it, without any path.
    pub fn name(&self) -> &str {
        &self.0.name
    }

    /// The media type that the client stated.
    pub fn media_type(&self) -> Option<&str> {
        self.0.media_type.as_deref()
    }

    /// The size in bytes.
    pub fn size(&self) -> u64 {
        self.0.size
    }

    /// The first bytes; all of them where the file is no larger than [`HEAD`](Self::HEAD).
    pub fn head(&self) -> &[u8] {
        &self.0.head
    }

    /// The whole content, where it is in memory.
    pub fn content(&self) -> Option<&[u8]> {
        (self.0.head.len() as u64 == self.0.size).then_some(&*self.0.head)
    }

    /// What the one who stored the file keeps of it.
    pub fn handle(&self) -> Option<&Arc<dyn Any + Send + Sync>> {
        self.0.handle.as_ref()
    }
}

impl PartialEq for FileValue {
    fn eq(&self, other: &Self) -> bool {
        let (one, other) = (&*self.0, &*other.0);
        one.name == other.name && one.size == other.size && one.head == other.head
    }
}

impl fmt::Debug for FileValue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FileValue")
            .field("name", &self.0.name)
            .field("size", &self.0.size)
            .finish_non_exhaustive()
    }
}
