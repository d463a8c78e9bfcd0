### Was der fertige Server sagt.

## Um jede Seite herum

serve-who = Sie
serve-sign-in = Anmelden
serve-sign-out = Abmelden
serve-account = Ihr Konto
serve-skip = Zum Inhalt springen
serve-tables-and-views = Tabellen und Sichten
serve-tables = Tabellen
serve-views = Sichten
serve-all-listed = Alle { $count } Tabellen und Sichten
serve-way = Wo Sie sind
serve-all-tables = Alle Tabellen

## Die erste Seite

serve-count-tables = { $count ->
    [one] 1 Tabelle
   *[other] { $count } Tabellen
}
serve-count-views = { $count ->
    [one] 1 Sicht
   *[other] { $count } Sichten
}
serve-count-both = { $tables } und { $views }
serve-demo = Das ist eine Vorführung: ein kleiner Laden für Helden, in der Datei { $file }. Sehen Sie sich um und ändern Sie, was Sie mögen; löschen Sie die Datei, um von vorn anzufangen. Mit `frontdesk serve DATEI` sehen Sie eine eigene Datenbank.
serve-can-all = Hinzufügen, bearbeiten
serve-can-add = Nur hinzufügen
serve-can-edit = Nur bearbeiten
serve-can-look = Nur ansehen
serve-nothing-title = Diese Datenbank hat noch keine Tabellen
serve-nothing-text = Legen Sie welche mit einem Werkzeug Ihrer Wahl an und starten Sie neu, oder beschreiben Sie eine in einer Schemadatei mit `create = true` und geben Sie diese mit `--schema` an.

## Listen

serve-rows = { $count ->
    [0] keine Zeilen
    [one] 1 Zeile
   *[other] { $count } Zeilen
}
serve-rows-more = mehr als { $count } Zeilen
serve-matching = { $count ->
    [0] keine passenden Zeilen
    [one] 1 passende Zeile
   *[other] { $count } passende Zeilen
}
serve-matching-more = mehr als { $count } passende Zeilen
serve-new = Neuer Eintrag
serve-new-in = Neuer Eintrag in { $table }
serve-add-only-view = In dieser Sicht lassen sich Zeilen hinzufügen, aber nicht bearbeiten. { $why }
serve-add-only-table = In dieser Tabelle lassen sich Zeilen hinzufügen, aber nicht bearbeiten. { $why }
serve-edit-only-view = In dieser Sicht lassen sich Zeilen bearbeiten, aber nicht hinzufügen. { $why }
serve-edit-only-table = In dieser Tabelle lassen sich Zeilen bearbeiten, aber nicht hinzufügen. { $why }
serve-look-only-view = Diese Sicht lässt sich ansehen, nicht bearbeiten. { $why }
serve-look-only-table = Diese Tabelle lässt sich ansehen, nicht bearbeiten. { $why }
serve-search-in = In { $table } suchen
serve-search-hint = In den Texten suchen
serve-large-search = Diese Tabelle ist groß: gefunden werden Zeilen, bei denen { $fields } mit dem Text beginnt.
serve-no-sort = Die Tabelle ist groß, und kein Index hat sie in dieser Reihenfolge
serve-search = Suchen
serve-search-clear = Suche aufheben
serve-only = Nur Zeilen, bei denen { $field } { $value } ist.
serve-only-all = Alle zeigen
serve-no-more = Weitere Zeilen gibt es nicht
serve-no-more-back = Zurück zu den ersten
serve-no-match = Nichts passt zu „{ $text }“
serve-no-match-hint = Jedes Wort muss irgendwo in den Texten einer Zeile vorkommen. Versuchen Sie es mit weniger oder kürzeren Wörtern.
serve-no-such = Solche Zeilen gibt es nicht
serve-empty-table = Hier ist noch nichts
serve-empty-table-hint = Was hinzugefügt wird, erscheint hier.
serve-add-first = Den ersten Eintrag hinzufügen
serve-rows-of = Zeilen von { $table }
serve-open = Öffnen
serve-edit = Bearbeiten
serve-view = Ansehen
serve-left-out = { $count ->
    [one] Eine weitere Spalte ist weggelassen.
   *[other] { $count } weitere Spalten sind weggelassen.
}
serve-all-columns = Alle Spalten zeigen
serve-pages = Seiten
serve-previous = ← Zurück
serve-next = Weiter →
serve-page = Seite { $number }

## Werte

serve-null = null
serve-empty = leer
serve-blank = nur Leerzeichen
serve-yes = ja
serve-no = nein
serve-no-record = (gibt es nicht)
serve-bytes = { $count ->
    [one] 1 Byte
   *[other] { $count } Bytes
}

## Formulare

