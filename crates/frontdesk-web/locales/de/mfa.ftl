### Zweite Faktoren: was ihre Seiten und Mails sagen.

## Einrichten

mfa-title = Zweite Faktoren
mfa-intro = Ein zweiter Faktor hält alle fern, die Ihr Passwort kennen. Zwei sind besser als einer: Das Telefon kann verloren gehen.
mfa-app = Authenticator-App
mfa-app-hint = Eine App auf dem Telefon zeigt alle 30 Sekunden einen neuen Code.
mfa-email = Codes per E-Mail
mfa-email-hint = Wir schicken bei jeder Anmeldung einen Code an { $address }.
mfa-email-hint-none = Ihr Konto hat keine E-Mail-Adresse, an die wir Codes schicken könnten.
mfa-on = ein
mfa-enrolled = Dieser Faktor ist schon eingerichtet.
mfa-change = Ändern
mfa-next = Weiter
mfa-cancel = Abbrechen
mfa-back = Zurück
mfa-confirm = Einschalten
mfa-turn-on = Einschalten: { $factor }
mfa-turn-off = Ausschalten
mfa-scan = Scannen Sie diesen Code mit der App.
mfa-qrcode = QR-Code für die Authenticator-App
mfa-type-secret = Oder tippen Sie diesen Schlüssel ein:
mfa-open-app = Die App auf diesem Gerät öffnen
mfa-keep-codes = Bewahren Sie diese Wiederherstellungscodes sicher auf. Jeder öffnet Ihr Konto einmal, ohne die App. Sie werden nur dieses eine Mal gezeigt.
mfa-first-code = Code
mfa-send-code = Code per E-Mail schicken
mfa-sent-to = Wir haben einen Code an { $address } geschickt.
mfa-codes-left = { $count ->
    [0] Sie haben keine Wiederherstellungscodes mehr. Holen Sie sich neue.
    [one] Sie haben noch einen Wiederherstellungscode. Holen Sie sich neue.
   *[other] Sie haben noch { $count } Wiederherstellungscodes.
}
mfa-codes-new = Ihre neuen Wiederherstellungscodes
mfa-codes-renew = Neue Wiederherstellungscodes

## Passkeys

mfa-passkeys = Passkeys
mfa-passkeys-hint = Melden Sie sich mit dem Finger, dem Gesicht oder der PIN Ihres Geräts an, ohne Passwort.
mfa-passkey-add = Passkey hinzufügen
mfa-passkey-name = Name des Passkeys
mfa-passkey-name-hint = Zum Beispiel „Mein Telefon“.
mfa-passkey-rename = Umbenennen
mfa-passkey-remove = Entfernen
mfa-passkey-since = hinzugefügt { $time }
mfa-passkey-used = zuletzt benutzt { $time }
mfa-passkey-backed-up = synchronisiert
mfa-passkey-failed = Das hat nicht geklappt oder zu lange gedauert. Versuchen Sie es noch einmal.
mfa-passkey-taken = Dieses Gerät hat schon einen Passkey für Ihr Konto.
mfa-passkey-script = Passkeys brauchen JavaScript.
mfa-passkey-sign-in = Mit einem Passkey anmelden
mfa-passkey-intro = Ihr Passwort stimmt. Benutzen Sie jetzt Ihren Passkey.
mfa-passkey-use = Passkey benutzen
mfa-password-give-up = Nur noch mit Passkeys anmelden
mfa-password-give-up-hint = Ihr Passwort wird entfernt. Per E-Mail können Sie jederzeit ein neues setzen.

## Was daraus wurde

mfa-done-on = Der zweite Faktor ist eingeschaltet. Bei der Anmeldung fragen wir danach.
mfa-done-off = Der zweite Faktor ist ausgeschaltet.
mfa-done-passkey-added = Der Passkey ist hinzugefügt.
mfa-done-passkey-renamed = Der Passkey hat einen neuen Namen.
mfa-done-passkey-removed = Der Passkey ist entfernt.
mfa-done-password = Ihr Passwort ist entfernt. Melden Sie sich von jetzt an mit einem Passkey an.

## Probleme

mfa-expired = Das hat zu lange gedauert. Fangen Sie noch einmal an.
mfa-cannot = Dieser Faktor lässt sich gerade nicht einschalten. Hat Ihr Konto eine E-Mail-Adresse? Sonst versuchen Sie es in einer Stunde noch einmal.
mfa-sign-in-again = Melden Sie sich erst noch einmal an: Das geht nur in den ersten zehn Minuten nach der Anmeldung.
mfa-last-way = Behalten Sie mindestens zwei Wege, sich anzumelden: Fügen Sie einen Passkey hinzu, oder setzen Sie ein Passwort.
mfa-passkey-most = Mehr Passkeys sind nicht möglich.
mfa-passkey-refused = Der Passkey wurde nicht angenommen. Versuchen Sie es noch einmal.

## Mails

mfa-mail-code-subject = Ihr Code für { $site }
mfa-mail-code =
    Hallo { $name },

    Ihr Code für die Anmeldung bei { $site } ist

    { $code }

    Er gilt { $minutes } Minuten. Niemand von { $site } wird Sie je danach fragen.
    Wenn Sie sich gerade nicht anmelden, kennt jemand Ihr Passwort: Ändern Sie es.
mfa-mail-changed-subject = Ihre Anmeldung bei { $site } wurde geändert
mfa-mail-changed =
    Hallo { $name },

    { $what ->
        [on] für Ihr Konto bei { $site } wurde ein zweiter Faktor eingeschaltet: { $factor }.
        [off] für Ihr Konto bei { $site } wurde ein zweiter Faktor ausgeschaltet: { $factor }.
        [codes] für Ihr Konto bei { $site } wurden neue Wiederherstellungscodes gemacht. Die alten gelten nicht mehr.
        [passkey-on] zu Ihrem Konto bei { $site } wurde ein Passkey hinzugefügt: { $factor }.
        [passkey-off] von Ihrem Konto bei { $site } wurde ein Passkey entfernt: { $factor }.
       *[password-off] das Passwort Ihres Kontos bei { $site } wurde entfernt. Melden Sie sich mit einem Passkey an.
    }

    Wenn Sie das nicht waren, setzen Sie jetzt ein neues Passwort:

    { $reset }
