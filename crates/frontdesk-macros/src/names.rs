//! Names: how Rust's become those of tables and labels, and which one was meant.

/// A type's name as a table's or a stored text: `PlaylistTrack` is `playlist_track`.
pub(crate) fn snake(name: &str) -> String {
    let mut snake = String::with_capacity(name.len() + 4);
    let letters: Vec<char> = name.chars().collect();
    for (at, letter) in letters.iter().enumerate() {
        let begins_word = at > 0
            && letter.is_uppercase()
            && (!letters[at - 1].is_uppercase()
                || letters.get(at + 1).is_some_and(|next| next.is_lowercase()))
            && letters[at - 1] != '_';
        if begins_word {
            snake.push('_');
        }
        snake.extend(letter.to_lowercase());
    }
    snake
}

/// A name in words: `DarkGreen` is "Dark Green".
pub(crate) fn words(name: &str) -> String {
    let capital = |word: &str| {
        let mut letters = word.chars();
        letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
    };
    snake(name).split('_').map(capital).collect::<Vec<_>>().join(" ")
}

/// `; did you mean …?`, if one of `known` is near.
pub(crate) fn did_you_mean<'k>(wrong: &str, known: impl IntoIterator<Item = &'k str>) -> String {
    known
        .into_iter()
        .map(|name| (strsim::osa_distance(wrong, name), name))
        .filter(|(distance, name)| *distance <= 1 + name.len() / 4)
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, name)| format!("; did you mean `{name}`?"))
        .unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_in_snake_case_and_in_words() {
        for (name, in_snake_case, in_words) in [
            ("Hero", "hero", "Hero"),
            ("PlaylistTrack", "playlist_track", "Playlist Track"),
            ("HTTPServer", "http_server", "Http Server"),
            ("Http2", "http2", "Http2"),
            ("Größe", "größe", "Größe"),
        ] {
            assert_eq!(snake(name), in_snake_case);
            assert_eq!(words(name), in_words);
        }
    }

    #[test]
    fn the_nearest_name_is_meant() {
        assert_eq!(did_you_mean("lable", ["label", "table"]), "; did you mean `label`?");
        assert_eq!(did_you_mean("colour", ["label", "name"]), "");
    }
}
