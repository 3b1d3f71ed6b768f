"""metlog config, end to end."""

import json
import os
import pathlib
import re

from programs import ProgramTest, main, metlog

GOLDEN = pathlib.Path(__file__).resolve().parents[1] / "golden" / "ini"
# What the original refuses or accepts by accident; docs/compatibility.md lists each.
FIXED = {
    "continuation_bools": {"flags": ["foo", True]},
    "continuation_ints": {"sender": {"port": [5565, 5566]}, "sender_port": [5565, 5566]},
    "indented_option_after_option": {"a": [1, "b = 2"]},
    "filter_missing_provider_second": None,
}


class Config(ProgramTest):
    def write(self, name, text):
        with open(self.path(name), "w", encoding="utf-8", newline="") as file:
            file.write(text)
        return self.path(name)

    def assert_refused(self, done, pattern):
        self.assertEqual((done.returncode, done.stdout), (2, ""))
        self.assertRegex(done.stderr, pattern)
        self.assertTrue(done.stderr.startswith("metlog: ") and done.stderr.endswith("\n"))

    def test_prints_what_the_original_makes_of_each_recorded_file(self):
        for path in sorted(GOLDEN.glob("*.expected.json")):
            golden = json.loads(path.read_text(encoding="utf-8"))
            name = golden["name"]
            with self.subTest(name):
                expected = golden.get("expect")
                if name in FIXED:
                    expected = FIXED[name] and {"filters": [], "plugins": {}, **FIXED[name]}
                done = metlog("config", str(GOLDEN / f"{name}.ini"), "--section",
                              golden["section"], **golden["env"])
                if expected is None:
                    self.assert_refused(done, re.escape(f"{name}.ini:"))
                    continue
                self.assertEqual((done.returncode, done.stderr), (0, ""))
                self.assertEqual(json.loads(done.stdout), expected)
                self.assertEqual(done.stdout.count("\n"), 1)

    def test_says_what_the_manual_says_it_would(self):
        for text, message in {
                "[metlog]\n\nthis line has no separator\n": "app.ini:3: \"this line has no",
                "[Metlog]\n": "app.ini: No section",
                "[metlog]\na = 50%\n": "app.ini:2: [metlog] a = \"50%\": has a lone",
                "[metlog]\na = ${NO}\n": "app.ini:2: [metlog] a = \"${NO}\": Variable not",
                "[metlog]\n\n\n\n\n[metlog_filter_b]\n": "app.ini:6: [metlog_filter_b] has no",
                "{\n\"a\": 1\n  \"b\": 2}": "app.json:3:3: expected a comma or }"}.items():
            name = message.split(":")[0]
            done = metlog("config", self.write(name, text))
            said = done.stderr.strip().replace(self.directory + "/", "")
            manual = (GOLDEN.parents[2] / "docs" / "configuration.md").read_text(encoding="utf-8")
            self.assertTrue(said.startswith("metlog: " + message), said)
            self.assertIn("`" + said.removeprefix("metlog: ").rstrip("}\""), manual)

    def test_checks_what_a_client_would_make_of_it(self):
        manual = (GOLDEN.parents[2] / "docs" / "configuration.md").read_text(encoding="utf-8")
        for name, text in {
                "app.ini": "[metlog]\nseverity = four\n",
                "b/app.ini": "[metlog]\nsender_class = UdpSender\n",
                "app.json": '{"sender": {"class": "metlog.senders.UdpSender", "host": "h",\n'
                            ' "port": 0}}'}.items():
            os.makedirs(os.path.dirname(self.path(name)), exist_ok=True)
            path = self.write(name, text)
            self.assertEqual(metlog("config", path).returncode, 0)
            done = metlog("config", path, "--check")
            self.assert_refused(done, "^metlog: ")
            said = done.stderr.strip().replace(os.path.dirname(path) + "/", "")
            self.assertIn("| `" + said.removeprefix("metlog: ") + "` |", manual)
        path = self.write("c.ini", "[metlog]\nsender_class = metlog.senders.NoSendSender\n"
                          "[metlog_plugin_x]\nprovider = ours\n")
        done = metlog("config", path, "--check")
        self.assertEqual((done.returncode, done.stderr), (0, ""))

    def test_reads_the_section_metlog_unless_told(self):
        path = self.write("a.ini", "[metlog]\na = 1\n[b]\na = 2\n")
        self.assertEqual(json.loads(metlog("config", path).stdout)["a"], 1)
        self.assertEqual(json.loads(metlog("config", path, "--section", "b").stdout)["a"], 2)

    def test_reads_json_by_its_content_and_by_its_name(self):
        for name in ("a.conf", "a.json"):
            done = metlog("config", self.write(name, ' {"sender_port": 5, "x": [1.5, null]}'))
            self.assertEqual((done.returncode, done.stderr), (0, ""))
            self.assertEqual(done.stdout,
                             '{"sender_port":5,"x":[1.5,null],"sender":{"port":5}}\n')
        self.assert_refused(metlog("config", self.write("b.json", "[metlog]\n")),
                            r"b\.json:1:2: expected a value: ")
        self.assert_refused(metlog("config", self.path("a.json"), "--section", "x"), "no sections")

    def test_says_where_what_is_wrong_stands(self):
        path = self.write("a.ini", "[metlog]\na = 1\nb = %(c)s\n")
        self.assert_refused(metlog("config", path), r'a\.ini:3: \[metlog\] b = "%\(c\)s": ')
        self.assert_refused(metlog("config", self.path("absent.ini")), "No such file")
        self.assert_refused(metlog("config", self.directory), "Is a directory")
        self.assert_refused(metlog("config"), "FILE")

    def test_explains_where_each_value_comes_from(self):
        path = self.write("a.ini", "[DEFAULT]\nroot = /r\n[metlog]\nlogger = ${NAME}\n"
                          "sender_log = %(root)s/log\nsender_port = 1\nsender_port = 2\n"
                          "typo = 1\n[metlog_filter_a]\nprovider = p\n")
        done = metlog("config", path, "--explain", NAME="shop")
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        lines = {re.split(" = ", line)[0]: line for line in done.stdout.splitlines()}
        for key, parts in {
                "logger": ['"shop"', "a.ini:4: [metlog] logger", "environment NAME"],
                "sender.log": ['"/r/log"', "a.ini:5: [metlog] sender_log",
                               'interpolated from "%(root)s/log"'],
                "sender.port": [" 2 ", "a.ini:7: ", "replaces line 6"],
                "root": ["a.ini:2: [DEFAULT] root"],
                "typo": ["no part of metlog reads it"],
                "filters[0][0]": ['"p"', "a.ini:10: [metlog_filter_a] provider"]}.items():
            for part in parts:
                self.assertIn(part, lines[key])

    def test_explains_the_engine_and_what_has_no_effect(self):
        path = self.write("a.ini", "[metlog]\nsender_class = metlog.senders.ZmqPubSender\n"
                          "sender_bindstrs = tcp://127.0.0.1:9\nsender_livecheck = 30\n"
                          "engine_ring_bytes = 65536\nwhen_full = block\n")
        done = metlog("config", path, "--check", "--explain")
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        self.assertRegex(done.stdout, r"sender\.livecheck = 30 .*; it has no effect here\n")
        self.assertRegex(done.stdout, r"engine\.ring_bytes = 65536 +.*a\.ini:5: \[metlog\] "
                         r"engine_ring_bytes\n")
        self.assertRegex(done.stdout, r"when_full = \"block\" .*when_full\n")
        path = self.write("b.ini", "[metlog]\nsender_url = null:\nengine_ring_bytes = 5000\n")
        self.assert_refused(metlog("config", path, "--check"),
                            r"b\.ini:3: \[metlog\] engine_ring_bytes = 5000: takes a power of two")

    def test_says_nothing_to_a_pipe_that_nobody_reads(self):
        path = self.write("a.json", json.dumps({"a": "x" * 1_000_000}))
        process = self.start_metlog("config", path)
        process.stdout.close()
        self.assertEqual(process.stderr.read(), b"")
        self.assertEqual(process.wait(), 0)

    def test_teaches(self):
        done = metlog("config", "--help")
        self.assertEqual(done.returncode, 0)
        for word in ("--section", "--explain", "--check", "[metlog]", "Examples"):
            self.assertIn(word, done.stdout)


if __name__ == "__main__":
    main()
