//! What widgets draw, and what becomes of what is typed into them.

use frontdesk_data::{Field, FieldType, Value};
use frontdesk_forms::{
    CheckboxWidget, ColorWidget, Control, DateTimeWidget, FieldWidget, Form, FormSpec, InputWidget,
    JsonWidget, KeyValueWidget, OrderedListWidget, RadioWidget, RangeWidget, Slot, Style, TagsWidget, Widget,
    widget, widget_fn,
};
use frontdesk_html::{Sink, input};
use frontdesk_validate::{
    IsDateInRange, IsEmail, IsEmptyOr, IsImage, IsInSet, IsIntInRange, IsLength, IsNotEmpty, civil,
};
use http::HeaderValue;
use http::header::ACCEPT_LANGUAGE;

use crate::visitor::{Page, Visitor};

fn list(name: &'static str) -> Field {
    Field::new(name, FieldType::ListString)
}

fn form(fields: impl IntoIterator<Item = Field>) -> FormSpec {
    Form::for_fields("t", fields)
}

fn texts(page: &Page, selector: &str) -> Vec<String> {
    page.select(selector).iter().map(|element| element.text().collect()).collect()
}

#[tokio::test]
async fn form_14_rules_are_said_in_the_attributes_that_browsers_know() {
    let day = |year| civil::Date::constant(year, 1, 1);
    let spec = form([
        Field::string("name").requires(IsNotEmpty::new()),
        Field::string("nick").requires(IsEmptyOr::new(IsLength::max(5).min(2))),
        Field::string("code").requires(IsLength::max(5).min(2)),
        Field::string("email").requires(IsEmail::new()),
        Field::integer("age").requires(IsIntInRange::new(18..=120)),
        Field::integer("count").requires(IsIntInRange::new(0..=9)).with_widget(InputWidget::new("number")),
        Field::date("born").requires(IsDateInRange::new(day(1900)..=day(2020))),
        Field::string("color").requires(IsInSet::new(["red", "blue"])).with_widget(RadioWidget::new()),
        Field::string("size").requires(IsInSet::new(["s", "m"])),
        Field::upload("picture").requires(IsImage::new()),
    ]);
    let page = Visitor::new().get(&spec).await;
    let says = |selector: &str, name: &str| page.attr(selector, name);
    for required in ["#t_name", "#t_email", "#t_age", "#t_born", "#t_color", "#t_size", "#t_picture"] {
        assert_eq!(says(required, "required").as_deref(), Some(""), "{required}");
    }
    assert_eq!(says("#t_nick", "required"), None);
    assert_eq!(says("#t_nick", "minlength"), None, "blanks are nothing, and nothing is accepted");
    assert_eq!(says("#t_code", "minlength").as_deref(), Some("2"));
    assert_eq!(
        says("#t_code", "maxlength").as_deref(),
        Some("10"),
        "UTF-16 units: never stricter than the rule"
    );
    assert_eq!(says("#t_age", "inputmode").as_deref(), Some("numeric"));
    assert_eq!(says("#t_age", "min"), None, "a text input knows no numbers");
    assert_eq!(says("#t_count", "min").as_deref(), Some("0"));
    assert_eq!(says("#t_count", "max").as_deref(), Some("9"));
    assert_eq!(says("#t_count", "step").as_deref(), Some("1"));
    assert_eq!(says("#t_born", "min").as_deref(), Some("1900-01-01"));
    assert_eq!(says("#t_email", "autocomplete").as_deref(), Some("email"));
    assert!(says("#t_picture", "accept").unwrap().contains(".png"));
    assert!(page.select("form[novalidate]").len() == 1, "the server decides");
    assert!(!page.html.contains("data-fd-error-"), "there is no script to read it");
}

