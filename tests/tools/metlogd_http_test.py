"""metlogd's outputs that make requests, end to end: HTTP and Sentry, to a server that fails."""

import json
import os
import signal
import subprocess
import time

from http_server import HttpServer
from programs import MAX_S, ProgramTest, Programs, environment, main

try:
    from sentry_sdk.envelope import Envelope
except ImportError:  # without it the envelopes are only read by hand
    Envelope = None


def message(number, **changes):
    envelope = {"type": "t", "timestamp": "2026-01-02T03:04:05.000006Z", "logger": "shop",
                "severity": 3, "payload": f"message {number}", "fields": {"number": number},
                "env_version": "0.8", "metlog_pid": 1, "metlog_hostname": "h"}
    return json.dumps({**envelope, **changes}, separators=(",", ":")).encode()


def numbers_in(request):
    return [json.loads(line)["fields"]["number"] for line in request["body"].splitlines()]


class Requests(ProgramTest):
    def setUp(self):
        super().setUp()
        self.sent = 0
        self.dead = self.path("dead.jsonl")

    def serve(self, *script):
        server = HttpServer(script)
        self.addCleanup(server.stop)
        return server

    def configure(self, *lines):
        ready = self.path("ready")
        with open(self.path("c.toml"), "w", encoding="utf-8") as file:
            file.write("\n".join([
                "[metlogd]", "quiet = true", 'recover = "none"', f'ready_file = "{ready}"',
                f'ledger_json = "{self.path("ledger")}"', "[input.udp]",
                'address = "127.0.0.1:0"', *lines]) + "\n")

    def check(self):
        return subprocess.run([Programs.metlogd, "--check", self.path("c.toml")], check=False,
                              capture_output=True, text=True, timeout=MAX_S, env=environment())

    def start(self, *lines):
        self.configure(*lines)
        self.process = subprocess.Popen([Programs.metlogd, "--config", self.path("c.toml")],
                                        stdout=subprocess.DEVNULL, env=environment())
        self.addCleanup(self.end)
        ready = self.path("ready")
        self.peer = self.peer_of(self.process, ready)

    def end(self):
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()

    def send(self, text):
        self.peer.send(text)
        self.sent += 1

    def stop(self):
        """Ends metlogd within its deadline; returns the ledger's outputs by name."""
        self.process.send_signal(signal.SIGTERM)
        self.process.wait(MAX_S)
        with open(self.path("ledger"), encoding="utf-8") as file:
            ledger = json.load(file)
        self.assertEqual((ledger["unexplained"], ledger["received"]), (0, self.sent))
        for output in ledger["outputs"]:
            self.assertEqual(output["routed"], output["written"] + output["lost"])
            self.assertEqual((output["pending"], output["in_flight"]), (0, 0))
        return {output["name"]: output for output in ledger["outputs"]}

    def dead_letters(self):
        with open(self.dead, encoding="utf-8") as file:
            return [json.loads(line) for line in file]

    def test_lines_arrive_through_all_faults(self):
        server = self.serve("503;Retry-After: 0", "reset", "429", "close", "garbage", "200")
        self.start("[output.web]", 'type = "http"', f'url = "http://127.0.0.1:{server.port}/in"',
                   'linger = "10ms"', 'compression = "gzip"', 'retry_delay = "20ms"',
                   "[output.web.headers]", 'X-Team = "shop"')
        for number in range(60):
            self.send(message(number))
        arrived = []

        def is_done(requests):
            arrived[:] = [number for request in requests if request["step"] == "200"
                          for number in numbers_in(request)]
            return len(arrived) >= 60
        server.wait_until(is_done)
        output = self.stop()["web"]
        self.assertEqual(sorted(arrived), list(range(60)))
        self.assertEqual((output["written"], output["acknowledged"], output["lost"]), (60, 60, 0))
        self.assertGreater(output["retried"], 0)
        first = server.requests[0]
        self.assertEqual((first["method"], first["path"]), ("POST", "/in"))
        self.assertEqual(first["headers"]["x-team"], "shop")
        self.assertEqual(first["headers"]["content-encoding"], "gzip")

    def test_one_bad_message_stops_nothing_and_is_kept(self):
        server = self.serve("200")
        server.step_of = lambda body: "400;;bad number" if '"number":7}' in body else "200"
        self.start("[output.web]", 'type = "http"', f'url = "http://127.0.0.1:{server.port}/"',
                   'linger = "50ms"', f'dead_letter_file = "{self.dead}"')
        for number in range(20):
            self.send(message(number))
        server.wait_until(lambda requests: sum(
            len(numbers_in(request)) for request in requests if request["step"] == "200") >= 19)
        output = self.stop()["web"]
        self.assertEqual((output["written"], output["lost"]), (19, 1))
        self.assertEqual(output["lost_by_reason"], {"refused": 1})
        self.assertEqual(output["dead_lettered"], 1)
        [letter] = self.dead_letters()
        self.assertEqual((letter["output"], letter["reason"]), ("web", "refused"))
        self.assertEqual(letter["detail"], "HTTP 400: bad number")
        self.assertEqual(letter["message"]["fields"]["number"], 7)

    def test_a_dead_receiver_harms_no_other_output_and_its_messages_are_kept(self):
        server = self.serve("hang")
        self.start("[output.web]", 'type = "http"', f'url = "http://127.0.0.1:{server.port}/"',
                   'linger = "0s"', f'dead_letter_file = "{self.dead}"', "[output.file]",
                   'type = "file"', f'path = "{self.path("out.jsonl")}"')
        for number in range(300):
            self.send(message(number))
            while number % 20 == 19 and self.count_lines() <= number:
                self.assertIsNone(self.process.poll(), "metlogd has ended")
                time.sleep(0.002)
        outputs = self.stop()
        self.assertEqual((outputs["file"]["written"], outputs["file"]["lost"]), (300, 0))
        self.assertEqual(outputs["web"]["lost_by_reason"], {"expired": 300})
        self.assertEqual(outputs["web"]["dead_lettered"], 300)
        self.assertEqual(sorted(letter["message"]["fields"]["number"]
                                for letter in self.dead_letters()), list(range(300)))

    def count_lines(self):
        if not os.path.exists(self.path("out.jsonl")):
            return 0
        with open(self.path("out.jsonl"), "rb") as file:
            return file.read().count(b"\n")

    def test_sentry_gets_envelopes_and_its_limits_are_obeyed(self):
        server = self.serve("200", "429;X-Sentry-Rate-Limits: 3600:error:key")
        self.start("[output.sentry]", 'type = "sentry"',
                   f'dsn = "http://public@127.0.0.1:{server.port}/sentry/42"',
                   'environment = "test"', "window = 1", 'message_matcher = "Severity <= 3"',
                   f'dead_letter_file = "{self.dead}"')
        for number in range(5):
            self.send(message(number))
        self.send(message(5, severity=6))
        server.wait_until(lambda requests: len(requests) >= 2)
        output = self.stop()["sentry"]
        self.assertEqual(len(server.requests), 2)
        self.assertEqual((output["written"], output["lost"], output["not_matched"]), (1, 4, 1))
        self.assertEqual(output["lost_by_reason"], {"refused": 4})
        self.assertEqual(len(self.dead_letters()), 4)
        request = server.requests[0]
        self.assertEqual(request["path"], "/sentry/api/42/envelope/")
        self.assertRegex(request["headers"]["x-sentry-auth"],
                         r"^Sentry sentry_version=7, sentry_client=metlogd/\S+, sentry_key=public$")
        self.assertEqual(request["headers"]["content-type"], "application/x-sentry-envelope")
        head, item, event = [json.loads(line) for line in request["body"].splitlines()]
        self.assertEqual(item["type"], "event")
        self.assertEqual(head["event_id"], event["event_id"])
        self.assertEqual((event["message"], event["level"], event["environment"]),
                         ("message 0", "error", "test"))
        if Envelope:
            envelope = Envelope.deserialize(request["body"].encode())
            self.assertEqual(envelope.headers["event_id"], head["event_id"])
            self.assertEqual(envelope.get_event()["extra"], {"number": 0})
            self.assertEqual(len(envelope.items), 1)

    def test_the_store_endpoint_gets_what_the_original_sent(self):
        server = self.serve("200")
        self.start("[output.sentry]", 'type = "sentry"', 'endpoint = "store"',
                   f'dsn = "http://pub:sec@127.0.0.1:{server.port}/2"')
        self.send(message(0, type="sentry", payload="BODY", fields={"epoch_timestamp": 1.5}))
        server.wait_until(lambda requests: requests)
        self.assertEqual(self.stop()["sentry"]["written"], 1)
        [request] = server.requests
        self.assertEqual((request["path"], request["body"]), ("/api/store/", "BODY"))
        self.assertEqual(request["headers"]["x-sentry-auth"],
                         "Sentry sentry_timestamp=1.5, sentry_client=raven-logstash/1.0, "
                         "sentry_version=2.0, sentry_key=pub")

    def test_wrong_settings_are_told_with_their_place(self):
        self.configure("[output.web]", 'type = "http"', 'url = "htp://h/"', "window = 0",
                       'compression_level = 9', 'methd = "PUT"', "[output.web.headers]",
                       '"A B" = "x"', "[output.s]", 'type = "sentry"', 'dsn = "https://SECRET@h"')
        done = self.check()
        self.assertNotEqual(done.returncode, 0)
        for text in ("output.web.url", "is no http: or https: URL", "output.web.window",
                     "compression = ", "did you mean method", "'A B: x'", "output.s.dsn",
                     "has no project"):
            self.assertIn(text, done.stderr)
        self.assertNotIn("SECRET", done.stderr)


if __name__ == "__main__":
    main()
