### Was gesagt wird, wenn eine Datenbank einen Eintrag nicht annimmt.

becomes-number = Die Datenbank würde aus diesem Text die Zahl { $number } machen
check = Dieser Wert ist nicht erlaubt
check--record = Diese Werte sind zusammen nicht erlaubt
check--together = Diese Werte passen nicht zusammen
constraint = Die Datenbank nimmt diese Werte nicht an
constraint--reference = Die Datenbank kann das nicht speichern: Einer ihrer Verweise führt zu einer Tabelle oder Spalte, die es nicht gibt
constraint--value = Dieser Wert ist nicht erlaubt
create-empty = Bitte füllen Sie dieses Feld aus
create-field = { $field }: { $error }
create-outside = Was hier hinzugefügt wird, stünde nicht zur Auswahl
decimal-digits = { $max ->
    [one] Geben Sie eine Zahl mit höchstens einer Stelle vor dem Komma ein
   *[other] Geben Sie eine Zahl mit höchstens { $max } Stellen vor dem Komma ein
}
decimal-exact = Diese Zahl hat mehr Stellen, als die Datenbank genau speichern kann
integer-range = Geben Sie eine ganze Zahl von { $min } bis { $max } ein
decimal-places = { $max ->
    [0] Geben Sie eine Zahl ohne Nachkommastellen ein
    [one] Geben Sie eine Zahl mit höchstens einer Nachkommastelle ein
   *[other] Geben Sie eine Zahl mit höchstens { $max } Nachkommastellen ein
}
denied = Das dürfen Sie nicht
foreign-key = Diesen Eintrag gibt es nicht
foreign-key--some = Ein Verweis führt zu einem Eintrag, den es nicht gibt
gone = Dieser Eintrag wurde inzwischen gelöscht
ignored = Die Datenbank hat diesen Eintrag nicht angenommen
is-in-db = Diesen Wert gibt es in der Datenbank nicht
is-not-in-db = Diesen Wert gibt es schon, oder er ist leer
not-allowed = Einen Datensatz mit diesen Werten dürfen Sie nicht speichern
not-null = Bitte füllen Sie dieses Feld aus
not-null--some = Ein Wert fehlt
read-only = Dieses Feld wird nicht von außen gesetzt
referenced = Andere Einträge verweisen noch auf diesen
referenced--table = Einträge in { $table } verweisen noch auf diesen
too-long = Das ist zu lang, um gespeichert zu werden
type = Dieser Wert ist nicht von der richtigen Art
type--boolean = Geben Sie „yes“ (ja) oder „no“ (nein) ein
type--date = Geben Sie ein Datum wie 2008-03-03 ein
type--datetime = Geben Sie Datum und Uhrzeit wie 2008-03-03 13:05:00 ein
type--integer = Geben Sie eine ganze Zahl ein
type--json = Geben Sie gültiges JSON ein
type--number = Geben Sie eine Zahl ein
type--other = Dieser Wert lässt sich hier nicht speichern
type--text = Geben Sie einen Text ein
type--time = Geben Sie eine Uhrzeit wie 13:05:00 ein
type--uuid = Geben Sie eine UUID ein
unique = Ein anderer Eintrag hat diesen Wert schon
unique--record = Ein anderer Eintrag hat dieselben Werte schon
unique--several = Ein anderer Eintrag hat bei { $fields } schon dieselben Werte
unknown-field = Dieses Feld gibt es nicht
