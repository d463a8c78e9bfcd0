### What the ready server says.

## Around every page

serve-who = You
serve-sign-in = Login
serve-sign-out = Logout
serve-account = Your account
serve-skip = Skip to the content
serve-tables-and-views = Tables and views
serve-tables = Tables
serve-views = Views
serve-all-listed = All { $count } tables and views
serve-way = Breadcrumb
serve-all-tables = All tables

## The first page

serve-count-tables = { $count ->
    [one] 1 table
   *[other] { $count } tables
}
serve-count-views = { $count ->
    [one] 1 view
   *[other] { $count } views
}
serve-count-both = { $tables } and { $views }
serve-demo = This is a demo: a little shop for heroes, in the file { $file }. Look around, change what you like; delete the file to begin anew. With `frontdesk serve FILE` you see a database of your own.
serve-can-all = Add and edit
serve-can-add = Add only
serve-can-edit = Edit only
serve-can-look = Look only
serve-nothing-title = This database has no tables yet
serve-nothing-text = Make some with the tool of your choice and restart, or describe one in a schema file with `create = true` and give it with `--schema`.

## Lists

serve-rows = { $count ->
    [0] no rows
    [one] 1 row
   *[other] { $count } rows
}
serve-rows-more = more than { $count } rows
serve-matching = { $count ->
    [0] no matching rows
    [one] 1 matching row
   *[other] { $count } matching rows
}
serve-matching-more = more than { $count } matching rows
serve-new = New record
serve-new-in = New record in { $table }
serve-add-only-view = Rows of this view can be added, but not edited. { $why }
serve-add-only-table = Rows of this table can be added, but not edited. { $why }
serve-edit-only-view = Rows of this view can be edited, but none can be added. { $why }
serve-edit-only-table = Rows of this table can be edited, but none can be added. { $why }
serve-look-only-view = This view can be looked at, not edited. { $why }
serve-look-only-table = This table can be looked at, not edited. { $why }
serve-search-in = Search in { $table }
serve-search-hint = Search the texts
serve-large-search = This table is large: found are rows whose { $fields } begins with the text.
serve-no-sort = The table is large, and no index has it in this order
serve-search = Search
serve-search-clear = Clear
serve-only = Only rows whose { $field } is { $value }.
serve-only-all = Show all
serve-no-more = There are no more rows
serve-no-more-back = Go back to the first ones
serve-no-match = Nothing matches “{ $text }”
serve-no-match-hint = Each word has to occur somewhere in the texts of a row. Try fewer or shorter ones.
serve-no-such = There are no such rows
serve-empty-table = Nothing here yet
serve-empty-table-hint = What is added shows up here.
serve-add-first = Add the first record
serve-rows-of = Rows of { $table }
serve-open = Open
serve-edit = Edit
serve-view = View
serve-left-out = { $count ->
    [one] One more column is left out.
   *[other] { $count } more columns are left out.
}
serve-all-columns = Show all columns
serve-pages = Pages
serve-previous = ← Previous
serve-next = Next →
serve-page = Page { $number }

## Values

serve-null = null
serve-empty = empty
serve-blank = blank
serve-yes = yes
serve-no = no
serve-no-record = (no such record)
serve-bytes = { $count ->
    [one] 1 byte
   *[other] { $count } bytes
}

## Forms

serve-create = Create
serve-save = Save
serve-cancel = Cancel
serve-created = Created.
serve-created-as = Created “{ $record }”.
serve-saved = Saved.
serve-saved-as = Saved “{ $record }”.
serve-deleted = Deleted.
serve-deleted-as = Deleted “{ $record }”.
serve-no-name = (no name)
serve-gone-title = This record was deleted
serve-look-only = This can be looked at, not edited. { $why }
serve-needed = Fields marked * must be filled in.
serve-related = Rows that refer to this one
serve-related-by = by { $field }

## What is not possible, and why

serve-why-not-read = You may not see these records.
serve-why-not-create = You may not add records here.
serve-why-not-update = You may not change these records.
serve-why-not-delete = You may not delete these records.
serve-why-no-key = Its rows have no key by which one could be told from another.
serve-why-view-create = It is a view, and the database takes no new rows for it.
serve-why-view-update = It is a view: its rows are changed where they come from.
serve-why-view-delete = It is a view: its rows are deleted where they come from.
serve-why-materialised = It is a materialised view: it changes when the database refreshes it.
serve-why-foreign = It is in another database, which takes no changes from here.
serve-why-heirs = Other tables inherit from it, so that its key does not tell its rows apart.
serve-why-role-read = The database role { $role } may not read it.
serve-why-role-create = The database role { $role } may not add rows to it.
serve-why-role-update = The database role { $role } may not change its rows.
serve-why-role-delete = The database role { $role } may not delete its rows.
serve-why-column-write = A new row needs { $column }, which the database role may not write.
serve-why-column-read = A new row needs { $column }, which the database role may not read.
serve-why-sequence = The database role may not use the sequence that numbers { $column }.
serve-why-broken = The database cannot open it: { $message }.
serve-cannot-show = { $table } cannot be shown
serve-cannot-create = { $table } takes no new records
serve-cannot-edit = The records of { $table } cannot be edited

## What did not work

serve-no-page = There is no such page
serve-no-page-text = The address may be mistyped, or what was here is gone.
serve-no-table = There is no such table
serve-no-table-text = This database has no table or view of that name. The list of all of them is on the first page.
serve-no-row = There is no such record
serve-no-row-text = { $table } has no record of that key. It may have been deleted, or its key may have changed.
serve-method = That is not done here
serve-method-text = This page can be looked at, but nothing can be sent to it.
serve-foreign = This came from another site
serve-foreign-text = Forms are taken from this site’s own pages only, and nothing was changed.
serve-host = This site is for this computer only
serve-host-text = It answers at localhost and 127.0.0.1 and under no other name, since nobody signs in here.
serve-other-host = This site has another name
serve-other-host-text = It does not answer under the name by which it was asked. If it should, the one who runs it adds that name to the schema file.
serve-needs-sign-in = Please sign in first
serve-needs-sign-in-text = This is not for everybody. If you were signed in before, that has ended meanwhile.
serve-fault = Something went wrong
serve-fault-text = The page could not be made, and nothing was changed. The cause is in the server’s log.
serve-refused = The database cannot show this
serve-refused-text = A view, a computed column or a collation here fails, or asks for something that this program does not have. The cause is in the server’s log; nothing was changed.
serve-unavailable = The database does not answer just now
serve-no-room = There is no room left
serve-denied = This is not for you
serve-read-only = The database can only be read
serve-mark = Its mark there is { $mark }.
serve-to-tables = Go to the tables
