# The register of people: what went wrong, and the next step.

problem-identity-entry = Some answers cannot be kept as they are.
problem-identity-entry-next = Correct the fields that are marked and send again.
problem-identity-key-missing = The request has no idempotency key, so sending it twice could register somebody twice.
problem-identity-key-missing-next = Choose a key of 1 to 200 characters for each act, and send the same key when you try again.
problem-identity-key-used = This idempotency key was used for another request.
problem-identity-key-used-next = Choose a new key for this request.
problem-identity-candidates = Somebody very alike is in the register already.
problem-identity-candidates-next = Compare the two. If they are two people, say why and register; if they are one, correct the record that is there.
problem-identity-reason = A reason of 1 to 500 characters is needed.
problem-identity-reason-next = Write in a sentence why this is done. The person can read it.
problem-identity-evidence = What it rests on is missing, or longer than 500 characters.
problem-identity-evidence-next = Name the document or the person who vouches.
problem-identity-unknown = There is no such person in the register, or the data was erased.
problem-identity-unknown-next = Search again.
problem-identity-changed = Somebody else changed this record meanwhile.
problem-identity-changed-next = Open the record again, look at what is new, and correct it then.
problem-identity-unchanged = Nothing differs from what the record says already.
problem-identity-unchanged-next = Change what is wrong, or leave the page.
problem-identity-numbers-out = No free number was found. Nothing was registered.
problem-identity-numbers-out-next = Try again. If it happens twice, tell the operator.
problem-identity-search-attributes = A search needs two things you know of the person.
problem-identity-search-attributes-next = Give the name with the year or place of birth, or a number with one more.
problem-identity-search-many = More than 20 people match, so none is shown.
problem-identity-search-many-next = Add the whole date of birth, the place, or another part of the name.
problem-identity-card-none = The person has no valid card.
problem-identity-card-none-next = Issue a new card first.
problem-identity-photo = This file is no photo we can keep.
problem-identity-photo-next = Send a JPEG or PNG picture, or go on without a photo.
problem-identity-erase-payload = The record was changed after the erasure was asked for.
problem-identity-erase-payload-next = Look at the record again and ask anew.
problem-identity-import-running = This file is being imported with another mapping, or by another process.
problem-identity-import-running-next = Go on with the mapping it was begun with, or let the other process end.
problem-identity-import-done = This file was imported already.
problem-identity-import-done-next = Put the rows that were refused, corrected, into a new file and import that.

# Faults of single fields.
identity-fault-name-empty = Write the name, or a part of it
identity-fault-name-long = Write at most 200 characters
identity-fault-name-letter = Write the name with at least one letter
identity-fault-name-invisible = Type the name again: it holds an invisible control character
identity-fault-name-sign = Remove signs that belong to no name, such as < or =
identity-fault-name-damaged = Type the name again: it was damaged on its way here
identity-fault-name-marks = Type the name again: too many marks stand on one letter
identity-fault-other-names-many = Keep at most six other names
identity-fault-number-length = Count the digits again: the number has the wrong length
identity-fault-number-character = Write digits only
identity-fault-number-check = Compare the number with the card: a digit is wrong or two are swapped
identity-fault-date-form = Write the date as year, month and day, or only the parts that are known
identity-fault-date-calendar = Correct the date: the calendar has no such day
identity-fault-date-future = Correct the date: it lies in the future
identity-fault-died-before-born = Correct one of the dates: death lies before birth
identity-fault-choice = Choose one of the answers of the list
identity-fault-place = Choose a place of the list
identity-fault-address-lines = Write at most five lines
identity-fault-text-long = Write at most 120 characters
identity-fault-text-invisible = Type it again: it holds an invisible control character
identity-fault-text-damaged = Type it again: it was damaged on its way here
identity-fault-text-marks = Type it again: too many marks stand on one letter
identity-fault-phone = Write a telephone number of 3 to 15 digits
identity-fault-email = Write an e-mail address, such as name@example.org
identity-fault-language = Choose a language of the list
identity-fault-photo = Send the photo again

