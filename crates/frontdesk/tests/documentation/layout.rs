//! Widgets, structure, custom forms, sidecar.

use frontdesk::html::{button, div, input};
use frontdesk::prelude::*;

use crate::browser::{open, submit};
use crate::thing;

/// The standard widgets, each by its type and by its name as data.
#[tokio::test]
async fn standard_widgets() {
    let set = || IsInSet::new(["red", "blue"]);
    let fields = [
        Field::boolean("check").with_widget(CheckboxWidget::new()),
        Field::datetime("at").with_widget(DateTimeWidget::datetime()),
        Field::upload("file").with_widget(FileUploadWidget::new()),
        Field::new("list", FieldType::ListString).with_widget(ListWidget::new()),
        Field::password("password").with_widget(PasswordWidget::new()),
        Field::string("radio").requires(set()).with_widget(RadioWidget::new()),
        Field::string("select").requires(set()).with_widget(SelectWidget::new()),
        Field::text("textarea").with_widget(TextareaWidget::new()),
    ];
    let drawn = open(&Form::for_fields("w", fields.clone())).await.custom().widgets;
    for (field, part) in [
        ("check", "type=\"checkbox\""),
        ("at", "type=\"datetime-local\""),
        ("file", "type=\"file\""),
        ("list", "type=\"text\""),
        ("password", "type=\"password\""),
        ("radio", "type=\"radio\""),
        ("select", "<select"),
        ("textarea", "<textarea"),
    ] {
        assert!(drawn[field].as_str().contains(part), "{}", drawn[field]);
    }

    let names = ["checkbox", "datetime", "upload", "list", "password", "radio", "select", "textarea"];
    let named = fields.into_iter().zip(names).map(|(field, name)| field.widget(name));
    assert_eq!(open(&Form::for_fields("w", named)).await.custom().widgets, drawn);
}

/// `FormStyleDefault.widgets['color'] = RadioWidget()`, for this form alone.
#[tokio::test]
async fn a_radio_button_widget() {
    let (db, thing) = thing().await;
    let style = Style::plain().widget("color", RadioWidget::new());
    let form = open(&Form::for_table(&db, &thing).formstyle(style)).await.to_string();
    assert_eq!(form.matches("type=\"radio\"").count(), 3);
    let other = open(&Form::for_table(&db, &thing)).await.to_string();
    assert!(other.contains("<select"), "another form is as it was");
}

/// `MyCustomWidget`, with a class in place of the style attribute.
#[tokio::test]
async fn custom_widgets() {
    let (db, thing) = thing().await;
    let my_custom_widget = widget_fn(|control: &Control<'_>| {
        input()
            .attr("type", "text")
            .id(control.id().to_owned())
            .attr("name", control.name().to_owned())
            .attr("value", control.value().to_owned())
            .class("input red-on-black")
            .attr("placeholder", control.placeholder().unwrap_or("..").to_owned())
            .attr("title", control.title().map(str::to_owned))
    });
    let my_style = Style::plain().widget("name", my_custom_widget).widget("color", RadioWidget::new());
    let spec = Form::for_table(&db, &thing).deletable(false).formstyle(my_style);
    let form = open(&spec).await;
    assert_eq!(
        form.custom().widgets["name"].as_str(),
        r#"<input type="text" id="thing_name" name="name" value="" class="input red-on-black" placeholder="..">"#
    );
    let refused = submit(&spec, "name=<b>&color=").await;
    assert!(refused.custom().widgets["name"].as_str().contains(r#"value="&lt;b&gt;""#), "{refused}");
}

/// `form.structure.find('[name=color]')[0]['_class'] = 'my-class'`.
#[tokio::test]
async fn form_structure_manipulation() {
    let db = Db::open("sqlite::memory:").await.unwrap();
    let paint = db.define(Table::new("paint").field(Field::string("color")).create()).await.unwrap();
    let mut form = open(&Form::for_table(&db, &paint)).await;
    let found = form.structure().find_mut("[name=color]").unwrap().unwrap();
    found.set_attr("class", "my-class");
    assert!(form.to_string().contains("name=\"color\""));
    assert_eq!(form.structure().find(".my-class").unwrap().len(), 1);
    assert!(form.to_string().contains("class=\"my-class\""));
}

fn render(template: &str, form: &Form) -> String {
    let mut templates = minijinja::Environment::new();
    templates.add_template("custom.html", template).unwrap();
    let context = minijinja::context! { form => form.for_template() };
    templates.get_template("custom.html").unwrap().render(context).unwrap()
}

/// Only some of the widgets, between `begin` and `end`; the fields that are left out stay as they are.
#[tokio::test]
async fn custom_forms() {
    let (db, thing) = thing().await;
    db.insert(&thing, Values::new().with("name", "Hulk").with("color", "green")).await.unwrap();
    let spec = Form::for_table(&db, &thing).record(1).show_id(true);
    let template = "{{ form.custom.begin }}{% for field in form.custom.fields %}{% if field != 'id' %}\
        <div class=\"select\">{{ form.custom.widgets[field] }}</div>{% endif %}{% endfor %}\
        {{ form.custom.submit }}{{ form.custom.end }}";
    let page = render(template, &open(&spec).await);
    assert!(page.starts_with("<form") && page.ends_with("</form>"), "{page}");
    assert_eq!(page.matches("<div class=\"select\">").count(), 3);
    assert!(!page.contains("thing_id"));
    assert!(page.contains("type=\"submit\""));

    let form = submit(&spec, "name=Thor").await;
    assert!(form.accepted(), "{form:?}");
    let row = db.get(&thing, &RowId::from(1)).await.unwrap().unwrap();
    assert_eq!((row["name"].as_str(), row["color"].as_str()), (Some("Thor"), Some("green")));
}

/// One's own HTML for the inputs, with the errors and values of the form.
#[tokio::test]
async fn html_in_the_template() {
    let (db, thing) = thing().await;
    let template = "{% for field, error in form.errors | items %}<div class=\"error\">Field {{ field }} {{ error }}</div>\
        {% endfor %}{{ form.custom.begin }}<input name=\"name\" value=\"{{ form.texts.name }}\">\
        {% for color in ['red', 'blue', 'green'] %}<label>{{ color }}</label>\
        <input name=\"color\" type=\"radio\" value=\"{{ color }}\"{% if form.vars.color == color %} checked{% endif %}>\
        {% endfor %}<input type=\"submit\" value=\"Click me\">{{ form.custom.end }}";
    let refused = submit(&Form::for_table(&db, &thing), "name=%20&color=blue").await;
    // The name of a template ends in `.html`, so that texts are escaped.
    let page = render(template, &refused);
    assert!(page.contains("<div class=\"error\">Field name Enter a value</div>"), "{page}");
    assert!(page.contains("value=\"blue\" checked>"), "{page}");
    assert!(page.contains("name=\"name\" value=\" \">"), "what was typed is kept: {page}");
}

/// `form.param.sidecar`, without a script in an attribute.
#[tokio::test]
async fn the_sidecar_parameter() {
    let (db, thing) = thing().await;
    let sidecar = div().child(button().attr("type", "button").child("click me"));
    let mut form = open(&Form::for_table(&db, &thing).sidecar(sidecar)).await;
    assert!(form.to_string().contains("<div><button type=\"button\">click me</button></div></div></form>"));

    form.append_sidecar(frontdesk::html::a().href("/things").class("button is-default").child("Cancel"));
    let html = form.to_string();
    assert!(
        html.contains("click me</button></div><a href=\"/things\" class=\"button is-default\">Cancel</a>"),
        "{html}"
    );
}
