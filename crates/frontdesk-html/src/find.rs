//! Searching and changing a tree: `find`, `each_mut`, `replace`, `remove`, `find_text`.

use std::mem;
use std::slice;

use crate::matching::Index;
use crate::{Element, IntoSelector, Node, SelectorError};

/// Searching. The node itself is among the candidates.
///
/// Groups are transparent: their nodes are children of the group's parent. [`Node::Markup`] is opaque.
impl Node {
    /// The elements that match, in document order.
    ///
    /// ```
    /// use frontdesk_html::{Node, li, ul};
    /// let list = Node::from(ul().children(["a", "b", "c"].map(|text| li().child(text))));
    /// let odd = list.find("ul > li:nth-child(odd)")?;
    /// assert_eq!(odd.iter().map(|li| li.text_content()).collect::<Vec<_>>(), ["a", "c"]);
    /// # Ok::<(), frontdesk_html::SelectorError>(())
    /// ```
    ///
    /// # Errors
    /// [`SelectorError`] if the selector is wrong, or if the search takes too many steps: selectors with ` ` and
    /// `~` can ask for the square of a deep or wide tree.
    pub fn find(&self, selector: impl IntoSelector) -> Result<Vec<&Element>, SelectorError> {
        find(&self.index(), selector, usize::MAX)
    }

    /// The first element that matches.
    ///
    /// # Errors
    /// Those of [`find`](Self::find).
    pub fn find_first(&self, selector: impl IntoSelector) -> Result<Option<&Element>, SelectorError> {
        Ok(find(&self.index(), selector, 1)?.pop())
    }

    /// The first element that matches, to be changed. For all of them see [`each_mut`](Self::each_mut).
    ///
    /// # Errors
    /// Those of [`find`](Self::find).
    pub fn find_mut(&mut self, selector: impl IntoSelector) -> Result<Option<&mut Element>, SelectorError> {
        let found = self.index().search(&selector.into_selector()?, 1)?;
        Ok(found.first().and_then(|&at| nth_below(slice::from_mut(self), at)))
    }

    /// Calls `change` for each element that matches, in document order, and tells how many these were.
    ///
    /// What matches is settled beforehand: elements that `change` adds are not visited, those that it takes out
    /// are not either.
    ///
    /// ```
    /// use frontdesk_html::{Node, div, input};
    /// let mut form = Node::from(div().children([input().attr("name", "a"), input().attr("name", "b")]));
    /// let count = form.each_mut("input", |el| _ = el.set_attr("disabled", true))?;
    /// assert_eq!(count, 2);
    /// assert_eq!(form.to_string(), r#"<div><input name="a" disabled><input name="b" disabled></div>"#);
    /// # Ok::<(), frontdesk_html::SelectorError>(())
    /// ```
    ///
    /// # Errors
    /// Those of [`find`](Self::find), before any change.
    pub fn each_mut(
        &mut self,
        selector: impl IntoSelector,
        change: impl FnMut(&mut Element),
    ) -> Result<usize, SelectorError> {
        if !self.mark(selector)? {
            return Ok(0);
        }
        Ok(change_marked(None, slice::from_mut(self), change))
    }

    /// Puts `with(element)` in the place of each element that matches, and tells how many were replaced.
    ///
    /// Of matches within one another the outermost is replaced, and the others are gone with it.
    ///
    /// ```
    /// use frontdesk_html::{Node, b, em, p};
    /// let mut text = Node::from(p().child("so ").child(b().child("bold")));
    /// text.replace("b", |b| em().child(b.text_content()).into())?;
    /// assert_eq!(text.to_string(), "<p>so <em>bold</em></p>");
    /// # Ok::<(), frontdesk_html::SelectorError>(())
    /// ```
    ///
    /// # Errors
    /// Those of [`find`](Self::find), before any change.
    pub fn replace(
        &mut self,
        selector: impl IntoSelector,
        with: impl FnMut(&Element) -> Node,
    ) -> Result<usize, SelectorError> {
        if !self.mark(selector)? {
            return Ok(0);
        }
        Ok(replace_marked(slice::from_mut(self), with))
    }

    /// Removes each element that matches, with what it holds, and tells how many were removed.
    ///
    /// Of matches within one another the outermost counts. If the node itself matches, an empty group remains.
    ///
    /// # Errors
    /// Those of [`find`](Self::find), before any change.
    pub fn remove(&mut self, selector: impl IntoSelector) -> Result<usize, SelectorError> {
        if !self.mark(selector)? {
            return Ok(0);
        }
        if is_marked(self) {
            *self = Self::empty();
            return Ok(1);
        }
        Ok(self.inner_mut().map_or(0, remove_marked))
    }

