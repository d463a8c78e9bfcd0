use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use frontdesk_validate::{BoxFuture, Choice, ChoiceSearch, Found, Unavailable, ValidationError, Value};
use sea_query::{Condition, Expr};

use super::drawn::Drawn;
use super::{CHUNK, IsInDb, MOST_VALUES};
use crate::rules::source::Place;
use crate::{Action, DbError, DbErrorKind, Set};

/// How long one of the reads of a search may take. People type on while they wait.
const SEARCH_TIME: Duration = Duration::from_secs(1);

/// How many choices a search finds at most, whatever is asked for.
const MOST_FOUND: usize = 200;

/// How many words of a text are looked for, and how long each may be, in bytes.
const MOST_WORDS: usize = 8;
const LONGEST_WORD: usize = 200;

impl ChoiceSearch for IsInDb {
    fn search<'a>(&'a self, text: &'a str, most: usize) -> BoxFuture<'a, Result<Found, Unavailable>> {
        Box::pin(async move {
            let place = self.source.place(&self.named).map_err(out_of_reach)?;
            let drawn = Drawn::of(self, &place);
            let search =
                Search { drawn: &drawn, place: &place, most: most.min(MOST_FOUND), found: Found::default() };
            search.run(text).await.map_err(out_of_reach)
        })
    }

    fn labels<'a>(&'a self, values: &'a [Value]) -> BoxFuture<'a, Result<Vec<Choice>, Unavailable>> {
        Box::pin(async move {
            let place = self.source.place(&self.named).map_err(out_of_reach)?;
            labels(&Drawn::of(self, &place), &place, values).await.map_err(out_of_reach)
        })
    }

    fn creates(&self) -> bool {
        let may = || {
            let place = self.source.place(&self.named).ok();
            place.is_some_and(|place| place.access.is_none_or(|access| access.can(Action::Create)))
        };
        self.create_with.is_some() && may()
    }

    fn create<'a>(&'a self, text: &'a str) -> BoxFuture<'a, Result<Choice, ValidationError>> {
        Box::pin(self.make(text))
    }
}

fn out_of_reach(error: DbError) -> Unavailable {
    tracing::warn!(%error, rule = IsInDb::NAME, "the choices cannot be searched");
    Unavailable(error.to_string())
}

/// A search that goes on: the value itself, labels that begin with the text, labels that have its words somewhere.
struct Search<'s> {
    drawn: &'s Drawn<'s>,
    place: &'s Place,
    most: usize,
    found: Found,
}

impl Search<'_> {
    async fn run(mut self, text: &str) -> Result<Found, DbError> {
        // SQLite takes no NUL in a pattern.
        let text = text.replace('\0', " ");
        let text = text.trim();
        if text.is_empty() {
            if !self.add(self.drawn.ordered()).await? {
                // The order alone took too long: the first rows as they come.
                self.add(self.drawn.set.clone()).await?;
            }
            return Ok(self.found);
        }
        if let Some(value) = self.place.typed(text.into()) {
            self.add(self.drawn.set.clone().filter(self.place.set.col(&self.place.field).eq(value))).await?;
        }
        let columns = self.drawn.searched();
        if let Some(first) = columns.first()
            && text.len() <= LONGEST_WORD
        {
            self.beginning(first, text).await?;
        }
        if self.found.more || columns.is_empty() {
            return Ok(self.found);
        }
        let words = text.split_whitespace().take(MOST_WORDS).fold(Condition::all(), |all, word| {
            let places = columns.iter().filter(|_| word.len() <= LONGEST_WORD);
            let any = places.fold(Condition::any().add(Expr::cust("1 = 0")), |any, column| {
                let column = self.drawn.set.col(column);
                spellings(word).iter().fold(any, |any, word| any.add(column.contains(word)))
            });
            all.add(any)
        });
        self.add(self.drawn.ordered().filter(words)).await?;
        Ok(self.found)
    }

    /// Labels that begin with the text, by an index if there is one.
    async fn beginning(&mut self, column: &Arc<str>, text: &str) -> Result<(), DbError> {
        let compared = self.drawn.set.col(column);
        let own = self.place.table.get(column).filter(|field| field.kind.is_text());
        let index = match own {
            Some(_) => self.place.set.db().backend().index_of(&self.place.table, column).await?,
            None => None,
        };
        let Some(collation) = index else {
            let begins = spellings(text)
                .iter()
                .fold(Condition::any(), |any, text| any.add(compared.starts_with(text)));
            self.add(self.drawn.ordered().filter(begins)).await?;
            return Ok(());
        };
        // A pattern uses only an index without regard to case, and no bound one always; a range uses any.
        let tried = spellings_for(text, collation.ignores_case());
        let dialect = self.place.set.db().backend().dialect();
        for text in tried {
            let range = dialect.begins(compared.expr(), collation, &text);
            self.add(self.drawn.set.clone().filter(range).order_by(Arc::clone(column))).await?;
            if self.found.more {
                break;
            }
        }
        Ok(())
    }

    /// Adds rows that are not there yet, as long as there is room. Tells whether there was time to find them.
    async fn add(&mut self, set: Set) -> Result<bool, DbError> {
        // So many may be there already, and one more tells that there are more.
        let wanted = self.most + self.found.choices.len() + 1;
        let rows = match set.limit(wanted as u64).timeout(SEARCH_TIME).rows().await {
            Ok(rows) => rows,
            Err(error) if error.kind() == DbErrorKind::Timeout => {
                self.found.more = true;
                return Ok(false);
            }
            Err(error) => return Err(error),
        };
        for choice in rows.iter().filter_map(|row| self.drawn.choice(row)) {
            if self.found.choices.iter().any(|known| known.value == choice.value) {
                continue;
            }
            if self.found.choices.len() >= self.most {
                self.found.more = true;
                break;
            }
            self.found.choices.push(choice);
        }
        Ok(true)
    }
}

