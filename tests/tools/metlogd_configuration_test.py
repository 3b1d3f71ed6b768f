"""metlogd with a configuration file, end to end: --check and --config."""

import json
import os
import pathlib
import re
import socket

from configured import Configured, count_lines, message, metlogd, numbers_in
from programs import MAX_S, main, metlog

EXAMPLES = pathlib.Path(__file__).resolve().parents[2] / "docs/examples/metlogd"


def manual_page(program):
    """The text of tools/PROGRAM/PROGRAM.1, without what only sets hyphens and fonts."""
    page = EXAMPLES.parents[2] / "tools" / program / f"{program}.1"
    return page.read_text(encoding="utf-8").replace("\\-", "-").replace("\\ ", " ")


class Check(Configured):
    def test_says_everything_that_is_wrong_with_its_place(self):
        with open(self.file, "w", encoding="utf-8") as file:
            file.write("""[metlogd]
max_mesage = "1MiB"
[input.far]
type = "udp"
address = "0.0.0.0:1"
[output.errors]
type = "file"
path = "/nonexistent/directory/x"
message_matcher = "Severity <= 3 && Typ == 'a'"
on_full = "dorp"
[output.stats]
type = "url"
url = "udp://127.0.0.1:8125?max_datgram=1"
encoder = "statds"
""")
        done = metlogd("--check", self.file)
        self.assertEqual((done.returncode, done.stdout), (2, ""))
        places = [line.split(": ", 2)[:2] for line in done.stderr.splitlines()
                  if line.startswith(self.file)]
        self.assertEqual(places, [[f"{self.file}:{place}", key] for place, key in [
            ("2:1", "metlogd.max_mesage"), ("5:12", "input.far.address"),
            ("9:37", "output.errors.message_matcher"), ("10:11", "output.errors.on_full"),
            ("13:8", "output.stats.url"), ("14:11", "output.stats.encoder")]])
        for meant in "max_message?", "Type?", "drop?", "statsd?":
            self.assertIn("did you mean " + meant, done.stderr)
        # A run refuses the same, and touches nothing.
        run = metlogd("--config", self.file)
        self.assertEqual(run.returncode, 2)
        self.assertEqual(run.stderr.count("metlogd: " + self.file), len(places))

    def test_refuses_two_inputs_of_one_address(self):
        self.write('[input.a]\ntype = "udp"\naddress = "127.0.0.1:7"\n'
                   '[input.b]\naddress = "127.0.0.1:7"\ntype = "udp"\n'
                   '[input.c]\naddress = "127.0.0.1:0"\ntype = "udp"\n')
        done = metlogd("--check", self.file)
        self.assertEqual(done.returncode, 2)
        self.assertRegex(done.stderr, r':16:11: input\.b\.address: "127\.0\.0\.1:7" is that of '
                                      r"input\.a already")
        self.assertEqual(done.stderr.count("\n"), 1)

    def test_takes_a_good_file_and_opens_nothing(self):
        self.write(self.file_output("out") + '[output.far]\ntype = "url"\n'
                   'url = "udp://no-such-host.invalid:5565"\n')
        done = metlogd("--check", self.file)
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        self.assertEqual(done.stdout, f"{self.file}: good: 2 inputs, 2 outputs\n")
        self.assertEqual(sorted(os.listdir(self.directory)), ["c.toml"])

    def test_refuses_what_is_no_configuration(self):
        directory = self.path("empty")
        os.mkdir(directory)
        with open(self.path("text"), "w", encoding="utf-8") as file:
            file.write("[output.x\n")
        for path, why in [(self.path("none"), "No such file"), (directory, "no file *.toml"),
                          ("/dev/zero", "longer than 16 MiB"), (self.path("text"), "not TOML")]:
            done = metlogd("--check", path)
            self.assertEqual(done.returncode, 2, path)
            self.assertIn(why, done.stderr)

    def test_takes_the_samples(self):
        samples = sorted(path for path in EXAMPLES.iterdir()
                         if path.suffix == ".toml" or path.is_dir())
        self.assertGreater(len(samples), 4)
        for sample in samples:
            done = metlogd("--check", str(sample), METLOG_CENTRAL="logs.example",
                           SEARCH_KEY="key")
            self.assertEqual((done.returncode, done.stderr), (0, ""), sample)
        missing = metlogd("--check", str(EXAMPLES / "forward.toml"))
        self.assertIn("no variable 'METLOG_CENTRAL'", missing.stderr)


