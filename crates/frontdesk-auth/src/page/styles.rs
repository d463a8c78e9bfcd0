use std::borrow::Cow;
use std::fmt::Write as _;

/// The colours of the pages.
///
/// They are CSS values and stand on every page as custom properties of `:root`, `--button_color` and so on, so that a
/// template of your own can use them too.
///
/// # Defaults
/// Those of the table. On our own pages the defaults of text, links and buttons are painted in a darker shade, since white
/// on `#419EF8` is hard to read (WCAG 2.2 asks for a contrast of 4.5 to 1), and where all colours are the defaults, the
/// pages have a dark scheme too. A colour that you set is painted as it is: mind its contrast.
///
/// | colour | default |
/// |---|---|
/// | `background_color` | `#EEF2F5` |
/// | `foreground_color` (of the card) | `white` |
/// | `text_color` | `black` |
/// | `error_text_color` | `red` |
/// | `button_color` | `#419EF8` |
/// | `button_text_color` | `white` |
/// | `link_color` | `#419EF8` |
/// | `border_color` | `rgba(0, 0, 0, 0.2)` |
///
/// ```
/// use frontdesk_auth::Styles;
///
/// let styles = Styles::default().button_color("#7A1F5C")?.link_color("#7A1F5C")?;
/// assert!(Styles::default().button_color("red; } body { display: none").is_err());
/// # Ok::<(), frontdesk_auth::InvalidStyle>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Styles {
    colors: [Cow<'static, str>; COLORS.len()],
}

/// A text that is no CSS value, or more than one.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is no CSS value of a color")]
pub struct InvalidStyle(String);

/// Name, default, the property that pages paint with, and what that is by default: in the light and in the dark.
const COLORS: [Color; 8] = [
    Color::new("background_color", "#EEF2F5", "ground", "#EEF2F5", "#13161b"),
    Color::new("foreground_color", "white", "card", "#fff", "#1a1e25"),
    Color::new("text_color", "black", "text", "#111", "#e5e8ed"),
    Color::new("error_text_color", "red", "error", "#b3261e", "#ff9d92"),
    Color::new("button_color", "#419EF8", "button", "#1566c0", "#1f6fcb"),
    Color::new("button_text_color", "white", "on-button", "#fff", "#fff"),
    Color::new("link_color", "#419EF8", "link", "#1566c0", "#8ab8ff"),
    Color::new("border_color", "rgba(0, 0, 0, 0.2)", "line", "rgba(0, 0, 0, 0.2)", "#2e343f"),
];

struct Color {
    name: &'static str,
    default: &'static str,
    paint: &'static str,
    light: &'static str,
    dark: &'static str,
}

impl Color {
    const fn new(
        name: &'static str,
        default: &'static str,
        paint: &'static str,
        light: &'static str,
        dark: &'static str,
    ) -> Self {
        Self { name, default, paint, light, dark }
    }
}

macro_rules! setters {
    ($($name:ident at $index:literal: $doc:literal;)*) => {
        $(
            #[doc = $doc]
            ///
            /// # Errors
            /// [`InvalidStyle`], if it is no CSS value.
            pub fn $name(self, color: impl Into<Cow<'static, str>>) -> Result<Self, InvalidStyle> {
                debug_assert_eq!(COLORS[$index].name, stringify!($name));
                self.set($index, color.into())
            }
        )*
    };
}

impl Styles {
    setters! {
        background_color at 0: "Sets the colour behind the card.";
        foreground_color at 1: "Sets the colour of the card.";
        text_color at 2: "Sets the colour of texts.";
        error_text_color at 3: "Sets the colour of what is said of problems.";
        button_color at 4: "Sets the colour of buttons.";
        button_text_color at 5: "Sets the colour of the texts on buttons.";
        link_color at 6: "Sets the colour of links.";
        border_color at 7: "Sets the colour of lines and of the borders of inputs.";
    }

    fn set(mut self, index: usize, color: Cow<'static, str>) -> Result<Self, InvalidStyle> {
        if !is_value(&color) {
            return Err(InvalidStyle(color.chars().take(80).collect()));
        }
        self.colors[index] = color;
        Ok(self)
    }

    fn is_default(&self, index: usize) -> bool {
        self.colors[index] == COLORS[index].default
    }

    fn is_all_default(&self) -> bool {
        (0..COLORS.len()).all(|index| self.is_default(index))
    }

    /// By name, for templates.
    pub(crate) fn entries(&self) -> impl Iterator<Item = (&'static str, &str)> {
        COLORS.iter().zip(&self.colors).map(|(color, value)| (color.name, &**value))
    }

