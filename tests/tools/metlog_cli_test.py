"""metlog send and metlog flood, end to end: real processes, a real router."""

import json
import signal
import socket
import subprocess
import sys

from programs import (ENVELOPE_KEYS, MAX_S, ProgramTest, Programs, environment, main, metlog,
                      read_messages)


def closed_port():
    """Returns a UDP socket whose port is closed to others, and which no other program can have: a
    socket that is connected takes nothing from anybody else."""
    closed = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    closed.bind(("127.0.0.1", 0))
    closed.connect(("127.0.0.1", 9))
    return closed


class Send(ProgramTest):
    def send_and_read(self, url_of):
        router = self.start_router()
        done = metlog("send", "--to", url_of(router), "--type", "deploy", "--severity", "notice",
                      "--logger", "shop", "--payload", "a \"b\"\n\u00fc", "--field", "version=1.40",
                      "--field", "took:=12.5", "--field", "n:=-3", "--field", "ok:=true",
                      "--field", "none:=null", "--field", "empty=", "--field", "x=y=z")
        self.assert_silent_success(done)
        router.wait_for(1)
        self.assert_conserved(router.stop())
        [message] = router.messages()
        self.assertEqual(set(message), ENVELOPE_KEYS)
        self.assertEqual(
            {key: message[key] for key in ("type", "severity", "logger", "payload", "fields")},
            {"type": "deploy", "severity": 5, "logger": "shop", "payload": "a \"b\"\n\u00fc",
             "fields": {"version": "1.40", "took": 12.5, "n": -3, "ok": True, "none": None,
                        "empty": "", "x": "y=z"}})
        self.assertIs(message["fields"]["ok"], True)

    def test_reaches_the_file_over_zmq_as_exactly_that_message(self):
        self.send_and_read(lambda router: router.zmq)

    def test_reaches_the_file_over_udp_as_exactly_that_message(self):
        self.send_and_read(lambda router: router.udp)

    def test_says_where_the_messages_are(self):
        router = self.start_router()
        for url in (router.zmq, router.udp, "file://" + self.path("x")):
            done = metlog("send", "--to", url, "--type", "t", "--verbose")
            self.assertEqual(done.returncode, 0)
            self.assertIn("the kernel has them, and no answer confirms", done.stderr)

    def test_counts_what_a_closed_udp_port_refuses(self):
        lines = b"".join(b"%d\n" % i for i in range(10))
        with closed_port() as closed:
            url = f"udp://127.0.0.1:{closed.getsockname()[1]}"
            done = metlog("send", "--to", url, "--type", "t", "--stdin", "--verbose", stdin=lines)
        self.assertEqual(done.returncode, 1)
        self.assertIn("10 of 10 messages", done.stderr)
        self.assertIn("refused 10", done.stderr)
        self.assertNotIn("kernel has them", done.stderr)

    def test_asks_first_whether_the_router_is_there(self):
        router = self.start_router("--handshake", "tcp://127.0.0.1:*")
        [asked] = [endpoint.removeprefix("handshake+") for endpoint in router.handshakes]
        done = metlog("send", "--to", f"{router.zmq}?handshake={asked}", "--type", "t")
        self.assert_silent_success(done)
        router.wait_for(1)
        ledger = router.stop()
        self.assert_conserved(ledger)
        self.assertGreaterEqual(ledger["inputs"][2]["handshakes"], 1)

    def test_loses_visibly_what_no_router_answered_for(self):
        router = self.start_router()
        self.assertEqual(router.handshakes, [], "with --zmq it does not answer handshakes")
        url = f"{router.zmq}?handshake=ipc://{self.path('absent')}&handshake_timeout=50"
        done = metlog("send", "--to", url + "&unsent_stderr=1", "--type", "t")
        self.assertEqual(done.returncode, 1)
        self.assertIn('"type":"t"', done.stderr)
        self.assertIn("no_receiver 1", done.stderr)

    def test_reaches_every_router_of_a_list(self):
        routers = [self.start_router(name=name) for name in ("one", "two")]
        url = f"{routers[0].zmq}?also={routers[1].zmq}&hold_ms=60000"
        self.assert_silent_success(metlog("send", "--to", url, "--type", "t", "--payload", "x"))
        for router in routers:
            router.wait_for(1)
            self.assert_conserved(router.stop())
            self.assertEqual([message["payload"] for message in router.messages()], ["x"])

    def test_makes_a_message_of_each_line(self):
        router = self.start_router()
        done = metlog("send", "--to", router.zmq, "--type", "line", "--stdin",
                      stdin=b"first\n\n\xff\xfe\nlast")
        self.assert_silent_success(done)
        router.wait_for(4)
        self.assert_conserved(router.stop())
        self.assertEqual([message["payload"] for message in router.messages()],
                         ["first", "", "\ufffd\ufffd", "last"])

    def test_counts_a_line_that_is_too_big_and_sends_its_neighbours(self):
        done = metlog("send", "--to", "file://" + self.path("x"), "--type", "t", "--stdin",
                      stdin=b"before\n" + b"x" * 3_000_000 + b"\nafter\n")
        self.assertEqual(done.returncode, 1)
        self.assertIn("1 of 3 messages", done.stderr)
        self.assertIn("too_big 1", done.stderr)
        payloads = [m["payload"] for m in read_messages(self.path("x")) if m["type"] == "t"]
        self.assertEqual(payloads, ["before", "after"])

    def test_says_how_many_had_no_receiver_and_why(self):
        with socket.socket() as taken:  # bound but not listening, so no other program can listen there
            taken.bind(("127.0.0.1", 0))
            url = f"tcp://127.0.0.1:{taken.getsockname()[1]}?hold_ms=50"
            done = metlog("send", "--to", url, "--type", "t", "--stdin", stdin=b"1\n2\n3\n")
        self.assertEqual((done.returncode, done.stdout), (1, ""))
        self.assertIn("3 of 3 messages", done.stderr)
        self.assertIn("no_receiver 3", done.stderr)

    def test_reports_what_it_did_when_asked(self):
        done = metlog("send", "--to", "null:", "--type", "t", "--verbose")
        self.assertEqual((done.returncode, done.stderr),
                         (0, "metlog: sent 1 to null:; no answer confirms that they arrive\n"))


