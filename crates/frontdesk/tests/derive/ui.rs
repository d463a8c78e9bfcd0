//! What the compiler says of mistakes.
//!
//! Each file in `ui` is compiled against the library that these tests are linked with; what is said of it stands in the
//! `.expected` file beside it, as line, column and message. `UPDATE_UI=1` writes those anew.

use std::fmt::Write;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value as Json;

struct Compiler {
    /// Where cargo puts the libraries.
    libraries: PathBuf,
    frontdesk: PathBuf,
    out: tempfile::TempDir,
}

impl Compiler {
    /// Finds the library. There may be several, of other features or older: that with which everything works is right.
    fn find(works: &Path) -> Self {
        let libraries = std::env::current_exe().unwrap().parent().unwrap().to_owned();
        let mut found: Vec<(std::time::SystemTime, PathBuf)> = std::fs::read_dir(&libraries)
            .unwrap()
            .map(|entry| entry.unwrap().path())
            .filter(|path| {
                let name = path.file_name().unwrap().to_string_lossy();
                name.starts_with("libfrontdesk-") && name.ends_with(".rlib")
            })
            .map(|path| (path.metadata().unwrap().modified().unwrap(), path))
            .collect();
        found.sort();
        for (_, frontdesk) in found.into_iter().rev() {
            let out = tempfile::tempdir().unwrap();
            let compiler = Self { libraries: libraries.clone(), frontdesk, out };
            if compiler.compile(works).is_empty() {
                return compiler;
            }
        }
        panic!("with no library in {} does {} compile", libraries.display(), works.display());
    }

    /// Compiles a file; gives what is said of it.
    fn compile(&self, file: &Path) -> String {
        let output = Command::new(std::env::var_os("RUSTC").unwrap_or_else(|| "rustc".into()))
            .args(["--edition=2024", "--crate-type=lib", "--emit=metadata", "--error-format=json"])
            .arg("--out-dir")
            .arg(self.out.path())
            .arg("--extern")
            .arg(format!("frontdesk={}", self.frontdesk.display()))
            .arg("-L")
            .arg(format!("dependency={}", self.libraries.display()))
            .arg(file)
            .output()
            .unwrap();
        let said = String::from_utf8(output.stderr).unwrap();
        let mut lines: Vec<(u64, u64, String)> = Vec::new();
        for line in said.lines() {
            let message: Json = serde_json::from_str(line).unwrap_or_else(|_| panic!("{line}"));
            let Some(span) = message["spans"]
                .as_array()
                .and_then(|spans| spans.iter().find(|span| span["is_primary"] == true))
            else {
                continue;
            };
            let mut text = message["message"].as_str().unwrap().to_owned();
            for note in message["children"].as_array().into_iter().flatten() {
                let own = note["level"] == "note" && note["spans"].as_array().is_none_or(Vec::is_empty);
                let note = note["message"].as_str().unwrap();
                // What we say, not the compiler's way to it.
                if own && message["code"]["code"] == "E0277" && !note.starts_with("required for") {
                    let _ = write!(text, "\n    note: {note}");
                }
            }
            if text.starts_with("`?`") {
                // Only follows from what is said at the same place.
                continue;
            }
            lines.push((span["line_start"].as_u64().unwrap(), span["column_start"].as_u64().unwrap(), text));
        }
        lines.sort();
        lines.dedup();
        lines.into_iter().fold(String::new(), |mut all, (line, column, text)| {
            let _ = writeln!(all, "{line}:{column} {text}");
            all
        })
    }
}

#[test]
fn mistakes_are_told_where_they_are() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/derive/ui");
    let compiler = Compiler::find(&folder.join("works.rs"));
    let mut files: Vec<PathBuf> = std::fs::read_dir(&folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| {
            path.extension().is_some_and(|extension| extension == "rs") && !path.ends_with("works.rs")
        })
        .collect();
    files.sort();
    assert!(files.len() >= 5);
    let mut wrong = String::new();
    for file in files {
        let said = compiler.compile(&file);
        let expected = file.with_extension("expected");
        if std::env::var_os("UPDATE_UI").is_some() {
            std::fs::write(&expected, &said).unwrap();
        }
        let expected = std::fs::read_to_string(&expected).unwrap_or_default();
        if said != expected || said.is_empty() {
            let _ = writeln!(wrong, "{}:\n{said}\nexpected:\n{expected}", file.display());
        }
    }
    assert!(wrong.is_empty(), "{wrong}");
}
