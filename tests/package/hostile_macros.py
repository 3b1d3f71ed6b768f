#!/usr/bin/env python3
"""The public headers compile after other people's macros and in every mode of the compiler.

  hostile_macros.py COMPILER CORE_DIRECTORY EVERY_CALL_SOURCE [INCLUDE_DIRECTORY...]

Each public header hides such macros and restores them. All are compiled after a page of macros that
expand to nonsense: the names that hide_macros.inc hides, and names that real headers are known to
define. Prints what does not compile; exit code 1 if there is anything.
"""

import concurrent.futures
import os
import pathlib
import re
import subprocess
import sys
import tempfile

compiler, core, every_call, *others = sys.argv[1:]
CORE = pathlib.Path(core)
PUBLIC = sorted(header.name for header in (CORE / "metlog").glob("*.h"))
# Plain C of one file, which plug-ins may copy; its members are not protected.
PROTECTED = [header for header in PUBLIC if header != "plugin_abi.h"]
HIDDEN = re.findall(r"^#undef (\w+)$",
                    (CORE / "metlog/internal/base/hide_macros.inc").read_text(), re.MULTILINE)
# Of Qt, Windows, X11, Arduino, the kernel, Objective-C, glog, old libraries and test frameworks.
KNOWN = """
emit slots signals foreach forever
interface small near far pascal cdecl IN OUT OPTIONAL VOID TRUE FALSE ERROR DELETE CONST STRICT
NO_ERROR GetMessage SendMessage GetObject GetCurrentTime CreateEvent ReportEvent LogEvent min max
Status Success Bool True False None Always Complex Convex Below Above KeyPress CursorShape Unsorted
abs round constrain bit lowByte highByte sq
likely unlikely BIT ALIGN ARRAY_SIZE container_of current module typeof barrier READ_ONCE
nil YES NO self id strong weak
LOG VLOG CHECK DCHECK INFO WARNING WARN NOTICE FATAL DEBUG CRITICAL ALERT EMERGENCY TRACE
unix linux i386 MIN MAX BUSY LOST SENT ENABLED DISABLED PRIORITY SEVERITY UNUSED CONCAT SIZE
STRINGIFY FOREACH check verify require assert print warn error debug info notice fatal trace log
emergency critical alert exception send recv close open read write flush call rate take get set put
add find stop start step wait wake lock unlock clear size begin end timer stats reduce bits bind
accept remove select signal free swap kv payload logger severity incr limit gate site cell ring word
byte boolean hidden pure cold hot packed used unused constructor visibility noinline always_inline
A B C D E F G H I K L M N P Q R S T U V W X Y Z
""".split()
NAMES = sorted(set(HIDDEN) | set(KNOWN))
# What a program can call after these only by metlog's macros.
CALLABLE = sorted(set(KNOWN) - set("assert kv payload rate call limit gate hidden".split()))
WARNINGS = ["-Wall", "-Wextra", "-Wpedantic", "-Wshadow", "-Wconversion", "-Wsign-conversion",
            "-Wold-style-cast", "-Wnon-virtual-dtor", "-Woverloaded-virtual", "-Wundef",
            "-Wcast-align", "-Wcast-qual", "-Wdouble-promotion", "-Wformat=2", "-Wswitch-enum",
            "-Werror"]
MODES = [["-std=c++20"], ["-std=gnu++20"], ["-std=c++2b"], ["-std=gnu++2b", "-O2"],
         ["-std=c++20", "-fno-exceptions"], ["-std=c++20", "-fno-rtti"],
         ["-std=c++20", "-fno-exceptions", "-fno-rtti", "-fno-threadsafe-statics"],
         ["-std=c++20", "-DNDEBUG", "-O2", "-D_FORTIFY_SOURCE=2"], ["-std=c++20", "-O0"],
         ["-std=c++20", "-fvisibility=hidden", "-fvisibility-inlines-hidden", "-fPIC"],
         ["-std=c++20", "-funsigned-char"], ["-std=c++20", "-fsigned-char", "-fshort-enums"],
         ["-std=c++20", "-fno-char8_t"], ["-std=c++20", "-D_GLIBCXX_DEBUG"],
         ["-std=c++20", "-fno-strict-aliasing", "-fwrapv", "-ffast-math"],
         ["-std=c++20", "-DMETLOG_MIN_SEVERITY=4", "-DMETLOG_DISABLED_TIMERS=\"*\""]]


def page(names, parameters):
    return "".join(f"#undef {name}\n#define {name}{parameters} HOSTILE MACRO !\n"
                   for name in names)


def include(headers):
    return "".join(f"#include <metlog/{header}>\n" for header in headers)


def compile_text(job):
    """Returns what the compiler says about a text, empty when it compiles."""
    name, flags, text = job
    with tempfile.NamedTemporaryFile("w", suffix=".cc") as source:
        source.write(text)
        source.flush()
        run = subprocess.run(
            [compiler, *flags, "-fsyntax-only", f"-I{CORE}",
             *(option for other in others for option in ("-idirafter", other)), source.name],
            capture_output=True, text=True, check=False)
    if run.returncode == 0:
        return ""
    errors = [line for line in run.stderr.splitlines() if "error" in line][:5]
    return "\n  ".join([f"{name} does not compile:", *errors])


def unguarded():
    """Returns the headers that do not begin and end as they must."""
    first = re.compile(r'^#include .*\n', re.MULTILINE)
    for header in PROTECTED:
        text = (CORE / "metlog" / header).read_text()
        includes = first.findall(text)
        if (not includes or "hide_macros.inc" not in includes[0]
                or "restore_macros.inc" not in text.rstrip().rsplit("\n", 1)[-1]):
            yield f"{header} does not begin with hide_macros.inc and end with restore_macros.inc"


def jobs():
    plain = ["-std=c++20"]
    for parameters in ("", "(...)"):
        yield f"after macros{parameters}", plain, page(NAMES, parameters) + include(PROTECTED)
    call = pathlib.Path(every_call).read_text()
    for parameters in ("", "(...)"):
        yield (f"calls after macros{parameters}", [*plain, "-DMETLOG_ONLY_MACROS"],
               include(["metlog.h"]) + "#include <vector>\n" + page(CALLABLE, parameters) + call)
    # Not `assert`: <cassert> defines it again whenever it is included.
    names = [name for name in NAMES if name != "assert"]
    defined = "".join(f"#undef {name}\n#define {name} 5\n" for name in names)
    lost = "".join(f"#if !defined({name}) || {name} != 5\n#error {name} is lost\n#endif\n"
                   for name in names)
    yield "macros are there again", plain, defined + include(PROTECTED) + lost
    for mode in MODES:
        yield " ".join(mode), [*WARNINGS, *mode], call


with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
    failures = [*unguarded(), *filter(None, pool.map(compile_text, jobs()))]
print(*failures, sep="\n")
print(f"{len(PROTECTED)} headers, {len(NAMES)} macros, {len(MODES)} modes, {len(failures)} failures")
sys.exit(1 if failures else 0)
