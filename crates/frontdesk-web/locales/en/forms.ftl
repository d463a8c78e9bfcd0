### Words of forms and their controls, and what is said of a form as a whole.

## A form as a whole

failed = Something went wrong, and nothing was changed.
failed--denied = You may not do this.
failed--forbidden = The database can only be read, so nothing was changed.
failed--no-room = There is no room to store this, and nothing was changed.
failed--not-found = There is no such record.
failed--unavailable = This is not available just now, and nothing was changed. Please try again in a moment.
failed--unconfirmed = The connection was lost while this was being saved. Please look whether it was, before you send it again.
form-expired = This form was open for too long. Please check it and submit it again
form-token = This form could not be verified and nothing was saved. Please check it and submit it again
incomplete = The form did not arrive whole, and nothing was saved. Please submit it again
malformed = The form could not be read
too-large = This was more than the form takes, and nothing was saved
unsupported-type = Forms are sent as urlencoded, multipart or JSON
form-error-summary-title = { $count ->
    [one] There is { $count } problem
   *[other] There are { $count } problems
}

## Buttons and choices

form-submit = Submit
form-delete = Delete this record
form-none = None
form-yes = Yes
form-no = No
form-no-answer = No answer
form-continue = Show the fields that belong to this
form-more-fields = There are more fields now, by what you entered. Nothing was saved yet
form-range-was = was
form-time-zone = Time zone:

## Files

form-kept-file = Kept from before; not saved yet
form-files = files
form-remove-file = Remove this file

## Choosing from many

form-choose = Choose one of those that were found
form-search = Search
form-search-more = There are more than these. Write more of the name to find the others
form-search-nothing = Nothing was found. Try another word
form-search-one = One was found. Choose it below
form-search-found = Choose one of those that were found
form-create = Add as new
form-choice = choice
form-choices = choices
form-nothing-chosen = Nothing chosen

## Rows of sub-forms

form-add-row = Add a row
form-row-action = { $action }: { $row }
form-rows-not-here = There are too many rows to edit them here
row-gone = This row was deleted in the meantime. Submit again to add it anew, or remove it
row-stays = This row cannot be removed
rows-needed = Enter at least one row
rows-too-few = Enter at least { $min } rows
rows-too-many = These are too many rows: { $max } at most
form-remove-row = Remove this row
form-move-up = Move up
form-move-down = Move down

## Two people at one record

conflict = Somebody else changed this record while you were editing it. Nothing was saved yet: look at the marked fields, then submit again
form-conflict-title = Somebody else changed this as well
form-conflict-changed = Somebody else changed this; you see it as it is now
form-conflict-yours = Yours, in the field above
form-conflict-theirs = Theirs, saved now
form-empty = (empty)
form-conflict-before = Before
form-conflict-keep-mine = Keep mine
form-conflict-take-theirs = Take theirs

## The same form twice

form-busy = This form is still being saved. Please wait a moment, then look whether it was saved
form-changed = This form was saved already, with other values than these. Nothing more was saved: submit it again if you want to save this too
form-repeated = This form was sent already. It was not sent again
form-unknown = This form was submitted before, and the server broke off while it was being saved. Please look whether it was saved before you submit it again

## Drafts

form-save-draft = Save draft
form-draft-found = There is a draft of { $time } that was not saved.
form-draft-differs = It differs in: { $fields }
form-draft-large = This is too much for a draft. It was not saved
form-draft-restore = Go on with the draft
form-draft-discard = Throw the draft away
form-draft-saved = Your draft is saved. You can come back to it later

## While one waits

form-available = This is fine
form-too-often = That was too often. Please try again in { $seconds } seconds

## Against robots

bot-expired = The check against robots has expired. Please send the form again
bot-filled = A field was filled in that people do not see. It is empty again; please send the form again
bot-proof = The check against robots did not succeed. Please send the form again
bot-script = This form needs JavaScript, to keep robots out
bot-used = The check against robots was used before. Please send the form again
captcha-down = The CAPTCHA could not be checked just now. Please try again in a moment.
captcha-failed = CAPTCHA failed.
captcha-missing = Unable to find CAPTCHA token.
form-bot-leave-empty = Leave this empty
form-bot-needs-script = This form needs JavaScript, to keep robots out.
form-bot-noscript-wait = Without JavaScript, this form can be sent { $seconds } seconds after it was opened.
bot-wait = { $seconds ->
    [one] That was very quick. Please wait a second, then send the form again
   *[other] That was very quick. Please wait { $seconds } seconds, then send the form again
}
