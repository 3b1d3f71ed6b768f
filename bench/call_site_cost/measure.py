#!/usr/bin/env python3
"""The cost of a call site: bytes of code, time to compile 2,000 of them, and that of the include.

  bench/call_site_cost/measure.py [--calls 2000] [--rounds 1] [--compiler g++ --compiler clang++]
                                  [--peer-include DIR]     also quill, with its headers in DIR
                                  [--types same|mixed]

`same`: every call takes a uint64, a double and a string, unlike any real program. `mixed`: three
arguments out of twelve types, so that most calls have a list of types of their own, and the code
that a library generates for each list counts in full.

Compile times are the compiler's CPU time (user and system), the median of the rounds, compilers and
libraries in turn. Bytes per call are what 2,000 calls add to an object file without any, divided by
2,000: `hot` is .text, `cold` what the compiler keeps apart (unlikely branches, start-up, unwinding),
`data` the rest that is loaded.
"""
import argparse
import itertools
import json
import pathlib
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile

CALLS_PER_FUNCTION = 10
PARAMETERS = ['unsigned long id', 'double latency', 'const char* user']
MIXED_PARAMETERS = ['int i', 'unsigned u', 'long l', 'unsigned long m', 'bool b', 'char c', 'float f',
                    'double d', 'const char* s', 'const std::string& t', 'std::string_view v',
                    'const void* p']
FLAGS = ['-std=c++20', '-O3', '-DNDEBUG', '-fPIC', '-c']
ROOT = pathlib.Path(__file__).resolve().parents[2]


class Library:
    """The source of one library's call sites."""

    def __init__(self, name, directories, includes, parameter, call):
        self.name, self.directories, self.includes = name, directories, includes
        self.parameter, self.call = parameter, call

    def source(self, calls, types):
        lines = [f'#include <{include}>' for include in ['string', *self.includes]]
        parameters = PARAMETERS if types == 'same' else MIXED_PARAMETERS
        names = [parameter.split()[-1] for parameter in parameters]
        triples = itertools.cycle(itertools.product(names, repeat=3) if types == 'mixed'
                                  else [names])
        for first in range(0, calls, CALLS_PER_FUNCTION):
            lines.append(f'void function_{first}({", ".join([self.parameter, *parameters])}) {{')
            lines += [f'  {self.call}(log, "request {number} a={{}} b={{}} c={{}}", '
                      f'{", ".join(next(triples))});'
                      for number in range(first, first + CALLS_PER_FUNCTION)]
            lines.append('}')
        return '\n'.join(lines) + '\n'


def libraries(peer_include):
    ours = Library('metlog', [ROOT / 'core'], ['metlog/log.h'], 'metlog::Client& log',
                   'METLOG_INFO')
    if peer_include is None:
        return [ours]
    if not (peer_include / 'quill/LogMacros.h').exists():
        sys.exit(f'measure.py: {peer_include} holds no quill/LogMacros.h')
    return [ours, Library('quill', [peer_include], ['quill/Logger.h', 'quill/LogMacros.h'],
                          'quill::Logger* log', 'LOG_INFO')]


def compile_seconds(compiler, library, calls, types, directory):
    source = directory / f'{library.name}_{calls}.cc'
    source.write_text(library.source(calls, types))
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    done = subprocess.run([compiler, *FLAGS, *(f'-I{path}' for path in library.directories),
                           '-o', str(source.with_suffix('.o')), str(source)],
                          capture_output=True, text=True)
    if done.returncode != 0:
        sys.exit(f'measure.py: {compiler}, {library.name}: {done.stderr[:600]}')
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime - before.ru_utime + after.ru_stime - before.ru_stime


def section_bytes(object_file):
    """Returns the loaded bytes as hot, cold and data."""
    listed = subprocess.run(['size', '-A', '-d', str(object_file)], capture_output=True, text=True,
                            check=True).stdout
    bytes_of = {'hot': 0, 'cold': 0, 'data': 0}
    for line in listed.splitlines():
        words = line.split()
        if len(words) != 3 or not words[1].isdigit() or not words[0].startswith('.'):
            continue
        name = words[0]
        if name.startswith(('.text.unlikely', '.text.startup', '.gcc_except_table', '.eh_frame')):
            bytes_of['cold'] += int(words[1])
        elif name.startswith('.text'):
            bytes_of['hot'] += int(words[1])
        elif name.startswith(('.data', '.rodata', '.bss', '.init_array', '.tbss', '.tdata')):
            bytes_of['data'] += int(words[1])
    return bytes_of


def measure(options, directory):
    seconds, results = {}, []
    chosen = libraries(options.peer_include)
    for number in range(options.rounds):
        for compiler in options.compiler:
            for library in chosen:
                for calls in (0, options.calls):
                    print(f'\r\033[Kround {number + 1}/{options.rounds}  {compiler}  '
                          f'{library.name}  {calls} calls', end='', file=sys.stderr, flush=True)
                    took = compile_seconds(compiler, library, calls, options.types,
                                           directory / compiler)
                    seconds.setdefault((compiler, library.name, calls), []).append(took)
    print(file=sys.stderr)
    for compiler in options.compiler:
        for library in chosen:
            none, all_calls = (section_bytes(directory / compiler / f'{library.name}_{calls}.o')
                               for calls in (0, options.calls))
            result = {part: (all_calls[part] - none[part]) / options.calls for part in none}
            result.update(compiler=compiler, library=library.name, calls=options.calls,
                          include_s=statistics.median(seconds[compiler, library.name, 0]),
                          calls_s=statistics.median(
                              seconds[compiler, library.name, options.calls]))
            results.append(result)
    return results


def print_table(results):
    print('| compiler | library | hot bytes per call | cold | data | include alone, s | '
          f'{results[0]["calls"]} calls, s |')
    print('|---|---|---|---|---|---|---|')
    for result in results:
        print('| {compiler} | {library} | {hot:.0f} | {cold:.0f} | {data:.0f} | {include_s:.2f} | '
              '{calls_s:.1f} |'.format(**result))


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('--calls', type=int, default=2000)
    parser.add_argument('--rounds', type=int, default=1)
    parser.add_argument('--compiler', action='append')
    parser.add_argument('--peer-include', type=pathlib.Path)
    parser.add_argument('--types', choices=['same', 'mixed'], default='mixed')
    parser.add_argument('--json', type=pathlib.Path, help='also write the figures there')
    options = parser.parse_args()
    options.compiler = options.compiler or ['g++', 'clang++']
    for compiler in options.compiler:
        if not shutil.which(compiler):
            parser.error(f'there is no {compiler} here')
    if options.calls % CALLS_PER_FUNCTION:
        parser.error(f'--calls is a multiple of {CALLS_PER_FUNCTION}')
    with tempfile.TemporaryDirectory() as name:
        for compiler in options.compiler:
            (pathlib.Path(name) / compiler).mkdir()
        results = measure(options, pathlib.Path(name))
    print_table(results)
    if options.json:
        options.json.write_text(json.dumps(results, indent=1))


if __name__ == '__main__':
    main()
