#!/usr/bin/env python3
"""Reads the object code of call sites and checks what they cost in instructions.

usage: check.py OBJDUMP stripped.o disabled.o enabled.o

Exit code 77: there is no objdump, or the code is not for x86-64; nothing was checked.
"""

import platform
import shutil
import sys

from object_code import ObjectCode, paths

# Instructions from a function's entry to its return on the hot path, with the function's own frame: a
# tenth more than g++ 12 needs for the log call at -O2 (81 and 49).
LIMITS = {"enabled_log": 90, "enabled_incr": 62}
ALLOWED_CALLS = ("strlen", "memcpy")
COLD = ("emit_cells", "register_early", ".text.unlikely")
FENCES = ("mfence", "sfence", "lfence", "lock", "cpuid", "rdtscp")

failures = []


def expect(condition, message):
    if not condition:
        failures.append(message)


def show(path):
    return "; ".join(str(instruction) for instruction in path)


def check_stripped(code):
    for name in ("stripped_log_calls", "stripped_timers"):
        path = paths(code.functions[name])[0]
        left = [i for i in path if i.mnemonic not in ("endbr64", "ret")]
        expect(not left, f"{name} is not empty: {show(path)}")
        sites = [symbol for symbol in code.symbols if name in symbol and symbol != name]
        expect(not sites, f"{name} leaves the symbols {sites}")
    for text in (b"stripped debug", b"stripped info", b"stripped notice", b"db.query"):
        expect(text not in code.content, f"the object file holds the text {text}")
    for name, text in (("kept_log_call", b"kept warning"), ("kept_timer", b"kept.timer")):
        sites = [symbol for symbol in code.symbols if name in symbol and symbol != name]
        expect(sites and text in code.content, f"{name} should have left a site")
        expect(len(code.functions[name]) > 10, f"{name} should have left code")


def is_frame(instruction):
    """Belongs to the function around the call: it saves registers for the path not taken."""
    text = str(instruction)
    if instruction.mnemonic in ("push", "pop", "endbr64", "nop", "nopw", "nopl", "ret", "jmp"):
        return True
    if instruction.mnemonic in ("sub", "add"):
        return text.endswith(",%rsp")
    return instruction.mnemonic.startswith("mov") and not instruction.touches_memory()


def disabled_path(body):
    """The path on which site and client have a gate bit in common."""
    for path in paths(body):
        branches = [i for i in path if i.is_jump() and i.mnemonic != "jmp"]
        if len(branches) == 1 and path[-1].is_return() and "rdtsc" not in show(path):
            return path
    return None


def check_disabled(code):
    for name in ("disabled_log", "disabled_incr", "disabled_event", "disabled_timer"):
        path = disabled_path(code.functions[name])
        expect(path, f"{name} has no path from one branch to its return")
        if not path:
            continue
        work = [i for i in path if not is_frame(i)]
        loads = [i for i in work if i.touches_memory()]
        tests = [i for i in work if i.mnemonic == "test"]
        expect(len(loads) == 2 and not any(i.stores() for i in loads),
               f"{name} loads {len(loads)} times, not 2: {show(path)}")
        # For a named site the common bits are tested twice.
        expect(len(tests) == 1 and len(work) in (3, 4, 5),
               f"{name} does more than two loads, a test and a branch: {show(work)}")
        print(f"{name}: {show(work)}")


def is_cold(path):
    """Leaves the hot path: calls a cold function, or jumps out of the function."""
    calls_cold = any(i.is_call() and any(c in i.callee() for c in COLD) for i in path)
    return calls_cold or not path[-1].is_return()


def check_enabled(code):
    for name, limit in LIMITS.items():
        body = code.functions[name] + code.functions.get(name + ".cold", [])
        for instruction in body:
            text = str(instruction)
            expect(not text.startswith(FENCES), f"{name} has {text}")
            expect(not (text.startswith("xchg") and instruction.touches_memory()),
                   f"{name} has {text}, which locks")
            if instruction.is_call():
                callee = instruction.callee()
                expect(any(c in callee for c in ALLOWED_CALLS + COLD), f"{name} calls {callee}")
        straight = [p for p in paths(code.functions[name]) if "rdtsc" in show(p) and not is_cold(p)]
        expect(straight, f"{name} has no hot path")
        longest = max(map(len, straight), default=0)
        expect(longest <= limit, f"{name} takes {longest} instructions, more than {limit}")
        print(f"{name}: {longest} instructions on the hot path, at most {limit}")


def main():
    objdump, *files = sys.argv[1:]
    if shutil.which(objdump) is None:
        print("skipped: there is no objdump; install binutils")
        return 77
    if platform.machine() not in ("x86_64", "AMD64"):
        print(f"skipped: the patterns are for x86-64, this is {platform.machine()}")
        return 77
    stripped, disabled, enabled = (ObjectCode(objdump, file) for file in files)
    check_stripped(stripped)
    check_disabled(disabled)
    check_enabled(enabled)
    for failure in failures:
        print("FAILED:", failure)
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
