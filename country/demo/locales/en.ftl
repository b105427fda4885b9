# Zahrana's own words over the program's, by the program's message keys. None in English.
