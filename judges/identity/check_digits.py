#!/usr/bin/env python3
"""PyPI python-stdnum on the numbers the demo shows: Verhoeff's check digit of the card's number."""

import json
import re
import sys

from stdnum import verhoeff

from country import Browser, Tally, There

given = json.loads(sys.argv[1])
there, tally = There(given["issuer"]), Tally()
check = tally.check


browser = Browser(there)
browser.be("citizen", "/me")
data = json.loads(browser.get("/me/data.json"))
for name, digits, length in (("card", data["card"]["number"], 13), ("national number", data["national_number"], 11)):
    plain = re.sub(r"\D", "", digits)
    check(len(plain) == length, f"the {name} has {length} digits")
    check(verhoeff.is_valid(plain), f"the {name}'s check digit")
    for place in range(len(plain)):
        bent = plain[:place] + str((int(plain[place]) + 1) % 10) + plain[place + 1:]
        check(not verhoeff.is_valid(bent), f"the {name} with digit {place} changed")
    for place in range(len(plain) - 1):
        if plain[place] != plain[place + 1]:
            bent = plain[:place] + plain[place + 1] + plain[place] + plain[place + 2:]
            check(not verhoeff.is_valid(bent), f"the {name} with digits {place} and {place + 1} swapped")
tally.close()
