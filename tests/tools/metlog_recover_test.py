"""metlog recover, as a user runs it. The third argument is a program that logs and is killed."""

import os
import subprocess
import sys
import tempfile
import time

from programs import MAX_S, Programs, ProgramTest, environment, main, metlog, read_messages

DYING = sys.argv.pop(3)


class Deaths(ProgramTest):
    def setUp(self):
        super().setUp()
        self._sessions = tempfile.TemporaryDirectory(dir="/dev/shm")
        self._files = tempfile.TemporaryDirectory()
        self.addCleanup(self._sessions.cleanup)
        self.addCleanup(self._files.cleanup)
        self.sessions = self._sessions.name
        self.log = os.path.join(self._files.name, "log.jsonl")

    def let_die(self, count=1001, url=None):
        died = subprocess.run([DYING, "kill", url or "file:" + self.log, self.sessions, str(count)],
                              timeout=MAX_S, env=environment(), stdout=subprocess.DEVNULL)
        self.assertEqual(died.returncode, -9)

    def lines(self, path=None):
        with open(path or self.log, encoding="utf-8") as file:
            return file.read().splitlines()


class Recover(Deaths):
    def test_delivers_to_the_destination_that_there_was(self):
        self.let_die()
        done = metlog("recover", self.sessions)
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        self.assertRegex(done.stdout, r"^dying_program \(\d+\) died: [\d,]+ messages? found")
        self.assertEqual(len([line for line in self.lines() if '"line ' in line]), 1001)
        self.assertIn('"type":"metlog.death"', self.lines()[-1])
        self.assertEqual(os.listdir(self.sessions), [])
        again = metlog("recover", self.sessions)
        self.assertEqual((again.returncode, again.stdout, again.stderr), (0, "", ""))

    def test_writes_all_to_one_file(self):
        self.let_die(100)
        before = len(self.lines())
        out = os.path.join(self._files.name, "out of the way.jsonl")
        done = metlog("recover", "--out", out, self.sessions)
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        self.assertEqual(before + len(self.lines(out)), 101)

    def test_says_what_it_cannot_deliver_and_keeps_it(self):
        self.let_die(10)
        done = metlog("recover", "--out", "/nonexistent/dir/out.jsonl", self.sessions)
        self.assertEqual(done.returncode, 1)
        self.assertIn("/nonexistent/dir/out.jsonl", done.stderr)
        self.assertNotEqual(os.listdir(self.sessions), [])
        self.assertEqual(metlog("recover", self.sessions).returncode, 0)
        self.assertEqual(len(self.lines()), 11)

    def test_throws_away_when_asked(self):
        self.let_die(100)
        done = metlog("recover", "--purge", self.sessions)
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        self.assertIn("thrown away", done.stdout)
        self.assertEqual(os.listdir(self.sessions), [])

    def test_throws_away_what_is_above_the_limit(self):
        self.let_die(100, "tcp://127.0.0.1:9?hold_ms=3600000")
        done = metlog("recover", "--wait", "0.2", "--max-bytes", "64KiB", self.sessions)
        self.assertEqual((done.returncode, done.stderr), (1, ""))
        self.assertRegex(done.stdout, r"dying_program \(\d+\): 100 messages thrown away, [\d,]+ bytes")
        self.assertEqual(metlog("recover", "--out", self.log, self.sessions).returncode, 0)
        death, loss = read_messages(self.log)
        self.assertEqual(death["type"], "metlog.death")
        self.assertEqual(loss["type"], "metlog.loss")
        self.assertEqual((loss["fields"]["reason"], loss["fields"]["count"]), ("purged", 100))

    def test_refuses_what_makes_no_sense(self):
        for arguments, message in [
                (("/nonexistent",), "cannot open '/nonexistent'"),
                (("--purge", "--to", "null:"), "--purge"),
                (("--to", "null:", "--out", "x"), "--out"),
        ]:
            done = metlog("recover", *arguments)
            self.assertEqual(done.returncode, 2, arguments)
            self.assertIn(message, done.stderr)


class RouterRecovers(Deaths):
    """metlogd does it without any command."""

    def start_watch(self, directory=None):
        return self.start_router("--recover", directory or self.sessions)

    def wait_for_sessions(self, router, count):
        router.read_until(lambda _: len(os.listdir(self.sessions)) == count)

    def payloads(self, path):
        return [message["payload"] for message in read_messages(path)
                if message["type"] == "oldstyle"]

    def test_delivers_what_was_there_before(self):
        self.let_die()
        router = self.start_watch()
        self.wait_for_sessions(router, 0)
        self.assertEqual(self.payloads(self.log), [f"line {i}" for i in range(1001)])
        self.assertEqual(os.listdir(self.sessions), [])

    def test_delivers_what_dies_later(self):
        router = self.start_watch()
        for _ in range(3):
            self.let_die(100)
            self.wait_for_sessions(router, 0)
        self.assertEqual(self.payloads(self.log), [f"line {i}" for i in range(100)] * 3)
        self.assertEqual(os.listdir(self.sessions), [])

    def test_follows_a_directory_that_was_removed(self):
        router = self.start_watch()
        os.rmdir(self.sessions)
        os.mkdir(self.sessions, 0o700)
        self.let_die(100)
        self.wait_for_sessions(router, 0)
        self.assertEqual(len(self.payloads(self.log)), 100)

    def test_receives_what_was_meant_for_it(self):
        router = self.start_watch()
        self.let_die(500, router.zmq + "?hold_ms=60000")
        self.wait_for_sessions(router, 0)
        ledger = router.stop()
        self.assert_conserved(ledger)
        self.assertEqual(set(self.payloads(router.file)), {f"line {i}" for i in range(500)})
        self.assertGreaterEqual(ledger["engine_messages"], 1)
        self.assertEqual(os.listdir(self.sessions), [])

    def test_leaves_standard_outputs_alone(self):
        self.let_die(100, "stdout:")
        self.let_die(100)
        router = self.start_watch()
        self.wait_for_sessions(router, 1)
        router.stop()
        self.assertEqual(len(os.listdir(self.sessions)), 1)

    def test_ends_at_once_although_a_destination_takes_nothing(self):
        self.let_die(100, "tcp://127.0.0.1:9?hold_ms=3600000")
        router = self.start_watch()
        begin = time.monotonic()
        router.stop()
        self.assertLess(time.monotonic() - begin, 5)  # a session is tried for 10 s
        self.assertEqual(metlog("recover", "--out", self.log, self.sessions).returncode, 0)
        self.assertEqual(len(self.payloads(self.log)), 100)

    def test_does_not_recover_when_that_is_not_wanted(self):
        self.let_die(100)
        router = self.start_watch("none")
        router.stop()
        self.assertEqual(len(os.listdir(self.sessions)), 1)

    def test_refuses_a_directory_that_it_cannot_use(self):
        done = subprocess.run([Programs.metlogd, "--zmq", "none", "--udp", "127.0.0.1:0", "--out",
                               "none", "--recover", "/nonexistent"], capture_output=True,
                              text=True, timeout=MAX_S, env=environment())
        self.assertEqual(done.returncode, 2)
        self.assertIn("/nonexistent", done.stderr)


if __name__ == "__main__":
    main()
