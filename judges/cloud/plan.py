"""Reckons the planner's plans again with libraries and formulas that nobody here wrote.

pvlib takes the plan's own weather and says what panels give, hour by hour, in five places from 59 degrees north to 34 south;
numpy-financial says what loans take, to the cent; the sizing formulas that MOSIP (two spreadsheets and a page) and OpenCRVS publish
are reckoned here from their own coefficients. Then each check is given what is wrong and must refuse it, and questions that are not
right must come back with line and remedy. Ends with `N passed, N failed, N skipped`.
"""

import csv
import decimal
import json
import math
import os
import pathlib
import subprocess
import sys
import tempfile
import tomllib

HERE = pathlib.Path(__file__).resolve().parent
ROOT = pathlib.Path(os.environ.get("DAFTAR_ROOT") or HERE.parent.parent)
CACHE = pathlib.Path(os.environ.get("DAFTAR_JUDGE_CACHE") or pathlib.Path.home() / ".cache/daftar/judges/cloud")
DAFTAR = os.environ.get("DAFTAR_BIN") or "daftar"
PACKAGES = ["pvlib==0.16.1", "numpy-financial==1.0.0", "pandas"]
total = {"passed": 0, "failed": 0, "skipped": 0}

# Place, latitude, longitude, hours ahead of UTC, and a country whose months it borrows.
PLACES = [
    ("Tallinn", 59.44, 24.75, 2, "EE"),
    ("Cairo", 30.04, 31.24, 2, "EG"),
    ("Nairobi", -1.29, 36.82, 2, "KE"),
    ("Manila", 14.60, 120.98, 8, "PH"),
    ("Cape Town", -33.92, 18.42, 1, "PE"),
]
HOURLY, YEARLY = 0.02, 0.005


def count(good, line):
    total["passed" if good else "failed"] += 1
    print(("ok      " if good else "FAILED  ") + line, flush=True)


def own_python():
    """A Python with the libraries, in the cache; this program goes on in it."""
    venv, listed = CACHE / "plan-venv", "\n".join(PACKAGES)
    stamp = venv / "packages.txt"
    if not stamp.exists() or stamp.read_text() != listed:
        CACHE.mkdir(parents=True, exist_ok=True)
        subprocess.run([sys.executable, "-m", "venv", "--clear", str(venv)], check=True)
        subprocess.run([str(venv / "bin/pip"), "install", "--quiet", "--disable-pip-version-check", *PACKAGES], check=True)
        stamp.write_text(listed)
    if pathlib.Path(sys.prefix) != venv:
        os.execv(venv / "bin/python", [str(venv / "bin/python"), str(HERE / "plan.py"), *sys.argv[1:]])


def plan(text, *options):
    """What `daftar plan` says to a question: exit code, standard output, standard error."""
    command = [DAFTAR, "plan", "-", *map(str, options)]
    done = subprocess.run(command, input=text, capture_output=True, text=True, timeout=120, check=False)
    return done.returncode, done.stdout, done.stderr


def planned(text, *options):
    code, out, err = plan(text, "--json", *options)
    if code != 0:
        raise SystemExit(f"daftar plan ended with {code}: {err}\n{text}")
    return json.loads(out)


def question(country="KE", population=150_000, rest=""):
    return f'name = "Judge"\ncountry = "{country}"\npopulation = {population}\n{rest}'


# --- sun -----------------------------------------------------------------------------------------------------------------


def by_pvlib(rows, latitude, longitude, offset, cells):
    """What one kW of panels gives in each hour by pvlib, from the plan's weather."""
    import pandas
    import pvlib

    column = lambda name: pandas.Series([float(row[name]) for row in rows], index=times)
    start = pandas.Timestamp("2025-01-01T00:30Z") - pandas.Timedelta(hours=offset)
    times = pandas.date_range(start, periods=len(rows), freq="h")
    sun = pvlib.solarposition.get_solarposition(times, latitude, longitude)
    tilt, azimuth = min(max(abs(latitude), 10), 60), 0 if latitude < 0 else 180
    extra = pvlib.irradiance.get_extra_radiation(times)
    plane = pvlib.irradiance.get_total_irradiance(
        tilt, azimuth, sun.apparent_zenith, sun.azimuth, column("dni"), column("ghi"), column("dhi"), dni_extra=extra,
        albedo=cells["solar.albedo"], model="haydavies",
    )
    angle = pvlib.irradiance.aoi(tilt, azimuth, sun.apparent_zenith, sun.azimuth)
    used = plane.poa_direct * pvlib.iam.ashrae(angle) + plane.poa_diffuse
    cell = pvlib.temperature.faiman(plane.poa_global, column("temperature"), cells["solar.wind"])
    dc = pvlib.pvsystem.pvwatts_dc(used, cell, 1000, cells["solar.by_kelvin"]) * (1 - cells["solar.losses"])
    return pvlib.inverter.pvwatts(dc.clip(lower=0), 1000, cells["solar.inverter"]).fillna(0).clip(lower=0)


