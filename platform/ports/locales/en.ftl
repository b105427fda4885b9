# Words of the form engine. Every message about an answer begins with the question.

ports-form-required = { $label }: an answer is needed
ports-form-name = { $label }: write the name with at least one letter
ports-form-choice = { $label }: choose one of the answers in the list
ports-form-phone = { $label }: write a telephone number, such as 020 123 456 or +255 20 123 456
ports-form-email = { $label }: write an e-mail address, such as name@example.org
ports-form-photo = { $label }: send the photo again; we could not find the one you chose
ports-form-photo-type = { $label }: choose a photo of type JPEG or PNG
ports-form-photo-large =
    { $label }: choose a photo of at most { $max ->
        [one] one megabyte
       *[other] { $max } megabytes
    }
ports-form-photo-stored = A photo is stored
ports-form-number = { $label }: write a whole number, such as 12
ports-form-number-shown = { $n }
ports-form-bounds = { $label }: write a number from { $least } to { $most }
ports-form-date = { $label }: this date is not in the calendar
ports-form-date-digits = { $label }: write day, month and year in digits, such as 20 6 1956
ports-form-date-year = { $label }: write the year too, or leave everything empty when nothing is known
ports-form-date-month = { $label }: write the month too, or leave the day empty when the month is not known
ports-form-place = { $label }: choose the place too
ports-form-lines =
    { $label }: write { $max ->
        [one] one line
       *[other] at most { $max } lines
    }
ports-form-long =
    { $label }: write { $max ->
        [one] one character
       *[other] at most { $max } characters
    }
ports-form-characters = { $label }: remove the signs that cannot be seen, such as control characters
ports-form-type = { $label }: the value has the wrong type
ports-form-not-asked = { $label }: this question is not asked with the other answers; leave it out
ports-form-unknown = { $label }: the form has no such field
ports-form-object = The answers must be one JSON object
ports-form-yes = Yes
ports-form-no = No
