#!/usr/bin/env python3
"""Runs all benchmarks in interleaved rounds, and rewrites docs/benchmarks.md and its plots.

  bench/report.py --build build --out docs/benchmarks [--rounds 10] [--harness DIR]

In each round every program runs once, so that other work of the machine affects all of them alike.
PRODUCER_CPU and FLUSHER_CPU pin the threads; unset, they are the first two CPUs of this process.
--harness DIR adds the ratios to peers that are built outside of this tree: JSON lines, one per run.
--reuse redraws from the results of the last run in BUILD/bench-report. Ctrl-C keeps the results so
far.
"""
import argparse
import os
import pathlib
import platform
import re
import subprocess
import sys
import time

import plot
from bars import OPEN_BARS, all_bars
from figures import BenchFigures, HarnessFigures, Spread

COUNTERS = (('p50_ns', 'ns', 1), ('p99_ns', 'ns', 1), ('p999_ns', 'ns', 1), ('ns', 'ns', 1),
            ('ratio', 'x', 1), ('million_per_s', 'M/s', 1), ('items_per_second', 'M/s', 1e-6),
            ('bytes_per_second', 'MB/s', 1e-6), ('peak_rss_mb', 'MB', 1))
PROGRAM_LIMIT_S = 300
# These need arguments, and their figures have no table here.
OTHER_PROGRAMS = ('router_socket_bench', 'router_isolation_bench')


def programs(build, only):
    found = sorted((build / 'bin').glob('*_bench'))
    chosen = [path for path in found
              if re.search(only, path.name) and path.name not in OTHER_PROGRAMS]
    if not chosen:
        sys.exit(f'report.py: no benchmark in {build}/bin; build them: cmake --build {build}')
    return chosen


def pinned_environment():
    environment = dict(os.environ)
    cpus = sorted(os.sched_getaffinity(0))
    if len(cpus) > 1:
        environment.setdefault('PRODUCER_CPU', str(cpus[0]))
        environment.setdefault('FLUSHER_CPU', str(cpus[1]))
    return environment


def run_program(path, target, environment):
    """Runs one program once, with its JSON in `target`. Returns why it failed, else None."""
    command = [str(path), f'--benchmark_out={target}', '--benchmark_out_format=json',
               '--benchmark_min_time=0.2']
    try:
        done = subprocess.run(command, env=environment, capture_output=True, text=True,
                              timeout=PROGRAM_LIMIT_S)
    except subprocess.TimeoutExpired:
        target.unlink(missing_ok=True)
        return f'not ready in {PROGRAM_LIMIT_S} s'
    if done.returncode != 0:
        target.unlink(missing_ok=True)
        return f'exit {done.returncode}: {done.stderr.strip()[-200:]}'
    return ''


def run_rounds(chosen, raw, rounds):
    raw.mkdir(parents=True, exist_ok=True)
    for old in raw.glob('*.json'):
        old.unlink()
    environment, failures, begin = pinned_environment(), {}, time.monotonic()
    try:
        for number in range(1, rounds + 1):
            for path in chosen:
                took = time.monotonic() - begin
                print(f'\r\033[Kround {number}/{rounds}  {path.name}  {took:.0f} s', end='',
                      file=sys.stderr, flush=True)
                why = run_program(path, raw / f'{path.name}.{number}.json', environment)
                if why:
                    failures[path.name] = why
    except KeyboardInterrupt:
        print('\nstopped: what was measured so far is reported', file=sys.stderr)
    print(file=sys.stderr)
    return failures