class Documented(Configured):
    def known(self, text, what="known here are"):
        """The names that --check lists for what it does not know in this text."""
        with open(self.file, "w", encoding="utf-8") as file:
            file.write(text)
        done = metlogd("--check", self.file)
        [names] = re.findall(what + r" (.*)", done.stderr)
        return names.split(", ")

    def test_every_key_of_every_section_is_in_the_document(self):
        root = EXAMPLES.parents[1]
        document = (root / "router.md").read_text(encoding="utf-8")
        unknown = "qqqqqqqqqqqqqqqqqqqq"
        keys = {("metlogd", key) for key in self.known(f"[metlogd]\n{unknown} = 1\n")}
        for kind in "input", "filter", "output":
            types = self.known(f'[{kind}.x]\ntype = "{unknown}"\n', what="is none of")
            self.assertGreater(len(types), 1)
            for name in types:
                keys.add((f"type of {kind}", name))
                keys |= {(name, key) for key in
                         self.known(f'[{kind}.x]\ntype = "{name}"\n{unknown} = 1\n')}
        encoder = '[output.x]\ntype = "null"\n[output.x.encoder]\ntype = "{}"\n'
        for name in self.known(encoder.format(unknown), what="is none of"):
            keys.add(("encoder", name))
            keys |= {(name, key) for key in
                     self.known(encoder.format(name) + f"{unknown} = 1\n")}
        self.assertGreater(len(keys), 30)
        self.assertEqual([key for key in sorted(keys) if f"`{key[1]}`" not in document], [])
        manual = manual_page("metlogd")
        self.assertEqual([key for key in sorted(keys)
                          if not re.search(rf"(?<!\w){key[1]}(?!\w)", manual)], [])
        sample = (EXAMPLES / "metlogd.toml").read_text(encoding="utf-8")
        self.assertEqual([key for section, key in sorted(keys)
                          if section == "metlogd" and f"{key} = " not in sample], [])

    def test_every_option_is_in_the_manual_pages(self):
        manual = manual_page("metlog")
        for command in ["send", "tail", "match", "flood", "config", "recover", "reload", "status",
                        "tune", "mb"]:
            options = set(re.findall(r"^ +(?:-\w,)?(--[\w-]+)", metlog(command, "--help").stdout,
                                     re.M))
            self.assertEqual({option for option in options - {"--help", "--version"}
                              if option not in manual}, set(), command)
        options = re.findall(r"^ +(?:-\w,)?(--[\w-]+)", metlogd("--help").stdout, re.M)
        self.assertGreater(len(options), 20)
        self.assertEqual([option for option in options if option not in manual_page("metlogd")],
                         [])


