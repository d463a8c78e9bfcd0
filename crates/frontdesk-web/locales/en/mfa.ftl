### Second factors: what their pages and mails say.

## Setting them up

mfa-title = MFA Setup
mfa-intro = A second factor keeps others out who know your password. Two of them are better than one: you may lose your phone.
mfa-app = Authenticator app
mfa-app-hint = An app on your phone shows a new code every 30 seconds.
mfa-email = Codes by e-mail
mfa-email-hint = We send a code to { $address } each time you sign in.
mfa-email-hint-none = Your account has no e-mail address to send codes to.
mfa-on = on
mfa-enrolled = You are already enrolled.
mfa-change = Change
mfa-next = Next
mfa-cancel = Cancel
mfa-back = Back
mfa-confirm = Turn on
mfa-turn-on = Turn on: { $factor }
mfa-turn-off = Turn off
mfa-scan = Scan this code with the app.
mfa-qrcode = QR code for the authenticator app
mfa-type-secret = Or type this key into it:
mfa-open-app = Open the app on this device
mfa-keep-codes = Keep these recovery codes in a safe place. Each lets you in once, without the app. They are shown this one time only.
mfa-first-code = Code
mfa-send-code = Send me a code by e-mail
mfa-sent-to = We have sent a code to { $address }.
mfa-codes-left = { $count ->
    [0] You have no recovery codes left. Get new ones.
    [one] You have one recovery code left. Get new ones.
   *[other] You have { $count } recovery codes left.
}
mfa-codes-new = Your new recovery codes
mfa-codes-renew = New recovery codes

## Passkeys

mfa-passkeys = Passkeys
mfa-passkeys-hint = Sign in with your fingerprint, your face or the PIN of your device, without a password.
mfa-passkey-add = Add a passkey
mfa-passkey-name = Name of the passkey
mfa-passkey-name-hint = Such as “My phone”.
mfa-passkey-rename = Rename
mfa-passkey-remove = Remove
mfa-passkey-since = added { $time }
mfa-passkey-used = last used { $time }
mfa-passkey-backed-up = synced
mfa-passkey-failed = That did not work, or it took too long. Try again.
mfa-passkey-taken = This device has a passkey for your account already.
mfa-passkey-script = Passkeys need JavaScript.
mfa-passkey-sign-in = Sign in with a passkey
mfa-passkey-intro = Your password is right. Now use your passkey.
mfa-passkey-use = Use your passkey
mfa-password-give-up = Sign in with passkeys only
mfa-password-give-up-hint = Your password is removed. You can set a new one by e-mail at any time.

## What became of it

mfa-done-on = The second factor is on. You will be asked for it when you sign in.
mfa-done-off = MFA Disabled
mfa-done-passkey-added = The passkey is added.
mfa-done-passkey-renamed = The passkey has a new name.
mfa-done-passkey-removed = The passkey is removed.
mfa-done-password = Your password is removed. Sign in with a passkey from now on.

## Problems

mfa-expired = This took too long. Start again.
mfa-cannot = This second factor cannot be turned on just now. Does your account have an e-mail address? Else try again in an hour.
mfa-sign-in-again = Sign in again first: this needs a login that is less than ten minutes old.
mfa-last-way = Keep at least two ways to sign in: add a passkey, or set a password.
mfa-passkey-most = You have as many passkeys as you can have.
mfa-passkey-refused = The passkey was not accepted. Try again.

## Mails

mfa-mail-code-subject = Your code for { $site }
mfa-mail-code =
    Hello { $name },

    your code to sign in to { $site } is

    { $code }

    It is good for { $minutes } minutes. Nobody from { $site } will ever ask you for it.
    If you are not signing in just now, somebody knows your password: change it.
mfa-mail-changed-subject = How you sign in to { $site } was changed
mfa-mail-changed =
    Hello { $name },

    { $what ->
        [on] a second factor was turned on for your account at { $site }: { $factor }.
        [off] a second factor was turned off for your account at { $site }: { $factor }.
        [codes] new recovery codes were made for your account at { $site }. The old ones are void.
        [passkey-on] a passkey was added to your account at { $site }: { $factor }.
        [passkey-off] a passkey was removed from your account at { $site }: { $factor }.
       *[password-off] the password of your account at { $site } was removed. Sign in with a passkey.
    }

    If it was not you, set a new password now:

    { $reset }
