use std::fmt;

use frontdesk_html::{Node, Sink, SinkExt};

use super::{Control, Widget};

struct FnWidget<F>(F);

impl<F> fmt::Debug for FnWidget<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("widget_fn(..)")
    }
}

impl<F, N> Widget for FnWidget<F>
where
    F: Fn(&Control<'_>) -> N + Send + Sync + 'static,
    N: Into<Node> + 'static,
{
    fn write(&self, control: &Control<'_>, out: &mut dyn Sink) {
        out.node(&(self.0)(control).into());
    }

    fn varies(&self) -> bool {
        true // a closure may look at anything
    }
}

/// A widget from a closure that builds elements.
///
/// ```
/// use frontdesk_forms::{Control, Style, widget_fn};
/// use frontdesk_html::input;
///
/// let big = widget_fn(|control: &Control<'_>| {
///     input()
///         .attr("type", "text")
///         .attr("id", control.id().to_owned())
///         .attr("name", control.name().to_owned())
///         .attr("value", control.value().to_owned())
///         .attr("placeholder", control.placeholder().unwrap_or("..").to_owned())
///         .class("input is-large")
/// });
/// let style = Style::bulma().widget("name", big);
/// ```
pub fn widget_fn<F, N>(make: F) -> impl Widget
where
    F: Fn(&Control<'_>) -> N + Send + Sync + 'static,
    N: Into<Node> + 'static,
{
    FnWidget(make)
}
