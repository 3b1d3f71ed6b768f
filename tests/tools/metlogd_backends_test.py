"""metlogd's outputs to log stores, end to end: OTLP, Elasticsearch and Loki, to receivers that check
the contract strictly and fail in all its ways. METLOG_BACKEND_MESSAGES, _BODY and _FAULT_EVERY of
the environment make longer runs."""

import collections
import json
import os
import signal
import time

import otlp_backends
import store_backends
from configured import Configured, count_lines, message, metlogd
from programs import MAX_S, main, metlog

COUNT = int(os.environ.get("METLOG_BACKEND_MESSAGES", "20000"))
FAULT_EVERY = int(os.environ.get("METLOG_BACKEND_FAULT_EVERY", "10"))
TRACE, SPAN = "0af7651916cd43dd8448eb211c80319c", "b7ad6b7169203331"


class BackendTest(Configured):
    def serve(self, kind, *faults, fault_every=FAULT_EVERY):
        self.server = kind(faults, fault_every)
        self.addCleanup(self.server.stop)
        return f"http://127.0.0.1:{self.server.port}"

    def output(self, kind, url, *lines, linger="10ms"):
        self.dead = self.path("dead.jsonl")
        self.write("\n".join([
            "[output.store]", f'type = "{kind}"', f'url = "{url}"', f'linger = "{linger}"',
            'retry_delay = "5ms"', 'retry_max_delay = "20ms"',
            f'dead_letter_file = "{self.dead}"', 'dead_letter_bytes = "1GiB"', *lines]))

    def stored(self, count):
        """Waits until so much is taken."""
        self.server.wait_until(lambda _: len(self.server.stored) >= count)
        return self.server.stored

    def close(self):
        """Ends metlogd; returns the output's ledger, which adds up."""
        [output] = self.stop()["outputs"]
        self.assertEqual(self.server.violations, [])
        self.assertEqual(output["routed"], output["written"] + output["lost"])
        self.assertEqual((output["pending"], output["in_flight"]), (0, 0))
        self.assertEqual(output["dead_lettered"], output["lost"])
        return output

    def dead_letters(self):
        if not os.path.exists(self.dead):
            return []
        with open(self.dead, encoding="utf-8") as file:
            return [json.loads(line) for line in file]

    def flood(self, count, *arguments, line=str):
        """Sends so many numbered messages over ZMQ, where none is lost on the way."""
        with open(self.path("ready"), encoding="ascii") as ready:
            [address] = [word for word in ready.read().split() if word.startswith("tcp://")]
        done = metlog("send", "--to", address, "--type", "line", "--logger", "shop", "--stdin",
                      "--wait", "60", *arguments,
                      stdin="".join(f"{line(n)}\n" for n in range(count)).encode())
        self.assertEqual((done.returncode, done.stderr), (0, ""))


