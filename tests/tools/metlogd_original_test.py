"""What the original's clients send passes through metlogd, and its router's golden cases hold for a
running metlogd. The messages are those of tests/golden, written as the original wrote them: with
Python's json.dumps(), over UDP and as a ZMQ publisher, also of libzmq 2, which was that of its time."""

import base64
import json
import math
import os
import pathlib
import signal
import socket
import struct
import time
import zlib

from configured import Configured, numbers_in
from http_server import HttpServer
from programs import MAX_S, main

try:
    from sentry_sdk.envelope import Envelope
except ImportError:  # without it the envelopes are only read by hand
    Envelope = None

GOLDEN = pathlib.Path(__file__).resolve().parents[1] / "golden"
COMMON = {"timestamp": "2013-01-18T12:34:56.789012Z", "logger": "app", "env_version": "0.8",
          "metlog_pid": 4242, "metlog_hostname": "host.example"}


def golden(name):
    return json.loads((GOLDEN / name).read_text(encoding="utf-8"))


def messages_in(value):
    """All messages in a golden file; what it leaves out, as every message has it, is added."""
    if isinstance(value, list):
        for item in value:
            yield from messages_in(item)
    elif isinstance(value, dict):
        if {"type", "severity", "payload", "fields"} <= value.keys():
            message = {**COMMON, **value}
            keys = ["type", "severity", "payload", "fields", *COMMON]
            if not message["timestamp"].startswith("<"):
                yield {key: message[key] for key in keys}
        else:
            for item in value.values():
                yield from messages_in(item)


def all_messages():
    found = [message for path in sorted(GOLDEN.glob("*.json"))
             for message in messages_in(golden(path.name))]
    return found + list(messages_in([raven_message(), *ODD]))


EVENT = {"event_id": "0123456789abcdef0123456789abcdef", "timestamp": "2013-01-18T12:34:56.789012Z",
         "level": 40, "project": "2", "platform": "python", "culprit": "__main__ in inner",
         "message": "ZeroDivisionError: integer division or modulo by zero", "checksum": "0" * 32,
         "server_name": "host.example", "time_spent": None, "tags": {}, "modules": {"raven": "3.1.16"},
         "extra": {"msg": "some message", "logger": None, "severity": 3},
         "sentry.interfaces.Exception": {"type": "ZeroDivisionError", "module": "exceptions",
                                         "value": "integer division or modulo by zero"},
         "sentry.interfaces.Stacktrace": {"frames": [
             {"abs_path": "/app/shop.py", "filename": "shop.py", "function": "inner", "lineno": 7,
              "module": "shop", "context_line": "div(1, 0)", "pre_context": [], "post_context": [],
              "vars": {"x": "1"}}]}}


def raven_message():
    payload = base64.b64encode(zlib.compress(json.dumps(EVENT).encode())).decode()
    return {"type": "sentry", "severity": 3, "payload": payload,
            "fields": {"msg": "some message", "dsn": "udp://user:password@somehost.com:9000/2",
                       "epoch_timestamp": 1358512496.789}}


# Neighbours of the recorded ones: what a caller of the original may give to it.
ODD = [{"type": kind, "severity": severity, "payload": payload, "fields": fields}
       for kind, severity, payload, fields in [
           ("oldstyle", 7, "caf\u00e9 \u20ac \U0001f600 \x7f \x00 \u2028", {}),
           ("counter", 6, "1", {"name": "n", "rate": 0.1}),
           ("counter", 6, "-12", {"name": "a.b/c d", "rate": 1.0, "logger": "myns"}),
           ("timer", 6, "0", {"name": "", "rate": 1e-05}),
           ("t", 0, {"nested": [{"deep": [[], {}, None, True, 1e300]}]}, {"": "", "a" * 500: 1}),
           ("t", 6, [1, 2.5, None], {"big": 2 ** 63 - 1, "less": -2 ** 63}),
           ("", 100, False, {"list": ["x"] * 200}),
           ("t", -5, 0.1, {"quote\"d": "back\\slash", "tab\t": "line\nbreak\r"})]]