class Names(ProgramTest):
    """A host with several addresses, of which only one has a router."""

    HOSTS = "::1 localhost\n127.0.0.1 localhost\n"

    def in_hosts(self, *command):
        """Runs metlog where /etc/hosts names IPv6 first."""
        hosts = self.path("hosts")
        with open(hosts, "w", encoding="ascii") as file:
            file.write(self.HOSTS)
        script = 'mount --bind "$0" /etc/hosts && exec "$@"'
        return subprocess.run(
            ["unshare", "--mount", "--propagation", "private", "sh", "-c", script, hosts, *command],
            capture_output=True, text=True, timeout=MAX_S, env=environment())

    def setUp(self):
        super().setUp()
        known = self.in_hosts("getent", "ahosts", "localhost")
        if known.returncode != 0 or "::1" not in known.stdout or "127.0.0.1" not in known.stdout:
            self.skipTest("may not give localhost two addresses: " + known.stderr)

    def send_to_name(self, url, *options):
        name = url.replace("127.0.0.1", "localhost")
        done = self.in_hosts(Programs.metlog, "send", "--to", name + "".join(options),
                             "--type", "t", "--payload", "x", "--wait", "30")
        self.assertEqual((done.returncode, done.stdout, done.stderr), (0, "", ""))

    def test_the_next_address_is_tried_over_udp_and_zmq(self):
        router = self.start_router("--handshake", "tcp://127.0.0.1:*")
        [handshake] = [url.removeprefix("handshake+").replace("127.0.0.1", "localhost")
                       for url in router.handshakes]
        self.send_to_name(router.udp)
        self.send_to_name(router.udp, "?batch=1")
        self.send_to_name(router.zmq, "?hold_ms=30000")
        self.send_to_name(router.zmq, f"?hold_ms=30000&handshake={handshake}",
                          "&handshake_timeout=30000")
        router.wait_for(4)
        self.assert_conserved(router.stop())
        self.assertEqual([message["payload"] for message in router.messages()], ["x"] * 4)

    def test_a_closed_port_at_every_address_is_a_loss(self):
        with closed_port() as closed:
            port = closed.getsockname()[1]
            done = self.in_hosts(Programs.metlog, "send", "--to", f"udp://localhost:{port}",
                                 "--type", "t", "--payload", "x")
        self.assertEqual(done.returncode, 1)
        self.assertIn("refused 1", done.stderr)

    def test_a_router_listens_at_all_addresses_of_a_name(self):
        script = """
import json, os, signal, socket, subprocess, sys
metlogd, directory = sys.argv[1:3]
ready, ledger = (os.path.join(directory, name) for name in ("ready", "ledger.json"))
router = subprocess.Popen([metlogd, "--zmq", "tcp://localhost:*", "--udp", "localhost:0", "--out",
                           "none", "--ready-file", ready, "--ledger-json", ledger,
                           "--interval", "0.1"], stdout=subprocess.PIPE,
                          stderr=subprocess.DEVNULL, text=True)
for line in router.stdout:
    if line.startswith("received"):
        break
urls = open(ready).read().split()
for url in urls:
    if url.startswith("udp:"):
        host, port = url.removeprefix("udp://").rsplit(":", 1)
        family = socket.AF_INET6 if "[" in host else socket.AF_INET
        socket.socket(family, socket.SOCK_DGRAM).sendto(b"x", (host.strip("[]"), int(port)))
for line in router.stdout:
    if line.startswith("received 2"):
        break
router.send_signal(signal.SIGTERM)
router.communicate()
print(json.dumps(urls))
"""
        done = self.in_hosts(sys.executable, "-c", script, Programs.metlogd, self.directory)
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        udp = [url for url in json.loads(done.stdout) if url.startswith("udp:")]
        self.assertEqual({url.rsplit(":", 1)[0] for url in udp}, {"udp://[::1]", "udp://127.0.0.1"})
        self.assertEqual(len({url.rsplit(":", 1)[1] for url in udp}), 1, "one port")


