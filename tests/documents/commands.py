"""Runs the commands of a document, in order, in a scratch directory that looks like the tree.

A block of sh is run line by line; each line must succeed. A block of console has `$ command` lines and
below each what it prints, where that is shown:

    ..          (or ...) matches anything within a line, a line of ... any lines
    a time      such as 2013-01-18T12:34:56.789012Z matches any time
    JSON        is compared as JSON, wherever its lines break
    command &   runs until the end of the document; it has started when it has printed something
    ^C          as the last line: the command runs until it is interrupted

A block of toml is a configuration that metlogd --check takes. Code between backticks that is a program with arguments is run as well; without further ones,
`metlog tail` is only asked for its --help. What installs packages or builds (BUILDS) is never run;
names.py sees to its options.
"""

import ctypes
import fcntl
import json
import os
import pathlib
import re
import select
import shutil
import signal
import socket
import struct
import subprocess
import tempfile
import time

import names
from documents import ROOT

LIMIT_S = 30  # of one command
BUILDS = re.compile(r"(tools/(test|quickstart|deps)|\.ci/run|cmake|ninja|apt-get)\b")
TIME = r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z"


def isolate_network():
    """Gives this process a loopback of its own, so that port 5565 is free; False where it may not."""
    libc = ctypes.CDLL(None, use_errno=True)
    new_net, new_user = 0x40000000, 0x10000000
    if libc.unshare(new_net) != 0 and libc.unshare(new_net | new_user) != 0:
        return False
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as any_socket:
        siocsifflags, up = 0x8914, 1
        fcntl.ioctl(any_socket, siocsifflags, struct.pack("16sh", b"lo", up))
    return True


def pattern_of(expected):
    """A regular expression for output as a document shows it."""
    lines = []
    for line in expected:
        if line.strip() == "...":
            lines.append(r"(?:.*\n)*")
            continue
        line = re.sub(TIME, "\0", line.rstrip())
        line = re.escape(line).replace("\0", TIME)
        lines.append(re.sub(r"(?:\\\.){2,3}", ".*", line) + r"[ ]*\n")
    return re.compile("".join(lines))


def as_json(text):
    try:
        return json.loads(text)
    except ValueError:
        return None


class Untrue(Exception):
    pass


class Room:
    """Where the commands of one document run."""

    def __init__(self, build):
        self._directory = tempfile.TemporaryDirectory(prefix="metlog-documents-")
        self.path = pathlib.Path(self._directory.name)
        for entry in ROOT.iterdir():
            if entry.name != ".git" and not entry.name.startswith("build"):
                (self.path / entry.name).symlink_to(entry)
        (self.path / "build").mkdir()  # what builds there would change it
        for entry in ("bin", "lib"):
            (self.path / "build" / entry).symlink_to(build / entry)
        self._environment = {**os.environ, "PATH": f"{build}/bin:{os.environ['PATH']}",
                             "NO_COLOR": "1", "TERM": "dumb", "LC_ALL": "C.UTF-8",
                             "MANPAGER": "cat"}
        self._started = []

    def __enter__(self):
        return self

    def __exit__(self, *_):
        for process in self._started:
            for end in (signal.SIGTERM, signal.SIGKILL):
                try:
                    os.killpg(process.pid, end)
                    process.wait(5)
                except (OSError, subprocess.TimeoutExpired):
                    pass
            process.stdout.close()
        self._directory.cleanup()

    def _start(self, command):
        process = subprocess.Popen(["bash", "-c", command], cwd=self.path, env=self._environment,
                                   stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                   stderr=subprocess.STDOUT, start_new_session=True)
        self._started.append(process)
        return process

    @staticmethod
    def _read_until(process, is_enough):
        """What it prints until that is enough, it ends, or the time is up."""
        text, deadline = b"", time.monotonic() + LIMIT_S
        while not is_enough(text.decode(errors="replace")) and time.monotonic() < deadline:
            if not select.select([process.stdout], [], [], 0.1)[0]:
                continue
            chunk = os.read(process.stdout.fileno(), 65536)
            if not chunk:
                break
            text += chunk
        return text.decode(errors="replace")

    def run(self, command, expected=None):
        """Runs one command; Untrue when it fails or prints something else than expected."""
        interrupt = bool(expected) and expected[-1] == "^C"
        wanted = pattern_of(expected[:-1] if interrupt else expected) if expected else None
        in_background = command.endswith("&") and not command.endswith("&&")
        process = self._start(re.sub(r"&$", "", command) if in_background else command)

        def matches(text):
            if wanted is None:
                return in_background and text != ""
            if interrupt or in_background:
                return wanted.match(text) is not None
            return False
        text = self._read_until(process, matches)
        if interrupt:
            os.killpg(process.pid, signal.SIGINT)
        if not in_background:
            self._finish(process, command, interrupt, text)
        if wanted is not None and not self._is_as_shown(wanted, expected, text, in_background):
            raise Untrue(f"`{command}` prints\n{text}\nand not\n" + "\n".join(expected))

    @staticmethod
    def _is_as_shown(wanted, expected, text, in_background):
        if (shown := as_json("\n".join(expected))) is not None:
            return shown == as_json(text)
        return (wanted.match if in_background else wanted.fullmatch)(text) is not None or \
            expected[-1] == "^C" and wanted.match(text) is not None

    @staticmethod
    def _finish(process, command, interrupt, text):
        try:
            code = process.wait(LIMIT_S)
        except subprocess.TimeoutExpired:
            raise Untrue(f"`{command}` does not end in {LIMIT_S} s; it prints\n{text}") from None
        if code not in ((0, 130, -signal.SIGINT) if interrupt else (0,)):
            raise Untrue(f"`{command}` ends with {code}; it prints\n{text}")