    /// The elements that directly hold a text with `text` in it, in document order; case counts.
    ///
    /// Each text node is looked at alone.
    ///
    /// ```
    /// use frontdesk_html::{Node, b, p};
    /// let node = Node::from(p().child("fish & ").child(b().child("chips")));
    /// assert_eq!(node.find_text("& ")[0].tag().as_str(), "p");
    /// assert_eq!(node.find_text("chips")[0].tag().as_str(), "b");
    /// ```
    pub fn find_text(&self, text: &str) -> Vec<&Element> {
        self.find_text_by(|own| own.contains(text))
    }

    /// The elements that directly hold a text of which `test` is true, in document order.
    pub fn find_text_by(&self, test: impl FnMut(&str) -> bool) -> Vec<&Element> {
        find_text(&self.index(), test)
    }

    fn index(&self) -> Index<'_> {
        Index::of_nodes(slice::from_ref(self))
    }

    /// Marks the elements that match, and no others; tells whether there are any.
    fn mark(&mut self, selector: impl IntoSelector) -> Result<bool, SelectorError> {
        let found = self.index().search(&selector.into_selector()?, usize::MAX)?;
        if !found.is_empty() {
            mark(None, slice::from_mut(self), &found);
        }
        Ok(!found.is_empty())
    }
}

/// Searching. The element itself is among the candidates, except where it could not stay: see
/// [`replace`](Self::replace) and [`remove`](Self::remove).
///
/// Groups are transparent: their nodes are children of the group's parent. [`Node::Markup`] is opaque.
impl Element {
    /// The elements that match, in document order. More about it at [`Node::find`].
    ///
    /// # Errors
    /// [`SelectorError`] if the selector is wrong, or if the search takes too many steps.
    pub fn find(&self, selector: impl IntoSelector) -> Result<Vec<&Element>, SelectorError> {
        find(&Index::of_element(self), selector, usize::MAX)
    }

    /// The first element that matches.
    ///
    /// # Errors
    /// Those of [`find`](Self::find).
    pub fn find_first(&self, selector: impl IntoSelector) -> Result<Option<&Element>, SelectorError> {
        Ok(find(&Index::of_element(self), selector, 1)?.pop())
    }

    /// The first element that matches, to be changed. For all of them see [`each_mut`](Self::each_mut).
    ///
    /// # Errors
    /// Those of [`find`](Self::find).
    pub fn find_mut(&mut self, selector: impl IntoSelector) -> Result<Option<&mut Element>, SelectorError> {
        let found = Index::of_element(self).search(&selector.into_selector()?, 1)?;
        Ok(match found.first() {
            None => None,
            Some(0) => Some(self),
            Some(&at) => nth_below(self.children_mut(), at - 1),
        })
    }

    /// Calls `change` for each element that matches, in document order, and tells how many these were.
    /// More about it at [`Node::each_mut`].
    ///
    /// # Errors
    /// Those of [`find`](Self::find), before any change.
    pub fn each_mut(
        &mut self,
        selector: impl IntoSelector,
        change: impl FnMut(&mut Element),
    ) -> Result<usize, SelectorError> {
        if !self.mark(selector)? {
            return Ok(0);
        }
        Ok(change_marked(Some(self), &mut [], change))
    }

    /// Puts `with(element)` in the place of each element *below this one* that matches, and tells how many were
    /// replaced. More about it at [`Node::replace`].
    ///
    /// # Errors
    /// Those of [`find`](Self::find), before any change.
    pub fn replace(
        &mut self,
        selector: impl IntoSelector,
        with: impl FnMut(&Element) -> Node,
    ) -> Result<usize, SelectorError> {
        if !self.mark(selector)? {
            return Ok(0);
        }
        Ok(replace_marked(self.children_mut(), with))
    }

    /// Removes each element *below this one* that matches, and tells how many were removed.
    /// More about it at [`Node::remove`].
    ///
    /// ```
    /// use frontdesk_html::{button, form, input};
    /// let mut form = form().child(input()).child(button().attr("type", "submit").child("Send"));
    /// assert_eq!(form.remove("[type=submit]")?, 1);
    /// assert_eq!(form.to_string(), "<form><input></form>");
    /// # Ok::<(), frontdesk_html::SelectorError>(())
    /// ```
    ///
    /// # Errors
    /// Those of [`find`](Self::find), before any change.
    pub fn remove(&mut self, selector: impl IntoSelector) -> Result<usize, SelectorError> {
        if !self.mark(selector)? {
            return Ok(0);
        }
        Ok(remove_marked(self.children_mut()))
    }

    /// The elements that directly hold a text with `text` in it, in document order; case counts.
    /// More about it at [`Node::find_text`].
    pub fn find_text(&self, text: &str) -> Vec<&Element> {
        self.find_text_by(|own| own.contains(text))
    }

