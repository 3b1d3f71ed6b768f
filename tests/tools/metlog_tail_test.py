"""metlog tail, end to end: files that change, terminals, pipes that close, sockets."""

import json
import os
import pty
import signal
import socket
import subprocess

from programs import MAX_S, ProgramTest, Programs, environment, main, metlog


def line(payload, **changes):
    """Returns a message as a line of a file."""
    message = {"type": "t", "timestamp": "2026-01-02T03:04:05.000006Z", "logger": "shop",
               "severity": 6, "payload": payload, "fields": {}, "env_version": "0.8",
               "metlog_pid": 1, "metlog_hostname": "h", **changes}
    return json.dumps(message, ensure_ascii=False, separators=(",", ":")) + "\n"


class Tail(ProgramTest):
    def write(self, *lines, mode="w"):
        with open(self.path("x"), mode, encoding="utf-8", newline="\n") as file:
            file.write("".join(lines))

    def shown(self, *options, **changes):
        done = metlog("tail", self.path("x"), "--no-follow", *options, **changes)
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        return done.stdout

    def payloads(self, *options):
        return [json.loads(text)["payload"] for text in self.shown(*options, "--json").split("\n")
                if text]

    def test_prints_one_line_per_message(self):
        self.write(line("slow query", severity=4, type="oldstyle",
                        fields={"table": "orders", "ms": 41.5, "tags": ["a", 1], "a\"b": None}),
                   line(25, logger=""))
        self.assertEqual(
            self.shown(),
            "2026-01-02T03:04:05.000006Z warning   shop oldstyle slow query"
            " table=\"orders\" ms=41.5 tags=[\"a\",1] a\\\"b=null\n"
            "2026-01-02T03:04:05.000006Z info      - t 25\n")

    def indented(self, payload, **changes):
        return json.dumps(json.loads(line(payload, **changes)), indent=4,
                          separators=(", ", ": ")) + "\n"

    def test_reads_indented_messages(self):
        fields = {"a": [1, {"b": "}\n{"}], "c": {}, "d": []}
        self.write(self.indented("1", fields=fields), line("2"), self.indented("3"))
        self.assertEqual(self.payloads(), ["1", "2", "3"])
        self.assertEqual(
            self.shown("--type", "t", "--logger", "shop").split("\n")[0],
            '2026-01-02T03:04:05.000006Z info      shop t 1 a=[1,{"b":"}\\n{"}] c={} d=[]')
        self.assertEqual(self.shown("--json").split("\n")[0] + "\n", line("1", fields=fields))

    def test_shows_so_many_indented_messages_of_the_past(self):
        self.write(*(self.indented(str(i), fields={"x": "y" * 999}) for i in range(150)))
        for count in (0, 1, 2, 70, 150, 1000):
            expected = [str(i) for i in range(150)][max(0, 150 - count):]
            self.assertEqual(self.payloads("-n", str(count)), expected)

    def test_counts_indented_messages_that_were_cut(self):
        whole = self.indented("1")
        for end in range(1, whole.count("\n")):
            begin = "".join(whole.splitlines(keepends=True)[:end])
            for after in (line("2"), self.indented("2"), "[cut]\n" + line("2")):
                self.write(begin, after, self.indented("3"))
                done = metlog("tail", self.path("x"), "--no-follow", "--json", "-n", "99")
                found = [json.loads(text)["payload"] for text in done.stdout.splitlines()]
                self.assertEqual(found, ["2", "3"], (begin, after))
                self.assertRegex(done.stderr, "^metlog: [12] w.* no messages?: .*not_json [12]")

    def test_reads_the_standard_input_to_its_end(self):
        text = self.indented("1") + line("2") + line("3")[:-1]
        done = metlog("tail", "-", "--json", stdin=text.encode())
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        self.assertEqual([json.loads(shown)["payload"] for shown in done.stdout.splitlines()],
                         ["1", "2", "3"])

    def test_shows_messages_with_any_time_stamp(self):
        self.write(line("1", timestamp=""), line("2", timestamp="2013-02-30T25:61:61Z"))
        self.assertEqual(self.payloads(), ["1", "2"])

    def test_filters_by_type_logger_and_severity(self):
        self.write(line("1"), line("2", type="u"), line("3", type="v"), line("4", logger="web"),
                   line("5", severity=3), line("6", severity=4, logger="web"))
        self.assertEqual(self.payloads("--type", "u", "--type", "v"), ["2", "3"])
        self.assertEqual(self.payloads("--logger", "web"), ["4", "6"])
        self.assertEqual(self.payloads("--min-severity", "warning"), ["5", "6"])
        self.assertEqual(self.payloads("--min-severity", "4", "--logger", "shop"), ["5"])

    def test_filters_by_an_expression_as_well(self):
        self.write(line("1"), line("2", fields={"a": {"b": 5}}), line("3", severity=3))
        self.assertEqual(self.payloads("--match", "Fields[a.b] == 5 || Severity < 6"), ["2", "3"])
        self.assertEqual(self.payloads("--match", "TRUE", "--min-severity", "3"), ["3"])
        for text, error in {"TRUE ||": "column 8: expected a comparison",
                            "": "column 1: the expression is empty"}.items():
            done = metlog("tail", self.path("x"), "--no-follow", "--match", text)
            self.assertEqual((done.returncode, done.stdout), (2, ""))
            self.assertTrue(done.stderr.startswith("metlog: --match: " + error), done.stderr)

    def test_shows_so_many_lines_of_the_past(self):
        self.write(*(line(f"{i} " + "x" * 3000) for i in range(100)))
        for count in (0, 1, 2, 50, 100, 1000):
            expected = list(range(100))[max(0, 100 - count):]
            numbers = [int(payload.split()[0]) for payload in self.payloads("-n", str(count))]
            self.assertEqual(numbers, expected)

    def test_prints_the_json_unchanged_when_asked(self):
        text = line("\u00fc \u202e \x1b", severity=2)
        self.write(text)
        self.assertEqual(self.shown("--json"), text)

    def test_lets_no_message_move_the_cursor(self):
        evil = "\x1b[2J\r\n\x9b1m\u202e\x00"
        self.write(line(evil, type=evil, logger=evil, timestamp=evil,
                        fields={"k" + evil: "v\u202e\x9b"}))
        text = self.shown()
        self.assertEqual(text.count("\n"), 1)
        for char in "\x1b\r\x9b\u202e\x00":
            self.assertNotIn(char, text)

    def test_counts_what_is_no_message_and_shows_the_rest(self):
        self.write(line("1"), "{oops\n", "{}\n", "\n", line("2"))
        done = metlog("tail", self.path("x"), "--no-follow")
        self.assertEqual((done.returncode, done.stdout.count("\n")), (0, 2))
        self.assertEqual(done.stderr,
                         "metlog: 3 were no messages: empty 1, not_json 1, missing_key 1\n")

    def on_terminal(self, *options, **changes):
        terminal, stdout = pty.openpty()
        with os.fdopen(terminal, "rb", 0) as reader:
            subprocess.run([Programs.metlog, "tail", self.path("x"), "--no-follow", *options],
                           stdout=stdout, check=True, timeout=MAX_S, env=environment(**changes))
            os.close(stdout)
            return reader.read(4096)

    def test_colours_only_on_a_terminal_unless_the_user_decides(self):
        self.write(line("bad", severity=3))
        self.assertIn(b"\x1b[31m", self.on_terminal())
        self.assertNotIn(b"\x1b", self.on_terminal(NO_COLOR="1"))
        self.assertNotIn(b"\x1b", self.on_terminal(TERM="dumb"))
        self.assertNotIn(b"\x1b", self.on_terminal("--color=never"))
        self.assertNotIn("\x1b", self.shown())
        self.assertIn("\x1b[31m", self.shown("--color=always"))

    def test_makes_json_harmless_on_a_terminal(self):
        self.write(line("\x9b2J\u202e"))
        self.assertNotIn("\x9b".encode(), self.on_terminal("--json"))

    def test_follows_a_file_that_grows_is_rotated_and_is_truncated(self):
        self.write(line("old"), line("1"), line("2")[:40])
        tail = self.start_metlog("tail", self.path("x"), "-n", "1", "--json")
        read = lambda: json.loads(tail.stdout.readline())["payload"]
        self.assertEqual(read(), "1")
        self.write(line("2")[40:], mode="a")
        self.assertEqual(read(), "2")
        os.rename(self.path("x"), self.path("x.1"))
        self.write(line("3"), line("4"))
        self.assertEqual([read(), read()], ["3", "4"])
        self.write(line("5"))
        self.assertEqual(read(), "5")
        tail.send_signal(signal.SIGINT)
        self.assertEqual(tail.wait(MAX_S), 0)
        self.assertEqual(tail.stdout.read(), b"")
        # Unless it looked between the two calls that rotated the file.
        self.assertIn(tail.stderr.read(), (b"", b"metlog: the file was moved or removed; waiting "
                                                b"for another one at its path\n"))

    def test_follows_indented_messages(self):
        text = self.indented("1") + self.indented("2")
        self.write(text[:30])
        tail = self.start_metlog("tail", self.path("x"), "--json")
        for begin in range(30, len(text), 50):
            self.write(text[begin:begin + 50], mode="a")
        for expected in ("1", "2"):
            self.assertEqual(json.loads(tail.stdout.readline())["payload"], expected)

    def test_says_at_once_what_it_leaves_out(self):
        self.write("2026-01-02T03:04:05.000006Z INFO   shop: order 4711 for 3 items\x1b [2J\n")
        tail = self.start_metlog("tail", self.path("x"))
        said = tail.stderr.readline()
        self.assertIn(b"left out", said)
        self.assertIn(b"INFO   shop: order 4711", said)
        self.assertIn(b"tail -f", said)
        self.assertNotIn(b"\x1b", said)

    def test_says_when_the_file_goes_and_when_the_next_cannot_be_read(self):
        self.write(line("1"))
        tail = self.start_metlog("tail", self.path("x"), "--json")
        self.assertIn(b'"1"', tail.stdout.readline())
        os.remove(self.path("x"))
        self.assertIn(b"moved or removed; waiting", tail.stderr.readline())
        os.mkdir(self.path("x"))
        self.assertIn(b"is not a regular file", tail.stderr.readline())
        os.rmdir(self.path("x"))
        self.write(line("2"))
        self.assertIn(b'"2"', tail.stdout.readline())

    def test_waits_for_a_file_that_is_not_there_yet(self):
        tail = self.start_metlog("tail", self.path("x"), "--json")
        self.assertIn(b"not there yet", tail.stderr.readline())
        self.write(line("first"))
        self.assertEqual(json.loads(tail.stdout.readline())["payload"], "first")

    def test_follows_what_metlogd_writes_when_nothing_is_named(self):
        self.write(line("here"))
        os.rename(self.path("x"), self.path("metlog.jsonl"))
        tail = self.start_metlog("tail", cwd=self.directory)
        self.assertIn(b"here", tail.stdout.readline())

    def test_ends_quietly_when_its_reader_closes_the_pipe(self):
        self.write(line("1"))
        tail = self.start_metlog("tail", self.path("x"))
        tail.stdout.readline()
        tail.stdout.close()
        self.assertEqual(tail.wait(MAX_S), 0)
        self.assertEqual(tail.stderr.read(), b"")

    def listen(self, url):
        tail = self.start_metlog("tail", url, "--json")
        bound = tail.stderr.readline().decode()
        self.assertIn("listening at ", bound)
        return tail, bound.split("listening at ")[1].split(";")[0]

    def test_listens_over_zmq(self):
        tail, url = self.listen("tcp://127.0.0.1:0")
        done = metlog("send", "--to", url, "--type", "t", "--payload", "heard")
        self.assert_silent_success(done)
        self.assertEqual(json.loads(tail.stdout.readline())["payload"], "heard")
        tail.send_signal(signal.SIGINT)
        self.assertEqual(tail.wait(MAX_S), 0)

    def test_listens_over_udp(self):
        tail, url = self.listen("udp://127.0.0.1:0")
        host, port = url[len("udp://"):].split(":")
        with socket.socket(type=socket.SOCK_DGRAM) as peer:
            peer.sendto(b"no message", (host, int(port)))
            peer.sendto(line("heard").encode(), (host, int(port)))
        self.assertEqual(json.loads(tail.stdout.readline())["payload"], "heard")
        tail.send_signal(signal.SIGINT)
        self.assertEqual(tail.wait(MAX_S), 0)
        self.assertEqual(tail.stderr.read(),
                         b"metlog: what is no message is left out and counted; the first is "
                         b"not_json: no message\nmetlog: 1 was no message: not_json 1\n")


if __name__ == "__main__":
    main()