def machine_lines(context):
    lines = pathlib.Path('/proc/cpuinfo').read_text().splitlines()
    cpu = next((line.split(':')[1].strip() for line in lines if line.startswith('model name')), '?')
    governor = pathlib.Path('/sys/devices/system/cpu/cpu0/cpufreq/scaling_governor')
    governor = governor.read_text().strip() if governor.exists() else "unknown (the host's)"
    commit = subprocess.run(['git', 'rev-parse', '--short', 'HEAD'], capture_output=True, text=True,
                            cwd=pathlib.Path(__file__).parent).stdout.strip()
    compiler = subprocess.run(['c++', '--version'], capture_output=True,
                              text=True).stdout.splitlines()[0]
    load = context.get('load_avg', [0])[0]
    lines = [f'- {cpu}, {os.cpu_count()} CPUs; governor: {governor}; Linux {platform.release()}',
            f'- {compiler}; Release (`-O3 -DNDEBUG`); commit {commit}',
            f'- {context.get("date", "?")[:10]}; Google Benchmark, library built as '
            f'{context.get("library_build_type", "?")}; load average {load:.1f}']
    if load > os.cpu_count() + 1:  # the benchmarks themselves keep all CPUs of a small machine busy
        lines.append('- **Other work ran during the run: these figures mean little. Measure again.**')
    return lines


def bar_table(bench, harness):
    lines = ['| what | bar | figure | met |', '|---|---|---|---|']
    for bar in all_bars():
        figure = bar.figure(bench, harness)
        if figure is None:
            lines.append(f'| {bar.what} | {bar.bar()} | not measured yet: {bar.command()} | |')
        else:
            met = {True: 'yes', False: '**no**', None: ''}[figure.is_met]
            lines.append(f'| {bar.what} | {bar.bar()} | {figure.words} | {met} |')
    lines += [f'| {what} | {bound} | see the table of its program, or: {command} | |'
              for what, bound, command in OPEN_BARS]
    return lines


def figure_texts(counters):
    texts = []
    for name, unit, scale in COUNTERS:
        if name in counters:
            short = name.removesuffix('_ns').replace('p999', 'p99.9')
            prefix = f'{short} ' if short.startswith('p') and short[1:2].isdigit() else ''
            texts.append(f'{prefix}{Spread(counters[name]).text(scale)} {unit}')
    if not texts and 'real_time' in counters:
        texts.append(f'{Spread(counters["real_time"]).text()} (time unit of the program)')
    return '; '.join(texts)


def program_tables(bench):
    lines = []
    keys = set(bench.values) | {(program, name, 'any') for program, name in bench.refused}
    for program in sorted({key[0] for key in keys}):
        lines += ['', f'### {program}', '', '| question | regime | runs | median (p10-p90) |',
                  '|---|---|---|---|']
        for _, name, regime in sorted(key for key in keys if key[0] == program):
            counters = bench.values.get((program, name, regime))
            if counters:
                words = f'{len(counters["real_time"])} | {figure_texts(counters)}'
            else:
                words = f'0 | refused: {bench.refused[program, name]}'
            lines.append(f'| {plot.spoken(name)} | {regime} | {words} |')
    return lines


def harness_table(harness):
    lines = []
    for work, keys in (('L1', ('burst_p50', 'burst_p99')), ('L4', ('burst_p50', 'burst_p99')),
                       ('T', ('e2e_mps',)), ('TJ', ('e2e_mps',)), ('D', ('ns',))):
        for regime in ('ccx', 'far') if work[0] == 'L' else ('any',):
            rows = [(peer, [harness.find(work, regime, peer, key) for key in keys])
                    for peer in harness.peers(work)]
            rows = [(peer, found) for peer, found in rows if all(found)]
            if not rows:
                continue
            where = '' if regime == 'any' else f', {regime}'
            lines += ['', f'Workload {work}{where}:', '', '| program | ' + ' | '.join(keys) + ' |',
                      '|---|' + '---|' * len(keys)]
            for peer, found in sorted(rows, key=lambda row: row[1][0].median):
                lost = ' (dropped messages)' if harness.dropped(work, peer) > 0 else ''
                lines.append(f'| {peer}{lost} | ' + ' | '.join(s.text() for s in found) + ' |')
    return lines


