use std::borrow::Cow;
use std::collections::{HashMap, HashSet};
use std::sync::LazyLock;

use ammonia::Builder;

use super::prune::is_disguise;

/// Which elements and attributes are safe. The same lists serve the check and the sanitizer.
pub(super) struct Policy {
    tags: &'static [&'static str],
    /// Attributes of all elements.
    generic: &'static [&'static str],
    attributes: &'static [(&'static str, &'static [&'static str])],
    /// Whether an element that HTML does not know may stay: it is inert, and dropping it would change nothing.
    unknown: bool,
    sanitizer: LazyLock<Builder<'static>>,
}

/// Text with formatting, lists, tables, pictures and links.
pub(super) static STANDARD: Policy = Policy {
    tags: STANDARD_TAGS,
    generic: STANDARD_GENERIC,
    attributes: STANDARD_ATTRIBUTES,
    unknown: true,
    sanitizer: LazyLock::new(|| sanitizer(STANDARD_TAGS, STANDARD_GENERIC, STANDARD_ATTRIBUTES)),
};

/// What the document's `XML(text, sanitize=True)` lets through.
pub(super) static XML: Policy = Policy {
    tags: XML_TAGS,
    generic: &[],
    attributes: XML_ATTRIBUTES,
    unknown: false,
    sanitizer: LazyLock::new(|| sanitizer(XML_TAGS, &[], XML_ATTRIBUTES)),
};

#[rustfmt::skip]
const STANDARD_TAGS: &[&str] = &[
    "a", "abbr", "acronym", "address", "area", "article", "aside", "b", "bdi", "bdo", "big", "blockquote", "br",
    "caption", "center", "cite", "code", "col", "colgroup", "data", "dd", "del", "details", "dfn", "div", "dl", "dt",
    "em", "figcaption", "figure", "font", "footer", "h1", "h2", "h3", "h4", "h5", "h6", "header", "hgroup", "hr", "i",
    "img", "ins", "kbd", "li", "main", "map", "mark", "nav", "ol", "p", "pre", "q", "rp", "rt", "ruby", "s", "samp",
    "section", "small", "span", "strike", "strong", "sub", "summary", "sup", "table", "tbody", "td", "tfoot", "th",
    "thead", "time", "tr", "tt", "u", "ul", "var", "wbr",
];

const STANDARD_GENERIC: &[&str] = &["class", "dir", "lang", "style", "title"];

#[rustfmt::skip]
const STANDARD_ATTRIBUTES: &[(&str, &[&str])] = &[
    ("a", &["href", "hreflang", "target"]),
    ("blockquote", &["cite"]),
    ("col", &["align", "span", "width"]),
    ("colgroup", &["align", "span", "width"]),
    ("del", &["cite", "datetime"]),
    ("div", &["align"]),
    ("font", &["color", "face", "size"]),
    ("h1", &["align"]), ("h2", &["align"]), ("h3", &["align"]), ("h4", &["align"]), ("h5", &["align"]), ("h6", &["align"]),
    ("hr", &["align", "size", "width"]),
    ("img", &["align", "alt", "height", "src", "width"]),
    ("ins", &["cite", "datetime"]),
    ("li", &["value"]),
    ("ol", &["reversed", "start", "type"]),
    ("p", &["align"]),
    ("q", &["cite"]),
    ("table", &["align", "border", "cellpadding", "cellspacing", "summary", "width"]),
    ("tbody", &["align", "valign"]),
    ("td", &["align", "colspan", "headers", "height", "rowspan", "valign", "width"]),
    ("tfoot", &["align", "valign"]),
    ("th", &["align", "colspan", "headers", "height", "rowspan", "scope", "valign", "width"]),
    ("thead", &["align", "valign"]),
    ("time", &["datetime"]),
    ("tr", &["align", "valign"]),
    ("ul", &["type"]),
];

#[rustfmt::skip]
const XML_TAGS: &[&str] = &[
    "a", "b", "blockquote", "br", "cite", "code", "div", "h1", "h2", "h3", "h4", "h5", "h6", "i", "img", "li", "ol",
    "p", "pre", "span", "strong", "table", "tbody", "td", "tr", "ul",
];

const XML_ATTRIBUTES: &[(&str, &[&str])] = &[
    ("a", &["href", "target", "title"]),
    ("blockquote", &["type"]),
    ("img", &["alt", "src"]),
    ("td", &["colspan"]),
];

/// Elements that HTML knows or knew and no policy allows, beside those in other namespaces. `ember` is in the document.
#[rustfmt::skip]
const KNOWN: &[&str] = &[
    "applet", "audio", "base", "basefont", "bgsound", "blink", "body", "button", "canvas", "command", "content",
    "datalist", "dialog", "dir", "element", "embed", "ember", "fencedframe", "fieldset", "form", "frame", "frameset",
    "geolocation", "head", "html", "iframe", "image", "input", "isindex", "keygen", "label", "layer", "legend", "link",
    "listing", "marquee", "math", "menu", "menuitem", "meta", "meter", "multicol", "nextid", "nobr", "noembed",
    "noframes", "noscript", "object", "optgroup", "option", "output", "param", "permission", "picture", "plaintext",
    "portal", "progress", "rb", "rtc", "script", "search", "select", "selectedcontent", "shadow", "slot", "source",
    "spacer", "style", "svg", "template", "textarea", "title", "track", "video", "xml", "xmp",
];

