### Sign-in: what its pages say, and the sentences that clients without pages read. Those stay English for them.

## Pages

auth-account = Account
auth-change-email = Change e-mail address
auth-change-password = Change Password
auth-change-password-ends = You will be signed out on every device, and sign in with the new password.
auth-confirm-email = Confirm e-mail address
auth-confirm-intro = One more step: confirm that this e-mail address is yours.
auth-email = E-mail address
auth-email-new = New e-mail address
auth-email-none = none
auth-error = Error:
auth-forgot = Forgot your password?
auth-hide = Hide
auth-login = Login
auth-logout = Logout
auth-logout-intro = Do you want to sign out on this device?
auth-mfa = Second factors
auth-mfa-code = Code
auth-mfa-code-hint = From your authenticator app or the mail that we sent you, or a recovery code.
auth-mfa-intro = Your password is right. Now enter a code.
auth-mfa-provider = Where is the code from?
auth-password = Password
auth-password-again = Password again
auth-password-current = Current password
auth-password-hint = At least { $min } characters. A few words in a row make a good one.
auth-password-new = New password
auth-password-new-again = New password again
auth-reset = Reset Password
auth-reset-intro = Enter your e-mail address, and we will send you a link to set a new password.
auth-reset-send = Send the link
auth-reset-set = Set the new password
auth-session-current = this device
auth-session-end = Sign out
auth-session-seen = last seen { $time }
auth-session-since = since { $time }
auth-session-unknown = Unknown device
auth-session-on = { $browser } on { $system }
auth-sessions = Where you are signed in
auth-sessions-end-others = Sign out everywhere else
auth-show = Show
auth-sign-up = Sign Up
auth-signed-in-as = You are signed in as { $name }.
auth-start-again = Start again
auth-username = User name

## What became of it

auth-done-confirmed = Your e-mail address is confirmed. You can sign in now.
auth-done-email-changed = Your e-mail address is changed.
auth-done-email-sent = We have sent a mail to { $address }. The address is changed once you follow the link in it.
auth-done-logged-out = You are signed out.
auth-done-password = Your password is changed. Sign in with the new one.
auth-done-registered = Welcome! You can sign in now.
auth-done-registered-inactive = Thank you. You can sign in once your account is switched on.
auth-done-register-sent = Thank you. We have sent you a mail: follow the link in it, then you can sign in.
auth-done-reset-sent = If there is an account with this e-mail address, we have sent a link to it.
auth-done-session-ended = That device is signed out.
auth-done-sessions-ended = All other devices are signed out.

## Problems

auth-email-invalid = Invalid email address.
auth-email-same = This is your e-mail address already.
auth-form-incomplete = Form is invalid. Missing one or more fields.
auth-link-invalid = This link is not valid any more. Please ask for a new one.
auth-login-failed = The username or password is incorrect.
auth-mfa-failed = MFA failed
auth-mfa-none = MFA provider not recognised.
auth-mfa-required = MFA code required
auth-mfa-required-sent = MFA code required (we sent you a code)
auth-mfa-unspecified = MFA provider must be specified
auth-missing-credentials = Missing username or password
auth-no-session = This session has ended already.
auth-no-session-cookie = The session cookie wasn't found.
auth-password-common = This password is one of those that are guessed first. Choose another one.
auth-password-too-long = Password must be at most { $max } characters long.
auth-password-too-short = Password must be at least { $min } characters long.
auth-password-personal = This password is made of your name, your email address or the name of this site. Choose another one.
auth-password-looks-hashed = This looks like the hash of a password. Choose a password.
auth-password-wrong = Incorrect password.
auth-passwords-differ = Passwords do not match.
auth-too-many = { $seconds ->
    [one] Too many attempts. Please wait a second, then try again.
   *[other] Too many attempts. Please wait { $seconds } seconds, then try again.
}
auth-trouble = Something went wrong on our side, and nothing was changed. Please try again in a moment.
auth-trouble-title = Something went wrong
auth-unavailable = This is not available just now, and nothing was changed. Please try again in a moment.
auth-user-exists = User with email or username already exists.
auth-username-invalid = The username must not begin or end with a blank, or have control characters.
auth-username-long = The username must be at most { $max } characters long.

## Mails

auth-mail-reset-subject = Set a new password for { $site }
auth-mail-reset =
    Hello { $name },

    somebody, hopefully you, asked for a new password for { $site }.
    Set it here within { $minutes } minutes:

    { $link }

    If it was not you, there is nothing to do: your password stays as it is.
auth-mail-confirm-subject = Confirm your e-mail address for { $site }
auth-mail-confirm =
    Hello { $name },

    welcome to { $site }. Please confirm that this e-mail address is yours:

    { $link }

    The link is good for { $hours } hours. If you did not sign up, there is nothing to do.
auth-mail-exists-subject = You have an account at { $site } already
auth-mail-exists =
    Hello,

    somebody, hopefully you, tried to sign up at { $site } with this e-mail address, which has an account already.
    Its user name is { $name }. Sign in here:

    { $login }

    If you have forgotten the password, set a new one here:

    { $reset }
auth-mail-taken-subject = Please choose another user name at { $site }
auth-mail-taken =
    Hello,

    you tried to sign up at { $site } as { $name }, but somebody else has that name. Please choose another one here:

    { $register }

    If it was not you, there is nothing to do.
auth-mail-change-subject = Confirm your new e-mail address for { $site }
auth-mail-change =
    Hello { $name },

    please confirm that this is to be your e-mail address at { $site }:

    { $link }

    The link is good for { $hours } hours. If it was not you who asked for it, there is nothing to do.
auth-mail-changing-subject = Your e-mail address at { $site } is about to change
auth-mail-changing =
    Hello { $name },

    somebody who is signed in as you asked to change your e-mail address at { $site } to { $address }.
    If it was not you, set a new password now:

    { $reset }
auth-mail-changed-subject = Your e-mail address at { $site } was changed
auth-mail-changed =
    Hello { $name },

    your e-mail address at { $site } is { $address } now. Mails to this address here will stop.
    If it was not you who changed it, tell those who run the site at once.
auth-mail-password-subject = Your password at { $site } was changed
auth-mail-password =
    Hello { $name },

    your password at { $site } was changed, and every device was signed out.
    If it was not you, set a new one now:

    { $reset }
