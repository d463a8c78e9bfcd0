### What rules say. A key is the error's code with `-` for `.` and `_`; after `--` comes one of several texts of a code.

unavailable = This could not be checked just now. Please try again
boolean = Enter true or false
duplicate = This was sent more than once
duplicate-file = Choose one file
nul = The text must not contain a NUL character
nul--typed = This text has a character that cannot be stored (NUL)

## Any text

any-of = Value not allowed
cleanup = Invalid expression
crypt-max = Too long
crypt-min = Too short
is-alphanumeric = Enter only letters, numbers, and underscore
is-email = Enter a valid email address
is-equal-to = No match
is-expr = Invalid expression
is-in-set = Value not allowed
is-ipaddress = Enter valid IP address
is-ipaddress-subnets = invalid subnet provided
is-ipv4 = Enter valid IPv4 address
is-ipv6 = Enter valid IPv6 address
is-ipv6-subnets = invalid subnet provided
is-json = Invalid json
is-length = Enter from { $min } to { $max } characters
is-list-of-max = Maximum length is { $max }
is-list-of-min = Minimum length is { $min }
is-list-of-emails = Invalid emails: { $emails }
is-match = Invalid expression
is-not-empty = Enter a value
is-safe = Unsafe Content
is-slug = Must be slug
is-url = Enter a valid URL

## Passwords

is-strong--entropy = The password is too easy to guess
is-strong--min = Minimum length is { $count }
is-strong--max = Maximum length is { $count }
is-strong--special = Must include at least { $count } of the following: { $specials }
is-strong--no-special = May not contain any of the following: { $specials }
is-strong--invalid = May not contain any of the following: { $count }
is-strong--upper = Must include at least { $count } uppercase
is-strong--no-upper = May not include any uppercase letters
is-strong--lower = Must include at least { $count } lowercase
is-strong--no-lower = May not include any lowercase letters
is-strong--number = { $count ->
    [one] Must include at least { $count } number
   *[other] Must include at least { $count } numbers
}
is-strong--no-number = May not include any numbers

## Numbers

is-int-in-range = Enter an integer
is-int-in-range-min = Enter an integer greater than or equal to { $min }
is-int-in-range-max = Enter an integer less than or equal to { $max }
is-int-in-range-between = Enter an integer between { $min } and { $max }
is-float-in-range = Enter a number
is-float-in-range-min = Enter a number greater than or equal to { $min }
is-float-in-range-min--more = Enter a number greater than { $min }
is-float-in-range-max = Enter a number less than or equal to { $max }
is-float-in-range-max--less = Enter a number less than { $max }
is-float-in-range-between = Enter a number between { $min } and { $max }
is-float-in-range-between--below = Enter a number greater than or equal to { $min } and less than { $max }
is-float-in-range-between--above = Enter a number greater than { $min } and less than or equal to { $max }
is-float-in-range-between--inside = Enter a number greater than { $min } and less than { $max }
is-decimal-in-range = Enter a number
is-decimal-in-range-min = Enter a number greater than or equal to { $min }
is-decimal-in-range-min--more = Enter a number greater than { $min }
is-decimal-in-range-max = Enter a number less than or equal to { $max }
is-decimal-in-range-max--less = Enter a number less than { $max }
is-decimal-in-range-between = Enter a number between { $min } and { $max }
is-decimal-in-range-between--below = Enter a number greater than or equal to { $min } and less than { $max }
is-decimal-in-range-between--above = Enter a number greater than { $min } and less than or equal to { $max }
is-decimal-in-range-between--inside = Enter a number greater than { $min } and less than { $max }

## Dates and times

is-date = Enter date as { $format }
is-date-in-range = Enter date as { $format }
is-date-in-range-min = Enter date on or after { $min }
is-date-in-range-max = Enter date on or before { $max }
is-date-in-range-between = Enter date in range { $min } { $max }
is-datetime = Enter date and time as { $format }
is-datetime-in-range = Enter date and time as { $format }
is-datetime-in-range-min = Enter date and time on or after { $min }
is-datetime-in-range-max = Enter date and time on or before { $max }
is-datetime-in-range-between = Enter date and time in range { $min } { $max }
is-time = Enter time as hh:mm:ss (seconds, am, pm optional)

## Files

is-file = Enter valid filename
is-image = Invalid image
is-image-aspectratio = Invalid image
is-image-size = Invalid image
is-upload-filename = Enter valid filename

## Controls that take several texts, and times of zones

create = Nothing can be added here
key-value-no-colon = Line { $line }: write a name, a colon and a text
key-value-twice = Line { $line }: this name stands there twice
zone-fold = This time came twice in { $zone }. Enter { $first } or { $second }
zone-gap = The clocks left this time out in { $zone }. Enter { $earlier } or { $later }
zone-range = This is too far away
