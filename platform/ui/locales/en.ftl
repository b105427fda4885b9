# Words that every page shares. Keys start with "ui-"; words about problems with "problem-".

ui-skip = Skip to the main content
ui-strip = About this demonstration
ui-languages = Languages
ui-nav = Main menu
ui-crumbs = Where you are
ui-pages = Pages of this list
ui-sign-in = Sign in
ui-sign-out = Sign out
ui-trust = How you can check us
ui-back = Back
ui-previous = Previous
ui-next = Next
ui-continue = Continue
ui-save = Save and continue
ui-send = Send
ui-save-later = Save and come back later
ui-change = Change
ui-choose = Choose
ui-optional = (if you have it)
ui-warning = Warning:
ui-error-prefix = Error:
ui-faults-title = There is a problem on this page
ui-not-answered = Not answered
ui-yes = Yes
ui-no = No
ui-photo-stored = A photo is stored
ui-step = Step { $step } of { $steps }
ui-check-title = Check your answers
ui-check-help = Read everything once more. You can change each answer before you send it.
ui-place = Place
ui-address-lines = Address, in your own words
ui-address-help = For example: behind the blue mosque, near the well. A street is not needed.
ui-max-characters =
    { $max ->
        [one] At most one character
       *[other] At most { $max } characters
    }

ui-day = Day
ui-month = Month
ui-year = Year
ui-date-day = { $day } { $month } { $year }
ui-date-month = { $month } { $year }
ui-date-year = { $year }
ui-date-unknown = not known
ui-date-moment = { $day } at { $time }
ui-month-1 = January
ui-month-2 = February
ui-month-3 = March
ui-month-4 = April
ui-month-5 = May
ui-month-6 = June
ui-month-7 = July
ui-month-8 = August
ui-month-9 = September
ui-month-10 = October
ui-month-11 = November
ui-month-12 = December

ui-ago-seconds =
    { $n ->
        [0] just now
        [one] { $n } second ago
       *[other] { $n } seconds ago
    }
ui-ago-minutes =
    { $n ->
        [one] { $n } minute ago
       *[other] { $n } minutes ago
    }
ui-ago-hours =
    { $n ->
        [one] { $n } hour ago
       *[other] { $n } hours ago
    }
ui-ago-days =
    { $n ->
        [one] { $n } day ago
       *[other] { $n } days ago
    }

ui-list-comma = { ", " }
ui-list-last = { " and " }

ui-record-empty = The public record has not been published yet
ui-record-confirmed =
    { $witnesses ->
        [0] Public record last published { $age }; this installation asks for no witness
        [one] Public record last published { $age }, confirmed by one witness
       *[other] Public record last published { $age }, confirmed by { $witnesses } witnesses
    }
ui-record-unconfirmed = Public record last published { $age }, confirmed by only { $witnesses } of the { $quorum } witnesses it needs
ui-receipt-pending = Waiting to be published
ui-receipt-signed = In the public record
ui-receipt-cosigned = Confirmed by witnesses

ui-language-incomplete = This language is not complete: some texts are in English.
ui-language-unreviewed = No native speaker has reviewed this translation yet.

ui-problem-title = Something went wrong
ui-problem-next-title = What you can do
ui-problem-reference = Reference for the help desk: { $code }

problem-not-found = We cannot find this page.
problem-not-found-next = Check the address for typing mistakes, or begin at the start page.
problem-internal = The fault is ours: something broke while we did this.
problem-internal-next = Try again in a few minutes. If it happens again, tell the help desk the reference below.
problem-store-unavailable = We cannot save anything at the moment, so nothing was changed.
problem-store-unavailable-next = Try again in a few minutes.
