//! HTML, as far as a check needs it: tags with their attributes, and the text between them.
//!
//! It follows the tokenization of the HTML standard (13.2.5) outside of elements with raw text. A check that accepts
//! none of those elements therefore sees what browsers see.

/// A piece of HTML.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Token<'t> {
    Text(&'t str),
    /// The name as it was typed; the attributes are in [`Tokens::attributes`].
    Start(&'t str),
    End(&'t str),
    /// A comment that ends at its first `>`, for every reader.
    Comment,
    /// A declaration, a comment that may be read otherwise, or a tag that the text ends in.
    Odd,
}

/// Reads tokens from a text, in one pass over it.
pub(super) struct Tokens<'t> {
    rest: &'t str,
    /// Name and value as they were typed, of the last tag.
    attributes: Vec<(&'t str, &'t str)>,
}

/// Elements whose content is no markup.
const RAW: [&str; 9] =
    ["iframe", "noembed", "noframes", "noscript", "script", "style", "textarea", "title", "xmp"];

const BLANKS: [char; 5] = ['\t', '\n', '\x0c', '\r', ' '];

impl<'t> Tokens<'t> {
    pub(super) fn new(text: &'t str) -> Self {
        Self { rest: text, attributes: Vec::new() }
    }

    pub(super) fn attributes(&self) -> &[(&'t str, &'t str)] {
        &self.attributes
    }

    /// Steps behind the content of the raw text element that has just begun, if it is one.
    pub(super) fn skip_raw_text(&mut self, name: &str) {
        let Some(name) = RAW.into_iter().find(|raw| raw.eq_ignore_ascii_case(name)) else {
            if name.eq_ignore_ascii_case("plaintext") {
                self.rest = "";
            }
            return;
        };
        let mut from = 0;
        while let Some(found) = self.rest[from..].find("</") {
            let end = from + found + 2;
            let is_end = self.rest.as_bytes().get(end..end + name.len()).is_some_and(|here| {
                here.eq_ignore_ascii_case(name.as_bytes())
                    && self.rest[end + name.len()..]
                        .starts_with(|c| BLANKS.contains(&c) || matches!(c, '/' | '>'))
            });
            if is_end {
                self.rest = &self.rest[end - 2..];
                return;
            }
            from = end;
        }
        self.rest = "";
    }

    fn take(&mut self, length: usize) -> &'t str {
        let (taken, rest) = self.rest.split_at(length);
        self.rest = rest;
        taken
    }

    /// What is behind `<`, up to and including the next `>`.
    fn read_declaration(&mut self) -> Token<'t> {
        let Some(end) = self.rest.find('>') else {
            self.rest = "";
            return Token::Odd;
        };
        let inner = self.take(end + 1);
        match inner.strip_prefix("!--").and_then(|comment| comment.strip_suffix('>')) {
            // `<!-->` and `<!--->` are whole comments too.
            Some("" | "-") => Token::Comment,
            Some(comment) if comment.ends_with("--") && !comment.contains('<') => Token::Comment,
            _ => Token::Odd,
        }
    }

    /// The attributes of a tag, up to and including its `>`; whether it has one.
    fn read_attributes(&mut self) -> bool {
        self.attributes.clear();
        loop {
            self.rest = self.rest.trim_start_matches(|c| BLANKS.contains(&c) || c == '/');
            match self.rest.chars().next() {
                None => return false,
                Some('>') => {
                    self.rest = &self.rest[1..];
                    return true;
                }
                Some(first) => {
                    // An equals sign in front belongs to the name.
                    let skip = first.len_utf8();
                    let ends_name = |c| BLANKS.contains(&c) || matches!(c, '/' | '>' | '=');
                    let length = self.rest[skip..].find(ends_name).map_or(self.rest.len(), |at| skip + at);
                    let name = self.take(length);
                    let Some(value) = self.read_value() else { return false };
                    self.attributes.push((name, value));
                }
            }
        }
    }

    /// The value behind an attribute's name; nothing where the text ends in it.
    fn read_value(&mut self) -> Option<&'t str> {
        let Some(behind) = self.rest.trim_start_matches(BLANKS).strip_prefix('=') else { return Some("") };
        self.rest = behind.trim_start_matches(BLANKS);
        let quote = self.rest.chars().next()?;
        if matches!(quote, '"' | '\'') {
            self.rest = &self.rest[1..];
            let value = self.take(self.rest.find(quote)?);
            self.rest = &self.rest[1..];
            return Some(value);
        }
        let length = self.rest.find(|c| BLANKS.contains(&c) || c == '>')?;
        Some(self.take(length))
    }
}

