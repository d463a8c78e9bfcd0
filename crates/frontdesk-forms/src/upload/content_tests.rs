use super::*;

const PNG: &[u8] =
    b"\x89PNG\r\n\x1a\n\0\0\0\x0dIHDR\0\0\0\x01\0\0\0\x01\x08\0\0\0\0\x3a\x7e\x9b\x55\0\0\0\x01IDATx\0\0\0\0";
const GIF: &[u8] = b"GIF89a\x01\0\x01\0\0\0\0\x2c\0\0\0\0\x01\0\x01\0\0\x02\x01\0\0;";
const JPEG: &[u8] = b"\xff\xd8\xff\xc0\x00\x0b\x08\x00\x01\x00\x01\x01\x01\x11\x00\xff\xda\x00\x08\x01\x01\x00\x00\x3f\x00x\xff\xd9";
const WEBP: &[u8] = b"RIFF\x16\0\0\0WEBPVP8L\x0a\0\0\0\x2f\0\0\0\0\0\0\0\0\0";
const TIFF: &[u8] = b"II*\0\x08\0\0\0\0\0\0\0\0\0";
const PDF: &[u8] = b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n";
const RTF: &[u8] = b"{\\rtf1 hello}";
const MP3: &[u8] = b"ID3\x04\0\0\0\0\0\0";
const MP3_FRAME: &[u8] = b"\xff\xfb\x90\x64\0\0\0\0";
const WAV: &[u8] = b"RIFF\x24\0\0\0WAVEfmt ";
const MP4: &[u8] = b"\0\0\0\x18ftypmp42\0\0\0\0";
const MOV: &[u8] = b"\0\0\0\x08wide\0\0\0\0mdat";
const WEBM: &[u8] = b"\x1a\x45\xdf\xa3\x01\0\0\0";
const ZIP: &[u8] = b"PK\x03\x04\x14\0\0\0";
const EXE: &[u8] = b"MZ\x90\0\x03\0\0\0";
const ELF: &[u8] = b"\x7fELF\x02\x01\x01\0";
const CLASS: &[u8] = b"\xca\xfe\xba\xbe\0\0\0\x34";
const HTML: &[u8] = b"<!DOCTYPE html><script>alert(1)</script>";
const SVG: &[u8] = b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>";
const XML: &[u8] = b"<?xml version='1.0'?><x/>";
const PHP: &[u8] = b"<?php system($_GET['c']); ?>";
const SHELL: &[u8] = b"#!/bin/sh\nrm -rf /\n";
const TEXT: &[u8] = "name;größe\nAda;1,60\n".as_bytes();
const WIDE: &[u8] = b"\xff\xfea\0;\0b\0";
const EMPTY: &[u8] = b"";

fn code(name: &str, content: &[u8]) -> Option<String> {
    let file = FileValue::in_memory(name, content);
    check_file(&file, &UploadOptions::default()).err().map(|error| error.code().to_owned())
}

/// Each kind under each name that is taken by default: it passes under its own names, and under no other.
#[test]
fn upld_03_content_and_extension_agree() {
    let kinds: &[(&str, &[&[u8]])] = &[
        ("png", &[PNG]),
        ("gif", &[GIF]),
        ("jpg jpeg", &[JPEG]),
        ("webp", &[WEBP]),
        ("tif", &[TIFF]),
        ("pdf", &[PDF]),
        ("rtf", &[RTF]),
        ("mp3", &[MP3, MP3_FRAME]),
        ("wav", &[WAV]),
        ("mp4 mov", &[MP4, MOV]),
        ("webm", &[WEBM]),
        ("txt csv tsv", &[TEXT, WIDE, EMPTY, HTML, SVG, XML, PHP, SHELL]),
        ("", &[ZIP, EXE, ELF, CLASS]),
    ];
    let names: Vec<&str> = kinds.iter().flat_map(|(names, _)| names.split_whitespace()).collect();
    let mut tried = 0;
    for (own, contents) in kinds {
        for content in *contents {
            for name in &names {
                let expected = if own.split_whitespace().any(|own| own == *name) {
                    None
                } else {
                    Some("upload.content")
                };
                for name in [format!("a.{name}"), format!("A.{}", name.to_uppercase())] {
                    assert_eq!(code(&name, content).as_deref(), expected, "{name} {content:?}");
                    tried += 1;
                }
            }
        }
    }
    assert!(tried > 200, "{tried}");
}

