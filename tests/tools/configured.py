"""A metlogd with a configuration file that a test may change."""

import json
import os
import signal
import socket
import subprocess
import time

from programs import MAX_S, ProgramTest, Programs, environment, metlog


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


def exit_code_of(ledger):
    """What a metlogd that was asked to end exits with."""
    return 1 if ledger["lost"] or ledger["kernel_drops"] or ledger["unexplained"] else 0


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
        code = self.process.wait(MAX_S)
        with open(self.ledger_path, encoding="utf-8") as file:
            ledger = json.load(file)
        self.assertEqual(code, exit_code_of(ledger))
        self.assertEqual(ledger["unexplained"], 0)
        self.assertEqual(ledger["received"], ledger["accepted"] + ledger["rejected"])
        for output in ledger["outputs"]:
            self.assertEqual(ledger["accepted"],
                             output["not_there"] + output["not_matched"] + output["routed"])
            self.assertEqual(output["routed"], output["written"] + output["lost"])
            self.assertEqual(output["pending"], 0)
        return ledger
