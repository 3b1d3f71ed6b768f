"""metlog recover, as a user runs it. The third argument is a program that logs and is killed."""

import os
import subprocess
import sys
import tempfile

from programs import MAX_S, ProgramTest, environment, main, metlog

DYING = sys.argv.pop(3)


class Recover(ProgramTest):
    def setUp(self):
        super().setUp()
        self._sessions = tempfile.TemporaryDirectory(dir="/dev/shm")
        self._files = tempfile.TemporaryDirectory()
        self.addCleanup(self._sessions.cleanup)
        self.addCleanup(self._files.cleanup)
        self.sessions = self._sessions.name
        self.log = os.path.join(self._files.name, "log.jsonl")

    def let_die(self, count=1001):
        died = subprocess.run([DYING, "kill", "file:" + self.log, self.sessions, str(count)],
                              timeout=MAX_S, env=environment())
        self.assertEqual(died.returncode, -9)

    def lines(self, path=None):
        with open(path or self.log, encoding="utf-8") as file:
            return file.read().splitlines()

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

    def test_refuses_what_makes_no_sense(self):
        for arguments, message in [
                (("/nonexistent",), "cannot open '/nonexistent'"),
                (("--purge", "--to", "null:"), "--purge"),
                (("--to", "null:", "--out", "x"), "--out"),
        ]:
            done = metlog("recover", *arguments)
            self.assertEqual(done.returncode, 2, arguments)
            self.assertIn(message, done.stderr)


if __name__ == "__main__":
    main()
