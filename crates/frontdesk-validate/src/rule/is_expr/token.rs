/// Why a text is no expression, and where.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{problem} at character {}{hint}", .at + 1)]
pub struct ExprError {
    pub(super) problem: String,
    /// In characters, from 0.
    pub(super) at: usize,
    pub(super) hint: &'static str,
}

impl ExprError {
    pub(super) fn new(at: usize, problem: impl Into<String>) -> Self {
        Self { problem: problem.into(), at, hint: "" }
    }

    /// Where the mistake is, in characters from 0.
    pub fn position(&self) -> usize {
        self.at
    }
}

#[derive(Clone, Debug, PartialEq)]
pub(super) enum Token {
    Int(i64),
    Float(f64),
    Text(String),
    Name(String),
    Symbol(&'static str),
    End,
}

impl Token {
    /// The token as errors name it.
    pub(super) fn shown(&self) -> String {
        match self {
            Self::Int(number) => format!("`{number}`"),
            Self::Float(number) => format!("`{number}`"),
            Self::Text(_) => "a text".to_owned(),
            Self::Name(name) => format!("`{name}`"),
            Self::Symbol(symbol) => format!("`{symbol}`"),
            Self::End => "the end".to_owned(),
        }
    }
}

/// Longer ones first.
const SYMBOLS: [&str; 17] =
    ["==", "!=", "<=", ">=", "//", "<", ">", "+", "-", "*", "/", "%", "(", ")", "[", "]", ","];

/// The tokens with their places, [`Token::End`] last.
pub(super) fn tokens(source: &str) -> Result<Vec<(usize, Token)>, ExprError> {
    let chars: Vec<char> = source.chars().collect();
    let mut tokens = Vec::new();
    let mut at = 0;
    while let Some(&next) = chars.get(at) {
        let start = at;
        let token = match next {
            c if c.is_whitespace() => {
                at += 1;
                continue;
            }
            '\'' | '"' => Token::Text(text(&chars, &mut at)?),
            c if c.is_ascii_digit() || (c == '.' && chars.get(at + 1).is_some_and(char::is_ascii_digit)) => {
                number(&chars, &mut at)?
            }
            c if c.is_alphabetic() || c == '_' => {
                let is_part = |c: &char| c.is_alphanumeric() || *c == '_';
                at += chars[at..].iter().take_while(|c| is_part(c)).count();
                Token::Name(chars[start..at].iter().collect())
            }
            c => {
                let is_here =
                    |symbol: &&str| symbol.chars().eq(chars[at..].iter().copied().take(symbol.len()));
                let Some(symbol) = SYMBOLS.into_iter().find(is_here) else {
                    return Err(ExprError::new(at, format!("unexpected `{}`", c.escape_debug())));
                };
                at += symbol.len();
                Token::Symbol(symbol)
            }
        };
        tokens.push((start, token));
    }
    tokens.push((chars.len(), Token::End));
    Ok(tokens)
}

fn text(chars: &[char], at: &mut usize) -> Result<String, ExprError> {
    let start = *at;
    let quote = chars[start];
    let mut text = String::new();
    *at += 1;
    while let Some(&next) = chars.get(*at) {
        *at += 1;
        match next {
            c if c == quote => return Ok(text),
            '\\' => {
                let escaped = chars.get(*at).copied();
                *at += 1;
                text.push(match escaped {
                    Some(c @ ('\\' | '\'' | '"')) => c,
                    Some('n') => '\n',
                    Some('t') => '\t',
                    Some('r') => '\r',
                    _ => {
                        return Err(ExprError::new(
                            *at - 2,
                            r#"unknown escape (there are \\ \' \" \n \r \t)"#,
                        ));
                    }
                });
            }
            c => text.push(c),
        }
    }
    Err(ExprError::new(start, "text without an end"))
}

fn number(chars: &[char], at: &mut usize) -> Result<Token, ExprError> {
    let start = *at;
    let mut is_float = false;
    while let Some(&next) = chars.get(*at) {
        let exponent = |at: usize| match chars.get(at + 1) {
            Some('+' | '-') => chars.get(at + 2).is_some_and(char::is_ascii_digit),
            Some(digit) => digit.is_ascii_digit(),
            None => false,
        };
        match next {
            '0'..='9' => {}
            '.' => is_float = true,
            'e' | 'E' if exponent(*at) => {
                is_float = true;
                *at += 1; // the sign or the first digit
            }
            _ => break,
        }
        *at += 1;
    }
    let digits: String = chars[start..*at].iter().collect();
    let bad = || ExprError::new(start, format!("bad number `{digits}`"));
    if is_float {
        let number: f64 = digits.parse().map_err(|_| bad())?;
        return if number.is_finite() { Ok(Token::Float(number)) } else { Err(bad()) };
    }
    digits.parse().map(Token::Int).map_err(|_| bad())
}
