"""metlogd changes to another configuration while it runs, and loses nothing."""

import json
import os
import re
import signal
import time

from configured import Configured, count_lines, message
from programs import MAX_S, main, metlog, start


class Reload(Configured):
    def test_loses_nothing_in_fifty_reloads_under_load(self):
        turn = lambda number: self.file_output(f"turn{number % 2}", 'message_matcher = "TRUE"')
        self.write(self.file_output("all") + turn(0))
        self.start()
        zmq = self.endpoints[1]
        flood = start("flood", "--to", zmq, "--seconds", "60", "--rate", "5000", "--policy",
                      "block", "--wait", str(MAX_S), "--json")
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

    def test_says_that_a_bound_address_needs_a_restart_to_change(self):
        self.write(self.file_output("a"))
        self.start()
        with open(self.file, encoding="utf-8") as file:
            text = file.read()
        address = self.endpoints[1]
        self.write(self.file_output("a"))
        with open(self.file, "w", encoding="utf-8") as file:
            file.write(text.replace('"tcp://127.0.0.1:*"', f'"{address}"'))
        done = self.reload(returncode=2)
        self.assertIn(address, done.stderr)
        self.assertIn("an input that runs and is changed, restart", done.stderr)
        self.peer.send(message(1))
        self.wait_for_lines("a", 1)
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
