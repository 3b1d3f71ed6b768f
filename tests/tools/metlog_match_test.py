"""metlog match, end to end: what it prints, its exit codes, terminals, pipes that close."""

import json
import os
import pty
import signal
import subprocess

from programs import MAX_S, ProgramTest, Programs, environment, main, metlog


def line(payload, **changes):
    """Returns a message as a line of a file."""
    message = {"type": "t", "timestamp": "2026-01-02T03:04:05.000006Z", "logger": "shop",
               "severity": 6, "payload": payload, "fields": {}, "env_version": "0.8",
               "metlog_pid": 1, "metlog_hostname": "h", **changes}
    return json.dumps(message, ensure_ascii=False, separators=(",", ":")) + "\n"


class Match(ProgramTest):
    def write(self, *lines, name="x"):
        with open(self.path(name), "w", encoding="utf-8", newline="\n") as file:
            file.write("".join(lines))
        return self.path(name)

    def assert_match(self, *arguments, code=0, stdout="", stderr="", stdin=b""):
        done = metlog("match", *arguments, stdin=stdin)
        self.assertEqual((done.stdout, done.stderr, done.returncode), (stdout, stderr, code))

    def test_prints_the_lines_that_match_as_they_are(self):
        odd = line("\u00fc \u202e", severity=2).replace(",", ", ", 1)
        file = self.write(line("1"), odd, line("3", severity=3)[:-1])
        self.assert_match("Severity <= 3", file, stdout=odd + line("3", severity=3))
        self.assert_match("Severity > 3 && Payload == '1'", file, stdout=line("1"))
        self.assert_match("Severity > 6", file, code=1)
        self.assert_match("TRUE", self.write(name="empty"), code=1)

    def test_prints_indented_messages_and_the_numbers_of_their_first_lines(self):
        indented = json.dumps(json.loads(line("2", fields={"a": [1]})), indent=4) + "\n"
        file = self.write(line("1"), indented, line("3"))
        self.assert_match("Fields[a] == 1", file, stdout=indented)
        number = 2 + indented.count("\n")
        self.assert_match("-n", "Payload > '1'", file, stdout=f"2:{indented}{number}:{line('3')}")

    def test_reads_the_standard_input(self):
        text = (line("1") + line("2")).encode()
        self.assert_match("Payload == '2'", stdin=text, stdout=line("2"))
        self.assert_match("Payload == '2'", "-", stdin=text, stdout=line("2"))
        self.assert_match("-H", "Payload == '2'", "-", stdin=text,
                          stdout="(standard input):" + line("2"))

    def test_has_the_options_of_grep(self):
        one = self.write(line("1"), line("2"), line("1"), name="one")
        two = self.write(line("2"), name="two")
        match = "Payload == '1'"
        self.assert_match("-c", match, one, stdout="2\n")
        self.assert_match("-c", match, one, two, stdout=f"{one}:2\n{two}:0\n")
        self.assert_match("-c", match, two, stdout="0\n", code=1)
        self.assert_match("-l", match, one, two, stdout=one + "\n")
        self.assert_match("-vl", match, one, two, stdout=f"{one}\n{two}\n")
        self.assert_match("-v", match, one, stdout=line("2"))
        self.assert_match("-m", "1", "-n", match, one, two, stdout=f"{one}:1:{line('1')}")
        self.assert_match("-m", "1", "-c", "TRUE", one, two, stdout=f"{one}:1\n{two}:1\n")
        self.assert_match("-m", "0", "TRUE", one, code=1)
        self.assert_match("-h", "TRUE", two, two, stdout=2 * line("2"))
        self.assert_match("-Hn", "TRUE", two, stdout=f"{two}:1:{line('2')}")
        self.assert_match("-q", match, one)
        self.assert_match("-q", match, two, code=1)

    def test_fails_with_2_when_a_file_cannot_be_read(self):
        file = self.write(line("1"))
        none = self.path("none")
        error = f"metlog: cannot read {none}: No such file or directory\n"
        self.assert_match("TRUE", none, file, stdout=f"{file}:{line('1')}", stderr=error, code=2)
        self.assert_match("-s", "TRUE", none, code=2)
        self.assert_match("-q", "TRUE", file, none)
        self.assert_match("-q", "TRUE", none, file, stderr=error)
        self.assert_match("TRUE", self.directory, code=2,
                          stderr=f"metlog: cannot read {self.directory}: Is a directory\n")

    def test_counts_what_is_no_message(self):
        file = self.write("{oops\n", line("1"), "{}\n", "\n")
        told = "metlog: 3 lines were no messages: empty 1, not_json 1, missing_key 1\n"
        self.assert_match("TRUE", file, stdout=line("1"), stderr=told)
        self.assert_match("-v", "TRUE", file, stderr=told, code=1)
        self.assert_match("-s", "TRUE", file, stdout=line("1"))
        self.assert_match("-q", "TRUE", file)
        self.assert_match("TRUE", stdin=b"no JSON\n", code=2, stderr=(
            "metlog: 1 line was no message: not_json 1; a message is a JSON object with nine keys, "
            "as metlogd writes it\n"))

    def test_takes_long_lines_and_counts_those_that_are_too_long(self):
        long = line("x" * 10_000_000)
        file = self.write(long, line("y" * 17_000_000), line("1"))
        self.assert_match("-c", "Payload =~ /x$/", file, stdout="1\n",
                          stderr="metlog: 1 line was no message: too_long 1\n")
        self.assert_match("-n", "Payload == '1'", file, stdout="3:" + line("1"),
                          stderr="metlog: 1 line was no message: too_long 1\n")

    def test_marks_what_is_wrong_with_the_expression(self):
        self.assert_match("Type == 'a' && Typ == 'b'", code=2, stderr=(
            "metlog: EXPR: column 16: Typ is no variable; did you mean Type?\n"
            "  Type == 'a' && Typ == 'b'\n"
            "                 ^^^\n"))
        self.assert_match("Severity == 1.2.3", code=1, stderr=(
            "metlog: the expression, column 13: 1.2.3 is not a number; it counts as 0\n"))
        self.assertRegex(metlog("match", "", self.write(line("1"))).stderr,
                         "^metlog: EXPR: column 1: the expression is empty")
        self.assert_match(code=2, stderr="metlog: EXPR is required\nTry: metlog match --help\n")

    def test_reads_no_file_that_it_writes(self):
        file = self.write(line("1"))
        with open(file, "ab") as output:
            done = subprocess.run([Programs.metlog, "match", "TRUE", file], stdout=output,
                                  stderr=subprocess.PIPE, timeout=MAX_S, env=environment())
        self.assertEqual((done.returncode, done.stderr.decode()),
                         (2, f"metlog: {file} is also the output; write to another file\n"))
        self.assertEqual(os.path.getsize(file), len(line("1")))

    def test_ends_quietly_when_its_reader_goes_away(self):
        file = self.write(line("1") * 100_000)
        process = self.start_metlog("match", "TRUE", file)
        self.assertEqual(process.stdout.read(1), b"{")
        process.stdout.close()
        self.assertEqual(process.wait(MAX_S), 0)
        self.assertEqual(process.stderr.read(), b"")

    def test_says_that_the_output_could_not_be_written(self):
        with open("/dev/full", "wb") as full:
            done = subprocess.run([Programs.metlog, "match", "TRUE", self.write(line("1"))],
                                  stdout=full, stderr=subprocess.PIPE, timeout=MAX_S,
                                  env=environment())
        self.assertEqual((done.returncode, done.stderr.decode()), (
            2, "metlog: cannot write the standard output: No space left on device\n"))

    def test_prints_at_once_and_ends_by_a_signal(self):
        process = self.start_metlog("match", "Payload == '1'", stdin=subprocess.PIPE)
        process.stdin.write((line("2") + line("1")).encode())
        self.assertEqual(process.stdout.read(len(line("1"))), line("1").encode())
        process.send_signal(signal.SIGINT)
        self.assertEqual(process.wait(MAX_S), 130)

    def on_terminal(self, *arguments, **changes):
        terminal, stdout = pty.openpty()
        with os.fdopen(terminal, "rb", 0) as reader:
            subprocess.run([Programs.metlog, "match", *arguments], stdout=stdout, check=True,
                           timeout=MAX_S, env=environment(**changes))
            os.close(stdout)
            return reader.read(4096)

    def test_colours_names_and_numbers_only_on_a_terminal_unless_the_user_decides(self):
        arguments = ("-Hn", "TRUE", self.write(line("1")))
        self.assertIn(b"\x1b[35m", self.on_terminal(*arguments))
        self.assertNotIn(b"\x1b", self.on_terminal(*arguments, NO_COLOR="1"))
        self.assertNotIn(b"\x1b", self.on_terminal(*arguments, "--color=never"))
        self.assertNotIn("\x1b", metlog("match", *arguments).stdout)
        self.assertIn("\x1b[32m1\x1b[m", metlog("match", *arguments, "--color=always").stdout)

    def test_makes_messages_harmless_on_a_terminal(self):
        shown = self.on_terminal("TRUE", self.write(line("\x9b2J\u202e")))
        self.assertNotIn("\x9b".encode(), shown)
        self.assertIn(b"\\u202e", shown)


if __name__ == "__main__":
    main()