/// A text as it may be spelled at the beginning of what an index finds.
pub(crate) fn spellings_for(text: &str, ignores_case: bool) -> Vec<String> {
    if ignores_case {
        return spellings(text);
    }
    let mut tried = case_variants(text);
    tried.extend(title_case(text).filter(|titled| !tried.contains(titled)));
    tried
}

/// A text as it may be spelled where ASCII letters match in either case anyway.
fn spellings(text: &str) -> Vec<String> {
    if text.is_ascii() { vec![text.to_owned()] } else { case_variants(text) }
}

/// A text as it is, and in other cases: `ärzte`, `ÄRZTE`, `Ärzte`.
fn case_variants(text: &str) -> Vec<String> {
    let lower = text.to_lowercase();
    let mut variants = vec![text.to_owned()];
    let capital = capitalized(&lower);
    for variant in [capital, text.to_uppercase(), lower] {
        if !variants.contains(&variant) {
            variants.push(variant);
        }
    }
    variants
}

/// `nina simone` is also looked for as `Nina Simone`.
fn title_case(text: &str) -> Option<String> {
    text.contains(' ').then(|| text.to_lowercase().split(' ').map(capitalized).collect::<Vec<_>>().join(" "))
}

fn capitalized(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default()
}

async fn labels(drawn: &Drawn<'_>, place: &Place, values: &[Value]) -> Result<Vec<Choice>, DbError> {
    let typed: Vec<Value> =
        values.iter().take(MOST_VALUES).filter_map(|value| place.typed(value.clone())).collect();
    let column = place.set.col(&place.field);
    let mut known = HashMap::new();
    for chunk in typed.chunks(CHUNK) {
        let rows = drawn.set.clone().filter(column.is_in(chunk.iter().cloned())).rows().await?;
        known.extend(
            rows.iter().filter_map(|row| drawn.choice(row)).map(|choice| (choice.value.clone(), choice)),
        );
    }
    let mut found: Vec<Choice> = Vec::with_capacity(typed.len());
    for value in typed {
        let choice = match known.get(&*value.to_text()) {
            Some(choice) => Some(choice.clone()),
            // The database may take another text for the same, as a column without regard to case does.
            None => {
                let same = drawn.set.clone().filter(column.eq(value)).first().await?;
                same.and_then(|row| drawn.choice(&row))
            }
        };
        found.extend(choice.filter(|choice| !found.contains(choice)));
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cases_are_tried_once() {
        assert_eq!(case_variants("ärzte"), ["ärzte", "Ärzte", "ÄRZTE"]);
        assert_eq!(case_variants("MÜller"), ["MÜller", "Müller", "MÜLLER", "müller"]);
        assert_eq!(case_variants("42"), ["42"]);
        assert_eq!(case_variants(""), [""]);
        assert_eq!(title_case("nina SIMONE").as_deref(), Some("Nina Simone"));
        assert_eq!(title_case("nina"), None);
    }
}
