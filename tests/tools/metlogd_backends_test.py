"""metlogd's outputs to log stores, end to end: OTLP, to receivers that check the contract strictly
and fail in all its ways. The environment's METLOG_BACKEND_MESSAGES makes a longer run of it."""

import collections
import json
import os
import time

import backends
from configured import Configured, count_lines, message
from programs import main, metlog

COUNT = int(os.environ.get("METLOG_BACKEND_MESSAGES", "20000"))
FAULT_EVERY = int(os.environ.get("METLOG_BACKEND_FAULT_EVERY", "10"))
TRACE, SPAN = "0af7651916cd43dd8448eb211c80319c", "b7ad6b7169203331"


class BackendTest(Configured):
    def serve(self, kind, *faults, fault_every=FAULT_EVERY):
        self.server = kind(faults, fault_every)
        self.addCleanup(self.server.stop)
        return f"http://127.0.0.1:{self.server.port}"

    def output(self, kind, url, *lines):
        self.dead = self.path("dead.jsonl")
        self.write("\n".join([
            "[output.store]", f'type = "{kind}"', f'url = "{url}"', 'linger = "10ms"',
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

    BODY = max(10, COUNT // 500)
    LINES = (f"body_messages = {BODY}", 'timeout = "200ms"', 'on_full = "block"')

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
        url = self.serve(backends.OtlpLogs, "503", "reset", "429;Retry-After: 0", "partial", "close",
                         "502", "hang", "lost", "500", "garbage", "504", "400")
        self.output("otlp", url, *self.LINES)
        self.start()
        self.flood(COUNT)
        self.account(lambda record: int(record["body"]))


class Otlp(BackendTest):
    def test_logs_have_what_the_messages_have(self):
        self.output("otlp", self.serve(backends.OtlpLogs), 'service = "shop"',
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
        url = self.serve(backends.OtlpMetrics, "503", "lost", "429;Retry-After: 0", "close",
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
        self.output("otlp", self.serve(backends.OtlpMetrics, "partial", fault_every=1),
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