class Flood(ProgramTest):
    def assert_adds_up(self, summary):
        self.assertEqual(summary["unexplained"], 0)
        self.assertEqual(summary["pending"], 0)
        self.assertEqual(summary["emitted"], summary["sent"] + summary["lost"])
        self.assertEqual(summary["lost"], sum(summary["lost_by_reason"].values()))

    def test_agrees_with_the_router_and_the_file(self):
        count = 200_000
        router = self.start_router()
        done = metlog("flood", "--to", router.zmq, "--threads", "2", "--count", str(count),
                      "--size", "40", "--wait", "60", "--quiet", "--json")
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        summary = json.loads(done.stdout)
        self.assert_adds_up(summary)
        self.assertEqual((summary["emitted"], summary["lost"]), (count, 0))
        self.assertEqual((summary["confirmed"], summary["handover"]), (False, "kernel"))
        router.wait_for(summary["sent"] + summary["engine_messages"])
        ledger = router.stop()
        self.assert_conserved(ledger)
        self.assertEqual(ledger["accepted"] - ledger["engine_messages"], summary["sent"])
        messages = router.messages()
        self.assertEqual(len(messages), ledger["accepted"])
        self.assertEqual({(m["type"], m["logger"], m["payload"]) for m in messages},
                         {("MBTEST", "mb", "MBTEST".ljust(40, "."))})

    def test_tells_in_the_stream_what_the_drop_policy_lost(self):
        file = self.path("x")
        done = metlog("flood", "--to", "file://" + file, "--policy", "drop", "--threads", "2",
                      "--count", "400000", "--size", "400", "--wait", "60", "--quiet", "--json")
        self.assertEqual(done.returncode, 0)
        summary = json.loads(done.stdout)
        self.assert_adds_up(summary)
        self.assertEqual(summary["emitted"], 400_000)
        self.assertGreater(summary["lost_by_reason"]["ring_full"], 0)
        messages = read_messages(file)
        losses = [m["fields"] for m in messages if m["type"] == "metlog.loss"]
        self.assertEqual(len(messages) - len(losses), summary["sent"])
        self.assertEqual(len(losses), summary["engine_messages"])
        self.assertEqual(sum(l["count"] for l in losses if l["reason"] == "ring_full"),
                         summary["lost_by_reason"]["ring_full"])

    def test_says_when_it_could_not_hold_the_rate(self):
        done = metlog("flood", "--to", "null:", "--rate", "1000000000", "--count", "100000",
                      "--quiet")
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        self.assertIn("could not hold the rate: 1,000,000,000/s asked", done.stdout)
        self.assertRegex(done.stdout, r"unexplained +0\n")

    def test_holds_a_rate_and_says_nothing_about_it(self):
        done = metlog("flood", "--to", "null:", "--rate", "200", "--count", "20", "--quiet")
        self.assertEqual(done.returncode, 0)
        self.assertRegex(done.stdout, r"emitted +20 ")

    def test_ends_at_ctrl_c_with_its_summary(self):
        flood = self.start_metlog("flood", "--to", "stdout:", "--quiet", "--json", "--wait", "60")
        first = flood.stdout.read(1)
        flood.send_signal(signal.SIGINT)
        output, errors = flood.communicate(timeout=MAX_S)
        self.assertEqual((flood.returncode, errors), (0, b""))
        *messages, summary = (json.loads(line) for line in (first + output).splitlines())
        self.assert_adds_up(summary)
        self.assertEqual(len(messages), summary["sent"] + summary["engine_messages"])


