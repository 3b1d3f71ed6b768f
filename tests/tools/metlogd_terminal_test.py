"""metlogd on a terminal that other programs print to as well."""

import os
import pty
import subprocess

import programs

TABLE = b"\x1b[1mmetlogd  received"


class Terminal(programs.ProgramTest):
    def printed(self, in_background=False, **streams):
        """What metlogd prints from its start to its end, in a session of its own."""
        terminal, screen = pty.openpty()
        self.addCleanup(os.close, terminal)

        def become_a_shells_job():
            os.setsid()
            os.close(os.open(os.ttyname(screen), os.O_RDWR))  # now the controlling terminal
            if in_background and os.fork() == 0:
                os.setpgid(0, 0)
            elif in_background:
                os.wait()
                os._exit(0)
        process = subprocess.Popen(
            [programs.Programs.metlogd, "--zmq", "none", "--udp", "127.0.0.1:0", "--out", "none",
             "--exit-after-idle", "0.5", "--interval", "0.1"],
            **{"stdin": screen, "stdout": screen, "stderr": screen, **streams},
            env=programs.environment(), preexec_fn=become_a_shells_job)
        os.close(screen)
        text = b""
        try:
            while chunk := os.read(terminal, 65536):
                text += chunk
        except OSError:  # the last process that had the terminal open is gone
            pass
        process.wait()
        self.assertIn(b"unexplained", text)
        return text

    def test_shows_a_table_in_the_foreground(self):
        text = self.printed()
        self.assertIn(TABLE, text)
        self.assertIn(b"A\x1b[J", text)

    def test_shows_no_table_behind_another_program(self):
        text = self.printed(in_background=True)
        self.assertNotIn(b"\x1b", text)
        self.assertNotIn(b"received 0", text)

    def test_erases_nothing_without_its_input(self):
        text = self.printed(stdin=subprocess.DEVNULL)
        self.assertNotIn(b"\x1b", text)
        self.assertIn(b"received 0", text)


if __name__ == "__main__":
    programs.main()
