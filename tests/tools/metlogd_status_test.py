"""What a running metlogd shows over HTTP, end to end."""

import html
import http.client
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import time
import unittest

import exposition
from configured import Configured, message, metlogd
from programs import MAX_S, Programs, environment, main, metlog

PROMETHEUS = """[output.shop]
type = "prometheus"
buckets = [0.01, 0.1]
labels = ["Logger", "user"]
max_series = 3
"""


def metric(kind, name, value, logger="shop", **fields):
    return message(0, type=kind, logger=logger, payload=value, fields={"name": name, **fields})


class Shown(Configured):
    """A metlogd with a status server."""

    def write(self, text, process='http = "127.0.0.1:0"'):
        super().write(text)
        with open(self.file, encoding="utf-8") as file:
            whole = file.read().replace("[metlogd]\n", f"[metlogd]\n{process}\n")
        with open(self.file, "w", encoding="utf-8") as file:
            file.write(whole)

    def start(self, *options):
        super().start(*options)
        [url] = [each for each in self.endpoints if each.startswith("http:")]
        self.address = url.removeprefix("http://")

    def get(self, path, **options):
        """Asks again when the router was too slow to answer, as it may be on a busy machine."""
        while (answer := self.get_once(path, **options)).text == "the router does not answer\n":
            pass
        return answer

    def get_once(self, path, host=None, method="GET", headers=()):
        connection = http.client.HTTPConnection(self.address, timeout=MAX_S)
        self.addCleanup(connection.close)
        connection.request(method, path, headers={**({"Host": host} if host else {}),
                                                  **dict(headers)})
        answer = connection.getresponse()
        answer.text = answer.read().decode()
        return answer

    def status(self):
        return json.loads(self.get("/status.json").text)

    def wait_for(self, is_wanted):
        """Waits until the status is as is wanted; returns it."""
        while not is_wanted(status := self.status()):
            self.assertIsNone(self.process.poll(), "metlogd has ended")
            time.sleep(0.01)
        return status

    def send(self, *texts):
        for text in texts:
            self.peer.send(text)

    def check_metrics(self, text):
        families = exposition.parse(text)
        self.assertEqual(exposition.check_with_promtool(text), "")
        return families