class Run(Configured):
    def test_routes_as_a_sample_says(self):
        text = (EXAMPLES / "three-ways.toml").read_text(encoding="utf-8")
        text = text.replace("tcp://127.0.0.1:5565", "tcp://127.0.0.1:*").replace(":5565", ":0")
        statsd = socket.socket(type=socket.SOCK_DGRAM)
        self.addCleanup(statsd.close)
        statsd.bind(("127.0.0.1", 0))
        statsd.settimeout(MAX_S)
        text = text.replace(":8125", f":{statsd.getsockname()[1]}")
        text = text.replace("/var/log/metlog", self.directory)
        with open(self.file, "w", encoding="utf-8") as file:
            file.write(text)
        self.start("--ready-file", self.path("ready"), "--ledger-json", self.ledger_path,
                   "--quiet", "--recover", "none")
        self.peer.send(message(1))
        self.peer.send(message(2, severity=3))
        self.peer.send(message(3, type="counter", payload="5",
                               fields={"number": 3, "name": "n", "logger": "shop"}))
        self.wait_for_lines("all.jsonl", 3)
        self.assertEqual(statsd.recv(100), b"shop.n:5.0|c")
        ledger = self.stop()
        self.assertEqual(numbers_in(self.path("all.jsonl")), [1, 2, 3])
        self.assertEqual(numbers_in(self.path("errors.jsonl")), [2])
        self.assertEqual([output["name"] for output in ledger["outputs"]],
                         ["errors", "statsd", "everything"])

    def test_adds_what_the_command_line_says_and_lets_it_win(self):
        self.write(self.file_output("a"))
        self.start("--out", self.path("b"), "--match", "Severity <= 3", "--max-message", "1KiB")
        self.assertEqual(len(self.endpoints), 2)  # no inputs of its own beside those of the file
        self.peer.send(message(1, severity=2))
        self.peer.send(message(2, payload="x" * 1024))
        self.peer.send(message(3))
        self.wait_for_lines("a", 2)
        ledger = self.stop()
        self.assertEqual(numbers_in(self.path("a")), [1, 3])
        self.assertEqual(numbers_in(self.path("b")), [1])
        self.assertEqual(ledger["rejected_by_reason"], {"too_long": 1})

    def test_refuses_an_address_that_another_router_has(self):
        self.write(self.file_output("a"))
        self.start()
        for endpoint in self.endpoints:
            kind = "udp" if endpoint.startswith("udp") else "zmq"
            address = endpoint.replace("udp://", "")
            with open(self.path("two.toml"), "w", encoding="utf-8") as file:
                file.write(f'[input.{kind}]\naddress = "{address}"\n' + self.file_output("b"))
            done = metlogd("--config", self.path("two.toml"), "--recover", "none")
            self.assertEqual(done.returncode, 2)
            self.assertIn(f"two.toml:1:1: input.{kind}: ", done.stderr)
            self.assertIn(address, done.stderr)
            self.assertIn("in use", done.stderr)
        self.assertFalse(os.path.exists(self.path("b")))
        done = metlogd("--config", self.path("two.toml"), "--pid-file", self.path("pid"))
        self.assertEqual(done.returncode, 2)
        self.assertIn(f"names process {self.process.pid}, a metlogd that runs", done.stderr)
        self.peer.send(message(1))
        self.wait_for_lines("a", 1)
        self.stop()

    def test_counts_what_it_cannot_write_while_a_directory_is_gone(self):
        os.mkdir(self.path("d"))
        self.write('[output.gone]\ntype = "url"\n'
                   f'url = "file://{self.path("d")}/x?hold_ms=0"\n' + self.file_output("a"))
        self.start()
        self.peer.send(message(1))
        self.wait_for_lines("a", 1)
        self.wait_for_lines("d/x", 1)
        os.remove(self.path("d/x"))
        os.rmdir(self.path("d"))
        for number in range(2, 12):
            self.peer.send(message(number))
        self.wait_for_lines("a", 11)
        ledger = self.stop()
        gone, healthy = ledger["outputs"]
        self.assertEqual((gone["written"], gone["lost_by_reason"]), (1, {"refused": 10}))
        self.assertEqual((healthy["written"], healthy["lost"]), (11, 0))


class Start(Configured):
    def test_fails_when_a_dead_letter_file_cannot_be_written(self):
        missing = self.path("none/dead.jsonl")
        self.write(self.file_output("out", f'dead_letter_file = "{missing}"'))
        self.assertEqual(metlogd("--check", self.file).returncode, 0)
        done = metlogd("--config", self.file)
        self.assertEqual(done.returncode, 2)
        for part in ("output.out.dead_letter_file", missing, "No such file or directory",
                     "name another file"):
            self.assertIn(part, done.stderr)

    def test_makes_a_dead_letter_file_and_a_check_does_not(self):
        letters = self.path("dead.jsonl")
        self.write(self.file_output("out", f'dead_letter_file = "{letters}"'))
        self.assertEqual(metlogd("--check", self.file).returncode, 0)
        self.assertFalse(os.path.exists(letters))
        self.start()
        self.assertEqual(os.path.getsize(letters), 0)
        self.stop()

    def test_ends_after_a_number_of_messages_that_it_makes_of_statsd(self):
        self.write(self.file_output("out") + """[input.statsd]
address = "127.0.0.1:0"
ticker_interval = "1s"
""")
        self.start("--count", "2")
        [statsd] = [endpoint for endpoint in self.endpoints if endpoint.startswith("statsd+")]
        with socket.socket(type=socket.SOCK_DGRAM) as client:
            client.connect(("127.0.0.1", int(statsd.rsplit(":", 1)[1])))
            client.send(b"hits:3|c")
            self.assertEqual(self.process.wait(MAX_S), 0)
        with open(self.ledger_path, encoding="utf-8") as file:
            ledger = json.load(file)
        self.assertEqual(ledger["unexplained"], 0)
        self.assertGreaterEqual(ledger["received"], 2)
        self.assertEqual(ledger["outputs"][0]["written"], ledger["received"])
        self.assertEqual(count_lines(self.path("out")), ledger["received"])


if __name__ == "__main__":
    main()
