use frontdesk_data::{Db, Field, RowId, Table, Values};
use frontdesk_forms::{
    Children, Control, FieldWidget, Form, FormSpec, InputWidget, RadioWidget, Style, TextareaWidget, Widget,
    widget_fn,
};
use frontdesk_html::{Sink, SinkExt, a, input};
use frontdesk_validate::{IsInSet, IsNotEmpty};
use serde_json::json;

use crate::visitor::Visitor;

fn thing() -> FormSpec {
    Form::for_fields(
        "thing",
        [
            Field::string("name")
                .requires(IsNotEmpty::new())
                .comment("As it is called")
                .placeholder("a name")
                .title("The name"),
            Field::string("color").requires(IsInSet::new(["red", "blue", "green"]).zero("choose one")),
            Field::boolean("heavy").label("Is it heavy?"),
        ],
    )
}

#[tokio::test]
async fn controls_have_the_documented_ids_and_names() {
    let page = Visitor::new().get(&thing()).await;
    assert_eq!(page.attr("label[for=thing_name]", "for").as_deref(), Some("thing_name"));
    assert_eq!(page.attr("#thing_name", "name").as_deref(), Some("name"));
    assert_eq!(page.attr("#thing_name", "placeholder").as_deref(), Some("a name"));
    assert_eq!(page.attr("#thing_name", "title").as_deref(), Some("The name"));
    assert_eq!(page.attr("#thing_name", "aria-describedby").as_deref(), Some("thing_name_help"));
    assert_eq!(page.attr("#thing_name", "required").as_deref(), Some(""));
    assert_eq!(page.select("#thing_name_help").len(), 1);
    let options: Vec<_> =
        page.select("#thing_color option").iter().map(|o| o.text().collect::<String>()).collect();
    assert_eq!(options, ["choose one", "red", "blue", "green"]);
    assert_eq!(page.attr("#thing_heavy", "type").as_deref(), Some("checkbox"));
    assert_eq!(page.value_of("_formname").as_deref(), Some("thing"));
    assert_eq!(page.select("[name=_submit]").len(), 1);
    let first: Vec<_> = page.hidden().into_iter().map(|(name, _)| name).collect();
    assert_eq!(first[0], "_formname", "a multipart body must name its form first");
}

#[tokio::test]
async fn every_id_is_unique_and_every_reference_has_its_target() {
    let spec = thing().widget("color", RadioWidget::new());
    let mut visitor = Visitor::new();
    let page = visitor.submit(&spec, &[("name", ""), ("color", "none")]).await;
    let ids: Vec<_> = page.select("[id]").iter().filter_map(|e| e.attr("id")).collect();
    let mut unique = ids.clone();
    unique.sort_unstable();
    unique.dedup();
    assert_eq!(unique.len(), ids.len(), "{ids:?}");
    for attribute in ["for", "aria-describedby", "aria-labelledby"] {
        for element in page.select(&format!("[{attribute}]")) {
            for id in element.attr(attribute).unwrap().split(' ') {
                assert!(ids.contains(&id), "{attribute}={id} in {}", page.html);
            }
        }
    }
}

#[tokio::test]
async fn bytes_and_tree_are_the_same_html() {
    let mut visitor = Visitor::new();
    let mut page = visitor.submit(&thing(), &[("name", "<&\"'>"), ("color", "none")]).await;
    let mut form = page.form.take().unwrap();
    let bytes = form.html();
    assert_eq!(form.structure().render(), bytes);
}

#[tokio::test]
async fn a_form_drawn_before_is_the_same_but_for_its_token() {
    let spec = thing().hidden("next", "/x");
    let (mut ada, mut eve) = (Visitor::new(), Visitor::new());
    eve.desk = ada.desk.clone();
    let first = ada.get(&spec).await;
    let second = eve.get(&spec).await;
    let token = |page: &crate::visitor::Page| page.value_of("_formkey").unwrap();
    assert_ne!(token(&first), token(&second));
    assert_eq!(first.html.replace(&token(&first), ""), second.html.replace(&token(&second), ""));
    let mut form = second.form.unwrap();
    assert_eq!(form.structure().render().as_str(), second.html, "and the same as its tree");

    // What differs from form to form is not kept.
    let spec = Form::for_fields(
        "t",
        [Field::string("a").default_with({
            let count = std::sync::atomic::AtomicI64::new(0);
            move || count.fetch_add(1, std::sync::atomic::Ordering::Relaxed).into()
        })],
    );
    assert_ne!(ada.get(&spec).await.value_of("a"), ada.get(&spec).await.value_of("a"));
    let mut form = ada.get(&thing()).await.form.unwrap();
    form.append_sidecar("beside");
    assert!(form.to_string().contains("beside"));
}