/// Elements that go with all they hold.
const WITH_CONTENT: [&str; 6] = ["iframe", "noembed", "noframes", "script", "style", "title"];

fn sanitizer(
    tags: &[&'static str],
    generic: &[&'static str],
    attributes: &[(&'static str, &[&'static str])],
) -> Builder<'static> {
    let mut builder = Builder::default();
    let by_tag: HashMap<_, _> =
        attributes.iter().map(|(tag, names)| (*tag, names.iter().copied().collect::<HashSet<_>>())).collect();
    builder
        .tags(tags.iter().copied().collect())
        .clean_content_tags(HashSet::from(WITH_CONTENT))
        .generic_attributes(generic.iter().copied().collect())
        .tag_attributes(by_tag)
        .link_rel(None)
        .url_schemes(SCHEMES.iter().copied().collect())
        .attribute_filter(|_, attribute, value| match attribute {
            // An attribute has nothing to disguise, so this would be turned into what the filter has not seen.
            _ if value.contains(is_disguise) => None,
            "style" if !is_safe_style(value) => None,
            _ if is_url_attribute(attribute) && !is_safe_url(value) => None,
            _ => Some(Cow::Borrowed(value)),
        });
    builder
}

impl Policy {
    /// The allowed element of that name, whatever its case.
    pub(super) fn tag(&self, name: &str) -> Option<&'static str> {
        find(self.tags, name)
    }

    /// Whether an element that is not allowed may stay, since nobody knows it.
    pub(super) fn tolerates(&self, name: &str) -> bool {
        self.unknown && name.bytes().all(|byte| byte.is_ascii_alphanumeric()) && find(KNOWN, name).is_none()
    }

    /// Whether an attribute may stand at an element (`None`: one that is only tolerated).
    pub(super) fn allows_name(&self, tag: Option<&str>, name: &str) -> bool {
        let of_tag = tag.and_then(|tag| self.attributes.iter().find(|(known, _)| *known == tag));
        find(self.generic, name).is_some() || of_tag.is_some_and(|(_, names)| find(names, name).is_some())
    }

    /// Whether an attribute may stand at an element, with this value, which is as it was typed.
    pub(super) fn allows(&self, tag: Option<&str>, name: &str, value: &str) -> bool {
        if !self.allows_name(tag, name) {
            return false;
        }
        if name.eq_ignore_ascii_case("style") {
            return is_safe_style(value);
        }
        !is_url_attribute(name) || is_safe_typed_url(value)
    }

    /// The text without what is not allowed.
    pub(super) fn clean(&self, text: &str) -> String {
        self.sanitizer.clean(text).to_string()
    }
}

/// What an HTML parser makes of a text, with everything in it kept.
#[cfg(test)]
pub(super) fn parsed(text: &str) -> String {
    const LETTERS: [&str; 27] = [
        "a", "b", "c", "d", "e", "f", "g", "h", "i", "j", "k", "l", "m", "n", "o", "p", "q", "r", "s", "t",
        "u", "v", "w", "x", "y", "z", "=",
    ];
    let own = ["mi", "mglyph", "foo"];
    Builder::default()
        .tags(STANDARD_TAGS.iter().chain(KNOWN).chain(&own).copied().collect())
        .clean_content_tags(HashSet::new())
        .generic_attribute_prefixes(HashSet::from(LETTERS))
        .link_rel(None)
        .add_url_schemes(&["javascript", "data"])
        .clean(text)
        .to_string()
}