# Cards and certificates.
identity-paper-card = Identity card
identity-paper-certificate = Certificate of registration
identity-paper-number = Number
identity-paper-issued = Issued on
identity-paper-valid-until = Valid until
identity-paper-check = Anyone can check this paper without a network: read the code and give its text to “daftar certificate check”.
identity-paper-code = Code with the signed content of this paper
identity-paper-photo = Photo of the holder
identity-paper-unknown = Not known
identity-paper-name = Name
identity-paper-other-name = Other name
identity-paper-born = Born
identity-paper-sex = Sex
identity-paper-birth-place = Place of birth
identity-sex-female = Female
identity-sex-male = Male
identity-sex-other = Neither of the two
identity-sex-unknown = Not known

# Legal position in the country.
identity-standing = Status in the country
identity-standing-citizen = Citizen
identity-standing-foreigner = Foreigner
identity-standing-refugee = Refugee
identity-standing-stateless = Without any nationality
identity-standing-unknown = Not known

problem-identity-proof-wait = This proof is not ready yet.
problem-identity-proof-wait-next = Wait a few seconds, then try again.
problem-identity-fields-unknown = A field was asked for that the register does not have, or none at all.
problem-identity-fields-unknown-next = Ask only for the fields of a record, or for number, card or history.

# Menu and desk.
identity-nav-me = My record
identity-nav-looks = Who looked
identity-nav-register = Register a person
identity-nav-register-hint = For somebody who is not in the register yet.
identity-nav-search = Find a person
identity-nav-search-hint = To read, correct or print a record. The person will see that you looked.

# What the register knows of a person.
identity-name = Name
identity-given = Given name
identity-family = Family name
identity-other-names = Other names
identity-born = Date of birth
identity-born-hint = Year, month and day, for example 1987-03-14. If you know only the year, write the year.
identity-birth-place = Place of birth
identity-birth-place-code = Place of birth: its code in the country’s list
identity-sex = Sex
identity-mother = Mother’s name
identity-father = Father’s name
identity-address = Address
identity-address-place = Place of residence: its code in the country’s list
identity-phone = Telephone
identity-email = E-mail address
identity-died = Date of death
identity-photo = Photo
identity-number = National number
identity-card-number = Card number
identity-registered-on = Registered on
identity-version = Version
identity-unknown = Not known

# The same as parts of a list: what somebody looked at.
identity-field-name = name
identity-field-other-names = other names
identity-field-born = date of birth
identity-field-birth-place = place of birth
identity-field-sex = sex
identity-field-parents = names of the parents
identity-field-address = address
identity-field-contacts = telephone and e-mail
identity-field-standing = status in the country
identity-field-died = date of death
identity-field-photo = photo
identity-field-number = national number
identity-field-card = card
identity-field-history = earlier versions
identity-field-complaint = complaint
identity-field-letter = a letter to you

# Why an official looks.
identity-why = Open a record
identity-purpose = Why do you need to look?
identity-purpose-hint = The person will read this reason.
identity-case = Case number
identity-case-hint = Only if the reason needs an open case of your agency.
identity-court = Reference of the court’s order
identity-court-hint = Only if a court has ordered that the person learns of this look later.
identity-unseal = Day on which the person learns of this look

# Finding a person.
identity-search = Find a person
identity-search-lead = Write at least two things you know of the person.
identity-search-seen = Whoever you look at will see that it was you, when, and why.
identity-search-button = Search
identity-any-number = Number
identity-any-number-hint = The national number, or the number on the card.
identity-found = People found
identity-found-none = We found nobody. Check the spelling, or search with other things you know.
identity-found-seen = Each of these people will see that you looked, and why.
identity-open = Open the record

