#!/usr/bin/env python3
"""The installed headers are those that the public ones reach: not one less, not one more.

  installed_headers.py COMPILER PUBLIC_DIRECTORY INCLUDE_DIRECTORY [DIRECTORY...]

PUBLIC_DIRECTORY holds the public headers in the sources, INCLUDE_DIRECTORY the installed metlog/;
further directories are those of third-party headers. What is reached is what the compiler reads
when it includes every public header from INCLUDE_DIRECTORY; a header that is reached and not
installed is an error of the compiler. Exit code 1 if there is any difference.
"""

import pathlib
import subprocess
import sys

compiler, public, include, *others = sys.argv[1:]
source = "".join(f"#include <metlog/{header.name}>\n"
                 for header in sorted(pathlib.Path(public).glob("*.h")))
# After the compiler's own: /usr/include may be among them, and must not come before those.
directories = [f"-I{include}"] + [option for other in others for option in ("-idirafter", other)]
run = subprocess.run([compiler, "-std=c++20", *directories, "-M", "-x", "c++", "-"],
                     input=source, capture_output=True, text=True, check=False)
if run.returncode != 0:
    sys.exit(f"installed_headers: a header is reached and not installed\n{run.stderr}")
root = pathlib.Path(include).resolve()
reached = {pathlib.Path(word).resolve() for word in run.stdout.split() if word != "\\"}
reached = {path for path in reached if path.is_relative_to(root / "metlog")}
installed = {path for path in (root / "metlog").rglob("*") if path.is_file()}
for path in sorted(installed - reached):
    print(f"{path.relative_to(root)} is installed, and no public header reaches it")
print(f"{source.count('#include')} public headers, {len(reached)} reached, "
      f"{len(installed)} installed")
sys.exit(0 if reached == installed else 1)
