### Wörter der Formulare und ihrer Eingabefelder, und was über ein Formular als Ganzes gesagt wird.

## Ein Formular als Ganzes

failed = Etwas ist schiefgegangen, und es wurde nichts geändert.
failed--denied = Das dürfen Sie nicht.
failed--forbidden = Die Datenbank lässt sich nur lesen; es wurde nichts geändert.
failed--no-room = Es ist kein Platz mehr, um das zu speichern; es wurde nichts geändert.
failed--not-found = Diesen Eintrag gibt es nicht.
failed--unavailable = Das ist gerade nicht verfügbar, und es wurde nichts geändert. Bitte versuchen Sie es gleich noch einmal.
failed--unconfirmed = Die Verbindung ging beim Speichern verloren. Bitte sehen Sie nach, ob es gespeichert wurde, bevor Sie es noch einmal senden.
form-expired = Dieses Formular war zu lange geöffnet. Bitte prüfen Sie es und senden Sie es noch einmal ab
form-token = Dieses Formular ließ sich nicht bestätigen, und es wurde nichts gespeichert. Bitte prüfen Sie es und senden Sie es noch einmal ab
incomplete = Das Formular ist nicht vollständig angekommen, und es wurde nichts gespeichert. Bitte senden Sie es noch einmal ab
malformed = Das Formular ließ sich nicht lesen
too-large = Das war mehr, als das Formular annimmt; es wurde nichts gespeichert
unsupported-type = Formulare werden als urlencoded, multipart oder JSON gesendet
form-error-summary-title = { $count ->
    [one] Es gibt ein Problem
   *[other] Es gibt { $count } Probleme
}

## Schaltflächen und Auswahl

form-submit = Absenden
form-delete = Diesen Eintrag löschen
form-none = Keine Angabe
form-yes = Ja
form-no = Nein
form-no-answer = Keine Angabe
form-continue = Die Felder zeigen, die dazugehören
form-more-fields = Nach Ihren Angaben gibt es jetzt weitere Felder. Es wurde noch nichts gespeichert
form-range-was = vorher
form-time-zone = Zeitzone:

## Dateien

form-kept-file = Von vorhin behalten, noch nicht gespeichert
form-files = Dateien
form-remove-file = Diese Datei entfernen

## Aus vielem wählen

form-choose = Wählen Sie unter den gefundenen aus
form-search = Suchen
form-search-more = Es gibt noch mehr davon. Schreiben Sie mehr vom Namen, um die anderen zu finden
form-search-nothing = Nichts gefunden. Versuchen Sie es mit einem anderen Wort
form-search-one = Eines wurde gefunden. Wählen Sie es unten aus
form-search-found = Wählen Sie unter den gefundenen aus
form-create = Neu anlegen
form-choice = Auswahl
form-choices = Auswahl
form-nothing-chosen = Nichts ausgewählt

## Zeilen von Unterformularen

form-add-row = Zeile hinzufügen
form-row-action = { $action }: { $row }
form-rows-not-here = Es sind zu viele Zeilen, um sie hier zu bearbeiten
row-gone = Diese Zeile wurde inzwischen gelöscht. Senden Sie das Formular noch einmal ab, um sie neu anzulegen, oder entfernen Sie sie
row-stays = Diese Zeile lässt sich nicht entfernen
rows-needed = Geben Sie mindestens eine Zeile ein
rows-too-few = Geben Sie mindestens { $min } Zeilen ein
rows-too-many = Das sind zu viele Zeilen: höchstens { $max }
form-remove-row = Diese Zeile entfernen
form-move-up = Nach oben
form-move-down = Nach unten

## Zwei an einem Eintrag

conflict = Jemand anderes hat diesen Eintrag geändert, während Sie ihn bearbeitet haben. Es wurde noch nichts gespeichert: Sehen Sie sich die markierten Felder an und senden Sie das Formular dann noch einmal ab
form-conflict-title = Das hat auch jemand anderes geändert
form-conflict-changed = Das hat jemand anderes geändert; Sie sehen den jetzigen Stand
form-conflict-yours = Ihr Wert, oben im Feld
form-conflict-theirs = Der andere Wert, jetzt gespeichert
form-empty = (leer)
form-conflict-before = Vorher
form-conflict-keep-mine = Meinen behalten
form-conflict-take-theirs = Den anderen übernehmen

## Dasselbe Formular zweimal

form-busy = Dieses Formular wird noch gespeichert. Bitte warten Sie einen Augenblick und sehen Sie dann nach, ob es gespeichert wurde
form-changed = Dieses Formular wurde schon gespeichert, mit anderen Werten als diesen. Mehr wurde nicht gespeichert: Senden Sie es noch einmal ab, wenn Sie auch das speichern möchten
form-repeated = Dieses Formular wurde schon gesendet. Es wurde nicht noch einmal gesendet
form-unknown = Dieses Formular wurde schon abgesendet, und der Server brach beim Speichern ab. Bitte sehen Sie nach, ob es gespeichert wurde, bevor Sie es noch einmal absenden

## Entwürfe

form-save-draft = Entwurf speichern
form-draft-found = Es gibt einen Entwurf von { $time }, der nicht gespeichert wurde.
form-draft-differs = Er unterscheidet sich in: { $fields }
form-draft-large = Das ist zu viel für einen Entwurf. Er wurde nicht gespeichert
form-draft-restore = Mit dem Entwurf weitermachen
form-draft-discard = Entwurf verwerfen
form-draft-saved = Ihr Entwurf ist gespeichert. Sie können später darauf zurückkommen

## Während man wartet

form-available = Das passt so
form-too-often = { $seconds ->
    [one] Das war zu oft. Bitte versuchen Sie es in einer Sekunde noch einmal
   *[other] Das war zu oft. Bitte versuchen Sie es in { $seconds } Sekunden noch einmal
}

## Gegen Roboter

bot-expired = Die Prüfung gegen Roboter ist abgelaufen. Bitte senden Sie das Formular noch einmal ab
bot-filled = Ein Feld, das Menschen nicht sehen, war ausgefüllt. Es ist jetzt wieder leer; bitte senden Sie das Formular noch einmal ab
bot-proof = Die Prüfung gegen Roboter ist nicht gelungen. Bitte senden Sie das Formular noch einmal ab
bot-script = Zum Schutz vor Robotern braucht dieses Formular JavaScript
bot-used = Die Prüfung gegen Roboter wurde schon einmal verwendet. Bitte senden Sie das Formular noch einmal ab
captcha-down = Das CAPTCHA ließ sich gerade nicht prüfen. Bitte versuchen Sie es gleich noch einmal.
captcha-failed = Das CAPTCHA wurde nicht gelöst.
captcha-missing = Bitte lösen Sie das CAPTCHA.
form-bot-leave-empty = Lassen Sie dieses Feld leer
form-bot-needs-script = Zum Schutz vor Robotern braucht dieses Formular JavaScript.
form-bot-noscript-wait = { $seconds ->
    [one] Ohne JavaScript lässt sich dieses Formular eine Sekunde nach dem Öffnen absenden.
   *[other] Ohne JavaScript lässt sich dieses Formular { $seconds } Sekunden nach dem Öffnen absenden.
}
bot-wait = { $seconds ->
    [one] Das ging sehr schnell. Bitte warten Sie eine Sekunde und senden Sie das Formular dann noch einmal ab
   *[other] Das ging sehr schnell. Bitte warten Sie { $seconds } Sekunden und senden Sie das Formular dann noch einmal ab
}