#[test]
fn upld_03_files_that_are_two_things() {
    let joined = |first: &[u8], second: &[u8]| [first, second].concat();
    // What a browser takes them for is what their names say; the rest is data, and they are served with `nosniff`.
    for (name, content) in [
        ("gifar.gif", joined(GIF, ZIP)),
        ("archive.png", joined(PNG, ZIP)),
        ("script.gif", joined(GIF, b"=1;alert(1)")),
        ("script.jpg", joined(JPEG, HTML)),
        ("php.jpg", joined(JPEG, PHP)),
        ("script.pdf", joined(PDF, b"1 0 obj << /JavaScript >>")),
    ] {
        assert_eq!(code(name, &content), None, "{name}");
    }
    // Each kind with each of these behind it is that kind; with it in front, or under another name, it is nothing.
    let kinds: [(&str, &[u8]); 11] = [
        ("png", PNG),
        ("gif", GIF),
        ("jpg", JPEG),
        ("webp", WEBP),
        ("tif", TIFF),
        ("pdf", PDF),
        ("rtf", RTF),
        ("mp3", MP3),
        ("wav", WAV),
        ("mp4", MP4),
        ("webm", WEBM),
    ];
    let payloads = [HTML, SVG, XML, PHP, SHELL, ZIP, EXE, ELF, CLASS, b"=1;alert(1)//"];
    let mut tried = 0;
    for (at, (extension, head)) in kinds.iter().enumerate() {
        for payload in payloads {
            let own = format!("two.{extension}");
            assert_eq!(code(&own, &joined(head, payload)), None, "{own} {payload:?}");
            let other = format!("two.{}", kinds[(at + 1) % kinds.len()].0);
            for (name, content) in [(&other, joined(head, payload)), (&own, joined(payload, head))] {
                let found = code(name, &content);
                assert_eq!(found.as_deref(), Some("upload.content"), "{name} {content:?}");
            }
            tried += 3;
        }
    }
    assert!(tried >= 200, "{tried}");
    // Under any other name they are refused, and so is what only some programs would take for the kind.
    for (name, content) in [
        ("gifar.txt", joined(GIF, ZIP)),
        ("a.png", joined(b"\n", PNG)),
        ("a.png", joined(HTML, PNG)),
        ("a.jpg", joined(SVG, JPEG)),
        ("a.gif", b"GIF=1;alert(1)".to_vec()),
        ("a.gif", b"GIF90a\x01\0\x01\0\0\0\0;".to_vec()),
        ("a.pdf", joined(b"\n\n", PDF)),
        ("a.pdf", joined(HTML, PDF)),
        ("a.pdf", b"%!PS-Adobe-3.0".to_vec()),
        ("a.webp", WAV.to_vec()),
        ("a.wav", WEBP.to_vec()),
        ("a.txt", b"text\0more".to_vec()),
        ("a.csv", b"PK\x05\x06\0\0".to_vec()),
        ("a.mp3", joined(b"\0", MP3)),
        ("a.mp4", b"\0\0\0\x18FTYPmp42".to_vec()),
        ("a.jpeg", b"\xff\xd8".to_vec()),
        ("a.rtf", joined(b" ", RTF)),
    ] {
        assert_eq!(code(name, &content).as_deref(), Some("upload.content"), "{name} {content:?}");
    }
}

#[test]
fn upld_03_names_that_hide_what_they_are() {
    for (name, expected) in [
        // The case of letters.
        ("a.PHP", "upload.extension"),
        ("a.pHp", "upload.extension"),
        ("a.Html", "upload.extension"),
        ("a.SVG", "upload.extension"),
        // The last extension counts.
        ("a.png.php", "upload.extension"),
        ("a.png.html", "upload.extension"),
        ("a.gif.exe", "upload.extension"),
        ("a.txt.js", "upload.extension"),
        ("a.jpg.svgz", "upload.extension"),
        // What some systems cut off at the end.
        ("a.php.", "upload.no_extension"),
        ("a.png.", "upload.no_extension"),
        ("a.php ", "upload.extension"),
        ("a.png ", "upload.extension"),
        ("a.png .", "upload.no_extension"),
        ("a.php. .", "upload.no_extension"),
        ("a.png..", "upload.name_two_periods"),
        ("a..png", "upload.name_two_periods"),
        ("a.asp;.png", "upload.name_character"),
        ("a.php%00.png", "upload.name_character"),
        ("a.php\0.png", "upload.name_character"),
        ("a.png\0", "upload.name_character"),
        ("a.png\0.php", "upload.name_character"),
        ("a.png::$DATA", "upload.name_character"),
        ("a.php:.png", "upload.name_character"),
        ("a.png\n", "upload.name_character"),
        ("a.png\r\n.php", "upload.name_character"),
        ("a\t.png", "upload.name_character"),
        // Turned round, invisible, look-alike.
        ("a\u{202e}gnp.exe", "upload.name_character"),
        ("a\u{202d}.png", "upload.name_character"),
        ("a\u{2066}.png", "upload.name_character"),
        ("a\u{200b}.png", "upload.name_character"),
        ("a\u{feff}.png", "upload.name_character"),
        ("a\u{ff0e}png", "upload.name_character"),
        ("a.\u{440}ng", "upload.name_character"),
        ("a.pn\u{261}", "upload.name_character"),
        ("a.\u{ff50}ng", "upload.name_character"),
        // Files that servers read.
        (".htaccess", "upload.name_leading_period"),
        (".user.ini", "upload.name_leading_period"),
        (".png", "upload.name_leading_period"),
        ("web.config", "upload.extension"),
        ("crossdomain.xml", "upload.extension"),
        ("a", "upload.no_extension"),
        ("png", "upload.no_extension"),
        ("", "upload.name_empty"),
        // What a shell or a page would read.
        ("a'.png", "upload.name_character"),
        ("a\".png", "upload.name_character"),
        ("<img src=x onerror=alert(1)>.png", "upload.name_character"),
        ("a;rm -rf ~.png", "upload.name_character"),
        ("$(id).png", "upload.name_character"),
        ("`id`.png", "upload.name_character"),
        ("a|b.png", "upload.name_character"),
        ("a&b.png", "upload.name_character"),
        ("*.png", "upload.name_character"),
        ("a?.png", "upload.name_character"),
    ] {
        assert_eq!(code(name, PNG).as_deref(), Some(expected), "{name:?}");
    }
    // Fine, though they look odd: what is stored is another name anyway.
    for name in [
        "a.php.png",
        "a b (1).PNG",
        "-rf.png",
        "con.png",
        "NUL.png",
        "com1.png",
        "a.html.png",
        "%.png".trim_start_matches('%'),
    ] {
        let expected = if name.starts_with('.') { Some("upload.name_leading_period") } else { None };
        assert_eq!(code(name, PNG).as_deref(), expected, "{name:?}");
    }
}