serve-create = Anlegen
serve-save = Speichern
serve-cancel = Abbrechen
serve-created = Angelegt.
serve-created-as = „{ $record }“ wurde angelegt.
serve-saved = Gespeichert.
serve-saved-as = „{ $record }“ wurde gespeichert.
serve-deleted = Gelöscht.
serve-deleted-as = „{ $record }“ wurde gelöscht.
serve-no-name = (ohne Namen)
serve-gone-title = Dieser Eintrag wurde gelöscht
serve-look-only = Das lässt sich ansehen, nicht bearbeiten. { $why }
serve-needed = Felder mit * müssen ausgefüllt werden.
serve-related = Zeilen, die auf diese verweisen
serve-related-by = durch { $field }

## Was nicht geht, und warum

serve-why-not-read = Sie dürfen diese Einträge nicht sehen.
serve-why-not-create = Sie dürfen hier keine Einträge hinzufügen.
serve-why-not-update = Sie dürfen diese Einträge nicht ändern.
serve-why-not-delete = Sie dürfen diese Einträge nicht löschen.
serve-why-no-key = Ihre Zeilen haben keinen Schlüssel, an dem sie sich unterscheiden ließen.
serve-why-view-create = Es ist eine Sicht, und die Datenbank nimmt keine neuen Zeilen dafür an.
serve-why-view-update = Es ist eine Sicht: Ihre Zeilen werden dort geändert, wo sie herkommen.
serve-why-view-delete = Es ist eine Sicht: Ihre Zeilen werden dort gelöscht, wo sie herkommen.
serve-why-materialised = Es ist eine materialisierte Sicht: Sie ändert sich, wenn die Datenbank sie auffrischt.
serve-why-foreign = Sie ist in einer anderen Datenbank, die von hier keine Änderungen annimmt.
serve-why-heirs = Andere Tabellen erben von ihr, sodass ihr Schlüssel ihre Zeilen nicht unterscheidet.
serve-why-role-read = Die Datenbankrolle { $role } darf sie nicht lesen.
serve-why-role-create = Die Datenbankrolle { $role } darf ihr keine Zeilen hinzufügen.
serve-why-role-update = Die Datenbankrolle { $role } darf ihre Zeilen nicht ändern.
serve-why-role-delete = Die Datenbankrolle { $role } darf ihre Zeilen nicht löschen.
serve-why-column-write = Eine neue Zeile braucht { $column }, was die Datenbankrolle nicht schreiben darf.
serve-why-column-read = Eine neue Zeile braucht { $column }, was die Datenbankrolle nicht lesen darf.
serve-why-sequence = Die Datenbankrolle darf die Sequenz nicht benutzen, die { $column } nummeriert.
serve-why-broken = Die Datenbank kann sie nicht öffnen: { $message }.
serve-cannot-show = { $table } lässt sich nicht anzeigen
serve-cannot-create = { $table } nimmt keine neuen Einträge an
serve-cannot-edit = Die Einträge von { $table } lassen sich nicht bearbeiten

## Was nicht geklappt hat

serve-no-page = Diese Seite gibt es nicht
serve-no-page-text = Vielleicht ist die Adresse falsch geschrieben, oder was hier war, ist weg.
serve-no-table = Diese Tabelle gibt es nicht
serve-no-table-text = In dieser Datenbank gibt es keine Tabelle oder Sicht dieses Namens. Auf der ersten Seite stehen alle.
serve-no-row = Diesen Eintrag gibt es nicht
serve-no-row-text = { $table } hat keinen Eintrag mit diesem Schlüssel. Vielleicht wurde er gelöscht, oder sein Schlüssel hat sich geändert.
serve-method = Das geht hier nicht
serve-method-text = Diese Seite lässt sich ansehen, aber es lässt sich nichts an sie senden.
serve-foreign = Das kam von einer anderen Website
serve-foreign-text = Formulare werden nur von den Seiten dieser Website angenommen, und es wurde nichts geändert.
serve-host = Diese Website ist nur für diesen Computer da
serve-host-text = Sie antwortet unter localhost und 127.0.0.1 und unter keinem anderen Namen, da sich hier niemand anmeldet.
serve-other-host = Diese Seite heißt anders
serve-other-host-text = Unter dem Namen, mit dem sie gefragt wurde, antwortet sie nicht. Soll sie das, so trägt ihn ein, wer sie betreibt.
serve-needs-sign-in = Bitte erst anmelden
serve-needs-sign-in-text = Das ist nicht für alle. Falls Sie schon angemeldet waren, ist das inzwischen zu Ende.
serve-fault = Etwas ist schiefgegangen
serve-fault-text = Die Seite ließ sich nicht erstellen, und es wurde nichts geändert. Die Ursache steht im Protokoll des Servers.
serve-refused = Die Datenbank kann das nicht zeigen
serve-refused-text = Eine Sicht, eine berechnete Spalte oder eine Sortierfolge hier schlägt fehl oder braucht etwas, das dieses Programm nicht hat. Die Ursache steht im Protokoll des Servers; es wurde nichts geändert.
serve-unavailable = Die Datenbank antwortet gerade nicht
serve-no-room = Es ist kein Platz mehr
serve-denied = Das ist nicht für Sie
serve-read-only = Die Datenbank lässt sich nur lesen
serve-mark = Ihr Kennzeichen dort ist { $mark }.
serve-to-tables = Zu den Tabellen