#[tokio::test]
async fn form_15_several_inputs_stand_in_a_fieldset_with_a_legend() {
    let set = || IsInSet::new(["a", "b"]).error_message("no");
    let spec = form([
        Field::string("radio").requires(set()).comment("help").with_widget(RadioWidget::new()),
        list("boxes").requires(set().multiple(1..)).with_widget(CheckboxWidget::new()),
        list("list"),
        list("ordered").with_widget(OrderedListWidget::new()),
        Field::string("alone"),
    ]);
    let page = Visitor::new().submit(&spec, &[("radio", "c"), ("boxes", "c")]).await;
    for name in ["radio", "boxes", "list", "ordered"] {
        let legend = format!("fieldset > legend#t_{name}_label");
        assert_eq!(page.select(&legend).len(), 1, "{name} {}", page.html);
        assert_eq!(page.select(&format!("fieldset #t_{name}")).len(), 1, "{name}");
    }
    assert_eq!(page.select("fieldset").len(), 4);
    let fieldset = page.select("fieldset")[0];
    assert_eq!(fieldset.attr("aria-describedby"), Some("t_radio_error t_radio_help"));
    assert_eq!(page.attr("#t_radio", "aria-invalid").as_deref(), Some("true"));
    // In a layout of one's own nobody else names the group.
    let custom = page.form().custom();
    assert!(custom.widgets["radio"].as_str().starts_with(
        r#"<fieldset class="fd-choices" aria-labelledby="t_radio_label" aria-describedby="t_radio_error t_radio_help">"#
    ));
    assert!(custom.labels["radio"].as_str().contains(r#"id="t_radio_label""#));
}

#[tokio::test]
async fn choices_of_a_group_stand_under_its_heading() {
    let nothing: [&str; 0] = [];
    let food = || IsInSet::new(nothing).group("Fruit", ["apple", "pear"]).group("Roots", ["beet"]);
    let spec = form([
        Field::string("one").requires(food()),
        Field::string("radio").requires(food()).with_widget(RadioWidget::new()),
    ]);
    let page = Visitor::new().get(&spec).await;
    let groups: Vec<_> = page.select("#t_one > optgroup").iter().map(|g| g.attr("label").unwrap()).collect();
    assert_eq!(groups, ["Fruit", "Roots"]);
    assert_eq!(texts(&page, "optgroup[label=Fruit] > option"), ["apple", "pear"]);
    assert_eq!(page.select("#t_one > option").len(), 1, "the empty choice");
    let headings: Vec<_> = page
        .select("fieldset [role=group]")
        .iter()
        .map(|group| texts(&page, &format!("#{}", group.attr("aria-labelledby").unwrap())).concat())
        .collect();
    assert_eq!(headings, ["Fruit", "Roots"]);
}

#[tokio::test]
async fn form_01_what_was_typed_into_widgets_that_translate_comes_back_as_typed() {
    let spec = form([
        list("tags").with_widget(TagsWidget::new()),
        Field::new("pairs", FieldType::Json).with_widget(KeyValueWidget::new()),
        Field::new("json", FieldType::Json).with_widget(JsonWidget::new()),
        Field::datetime("at").with_widget(DateTimeWidget::zoned("Europe/Berlin").unwrap()),
        Field::string("name").requires(IsNotEmpty::new()),
    ]);
    let typed = [
        ("tags", "red\n\nblue "),
        ("pairs", "a: 1\nb:2"),
        ("json", "{\"a\":  1}"),
        ("at", "2024-06-01T12:00"),
    ];
    let mut visitor = Visitor::new();
    let page = visitor.submit(&spec, &typed).await;
    for (name, text) in typed {
        assert_eq!(
            page.value_of(name).as_deref().map(|value| value.replace(":00:00", ":00")),
            Some(text.into())
        );
    }
    let mut values = typed.to_vec();
    values.push(("name", "x"));
    let page = visitor.submit(&spec, &values).await;
    let vars = page.form().vars();
    assert_eq!(vars["tags"], Value::List(vec!["red".into(), "blue ".into()]));
    assert_eq!(vars["pairs"].to_text(), r#"{"a":"1","b":"2"}"#);
    assert_eq!(vars["at"].to_text().replace('T', " "), "2024-06-01 10:00:00", "stored is UTC");
}

#[tokio::test]
async fn a_time_that_came_twice_is_asked_for_with_its_offset() {
    let spec = form([Field::datetime("at").with_widget(DateTimeWidget::zoned("Europe/Berlin").unwrap())]);
    let mut visitor = Visitor::new();
    let page = visitor.submit(&spec, &[("at", "2024-10-27T02:30")]).await;
    assert_eq!(page.attr("#t_at", "type").as_deref(), Some("text"), "where an offset can be written");
    assert_eq!(page.value_of("at").as_deref(), Some("2024-10-27T02:30"));
    assert!(texts(&page, "#t_at_error")[0].contains("2024-10-27 02:30+01:00"));
    assert!(texts(&page, "#t_at_zone")[0].contains("Europe/Berlin"));
    assert_eq!(page.attr("#t_at", "aria-describedby").as_deref(), Some("t_at_error t_at_zone"));
    let page = visitor.submit(&spec, &[("at", "2024-10-27 02:30+01:00")]).await;
    assert_eq!(page.form().vars()["at"].to_text().replace('T', " "), "2024-10-27 01:30:00");
}

#[tokio::test]
async fn what_cannot_be_shown_otherwise_is_shown_as_text() {
    let range = |name: &'static str| {
        Field::integer(name).requires(IsIntInRange::new(0..=10)).with_widget(RangeWidget::new())
    };
    let color =
        |name: &'static str| Field::string(name).requires(IsNotEmpty::new()).with_widget(ColorWidget::new());
    let spec = form([
        range("on").default(7),
        range("off").default(11),
        range("none"),
        color("hex").default("#00ff00"),
        color("word").default("red"),
        Field::string("free").default("#00ff00").with_widget(ColorWidget::new()),
        list("lines").default(Value::List(vec!["a\nb".into()])).with_widget(TagsWidget::new()),
        Field::new("deep", FieldType::Json)
            .default(serde_json::json!({ "a": [1] }))
            .with_widget(KeyValueWidget::new()),
    ]);
    let page = Visitor::new().get(&spec).await;
    for (name, kind) in [
        ("on", "range"),
        ("off", "number"),
        ("none", "number"),
        ("hex", "color"),
        ("word", "text"),
        ("free", "text"),
    ] {
        assert_eq!(page.attr(&format!("#t_{name}"), "type").as_deref(), Some(kind), "{name}");
    }
    assert_eq!(texts(&page, "output[for=t_on]"), ["was 7"]);
    assert_eq!(texts(&page, "#t_lines"), ["a\nb"], "an input of its own");
    assert_eq!(texts(&page, "#t_deep"), ["{\n  \"a\": [\n    1\n  ]\n}"]);
}

/// A widget that cannot be used.
#[derive(Debug)]
struct Disabled(std::sync::Arc<dyn Widget>);

impl Widget for Disabled {
    fn write(&self, control: &Control<'_>, out: &mut dyn Sink) {
        self.0.write(&control.as_disabled(), out);
    }
}

#[tokio::test]
async fn every_input_of_a_disabled_control_is_disabled() {
    for name in [
        "text",
        "textarea",
        "select",
        "radio",
        "checkbox",
        "reference",
        "list",
        "ordered",
        "tags",
        "json",
        "keyvalue",
        "color",
        "range",
        "password",
        "upload",
        "date",
        "time",
        "datetime",
        "datetime:Europe/Berlin",
        "number",
    ] {
        let widget = Disabled(widget::by_name(name).unwrap());
        let field = Field::string("f").requires(IsInSet::new(["a", "b"])).with_widget(widget);
        let page = Visitor::new().get(&form([field])).await;
        let inputs = "[name=f], [name=_find_f], button[name=_lookup]";
        assert!(!page.select(inputs).is_empty(), "{name}");
        for element in page.select(inputs) {
            assert!(element.attr("disabled").is_some(), "{name}: {}", element.html());
        }
    }
}

#[test]
fn form_17_a_thousand_requests_in_two_styles_and_three_languages_never_mix() {
    let fields = || [Field::string("name").requires(IsNotEmpty::new()), Field::boolean("agreed")];
    let red = Style::bulma().class(Slot::Submit, "crimson").widget(
        "name",
        widget_fn(|control: &Control<'_>| {
            let (name, value) = (control.name().to_owned(), control.value().to_owned());
            input().attr("name", name).attr("value", value).class("crimson-input")
        }),
    );
    let blue = Style::tailwind().class(Slot::Submit, "navy").class(Slot::Input, "navy-input");
    let specs = [form(fields()).formstyle(red), form(fields()).formstyle(blue)];
    // A button and an error in each.
    let languages = [
        ("en", "Submit", "Enter a value"),
        ("de", "Absenden", "Bitte füllen Sie dieses Feld aus"),
        ("pt", "Enviar", "Preencha este campo"),
    ];
    let one = async |turn: usize| {
        let spec = &specs[turn % 2];
        let mut visitor = Visitor::new();
        let spoken = turn / 6 % languages.len();
        visitor.headers.insert(ACCEPT_LANGUAGE, HeaderValue::from_static(languages[spoken].0));
        let page = match turn % 3 {
            0 => visitor.submit(spec, &[("name", " ")]).await,
            _ => visitor.get(spec).await,
        };
        tokio::task::yield_now().await;
        let (mine, other) = if turn.is_multiple_of(2) { ("crimson", "navy") } else { ("navy", "crimson") };
        let html = page.html;
        assert!(
            html.contains(&format!("class=\"{mine}\"")) && html.contains(&format!("{mine}-input")),
            "{html}"
        );
        assert!(
            !html.contains(&format!("\"{other}\"")) && !html.contains(&format!("{other}-input")),
            "{html}"
        );
        for (number, (language, button, error)) in languages.iter().enumerate() {
            let is_mine = number == spoken;
            assert_eq!(html.contains(&format!("value=\"{button}\"")), is_mine, "{language}: {html}");
            let is_refused = turn.is_multiple_of(3);
            assert_eq!(html.contains(error), is_mine && is_refused, "{language}: {html}");
        }
        // Some make a style of their own in between, from the same base.
        if turn.is_multiple_of(7) {
            let own = spec.clone().formstyle(Style::bulma().class(Slot::Submit, "own"));
            let own = visitor.get(&own).await.html;
            assert!(
                own.contains("class=\"own\"") && !own.contains("crimson") && !own.contains("navy"),
                "{own}"
            );
        }
    };
    std::thread::scope(|scope| {
        for thread in 0..4 {
            let one = &one;
            scope.spawn(move || {
                let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
                let turns = (0..250).map(|turn| one(4 * turn + thread));
                runtime.block_on(futures_util::future::join_all(turns));
            });
        }
    });
    assert_eq!(Style::bulma().class_of(Slot::Submit), "button is-success", "nothing is left behind");
}

#[tokio::test]
async fn no_style_forgets_that_something_is_wrong() {
    let styles = [
        ("bulma", Style::bulma(), "is-danger"),
        ("bootstrap4", Style::bootstrap4(), "is-invalid"),
        ("bootstrap5", Style::bootstrap5(), "is-invalid"),
        ("tailwind", Style::tailwind(), "border-red-700!"),
    ];
    for (name, style, invalid) in styles {
        let spec = form([
            Field::string("text").requires(IsNotEmpty::new()),
            Field::string("size").requires(IsInSet::new(["s", "m"])),
        ])
        .formstyle(style);
        let page = Visitor::new().submit(&spec, &[("text", " "), ("size", "x")]).await;
        for id in ["#t_text", "#t_size"] {
            let class = page.attr(id, "class").unwrap_or_default();
            assert!(class.split(' ').any(|class| class == invalid), "{name} {id}: {class}");
        }
        assert_eq!(page.select("#t_text_error").len(), 1);
    }
}
