"""metlogd, end to end: an output that is slow, takes nothing, or errs, harms no other."""

import contextlib
import json
import os
import signal
import socket
import subprocess
import time

from configured import exit_code_of
from http_server import HttpServer
from programs import MAX_S, ProgramTest, Programs, environment, main

MIB = 1024 * 1024
CLOSE_LIMIT_S = 1
SLACK_S = 30  # on a busy machine
CHUNK = 20  # messages that a small receive buffer holds


def message(number, size=6000):
    return json.dumps({"type": "t", "timestamp": "2026-01-02T03:04:05.000006Z", "logger": "shop",
                       "severity": 6, "payload": "x" * size, "fields": {"number": number},
                       "env_version": "0.8", "metlog_pid": 1, "metlog_hostname": "h"},
                      separators=(",", ":")).encode()


class RefusesEveryTenth(HttpServer):
    """Answers 400 to a body that has a message whose number ends in 0."""

    def __init__(self):
        super().__init__(["200"])
        self.accepted = []  # bodies' numbers

    def step_of(self, body):
        numbers = [json.loads(line)["fields"]["number"] for line in body.splitlines()]
        if any(number % 10 == 0 for number in numbers):
            return "400"
        self.accepted.append(numbers)
        return "200"


def is_sanitized():
    """True when a sanitizer has memory of its own for each byte of metlogd's."""
    with open(Programs.metlogd, "rb") as program:
        contents = program.read()
    return b"__tsan_init" in contents or b"__asan_init" in contents


