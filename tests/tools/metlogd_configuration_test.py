"""metlogd with a configuration file, end to end: --check, --config and reloading while it runs."""

import json
import os
import pathlib
import re
import signal
import socket
import subprocess
import time

from programs import MAX_S, ProgramTest, Programs, environment, main, metlog, start

EXAMPLES = pathlib.Path(__file__).resolve().parents[2] / "docs/examples/metlogd"


def metlogd(*arguments, **changes):
    return subprocess.run([Programs.metlogd, *arguments], capture_output=True, text=True,
                          timeout=MAX_S, env=environment(**changes), check=False)


def message(number, **changes):
    envelope = {"type": "t", "timestamp": "2026-01-02T03:04:05.000006Z", "logger": "shop",
                "severity": 6, "payload": "", "fields": {"number": number}, "env_version": "0.8",
                "metlog_pid": 1, "metlog_hostname": "h"}
    return json.dumps({**envelope, **changes}, separators=(",", ":")).encode()


def numbers_in(path):
    with open(path, encoding="utf-8") as file:
        return [json.loads(line)["fields"]["number"] for line in file]


def count_lines(path):
    with open(path, "rb") as file:
        return sum(1 for _ in file)


class Configured(ProgramTest):
    """A metlogd with a configuration file that the test may change."""

    def setUp(self):
        super().setUp()
        self.file = self.path("c.toml")
        self.ledger_path = self.path("ledger")

    def write(self, text):
        """Makes the configuration inputs on ports of the kernel's choice, and this text."""
        text = f"""
[metlogd]
quiet = true
recover = "none"
ready_file = "{self.path("ready")}"
ledger_json = "{self.ledger_path}"
pid_file = "{self.path("pid")}"
[input.udp]
address = "127.0.0.1:0"
[input.zmq]
address = "tcp://127.0.0.1:*"
{text}"""
        with open(self.file + ".new", "w", encoding="utf-8") as file:
            file.write(text)
        os.rename(self.file + ".new", self.file)

    def file_output(self, name, *lines):
        return "\n".join([f"[output.{name}]", 'type = "file"', f'path = "{self.path(name)}"',
                          *lines]) + "\n"

    def start(self, *options, config=None):
        with open(self.path("stderr"), "wb") as stderr:
            self.process = subprocess.Popen(
                [Programs.metlogd, "--config", config or self.file, *options],
                stdout=subprocess.DEVNULL, stderr=stderr, env=environment())
        self.addCleanup(self.end)
        while not os.path.exists(self.path("ready")):
            self.assertIsNone(self.process.poll(), "metlogd has ended")
            time.sleep(0.002)
        self.peer = socket.socket(type=socket.SOCK_DGRAM)
        self.addCleanup(self.peer.close)
        self.connect()

    def connect(self):
        """Connects to the UDP input that the ready file names."""
        with open(self.path("ready"), encoding="ascii") as endpoints:
            self.endpoints = endpoints.read().split()
        [udp] = [endpoint for endpoint in self.endpoints if endpoint.startswith("udp:")]
        self.peer.connect(("127.0.0.1", int(udp.rsplit(":", 1)[1])))

    def end(self):
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()

    def reload(self, **expected):
        """Asks for a reload and waits until it is done."""
        done = metlog("reload", "--pid-file", self.path("pid"), "--wait", str(MAX_S))
        self.assertEqual(done.returncode, expected.get("returncode", 0), done.stderr)
        return done

    def wait_for_lines(self, name, count):
        path = self.path(name)
        while not (os.path.exists(path) and count_lines(path) >= count):
            self.assertIsNone(self.process.poll(), "metlogd has ended")
            time.sleep(0.002)

    def stderr(self):
        with open(self.path("stderr"), encoding="utf-8") as file:
            return file.read()

    def stop(self):
        """Ends metlogd; returns its ledger, which adds up."""
        self.process.send_signal(signal.SIGTERM)
        self.assertEqual(self.process.wait(MAX_S), 0)
        with open(self.ledger_path, encoding="utf-8") as file:
            ledger = json.load(file)
        self.assertEqual(ledger["unexplained"], 0)
        self.assertEqual(ledger["received"], ledger["accepted"] + ledger["rejected"])
        for output in ledger["outputs"]:
            self.assertEqual(ledger["accepted"],
                             output["not_there"] + output["not_matched"] + output["routed"])
            self.assertEqual(output["routed"], output["written"] + output["lost"])
            self.assertEqual(output["pending"], 0)
        return ledger


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
            done = metlogd("--check", str(sample), METLOG_CENTRAL="logs.example")
            self.assertEqual((done.returncode, done.stderr), (0, ""), sample)
        missing = metlogd("--check", str(EXAMPLES / "forward.toml"))
        self.assertIn("no variable 'METLOG_CENTRAL'", missing.stderr)


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