    /// The elements that directly hold a text of which `test` is true, in document order.
    pub fn find_text_by(&self, test: impl FnMut(&str) -> bool) -> Vec<&Element> {
        find_text(&Index::of_element(self), test)
    }

    fn mark(&mut self, selector: impl IntoSelector) -> Result<bool, SelectorError> {
        let found = Index::of_element(self).search(&selector.into_selector()?, usize::MAX)?;
        if !found.is_empty() {
            mark(Some(self), &mut [], &found);
        }
        Ok(!found.is_empty())
    }
}

fn find<'a>(
    index: &Index<'a>,
    selector: impl IntoSelector,
    limit: usize,
) -> Result<Vec<&'a Element>, SelectorError> {
    let found = index.search(&selector.into_selector()?, limit)?;
    Ok(found.into_iter().map(|at| index.element(at)).collect())
}

fn find_text<'a>(index: &Index<'a>, mut test: impl FnMut(&str) -> bool) -> Vec<&'a Element> {
    let mut holds = |element: &Element| {
        let mut levels = vec![element.child_nodes().iter()];
        while let Some(nodes) = levels.last_mut() {
            match nodes.next() {
                None => _ = levels.pop(),
                Some(Node::Text(text)) if test(text) => return true,
                Some(Node::Group(nodes)) => levels.push(nodes.iter()),
                Some(_) => {}
            }
        }
        false
    };
    index.elements().filter(|element| holds(element)).collect()
}

/// Visits `first`, if any, what it holds, and then `nodes`, in document order: the order of an [`Index`].
///
/// `visit` comes to an element before its children are looked up, and may change them.
fn visit_mut(first: Option<&mut Element>, nodes: &mut [Node], mut visit: impl FnMut(&mut Element)) {
    let mut levels = vec![nodes.iter_mut()];
    if let Some(first) = first {
        visit(first);
        levels.push(first.children_mut().iter_mut());
    }
    while let Some(nodes) = levels.last_mut() {
        match nodes.next() {
            None => _ = levels.pop(),
            Some(Node::Element(element)) => {
                visit(element);
                levels.push(element.children_mut().iter_mut());
            }
            Some(Node::Group(nodes)) => levels.push(nodes.iter_mut()),
            Some(Node::Text(_) | Node::Markup(_)) => {}
        }
    }
}

/// The element of `nodes` and below with this number in document order.
fn nth_below(nodes: &mut [Node], mut at: usize) -> Option<&mut Element> {
    let mut levels = vec![nodes.iter_mut()];
    while let Some(nodes) = levels.last_mut() {
        match nodes.next() {
            None => _ = levels.pop(),
            Some(Node::Element(element)) => {
                if at == 0 {
                    return Some(element);
                }
                at -= 1;
                levels.push(element.children_mut().iter_mut());
            }
            Some(Node::Group(nodes)) => levels.push(nodes.iter_mut()),
            Some(Node::Text(_) | Node::Markup(_)) => {}
        }
    }
    None
}

/// Marks the elements with the numbers `found`, which ascend, and takes the mark off all others.
fn mark(first: Option<&mut Element>, nodes: &mut [Node], found: &[usize]) {
    let mut found = found.iter().copied().peekable();
    let mut at = 0;
    visit_mut(first, nodes, |element| {
        element.mark = found.next_if_eq(&at).is_some();
        at += 1;
    });
}

fn is_marked(node: &Node) -> bool {
    node.as_element().is_some_and(|element| element.mark)
}

fn change_marked(
    first: Option<&mut Element>,
    nodes: &mut [Node],
    mut change: impl FnMut(&mut Element),
) -> usize {
    let mut count = 0;
    visit_mut(first, nodes, |element| {
        if mem::take(&mut element.mark) {
            count += 1;
            change(element);
        }
    });
    count
}

fn replace_marked(nodes: &mut [Node], mut with: impl FnMut(&Element) -> Node) -> usize {
    let mut count = 0;
    let mut levels = vec![nodes.iter_mut()];
    while let Some(nodes) = levels.last_mut() {
        match nodes.next() {
            None => _ = levels.pop(),
            Some(node) => {
                if let Node::Element(element) = node
                    && element.mark
                {
                    count += 1;
                    *node = with(element);
                } else if let Some(inner) = node.inner_mut() {
                    levels.push(inner.iter_mut());
                }
            }
        }
    }
    count
}

fn remove_marked(nodes: &mut Vec<Node>) -> usize {
    let mut count = 0;
    let mut lists = vec![nodes];
    while let Some(nodes) = lists.pop() {
        let before = nodes.len();
        nodes.retain(|node| !is_marked(node));
        count += before - nodes.len();
        lists.extend(nodes.iter_mut().filter_map(Node::inner_mut));
    }
    count
}
