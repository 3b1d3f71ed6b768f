"""Runs metlog and metlogd for tests. Nothing here waits for a time: it waits for what a program
prints or writes."""

import json
import os
import re
import signal
import socket
import subprocess
import sys
import tempfile
import time
import unittest

MAX_S = 180  # a program or a test that takes longer hangs
ENVELOPE_KEYS = {"type", "timestamp", "logger", "severity", "payload", "fields", "env_version",
                 "metlog_pid", "metlog_hostname"}


class Programs:
    """The paths of the programs; set by main()."""

    metlog = "metlog"
    metlogd = "metlogd"


def main():
    """Runs unittest's main; the programs' paths are the first two arguments."""
    Programs.metlog, Programs.metlogd = sys.argv[1:3]
    unittest.main(argv=[sys.argv[0], *sys.argv[3:]], verbosity=2)


def environment(**changes):
    plain = {name: value for name, value in os.environ.items() if name != "NO_COLOR"}
    # libzmq is built without ThreadSanitizer, which therefore sees only half of what it does.
    tsan = plain.get("TSAN_OPTIONS", "") + " ignore_noninstrumented_modules=1"
    return {**plain, "TSAN_OPTIONS": tsan, "TERM": "xterm", **changes}


def metlog(*arguments, stdin=b"", **changes):
    """Runs metlog to its end. Returns returncode, stdout and stderr as text."""
    done = subprocess.run([Programs.metlog, *arguments], input=stdin, capture_output=True,
                          timeout=MAX_S, env=environment(**changes))
    done.stdout, done.stderr = done.stdout.decode(), done.stderr.decode()
    return done


def start(*arguments, **streams):
    """Starts metlog with unbuffered pipes, which the caller closes."""
    return subprocess.Popen([Programs.metlog, *arguments], env=environment(), bufsize=0,
                            **{"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, **streams})


class Router:
    """A metlogd on ports of the kernel's choice, writing to one file."""

    def __init__(self, directory, *options):
        self.file = os.path.join(directory, "out.jsonl")
        self._ledger = os.path.join(directory, "ledger.json")
        ready = os.path.join(directory, "ready")
        self._process = subprocess.Popen(
            [Programs.metlogd, "--zmq", "tcp://127.0.0.1:*", "--udp", "127.0.0.1:0",
             "--out", self.file, "--ledger-json", self._ledger, "--ready-file", ready,
             "--interval", "0.1", *options],
            stdout=subprocess.PIPE, text=True, env=environment())
        # The first line about traffic comes after the ready file.
        self.read_until(lambda line: line.startswith("received"))
        with open(ready, encoding="ascii") as endpoints:
            self.zmq, self.udp, *self.handshakes = endpoints.read().split()

    def read_until(self, is_wanted):
        """Reads what it prints, up to a line of this kind."""
        for line in self._process.stdout:
            if is_wanted(line):
                return
        raise AssertionError(f"metlogd ended early: {self._process.wait()}")

    def wait_for(self, count):
        """Waits until it has received so many messages."""
        def has_all(line):
            received = re.match(r"received ([\d,]+) ", line)
            return received and int(received[1].replace(",", "")) >= count
        self.read_until(has_all)

    def stop(self):
        """Ends it and returns its ledger."""
        self._process.send_signal(signal.SIGTERM)
        self._process.communicate(timeout=MAX_S)
        with open(self._ledger, encoding="utf-8") as ledger:
            return json.load(ledger)

    def messages(self):
        return read_messages(self.file)

    def kill(self):
        if self._process.poll() is None:
            self._process.kill()
        self._process.communicate()


def read_messages(path):
    with open(path, encoding="utf-8", newline="\n") as file:
        return [json.loads(line) for line in file]


class ProgramTest(unittest.TestCase):
    """A test with a temporary directory, and a metlogd when it asks for one."""

    def peer_of(self, router, ready):
        """A datagram socket that is connected to the first endpoint of a router, once that has
        written its ready file."""
        while not os.path.exists(ready):
            self.assertIsNone(router.poll(), "metlogd has ended")
            time.sleep(0.001)
        with open(ready, encoding="ascii") as endpoints:
            port = int(endpoints.read().split()[0].rsplit(":", 1)[1])
        peer = socket.socket(type=socket.SOCK_DGRAM)
        self.addCleanup(peer.close)
        peer.connect(("127.0.0.1", port))
        return peer

    def setUp(self):
        def give_up(*_):
            raise TimeoutError(f"hangs for {MAX_S} s already")
        signal.signal(signal.SIGALRM, give_up)
        signal.alarm(MAX_S)
        self.addCleanup(signal.alarm, 0)
        directory = tempfile.TemporaryDirectory()
        self.addCleanup(directory.cleanup)
        self.directory = directory.name

    def path(self, name):
        return os.path.join(self.directory, name)

    def start_router(self, *options, name="router"):
        """Starts a router with its own directory."""
        os.mkdir(self.path(name))
        router = Router(self.path(name), *options)
        self.addCleanup(router.kill)
        return router

    def start_metlog(self, *arguments, **streams):
        process = start(*arguments, **streams)

        def end():
            if process.poll() is None:
                process.kill()
            process.communicate()
        self.addCleanup(end)
        return process

    def assert_silent_success(self, done):
        self.assertEqual((done.returncode, done.stdout, done.stderr), (0, "", ""))

    def assert_conserved(self, ledger):
        """Checks that the router's ledger adds up, with nothing lost."""
        self.assertEqual(ledger["unexplained"], 0)
        self.assertEqual(ledger["received"], ledger["accepted"] + ledger["rejected"])
        for output in ledger["outputs"]:
            self.assertEqual(output["written"], ledger["accepted"])
            self.assertEqual((output["lost"], output["pending"]), (0, 0))