# A person’s page for officials.
identity-person = Record of a person
identity-seen-note = This look has been recorded. The person can see that it was you, when, and why.
identity-look-receipt = Receipt of this look
identity-history = How this record has changed
identity-when = When
identity-writer = Written by
identity-reason = Reason
identity-reason-hint = One sentence. The person can read it.
identity-evidence = Paper or person that shows it is right
identity-correct = Correct the record
identity-correct-lead = Change only what is wrong. What stood there before is kept.
identity-correct-send = Save the correction
identity-corrected = The record is corrected
identity-print-card = Print the card
identity-print-certificate = Print a certificate
identity-replace-card = Replace the card
identity-replace-reason = Why does the person need a new card?
identity-card-replaced = The card is replaced
identity-give-activation = Make an activation code
identity-activation = Activation code
identity-activation-once = This code is shown only now. Print it or write it down, and hand it to the person.
identity-activation-how = With this code the person opens an account of their own: on the start page, choose “Claim your account”.
identity-erase = Ask for erasure
identity-erase-ground = What law asks for the erasure?
identity-erased = The person’s data is erased
identity-to-person = Go to the person’s record

# Registering a person.
identity-register = Register a person
identity-register-lead = You answer one thing at a time. You can stop and go on later. Before anything is registered you see all answers once more.
identity-register-start = Start
identity-draft = Registration last saved { $when }
identity-draft-open = Not finished
identity-drafts = Registrations you have begun
identity-register-send = Register this person
identity-registered = The person is registered
identity-doubles = Is this person registered already?
identity-doubles-lead = The people below are very alike. Compare them with the person in front of you. Each of them will see that you looked.
identity-despite = How do you know that it is somebody else?
identity-despite-hint = For example: they are twins, or the parents have other names.
identity-register-anyway = It is somebody else: register
identity-register-discard = It is the same person: throw this registration away

# The citizen’s own pages.
identity-me = Your record
identity-me-looks-count =
    { $count ->
        [0] Nobody has looked at your data so far.
        [one] Your data was looked at once so far.
       *[other] Your data was looked at { $count } times so far.
    }
identity-my-record = My record
identity-my-record-hint = What the country knows of you.
identity-my-looks = Who looked at my data
identity-my-looks-hint = Each look: who, when, and why.
identity-my-receipts = My receipts
identity-my-receipts-hint = Proof of what offices did about you.
identity-my-card = My card
identity-my-card-hint = A PDF to keep or print.
identity-my-certificate = My certificate
identity-my-certificate-hint = A PDF that shows you are registered.
identity-my-data = Everything we hold about you
identity-my-data-hint = One file to take with you, for programs to read (JSON).
identity-my-complaints = My complaints
identity-my-complaints-hint = Complain, and read the answers.
identity-my-sessions = Where I am signed in
identity-my-sessions-hint = If you do not know one of them, end it.
identity-wrong = Is something wrong here?
identity-wrong-text = Go to a registration office, and take a paper with you that shows what is right, or a person who can vouch for it. You will find a receipt of the correction on these pages.

# Who looked.
identity-looks-gap = Between { $from } and { $to } somebody may have looked without it standing in this list: part of the register was lost and an older copy had to be restored. Looks before and after are complete.
identity-looks-prolonged =
    { $count ->
        [one] One of them should be open by now. A second institution agreed that it stays closed for longer.
       *[other] { $count } of them should be open by now. A second institution agreed that they stay closed for longer.
    }
identity-looks-sealed =
    { $count ->
        [one] A court has closed one look for now. It is counted here, and on the day the court has set you can read it.
       *[other] A court has closed { $count } looks for now. They are counted here, and on the days the court has set you can read them.
    }
identity-look-sentence = { $who }, { $office }, looked at your data. Reason: { $purpose }.
identity-look-hidden = A court has closed this look for now. You can read it on the day the court has set.
identity-look-unknown = I do not know why: complain
identity-agency = Agency
identity-role = Role
identity-basis = Law
identity-fields = What was seen
identity-complete = This list is complete
identity-complete-text = All looks at your data through this system are numbered one after the other. Nobody can leave one out without it showing. With the proof, anyone can check this, even without us.
identity-proof = Download the proof

