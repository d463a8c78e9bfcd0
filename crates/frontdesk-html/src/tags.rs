//! One function for every element of HTML: `div()`, `input()`, ... Each begins an empty [`Element`].
//!
//! They are re-exported at the root of the crate.

use crate::{Element, Name, element};

macro_rules! tags {
    ($($tag:ident)*) => {$(
        #[doc = concat!("An empty `<", stringify!($tag), ">`.")]
        pub fn $tag() -> Element {
            element(const { Name::new_static(stringify!($tag)) })
        }
    )*};
}

tags! {
    a abbr address area article aside audio b base bdi bdo blockquote body br button canvas caption cite code col
    colgroup data datalist dd del details dfn dialog div dl dt em embed fieldset figcaption figure footer form
    h1 h2 h3 h4 h5 h6 head header hgroup hr html i iframe img input ins kbd label legend li link main map mark menu meta meter nav
    noscript object ol optgroup option output p picture pre progress q rp rt ruby s samp script search section select
    slot small source span strong style sub summary sup table tbody td template textarea tfoot th thead time title tr
    track u ul var video wbr
}
