post-letters = Letters to print
post-letters-hint = Letters of your agency to people who get no e-mail.
post-letters-lead = Print these letters, put them into envelopes with a window, and post them. Each person can see that you printed their letter.
post-letters-none = No letter waits.
post-letters-count = { $count ->
    [one] One letter waits.
   *[other] { $count } letters wait; the oldest come first.
}
post-what = Letter
post-office = In the name of
post-written = Written
post-printed = Printed
post-next = Next step
post-not-yet = not yet
post-print = Download (PDF)
post-posted = Mark as posted
post-print-all = Download all of these as one PDF
post-posted-all = Mark all that are printed as posted
post-collect = To be collected at: { $office }
post-page-of = Page { $page } of { $pages }
post-notice-identity-activation = Activation code
post-notice-identity-corrected = A record was changed
post-notice-identity-card-replaced = A card was replaced
post-notice-identity-event = Something happened in a person’s life
post-notice-office-complaint = Receipt for a complaint
post-notice-office-complaint-answered = Answer to a complaint

problem-post-not-printed = A letter that was not printed, or that is posted already, cannot be marked as posted.
problem-post-not-printed-next = Go back to the letters, print it, post it, and mark it then.

# Two records of one person.
post-notice-identity-merged = Two records were joined
post-notice-identity-split = Joined records were parted
post-notice-identity-different = Records found to be two people’s
post-notice-identity-reopened = Records compared again
post-notice-identity-assisted = Something done for a person
post-notice-identity-passkey = A passkey added or taken away