# Receipts.
identity-receipts-lead = What offices do about you leaves a receipt. With it you can prove what was done, and when.
identity-receipt-open = Open the receipt
identity-receipt = Receipt
identity-receipt-number = Number of the receipt
identity-receipt-state = See how far the receipt is
identity-receipt-pending = It is saved and will be published within seconds. Open this page again in a moment.
identity-receipt-signed = It stands in the public record, signed by the country.
identity-receipt-cosigned = It stands in the public record, and witnesses have confirmed it. Nobody can change it or take it out without this being noticed.
identity-receipt-download = Download the receipt
identity-receipt-how = With this file you can prove what was recorded, even without a network. It can hold data of yours: keep it safe.
identity-policy = File that is needed to check a receipt
identity-trust = How to check a receipt
identity-act-person-registered = You were registered
identity-act-person-corrected = Your record was corrected
identity-act-person-erased = Your data was erased
identity-act-card-replaced = Your card was replaced
identity-act-refused = You were refused
identity-act-activation-issued = An activation code was made for you

# Statistics.
identity-statistics = Statistics
identity-statistics-lead = How many people live here according to the register. Very small numbers are hidden, so that nobody can be recognised.
identity-statistics-table-below = The table below has the same figures.
identity-by-age = People by age
identity-age = From age
identity-by-district = People by district
identity-district = District
identity-total = Total
identity-hidden = hidden
identity-statistics-empty = Nobody is registered yet.
identity-post-activation = Send an activation code by letter
identity-activation-posted = The code goes to the person by letter
identity-act-letter-posted = A letter to you was posted
identity-my-data-paper = Everything we hold about you, on paper
identity-my-data-paper-hint = The same as a document to read and print (PDF).
identity-data-made = Put together on { $when }. It holds everything the register of people, the record of looks and acts, and the office floor hold about you.
identity-data-history = Every version of your record
identity-data-version = Version { $number }
identity-data-cards = Your cards
identity-data-card-until = valid
identity-data-card-ended = Ended
identity-data-card-issued = Issued
identity-data-none = None.
identity-data-more = { $count ->
    [one] One older entry is left out here. The file for programs (JSON) holds it too.
   *[other] { $count } older entries are left out here. The file for programs (JSON) holds them too.
}
identity-data-photo = Your photo is kept sealed; you can see it under “My record”.
identity-data-complaints = Your complaints
identity-data-words = Your words
identity-data-answer = Answer
identity-data-desk = Answered by
identity-data-answered = Answered
identity-data-due = Answer due
identity-data-sessions = Where you are signed in
identity-data-device = Device
identity-data-seen = Last used
identity-data-page = Page { $page } of { $pages }
identity-data-what = What

# Refusals.
problem-identity-refusal-reason = A refusal needs one of the reasons the law knows.
problem-identity-refusal-reason-next = Choose a reason of the list. If none fits, the person may not be refused.
problem-identity-refusal-code = This number and this code do not belong together.
problem-identity-refusal-code-next = Compare both with your paper. The code has eleven signs.
problem-identity-refusal-complained = You have complained about this refusal already.
problem-identity-refusal-complained-next = Read below where your complaint stands.
identity-refuse = Refuse somebody with a reason
identity-refused = Refused
identity-refused-hand = Print this page and hand it to the person. The code is shown once.
identity-refused-recourse = { $days ->
    [one] You can complain. Somebody outside this office must answer within { $days } day.
   *[other] You can complain. Somebody outside this office must answer within { $days } days.
  }
