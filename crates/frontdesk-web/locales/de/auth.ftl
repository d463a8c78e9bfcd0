### Anmeldung: was ihre Seiten sagen, und die Sätze an Programme, die für diese englisch bleiben.

## Seiten

auth-account = Konto
auth-change-email = E-Mail-Adresse ändern
auth-change-password = Passwort ändern
auth-change-password-ends = Sie werden auf allen Geräten abgemeldet und melden sich mit dem neuen Passwort wieder an.
auth-confirm-email = E-Mail-Adresse bestätigen
auth-confirm-intro = Noch ein Schritt: Bestätigen Sie, dass diese E-Mail-Adresse Ihnen gehört.
auth-email = E-Mail-Adresse
auth-email-new = Neue E-Mail-Adresse
auth-email-none = keine
auth-error = Fehler:
auth-forgot = Passwort vergessen?
auth-hide = Verbergen
auth-login = Anmelden
auth-logout = Abmelden
auth-logout-intro = Möchten Sie sich auf diesem Gerät abmelden?
auth-mfa = Zweite Faktoren
auth-mfa-code = Code
auth-mfa-code-hint = Aus Ihrer Authenticator-App oder der Mail, die wir Ihnen geschickt haben, oder ein Wiederherstellungscode.
auth-mfa-intro = Ihr Passwort stimmt. Geben Sie nun einen Code ein.
auth-mfa-provider = Woher ist der Code?
auth-password = Passwort
auth-password-again = Passwort noch einmal
auth-password-current = Jetziges Passwort
auth-password-hint = Mindestens { $min } Zeichen. Einige Wörter hintereinander sind ein gutes Passwort.
auth-password-new = Neues Passwort
auth-password-new-again = Neues Passwort noch einmal
auth-reset = Passwort zurücksetzen
auth-reset-intro = Geben Sie Ihre E-Mail-Adresse ein. Wir schicken Ihnen einen Link, mit dem Sie ein neues Passwort festlegen.
auth-reset-send = Link schicken
auth-reset-set = Neues Passwort festlegen
auth-session-current = dieses Gerät
auth-session-end = Abmelden
auth-session-seen = zuletzt aktiv { $time }
auth-session-since = seit { $time }
auth-session-unknown = Unbekanntes Gerät
auth-session-on = { $browser } auf { $system }
auth-sessions = Wo Sie angemeldet sind
auth-sessions-end-others = Überall sonst abmelden
auth-show = Anzeigen
auth-sign-up = Registrieren
auth-signed-in-as = Sie sind angemeldet als { $name }.
auth-start-again = Von vorn beginnen
auth-username = Benutzername

## Was daraus wurde

auth-done-confirmed = Ihre E-Mail-Adresse ist bestätigt. Sie können sich jetzt anmelden.
auth-done-email-changed = Ihre E-Mail-Adresse ist geändert.
auth-done-email-sent = Wir haben eine Mail an { $address } geschickt. Die Adresse ist geändert, sobald Sie dem Link darin folgen.
auth-done-logged-out = Sie sind abgemeldet.
auth-done-password = Ihr Passwort ist geändert. Melden Sie sich mit dem neuen an.
auth-done-registered = Willkommen! Sie können sich jetzt anmelden.
auth-done-registered-inactive = Vielen Dank. Sie können sich anmelden, sobald Ihr Konto freigeschaltet ist.
auth-done-register-sent = Vielen Dank. Wir haben Ihnen eine Mail geschickt: Folgen Sie dem Link darin, dann können Sie sich anmelden.
auth-done-reset-sent = Falls es ein Konto mit dieser E-Mail-Adresse gibt, haben wir einen Link dorthin geschickt.
auth-done-session-ended = Das Gerät ist abgemeldet.
auth-done-sessions-ended = Alle anderen Geräte sind abgemeldet.

## Was nicht stimmt