/// Whatever a name is, the key is one plain name inside the folder, and none that a system treats specially.
#[test]
fn upld_04_no_name_leads_out_of_the_folder() {
    let long = "日".repeat(300);
    let deep = "../".repeat(100);
    let names = [
        "../a.png",
        "../../etc/passwd",
        "..\\..\\a.png",
        "/etc/passwd",
        "C:\\Windows\\win.ini",
        "C:a.png",
        "\\\\server\\share\\a.png",
        "//server/share/a.png",
        "a/../../b.png",
        "a\\..\\..\\b.png",
        "./a.png",
        ".",
        "..",
        "...",
        "/",
        "\\",
        "a/",
        "a\\",
        "%2e%2e%2fa.png",
        "%2e%2e/a.png",
        "..%2fa.png",
        "..%5ca.png",
        "%252e%252e%252fa.png",
        "..%c0%afa.png",
        "..%u2216a.png",
        "\u{2024}\u{2024}/a.png",
        "\u{ff0e}\u{ff0e}\u{ff0f}a.png",
        "\u{2215}a.png",
        "\u{29f8}a.png",
        "~/a.png",
        "~root/a.png",
        "con",
        "CON.png",
        "aux.png",
        "nul",
        "NUL.txt",
        "prn.txt",
        "com1.png",
        "lpt9.txt",
        "CLOCK$.png",
        "con .png",
        "CONIN$",
        "a\0b.png",
        "../\0a.png",
        "a.png\0/../b",
        "file:///etc/passwd",
        "http://example.org/a.png",
        "a.png?b",
        "a.png#b",
        ".incoming",
        ".incoming/ready/t/f/a.png",
        "ready/a.png",
        "-",
        "--",
        "- -.png",
        "a\nb.png",
        "a\u{85}b.png",
        "a\u{2028}b.png",
        "\u{202e}gnp.a",
        "e\u{301}.png",
        "\u{1f600}.png",
        "a.png ",
        " a.png",
        "a. ",
        "a.png...",
        &long,
        &deep,
    ];
    let mut options = UploadOptions::default().any_characters();
    options.allowed_extensions = None;
    let mut made = 0;
    for name in names {
        let Ok(key) = FileKey::generate(name, &options) else { continue };
        made += 1;
        let text = key.as_str();
        assert!(key.is_generated() && FileKey::parse(text).as_ref() == Some(&key), "{name:?}");
        assert!(
            text.len() <= 255 && !text.contains("..") && !text.ends_with(['.', ' ']),
            "{name:?} {text:?}"
        );
        assert!(!text.contains(['/', '\\', ':', '\0', '%', '?', '#', '~', '$', '\n']), "{name:?} {text:?}");
        assert!(
            !text.chars().any(|letter| letter.is_control() || ('\u{2000}'..'\u{2070}').contains(&letter)),
            "{text:?}"
        );
        let path = std::path::Path::new("/uploads").join(text);
        assert_eq!(path.parent(), Some(std::path::Path::new("/uploads")), "{name:?}");
    }
    assert!(made > 50, "{made}");
}
