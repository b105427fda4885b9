"""A client that keeps thousands of lines open and judges every answer: right, told when to come back, or wrong."""

import json
import select
import socket
import time
from collections import deque
from dataclasses import dataclass, field

# How long an answer may take before it is given up. Ten times what a machine can carry, on a machine that is slow.
GIVE_UP_SECONDS = 60
# Longest time somebody may sensibly be told to stay away: the quotas that count here begin anew each minute.
MAX_RETRY_SECONDS = 60
# Wrong answers that are kept to be shown.
SHOWN = 5
# The program closes a line that was silent for ten seconds; whoever asks in that moment gets no answer and asks again on another
# line (RFC 9112 §9.5). A line that rested for less owes an answer.
REST_SECONDS = 9
# Nothing is due just now.
WAIT = "wait"


@dataclass
class Seen:
    """What became of the requests of one stretch."""

    sent: int = 0
    right: int = 0
    told: int = 0
    wrong: int = 0
    broken: int = 0
    seconds: float = 0.0
    shown: list[str] = field(default_factory=list)
    # What right answers handed over, and how long each took in seconds.
    given: list[str] = field(default_factory=list)
    times: list[float] = field(default_factory=list)

    def median(self):
        return sorted(self.times)[len(self.times) // 2] if self.times else float("inf")

    def rate(self):
        return self.right / max(self.seconds, 0.001)

    def show(self, what):
        if len(self.shown) < SHOWN:
            self.shown.append(what)

    def all_right(self):
        return self.right > 0 and not (self.told or self.wrong or self.broken)


@dataclass
class Lane:
    """One question, and how its right answer is known: `judge` gives what the answer hands over, or None when it is wrong."""

    name: str
    request: bytes
    judge: object


def request(method, path, headers=(), body=b""):
    """The bytes of a request."""
    lines = [f"{method} {path} HTTP/1.1", "host: judge", *headers, f"content-length: {len(body)}", "", ""]
    return "\r\n".join(lines).encode() + body


def header(head, name):
    """A header's value in a head of small letters; empty when it is absent."""
    at = head.find(b"\r\n" + name + b":")
    if at < 0:
        return b""
    return head[at + len(name) + 3 : head.find(b"\r\n", at + 2)].strip()


class Line:
    """One connection, with one request on its way at most."""

    def __init__(self, address):
        host, port = address.split(":")
        self.socket = socket.create_connection((host, int(port)), timeout=GIVE_UP_SECONDS)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.number, self.read, self.lane = self.socket.fileno(), b"", None
        # When it last asked, was answered, or was opened; and how long it had rested when it asked.
        self.since, self.rested = time.monotonic(), 0.0

    def send(self, lane):
        now = time.monotonic()
        self.lane, self.rested, self.since = lane, now - self.since, now
        self.socket.sendall(lane.request)

    def take(self):
        """Reads what has come; gives status, head and body once the answer is whole."""
        got = self.socket.recv(65_536)
        if not got:
            raise ConnectionError("the line was closed")
        self.read += got
        end = self.read.find(b"\r\n\r\n")
        if end < 0:
            return None
        head = self.read[: end + 2].lower()
        length = int(header(head, b"content-length") or 0)
        if len(self.read) < end + 4 + length:
            return None
        answer = int(head[9:12]), head, self.read[end + 4 : end + 4 + length]
        if len(self.read) > end + 4 + length:
            raise ConnectionError("more came than was asked for")
        self.read = b""
        return answer


def note(seen, judge, status, head, body, seconds):
    """Judges one answer."""
    if status in (429, 503):
        wait = header(head, b"retry-after")
        if wait.isdigit() and 1 <= int(wait) <= MAX_RETRY_SECONDS:
            seen.told += 1
            return
    elif status == 200:
        try:
            found = judge(body)
        except (ValueError, KeyError, TypeError):
            found = None
        if found is not None:
            seen.right += 1
            seen.given.append(found)
            seen.times.append(seconds)
            return
    seen.wrong += 1
    seen.show(f"{status}: {(head + body)[:400]!r}")


def drive(address, lane, connections, seconds, rate=None, ready=lambda: None):
    """Asks over so many lines for so many seconds. With a rate, so many requests a second fall due whether or not there were
    answers, and one that finds no line free waits for one; without it each line asks again as soon as it is answered. Every
    request that was sent is waited for. `ready` is called when all lines are open."""
    begun = None

    def due(asked):
        nonlocal begun
        begun = begun or time.monotonic()
        now = time.monotonic() - begun
        return None if now >= seconds else lane if rate is None or asked < now * rate else WAIT

    return exchange(address, due, connections, ready)


def ask_each(address, lanes, connections):
    """Asks each of these once."""
    return exchange(address, lambda asked: lanes[asked] if asked < len(lanes) else None, connections)


def exchange(address, due, connections, ready=lambda: None):
    """Sends what is due, over lines with one request on its way at most, until nothing is and all is answered."""
    seen, poll, asked = Seen(), select.epoll(), 0
    lines = {}

    def opened():
        line = Line(address)
        lines[line.number] = line
        poll.register(line.number, select.EPOLLIN)
        return line

    def close(line):
        del lines[line.number]
        line.socket.close()

    # The line that was free longest asks next.
    idle = deque(opened() for _ in range(connections))
    ready()
    begun = last = time.monotonic()
    while lines:
        while idle and isinstance(lane := due(asked), Lane):
            line, asked = idle.popleft(), asked + 1
            seen.sent += 1
            try:
                line.send(lane)
            except OSError:
                # What is wrong with it is found where answers are read.
                pass
        busy = len(lines) - len(idle)
        if (lane is None and busy == 0) or time.monotonic() - last > GIVE_UP_SECONDS:
            break
        for number, _ in poll.poll(0.001 if idle else 1):
            now, line = time.monotonic(), lines[number]
            try:
                if answer := line.take():
                    note(seen, line.lane.judge, *answer, now - line.since)
                    last = line.since = now
                    line.lane = None
                    idle.append(line)
            except (OSError, ValueError) as error:
                if line.lane is None:
                    # Nothing was on its way: the program may close a line that rests.
                    idle.remove(line)
                    idle.append(opened())
                elif line.rested > REST_SECONDS and not line.read:
                    opened().send(line.lane)
                else:
                    seen.broken += 1
                    seen.show(f"broken after {now - line.since:.1f} s: {error}")
                close(line)
    seen.broken += len(lines) - len(idle)
    seen.seconds = time.monotonic() - begun
    for line in lines.values():
        line.socket.close()
    return seen


def token(body):
    """A token that was handed out (RFC 6749 §5.1)."""
    answer = json.loads(body)
    good = answer["token_type"] == "Bearer" and answer["expires_in"] > 0
    return answer["access_token"] if good else None


def known(body):
    """A token that stands (RFC 7662 §2.2)."""
    return "" if json.loads(body)["active"] is True else None


def says(*answers):
    """Answers of the verification API, claim by claim."""
    return lambda body: "" if tuple(one["answer"] for one in json.loads(body)["answers"]) == answers else None


def page(words):
    """A whole page that holds these words."""
    return lambda body: "" if words.encode() in body and body.rstrip().endswith(b"</html>") else None