class ZmqPublisher:
    """A ZMQ PUB socket that connects, in the bytes of ZMTP 1.0 (libzmq 2) or 3.0."""

    def __init__(self, endpoint, version):
        self._socket = socket.create_connection(("127.0.0.1", int(endpoint.rsplit(":", 1)[1])),
                                                timeout=MAX_S)
        self._version = version
        if version == 1:
            self._socket.sendall(b"\x01\x00")  # an empty identity; a PUB of libzmq 2 sends at once
            return
        self._socket.sendall(b"\xff" + bytes(8) + b"\x7f\x03\x00NULL" + bytes(16) + b"\0" + bytes(31))
        self._receive(64)
        self._frame(4, b"\x05READY\x0bSocket-Type" + struct.pack(">I", 3) + b"PUB")
        flags, size = self._receive(2)
        self._receive(size)
        # The subscription to everything: from here on nothing is left out.
        while True:
            flags, size = self._receive(2)
            if self._receive(size) == b"\x01" and not flags & 4:
                break

    def _receive(self, size):
        data = b""
        while len(data) < size:
            part = self._socket.recv(size - len(data))
            if not part:
                raise ConnectionError("metlogd has closed the connection")
            data += part
        return data

    def _frame(self, flags, body):
        if len(body) < 256:
            self._socket.sendall(struct.pack(">BB", flags, len(body)) + body)
        else:
            self._socket.sendall(struct.pack(">BQ", flags | 2, len(body)) + body)

    def send(self, body):
        if self._version == 3:
            self._frame(0, body)
        elif len(body) + 1 < 255:
            self._socket.sendall(struct.pack(">BB", len(body) + 1, 0) + body)
        else:
            self._socket.sendall(struct.pack(">BQB", 255, len(body) + 1, 0) + body)

    def close(self):
        self._socket.close()


class Original(Configured):
    def read_back(self):
        with open(self.path("all"), encoding="utf-8") as file:
            return [json.loads(line) for line in file]

    def assert_nothing_changed(self, ledger, sent):
        self.assertEqual((ledger["received"], ledger["rejected"]), (len(sent), 0))
        self.assertEqual((ledger["repaired"], ledger["lost"]), ({}, 0))
        self.assertEqual(self.read_back(), sent)

    def test_client_is_read_over_udp(self):
        self.write(self.file_output("all"))
        self.start()
        sent = all_messages()
        self.assertGreater(len(sent), 80)
        for number, message in enumerate(sent):
            self.peer.send(json.dumps(message).encode())
            # The kernel's buffer is none of the original's.
            self.wait_for_lines("all", number + 1)
        self.assert_nothing_changed(self.stop(), sent)

    def test_client_is_read_over_zmq(self):
        sent = all_messages()
        for version in 1, 3:
            with self.subTest(zmtp=version):
                self.write(self.file_output("all"))
                for name in "all", "ready":
                    if os.path.exists(self.path(name)):
                        os.remove(self.path(name))
                self.start()
                [zmq] = [endpoint for endpoint in self.endpoints if endpoint.startswith("tcp:")]
                publisher = ZmqPublisher(zmq, version)
                self.addCleanup(publisher.close)
                for message in sent:
                    publisher.send(json.dumps(message).encode())
                self.wait_for_lines("all", len(sent))
                self.assert_nothing_changed(self.stop(), sent)

    def test_client_writes_what_json_does_not_have(self):
        self.write(self.file_output("all"))
        self.start()
        [odd] = messages_in(ODD[0])
        cases = [({"payload": math.nan}, {"payload": None}),
                 ({"fields": {"a": [math.inf, -math.inf]}}, {"fields": {"a": [None, None]}}),
                 ({"payload": "half \ud83d of a pair"}, {"payload": "half \ufffd of a pair"}),
                 ({"fields": {"big": 10 ** 40, "less": -10 ** 40}}, {}),
                 ({"severity": "4", "metlog_pid": 7.0}, {"severity": 4, "metlog_pid": 7})]
        for change, _ in cases:
            self.peer.send(json.dumps({**odd, **change}).encode())
        self.wait_for_lines("all", len(cases))
        ledger = self.stop()
        self.assertEqual(ledger["rejected"], 0)
        self.assertEqual(ledger["repaired"],
                         {"not_a_number": 2, "lone_surrogate": 1, "number_as_text": 1})
        self.assertEqual(self.read_back(),
                         [{**odd, **change, **repaired} for change, repaired in cases])

    def test_client_reports_to_sentry(self):
        server = HttpServer(["200"])
        self.addCleanup(server.stop)
        self.write(f'[output.sentry]\ndsn = "http://KEY@127.0.0.1:{server.port}/42"\n'
                   + self.file_output("all"))
        self.start()
        [raven] = messages_in(raven_message())
        [plain] = messages_in({**raven, "payload": "some payload data"})
        for message in raven, plain:
            self.peer.send(json.dumps(message).encode())
        server.wait_until(lambda requests: len(requests) == 2)
        self.stop()
        bodies = sorted((request["body"] for request in server.requests),
                        key=lambda body: "some payload data" in body)
        events = []
        for body in bodies:
            header, item, event = body.rstrip("\n").split("\n")
            self.assertEqual(json.loads(item), {"type": "event", "length": len(event.encode())})
            self.assertEqual(json.loads(header)["event_id"], json.loads(event)["event_id"])
            events.append(json.loads(event))
            if Envelope:
                read = Envelope.deserialize(body.encode())
                self.assertEqual(read.get_event(), events[-1])
        # Sentry knows the old interfaces by their names, so the event is passed on as it is.
        self.assertEqual(events[0], EVENT)
        self.assertEqual((events[1]["message"], events[1]["level"]), ("some payload data", "error"))
        # The DSN is that of the configuration, whatever a message names.
        for request in server.requests:
            self.assertEqual(request["path"], "/api/42/envelope/")
            self.assertIn("sentry_key=KEY", request["headers"]["x-sentry-auth"])


