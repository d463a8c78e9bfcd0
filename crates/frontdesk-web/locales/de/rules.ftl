### Was Regeln sagen.

unavailable = Das lässt sich gerade nicht prüfen. Bitte versuchen Sie es noch einmal
boolean = Geben Sie „true“ (ja) oder „false“ (nein) ein
duplicate = Das wurde mehr als einmal gesendet
duplicate-file = Wählen Sie nur eine Datei aus
nul = Der Text darf kein NUL-Zeichen enthalten
nul--typed = Der Text enthält ein Zeichen, das sich nicht speichern lässt (NUL)

## Text

any-of = Dieser Wert ist nicht erlaubt
cleanup = Diese Eingabe ist ungültig
crypt-max = Zu lang
crypt-min = Zu kurz
is-alphanumeric = Verwenden Sie nur Buchstaben, Ziffern und den Unterstrich
is-email = Geben Sie eine gültige E-Mail-Adresse ein
is-equal-to = Die Eingaben stimmen nicht überein
is-expr = Diese Eingabe ist ungültig
is-in-set = Dieser Wert ist nicht erlaubt
is-ipaddress = Geben Sie eine gültige IP-Adresse ein
is-ipaddress-subnets = Ein vorgegebenes Subnetz ist ungültig
is-ipv4 = Geben Sie eine gültige IPv4-Adresse ein
is-ipv6 = Geben Sie eine gültige IPv6-Adresse ein
is-ipv6-subnets = Ein vorgegebenes Subnetz ist ungültig
is-json = Das ist kein gültiges JSON
is-length = Geben Sie { $min } bis { $max } Zeichen ein
is-list-of-max = { $max ->
    [one] Höchstens ein Eintrag ist erlaubt
   *[other] Höchstens { $max } Einträge sind erlaubt
}
is-list-of-min = { $min ->
    [one] Mindestens ein Eintrag ist nötig
   *[other] Mindestens { $min } Einträge sind nötig
}
is-list-of-emails = Keine gültigen E-Mail-Adressen: { $emails }
is-match = Diese Eingabe ist ungültig
is-not-empty = Bitte füllen Sie dieses Feld aus
is-safe = Dieser Inhalt ist nicht sicher
is-slug = Verwenden Sie nur Kleinbuchstaben, Ziffern und Bindestriche
is-url = Geben Sie eine gültige Internetadresse ein

## Passwörter

is-strong--entropy = Das Passwort ist zu leicht zu erraten
is-strong--min = Mindestlänge: { $count } Zeichen
is-strong--max = Höchstlänge: { $count } Zeichen
is-strong--special = Mindestens { $count } dieser Zeichen: { $specials }
is-strong--no-special = Keines dieser Zeichen: { $specials }
is-strong--invalid = Keines dieser Zeichen: { $count }
is-strong--upper = { $count ->
    [one] Mindestens ein Großbuchstabe
   *[other] Mindestens { $count } Großbuchstaben
}
is-strong--no-upper = Keine Großbuchstaben
is-strong--lower = { $count ->
    [one] Mindestens ein Kleinbuchstabe
   *[other] Mindestens { $count } Kleinbuchstaben
}
is-strong--no-lower = Keine Kleinbuchstaben
is-strong--number = { $count ->
    [one] Mindestens eine Ziffer
   *[other] Mindestens { $count } Ziffern
}
is-strong--no-number = Keine Ziffern

## Zahlen

is-int-in-range = Geben Sie eine ganze Zahl ein
is-int-in-range-min = Geben Sie eine ganze Zahl ab { $min } ein
is-int-in-range-max = Geben Sie eine ganze Zahl bis { $max } ein
is-int-in-range-between = Geben Sie eine ganze Zahl von { $min } bis { $max } ein
is-float-in-range = Geben Sie eine Zahl ein
is-float-in-range-min = Geben Sie eine Zahl ab { $min } ein
is-float-in-range-min--more = Geben Sie eine Zahl ein, die größer als { $min } ist
is-float-in-range-max = Geben Sie eine Zahl bis { $max } ein
is-float-in-range-max--less = Geben Sie eine Zahl ein, die kleiner als { $max } ist
is-float-in-range-between = Geben Sie eine Zahl von { $min } bis { $max } ein
is-float-in-range-between--below = Geben Sie eine Zahl ab { $min } ein, die kleiner als { $max } ist
is-float-in-range-between--above = Geben Sie eine Zahl bis { $max } ein, die größer als { $min } ist
is-float-in-range-between--inside = Geben Sie eine Zahl ein, die größer als { $min } und kleiner als { $max } ist
is-decimal-in-range = Geben Sie eine Zahl ein
is-decimal-in-range-min = Geben Sie eine Zahl ab { $min } ein
is-decimal-in-range-min--more = Geben Sie eine Zahl ein, die größer als { $min } ist
is-decimal-in-range-max = Geben Sie eine Zahl bis { $max } ein
is-decimal-in-range-max--less = Geben Sie eine Zahl ein, die kleiner als { $max } ist
is-decimal-in-range-between = Geben Sie eine Zahl von { $min } bis { $max } ein
is-decimal-in-range-between--below = Geben Sie eine Zahl ab { $min } ein, die kleiner als { $max } ist
is-decimal-in-range-between--above = Geben Sie eine Zahl bis { $max } ein, die größer als { $min } ist
is-decimal-in-range-between--inside = Geben Sie eine Zahl ein, die größer als { $min } und kleiner als { $max } ist

## Datum und Uhrzeit

is-date = Geben Sie ein Datum wie { $format } ein
is-date-in-range = Geben Sie ein Datum wie { $format } ein
is-date-in-range-min = Geben Sie ein Datum ab dem { $min } ein
is-date-in-range-max = Geben Sie ein Datum bis zum { $max } ein
is-date-in-range-between = Geben Sie ein Datum vom { $min } bis zum { $max } ein
is-datetime = Geben Sie Datum und Uhrzeit wie { $format } ein
is-datetime-in-range = Geben Sie Datum und Uhrzeit wie { $format } ein
is-datetime-in-range-min = Geben Sie einen Zeitpunkt ab { $min } ein
is-datetime-in-range-max = Geben Sie einen Zeitpunkt bis { $max } ein
is-datetime-in-range-between = Geben Sie einen Zeitpunkt von { $min } bis { $max } ein
is-time = Geben Sie eine Uhrzeit wie 13:05 oder 13:05:00 ein

## Dateien

is-file = Dieser Dateiname ist nicht erlaubt
is-image = Dieses Bild ist nicht gültig
is-image-aspectratio = Dieses Bild hat nicht das richtige Seitenverhältnis
is-image-size = Dieses Bild hat nicht die richtige Größe
is-upload-filename = Dieser Dateiname ist nicht erlaubt

## Eingabefelder für mehrere Texte, und Zeiten in Zeitzonen

create = Hier lässt sich nichts hinzufügen
key-value-no-colon = Zeile { $line }: Schreiben Sie einen Namen, einen Doppelpunkt und einen Text
key-value-twice = Zeile { $line }: Diesen Namen gibt es schon
zone-fold = Diese Zeit gab es in { $zone } zweimal. Geben Sie { $first } oder { $second } ein
zone-gap = Diese Zeit wurde in { $zone } übersprungen. Geben Sie { $earlier } oder { $later } ein
zone-range = Dieser Zeitpunkt ist zu weit entfernt