class Reload(Configured):
    def test_loses_nothing_in_fifty_reloads_under_load(self):
        turn = lambda number: self.file_output(f"turn{number % 2}", 'message_matcher = "TRUE"')
        self.write(self.file_output("all") + turn(0))
        self.start()
        zmq = self.endpoints[1]
        flood = start("flood", "--to", zmq, "--seconds", "60", "--rate", "5000", "--policy",
                      "block", "--json")
        self.addCleanup(flood.communicate)
        self.addCleanup(flood.kill)
        for number in range(1, 51):
            self.write(self.file_output("all") + turn(number))
            done = self.reload()
            self.assertEqual(done.stdout, "reloaded: 3 kept, 1 added, 1 removed\n")
        flood.send_signal(signal.SIGINT)
        summary = json.loads(flood.communicate(timeout=MAX_S)[0])
        emitted = summary["emitted"]
        self.assertEqual((summary["sent"], summary["lost"]), (emitted, 0))
        ledger = self.stop()
        self.assertGreater(emitted, 50)
        self.assertEqual((ledger["received"], ledger["lost"]), (emitted, 0))
        self.assertEqual(ledger["sequence"]["missing"], 0)
        self.assertEqual(ledger["reloads"], 50)
        kept, turns = ledger["outputs"][0], ledger["outputs"][1:]
        self.assertEqual((kept["name"], kept["written"]), ("all", emitted))
        self.assertEqual(len(turns), 3)  # the last one, and those that were removed by name
        self.assertEqual(sum(output["written"] for output in turns), emitted)
        self.assertEqual(sum(count_lines(self.path(f"turn{i}")) for i in range(2)), emitted)

    def test_changes_nothing_when_the_new_configuration_is_wrong(self):
        self.write(self.file_output("a"))
        self.start()
        for fault, place in [
                (self.file_output("b", "queue = 1"), r":15:9: output\.b\.queue: 1 is out of"),
                (self.file_output("b") + '[output.c]\ntype = "file"\npath = "/nonexistent/x/y"\n',
                 r":15:1: output\.c: cannot open '/nonexistent/x/y'"),
                ("[outputs.b]\n", "did you mean output"),
                ("[output", "not TOML"),
                ('[metlogd.x]', "x: there is no such key"),
                (self.file_output("a").replace("[output", "[metlogd.max_depth]\n[output"), "takes a")]:
            self.write(fault)
            done = self.reload(returncode=2)
            self.assertIn("nothing has changed", done.stderr)
            self.assertRegex(done.stderr, place)
            self.assertRegex(self.stderr(), place)
        os.remove(self.file)
        self.assertIn("No such file", self.reload(returncode=2).stderr)
        self.peer.send(message(1))
        self.wait_for_lines("a", 1)
        ledger = self.stop()
        self.assertEqual((ledger["reloads"], ledger["refused_reloads"]), (0, 7))
        self.assertEqual([output["name"] for output in ledger["outputs"]], ["a"])
        self.assertFalse(os.path.exists(self.path("pid")))
        self.assertFalse(os.path.exists(self.path("pid.status")))

    def test_needs_a_restart_for_what_holds_for_the_whole_process(self):
        self.write(self.file_output("a"))
        self.start()
        with open(self.file, encoding="utf-8") as file:
            text = file.read()
        with open(self.file, "w", encoding="utf-8") as file:
            file.write(text.replace("quiet = true", "quiet = true\nmax_depth = 9"))
        self.assertIn("needs a restart", self.reload(returncode=2).stderr)
        with open(self.file, "w", encoding="utf-8") as file:
            file.write(text.replace("quiet = true", 'queue = "2MiB"\nquiet = true'))
        self.assertIn("2 kept, 1 added, 1 removed", self.reload().stdout)
        self.stop()

    def test_reads_an_old_input_to_its_end_and_takes_a_new_one(self):
        self.write(self.file_output("a"))
        self.start()
        with open(self.file, encoding="utf-8") as file:
            text = file.read()
        with open(self.file, "w", encoding="utf-8") as file:
            file.write(text.replace('"127.0.0.1:0"', '"udp://127.0.0.1:0"'))
        # All of it arrives in the kernel before the router looks at the signal.
        self.process.send_signal(signal.SIGSTOP)
        for number in range(50):
            self.peer.send(message(number))
        self.process.send_signal(signal.SIGHUP)
        self.process.send_signal(signal.SIGCONT)
        self.wait_for_lines("a", 50)
        while not os.path.exists(self.path("pid.status")):
            time.sleep(0.002)
        self.connect()
        self.peer.send(message(50))
        self.wait_for_lines("a", 51)
        ledger = self.stop()
        removed = [entry["frames"] for entry in ledger["inputs"] if entry["removed"]]
        self.assertEqual((removed, ledger["received"], ledger["lost"]), ([50], 51, 0))

    def test_gives_an_old_output_time_to_send_what_it_has(self):
        pipe = self.path("pipe")
        os.mkfifo(pipe)
        reader = os.open(pipe, os.O_RDONLY | os.O_NONBLOCK)
        self.addCleanup(os.close, reader)
        slow = f'[output.slow]\ntype = "url"\nurl = "file://{pipe}"\n'
        self.write(self.file_output("a") + slow)
        self.start()
        for number in range(100):  # more than the pipe holds
            self.peer.send(message(number, payload="x" * 3000))
        self.wait_for_lines("a", 100)
        self.write(self.file_output("a"))
        self.assertIn("3 kept, 0 added, 1 removed", self.reload().stdout)
        self.peer.send(message(100))
        self.wait_for_lines("a", 101)  # the others go on meanwhile
        received = b""
        while received.count(b"\n") < 100:
            try:
                received += os.read(reader, 1 << 16)
            except BlockingIOError:
                time.sleep(0.002)
        ledger = self.stop()
        [old] = [output for output in ledger["outputs"] if output["removed"]]
        self.assertEqual((old["name"], old["written"], old["lost"], old["not_there"]),
                         ("slow", 100, 0, 1))

    def test_reads_a_directory_and_survives_its_end(self):
        self.write(self.file_output("a"))
        directory = self.path("conf.d")
        os.mkdir(directory)
        os.rename(self.file, os.path.join(directory, "10.toml"))
        self.start(config=directory)
        with open(os.path.join(directory, "20.toml"), "w", encoding="utf-8") as file:
            file.write(self.file_output("b"))
        with open(os.path.join(directory, "30.toml.off"), "w", encoding="utf-8") as file:
            file.write("no TOML")
        self.assertIn("3 kept, 1 added, 0 removed", self.reload().stdout)
        with open(os.path.join(directory, "30.toml"), "w", encoding="utf-8") as file:
            file.write(self.file_output("b"))
        self.assertRegex(self.reload(returncode=2).stderr,
                         r"30\.toml:2:1: output\.b\.type: is set in .*20\.toml:2:8 already")
        for name in os.listdir(directory):
            os.remove(os.path.join(directory, name))
        os.rmdir(directory)
        self.assertIn("No such file", self.reload(returncode=2).stderr)
        self.peer.send(message(1))
        self.wait_for_lines("b", 1)
        self.stop()

    def test_is_asked_for_by_its_number_too(self):
        self.write(self.file_output("a"))
        self.start()
        done = metlog("reload", str(self.process.pid))
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        self.assertIn("asked metlogd", done.stdout)
        self.reload()
        self.assertGreaterEqual(self.stop()["reloads"], 1)

    def test_of_what_is_no_router_is_refused(self):
        with open(self.path("pid"), "w", encoding="ascii") as file:
            file.write(f"{os.getpid()}\n")
        for arguments, why in [((str(os.getpid()),), "no metlogd that runs"),
                               (("--pid-file", self.path("pid")), "no metlogd that runs"),
                               (("--pid-file", self.path("none")), "cannot read"),
                               (("--pid-file", __file__), "no pid file"),
                               ((), "name the router")]:
            done = metlog("reload", *arguments)
            self.assertEqual(done.returncode, 2, arguments)
            self.assertRegex(done.stderr, re.escape(why))


if __name__ == "__main__":
    main()