auth-email-invalid = Das ist keine gültige E-Mail-Adresse.
auth-email-same = Das ist schon Ihre E-Mail-Adresse.
auth-form-incomplete = Bitte füllen Sie alle Felder aus.
auth-link-invalid = Dieser Link gilt nicht mehr. Bitte fordern Sie einen neuen an.
auth-login-failed = Benutzername oder Passwort ist falsch.
auth-mfa-failed = Der Code ist falsch oder nicht mehr gültig.
auth-mfa-none = Diesen zweiten Faktor gibt es nicht.
auth-mfa-required = Bitte geben Sie einen Code ein.
auth-mfa-required-sent = Bitte geben Sie den Code ein, den wir Ihnen geschickt haben.
auth-mfa-unspecified = Bitte wählen Sie, woher der Code ist.
auth-missing-credentials = Benutzername oder Passwort fehlt.
auth-no-session = Diese Sitzung ist schon beendet.
auth-no-session-cookie = Sie sind nicht angemeldet.
auth-password-common = Dieses Passwort gehört zu denen, die zuerst probiert werden. Bitte wählen Sie ein anderes.
auth-password-too-long = Das Passwort darf höchstens { $max } Zeichen haben.
auth-password-too-short = Das Passwort muss mindestens { $min } Zeichen haben.
auth-password-personal = Dieses Passwort besteht aus Ihrem Namen, Ihrer E-Mail-Adresse oder dem Namen dieser Seite. Bitte wählen Sie ein anderes.
auth-password-looks-hashed = Das sieht aus wie der Hashwert eines Passworts. Bitte wählen Sie ein Passwort.
auth-password-wrong = Das Passwort ist falsch.
auth-passwords-differ = Die Passwörter stimmen nicht überein.
auth-too-many = { $seconds ->
    [one] Zu viele Versuche. Bitte warten Sie eine Sekunde und versuchen Sie es dann noch einmal.
   *[other] Zu viele Versuche. Bitte warten Sie { $seconds } Sekunden und versuchen Sie es dann noch einmal.
}
auth-trouble = Bei uns ist etwas schiefgegangen, und nichts wurde geändert. Bitte versuchen Sie es gleich noch einmal.
auth-trouble-title = Da ist etwas schiefgegangen
auth-unavailable = Das ist gerade nicht verfügbar, und nichts wurde geändert. Bitte versuchen Sie es gleich noch einmal.
auth-user-exists = Ein Konto mit dieser E-Mail-Adresse oder diesem Benutzernamen gibt es schon.
auth-username-invalid = Der Benutzername darf nicht mit Leerzeichen beginnen oder enden und keine Steuerzeichen haben.
auth-username-long = Der Benutzername darf höchstens { $max } Zeichen haben.

## Mails

auth-mail-reset-subject = Neues Passwort für { $site }
auth-mail-reset =
    Guten Tag { $name },

    jemand, hoffentlich Sie, hat ein neues Passwort für { $site } angefordert.
    Legen Sie es hier innerhalb von { $minutes } Minuten fest:

    { $link }

    Wenn Sie das nicht waren, brauchen Sie nichts zu tun: Ihr Passwort bleibt, wie es ist.
auth-mail-confirm-subject = Bestätigen Sie Ihre E-Mail-Adresse für { $site }
auth-mail-confirm =
    Guten Tag { $name },

    willkommen bei { $site }. Bitte bestätigen Sie, dass diese E-Mail-Adresse Ihnen gehört:

    { $link }

    Der Link gilt { $hours } Stunden. Wenn Sie sich nicht registriert haben, brauchen Sie nichts zu tun.
auth-mail-exists-subject = Sie haben schon ein Konto bei { $site }
auth-mail-exists =
    Guten Tag,

    jemand, hoffentlich Sie, wollte sich bei { $site } mit dieser E-Mail-Adresse registrieren. Sie hat schon ein Konto.
    Der Benutzername ist { $name }. Melden Sie sich hier an:

    { $login }

    Wenn Sie das Passwort vergessen haben, legen Sie hier ein neues fest:

    { $reset }
auth-mail-taken-subject = Bitte wählen Sie einen anderen Benutzernamen bei { $site }
auth-mail-taken =
    Guten Tag,

    Sie wollten sich bei { $site } als { $name } registrieren, aber diesen Namen hat schon jemand. Bitte wählen Sie hier einen
    anderen:

    { $register }

    Wenn Sie das nicht waren, brauchen Sie nichts zu tun.
auth-mail-change-subject = Bestätigen Sie Ihre neue E-Mail-Adresse für { $site }
auth-mail-change =
    Guten Tag { $name },

    bitte bestätigen Sie, dass dies Ihre E-Mail-Adresse bei { $site } sein soll:

    { $link }

    Der Link gilt { $hours } Stunden. Wenn Sie das nicht angefordert haben, brauchen Sie nichts zu tun.
auth-mail-changing-subject = Ihre E-Mail-Adresse bei { $site } soll geändert werden
auth-mail-changing =
    Guten Tag { $name },

    jemand, der als Sie angemeldet ist, möchte Ihre E-Mail-Adresse bei { $site } in { $address } ändern.
    Wenn Sie das nicht sind, legen Sie jetzt ein neues Passwort fest:

    { $reset }
auth-mail-changed-subject = Ihre E-Mail-Adresse bei { $site } wurde geändert
auth-mail-changed =
    Guten Tag { $name },

    Ihre E-Mail-Adresse bei { $site } ist jetzt { $address }. An diese Adresse hier kommen keine Mails mehr.
    Wenn Sie das nicht waren, wenden Sie sich sofort an den Betreiber.
auth-mail-password-subject = Ihr Passwort bei { $site } wurde geändert
auth-mail-password =
    Guten Tag { $name },

    Ihr Passwort bei { $site } wurde geändert, und alle Geräte wurden abgemeldet.
    Wenn Sie das nicht waren, legen Sie jetzt ein neues fest:

    { $reset }