def commands_of(block):
    """(command, lines of output or None) of a block."""
    lines = block.text.replace("\\\n", " ").rstrip("\n").split("\n")
    if block.language == "sh":
        return [(line, None) for line in lines if line.strip() and not line.startswith("#")]
    commands = []
    for line in lines:
        if line.startswith("$ "):
            commands.append((line[2:], []))
        elif commands:
            commands[-1][1].append(line)
    return [(command, output or None) for command, output in commands]


def configuration_of(block):
    """The command that reads a block of INI: each key but those of [DEFAULT] must mean something."""
    section = re.search(r"^\[(?!DEFAULT)([a-z]+)(?:_filter|_plugin)?", block.text, re.M)[1]
    text = block.text if f"[{section}]" in block.text else f"[{section}]\n{block.text}"
    return (f"cat >block.ini <<'END'\n{text}END\n"
            f"METLOG_HOST=127.0.0.1 metlog config block.ini --section {section} --explain >block.txt &&"
            " ! grep -v '\\[DEFAULT\\]' block.txt | grep 'no part of metlog reads it'")


def inline_command(text):
    """What is run for code between backticks; None when it is no command."""
    if re.fullmatch(r"metlog (send|tail|flood|config|tune)( --(check|explain))?", text):
        return f"{text} --help"
    if not names.is_command(text) or re.fullmatch(r"[\w./-]+", text):
        return None
    if text.startswith("man ") and shutil.which("man") is None:
        return None
    return text


def pieces_of(document):
    """Blocks and codes that are run, in order; each with its commands."""
    pieces = []
    for block in document.blocks:
        if block.file or block.language in ("sh", "console"):
            pieces.append((block.line, block, commands_of(block) if not block.file else []))
        if block.language == "ini":
            pieces.append((block.line, block, [(configuration_of(block), None)]))
        if block.language == "toml":
            command = f"cat >block.toml <<'END'\n{block.text}END\nmetlogd --check block.toml"
            pieces.append((block.line, block, [(command, None)]))
    for code in document.codes:
        if command := inline_command(code.text):
            pieces.append((code.line, code, [(command, None)]))
    return [(piece, [(command, expected) for command, expected in commands
                     if not BUILDS.match(command)])
            for _, piece, commands in sorted(pieces, key=lambda p: p[0]) if not piece.not_run]


def check(document, build):
    """Runs all of a document's commands; yields what is untrue, with its place."""
    pieces = pieces_of(document)
    if not pieces:
        return
    with Room(build) as room:
        for piece, commands in pieces:
            if piece.file:
                (room.path / piece.file).write_text(piece.text)
            for command, expected in commands:
                try:
                    room.run(command, expected)
                except Untrue as untrue:
                    yield f"{piece.place}: {untrue}"