    /// What browsers are to know before they paint anything.
    pub(crate) fn color_scheme(&self) -> &'static str {
        if self.is_all_default() { "light dark" } else { "light" }
    }

    /// The custom properties: the colours by their names, and what our own pages paint with.
    pub(crate) fn css(&self) -> String {
        let mut css = format!(":root {{\n  color-scheme: {};\n", self.color_scheme());
        let mut line = |name: &str, value: &str| {
            let _ = writeln!(css, "  --{name}: {value};");
        };
        for (name, value) in self.entries() {
            line(name, value);
        }
        for (index, color) in COLORS.iter().enumerate() {
            let paint = format!("fd-{}", color.paint);
            if self.is_default(index) {
                line(&paint, color.light);
            } else {
                line(&paint, &format!("var(--{})", color.name));
            }
        }
        // Around inputs, where a border has to be seen (3:1), and for what is said in passing.
        line("fd-edge", if self.is_default(7) { "#737a85" } else { "var(--border_color)" });
        let is_plain = self.is_default(1) && self.is_default(2);
        line("fd-quiet", if is_plain { "#4d5663" } else { "var(--fd-text)" });
        css.push_str("}\n");
        if self.is_all_default() {
            css.push_str("@media (prefers-color-scheme: dark) {\n  :root {\n");
            for color in &COLORS {
                let _ = writeln!(css, "    --fd-{}: {};", color.paint, color.dark);
            }
            css.push_str("    --fd-edge: #7d8696;\n    --fd-quiet: #a9b1bf;\n  }\n}\n");
        }
        css
    }
}

impl Default for Styles {
    fn default() -> Self {
        Self { colors: COLORS.map(|color| Cow::Borrowed(color.default)) }
    }
}

/// Whether a text is one value and cannot end the declaration, the rule or the element that it stands in.
fn is_value(text: &str) -> bool {
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b" #(),.%-+/_*".contains(&byte);
    let mut depth = 0_i32;
    let is_balanced = text.bytes().all(|byte| {
        depth += i32::from(byte == b'(') - i32::from(byte == b')');
        depth >= 0
    });
    !text.trim().is_empty()
        && text.len() <= 200
        && text.bytes().all(is_plain)
        && !text.contains("/*")
        && is_balanced
        && depth == 0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_colours_stand_there_as_documented() {
        let css = Styles::default().css();
        for line in [
            "--background_color: #EEF2F5;",
            "--foreground_color: white;",
            "--text_color: black;",
            "--error_text_color: red;",
            "--button_color: #419EF8;",
            "--button_text_color: white;",
            "--link_color: #419EF8;",
            "--border_color: rgba(0, 0, 0, 0.2);",
        ] {
            assert!(css.contains(line), "{line}\n{css}");
        }
        assert!(css.contains("prefers-color-scheme: dark"));
    }

    #[test]
    fn a_colour_of_ones_own_is_painted_as_it_is_and_in_the_light() {
        let css = Styles::default().button_color("hsl(320 60% 30% / 1)").unwrap().css();
        assert!(css.contains("--button_color: hsl(320 60% 30% / 1);"));
        assert!(css.contains("--fd-button: var(--button_color);"));
        assert!(!css.contains("dark"));
    }

    #[test]
    fn a_value_cannot_break_out() {
        for bad in [
            "", " ", "red;", "red}", "</style>", "a{b", "url(", "red)", "\"x", "red/*", "a\nb", "\\9", "@x",
            "é",
        ] {
            assert!(Styles::default().text_color(bad).is_err(), "{bad:?}");
        }
        for good in ["red", "#fff", "rgb(1, 2, 3)", "color-mix(in srgb, red 20%, var(--x))", "currentColor"] {
            assert!(Styles::default().text_color(good).is_ok(), "{good}");
        }
    }

    /// The relative luminance of a colour `#rgb` or `#rrggbb`, as WCAG has it.
    fn luminance(color: &str) -> f64 {
        let digits = color.strip_prefix('#').unwrap();
        let wide: String = match digits.len() {
            3 => digits.chars().flat_map(|digit| [digit, digit]).collect(),
            _ => digits.to_owned(),
        };
        let part = |at: usize| {
            let value = f64::from(u8::from_str_radix(&wide[at..at + 2], 16).unwrap()) / 255.0;
            if value <= 0.04045 { value / 12.92 } else { ((value + 0.055) / 1.055).powf(2.4) }
        };
        0.2126 * part(0) + 0.7152 * part(2) + 0.0722 * part(4)
    }

    #[test]
    fn the_default_paints_have_enough_contrast() {
        let contrast = |one: &str, other: &str| {
            let (one, other) = (luminance(one) + 0.05, luminance(other) + 0.05);
            if one > other { one / other } else { other / one }
        };
        for (card, text, error, button, on_button, link, edge, quiet) in [
            ("#ffffff", "#111111", "#b3261e", "#1566c0", "#ffffff", "#1566c0", "#737a85", "#4d5663"),
            ("#1a1e25", "#e5e8ed", "#ff9d92", "#1f6fcb", "#ffffff", "#8ab8ff", "#7d8696", "#a9b1bf"),
        ] {
            let css = Styles::default().css();
            for paint in [error, button, link, edge, quiet] {
                assert!(css.contains(paint), "{paint}");
            }
            for (one, other, least) in [
                (text, card, 7.0),
                (error, card, 4.5),
                (on_button, button, 4.5),
                (link, card, 4.5),
                (quiet, card, 4.5),
                (edge, card, 3.0),
            ] {
                assert!(contrast(one, other) >= least, "{one} on {other}: {:.2}", contrast(one, other));
            }
        }
    }
}
