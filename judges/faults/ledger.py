"""32 clients that register people and write down, outside of the country, what they were promised."""

import http.client
import json
import random
import threading
import time
from dataclasses import dataclass, field

CLIENTS = 32
SYLLABLES = "ba be bi do du fa ga ha ka ki la le lo ma mi na no ra ro sa si ta to wa ya zo".split()


@dataclass
class Act:
    """One registration: what is sent under its key, and the answer once it was acknowledged."""

    key: str
    body: bytes
    answer: dict | None = None
    tries: int = 0


@dataclass
class Ledger:
    """Everything any client ever sent. A key is never given up: it is sent until it is acknowledged."""

    seed: int
    acts: list[Act] = field(default_factory=list)
    open: list[Act] = field(default_factory=list)
    odd: list[str] = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def __post_init__(self):
        self.random = random.Random(self.seed)

    def next(self):
        """An act that was cut off before, or a new one."""
        with self.lock:
            if self.open:
                return self.open.pop()
            number = len(self.acts)
            word = lambda n: "".join(self.random.choice(SYLLABLES) for _ in range(n)).capitalize()  # noqa: E731
            person = {
                "name": f"{word(3)} {word(4)} {word(4)}",
                # Grown-ups: a child is registered with whoever answers for it.
                "born": f"{self.random.randint(1930, 2000)}-{self.random.randint(1, 12):02}-{self.random.randint(1, 28):02}",
                "sex": self.random.choice(["female", "male"]),
                "standing": "citizen",
            }
            # The reason lets it pass when chance made two people alike: here durability is judged, not likeness.
            body = json.dumps({"person": person, "despite": "another person of that name"}).encode()
            act = Act(f"faults-{self.seed}-{number}", body)
            self.acts.append(act)
            return act

    def cut_off(self, act):
        with self.lock:
            self.open.append(act)

    def acknowledged(self):
        return [act for act in self.acts if act.answer]


def send(line, token, act):
    """Sends an act; gives status and answer."""
    headers = {
        "content-type": "application/json",
        "authorization": f"Bearer {token}",
        "idempotency-key": act.key,
    }
    act.tries += 1
    line.request("POST", "/api/v1/people", act.body, headers)
    answer = line.getresponse()
    body = answer.read()
    return answer.status, json.loads(body)


class Clients:
    """The clients of one stretch between two kills."""

    def __init__(self, ledger, address, token):
        self.ledger, self.address, self.token = ledger, address, token
        self.stop = threading.Event()
        self.threads = [threading.Thread(target=self.work, daemon=True) for _ in range(CLIENTS)]
        for thread in self.threads:
            thread.start()

    def work(self):
        line = http.client.HTTPConnection(self.address, timeout=30)
        while not self.stop.is_set():
            act = self.ledger.next()
            try:
                status, answer = send(line, self.token, act)
            except (OSError, http.client.HTTPException, ValueError):
                # Cut off: it may have happened or not; only the same key sent again will tell.
                line.close()
                self.ledger.cut_off(act)
                time.sleep(0.01)
                continue
            if status == 201:
                act.answer = answer
            else:
                self.ledger.cut_off(act)
                if status not in (429, 503):
                    self.ledger.odd.append(f"{act.key}: {status} {answer}")
                    return
        line.close()

    def end(self):
        self.stop.set()
        for thread in self.threads:
            thread.join()


def ask_all_again(ledger, address, token):
    """Sends every key once more. Gives what went wrong: an answer other than the promised one."""
    wrong, todo, lock = [], list(ledger.acts), threading.Lock()

    def work():
        line = http.client.HTTPConnection(address, timeout=60)
        while True:
            with lock:
                if not todo:
                    return
                act = todo.pop()
            status, answer = send(line, token, act)
            if status != 201:
                wrong.append(f"{act.key}: {status} {answer}")
            elif act.answer is not None and act.answer != answer:
                wrong.append(f"{act.key}: promised {act.answer}, now {answer}")
            else:
                act.answer = answer

    threads = [threading.Thread(target=work) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if todo:
        wrong.append(f"{len(todo)} keys could not be asked again")
    return wrong