impl<'t> Iterator for Tokens<'t> {
    type Item = Token<'t>;

    fn next(&mut self) -> Option<Token<'t>> {
        let next = self.rest.chars().next()?;
        if next != '<' {
            let length = self.rest.find('<').unwrap_or(self.rest.len());
            return Some(Token::Text(self.take(length)));
        }
        let behind = &self.rest[1..];
        let (is_end, name) = match behind.strip_prefix('/') {
            Some(name) => (true, name),
            None => (false, behind),
        };
        match name.chars().next() {
            Some('a'..='z' | 'A'..='Z') => {}
            _ if is_end || behind.starts_with(['!', '?']) => {
                self.rest = behind;
                return Some(self.read_declaration());
            }
            // A bracket that opens no tag is text.
            _ => return Some(Token::Text(self.take(1))),
        }
        self.rest = name;
        let length = name.find(|c| BLANKS.contains(&c) || matches!(c, '/' | '>')).unwrap_or(name.len());
        let name = self.take(length);
        let is_whole = self.read_attributes();
        Some(match (is_whole, is_end) {
            (false, _) => {
                self.rest = "";
                Token::Odd
            }
            (true, true) => Token::End(name),
            (true, false) => Token::Start(name),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn attributes(text: &str) -> Vec<(&str, &str)> {
        let mut tokens = Tokens::new(text);
        assert!(matches!(tokens.next(), Some(Token::Start(_))), "{text}");
        tokens.attributes().to_vec()
    }

    #[test]
    fn attributes_in_all_their_forms() {
        assert_eq!(attributes("<a>"), []);
        assert_eq!(attributes("<br/>"), []);
        assert_eq!(
            attributes("<a b c=d/e  f = 'g>h' i=\"j'\"k>"),
            [("b", ""), ("c", "d/e"), ("f", "g>h"), ("i", "j'"), ("k", ""),]
        );
        assert_eq!(attributes("<img/onerror=x src>"), [("onerror", "x"), ("src", "")]);
        assert_eq!(attributes("<a =b=c>"), [("=b", "c")]);
        assert_eq!(attributes("<a b=>"), [("b", "")]);
        assert_eq!(attributes("<a b<c>"), [("b<c", "")]);
    }

    #[test]
    fn what_is_no_tag() {
        let tokens = |text| Tokens::new(text).collect::<Vec<_>>();
        assert_eq!(tokens("a < b"), [Token::Text("a "), Token::Text("<"), Token::Text(" b")]);
        assert_eq!(tokens("<3 <"), [Token::Text("<"), Token::Text("3 "), Token::Text("<")]);
        assert_eq!(tokens("<!-- a --><!--><!--->"), [Token::Comment, Token::Comment, Token::Comment]);
        for odd in [
            "<!-- a > -->",
            "<!doctype html>",
            "<?xml?>",
            "</>",
            "</ a>",
            "<a",
            "<a b",
            "<a b=",
            "<a b='>",
            "<!",
        ] {
            assert_eq!(tokens(odd)[0], Token::Odd, "{odd}");
        }
    }

    #[test]
    fn raw_text_is_skipped() {
        let mut tokens = Tokens::new("<script>a<b></scripts></SCRIPT >c");
        assert_eq!(tokens.next(), Some(Token::Start("script")));
        tokens.skip_raw_text("script");
        assert_eq!(tokens.next(), Some(Token::End("SCRIPT")));
        assert_eq!(tokens.next(), Some(Token::Text("c")));
    }
}
