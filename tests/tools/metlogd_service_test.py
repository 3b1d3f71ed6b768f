"""metlogd as a service: what it tells its manager, its exit code, and the unit of systemd."""

import json
import os
import re
import shutil
import signal
import socket
import subprocess
import unittest

from configured import Configured, message, metlogd
from programs import MAX_S, Programs, environment, main, read_messages


class Service(Configured):
    def start_under(self, address, **variables):
        """Starts metlogd with a manager's socket, which hears what it says."""
        self.manager = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.addCleanup(self.manager.close)
        self.manager.settimeout(MAX_S)
        self.manager.bind(address.replace("@", "\0"))
        self.write(self.file_output("out"))
        self.process = subprocess.Popen(
            [Programs.metlogd, "--config", self.file], stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL, env=environment(NOTIFY_SOCKET=address, **variables))
        self.addCleanup(self.end)

    def hear(self):
        return self.manager.recv(4096).decode().split("\n")

    def hear_until(self, wanted):
        while wanted not in (lines := self.hear()):
            pass
        return lines

    def write_with(self, line):
        """Writes a configuration with a line more in [metlogd]."""
        self.write(self.file_output("out"))
        with open(self.file, encoding="utf-8") as file:
            text = file.read()
        with open(self.file, "w", encoding="utf-8") as file:
            file.write(text.replace("[metlogd]", "[metlogd]\n" + line, 1))

    def test_says_when_it_is_ready_reloads_and_stops(self):
        for address in self.path("notify"), f"@metlogd-{os.getpid()}":
            self.start_under(address)
            self.assertEqual(self.hear(), ["READY=1"])
            self.assertTrue(os.path.exists(self.path("ready")), "it listens")
            self.process.send_signal(signal.SIGHUP)
            self.hear_until("RELOADING=1")
            self.hear_until("READY=1")
            self.process.send_signal(signal.SIGTERM)
            self.hear_until("STOPPING=1")
            self.assertEqual(self.process.wait(MAX_S), 0)
            os.remove(self.path("ready"))

    def test_shows_that_it_is_alive_and_what_it_has_done(self):
        self.start_under(self.path("notify"), WATCHDOG_USEC="20000")
        self.hear_until("READY=1")
        self.peer = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.addCleanup(self.peer.close)
        self.connect()
        self.peer.send(message(1))
        self.peer.send(b"none")
        wanted = "STATUS=received 2, rejected 1, lost 0, kernel drops 0"
        self.assertIn("WATCHDOG=1", self.hear_until(wanted))
        self.stop()

    def test_leaves_the_watchdog_of_another_process_alone(self):
        self.start_under(self.path("notify"), WATCHDOG_USEC="20000", WATCHDOG_PID="1")
        self.hear_until("READY=1")
        self.assertEqual(self.hear(), ["STATUS=received 0, rejected 0, lost 0, kernel drops 0"])
        self.stop()

    def test_a_loss_shows_in_the_exit_code(self):
        self.write('[output.full]\ntype = "file"\npath = "/dev/full"\nhold = 0\n')
        self.start()
        self.peer.send(message(1))
        self.process.send_signal(signal.SIGTERM)
        self.assertEqual(self.process.wait(MAX_S), 1)
        self.assertIn("metlogd: 1 messages were lost; the ledger says where", self.stderr())

    def test_says_who_sends_what_is_no_message(self):
        letters = self.path("letters")
        self.write_with(f'dead_letter_file = "{letters}"')
        self.start()
        for _ in range(20):
            self.peer.send(b"\x1b[2J{")
        peer = "127.0.0.1:%d" % self.peer.getsockname()[1]
        self.assertEqual(self.stop()["rejected"], 20)
        said = [line for line in self.stderr().splitlines() if "rejected" in line]
        self.assertEqual(len(said), 1, "once in ten seconds")
        self.assertRegex(said[0], rf"rejected 1 as not_json at udp://\S+ from {peer}: \\x1b\[2J")
        with open(letters, encoding="utf-8") as file:
            self.assertEqual({json.loads(line)["peer"] for line in file}, {peer})

    def test_sends_its_own_ledger_through_its_outputs(self):
        self.write_with('stats_interval = "1s"')
        self.start()
        self.assertNotIn("stats", " ".join(self.endpoints), "nobody can send there")
        self.peer.send(message(1))
        self.wait_for_lines("out", 2)  # the message, and the first interval's
        ledger = self.stop()
        messages = read_messages(self.path("out"))
        reports = [one for one in messages if one["type"] == "metlog.router"]
        self.assertEqual(len(messages), len(reports) + 1)
        self.assertEqual(ledger["received"], len(messages))
        self.assertEqual(ledger["engine_messages"], len(reports))
        for place, report in enumerate(messages):
            if report not in reports:
                continue
            self.assertEqual((report["logger"], report["metlog_pid"]),
                             ("metlogd", self.process.pid))
            fields = report["fields"]
            self.assertEqual(fields["received"], place, "what came before it")
            self.assertEqual((fields["rejected"], fields["lost"], fields["unexplained"]), (0,) * 3)
        self.assertGreaterEqual(len(reports), 2, "one of the interval and one of the end")

    def test_an_interval_that_would_never_let_it_be_idle_is_refused(self):
        self.write_with('stats_interval = "5s"\nexit_after_idle = "10s"')
        done = metlogd("--check", self.file)
        self.assertEqual(done.returncode, 2)
        self.assertIn("stats_interval", done.stderr)
        self.assertIn("exit_after_idle", done.stderr)

    def test_the_unit_is_right_and_tight(self):
        unit = os.path.join(os.path.dirname(Programs.metlogd), "../tools/metlogd/metlogd.service")
        with open(unit, encoding="utf-8") as file:
            text = file.read()
        self.assertNotIn("@", re.sub(r"@(system-service|privileged|resources)", "", text))
        if not shutil.which("systemd-analyze"):
            raise unittest.SkipTest("no systemd-analyze")
        installed = re.findall(r"(?:Start|Reload)=(\S+)", text)
        for program in installed:  # verify looks for them
            text = text.replace(program, "/bin/true")
        copy = self.path("metlogd.service")
        with open(copy, "w", encoding="utf-8") as file:
            file.write(text)
        done = subprocess.run(["systemd-analyze", "verify", "--man=no", copy], text=True,
                              capture_output=True, timeout=MAX_S, check=False)
        complaints = [line for line in done.stderr.splitlines() if "metlogd.service" in line]
        self.assertEqual(complaints, [])
        done = subprocess.run(["systemd-analyze", "security", "--offline=true", copy], text=True,
                              capture_output=True, timeout=MAX_S, check=False)
        [exposure] = re.findall(r"Overall exposure level for metlogd.service: ([\d.]+)",
                                done.stdout)
        self.assertLess(float(exposure), 2.0, done.stdout)


if __name__ == "__main__":
    main()