class Status(Shown):
    def test_shows_the_counts_of_the_ledger(self):
        self.write(self.file_output("all") + self.file_output("errors",
                                                              'message_matcher = "Severity <= 3"'))
        self.start()
        self.send(*(message(i, severity=3 if i % 4 == 0 else 6) for i in range(40)), b"{", b"no")
        status = self.wait_for(lambda status: status["ledger"]["received"] == 42 and all(
            each["pending"] == 0 for each in status["ledger"]["outputs"]))
        answer = self.get("/metrics")
        self.assertEqual(answer.getheader("Content-Type"),
                         "text/plain; version=0.0.4; charset=utf-8")
        metrics = self.check_metrics(answer.text)
        history = json.loads(self.get("/history.json").text)
        self.assertEqual(self.get("/health").status, 200)
        ledger = self.stop()
        for key in "received", "accepted", "rejected", "rejected_by_reason", "lost":
            self.assertEqual(status["ledger"][key], ledger[key])
        outputs = {each["name"]: each for each in ledger["outputs"]}
        self.assertEqual({each["name"]: each["written"] for each in status["ledger"]["outputs"]},
                         {name: each["written"] for name, each in outputs.items()})
        self.assertEqual(outputs["errors"]["written"], 10)
        value = exposition.value
        self.assertEqual(value(metrics, "metlogd_received_messages_total"), 42)
        for reason, count in ledger["rejected_by_reason"].items():
            self.assertEqual(value(metrics, "metlogd_rejected_messages_total", reason=reason),
                             count)
        for name, each in outputs.items():
            for key, metric in (("routed", "routed"), ("written", "written"),
                                ("acknowledged", "acknowledged")):
                self.assertEqual(each[key], value(
                    metrics, f"metlogd_output_{metric}_messages_total", output=name))
        self.assertEqual({(row["where"], row["why"]): row["count"] for row in status["losses"]},
                         {("rejected", reason): count
                          for reason, count in ledger["rejected_by_reason"].items()})
        for row in status["losses"]:
            self.assertRegex(row["since"], r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$")
        self.assertEqual(history["columns"],
                         ["time_ms", "received", "written", "rejected", "lost"])

    def test_says_what_fails_and_why(self):
        self.write('[output.far]\ntype = "tcp"\naddress = "127.0.0.1:9"\nhold = "0s"\n')
        self.start()
        self.send(*(message(i) for i in range(5)))
        status = self.wait_for(lambda status: status["ledger"]["lost"] == 5)
        [row] = status["losses"]
        self.assertEqual((row["where"], row["why"], row["count"]),
                         ("output far", "no_receiver", 5))
        self.assertEqual(row["detail"], "cannot connect: Connection refused")
        [output] = status["ledger"]["outputs"]
        self.assertEqual(output["last_error"], row["detail"])
        health = self.get("/health")
        self.assertEqual(health.status, 503)
        [failing] = json.loads(health.text)["failing"][:1]
        self.assertEqual((failing["where"], failing["detail"]), ("output far", row["detail"]))
        self.check_metrics(self.get("/metrics").text)
        self.process.send_signal(signal.SIGTERM)
        self.process.wait(MAX_S)

    def test_escapes_what_a_configuration_or_a_peer_chose(self):
        self.write(self.file_output('"a \\"b\\\\ \\n{}"').replace(
            f'path = "{self.path("")}', f"path = '{self.path('x')}\"}} 7'\n#"))
        self.start()
        self.send(message(1, logger='x"}\n<script>\\', type="\u2028"))
        self.wait_for(lambda status: status["ledger"]["accepted"] == 1)
        metrics = self.check_metrics(self.get("/metrics").text)
        self.assertEqual(len(metrics["metlogd_output_written_messages_total"].samples), 1)
        [row] = self.status()["traffic"]
        self.assertEqual((row["type"], row["logger"]), ("\u2028", 'x"}\n<script>\\'))
        self.stop()

    def test_answers_to_no_other_name_method_or_path(self):
        self.write(self.file_output("all"))
        self.start()
        self.assertEqual(self.get("/health", host="evil.example").status, 403)
        for host in "localhost:1", "127.0.0.1", "[::1]:80":
            self.assertEqual(self.get("/health", host=host).status, 200)
        self.assertEqual(self.get("/none").status, 404)
        self.assertEqual(self.get("/health", method="POST").status, 405)
        head = self.get("/status.json", method="HEAD")
        self.assertEqual((head.status, head.text), (200, ""))
        whole = self.get("/status.json", headers={"Range": "bytes=0-0,0-0,0-0"})
        self.assertEqual(whole.status, 200)
        self.stop()

    def test_hostile_peers_delay_neither_routing_nor_others_for_long(self):
        self.write(self.file_output("all"))
        self.start()
        host, port = self.address.rsplit(":", 1)
        peers = []
        for i in range(200):
            peer = socket.create_connection((host, int(port)))
            self.addCleanup(peer.close)
            peer.sendall([b"", b"GET /status.json HTTP/1.1\r\nX: ", b"\0\xff" * 100][i % 3])
            peers.append(peer)
        endless = socket.create_connection((host, int(port)))
        self.addCleanup(endless.close)
        try:
            for _ in range(2000):
                endless.sendall(b"GET / HTTP/1.1\r\n" + b"a: b\r\n" * 1000)
        except OSError:
            pass
        self.send(*(message(i) for i in range(100)))
        self.wait_for_lines("all", 100)
        for peer in peers:
            peer.close()
        while True:
            try:
                status = self.status()
                break
            except (OSError, http.client.HTTPException):  # closed at once, while those before it still wait
                self.assertIsNone(self.process.poll(), "metlogd has ended")
        self.assertEqual(status["ledger"]["accepted"], 100)
        self.stop()

    def test_listens_on_this_machine_only_unless_told(self):
        self.write(self.file_output("all"), process='http = "0.0.0.0:0"')
        done = metlogd("--check", self.file)
        self.assertEqual(done.returncode, 2)
        self.assertIn("allow_remote", done.stderr)
        self.write(self.file_output("all"), process='http = "0.0.0.0:0"\nallow_remote = true')
        self.start()
        self.address = self.address.replace("0.0.0.0", "127.0.0.1")
        self.assertEqual(self.get("/health", host="router.example").status, 200)
        self.stop()

    def test_refuses_an_address_that_is_in_use(self):
        self.write(self.file_output("all"))
        self.start()
        done = subprocess.run([Programs.metlogd, "--config", self.file, "--http", self.address,
                               "--pid-file", self.path("other")],
                              capture_output=True, text=True, timeout=MAX_S, check=False,
                              env=environment())
        self.assertEqual(done.returncode, 2)
        self.assertIn("Address already in use", done.stderr)
        self.stop()

    def test_the_command_says_what_was_lost_where_why_and_since_when(self):
        self.write('[output.far]\ntype = "tcp"\naddress = "127.0.0.1:9"\nhold = "0s"\n')
        self.start()
        good = metlog("status", "--http", self.address)
        self.assertEqual((good.returncode, good.stderr), (0, ""))
        self.assertIn("nothing was lost", good.stdout)
        self.send(*(message(i) for i in range(3)))
        self.wait_for(lambda status: status["ledger"]["lost"] == 3)
        done = metlog("status", "--pid-file", self.path("pid"))
        self.assertEqual((done.returncode, done.stderr), (1, ""))
        self.assertRegex(done.stdout, r"(?m)^ +3  output far  no_receiver  \d\d:\d\d:\d\d  "
                                      r"\d\d:\d\d:\d\d  cannot connect: Connection refused$")
        as_json = metlog("status", "--pid-file", self.path("pid"), "--json")
        self.assertEqual(json.loads(as_json.stdout)["ledger"]["lost"], 3)
        self.process.send_signal(signal.SIGTERM)
        self.process.wait(MAX_S)
        for arguments in (["--http", self.address], ["--pid-file", self.path("pid")],
                          ["--http", "a b"]):
            gone = metlog("status", *arguments)
            self.assertEqual((gone.returncode, gone.stdout), (2, ""), arguments)

    def test_the_command_takes_no_nonsense_from_what_answers(self):
        listener = socket.create_server(("127.0.0.1", 0))
        self.addCleanup(listener.close)
        address = "127.0.0.1:%d" % listener.getsockname()[1]
        for answer, code in ((b"SSH-2.0-x\r\n", 2), (b"HTTP/1.\r\n\r\n", 2),
                             (b"HTTP/1.1 200 OK\r\n\r\n{}", 1),
                             (b"HTTP/1.1 200 OK\r\n\r\n{\"losses\":3,\"ledger\":[]}", 1),
                             (b"HTTP/1.1 500 No\r\n\r\n\x1b[2J", 1)):
            child = self.start_metlog("status", "--http", address)
            peer, _ = listener.accept()
            while b"\r\n\r\n" not in peer.recv(4096):
                pass
            peer.sendall(answer)
            peer.close()
            out, err = child.communicate(timeout=MAX_S)
            self.assertEqual(child.returncode, code, (answer, out, err))
            self.assertNotIn(b"\x1b", out + err)

    def test_a_router_without_it_listens_nowhere(self):
        self.write(self.file_output("all"), process="")
        Configured.start(self)
        self.assertEqual([each for each in self.endpoints if each.startswith("http")], [])
        names = []
        for task in os.listdir(f"/proc/{self.process.pid}/task"):
            with open(f"/proc/{self.process.pid}/task/{task}/comm", encoding="utf-8") as file:
                names.append(file.read().strip())
        self.assertEqual([name for name in names if name.startswith("metlogd-")], [])
        self.stop()


class Prometheus(Shown):
    def test_shows_counters_and_timers_and_says_what_had_no_room(self):
        self.write(PROMETHEUS + self.file_output("all"))
        self.start()
        self.send(metric("counter", "http.hits", "2"), metric("counter", "http.hits", "1"),
                  metric("counter", "http.hits", "1", user='a"\\\n', rate=0.5),
                  metric("timer", "db", "5"), metric("timer", "db", "100"),
                  metric("timer", "db", "101"),
                  metric("counter", "one_too_many", "1"), message(1),
                  metric("counter", "http.hits", "-1"), metric("timer", "db", "nan"),
                  metric("counter", "http.hits", "none"))
        status = self.wait_for(lambda status: status["ledger"]["received"] == 11 and all(
            each["pending"] == 0 for each in status["ledger"]["outputs"]))
        families = self.check_metrics(self.get("/metrics/shop").text)
        self.assertEqual(self.get("/metrics/all").status, 404)
        value = exposition.value
        self.assertEqual(sorted(families), ["db_seconds", "http_hits_total"])
        self.assertEqual(value(families, "http_hits_total", logger="shop", user=""), 3)
        self.assertEqual(value(families, "http_hits_total", user='a\\"\\\\\\n'), 2)
        self.assertEqual([value(families, "db_seconds", "_bucket", le=le)
                          for le in ("0.01", "0.1", "+Inf")], [1, 2, 3])
        self.assertAlmostEqual(value(families, "db_seconds", "_sum"), 0.206)
        [metrics] = status["metrics"]
        self.assertEqual({(row["name"], row["labels"]): row["count"] for row in metrics["rows"]},
                         {("http.hits", "logger=shop, user="): 3, ("db", "logger=shop, user="): 3,
                          ("http.hits", 'logger=shop, user=a"\\\n'): 2})
        [row] = [row for row in status["losses"] if row["why"] == "refused"]
        self.assertEqual((row["where"], row["count"]), ("output shop", 1))
        self.assertIn("max_series", row["detail"])
        [shop] = [each for each in self.stop()["outputs"] if each["name"] == "shop"]
        self.assertEqual(shop["lost_by_reason"], {"refused": 1, "formatter_failed": 3})
        self.assertEqual((shop["written"], shop["not_matched"]), (6, 1))

    def test_refuses_what_cannot_be_shown(self):
        for line, why in (("buckets = [1, 1]", "does not rise"), ("buckets = []", "holds no number"),
                          ('buckets = ["a"]', "is not a number"),
                          ('labels = ["a.b", "a_b"]', "twice"), ('prefix = "Shop!"', '"shop"'),
                          ("max_series = 0", "out of its range"), ('encoder = "json"', "no effect")):
            self.write(f'[output.p]\ntype = "prometheus"\n{line}\n')
            done = metlogd("--check", self.file)
            self.assertEqual((done.returncode, done.stderr.count("\n")), (2, 1), done.stderr)
            self.assertIn(why, done.stderr)


class Page(Shown):
    def test_is_one_small_document_that_loads_nothing(self):
        self.write(self.file_output("all"))
        self.start()
        page = self.get("/")
        self.assertEqual(page.getheader("Content-Type"), "text/html; charset=utf-8")
        self.assertLessEqual(len(page.text), 60 * 1024)
        self.assertNotRegex(page.text, r"https?:|<link|@import|url\(|\bsrc=|innerHTML = [^']")
        self.assertIn("default-src 'none'", page.text)
        self.stop()

    @unittest.skipUnless(shutil.which("chromium"), "there is no chromium")
    def test_shows_in_a_browser_what_was_lost_where_why_and_since_when(self):
        evil = "<img src=x onerror=document.title='taken'>"
        self.write(PROMETHEUS + '[output.far]\ntype = "tcp"\naddress = "127.0.0.1:9"\n'
                   'hold = "0s"\n' + self.file_output("all"))
        self.start()
        self.send(b"{", message(1, logger=evil, type=evil), metric("timer", evil, "5"))
        self.wait_for(lambda status: status["ledger"]["lost"] == 2
                      and json.loads(self.get("/history.json").text)["next"] >= 2)
        done = subprocess.run(
            ["chromium", "--headless", "--no-sandbox", "--disable-gpu", "--window-size=390,800",
             "--virtual-time-budget=4000", f"--user-data-dir={self.path('browser')}", "--dump-dom",
             f"http://{self.address}/"],
            capture_output=True, text=True, timeout=MAX_S, check=False)
        page = re.sub(r"<script.*?</script>", "", done.stdout, flags=re.S)
        for text in ("output far", "no_receiver", "cannot connect: Connection refused", "rejected",
                     "not_json", "<h2>Outputs</h2>", "<h2>Inputs</h2>",
                     'aria-label="Messages a second', html.escape(evil, quote=False)):
            self.assertIn(text, page)
        self.assertNotRegex(page, r"could not be drawn|has not answered|NaN|undefined|Infinity|<img")
        self.process.send_signal(signal.SIGTERM)
        self.process.wait(MAX_S)


if __name__ == "__main__":
    main()
