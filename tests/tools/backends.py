"""Receivers of log stores that check what they are sent as strictly as their contracts can be read,
and answer with each failure of them. As HttpServer they answer one request after the other."""

import json
import re
import threading

from http_server import HttpServer

UINT64 = re.compile(r"0|[1-9]\d{0,19}")


class Violation(Exception):
    """A request that breaks the contract."""


def require(holds, what):
    if not holds:
        raise Violation(what)


def parsed(text):
    """The JSON of a text in which no object has a key twice."""
    def unique(pairs):
        keys = [key for key, _ in pairs]
        require(len(keys) == len(set(keys)), f"keys twice in {keys}")
        return dict(pairs)
    try:
        return json.loads(text, object_pairs_hook=unique)
    except json.JSONDecodeError as error:
        raise Violation(f"no JSON: {error}") from error


def members(value, required, optional=()):
    """An object with these members, and no other."""
    require(isinstance(value, dict), f"no object: {value!r}")
    unknown = set(value) - set(required) - set(optional)
    missing = set(required) - set(value)
    require(not unknown and not missing, f"unknown {unknown}, missing {missing}")
    return value


def listed(value, least=1):
    require(isinstance(value, list) and len(value) >= least, f"no list: {value!r}")
    return value


def text(value):
    require(isinstance(value, str), f"no text: {value!r}")
    return value


def number(value):
    require(isinstance(value, (int, float)) and not isinstance(value, bool), f"no number: {value!r}")
    return value


def fixed64(value):
    require(isinstance(value, str) and UINT64.fullmatch(value) and int(value) < 1 << 64,
            f"no 64-bit integer as text: {value!r}")
    return int(value)


class Backend(HttpServer):
    """Takes messages, which `read` finds in a body, and answers. Every `fault_every`-th request
    has the next of `faults`:

      503, 429, reset, close, hang ...   steps of HttpServer: nothing is taken
      lost                               all is taken, and the connection closed without an answer
    and others that a backend knows by itself. A request that breaks the contract is a violation, and
    is refused."""

    path = None
    content_type = "application/json"
    success = 200

    def __init__(self, faults=(), fault_every=0):
        super().__init__(["200"])
        self.lock = threading.Lock()
        self.faults, self.fault_every = list(faults), fault_every
        self.count = 0
        self.used_faults = []
        self.violations = []
        self.stored = []  # the messages that were taken, also a second time
        self.twice = []  # those that may be there twice, as their answer was lost

    def next_fault(self):
        self.count += 1
        if not self.faults or self.count % self.fault_every:
            return None
        fault = self.faults[len(self.used_faults) % len(self.faults)]
        self.used_faults.append(fault)
        return fault

    def step_of(self, body):
        with self.lock:
            try:
                messages = self.read(body)
            except (Violation, KeyError, TypeError, ValueError) as violation:
                self.violations.append(f"{violation!r} in {body[:2000]}")
                return "400;;not by the contract"
            fault = self.next_fault()
            if fault == "lost":
                self.twice += self.take(messages)
                return "close"
            if fault in ("reset", "close", "hang", "garbage") or (fault and fault[0].isdigit()):
                return fault
            return self.answer(messages, fault)

    def note(self, request):
        with self.lock:
            if request["path"] != self.path:
                self.violations.append(f"path {request['path']}")
            if request["headers"].get("content-type") != self.content_type:
                self.violations.append(f"type {request['headers'].get('content-type')}")
        super().note({"step": request["step"], "headers": request["headers"]})

    def take(self, messages):
        self.stored += messages
        return messages

    def answer(self, messages, _fault):
        self.take(messages)
        return f"{self.success}"

    def read(self, body):
        """The messages in a body, or a Violation."""
        raise NotImplementedError