identity-refusals = Refusals
identity-refusals-lead = Whoever is refused gets a paper with a number and a code. With them you can read why, complain, and read the answer. You need no account.
identity-refusals-counts = How many people were refused
identity-refusals-quarters = Only quarters that are over are shown, and small numbers are hidden, so that nobody can be recognised.
identity-refusals-none = No quarter with refusals is over yet.
identity-refusals-quarter = Year and quarter { $quarter }
identity-refusals-by-reason = Refusals by reason and sex
identity-refusals-by-district = Refusals by district and sex
identity-refusals-by-age = Refusals by age and sex
identity-refusal-mine = Your refusal
identity-refusal-open = Read it
identity-refusal-number = Number
identity-refusal-code = Code
identity-refusal-code-hint = As it stands on the paper, for example ABCDE-FGHJK-M.
identity-refusal-reason = Reason
identity-refusal-words = What you were told
identity-refusal-office = Office
identity-refusal-complaint = Your complaint
identity-refusal-complained = What you wrote
identity-refusal-answer = Answer
identity-refusal-late = The answer is late. This is counted and published.
identity-refusal-waits = The answer must come by { $day }.
identity-refusal-complain = Complain
identity-refusal-your-words = What is wrong, in your words

# Sign in with Daftar.
problem-identity-openid-off = Signing in to services is off here.
problem-identity-openid-off-next = The operator turns it on with the setting openid.issuer.
problem-identity-openid-issuer = This is not an address services can know the country by.
problem-identity-openid-issuer-next = Write https:// and the host, without a path or a slash at the end.
problem-identity-openid-over = This sign-in is over: it took longer than ten minutes, began in another browser, or was answered already.
problem-identity-openid-over-next = Go back to the service and choose to sign in again.
problem-identity-openid-client = The service cannot be registered like this.
problem-identity-openid-client-next = Mend the fields that are marked.
problem-identity-openid-clients-many = As many services are registered as can be.
problem-identity-openid-clients-many-next = Withdraw a service that nobody uses any more.
identity-openid-fault-keys = Give a key set in JSON with public keys for ES256, only if the service signs its requests.
identity-openid-fault-name = Write a name of at most 80 characters.
identity-openid-fault-why = Say in one or more languages why the service asks, in at most 300 characters.
identity-openid-fault-agency = Choose an agency of the list.
identity-openid-fault-redirect = Write one to ten addresses of one host, each with https:// and without #. Only addresses of the person’s own machine may begin with http://.
identity-openid-fault-method = A service that cannot prove who it is gets no tokens of its own.
identity-openid-stop = This sign-in cannot go on
identity-openid-stop-lead = The service that sent you here asked in a way that we cannot trust. We sent it nothing about you.
identity-openid-stop-next = Go back and try again. If it happens again, tell the service: the mistake is theirs.
identity-openid-stop-details = For those who run the service
identity-openid-sign-in = Sign in to a service
identity-openid-continue = Go on to { $name }?
identity-openid-consent = May { $name } know who you are?
identity-openid-who = { $name }, run by { $organisation }, asks you to sign in. This is why it asks:
identity-openid-learns = What it would learn
identity-openid-go = Go on
identity-openid-allow = Yes, I allow it
identity-openid-decline = No, go back without
identity-openid-where = Either way you go back to { $address }.
identity-openid-back-out = You can take this back at any time under “Services I use”. Each time it reads something, it stands in your list of who looked.
identity-openid-locked = You have locked signing in to services
identity-openid-locked-text = While it is locked, no service learns anything about you. Unlock it under “Services I use”, then go back to the service and sign in again.
identity-openid-return = Back to { $name }
identity-openid-sign-out = Sign out
identity-openid-sign-out-lead = A service asks you to sign out here as well.
identity-openid-sign-out-yes = Sign out here
identity-openid-signed-out = You are signed out
identity-openid-signed-out-text = Nobody is signed in here any more. You can close this page.
identity-item-sub = A number made for this service alone. It is not your national number, and no other service knows it.
identity-item-name = Your name
identity-item-birthdate = Your date of birth
identity-item-gender = Your sex, as your papers say it
identity-item-locale = The language you read
identity-item-email = Your e-mail address
identity-item-phone = Your telephone number
identity-item-address = Your address
identity-item-away = It may read this again while you are away, for 30 days
identity-my-services = Services I use
identity-my-services-hint = What you allowed, where you signed in, and a lock for all of it.
identity-services-lead = These services may know something about you, because you allowed it.
identity-services-none = You have allowed nothing to any service.
identity-services-since = Allowed on
identity-services-revoke = Take it back from { $name }
identity-services-lock-title = Lock
identity-services-lock-text = With the lock, nobody can sign in to a service in your name, and no service can read anything. What you allowed stays for when you unlock.
identity-services-lock = Lock signing in to services
identity-services-locked = Signing in to services is locked. No service can read anything about you.
identity-services-unlock = Unlock signing in to services
identity-services-unlock-text = From then on you can sign in to services again, and those you allowed can read again.
identity-services-history = Where I signed in
identity-services-history-lead = The services you signed in to in the last 90 days. Older ones are deleted. Only you can read this.
identity-services-history-none = You have not signed in to any service.
identity-openid-organisation = Run by
identity-clients = Services people sign in to
identity-clients-hint = Register a service, see what it may ask, withdraw it.
identity-clients-lead = A service on this list can let people sign in with Daftar. Registering and withdrawing are public acts.
identity-clients-new = Register a service
identity-clients-new-lead = Check that the organisation exists, that the addresses are theirs, and that it needs what it asks for.
identity-clients-name = Name people will read
identity-clients-name-hint = The name on the door, not a product.
identity-clients-agency = Agency that answers for it
identity-clients-agency-none = None
identity-clients-why = Why it asks, in { $language }
identity-clients-redirect = Addresses people are sent back to
identity-clients-redirect-hint = One a line, exactly as the service will send them.
identity-clients-logout = Addresses people are sent to after signing out
identity-clients-method = How the service proves who it is
identity-clients-method-secret = With a secret, which you will see once
identity-clients-method-private-key-jwt = With a signature, whose public keys are below
identity-clients-method-public = Not at all: a program on the person’s own machine
identity-clients-keys = Public keys (JSON key set)
identity-clients-keys-hint = Only for a service that signs.
identity-clients-scope-profile = May ask for name, date of birth, sex and language
identity-clients-scope-email = May ask for the e-mail address
identity-clients-scope-phone = May ask for the telephone number
identity-clients-scope-address = May ask for the address
identity-clients-refresh = May read again while the person is away
identity-clients-own = May have tokens for itself, about no person
identity-clients-native = Runs on the person’s own machine
identity-clients-register = Register
identity-clients-done = The service is registered
identity-clients-id = Its name for programs (client_id)
identity-clients-secret = Its secret (client_secret)
identity-clients-secret-once = The secret is shown only now. Hand it to the organisation in a way nobody else can read.
identity-clients-scopes = May ask for
identity-clients-withdraw = Withdraw { $name }
identity-look-service = { $who }, a service you signed in to, read what you allowed it.
identity-look-consent = Your own consent
identity-act-consent-given = You allowed a service to know something about you
identity-act-consent-revoked = You took back what you had allowed a service
identity-act-services-locked = You locked signing in to services
identity-act-services-unlocked = You unlocked signing in to services