fn find(sorted: &[&'static str], name: &str) -> Option<&'static str> {
    let mut lower = [0; 16];
    let lower = lower.get_mut(..name.len())?;
    lower.copy_from_slice(name.as_bytes());
    lower.make_ascii_lowercase();
    let at = sorted.binary_search_by(|known| known.as_bytes().cmp(lower)).ok()?;
    Some(sorted[at])
}

/// The attributes that hold a URL, among those that a policy allows.
fn is_url_attribute(name: &str) -> bool {
    ["cite", "href", "src"].iter().any(|url| url.eq_ignore_ascii_case(name))
}

/// Whether a URL, as it was typed in an attribute, has a harmless scheme or none.
fn is_safe_typed_url(typed: &str) -> bool {
    let is_plain = typed.contains('&').then(|| {
        // The escapes that serializers write. Others could be anything before the first of these characters.
        let rest = ["&amp;", "&quot;", "&lt;", "&gt;", "&nbsp;"]
            .into_iter()
            .fold(typed.to_owned(), |text, escape| text.replace(escape, "."));
        !rest.split(['/', '?', '#']).next().unwrap_or(&rest).contains('&')
    });
    is_plain.unwrap_or(true) && is_safe_url(typed)
}

/// Whether a URL has a harmless scheme or none.
fn is_safe_url(url: &str) -> bool {
    let head = url.split(['/', '?', '#']).next().unwrap_or(url);
    let Some((scheme, _)) = head.split_once(':') else { return true };
    // Browsers drop blanks and control characters in front, and tabs and line ends anywhere.
    let is_known = |scheme: &str| SCHEMES.iter().any(|known| known.eq_ignore_ascii_case(scheme));
    is_known(scheme.trim_matches(|c| c <= ' '))
}

#[rustfmt::skip]
const SCHEMES: &[&str] = &[
    "bitcoin", "ftp", "ftps", "geo", "http", "https", "im", "irc", "ircs", "magnet", "mailto", "matrix", "mms", "news",
    "nntp", "openpgp4fpr", "sip", "sips", "sms", "smsto", "ssh", "tel", "webcal", "xmpp",
];

#[rustfmt::skip]
const STYLES: &[&str] = &[
    "background-color", "border", "border-bottom", "border-collapse", "border-color", "border-left", "border-right",
    "border-spacing", "border-style", "border-top", "border-width", "clear", "color", "direction", "float", "font",
    "font-family", "font-size", "font-style", "font-variant", "font-weight", "height", "letter-spacing", "line-height",
    "list-style-type", "margin", "margin-bottom", "margin-left", "margin-right", "margin-top", "max-height",
    "max-width", "min-height", "min-width", "padding", "padding-bottom", "padding-left", "padding-right",
    "padding-top", "text-align", "text-decoration", "text-indent", "text-transform", "vertical-align", "white-space",
    "width", "word-break", "word-spacing", "word-wrap",
];

/// Whether declarations only set how text looks: no URL, nothing that moves it elsewhere, nothing escaped.
fn is_safe_style(style: &str) -> bool {
    style.split(';').map(str::trim).filter(|declaration| !declaration.is_empty()).all(|declaration| {
        let Some((property, value)) = declaration.split_once(':') else { return false };
        let is_plain = |c: char| c.is_ascii_alphanumeric() || " #%.,()!'-".contains(c);
        let is_function = |before: &str| {
            let name = before.rsplit(|c: char| !c.is_ascii_alphanumeric()).next().unwrap_or(before);
            ["rgb", "rgba", "hsl", "hsla"].iter().any(|known| known.eq_ignore_ascii_case(name))
        };
        let is_negative = |part: &str| part.starts_with('-');
        let property = property.trim();
        STYLES.iter().any(|known| known.eq_ignore_ascii_case(property))
            && value.chars().all(is_plain)
            && value.match_indices('(').all(|(at, _)| is_function(&value[..at]))
            && !value.split([' ', ',', '(']).any(is_negative)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_are_sorted() {
        for list in [STANDARD_TAGS, STANDARD_GENERIC, XML_TAGS, KNOWN, STYLES, SCHEMES] {
            assert!(list.is_sorted_by(|a, b| a < b), "{list:?}");
        }
        for (tag, names) in STANDARD_ATTRIBUTES.iter().chain(XML_ATTRIBUTES) {
            assert!(names.is_sorted_by(|a, b| a < b), "{tag}");
        }
        assert!(KNOWN.iter().all(|known| !STANDARD_TAGS.contains(known)));
    }

    #[test]
    fn script_urls_are_seen_in_disguise() {
        let is_safe = |url| is_safe_typed_url(url);
        for bad in [
            "javascript:x",
            "JavaScript:x",
            " java\tscript:x",
            "\u{1}javascript:x",
            "java&#115;cript:x",
            "javascript&colon;x",
            "&#x6A;avascript:x",
            "data:text/html,x",
            "vbscript:x",
            "&amp;javascript:x",
            "1:2",
        ] {
            assert!(!is_safe(bad), "{bad}");
        }
        for good in [
            "/a:b",
            "?a&b:c",
            "#a:b",
            "a/b",
            "HTTPS://x",
            "mailto:a@b.com",
            "x?a=1&amp;b=2",
            "a&amp;b",
            " https://x",
            "java&amp;#115;cript:x",
            "",
        ] {
            assert!(is_safe(good), "{good}");
        }
    }

    #[test]
    fn styles_that_only_look() {
        for good in
            ["color:red", "color: rgb(1, 2, 3); font-family: 'Times New Roman', serif;", "WIDTH:50%", ""]
        {
            assert!(is_safe_style(good), "{good}");
        }
        for bad in [
            "position:fixed",
            "color:url(x)",
            "color:expression(x)",
            "color",
            "color:\\72 ed",
            "color:&#114;ed",
            "margin:-9px",
            "margin:0 -9px",
            "background:red",
            "color:red/**/",
        ] {
            assert!(!is_safe_style(bad), "{bad}");
        }
    }
}
