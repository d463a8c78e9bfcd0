//! The rules that are asked, and texts near their borders.

pub(super) struct Case {
    pub(super) rule: &'static str,
    /// Whether a browser with the script also refuses every text that the rule refuses.
    pub(super) exact_in_browser: bool,
    /// Whether the schema does.
    pub(super) exact_schema: bool,
    pub(super) values: &'static [&'static str],
}

const fn exact(rule: &'static str, values: &'static [&'static str]) -> Case {
    Case { rule, exact_in_browser: true, exact_schema: true, values }
}

/// For choices: a browser offers nothing else, and says nothing about what is typed.
const fn choice(rule: &'static str, values: &'static [&'static str]) -> Case {
    Case { rule, exact_in_browser: false, exact_schema: true, values }
}

const fn loose(rule: &'static str, values: &'static [&'static str]) -> Case {
    Case { rule, exact_in_browser: false, exact_schema: false, values }
}

/// Asked of every rule.
pub(super) const SHARED: &[&str] = &[
    "",
    " ",
    "\t",
    "\u{85}",
    "\u{a0}",
    "\u{feff}",
    "\u{180e}",
    "a",
    "A",
    "abc",
    "red",
    "0",
    "-1",
    "+5",
    "007",
    "1.5",
    "1,5",
    "1e3",
    ".5",
    "5.",
    "a b",
    "a\nb",
    "\n",
    "ß",
    "é",
    "😀",
    "a@b.com",
    "2008-03-03",
    "12:30",
    "{}",
    "[1]",
    "null",
    "true",
    "]",
    "\\",
    "-",
    "^",
    "&&",
    "a--b",
    "*****",
    "******",
    "********",
];

pub(super) const CASES: &[Case] = &[
    exact(r#"{"rule":"is_not_empty"}"#, &["\u{85}\u{3000}", " x "]),
    loose(r#"{"rule":"is_not_empty","empty_regex":"none"}"#, &["none", "nonesuch"]),
    exact(
        r#"{"rule":"is_length","maxsize":15}"#,
        &["fifteen charact", "fifteen characte", "😀😀😀😀😀😀😀😀😀😀😀😀😀😀😀"],
    ),
    exact(r#"{"rule":"is_length","minsize":2,"maxsize":4}"#, &["éé", "😀", "😀😀", "a\n", "  "]),
    exact(r#"[{"rule":"is_not_empty"},{"rule":"is_length","maxsize":3}]"#, &["   ", "    "]),
    loose(
        r#"{"rule":"is_empty_or","other":{"rule":"is_length","minsize":3,"maxsize":5}}"#,
        &["      ", "ab", "abcdef"],
    ),
    exact(r#"{"rule":"is_alphanumeric"}"#, &["a_1", "naïve", "_", "A9z"]),
    loose(r#"{"rule":"is_alphanumeric","unicode":true}"#, &["naïve", "日本", "𞤀"]),
    loose(
        r#"{"rule":"is_int_in_range","minimum":0,"maximum":150}"#,
        &["149", "150", "-0", "+149", "000149", "1_0", "1e2", "９"],
    ),
    loose(
        r#"{"rule":"is_int_in_range"}"#,
        &["9223372036854775807", "9223372036854775808", "-9223372036854775808"],
    ),
    loose(
        r#"[{"rule":"is_int_in_range","minimum":0},{"rule":"is_int_in_range","minimum":10,"maximum":20}]"#,
        &["9", "10", "19", "20"],
    ),
    loose(r#"{"rule":"is_empty_or","other":{"rule":"is_int_in_range","minimum":1}}"#, &["  ", "0", "1"]),
    loose(
        r#"{"rule":"is_float_in_range","minimum":-0.5,"maximum":1.5,"dot":","}"#,
        &["-0,5", "1.5", "1,50", "1.6", "1,5,0", " 1 ", "inf", "1e-2", "+.5", "15e-1"],
    ),
    loose(r#"{"rule":"is_float_in_range"}"#, &["1e400", "-", "e5", ".", "1e", "1e+5", "nan"]),
    loose(
        r#"{"rule":"is_decimal_in_range","minimum":"0.1","maximum":"10"}"#,
        &["0.1", "0.09999", "10.0", "10.1", "1e1", "1e99999", "+.5e0"],
    ),
    loose(r#"{"rule":"is_decimal_in_range","dot":","}"#, &["1,000", "1.000,5", "-1"]),
    choice(
        r#"{"rule":"is_in_set","theset":["red","blue",3,2.5,true]}"#,
        &["blue", "pink", "3", "3.0", "2.5", "true"],
    ),
    choice(r#"{"rule":"is_in_set","theset":["","a"]}"#, &["a", "b"]),
    loose(r#"{"rule":"is_in_set","theset":{"Fruit":["a","b"],"Nuts":["c"]},"multiple":[1,3]}"#, &["c", "d"]),
    loose(r#"{"rule":"is_in_set","theset":["a","b"],"multiple":true}"#, &[]),
    loose(
        r#"{"rule":"is_empty_or","other":{"rule":"is_in_set","theset":["red","blue"]}}"#,
        &["blue", "pink"],
    ),
    exact(
        r#"{"rule":"is_match","expression":"^[A-Z]{2}-[0-9]{1,3}$"}"#,
        &["AB-1", "AB-1234", "ab-1", "AB-12\n"],
    ),
    loose(
        r#"{"rule":"is_match","expression":"^\\d{5}(-\\d{4})?$"}"#,
        &["60614", "60614-1234", "6061", "٠١٢٣٤"],
    ),
    exact(r#"{"rule":"is_match","expression":"a|b"}"#, &["ab", "ba", "cab", "b!"]),
    exact(r#"{"rule":"is_match","expression":"[/&!#~{}()|-]+","strict":true}"#, &["/&!#~{}()|-", "/x", "&&"]),
    exact(r#"{"rule":"is_match","expression":"b.?d","search":true}"#, &["abxde", "bd", "b\nd", "bxxd"]),
    loose(r#"{"rule":"is_match","expression":"(?=.*\\d).{6,}"}"#, &["abcde1"]),
    loose(
        r#"[{"rule":"is_match","expression":"\\d+","search":true,"extract":true},{"rule":"is_length","maxsize":2}]"#,
        &["age 42!", "12345"],
    ),
    loose(
        r#"{"rule":"is_email"}"#,
        &[
            "user+tag@example.com",
            "a_b@c_d.org",
            "x@localhost",
            "X@LocalHost",
            "kontakt@österreich.at",
            "a@b",
            "a@b.c",
            "a@@b.com",
            "a@b.com ",
            "a@-b.com",
            ".a@b.com",
            "!#$%&'*+-/=?^_`{|}~@b.com",
            "a@xn--sterreich-z7a.at",
            "a@１.com",
            "a@b。com",
        ],
    ),
    loose(r#"{"rule":"is_email","forced":".*\\.edu$","banned":"mit"}"#, &["x@mit.edu", "x@cam.edu"]),
    loose(r#"{"rule":"is_empty_or","other":{"rule":"is_email"}}"#, &["   ", "x@y.org"]),
    loose(r#"{"rule":"is_list_of_emails"}"#, &["a@b.com, c@d.org", "x y"]),
    loose(r#"{"rule":"is_url"}"#, &["https://example.com/a?b=c", "example.com", "ftp://x", "http://ö.at/ä"]),
    exact(
        r#"{"rule":"is_ipv4"}"#,
        &["127.0.0.1", "255.255.255.255", "256.1.1.1", "01.2.3.4", "1.2.3", "1.2.3.4."],
    ),
    loose(r#"{"rule":"is_ipv4","minip":"10.0.0.0","maxip":"10.255.255.255"}"#, &["10.1.1.1", "11.1.1.1"]),
    loose(
        r#"{"rule":"is_ipv6"}"#,
        &["::", "::1", "fe80::1", "fe80::1%eth0", "::ffff:255.255.255.255", "1:2:3:4:5:6:7:8", "ABCD::"],
    ),
    loose(
        r#"{"rule":"is_ipaddress"}"#,
        &["::1", "1.2.3.4", "1.2.3", "0000:0000:0000:0000:0000:ffff:255.255.255.255"],
    ),
    loose(r#"{"rule":"is_date"}"#, &["2008-3-3", "2008-02-30", "0000-01-01", "28.08.1963"]),
    loose(
        r#"{"rule":"is_date_in_range","minimum":"2008-01-01","maximum":"2009-12-31"}"#,
        &["2008-01-01", "2007-12-31", "2009-12-31", "2010-01-01", "2008-1-1"],
    ),
    loose(
        r#"{"rule":"is_date_in_range","minimum":"2008-01-01","maximum":"2009-12-31","format":"%m/%d/%Y"}"#,
        &["3/3/2008", "2008-03-03", "2010-03-03", "3/3/2010"],
    ),
    loose(
        r#"{"rule":"is_date_in_range","minimum":"2008-05-01","format":"%Y-%d-%m"}"#,
        &["2008-01-12", "2008-12-01"],
    ),
    loose(r#"{"rule":"is_datetime"}"#, &["2008-03-03 12:40:15", "2008-03-03T12:40"]),
    loose(
        r#"{"rule":"is_datetime_in_range","minimum":"2008-01-01T10:30:00","maximum":"2009-12-31T23:59:59.9995"}"#,
        &[
            "2008-01-01T10:30",
            "2008-01-01T10:29",
            "2009-12-31T23:59:59.999",
            "2010-01-01T00:00",
            "2008-01-01 10:29:59",
        ],
    ),
    loose(r#"{"rule":"is_time"}"#, &["5:30 pm", "24:30", "21h30"]),
    loose(r#"{"rule":"is_json"}"#, &["{\"a\": 1}", "spam"]),
    loose(
        r#"[{"rule":"is_json","native_json":true},{"rule":"is_length","maxsize":5}]"#,
        &["[1,2]", "[1, 2]"],
    ),
    exact(r#"{"rule":"is_slug","check":true}"#, &["hello-world", "-a", "a-", "a--b", "a_b", "Hello"]),
    loose(
        r#"{"rule":"is_slug","check":true,"keep_underscores":true,"maxlen":9}"#,
        &["a_b", "_a", "a-_b", "abcdefghij"],
    ),
    loose(r#"[{"rule":"is_slug"},{"rule":"is_length","maxsize":2}]"#, &["Ça va?", "a!!!!"]),
    loose(r#"{"rule":"is_strong"}"#, &["Abcdef1!", "abcdef", "Abcdefghijklmnop1!"]),
    loose(
        r#"{"rule":"is_strong","min":2,"max":4,"upper":false,"lower":false,"number":false,"special":false}"#,
        &["ab", "abcde", "a"],
    ),
    loose(r#"{"rule":"is_strong","entropy":20}"#, &["hello", "x"]),
    loose(r#"{"rule":"crypt","min_length":4}"#, &["abc", "abcd"]),
    loose(r#"{"rule":"crypt","min_length":12}"#, &["abcdefghijkl", "abcdefghijk"]),
    loose(r#"{"rule":"is_equal_to","expression":"s3cret"}"#, &["s3cret"]),
    loose(r#"{"rule":"is_equal_to","field":"password"}"#, &["s3cret"]),
    loose(
        r#"[{"rule":"is_expr","expression":"value != 'x'"},{"rule":"is_length","maxsize":3}]"#,
        &["x", "xxxx"],
    ),
    loose(r#"[{"rule":"is_lower"},{"rule":"is_match","expression":"^[a-z]+$"}]"#, &["ABC"]),
    loose(r#"[{"rule":"is_upper"},{"rule":"is_in_set","theset":["A","B"]}]"#, &["b"]),
    loose(r#"[{"rule":"cleanup"},{"rule":"is_length","minsize":1,"maxsize":2}]"#, &["  ab  ", "äab"]),
    loose(r#"{"rule":"is_safe"}"#, &["<b>x</b>", "<script>"]),
    loose(
        r#"{"rule":"is_list_of","other":{"rule":"is_int_in_range","minimum":1,"maximum":3},"minimum":1,"maximum":2}"#,
        &["1", "[1,2]", "3"],
    ),
    loose(r#"{"rule":"any_of","subs":[{"rule":"is_email"},{"rule":"is_int_in_range"}]}"#, &["5"]),
    loose(r#"{"rule":"is_null_or","other":{"rule":"is_match","expression":"^[a-z]+$"}}"#, &["ABC", "  "]),
    loose(r#"{"rule":"is_file","extension":"png"}"#, &[]),
    loose(r#"{"rule":"is_upload_filename","extension":"png"}"#, &[]),
    loose(r#"{"rule":"is_image"}"#, &[]),
];
