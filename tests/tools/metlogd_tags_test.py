"""metlogd gives messages tags, routes by them, and keeps what it rejects."""

import base64
import json
import os
import socket

from configured import Configured, message, metlogd, numbers_in
from programs import main


class Tags(Configured):
    def write_tagged(self, tags, rules):
        self.write(rules + "".join(self.file_output(tag, f'tags = ["{tag}"]') for tag in tags)
                   + self.file_output("all"))
        with open(self.file, encoding="utf-8") as file:
            text = file.read()
        with open(self.file, "w", encoding="utf-8") as file:
            file.write(text.replace("[input.udp]", '[input.udp]\ntags = ["datagram"]'))

    def test_route_by_rules_that_a_reload_changes(self):
        rules = """
[filter.metrics]
type = "tagger"
pattern = { type = ["counter", "timer"] }
add_tag = ["metric"]
[filter.catchall]
tags = ["metric"]
"""
        self.write_tagged(["metric", "datagram", "filter-catchall"], rules)
        self.start()
        for number, kind in enumerate(["counter", "t", "timer", "x"]):
            self.peer.send(message(number, type=kind))
        self.wait_for_lines("all", 4)
        # The same names, another rule; the order of conditions, and so of bits, is another, too.
        self.write_tagged(["filter-catchall", "metric", "datagram"],
                          rules.replace('"timer"', '"x"'))
        self.assertIn("reloaded", self.reload().stdout)
        for number, kind in enumerate(["counter", "t", "timer", "x"], 4):
            self.peer.send(message(number, type=kind))
        self.wait_for_lines("all", 8)
        ledger = self.stop()
        self.assertEqual(ledger["reloads"], 1)
        self.assertEqual(numbers_in(self.path("metric")), [0, 2, 4, 7])
        self.assertEqual(numbers_in(self.path("filter-catchall")), [1, 3, 5, 6])
        self.assertEqual(numbers_in(self.path("datagram")), list(range(8)))

    def test_of_an_input_change_while_it_runs(self):
        self.write_tagged(["datagram"], "")
        self.start()
        self.peer.send(message(1))
        self.wait_for_lines("datagram", 1)
        with open(self.file, encoding="utf-8") as file:
            text = file.read()
        with open(self.file, "w", encoding="utf-8") as file:
            file.write(text.replace('["datagram"]', '["other"]')
                       .replace("[output.datagram]", "[output.other]"))
        # Both inputs are the same, with their ports; the output has another name.
        self.assertEqual(self.reload().stdout, "reloaded: 3 kept, 1 added, 1 removed\n")
        self.peer.send(message(2))
        self.wait_for_lines("datagram", 2)
        ledger = self.stop()
        self.assertEqual(ledger["lost"], 0)
        self.assertEqual({output["name"]: output["written"] for output in ledger["outputs"]},
                         {"datagram": 1, "other": 1, "all": 2})

    def test_come_after_a_sum_of_statsd_that_the_end_sends(self):
        self.write("""
[input.sums]
type = "statsd"
address = "127.0.0.1:0"
ticker_interval = "1h"
tags = ["sums"]
""" + self.file_output("sums", 'tags = ["sums"]') + self.file_output("all"))
        self.start()
        ports = [int(endpoint.rsplit(":", 1)[1]) for endpoint in self.endpoints
                 if endpoint.startswith("statsd+udp:")]
        with socket.socket(type=socket.SOCK_DGRAM) as statsd:
            statsd.sendto(b"a:1|c", ("127.0.0.1", ports[0]))
        self.peer.send(message(1))
        self.wait_for_lines("all", 1)
        ledger = self.stop()
        written = {output["name"]: output["written"] for output in ledger["outputs"]}
        self.assertEqual(written["all"] - written["sums"], 1)
        self.assertEqual(written["sums"], 1)


class Refused(Configured):
    def refused(self):
        with open(self.path("refused"), encoding="utf-8") as file:
            return [json.loads(line) for line in file]

    def write_with(self, *lines):
        self.write(self.file_output("all"))
        with open(self.file, encoding="utf-8") as file:
            text = file.read()
        with open(self.file, "w", encoding="utf-8") as file:
            file.write(text.replace("quiet = true", "\n".join(
                ["quiet = true", f'dead_letter_file = "{self.path("refused")}"', *lines])))

    def test_input_is_kept_with_its_reason_and_source(self):
        self.write_with('max_message = "1KiB"', "max_depth = 5")
        self.start()
        frames = {"empty": b"", "not_json": b'{"type":', "not_utf8": b'{"a":"\xff"}',
                  "too_deep": message(1, payload=[[[[[[1]]]]]]),
                  "too_long": message(2, payload="\u20ac" * 1000),
                  "missing_key": b"{}", "truncated": b"\x9emlb\x01"}
        for frame in frames.values():
            self.peer.send(frame)
        self.peer.send(message(3))
        self.wait_for_lines("all", 1)
        ledger = self.stop()
        self.assertEqual(ledger["rejected"] + ledger["frames"]["damaged"], len(frames))
        self.assertEqual((ledger["dead_lettered"], ledger["dead_letters_failed"]),
                         (len(frames), 0))
        letters = {letter["reason"]: letter for letter in self.refused()}
        self.assertEqual(letters.keys(), frames.keys())
        for reason, frame in frames.items():
            letter = letters[reason]
            self.assertEqual((letter["bytes"], letter["input"]), (len(frame), self.endpoints[0]))
            kept = (base64.b64decode(letter["base64"]) if "base64" in letter
                    else letter["text"].encode())
            self.assertTrue(frame == kept or (letter["cut"] and frame.startswith(kept)), reason)

    def test_input_has_a_file_of_its_own(self):
        self.write_with()
        with open(self.file, encoding="utf-8") as file:
            text = file.read()
        with open(self.file, "w", encoding="utf-8") as file:
            file.write(text.replace(self.path("all"), self.path("refused")))
        done = metlogd("--config", self.file)
        self.assertEqual(done.returncode, 2)
        self.assertIn("is given for an output and for dead_letter_file", done.stderr)

    def test_input_that_finds_a_full_file_is_counted(self):
        self.write_with("dead_letter_bytes = 4096")
        self.start()
        for _ in range(100):
            self.peer.send(b"x" * 100)
        self.peer.send(message(1))
        self.wait_for_lines("all", 1)
        ledger = self.stop()
        self.assertEqual(ledger["rejected"], 100)
        self.assertEqual(ledger["dead_lettered"] + ledger["dead_letters_failed"], 100)
        self.assertEqual(ledger["dead_lettered"], len(self.refused()))
        self.assertGreater(ledger["dead_letters_failed"], 0)
        self.assertLessEqual(os.path.getsize(self.path("refused")), 4096)


if __name__ == "__main__":
    main()
