"""metlog and metlogd where the system starts no more threads: a message, and an exit code."""

import os
import resource
import subprocess

from programs import MAX_S, ProgramTest, Programs, environment, main


class ThreadLimit(ProgramTest):
    def run_with(self, threads, *command):
        """Runs the command as a user that has no other process and may have this many threads."""
        user = 1_000_000 + os.getpid()

        def become_limited():
            hard = resource.getrlimit(resource.RLIMIT_NPROC)[1]
            resource.setrlimit(resource.RLIMIT_NPROC, (threads, hard))
            if os.geteuid() == 0:
                os.setresuid(user, user, user)
        return subprocess.run(command, capture_output=True, timeout=MAX_S, env=environment(),
                              preexec_fn=become_limited, text=True)

    def setUp(self):
        super().setUp()
        if os.geteuid() != 0:
            self.skipTest("only root can become a user without other processes")
        try:
            runs = self.run_with(100, Programs.metlog, "--help").returncode == 0
        except (OSError, subprocess.SubprocessError):
            runs = False
        if not runs:
            self.skipTest("other users may not run the program")

    def assert_refused(self, threads, *command):
        done = self.run_with(threads, *command)
        self.assertEqual(done.returncode, 2, (command, threads, done.stderr))
        self.assertIn("cannot start a thread (", done.stderr)
        self.assertIn("Resource temporarily unavailable; raise the limit", done.stderr)
        self.assertEqual(done.stderr.count("\n"), 1, done.stderr)

    def test_every_command_says_that_there_is_no_thread_and_fails(self):
        for threads in (1, 2, 3, 4):
            self.assert_refused(threads, Programs.metlog, "send", "--to", "tcp://127.0.0.1:9",
                                "--type", "x")
            self.assert_refused(threads, Programs.metlog, "flood", "--to", "null:",
                                "--threads", "2", "--count", "10")
        for threads in (1, 2):
            self.assert_refused(threads, Programs.metlog, "tail", "tcp://127.0.0.1:*")
            self.assert_refused(threads, Programs.metlogd, "--zmq", "tcp://127.0.0.1:*",
                                "--udp", "none", "--out", "/dev/null")
        self.assert_refused(3, Programs.metlogd, "--zmq", "tcp://127.0.0.1:*", "--udp", "none",
                            "--out", "/dev/null")


if __name__ == "__main__":
    main()