# How much speaks for one person.
identity-weigh-for = +{ $whole }.{ $tenth } bits: { $times } times likelier if it is one person
identity-weigh-against = −{ $whole }.{ $tenth } bits: { $times } times likelier if they are two people
identity-weigh-nothing = 0 bits: says nothing either way
identity-weigh = What speaks for one person, and what against
identity-weigh-what = What
identity-weigh-how = How they agree
identity-weigh-weight = How much it says
identity-weigh-sum = Taken together
identity-weigh-name = Name
identity-weigh-born = Date of birth
identity-weigh-birth-place = Place of birth
identity-weigh-sex = Sex
identity-weigh-mother = Mother’s name
identity-weigh-father = Father’s name
identity-weigh-home = Place of residence
identity-weigh-street = Address lines
identity-weigh-phone = Telephone
identity-weigh-relatives = They may be relatives, who are alike in much
identity-weigh-prior = Most two people are strangers
identity-level-same = The same
identity-level-misspelled = A slip of the pen apart
identity-level-sounds-alike = Sounds alike
identity-level-known-to-stand-for-each-other = Known to stand for each other
identity-level-one-letter-apart-both-names-of-their-own = One letter apart, each a name of its own
identity-level-similar = Similar
identity-level-initial = An initial
identity-level-different = Different
identity-level-same-day = The same day
identity-level-same-year-no-more-known = The same year; no more is known
identity-level-same-year-one-says-no-more = The same year; one says no more
identity-level-day-and-month-exchanged = Day and month exchanged
identity-level-one-digit-apart = One digit apart
identity-level-same-day-year-off-by-at-most-3 = The same day, up to three years apart
identity-level-same-year-another-day = The same year, another day
identity-level-at-most-3-years-apart-day-unknown = Up to three years apart, day unknown
identity-level-share-a-word = They share a word
identity-level-one-character-apart = One character apart
identity-level-same-first-half = The same first half
identity-level-same-beginning = The same beginning
problem-identity-learn-few = The register has fewer than 1,000 people: nothing is learned from so few.
problem-identity-learn-few-next = Go on with the model that comes with the program.
problem-identity-desk-unknown = The country has no such office, or no purpose duplicate-review.
problem-identity-desk-unknown-next = Name an office of the country, and add the purpose to its pack.

