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

# Why somebody may be registered already.
identity-duplicate-exact = Same name and same date of birth
identity-duplicate-phonetic = Names that sound alike and the same date of birth
identity-duplicate-date-key = Same date and place of birth, names that begin alike
identity-duplicate-near-date = Same name, dates of birth that differ as slips do

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