def differing(ours, theirs):
    """Hours that differ by more than the tolerance; dim hours are measured against a twentieth of the panels' power."""
    return sum(abs(a - b) > HOURLY * max(b, 50) for a, b in zip(ours, theirs))


def judge_sun(work):
    for name, latitude, longitude, offset, country in PLACES:
        text = question(country, rest=f'power = "mixed"\n[override]\n"country.latitude" = {latitude}\n"country.longitude" = {longitude}\n')
        file = work / f"{country}.csv"
        answer = planned(text, "--hours", file)
        cells = {key: float(cell["values"][0]) for key, cell in answer["cells"]["cells"].items()}
        rows = list(csv.DictReader(file.open()))
        ours = [float(row["yield"]) for row in rows]
        theirs = list(by_pvlib(rows, latitude, longitude, offset, cells))
        wrong = differing(ours, theirs)
        worst = max(abs(a - b) / max(b, 50) for a, b in zip(ours, theirs))
        count(len(rows) == 8760 and wrong == 0, f"{name}: {wrong} of 8760 hours differ from pvlib by more than 2 %, the worst by {worst:.2%}")
        off = abs(sum(ours) - sum(theirs)) / sum(theirs)
        count(off < YEARLY, f"{name}: {sum(ours) / 1000:.0f} kWh a kW and year, pvlib {sum(theirs) / 1000:.0f}: {off:.3%}")
        # A planner whose panels face the wrong way, or that has the clock of the next zone, must be seen.
        shifted = list(by_pvlib(rows, latitude, longitude, offset + 1, cells))
        count(differing(ours, shifted) > 100, f"{name}: a clock one hour off is seen in {differing(ours, shifted)} hours")
        turned = list(by_pvlib(rows, -latitude, longitude, offset, cells))
        count(differing(ours, turned) > 100, f"{name}: the other hemisphere is seen in {differing(ours, turned)} hours")
        judge_books(name, rows, answer)


def judge_books(name, rows, answer):
    """The year's energy, added up by somebody else."""
    way = math.sqrt(float(answer["cells"]["cells"]["solar.round_trip"]["values"][0]))
    add = lambda key: sum(float(row[key]) for row in rows)
    start = float(answer["energy"]["battery_kwh"]) * 1000
    lost = add("charged") * (1 - way) + add("discharged") * (1 / way - 1)
    came = add("sun") + add("grid") + add("generator") + add("missing")
    went = add("load") + add("spilled") + lost + float(rows[-1]["stored"]) - start
    open_share = abs(came - went) / add("load")
    count(open_share < 0.001, f"{name}: the year's books are open by {open_share:.6%}")
    cooked = abs(came * 1.002 - went) / add("load")
    count(cooked > 0.001, f"{name}: books with a five-hundredth too much are found open by {cooked:.3%}")
    months = sum(float(month["load"]) for month in answer["energy"]["months"])
    count(abs(months - add("load") / 1000) < 1, f"{name}: months and hours say the same, {months:.0f} kWh")
    pue = add("load") / 1000 / sum(float(month["computers"]) for month in answer["energy"]["months"])
    count(abs(pue - float(answer["energy"]["pue"])) < 0.001, f"{name}: PUE {pue:.4f} over the year")


# --- loans ---------------------------------------------------------------------------------------------------------------

LOANS = [
    # rate, years, grace, payments a year, repayment, upfront, commitment, draws
    ("6", 30, 0, 12, "annuity", "0", "0", 1),
    ("1.5", 15, 3, 2, "annuity", "0.5", "0", 1),
    ("0.75", 38, 6, 2, "equal-principal", "0", "0.5", 4),
    ("2", 20, 5, 2, "annuity", "1", "0.75", 6),
    ("0", 10, 1, 1, "annuity", "0", "0", 1),
    ("11.25", 7, 0, 4, "annuity", "2", "0", 1),
    ("3.333333", 12, 2, 12, "annuity", "0", "0.25", 12),
]


