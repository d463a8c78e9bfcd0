//! Addresses that come from data.

/// `url` if it is safe as the value of `href`, `src`, `action`, `formaction` and the like, where a `javascript:`
/// address would run as a script of the page.
///
/// Refused are the schemes `javascript`, `vbscript` and `data`, in whatever case. Whitespace, control characters and
/// invisible characters before or within the scheme are skipped while looking, since browsers skip some of them.
/// Relative addresses, fragments and every other scheme pass, unchanged.
///
/// Not a judgement on where the address leads: an open redirect is another question. Attributes that hold more than
/// one address or wrap it in other syntax (`srcset`, `style`, `http-equiv=refresh`) need more than this.
///
/// ```
/// use frontdesk_html::safe_url;
///
/// assert_eq!(safe_url("/things/?q=a:b"), Some("/things/?q=a:b"));
/// assert_eq!(safe_url("mailto:ada@example.com"), Some("mailto:ada@example.com"));
/// assert_eq!(safe_url(" JaVa\tScript:alert(1)"), None);
/// ```
pub fn safe_url(url: &str) -> Option<&str> {
    const REFUSED: [&str; 3] = ["javascript", "vbscript", "data"];
    // None of the refused schemes is longer than ten letters; one more tells them from longer ones.
    let mut scheme = [0_u8; 11];
    let mut len = 0;
    for c in url.chars() {
        match c {
            ':' => {
                let scheme = &scheme[..len];
                let refused = REFUSED.iter().any(|refused| scheme.eq_ignore_ascii_case(refused.as_bytes()));
                return (!refused).then_some(url);
            }
            _ if is_skipped(c) => {}
            _ if c.is_ascii_alphanumeric() && len < scheme.len() => {
                scheme[len] = c as u8;
                len += 1;
            }
            // Anything else: no scheme at all, or none of the refused ones.
            _ => return Some(url),
        }
    }
    Some(url)
}

fn is_skipped(c: char) -> bool {
    c.is_whitespace()
        || c.is_control()
        || matches!(c, '\u{ad}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}')
        || matches!(c, '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fffd}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn form_08_script_addresses_are_refused_however_they_are_dressed() {
        for url in [
            "javascript:alert(1)",
            "JAVASCRIPT:alert(1)",
            " \u{1}\u{1f} javascript:x",
            "java\nscript\r:x",
            "java\tscript :x",
            "\0javascript:x",
            "\u{feff}javascript:x",
            "java\u{ad}script:x",
            "vbscript:x",
            "data:text/html,<script>",
            "Data:,x",
        ] {
            assert_eq!(safe_url(url), None, "{url:?}");
        }
    }

    #[test]
    fn everything_else_passes_unchanged() {
        for url in [
            "",
            "#javascript:",
            "?javascript:",
            "/javascript:x",
            "./data:x",
            "https://example.com/data:",
            "tel:+1",
            "javascripts:x",
            "javascriptjavascript:x",
            "data",
            "database:x",
            "//example.com",
            "é:x",
        ] {
            assert_eq!(safe_url(url), Some(url));
        }
    }
}