class Router(Configured):
    """Golden cases of the original's router, in the words of metlogd's configuration."""

    def test_takes_and_refuses_the_recorded_datagrams(self):
        # The original took any JSON object; here it must be a message.
        outcomes = {"metlog_message": None, "trailing_newline": "missing_key",
                    "json_array": "not_an_object", "json_string": "not_an_object",
                    "big_60k": "missing_key", "too_big": "missing_key"}
        cases = golden("router_udp_input.json")["cases"]
        self.assertEqual([case["name"] for case in cases], list(outcomes))
        self.write(self.file_output("all"))
        self.start()
        for case in cases:
            text = case["datagram"]
            if text.startswith("("):  # its length only
                text = '{"p":"' + "x" * (int(text[1:].split()[0]) - 8) + '"}'
            self.peer.send(text.encode())
        # A whole message of the longest datagram that there is, with a newline at its end.
        [message] = messages_in(ODD[0])
        longest = json.dumps({**message, "payload": ""}).encode()
        longest = json.dumps({**message, "payload": "x" * (65506 - len(longest))}).encode() + b"\n"
        self.assertEqual(len(longest), 65507)
        self.peer.send(longest)
        self.wait_for_lines("all", 2)
        ledger = self.stop()
        refused = [reason for reason in outcomes.values() if reason]
        self.assertEqual(ledger["rejected_by_reason"],
                         {reason: refused.count(reason) for reason in refused})
        self.assertEqual([len(message["payload"]) for message in self.lines()],
                         [1, 65506 - len(json.dumps({**message, "payload": ""}))])

    def lines(self):
        with open(self.path("all"), encoding="utf-8") as file:
            return [json.loads(line) for line in file]

    def test_sends_the_recorded_metrics(self):
        statsd = socket.socket(type=socket.SOCK_DGRAM)
        self.addCleanup(statsd.close)
        statsd.bind(("127.0.0.1", 0))
        statsd.settimeout(MAX_S)
        self.write(f'[output.statsd]\naddress = "127.0.0.1:{statsd.getsockname()[1]}"\n'
                   "max_datagram = 0\n" + self.file_output("all"))
        self.start()
        changed = {"rate_missing": "x.n:1.0|c", "payload_large": "x.n:12345678901234567168.0|c"}
        sent = []
        for case in golden("router_statsd.json")["cases"]:
            [message] = messages_in({"severity": 6, "payload": "", "fields": {},
                                     **case["event_fields"]})
            self.peer.send(json.dumps(message).encode())
            if "wire_documented_namespace" in case:
                line = changed.get(case["name"], case["wire_documented_namespace"])
                sent.append(line)
                self.assertEqual(statsd.recv(1000).decode(), line, case["name"])
        self.wait_for_lines("all", 18)
        ledger = self.stop()
        self.assertEqual(len(sent), 16)
        self.assertEqual(ledger["outputs"][0]["not_matched"], 2)  # no counter, and no timer

    def test_writes_files_by_tags_and_opens_them_again(self):
        [case] = [case for case in golden("router_file_output.json")["cases"]
                  if case["name"] == "tag_gate_and_sighup"]
        self.write('[filter.tagger]\npattern = { logger = "app" }\nadd_tag = "t"\n'
                   + self.file_output("text", 'tags = ["t"]', 'encoder = "text"')
                   + self.file_output("all"))
        self.start()
        [message] = messages_in({"type": "x", "severity": 6, "payload": "", "fields": {}})
        send = lambda **change: self.peer.send(json.dumps({**message, **change}).encode())
        send(payload="hello")
        send(payload="skipped", logger="other")
        self.wait_for_lines("all", 2)
        self.wait_for_lines("text", 1)
        os.rename(self.path("text"), self.path("old"))
        self.process.send_signal(signal.SIGHUP)
        while not os.path.exists(self.path("text")):
            self.assertIsNone(self.process.poll())
            time.sleep(0.002)
        send(payload="after")
        self.wait_for_lines("text", 1)
        self.stop()
        self.assertEqual(pathlib.Path(self.path("old")).read_text(encoding="utf-8"),
                         case["old_file"])
        self.assertEqual(pathlib.Path(self.path("text")).read_text(encoding="utf-8"),
                         case["new_file"])

    def test_posts_arrays_of_a_hundred_events(self):
        [case] = [case for case in golden("router_http_output.json")["cases"]
                  if case["name"] == "batching"]
        server = HttpServer(["200"])
        self.addCleanup(server.stop)
        self.write('[filter.tagger]\npattern = { type = "x" }\nadd_tag = "go"\n'
                   f'[output.http]\nurl = "http://127.0.0.1:{server.port}/submit/metrics"\n'
                   'body = "array"\nbody_messages = 100\nlinger = "1h"\nwindow = 1\ntags = ["go"]\n'
                   + self.file_output("all"))
        self.start()
        sent = 0
        for number in range(253):
            kind = "other" if number in (7, 100, 252) else "x"
            [message] = messages_in({"type": kind, "severity": 6, "payload": "",
                                     "fields": {"number": number}})
            self.peer.send(json.dumps(message).encode())
            sent += kind == "x"
            self.wait_for_lines("all", number + 1)
        self.assertEqual(sent, 250)
        ledger = self.stop()  # the last fifty wait for others until the end
        bodies = [json.loads(request["body"]) for request in server.requests]
        self.assertEqual([len(body) for body in bodies], case["batch_sizes"])
        self.assertEqual([message["fields"]["number"] for body in bodies for message in body],
                         [number for number in range(253) if number not in (7, 100, 252)])
        request = server.requests[0]
        self.assertEqual(f"{request['method']} {request['path']} HTTP/1.1", case["request_line"])
        self.assertEqual(request["headers"]["content-type"], case["content_type"])
        self.assertEqual(ledger["outputs"][0]["acknowledged"], 250)
        self.assertEqual(numbers_in(self.path("all")), list(range(253)))


if __name__ == "__main__":
    main()