#[tokio::test]
async fn what_is_changed_in_the_structure_shows() {
    let mut page = Visitor::new().get(&thing()).await;
    let mut form = page.form.take().unwrap();
    form.structure().find_mut("[name=color]").unwrap().unwrap().set_attr("class", "my-class");
    assert!(form.to_string().contains(r#"class="my-class""#));
}

/// The documentation's custom widget.
#[derive(Debug)]
struct Big;

impl Widget for Big {
    fn write(&self, control: &Control<'_>, out: &mut dyn Sink) {
        out.element("input", |out| {
            out.attrs([
                ("type", "text"),
                ("id", control.id()),
                ("name", control.name()),
                ("value", control.value()),
            ]);
            out.attribute("placeholder", control.placeholder().unwrap_or(".."));
            out.attribute("class", "input is-large");
            control.tie(out);
        });
    }
}

#[tokio::test]
async fn widgets_of_ones_own() {
    let spec = Form::for_fields(
        "t",
        [
            Field::string("a").with_widget(Big),
            Field::string("b").widget("textarea"),
            Field::string("c").with_widget(InputWidget::new("tel")),
            Field::string("d"),
        ],
    )
    .widget("d", widget_fn(|control: &Control<'_>| input().id(control.id().to_owned()).class("mine")))
    .widget("b", TextareaWidget::new().rows(9));
    let page = Visitor::new().get(&spec).await;
    assert_eq!(page.attr("#t_a", "class").as_deref(), Some("input is-large"));
    assert_eq!(page.attr("textarea#t_b", "rows").as_deref(), Some("9"));
    assert_eq!(page.attr("#t_c", "type").as_deref(), Some("tel"));
    assert_eq!(page.attr("#t_d", "class").as_deref(), Some("mine"));
}

#[tokio::test]
async fn a_custom_layout_has_all_pieces_and_works() {
    let mut visitor = Visitor::new();
    let page = visitor.submit(&thing(), &[("name", ""), ("color", "red")]).await;
    let custom = page.form().custom();
    assert_eq!(custom.fields, ["name", "color", "heavy"]);
    assert!(custom.begin.as_str().starts_with("<form") && custom.begin.as_str().contains("_formkey"));
    assert!(custom.widgets["color"].as_str().starts_with("<select"));
    assert!(custom.labels["name"].as_str().contains("Name"));
    assert!(custom.errors["name"].as_str().contains("thing_name_error"));
    assert!(!custom.errors.contains_key("color"));
    assert!(custom.submit.as_str().contains("_submit"));
    assert!(custom.delete.is_empty());
    assert_eq!(custom.end.as_str(), "</form>");
}

#[tokio::test]
async fn a_layout_has_a_place_for_conflicts_rows_and_drafts() {
    let db = Db::open("sqlite::memory:").await.unwrap();
    let album = Table::new("album").field(Field::string("title")).field(Field::string("by"));
    let album = db.define(album.create()).await.unwrap();
    let song = Table::new("song").field(Field::reference("album", "album")).field(Field::string("name"));
    let song = db.define(song.create()).await.unwrap();
    db.insert(&album, Values::new().with("title", "one")).await.unwrap();
    let spec =
        Form::for_table(&db, &album).children(Children::of(&db, &song, "album").unwrap()).record(1).drafts();
    let mut visitor = Visitor::new();
    visitor.submit(&spec, &[("title", "draft"), ("_draft", "save")]).await;
    let page = visitor.get(&spec).await;
    let custom = page.form().custom();
    assert!(custom.begin.as_str().contains("value=\"restore\""));
    assert!(custom.submit.as_str().contains("value=\"save\""));
    assert!(custom.children["song"].as_str().contains("song[0].name"));
    assert!(custom.blocks["title"].as_str().starts_with("<div") && custom.blocks.len() == 2);

    db.update(&album, &RowId::from(1), Values::new().with("title", "theirs")).await.unwrap();
    let mut pairs = page.hidden();
    pairs.extend([("title".to_owned(), "mine".to_owned())]);
    let kind = "application/x-www-form-urlencoded";
    let request = visitor.request(http::Method::POST, "/", kind, crate::visitor::encode(&pairs));
    let page = visitor.send(&spec, request).await.unwrap();
    assert_eq!(page.status, http::StatusCode::CONFLICT);
    let custom = page.form().custom();
    for text in ["_take_title", "theirs", "mine"] {
        assert!(custom.errors["title"].as_str().contains(text), "{text}: {:?}", custom.errors);
    }
    assert!(!custom.errors.contains_key("by"));
}

#[tokio::test]
async fn minijinja_prints_forms_and_their_pieces() {
    let mut templates = minijinja::Environment::new();
    templates.set_formatter(frontdesk_forms::form_formatter);
    let source = "{{ form }}|{{ form.custom.widgets.color }}|{% for f in form.custom.fields %}{{ f }},{% endfor %}|\
                  {{ form.errors.name }}|{{ form.accepted }}|{{ form.vars.color }}";
    templates.add_template("page.html", source).unwrap();
    let mut visitor = Visitor::new();
    let page = visitor.submit(&thing(), &[("name", ""), ("color", "red")]).await;
    let text = templates
        .get_template("page.html")
        .unwrap()
        .render(minijinja::context! { form => page.form().for_template() })
        .unwrap();
    let parts: Vec<_> = text.split('|').collect();
    assert_eq!(parts[0], page.form().to_string());
    assert!(parts[1].starts_with("<select"));
    assert_eq!(parts[2], "name,color,heavy,");
    assert_eq!(parts[3], page.form().error_of("name").unwrap().text());
    assert_eq!(&parts[4..], ["False", "red"]);
}

#[tokio::test]
async fn the_sidecar_stands_beside_the_button() {
    let spec = thing().sidecar(a().href("/").class("button").child("Cancel"));
    let mut page = Visitor::new().get(&spec).await;
    assert_eq!(page.select(".fd-buttons > a.button").len(), 1);
    let mut form = page.form.take().unwrap();
    form.append_sidecar(a().child("more"));
    assert!(form.to_string().contains("Cancel</a><a>more</a>"));
}

#[tokio::test]
async fn a_form_as_json_says_all_that_a_client_needs() {
    let mut visitor = Visitor::new();
    let page = visitor.submit(&thing(), &[("name", " "), ("color", "blue")]).await;
    let json = page.form().as_json();
    assert_eq!(json["accepted"], json!(false));
    assert_eq!(json["fields"][0]["name"], "name");
    assert_eq!(json["fields"][0]["value"], " ");
    assert_eq!(json["fields"][0]["error"]["code"], page.form().error_of("name").unwrap().code());
    assert_eq!(json["fields"][1]["choices"][1], json!({"value": "red", "label": "red"}));
    assert!(json["hidden"]["_formkey"].as_str().unwrap().len() > 43);
}

#[tokio::test]
async fn form_08_every_slot_escapes_what_is_put_into_it() {
    const EVIL: &str = "\"'><script>alert(1)</script><img src=x onerror=alert(1)>";
    let evil = || EVIL;
    let field = |name: &'static str| {
        Field::string(name).label(evil()).comment(evil()).placeholder(evil()).title(evil()).default(EVIL)
    };
    let spec = Form::for_fields(
        evil(),
        [
            field("a"),
            field("b").requires(IsInSet::new([EVIL]).zero(EVIL).error_message(EVIL)),
            field("c").requires(IsInSet::new([EVIL])).with_widget(RadioWidget::new()),
            field("d").widget("textarea"),
            field("e").writable(false),
            Field::boolean("f").label(evil()),
            Field::upload("g").label(evil()),
            field("h").widget("datetime"),
            field("i").widget("list"),
        ],
    )
    .hidden(evil(), EVIL)
    .submit_value(evil())
    .action("javascript:alert(1)")
    .sidecar(evil());
    for style in [Style::plain(), Style::bulma()] {
        let spec = spec.clone().formstyle(style);
        let mut visitor = Visitor::new();
        let empty = visitor.get(&spec).await;
        let refused = visitor.submit(&spec, &[("b", EVIL), ("b", "x"), ("a", EVIL)]).await;
        for page in [empty, refused] {
            assert!(page.select("script, img, [onerror]").is_empty(), "{}", page.html);
            assert!(!page.html.contains("<script"));
            assert_eq!(page.attr("form", "action"), None);
        }
    }
}