class Usage(ProgramTest):
    def assert_refused(self, arguments, *texts):
        done = metlog(*arguments)
        with self.subTest(arguments=arguments):
            self.assertEqual((done.returncode, done.stdout), (2, ""))
            for text in ("metlog: ", *texts):
                self.assertIn(text, done.stderr)

    def test_names_the_value_at_fault_and_the_next_step(self):
        send = ["send", "--to", "null:", "--type", "t"]
        flood = ["flood", "--to", "null:"]
        self.assert_refused([], "metlog --help")
        self.assert_refused(["sned"], '"sned"', "recover, reload, status or keygen")
        self.assert_refused(["send", "--to", "null:"], "--type", "metlog send --help")
        self.assert_refused([*send, "--bogus"], "--bogus", "metlog send --help")
        self.assert_refused([*send, "--severity", "loud"], '"loud"', "0 to 7")
        self.assert_refused([*send, "--severity", "8"], '"8"', "0 to 7")
        self.assert_refused([*send, "--field", "novalue"], '"novalue"', "key=text")
        self.assert_refused([*send, "--field", "=v"], '"=v"', "key is missing")
        self.assert_refused([*send, "--field", "k:=[1]"], '"[1]"', "write k=[1]")
        self.assert_refused([*send, "--field", "k:=01"], '"01"', "write k=01")
        self.assert_refused([*send, "--field", "k=1", "--field", "k:=2"], "k:=2", "twice")
        self.assert_refused([*send, "--wait", "-1"], "--wait", "-1")
        self.assert_refused([*send, "--payload", "p", "--stdin"], "--payload", "--stdin")
        self.assert_refused(["send", "--to", "htp://h:1", "--type", "t"], "'htp'", "tcp:")
        self.assert_refused(["send", "--to", "tcp://h:99999", "--type", "t"], "99999", "65535")
        self.assert_refused(["send", "--to", "file:///no/such/x", "--type", "t"], "/no/such/x")
        self.assert_refused([*flood, "--rate", "abc"], "--rate", '"abc"', "from 1 to 1000000000")
        self.assert_refused([*flood, "--threads", "0"], "--threads", "0")
        self.assert_refused([*flood, "--policy", "wait"], '"wait"', "block, drop or grow")
        self.assert_refused(["tail", "http://h/x"], "http://h/x", "tcp://HOST:PORT")
        self.assert_refused(["tail", "tcp://0.0.0.0:0"], "tcp://0.0.0.0:0", "--allow-remote")
        self.assert_refused(["tail", "udp://127.0.0.1:x"], "'x'", "127.0.0.1:5565")
        self.assert_refused(["tail", "/no/such/x", "--no-follow"], "/no/such/x", "metlogd")
        self.assert_refused(["tail", self.directory], self.directory, "JSON lines")
        self.assert_refused(["tail", "--color", "red"], '"red"', "never")

    def test_a_time_that_is_no_number_is_refused(self):
        flood = ["flood", "--to", "null:", "--count", "1"]
        for text in ("nan", "-nan", "NAN(1)", "inf", "-1", "1e99", "1x"):
            self.assert_refused([*flood, f"--seconds={text}"], "--seconds", f'"{text}"',
                                "is not a number from 0.001 to 1000000")
            self.assert_refused([*flood, f"--wait={text}"], "--wait", f'"{text}"',
                                "is not a number from 0 to 3600")
            self.assert_refused(["send", "--to", "null:", "--type", "t", f"--wait={text}"],
                                "--wait", f'"{text}"')
        self.assert_refused(["tune", "--budget", "nan"], '"nan"', "1s to 24h")

    def test_a_closed_descriptor_is_no_destination(self):
        for fd, url in ((1, "stdout:"), (2, "stderr:")):
            with self.subTest(url):
                done = subprocess.run(
                    ["sh", "-c", f'"$0" send --to {url} --type x {fd}>&-', Programs.metlog],
                    capture_output=True, timeout=MAX_S, env=environment(), check=False)
                self.assertEqual(done.returncode, 2)
                self.assertEqual(done.stdout, b"")
                if fd == 1:
                    self.assertIn(b"descriptor 1 is closed", done.stderr)

    def test_help_teaches_with_examples(self):
        for command in ([], ["send"], ["tail"], ["flood"]):
            done = metlog(*command, "--help")
            self.assertEqual((done.returncode, done.stderr), (0, ""))
            self.assertIn("metlog send" if not command else "Examples:", done.stdout)

    def test_says_that_the_help_could_not_be_printed(self):
        for given in (["--help"], ["--version"], ["send", "--help"], ["tune", "--help"]):
            with open("/dev/full", "w", encoding="utf-8") as full:
                done = subprocess.run([Programs.metlog, *given], stdout=full,
                                      stderr=subprocess.PIPE, timeout=MAX_S, check=False)
            self.assertEqual(done.returncode, 1, given)
            self.assertEqual(done.stderr, b"metlog: cannot write the standard output: "
                                          b"No space left on device\n")

    def test_prints_its_version(self):
        self.assertRegex(metlog("--version").stdout, r"^metlog \d+\.\d+\.\d+\n$")


if __name__ == "__main__":
    main()
