"""metlogd with files, syslog, TCP and statsd by its configuration, and routers that forward."""

import json
import os
import re
import signal
import socket
import subprocess
import threading
import time

from configured import Configured, message, metlogd, numbers_in
from programs import MAX_S, Programs, environment, main

COUNT = 300


class Endpoints(Configured):
    def send(self, count=COUNT, **changes):
        for number in range(count):
            self.peer.send(message(number, **{key: value(number) if callable(value) else value
                                              for key, value in changes.items()}))

    def read_all(self, listener):
        """Takes one connection and collects what it brings, up to its end."""
        got = bytearray()

        def run():
            connection, _ = listener.accept()
            with connection:
                while data := connection.recv(65536):
                    got.extend(data)
        thread = threading.Thread(target=run, daemon=True)
        thread.start()
        return got, thread

    def listener(self):
        listener = socket.create_server(("127.0.0.1", 0))
        self.addCleanup(listener.close)
        return listener

    def test_takes_lines_over_tcp_and_a_local_socket(self):
        path = self.path("socket")
        self.write(f'[input.tcp]\naddress = "127.0.0.1:0"\n[input.unix]\npath = "{path}"\n'
                   + self.file_output("out"))
        self.start()
        [port] = [int(endpoint.rsplit(":", 1)[1]) for endpoint in self.endpoints
                  if endpoint.startswith("tcp:") and endpoint in self.endpoints[2:]]
        self.assertIn("unix://" + path, self.endpoints)
        self.assertEqual(os.stat(path).st_mode & 0o777, 0o600)
        lines = [message(number) for number in range(COUNT)]
        tcp = socket.create_connection(("127.0.0.1", port))
        local = socket.socket(socket.AF_UNIX)
        local.connect(path)
        with tcp, local:
            tcp.sendall(b"\n".join(lines[::2]))  # the last one without a newline
            tcp.shutdown(socket.SHUT_WR)
            self.assertEqual(tcp.recv(1), b"", "it is closed when all of it is read")
            local.sendall(b"\n".join(lines[1::2]) + b"\nno message\n")
            ledger = self.stop()
        self.assertEqual((ledger["accepted"], ledger["rejected"]), (COUNT, 1))
        self.assertEqual(sorted(numbers_in(self.path("out"))), list(range(COUNT)))
        [row] = [row for row in ledger["inputs"] if row["endpoint"] == "unix://" + path]
        self.assertEqual((row["frames"], row["connections"], row["refused_connections"],
                          row["cut_lines"]), (COUNT // 2 + 1, 1, 0, 0))
        self.assertFalse(os.path.exists(path))

    def test_writes_files_by_logger_and_day(self):
        self.write(f"""
[output.files]
type = "file"
path = "{self.path('logs')}/%{{Logger}}/%Y-%m-%d.log"
encoder = {{ type = "text", field = "payload", prefix_timestamps = true }}
permissions = "600"
rotate_size = "64KiB"
""")
        self.start()
        self.send(logger=lambda number: ["shop", "../../x"][number % 2],
                  payload=lambda number: f"line {number}\nforged")
        ledger = self.stop()
        self.assertEqual(ledger["outputs"][0]["written"], COUNT)
        for folder, first in ("shop", 0), ("_._.._x", 1):
            path = self.path(f"logs/{folder}/2026-01-02.log")
            with open(path, encoding="utf-8") as file:
                self.assertEqual(file.read().splitlines(),
                                 [f"2026-01-02T03:04:05.000006Z line {number}\\nforged"
                                  for number in range(first, COUNT, 2)])
            self.assertEqual(os.stat(path).st_mode & 0o777, 0o600)

    def test_sends_syslog_and_lines_over_tcp(self):
        syslog, lines = self.listener(), self.listener()
        self.write(f"""
[output.syslog]
address = "tcp://127.0.0.1:{syslog.getsockname()[1]}"
hold = "60s"
encoder = {{ type = "rfc5424", facility = "local3", app_name = "shop" }}
[output.tcp]
address = "127.0.0.1:{lines.getsockname()[1]}"
hold = "60s"
""")
        got_syslog, syslog_thread = self.read_all(syslog)
        got_lines, lines_thread = self.read_all(lines)
        self.start()
        self.send(payload="hello")
        for output in self.stop()["outputs"]:
            self.assertEqual(output["written"], COUNT)
        syslog_thread.join(MAX_S)
        lines_thread.join(MAX_S)
        self.assertEqual([json.loads(line)["fields"]["number"] for line in got_lines.splitlines()],
                         list(range(COUNT)))
        for number in range(COUNT):
            length, _, rest = got_syslog.partition(b" ")
            text, got_syslog = bytes(rest[:int(length)]), rest[int(length):]
            self.assertEqual(text.decode(), "<158>1 2026-01-02T03:04:05.000006Z h shop 1 t "
                                            f'[metlog@32473 number="{number}"] hello')
        self.assertEqual(got_syslog, b"")

    def test_packs_metrics_for_a_reader_of_statsd(self):
        reader = socket.socket(type=socket.SOCK_DGRAM)
        self.addCleanup(reader.close)
        reader.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4 << 20)
        reader.bind(("127.0.0.1", 0))
        reader.settimeout(MAX_S)
        self.write(f"""
[output.statsd]
address = "127.0.0.1:{reader.getsockname()[1]}"
encoder = {{ type = "statsd", prefix = "prod.", namespace = "logger", tags = ["Hostname"] }}
""")
        self.start()
        self.send(type=lambda number: ["counter", "timer", "oldstyle"][number % 3],
                  payload=lambda number: str(number),
                  fields=lambda number: {"name": "n\n|x", "rate": 1e-7})
        [output] = self.stop()["outputs"]
        self.assertEqual((output["written"], output["not_matched"]), (COUNT * 2 // 3, COUNT // 3))
        metrics, datagrams = [], 0
        while len(metrics) < COUNT * 2 // 3:
            datagram = reader.recv(65536)
            self.assertLessEqual(len(datagram), 1432)
            metrics += datagram.decode().split("\n")
            datagrams += 1
        self.assertLess(datagrams, COUNT // 10)
        form = re.compile(r"prod\.shop\.n__x:(\d+)\.0\|(c|ms)\|@0\.0000001\|#Hostname:h")
        parts = [form.fullmatch(metric).groups() for metric in metrics]
        self.assertEqual([int(value) for value, _ in parts],
                         [number for number in range(COUNT) if number % 3 != 2])
        self.assertTrue(all(kind == ("c" if int(value) % 3 == 0 else "ms")
                            for value, kind in parts))

    def test_adds_up_what_statsd_clients_send(self):
        self.write('[input.statsd]\naddress = "127.0.0.1:0"\nemit_in_fields = true\n' +
                   self.file_output("sums"))
        self.start()
        [endpoint] = [each for each in self.endpoints if each.startswith("statsd")]
        self.peer.connect(("127.0.0.1", int(endpoint.rsplit(":", 1)[1])))
        for _ in range(COUNT):
            self.peer.send(b"shop.sold:2|c\nshop.took:10|ms\nbad")
        ledger = self.stop()
        [row] = [each for each in ledger["inputs"] if each["endpoint"] == endpoint]
        self.assertEqual((row["metrics"], row["bad_metrics"]), (2 * COUNT, COUNT))
        sold = took = 0
        with open(self.path("sums"), encoding="utf-8") as file:
            for line in file:
                fields = json.loads(line)["fields"]
                sold += fields.get("stats.counters.shop.sold.count", 0)
                took += fields.get("stats.timers.shop.took.count", 0)
        self.assertEqual((sold, took), (2 * COUNT, COUNT))

    def forward(self, scheme, options=""):
        """A router that forwards to this one; returns what sends to it, and what ends it."""
        self.write(self.file_output("central"))
        self.start()
        [target] = [each for each in self.endpoints if each.startswith(scheme)]
        ready = self.path("edge_ready")
        edge_ledger = self.path("edge_ledger")
        edge = subprocess.Popen(
            [Programs.metlogd, "--zmq", "none", "--udp", "127.0.0.1:0", "--handshake", "none",
             "--out", target + options, "--ready-file", ready, "--ledger-json", edge_ledger,
             "--quiet"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=environment())
        self.addCleanup(edge.wait)
        self.addCleanup(edge.kill)
        while not os.path.exists(ready):
            self.assertIsNone(edge.poll(), "the edge has ended")
            time.sleep(0.002)
        with open(ready, encoding="ascii") as file:
            self.peer.connect(("127.0.0.1", int(file.read().split()[0].rsplit(":", 1)[1])))

        def end():
            edge.send_signal(signal.SIGTERM)
            self.assertEqual(edge.wait(MAX_S), 0)
            with open(edge_ledger, encoding="utf-8") as file:
                return json.load(file)
        return end

    def test_forwards_by_zmq_and_udp_without_a_loss(self):
        for scheme, options in (("tcp:", ""), ("tcp:", "?batch=1"), ("udp:", ""),
                                ("udp:", "?batch=1")):
            with self.subTest(scheme=scheme, options=options):
                end = self.forward(scheme, options)
                for number in range(COUNT):
                    self.peer.send(message(number))
                    if number % 50 == 49:  # UDP has no flow control
                        self.wait_for_lines("central", number + 1)
                edge = end()
                ledger = self.stop()
                self.assertEqual(edge["outputs"][0]["written"], COUNT)
                self.assertEqual((ledger["received"], ledger["kernel_drops"]), (COUNT, 0))
                self.assertEqual(numbers_in(self.path("central")), list(range(COUNT)))
                if options:  # the numbers are those of the edge's stream
                    self.assertEqual(ledger["sequence"]["missing"], 0)
                for name in "central", "ready", "edge_ready", "ledger", "edge_ledger":
                    os.unlink(self.path(name))

    def test_says_what_is_wrong_with_an_endpoint(self):
        self.write("""
[output.files]
type = "file"
path = "/tmp/x/%{Loger}/f"
permissions = "999"
[output.rotated]
type = "file"
path = "/tmp/x/%{Logger}"
rotate_every = "24h"
[output.daily]
type = "file"
path = "/tmp/x/y.log"
rotate_size = "1MiB"
rotate_at = "3:00"
rotate_keep = 1
rotate_keep_for = "1m"
rotate_compress = "gzip"
header = "a\\nb"
[output.unrotated]
type = "file"
path = "/tmp/x/z.log"
rotate_compress = "gzip"
[output.syslog]
address = "http://x"
encoder = { type = "rfc5424", facility = "local9", sd_id = "x" }
[output.tcp]
address = "127.0.0.1:99999"
[output.text]
type = "stdout"
encoder = { type = "text", field = "nope" }
[output.statsd]
address = "nowhere"
encoder = { type = "statsd", prefix = "a|b" }
[input.statsd]
address = "127.0.0.1:0"
percent_threshold = [90, 101]
emit_in_payload = false
""")
        done = metlogd("--check", self.file)
        self.assertEqual(done.returncode, 2)
        keys = re.findall(r"^[^ ]+:\d+:\d+: ([\w.]+): ", done.stderr, re.MULTILINE)
        self.assertEqual(sorted(keys), sorted([
            "output.files.path", "output.files.permissions", "output.rotated.path",
            "output.daily.rotate_at", "output.daily.rotate_keep_for", "output.daily.header",
            "output.daily.rotate_compress", "output.unrotated.rotate_compress",
            "output.syslog.address", "output.syslog.encoder.facility",
            "output.syslog.encoder.sd_id", "output.tcp.address", "output.text.encoder.field",
            "output.statsd.address", "output.statsd.encoder.prefix",
            "input.statsd.percent_threshold", "input.statsd.emit_in_payload"]), done.stderr)


if __name__ == "__main__":
    main()