class Isolation(ProgramTest):
    def setUp(self):
        super().setUp()
        self.file = self.path("out.jsonl")
        self.sent = 0
        self.sent_bytes = 0

    def start(self, *outputs, stdout=subprocess.DEVNULL):
        ready = self.path("ready")
        self.process = subprocess.Popen(
            [Programs.metlogd, "--zmq", "none", "--udp", "127.0.0.1:0", *outputs,
             "--ready-file", ready, "--ledger-json", self.path("ledger"), "--quiet",
             "--close-limit", str(CLOSE_LIMIT_S)],
            stdout=stdout, stderr=subprocess.DEVNULL, env=environment(), bufsize=0)
        self.addCleanup(self.end)
        self.peer = self.peer_of(self.process, ready)

    def end(self):
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()
        if self.process.stdout:
            self.process.stdout.close()

    def resident_bytes(self, name):
        with open(f"/proc/{self.process.pid}/status", encoding="ascii") as status:
            [line] = [line for line in status if line.startswith(name + ":")]
        return int(line.split()[1]) * 1024

    def send_chunk(self):
        """Sends some messages and waits until the healthy file has them: the others take none."""
        for _ in range(CHUNK):
            text = message(self.sent)
            self.peer.send(text)
            self.sent += 1
            self.sent_bytes += len(text) + 1
        while os.path.getsize(self.file) < self.sent_bytes:
            self.assertIsNone(self.process.poll(), "metlogd has ended")
            time.sleep(0.0005)

    def stop(self):
        """Ends metlogd within its deadline; returns the ledger's outputs."""
        begun = time.monotonic()
        self.process.send_signal(signal.SIGTERM)
        code = self.process.wait(MAX_S)
        self.assertLess(time.monotonic() - begun, CLOSE_LIMIT_S + SLACK_S)
        with open(self.path("ledger"), encoding="utf-8") as file:
            ledger = json.load(file)
        self.assertEqual(code, exit_code_of(ledger))
        self.assertEqual((ledger["unexplained"], ledger["kernel_drops"]), (0, 0))
        self.assertEqual(ledger["received"], self.sent)
        for output in ledger["outputs"]:
            self.assertEqual(output["written"] + output["lost"], self.sent)
            self.assertEqual(output["pending"], 0)
        return ledger["outputs"]

    def test_a_file_gets_all_beside_a_slow_reader_and_a_pipe_that_nobody_reads(self):
        pipe = self.path("pipe")
        os.mkfifo(pipe)
        reader = os.open(pipe, os.O_RDONLY | os.O_NONBLOCK)
        self.addCleanup(os.close, reader)
        self.start("--out", self.file, "--out", "stdout:", "--out", f"file://{pipe}",
                   stdout=subprocess.PIPE)
        idle = self.resident_bytes("VmRSS")
        while self.sent_bytes < 48 * MIB:
            self.send_chunk()
            os.read(self.process.stdout.fileno(), 1000)
        if not is_sanitized():
            self.assertLess(self.resident_bytes("VmHWM") - idle, 64 * MIB)
        healthy, slow, stalled = self.stop()
        self.assertEqual((healthy["written"], healthy["lost"]), (self.sent, 0))
        for output in slow, stalled:
            self.assertGreater(output["lost_by_reason"]["queue_full"], self.sent // 4)
        with open(self.file, encoding="utf-8") as file:
            self.assertEqual([json.loads(line)["fields"]["number"] for line in file],
                             list(range(self.sent)))

    def letters_of(self, name):
        with open(self.path(name + " letters"), encoding="utf-8") as file:
            return [json.loads(line) for line in file]

    def test_a_file_gets_all_beside_a_dead_receiver_a_slow_one_and_one_that_errs(self):
        with socket.socket() as unused:
            unused.bind(("127.0.0.1", 0))
            port = unused.getsockname()[1]
        server = RefusesEveryTenth()
        self.addCleanup(server.stop)
        pipe = self.path("pipe")
        os.mkfifo(pipe)
        reader = os.open(pipe, os.O_RDONLY | os.O_NONBLOCK)
        self.addCleanup(os.close, reader)
        with open(self.path("c.toml"), "w", encoding="utf-8") as file:
            file.write("\n".join([
                "[output.healthy]", 'type = "file"', f'path = "{self.file}"',
                "[output.dead]", 'type = "tcp"', f'address = "127.0.0.1:{port}"',
                f'dead_letter_file = "{self.path("dead letters")}"',
                "[output.slow]", 'type = "file"', f'path = "{pipe}"',
                f'dead_letter_file = "{self.path("slow letters")}"',
                "[output.erring]", 'type = "http"', f'url = "http://127.0.0.1:{server.port}/"',
                "split_limit = 10000", 'linger = "0s"',
                f'dead_letter_file = "{self.path("erring letters")}"']) + "\n")
        self.start("--config", self.path("c.toml"))
        idle = self.resident_bytes("VmRSS")
        while self.sent_bytes < 24 * MIB:
            self.send_chunk()
            if self.sent % 100 == 0:
                with contextlib.suppress(BlockingIOError):  # it may have had no time yet
                    os.read(reader, 3000)
        server.wait_until(lambda requests: server.accepted and any(
            request["step"] == "400" and request["body"].count("\n") == 1
            for request in requests), MAX_S)
        if not is_sanitized():
            self.assertLess(self.resident_bytes("VmHWM") - idle, 64 * MIB)
        healthy, dead, slow, erring = self.stop()
        self.assertEqual((healthy["written"], healthy["lost"]), (self.sent, 0))
        self.assertEqual(dead["written"], 0)
        self.assertGreater(slow["lost_by_reason"]["expired"], 0)
        # What never had room is counted only.
        for output in dead, slow, erring:
            self.assertEqual(output["dead_lettered"],
                             output["lost"] - output["lost_by_reason"]["queue_full"])
        refused = [letter["message"]["fields"]["number"]
                   for letter in self.letters_of("erring") if letter["reason"] == "refused"]
        self.assertEqual(len(refused), erring["lost_by_reason"]["refused"])
        self.assertEqual({number % 10 for number in refused}, {0})
        accepted = sum(len(numbers) for numbers in server.accepted)
        self.assertGreaterEqual(accepted, erring["written"])
        self.assertLessEqual(accepted, erring["written"] + erring["unanswered"])


FRAME_BYTES = 257 * 1024  # metlogd's longest by default: a message of 256 KiB in a batched frame


class ZmqPeer:
    """A publisher that speaks ZMTP by hand, and may stop in the middle of a frame."""

    def __init__(self, port):
        self.socket = socket.create_connection(("127.0.0.1", port), MAX_S)
        self.socket.sendall(b"\xff" + bytes(7) + b"\x01\x7f\x03\x00" + b"NULL".ljust(20, b"\0")
                            + bytes(32))
        ready = b"\x05READY\x0bSocket-Type\x00\x00\x00\x03PUB"
        self.socket.sendall(b"\x04" + bytes([len(ready)]) + ready)
        # The subscriptions come once it is accepted.
        received = b""
        while b"mlb" not in received:
            received += self.socket.recv(4096)

    def send(self, body, sent_bytes=None):
        """Sends a frame, or the beginning of it."""
        self.socket.sendall(b"\x02" + len(body).to_bytes(8, "big") + body[:sent_bytes])


class HostilePeers(Isolation):
    def start_zmq(self, *outputs):
        ready = self.path("ready")
        self.process = subprocess.Popen(
            [Programs.metlogd, "--zmq", "tcp://127.0.0.1:*", "--udp", "127.0.0.1:0", *outputs,
             "--ready-file", ready, "--ledger-json", self.path("ledger"), "--quiet",
             "--close-limit", str(CLOSE_LIMIT_S)],
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=environment(), bufsize=0)
        self.addCleanup(self.end)
        while not os.path.exists(ready):
            self.assertIsNone(self.process.poll(), "metlogd has ended")
            time.sleep(0.001)
        with open(ready, encoding="ascii") as endpoints:
            zmq, udp = [int(line.rsplit(":", 1)[1]) for line in endpoints.read().split()[:2]]
        self.zmq_port = zmq
        self.peer = socket.socket(type=socket.SOCK_DGRAM)
        self.addCleanup(self.peer.close)
        self.peer.connect(("127.0.0.1", udp))

    def leave_unfinished(self, peers, sent_bytes):
        body = b"x" * FRAME_BYTES
        sockets = []
        for _ in range(peers):
            peer = ZmqPeer(self.zmq_port)
            self.addCleanup(peer.socket.close)
            peer.send(body, sent_bytes)
            sockets.append(peer.socket)
        ports = {f"{one.getsockname()[1]:04X}" for one in sockets}
        while self.has_unread(ports):
            time.sleep(0.005)

    @staticmethod
    def has_unread(ports):
        """True while metlogd's ends of these peers' connections have bytes in the kernel."""
        with open("/proc/net/tcp", encoding="ascii") as table:
            lines = [line.split() for line in table]
        # Of an end: 1 is its own address, 2 that of its peer, 4 its queues (out:in).
        return any(int(line[4].split(":")[1], 16) != 0 for line in lines[1:]
                   if line[2].rsplit(":", 1)[1] in ports)

    def check_memory(self, idle):
        if not is_sanitized():
            self.assertLess(self.resident_bytes("VmHWM") - idle, 64 * MIB)

    def test_leave_their_longest_frames_unfinished(self):
        self.start_zmq("--out", self.file)
        idle = self.resident_bytes("VmRSS")
        self.leave_unfinished(200, FRAME_BYTES - 1)
        self.check_memory(idle)
        self.send_chunk()  # and others are served
        [healthy] = self.stop()
        self.assertEqual((healthy["written"], healthy["lost"]), (self.sent, 0))

    def test_leave_frames_unfinished_beside_a_stalled_output(self):
        pipe = self.path("pipe")
        os.mkfifo(pipe)
        reader = os.open(pipe, os.O_RDONLY | os.O_NONBLOCK)
        self.addCleanup(os.close, reader)
        self.start_zmq("--out", self.file, "--out", f"file://{pipe}")
        idle = self.resident_bytes("VmRSS")
        while self.sent_bytes < 24 * MIB:
            self.send_chunk()
        for peers, sent_bytes in (40, FRAME_BYTES - 1), (160, FRAME_BYTES // 2):
            self.leave_unfinished(peers, sent_bytes)
        self.check_memory(idle)
        self.send_chunk()
        healthy, stalled = self.stop()
        self.assertEqual((healthy["written"], healthy["lost"]), (self.sent, 0))
        self.assertGreater(stalled["lost_by_reason"]["queue_full"], 0)

    def test_announce_a_frame_that_is_too_long(self):
        self.start_zmq("--out", self.file)
        peer = ZmqPeer(self.zmq_port)
        self.addCleanup(peer.socket.close)
        with self.assertRaises(OSError):
            while True:
                peer.send(b"x" * (FRAME_BYTES + FRAME_BYTES // 8), 4096)
        self.send_chunk()
        self.stop()


if __name__ == "__main__":
    main()
