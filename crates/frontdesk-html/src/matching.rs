//! Matching selectors on our tree: a borrowed index gives each element its parent and siblings.

use std::cell::Cell;
use std::fmt;

use selectors::OpaqueElement;
use selectors::attr::{AttrSelectorOperation, CaseSensitivity, NamespaceConstraint};
use selectors::bloom::BloomFilter;
use selectors::matching::{
    ElementSelectorFlags, MatchingContext, MatchingForInvalidation, MatchingMode, NeedsSelectorFlags,
    QuirksMode, SelectorCaches, matches_selector,
};

use crate::selector::{Html, Ident, Never, Value};
use crate::{Element, Node, Selector, SelectorError};

const NONE: usize = usize::MAX;

/// The elements of a tree in document order, each with its neighbours. Groups are transparent.
pub(crate) struct Index<'a> {
    entries: Vec<Entry<'a>>,
    /// The last element without a parent.
    last_root: usize,
    /// How many more steps from element to element a search may take.
    steps: Cell<u64>,
    /// Debug builds only: how many of the next steps go to the expense of `recounts` instead, and what is left there.
    /// See `ignores_nth_child_selectors`.
    recount: Cell<u64>,
    recounts: Cell<u64>,
}

struct Entry<'a> {
    element: &'a Element,
    parent: usize,
    previous: usize,
    next: usize,
    first_child: usize,
    last_child: usize,
    /// How many siblings come before it.
    place: usize,
}

impl<'a> Index<'a> {
    /// Every search may take this many steps, and [`STEPS_PER_ELEMENT`](Self::STEPS_PER_ELEMENT) more for each element.
    /// Enough for any sensible search, and no more than about a second's work.
    const STEPS: u64 = 5_000_000;
    const STEPS_PER_ELEMENT: u64 = 100;
    const RECOUNTS: u64 = if cfg!(debug_assertions) { 100_000_000 } else { 0 };

    pub(crate) fn of_nodes(nodes: &'a [Node]) -> Self {
        let mut index = Self {
            entries: Vec::new(),
            last_root: NONE,
            steps: Cell::default(),
            recount: Cell::default(),
            recounts: Cell::default(),
        };
        index.add_below(nodes, NONE);
        index
    }

    pub(crate) fn of_element(element: &'a Element) -> Self {
        let mut index = Self::of_nodes(&[]);
        let root = index.add(element, NONE);
        index.add_below(element.child_nodes(), root);
        index
    }

    fn add_below(&mut self, nodes: &'a [Node], parent: usize) {
        let mut levels = vec![(nodes.iter(), parent)];
        while let Some((nodes, parent)) = levels.last_mut() {
            let parent = *parent;
            match nodes.next() {
                None => _ = levels.pop(),
                Some(Node::Element(element)) => {
                    let at = self.add(element, parent);
                    levels.push((element.child_nodes().iter(), at));
                }
                Some(Node::Group(nodes)) => levels.push((nodes.iter(), parent)),
                Some(Node::Text(_) | Node::Markup(_)) => {}
            }
        }
    }

    fn add(&mut self, element: &'a Element, parent: usize) -> usize {
        let at = self.entries.len();
        let last = match self.entries.get_mut(parent) {
            Some(parent) => &mut parent.last_child,
            None => &mut self.last_root,
        };
        let previous = std::mem::replace(last, at);
        let mut place = 0;
        if let Some(previous) = self.entries.get_mut(previous) {
            previous.next = at;
            place = previous.place + 1;
        } else if let Some(parent) = self.entries.get_mut(parent) {
            parent.first_child = at;
        }
        self.entries.push(Entry {
            element,
            parent,
            previous,
            next: NONE,
            first_child: NONE,
            last_child: NONE,
            place,
        });
        at
    }

    pub(crate) fn elements(&self) -> impl Iterator<Item = &'a Element> {
        self.entries.iter().map(|entry| entry.element)
    }

    /// The element with this number in document order.
    pub(crate) fn element(&self, at: usize) -> &'a Element {
        self.entries[at].element
    }

    /// The numbers of the first `limit` elements that match, in document order.
    pub(crate) fn search(&self, selector: &Selector, limit: usize) -> Result<Vec<usize>, SelectorError> {
        let count = self.entries.len() as u64;
        self.steps.set(Self::STEPS.saturating_add(count.saturating_mul(Self::STEPS_PER_ELEMENT)));
        self.recounts.set(Self::RECOUNTS);
        let mut caches = SelectorCaches::default();
        let mut context = MatchingContext::new(
            MatchingMode::Normal,
            None,
            &mut caches,
            QuirksMode::NoQuirks,
            NeedsSelectorFlags::No,
            MatchingForInvalidation::No,
        );
        let mut found = Vec::new();
        for at in 0..self.entries.len() {
            if found.len() == limit {
                break;
            }
            let element = Place { index: self, at };
            if selector.0.slice().iter().any(|one| matches_selector(one, 0, None, element, &mut context)) {
                found.push(at);
            }
            // Once no steps are left, answers are wrong.
            if self.steps.get() == 0 {
                return Err(SelectorError::too_costly(selector));
            }
        }
        Ok(found)
    }
}

