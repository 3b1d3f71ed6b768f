"""Object code as objdump shows it: symbols, functions, and the ways through a function."""

import re
import subprocess

_FUNCTION = re.compile(r"^[0-9a-f]+ <(?P<name>[^>]+)>:$")
_INSTRUCTION = re.compile(r"^\s+(?P<at>[0-9a-f]+):\t(?P<text>.*)$")
_RELOCATION = re.compile(r"^\s+[0-9a-f]+: R_\S+\s+(?P<name>\S+)$")
_TARGET = re.compile(r"^(?P<at>[0-9a-f]+) <")
_MEMORY = re.compile(r"\(|%fs:|%gs:")


class Instruction:
    """One instruction, with the symbol that its relocation names, if it has one."""

    def __init__(self, at, text):
        words = text.split("#")[0].split(None, 1)
        self.at = at
        self.mnemonic = words[0]
        self.operands = words[1].strip() if len(words) > 1 else ""
        self.relocation = None

    def __str__(self):
        return f"{self.mnemonic} {self.operands}".strip()

    def touches_memory(self):
        if self.mnemonic == "lea" or self.mnemonic.startswith("nop"):
            return False
        return bool(_MEMORY.search(self.operands))

    def stores(self):
        return self.touches_memory() and bool(_MEMORY.search(self.operands.rsplit(",%", 1)[-1]))

    def is_call(self):
        return self.mnemonic == "call"

    def is_jump(self):
        return self.mnemonic.startswith("j")

    def is_return(self):
        return self.mnemonic in ("ret", "repz")

    def callee(self):
        """The name of what is called, or the section it lies in."""
        return self.relocation or self.operands

    def target(self):
        """Where a jump goes; None when that is outside of this function's own code."""
        found = _TARGET.match(self.operands)
        return None if self.relocation or not found else int(found["at"], 16)


class ObjectCode:
    def __init__(self, objdump, path):
        def run(*options):
            return subprocess.run([objdump, *options, path], check=True, capture_output=True,
                                  text=True).stdout

        self.symbols = [line.split()[-1] for line in run("-t").splitlines() if " " in line]
        self.functions = _parse(run("-dr", "--no-show-raw-insn"))
        with open(path, "rb") as file:
            self.content = file.read()


def _parse(listing):
    functions, body = {}, []
    for line in listing.splitlines():
        if found := _FUNCTION.match(line):
            body = functions.setdefault(found["name"], [])
        elif found := _RELOCATION.match(line):
            body[-1].relocation = found["name"]
        elif found := _INSTRUCTION.match(line):
            body.append(Instruction(int(found["at"], 16), found["text"]))
    return functions


def paths(body):
    """Every way from a function's entry to a return, or to a jump out of it. No loops."""
    index = {instruction.at: i for i, instruction in enumerate(body)}
    found, open_ends = [], [(0, [])]
    while open_ends:
        i, path = open_ends.pop()
        instruction = body[i]
        assert instruction not in path, f"a loop at {instruction}"
        path = path + [instruction]
        if not instruction.is_jump():
            ended = instruction.is_return() or instruction.mnemonic == "ud2"
            (found.append(path) if ended else open_ends.append((i + 1, path)))
            continue
        if instruction.mnemonic != "jmp":
            open_ends.append((i + 1, path))
        target = index.get(instruction.target())
        (found.append(path) if target is None else open_ends.append((target, path)))
    return found