class Conservation(BackendTest):
    """Many messages, faults among the answers: each is delivered once, or a dead letter."""

    BODY = int(os.environ.get("METLOG_BACKEND_BODY", "40"))
    LINES = (f"body_messages = {BODY}", 'timeout = "200ms"', 'on_full = "block"')

    def setUp(self):
        super().setUp()
        signal.alarm(max(MAX_S, COUNT // 200))

    def account(self, number_of):
        """What was taken and what is dead make up all. `number_of` is that of a stored message."""
        known, seen = set(), 0
        while len(known) < COUNT:
            self.assertIsNone(self.process.poll(), "metlogd has ended")
            time.sleep(0.02)
            known |= set(map(number_of, self.server.stored[seen:]))
            seen = len(self.server.stored)
            if self.sent_count() >= COUNT:
                known |= self.dead_numbers()
        output = self.close()
        taken, twice = map(number_of, self.server.stored), map(number_of, self.server.twice)
        self.assertEqual(output["routed"], COUNT)
        self.assertGreater(len(self.server.used_faults), len(self.server.faults))
        self.assertGreater(output["retried"], 0)
        times = collections.Counter(taken)
        again = collections.Counter(twice)
        dead = {int(letter["message"]["payload"]): letter for letter in self.dead_letters()}
        self.assertEqual(len(dead), len(self.dead_letters()))
        self.assertEqual([n for n in range(COUNT) if n not in times and n not in dead], [])
        self.assertEqual([n for n, count in times.items() if count > 1 + again[n]], [])
        for n, letter in dead.items():
            self.assertIn(letter["reason"], ("refused", "no_receiver", "too_long"))
            self.assertTrue(letter["detail"])
            self.assertTrue(n not in times or letter.get("undecided"), letter)
        self.assertEqual(len(set(range(COUNT)) - set(times)), output["lost"])
        print(f"{COUNT} messages, {self.server.count} requests, {len(self.server.used_faults)} "
              f"faults, {output['retried']} retried, {output['lost']} lost and dead letters")
        return output

    def sent_count(self):
        """How many messages are taken, or a dead letter."""
        lines = count_lines(self.dead) if os.path.exists(self.dead) else 0
        return len(self.server.stored) + lines

    def dead_numbers(self):
        return {int(letter["message"]["payload"]) for letter in self.dead_letters()}

    def test_otlp_logs(self):
        url = self.serve(otlp_backends.OtlpLogs, "503", "reset", "429;Retry-After: 0", "partial", "close",
                         "502", "hang", "lost", "500", "garbage", "504", "400")
        self.output("otlp", url, *self.LINES)
        self.start()
        self.flood(COUNT)
        self.account(lambda record: int(record["body"]))

    def test_elasticsearch(self):
        url = self.serve(store_backends.Elasticsearch, "503", "reset", "429;Retry-After: 0", "items",
                         "close", "502", "hang", "lost", "garbage", "413", "200;;no JSON")
        self.output("elasticsearch", url, *self.LINES)
        self.start()
        self.flood(COUNT)
        self.account(lambda document: int(document["message"]))
        self.assertGreater(self.server.conflicts, 0)

    def test_loki(self):
        url = self.serve(store_backends.Loki, "503", "reset", "429;Retry-After: 0", "old", "close", "502",
                         "hang", "lost", "garbage", "260", "504")
        self.output("loki", url, *self.LINES, 'line = "payload"')
        self.start()
        self.flood(COUNT)
        self.account(lambda entry: int(entry["line"]))


class Elasticsearch(BackendTest):
    def test_each_document_has_its_own_answer(self):
        self.output("elasticsearch", self.serve(store_backends.Elasticsearch, "items", fault_every=1),
                    'index = "logs-%{Logger}-default"', "body_messages = 3", linger="1s")
        self.start()
        for number in range(3):
            self.peer.send(message(number, logger="Shop/DB", payload=f"message {number}",
                                   fields={"number": number, "trace_id": TRACE}))
        documents = self.stored(2)
        output = self.close()
        self.assertEqual((output["written"], output["lost_by_reason"]), (2, {"refused": 1}))
        self.assertEqual([one["message"] for one in documents], ["message 0", "message 1"])
        self.assertEqual({one["index"] for one in documents}, {"logs-shop_db-default"})
        self.assertEqual(documents[0]["trace.id"], TRACE)
        self.assertEqual(documents[0]["labels"]["number"], 0)
        [letter] = self.dead_letters()
        self.assertEqual(letter["detail"], "400 document_parsing_exception: because")
        self.assertEqual(letter["message"]["payload"], "message 2")

    def test_a_document_that_is_there_already_is_delivered(self):
        self.output("elasticsearch", self.serve(store_backends.Elasticsearch, "lost", fault_every=1))
        self.server.faults = ["lost"]
        self.start()
        self.peer.send(message(0))
        self.server.wait_until(lambda requests: requests)
        with self.server.lock:
            self.server.faults = []
        self.server.wait_until(lambda requests: len(requests) >= 2)
        output = self.close()
        self.assertEqual((output["written"], output["lost"]), (1, 0))
        self.assertEqual(len(self.server.stored), 1)
        self.assertGreater(self.server.conflicts, 0)


class Loki(BackendTest):
    def test_streams_have_their_labels_and_entries_in_order(self):
        self.output("loki", self.serve(store_backends.Loki), "body_messages = 40",
                    '[output.store.headers]', '"X-Scope-OrgID" = "team"',
                    '[output.store.structured_metadata]', 'trace_id = "%{Fields[trace_id]}"',
                    'pid = "%{Pid}"', linger="1s")
        self.start()
        for number in range(40):
            self.peer.send(message(number, severity=[3, 6][number % 2],
                                   timestamp=f"2026-01-02T03:04:{59 - number}.000001Z",
                                   fields={"number": number, "trace_id": TRACE}))
        entries = self.stored(40)
        self.assertEqual(self.close()["acknowledged"], 40)
        self.assertEqual(self.server.requests[0]["headers"]["x-scope-orgid"], "team")
        for level, first in ("error", 38), ("info", 39):
            labels = {"host": "h", "job": "metlog", "level": level}
            lines = [json.loads(one["line"]) for one in entries if one["labels"] == labels]
            self.assertEqual([line["fields"]["number"] for line in lines],
                             list(range(first, -1, -2)))
        self.assertEqual(entries[0]["metadata"], {"pid": "1", "trace_id": TRACE})
        self.assertEqual(entries[0]["time"] % 1_000_000_000, 1000)

    def test_what_is_too_old_is_found_and_kept(self):
        self.output("loki", self.serve(store_backends.Loki), "body_messages = 8", 'line = "logfmt"',
                    '[output.store.labels]', 'logger = "%{Logger}"', linger="1s")
        taken = self.server.answer
        self.server.answer = lambda messages, fault: (
            taken([one for one in messages if "old" not in one["line"]], fault)
            if not any("old" in one["line"] for one in messages) else "400;;entry too far behind")
        self.start()
        for number in range(8):
            self.peer.send(message(number, payload="old" if number == 5 else "new"))
        self.stored(7)
        output = self.close()
        self.assertEqual((output["written"], output["lost_by_reason"]), (7, {"refused": 1}))
        [letter] = self.dead_letters()
        self.assertEqual((letter["detail"], letter["message"]["fields"]["number"]),
                         ("HTTP 400: entry too far behind", 5))


class Settings(BackendTest):
    def test_wrong_settings_are_told_with_their_place(self):
        self.write("""
[output.a]
type = "otlp"
url = "http://h"
attributes = ["a"]
encoder = "ecs"
resource = { "service.name" = "x" }
[output.b]
type = "elasticsearch"
url = "http://h"
index = "a-%{Loger}"
[output.c]
type = "loki"
url = "http://h"
labels = { "a-b" = "%{Type" }
line = "jsn"
""")
        done = metlogd("--check", self.file)
        self.assertEqual(done.returncode, 2)
        for told in ("output.a.attributes", "output.a.encoder", "write service =", "'%{Loger}'",
                     "has the name 'a-b'", "did you mean json?", "'%{' is no part"):
            self.assertIn(told, done.stderr)


class Otlp(BackendTest):
    def test_logs_have_what_the_messages_have(self):
        self.output("otlp", self.serve(otlp_backends.OtlpLogs), 'service = "shop"',
                    'compression = "gzip"', '[output.store.resource]',
                    '"deployment.environment.name" = "test"')
        self.start()
        for severity in range(8):
            self.peer.send(message(severity, severity=severity, type="oldstyle", payload="hi \u2603",
                                   logger="shop.db", fields={"trace_id": TRACE, "span_id": SPAN,
                                                             "big": 2**63 - 1, "list": [1, "a"]}))
        self.peer.send(message(9, type="order", payload=None, metlog_pid=2))
        records = self.stored(9)
        self.assertEqual(self.close()["acknowledged"], 9)
        self.assertEqual([one["severityNumber"] for one in records[:8]],
                         [21, 19, 18, 17, 13, 10, 9, 5])
        first = records[0]
        self.assertEqual(first["resource"], {"service.name": "shop", "host.name": "h",
                                             "process.pid": 1,
                                             "deployment.environment.name": "test"})
        self.assertEqual((first["scope"], first["body"], first["severityText"]),
                         ("shop.db", "hi \u2603", "EMERG"))
        self.assertEqual((first["traceId"], first["spanId"]), (TRACE, SPAN))
        self.assertEqual(first["attributes"]["big"], 2**63 - 1)
        self.assertEqual(first["attributes"]["list"], [1, "a"])
        self.assertEqual((records[8]["eventName"], records[8]["scope"],
                          records[8]["resource"]["process.pid"]), ("order", "shop", 2))

    def test_metrics_are_deltas_that_follow_each_other(self):
        url = self.serve(otlp_backends.OtlpMetrics, "503", "lost", "429;Retry-After: 0", "close",
                         fault_every=3)
        self.output("otlp", url, 'signals = "metrics"', 'attributes = ["route"]',
                    "body_messages = 50")
        self.start()
        for number in range(200):
            self.peer.send(message(number, type="counter", payload="2",
                                   fields={"name": "orders", "route": f"/{number % 2}"}))
            self.peer.send(message(number, type="timer", payload=str(number),
                                   fields={"name": "db::query", "rate": 0.5}))
            self.peer.send(message(number))  # is no metric
        self.server.wait_until(lambda _: self.totals()[:2] == (400, 400))
        output = self.close()
        self.assertEqual((output["routed"], output["lost"], output["not_matched"]), (400, 0, 200))
        self.assertEqual(self.totals(), (400, 400, {"/0", "/1"}))

    def totals(self):
        """The sum of the counter, the count of the timer, and the routes, each interval once."""
        unique = {json.dumps(one, sort_keys=True): one for one in list(self.server.stored)}
        counters = [one for one in unique.values() if one["name"] == "orders"]
        timers = [one for one in unique.values() if one["name"] == "db.query"]
        return (sum(one["point"]["asDouble"] for one in counters),
                sum(int(one["point"]["count"]) for one in timers),
                {one["attributes"]["route"] for one in counters})

    def test_a_rejection_of_points_loses_the_body(self):
        self.output("otlp", self.serve(otlp_backends.OtlpMetrics, "partial", fault_every=1),
                    'signals = "metrics"')
        self.start()
        self.peer.send(message(0, type="counter", payload="1", fields={"name": "a"}))
        self.peer.send(message(1, type="counter", payload="-1", fields={"name": "a"}))
        self.server.wait_until(lambda requests: requests)
        output = self.close()
        self.assertEqual((output["written"], output["lost"]), (0, 2))
        self.assertEqual(output["lost_by_reason"], {"refused": 1, "formatter_failed": 1})
        details = sorted(letter["detail"] for letter in self.dead_letters())
        self.assertEqual(details, ["1 points rejected: too many series",
                                   "the body has no form of it"])


if __name__ == "__main__":
    main()