# Two records that may be one person.
identity-doubles-open = Records that may be one person
identity-doubles-open-hint = Compare two records side by side, and decide with a second official.
identity-doubles-open-lead = The strongest come first. No names stand here: opening a pair is a look at both people, and they will see it.
identity-doubles-none = There is no such pair.
identity-double = Are these one person?
identity-double-open = Open both records
identity-double-seen = Both people will see that you looked, and why: to find out whether their records are one person’s.
identity-double-first = First record
identity-double-second = Second record
identity-double-says = { $levels }. { $weight }
identity-double-found = How they were found
identity-double-found-desk = Registered at a desk although somebody alike was shown
identity-double-found-import = Brought in with an old register
identity-double-found-sweep = The register was compared with itself
identity-double-state = Where it stands
identity-double-state-open = Not decided
identity-double-state-different = Two people
identity-double-state-merged = One person
identity-double-model = Version of the weights
identity-double-two = Two officials must approve what is decided here. Both people are told, with the receipt.
identity-double-merge = They are one person: join the records
identity-double-merge-means = One record stays and points to everything of the other: numbers, cards, accounts and history of both lead to it. It can be undone.
identity-double-different = They are two people
identity-double-different-means = The pair leaves the list and is not shown again, unless it is asked anew.
identity-double-split = Undo: they are two people after all
identity-double-split-means = Both records stand again exactly as they did.
identity-double-reopen = Ask again whether they are one person
identity-double-reopen-means = The pair comes back to the list.
identity-double-keep = Which record stays?
identity-double-ground = Why: the law, the papers seen, who was heard
identity-double-ground-hint = Write no names: this stays readable when the people are erased.
identity-double-done = The decision is carried out
identity-absorbed = A record that was joined to yours
identity-absorbed-text = Two officials found that another record is yours too. Everything of it is kept, and you see it here. If that is wrong, complain: somebody outside the office answers.
identity-absorbed-standing = Looks at the record that stands
identity-absorbed-looks = Looks at joined record { $number }
identity-merge-complain = This is wrong: complain
identity-act-records-merged = Your record and another were found to be one person’s
identity-act-records-different = Your record and one alike were found to be two people’s
identity-act-records-split = Joined records were parted again
identity-act-records-reopened = Whether your record and one alike are one person’s is asked again
problem-identity-double-altered = The pair was altered in the database: nothing is decided on it.
problem-identity-double-altered-next = Tell whoever runs the machine, and compare the register anew.
problem-identity-double-changed = The pair or one of the records was changed after the decision was asked for.
problem-identity-double-changed-next = Open both records again and ask anew.
problem-identity-double-state = The pair stands otherwise: that cannot be decided now.
problem-identity-double-state-next = Open the pair again. A record that was joined to a third must be parted from it first.