def cents(value):
    return int(decimal.Decimal(repr(float(value))).quantize(decimal.Decimal(1), decimal.ROUND_HALF_UP))


def loan_faults(offer, terms):
    """What numpy-financial finds wrong with a schedule: each amount to the cent."""
    import numpy_financial as npf

    rate, years, grace, payments, repayment, upfront, commitment, draws = terms
    rate, commitment, upfront = float(rate) / 100, float(commitment) / 100, float(upfront) / 100
    face, faults = offer["face_cents"], []
    periods, still = years * payments, grace * payments
    each = cents(-npf.pmt(rate / payments, periods - still, face))
    balance = undrawn = 0
    undrawn = face
    for number, row in enumerate(offer["schedule"], 1):
        drawn = face // draws if number < draws else undrawn
        undrawn -= drawn
        balance += drawn
        # What one period of what is owed costs: the first interest of any loan of that size.
        interest = cents(-npf.ipmt(rate / payments, 1, 1, balance)) if rate else 0
        if number == periods:
            principal = balance
        elif number <= still:
            principal = 0
        else:
            principal = each - interest if repayment == "annuity" else cents(face / (periods - still))
        balance -= principal
        fees = cents(undrawn * commitment / payments) + (cents(face * upfront) if number == 1 else 0)
        for key, value in [("drawn", drawn), ("interest", interest), ("principal", principal), ("fees", fees), ("balance", balance)]:
            if row[key] != value:
                faults.append(f"period {number}: {key} {row[key]} is not {value}")
    if len(offer["schedule"]) != periods or balance != 0:
        faults.append(f"it ends after {len(offer['schedule'])} periods with {balance}")
    if repayment == "annuity" and rate and not grace:
        # numpy-financial's own balance, never rounded, is met within what half a cent a period adds up to with its interest.
        for number in range(1, periods, max(1, periods // 7)):
            left = npf.fv(rate / payments, number, -npf.pmt(rate / payments, periods, face), -face) * -1
            most = 1 + ((1 + rate / payments) ** number - 1) / (rate / payments)
            if abs(abs(left) - offer["schedule"][number - 1]["balance"]) > most:
                faults.append(f"period {number}: {offer['schedule'][number - 1]['balance']} is far from {abs(left):.0f}")
    return faults


def grant_element(offer, terms):
    """(face - present value of what is paid) / face, at 5 % a year, by numpy-financial's npv."""
    import numpy_financial as npf

    payments, upfront = terms[3], cents(offer["face_cents"] * float(terms[5]) / 100)
    period_rate = 1.05 ** (1 / payments) - 1
    paid = [upfront] + [row["interest"] + row["principal"] + row["fees"] for row in offer["schedule"]]
    paid[1] -= upfront
    drawn = [row["drawn"] for row in offer["schedule"]]
    return (1 - npf.npv(period_rate, paid) / npf.npv(period_rate, drawn)) * 100


def judge_loans():
    for terms in LOANS:
        rate, years, grace, payments, repayment, upfront, commitment, draws = terms
        offer = (
            f'[[offer]]\nname = "L"\nkind = "loan"\nrate = {rate}\nyears = {years}\ngrace_years = {grace}\npayments_a_year = {payments}\n'
            f'repayment = "{repayment}"\nupfront = {upfront}\ncommitment = {commitment}\ndraw_periods = {draws}\n'
        )
        answer = planned(question(rest='power = "grid"\n[money]\nfalls = 0\n' + offer))
        loan = answer["offers"][1]
        faults = loan_faults(loan, terms)
        title = f"{rate} % over {years} years, {payments} a year, {repayment}"
        count(not faults, f"{title}: {len(loan['schedule'])} periods to the cent {faults[:2]}")
        grant = grant_element(loan, terms)
        count(abs(grant - float(loan["grant_percent"])) < 0.001, f"{title}: grant element {grant:.4f} %, ours {loan['grant_percent']}")
        count(loan["concessional"] == (grant >= 35), f"{title}: concessional or not")
        middle = loan["schedule"][len(loan["schedule"]) // 2]
        middle["interest"] += 1
        count(len(loan_faults(loan, terms)) == 1, f"{title}: one cent too much is found")


# --- the formulas that others publish ------------------------------------------------------------------------------------


def near(ours, theirs):
    return abs(float(ours) - theirs) <= 0.01 * abs(theirs)


def judge_peers():
    """Feeds the planner the peers' own inputs, and reckons their formulas here, from the coefficients as they print them."""
    services = '[services.enrolment]\n[services.verification]\n[services.civil]\n'
    # MOSIP ida-resource-calculator.xlsx: 20,000,000 identities, 500,000 authentications a day, 30 % in the busiest hour.
    ida = {"service.verification.acts": 500_000 * 365 / 20_000_000}
    # server-hardware-requirements.md: 216,000 enrolments a day take 21 nodes of 12 vCPU and 64 GB.
    enrol = {"service.enrolment.acts": 216_000 * 250 / 20_000_000}
    for name, people, wanted in [
        ("as the spreadsheet", 20_000_000, {**ida, **enrol}),
        ("three times the day", 20_000_000, {"service.verification.acts": 27.375, "service.enrolment.acts": 8.1}),
        ("a small country", 400_000, {"service.verification.acts": 3.65, "service.enrolment.acts": 0.25}),
    ]:
        cells = "".join(f'"{key}" = {value:.6f}\n' for key, value in wanted.items())
        answer = planned(question(population=people, rest=f'growth = 0\nyears = 1\npower = "grid"\n{services}[override]\n{cells}'))
        peers = {peer["name"]: peer for peer in answer["peers"]}
        day = people * wanted["service.verification.acts"] / 365
        pods = lambda rate: max(2 if math.ceil(day * 0.3 / (rate * 3600)) == 1 else 0, math.ceil(day * 0.3 / (rate * 3600)))
        around = [(0.5, 1.5, 2), (1, 2.5, 4), (0.5, 1.75, 2), (0.5, 2.25, 2), (2.5, 5, 2)]
        expected = {
            "vcpus": pods(5) * 4.5 + pods(4) * 3 + sum(cpu * n for cpu, _, n in around),
            "memory_gb": pods(5) * 4 + pods(4) * 3 + sum(memory * n for _, memory, n in around),
            "disk_gb": 0.1 * people / 1000 + 1.3 * day / 100_000,
            "logs_gb": 3.5 * people / 10_000 + 1.3 * day / 10_000,
        }
        for key, value in expected.items():
            count(near(peers["mosip-authentication"][key], value), f"MOSIP authentication, {name}: {key} {value:.1f}, ours {peers['mosip-authentication'][key]}")
        count(not near(peers["mosip-authentication"]["vcpus"], expected["vcpus"] * 1.02), f"MOSIP authentication, {name}: 2 % off is seen")
        day = people * wanted["service.enrolment.acts"] / 250
        nodes = math.ceil(round(day / (216_000 / 21), 6))
        for key, value in {"units": nodes, "vcpus": nodes * 12, "memory_gb": nodes * 64, "disk_gb": (3200 + 30) * day * 250 / 1e6}.items():
            count(near(peers["mosip-registration"][key], value), f"MOSIP registration, {name}: {key} {value:.1f}, ours {peers['mosip-registration'][key]}")
        # OpenCRVS v1.7.0 3.3: 17.299 births and 7.7 deaths in 1,000, 18.33 kB a record, three attachments of 0.4 MB, 100 GB of system;
        # backups twice; production, staging and qa/backup servers by population.
        records = people * 24.999 / 1000
        disk = 100 + records * 18.33 / 1e6 + records * 3 * 0.4 / 1000
        production = 1 if people < 1e6 else 2 if people < 30e6 else 3 if people < 60e6 else 5
        crvs = {"units": production + 3, "vcpus": production * 8 + 8 + 4 + 2, "memory_gb": production * 32 + 32 + 16 + 1, "disk_gb": 3 * disk}
        for key, value in crvs.items():
            count(near(peers["opencrvs"][key], value), f"OpenCRVS, {name}: {key} {value:.1f}, ours {peers['opencrvs'][key]}")
    # The example OpenCRVS prints: 30 million people take 1,012.47 GB for a server and 2,024.94 GB for backups.
    answer = planned(question(population=30_000_000, rest=f'growth = 0\nyears = 1\npower = "grid"\nshape = "module"\n{services}'))
    disk = next(peer for peer in answer["peers"] if peer["name"] == "opencrvs")["disk_gb"]
    count(near(disk, 1012.47 + 2024.94), f"OpenCRVS' own example: {disk} GB")
    printed = planned(question(population=20_000_000, rest="growth = 0\nyears = 1\npower = \"grid\"\n" + services + '[override]\n"service.verification.acts" = 9.125\n'))
    vcpus = next(peer for peer in printed["peers"] if peer["name"] == "mosip-authentication")["vcpus"]
    count(near(vcpus, 85.5), f"MOSIP's own spreadsheet prints 85.5 vCPU: {vcpus}")


# --- questions that are not right ----------------------------------------------------------------------------------------


def judge_refusals():
    for text, said in [
        ("name = 'x'\ncountry = 'KE'\npopulation = -5\n", "-:3: 'population' is not a number"),
        ("name = 'x'\ncountry = 'Atlantis'\npopulation = 5\n", "-:2: no climate and prices"),
        ("name = 'x'\ncountry = 'KE'\npopulation = 5\ntier = 7\n", "-:4: 'tier'"),
        ("name = 'x'\ncountry = 'KE'\npopulation = 5\n[override]\n'solar.panle' = 1\n", "-:5: there is no cell 'solar.panle'"),
        ("name = 'x'\ncountry = 'KE'\npopulation = 5\n[[offer]]\nname = 'y'\nkind = 'loan'\nrate = 1e400\nyears = 5\n", "-:7: 'rate'"),
        ("name = 'x'\ncountry = 'KE'\npopulation = 5\n[[offer]]\nname = 'y'\nkind = 'loan'\nrate = 1\nyears = 5\ngrace_years = 9\n", "the grace is as long"),
        ("{", "not TOML"),
        ("name = 'x'\ncountry = 'KE'\npopulation = 900000000\nshape = 'box'\n", "Ask for shape"),
    ]:
        code, out, err = plan(text)
        good = code == 2 and said in err and not out and "panicked" not in err
        count(good, f"refused with what to do: {said}: exit {code} {err.strip().splitlines()[:1]}")
    import random

    dice = random.Random(4)
    good, broken = question(rest="tier = 2\n[hosting]\nvcpus = 10\n"), 0
    for _ in range(200):
        at, cut = dice.randrange(len(good)), dice.randrange(1, 9)
        text = good[:at] + "".join(chr(dice.randrange(32, 127)) for _ in range(dice.randrange(4))) + good[at + cut:]
        code, out, err = plan(text, "--json")
        if code not in (0, 2) or "panicked" in err or (code == 2 and not err.strip()):
            broken += 1
    count(broken == 0, f"200 damaged questions: {broken} were neither answered nor refused")


def judge_documents():
    """The plans in the documentation carry the hash of the results they were made from."""
    import hashlib

    results = sorted((ROOT / "bench/results").glob("*.jsonl"))[-1]
    digest = hashlib.sha256(results.read_bytes()).hexdigest()
    for file in sorted((ROOT / "docs/plans").glob("*/plan.md")):
        text = file.read_text()
        site = hashlib.sha256((file.parent / "site.toml").read_bytes()).hexdigest()
        count(digest in text and site in text, f"{file.parent.name}: prints the hashes of its results and of its question")
    cells = tomllib.loads((ROOT / "libs/site-planner/assumptions.toml").read_text())
    flat = []

    def walk(table):
        for value in table.values():
            if isinstance(value, dict):
                flat.append(value) if "value" in value else walk(value)

    walk(cells)
    count(len(flat) > 100 and all(cell.get("source") for cell in flat), f"{len(flat)} assumptions, each with its source")


def main():
    own_python()
    import numpy_financial
    import pvlib

    print("pvlib", pvlib.__version__, "numpy-financial", numpy_financial.__version__)
    with tempfile.TemporaryDirectory() as work:
        judge_sun(pathlib.Path(work))
    judge_loans()
    judge_peers()
    judge_refusals()
    judge_documents()
    print(f"{total['passed']} passed, {total['failed']} failed, {total['skipped']} skipped")
    sys.exit(1 if total["failed"] else 0)


if __name__ == "__main__":
    main()