/// An element in its place.
#[derive(Clone, Copy)]
struct Place<'i, 'a> {
    index: &'i Index<'a>,
    at: usize,
}

impl<'i, 'a> Place<'i, 'a> {
    fn entry(&self) -> &'i Entry<'a> {
        &self.index.entries[self.at]
    }

    fn step(&self, at: usize) -> Option<Self> {
        let left = self.index.steps.get();
        if let Some(recount) = self.index.recount.get().checked_sub(1) {
            self.index.recount.set(recount);
            self.index.recounts.set(self.index.recounts.get().saturating_sub(1));
        } else {
            self.index.steps.set(left.saturating_sub(1));
        }
        (at != NONE && left > 0).then_some(Self { index: self.index, at })
    }

    /// How many siblings it has, itself included.
    fn siblings(&self) -> u64 {
        let last = self
            .index
            .entries
            .get(self.entry().parent)
            .map_or(self.index.last_root, |parent| parent.last_child);
        self.index.entries[last].place as u64 + 1
    }
}

impl fmt::Debug for Place<'_, '_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "<{}> {}", self.entry().element.tag(), self.at)
    }
}

impl selectors::Element for Place<'_, '_> {
    type Impl = Html;

    fn opaque(&self) -> OpaqueElement {
        OpaqueElement::new(self.entry())
    }

    fn parent_element(&self) -> Option<Self> {
        self.step(self.entry().parent)
    }

    fn prev_sibling_element(&self) -> Option<Self> {
        self.step(self.entry().previous)
    }

    fn next_sibling_element(&self) -> Option<Self> {
        self.step(self.entry().next)
    }

    fn first_element_child(&self) -> Option<Self> {
        self.step(self.entry().first_child)
    }

    fn is_html_element_in_html_document(&self) -> bool {
        true
    }

    fn has_local_name(&self, name: &str) -> bool {
        *self.entry().element.tag() == *name
    }

    // Asked for `|div` alone, which is not in the namespace of HTML.
    fn has_namespace(&self, _: &str) -> bool {
        false
    }

    fn is_same_type(&self, other: &Self) -> bool {
        self.entry().element.tag() == other.entry().element.tag()
    }

    fn attr_matches(
        &self,
        namespace: &NamespaceConstraint<&Ident>,
        name: &Ident,
        operation: &AttrSelectorOperation<&Value>,
    ) -> bool {
        match namespace {
            NamespaceConstraint::Specific(url) if !url.as_str().is_empty() => false,
            _ => self.entry().element.get_attr(name.as_str()).is_some_and(|value| operation.eval_str(value)),
        }
    }

    fn has_id(&self, id: &Ident, case: CaseSensitivity) -> bool {
        let own = self.entry().element.get_attr("id");
        own.is_some_and(|own| case.eq(own.as_bytes(), id.as_str().as_bytes()))
    }

    fn has_class(&self, class: &Ident, case: CaseSensitivity) -> bool {
        self.entry().element.classes().any(|own| case.eq(own.as_bytes(), class.as_str().as_bytes()))
    }

    fn is_empty(&self) -> bool {
        let mut rest = vec![self.entry().element.child_nodes()];
        while let Some(nodes) = rest.pop() {
            for node in nodes {
                match node {
                    Node::Element(_) => return false,
                    Node::Text(text) if !text.is_empty() => return false,
                    Node::Markup(markup) if !markup.is_empty() => return false,
                    Node::Text(_) | Node::Markup(_) => {}
                    Node::Group(nodes) => rest.push(nodes),
                }
            }
        }
        true
    }

    // Called before siblings are counted, which must not be cut short: in debug builds `selectors` counts once more,
    // without its cache, and panics if the results differ. That recount is quadratic, and has an allowance of its own.
    fn ignores_nth_child_selectors(&self) -> bool {
        let index = self.index;
        let needed = self.siblings().saturating_mul(4).saturating_add(4);
        index.recount.set(if cfg!(debug_assertions) { needed } else { 0 });
        if index.steps.get() <= needed || index.recounts.get() < index.recount.get() {
            index.steps.set(0);
        }
        index.steps.get() == 0
    }

    fn is_root(&self) -> bool {
        self.entry().parent == NONE
    }

    // What a browser has, and a tree of elements has not.

    fn match_non_ts_pseudo_class(&self, never: &Never, _: &mut MatchingContext<'_, Html>) -> bool {
        match *never {}
    }

    fn match_pseudo_element(&self, never: &Never, _: &mut MatchingContext<'_, Html>) -> bool {
        match *never {}
    }

    fn parent_node_is_shadow_root(&self) -> bool {
        false
    }

    fn containing_shadow_host(&self) -> Option<Self> {
        None
    }

    fn is_pseudo_element(&self) -> bool {
        false
    }

    fn apply_selector_flags(&self, _: ElementSelectorFlags) {}

    fn is_link(&self) -> bool {
        false
    }

    fn is_html_slot_element(&self) -> bool {
        false
    }

    fn has_custom_state(&self, _: &Ident) -> bool {
        false
    }

    fn imported_part(&self, _: &Ident) -> Option<Ident> {
        None
    }

    fn is_part(&self, _: &Ident) -> bool {
        false
    }

    fn add_element_unique_hashes(&self, _: &mut BloomFilter) -> bool {
        false
    }
}
