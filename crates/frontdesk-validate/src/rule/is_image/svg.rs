//! Telling an SVG by its root element, and reading its size.

use super::format::Image;

/// The image in a file that begins with `head`; nothing if its root element is none of SVG's.
///
/// An internal document type is refused: it could declare entities.
pub(super) fn read(head: &[u8]) -> Option<Image> {
    // The head may end within a character.
    let text = match str::from_utf8(head) {
        Ok(text) => text,
        Err(error) => str::from_utf8(&head[..error.valid_up_to()]).ok()?,
    };
    let mut rest = text.strip_prefix('\u{feff}').unwrap_or(text).trim_start();
    let tag = loop {
        rest = if let Some(rest) = rest.strip_prefix("<?") {
            rest.split_once("?>")?.1
        } else if let Some(rest) = rest.strip_prefix("<!--") {
            rest.split_once("-->")?.1
        } else if let Some(rest) = rest.strip_prefix("<!DOCTYPE") {
            rest.split_once('>').filter(|(declared, _)| !declared.contains('['))?.1
        } else {
            break rest.strip_prefix("<svg")?;
        }
        .trim_start();
    };
    if !tag.starts_with(|c: char| c.is_ascii_whitespace() || matches!(c, '>' | '/')) {
        return None;
    }

    let (mut width, mut height, mut view_box) = (None, None, None);
    let mut tag = tag.trim_start();
    while !tag.starts_with(['>', '/']) {
        let (name, value, rest) = attribute(tag)?;
        match name {
            "width" => width = pixels(value),
            "height" => height = pixels(value),
            "viewBox" => {
                let mut numbers = value.split([' ', ',']).filter(|part| !part.is_empty()).skip(2).map(pixels);
                view_box = numbers.next().flatten().zip(numbers.next().flatten());
            }
            _ => {}
        }
        tag = rest.trim_start();
    }
    Some(Image { dimensions: width.zip(height).or(view_box) })
}

/// The attribute that `tag` begins with, and what follows it.
fn attribute(tag: &str) -> Option<(&str, &str, &str)> {
    let (name, rest) = tag.split_once('=')?;
    let rest = rest.trim_start();
    let quote = rest.chars().next().filter(|quote| matches!(quote, '"' | '\''))?;
    let (value, rest) = rest[1..].split_once(quote)?;
    Some((name.trim_end(), value, rest))
}

/// A length in pixels, rounded up. Other units say nothing about pixels.
fn pixels(length: &str) -> Option<u32> {
    let length = length.trim();
    let number: f64 = length.strip_suffix("px").unwrap_or(length).parse().ok()?;
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "checked to be within u32")]
    (number > 0.0 && number < f64::from(u32::MAX)).then(|| number.ceil() as u32)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn dimensions(text: &str) -> Option<Option<(u32, u32)>> {
        read(text.as_bytes()).map(|image| image.dimensions)
    }

    #[test]
    fn the_root_element_tells() {
        for (text, size) in [
            ("<svg xmlns='http://www.w3.org/2000/svg' width='5' height='9.5px'/>", Some((5, 10))),
            (
                "\u{feff}<?xml version='1.0'?>\n<!-- a -- b --><svg viewBox=\"0 0 24,48\"><path/></svg>",
                Some((24, 48)),
            ),
            ("<!DOCTYPE svg PUBLIC \"-//W3C//DTD SVG 1.1//EN\" \"svg11.dtd\">\n<svg>", None),
            ("<svg width='100%' height='10mm'>", None),
        ] {
            assert_eq!(dimensions(text), Some(size), "{text}");
        }
        for text in [
            "",
            "<html><svg width='5'/></html>",
            "<svgx/>",
            "<svg width",
            "<!DOCTYPE svg [<!ENTITY a 'b'>]><svg/>",
            "<!-- <svg/>",
        ] {
            assert_eq!(dimensions(text), None, "{text}");
        }
    }
}