def insert(document, marker, lines):
    """Replaces the lines between the two comments of this name."""
    begin, end = f'<!-- {marker} -->', f'<!-- end {marker} -->'
    if begin not in document or end not in document:
        sys.exit(f'report.py: the document has no place "{marker}"')
    head, rest = document.split(begin, 1)
    tail = rest.split(end, 1)[1]
    return head + begin + '\n' + '\n'.join(lines).strip('\n') + '\n' + end + tail


def draw_plots(bench, harness, out):
    out.mkdir(parents=True, exist_ok=True)
    wanted = [('call_cost', 'call_site_bench', 'p50_ns', 'p99_ns', 1, 'ns per call',
               'A call, bursts of 20'),
              ('function_call_cost', 'function_call_bench', 'p50_ns', 'p99_ns', 1, 'ns per call',
               'A call of the function API, bursts of 20'),
              ('threads', 'call_threads_bench', 'p50_ns', 'p99_ns', 1, 'ns per call',
               'A log call with threads beside it'),
              ('engine', 'flusher_bench', 'items_per_second', None, 1e-6, 'million messages/s',
               'Call to envelope, discarded'),
              ('destinations', 'sender_bench', 'items_per_second', None, 1e-6, 'million messages/s',
               'To a destination')]
    for name, program, counter, tick, scale, unit, title in wanted:
        bars = plot.bench_bars(bench, program, counter, tick, scale)
        if bars:
            note = 'Bar: median; line: p10 to p90' + ('; tick: p99.' if tick else '.')
            (out / f'{name}.svg').write_text(plot.draw(bars, title, unit, note))
    if harness:
        draw_peers(harness, out)


def draw_peers(harness, out):
    bars = []
    for regime in ('ccx', 'far'):
        for peer in harness.peers('L1'):
            p50, p99 = (harness.find('L1', regime, peer, f'burst_{p}') for p in ('p50', 'p99'))
            if p50 and p99:
                bars.append(plot.Bar(peer, regime, p50, p99.median))
    bars.sort(key=lambda bar: (bar.regime, bar.spread.median))
    if bars:
        (out / 'peers.svg').write_text(plot.draw(
            bars, 'A log call of three arguments, one thread, beside others', 'ns per call',
            'Bar: median; line: p10 to p90; tick: p99.'))


def parse_options():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('--build', required=True, type=pathlib.Path)
    parser.add_argument('--out', required=True, type=pathlib.Path,
                        help='directory of the plots; the document is beside it, with .md')
    parser.add_argument('--rounds', type=int, default=10)
    parser.add_argument('--only', default='.', help='programs whose name matches')
    parser.add_argument('--harness', type=pathlib.Path)
    parser.add_argument('--call-sites', type=pathlib.Path,
                        help='the output of bench/call_site_cost/measure.py')
    parser.add_argument('--reuse', action='store_true')
    return parser.parse_args()


def main():
    options = parse_options()
    raw = options.build / 'bench-report'
    document = options.out.with_suffix('.md')
    text = document.read_text()
    failures = {}
    if not options.reuse:
        failures = run_rounds(programs(options.build, options.only), raw, options.rounds)
    bench = BenchFigures()
    for path in sorted(raw.glob('*.json')):
        bench.add_file(path)
    if not bench.values and not bench.refused:
        sys.exit(f'report.py: nothing in {raw}: ' + '; '.join(failures.values()))
    harness = HarnessFigures(options.harness) if options.harness else None
    text = insert(text, 'machine', machine_lines(bench.context))
    text = insert(text, 'bars', bar_table(bench, harness))
    text = insert(text, 'programs', program_tables(bench))
    if harness:
        lines = harness_table(harness)
        picture = ['', f'![A log call beside others]({options.out.name}/peers.svg)']
        text = insert(text, 'peers', lines + picture if lines else ['Not measured yet.'])
    if options.call_sites:
        text = insert(text, 'call sites', options.call_sites.read_text().splitlines())
    document.write_text(text)
    draw_plots(bench, harness, options.out)
    for name, why in failures.items():
        print(f'{name}: {why}')
    print(f'{document} and {options.out}/*.svg are rewritten')


if __name__ == '__main__':
    main()
