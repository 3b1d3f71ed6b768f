#!/usr/bin/env python3
"""Draws results of the benchmarks as SVG: a bar per question, with a whisker from p10 to p90.

  bench/plot.py --raw DIR --program call_site_bench --counter p50_ns --unit ns --out FILE.svg

DIR holds the JSON of runs with --benchmark_out, named PROGRAM.ROUND.json, as report.py leaves them.
"""
import argparse
import html
import math
import pathlib
import re

from figures import BenchFigures, Spread, number_text

WIDTH, LABEL_WIDTH, ROW, TOP, BOTTOM = 940, 420, 24, 56, 50
COLOURS = {'smt': '#7a5195', 'ccx': '#2f6f9f', 'far': '#c8553d', 'any': '#4d7c4d'}
MEANING = {'smt': 'two threads of one core', 'ccx': 'one cache', 'far': 'two caches',
           'any': 'regime not reported'}


class Bar:
    """One row: its label, regime and spread, and optionally a higher percentile as a tick."""

    def __init__(self, label, regime, spread, tick=None):
        self.label, self.regime, self.spread, self.tick = label, regime, spread, tick

    def extent(self):
        return max(self.spread.high, self.tick or 0)


def axis_step(extent):
    """Returns the smallest of 1, 2, 5 times a power of ten that makes at most nine steps."""
    power = 10.0 ** math.floor(math.log10(extent / 9))
    return next(power * factor for factor in (1, 2, 5, 10) if extent / (power * factor) <= 9)


def text(x, y, words, anchor='start', size=12, colour='#222'):
    return (f'<text x="{x:.1f}" y="{y:.1f}" font-size="{size}" text-anchor="{anchor}" '
            f'fill="{colour}">{html.escape(words)}</text>')


def axis(scale, extent, bottom, unit):
    parts, step, value = [], axis_step(extent), 0.0
    while value <= extent * 1.0001:
        x = LABEL_WIDTH + value * scale
        parts.append(f'<line x1="{x:.1f}" x2="{x:.1f}" y1="{TOP - 6}" y2="{bottom}" '
                     'stroke="#ddd"/>')
        parts.append(text(x, bottom + 15, f'{value:g}', 'middle', 11))
        value += step
    middle = LABEL_WIDTH + extent * scale / 2
    parts.append(text(middle, bottom + 33, unit, 'middle'))
    return parts


def value_text(bar):
    median = number_text(bar.spread.median)
    return median if bar.tick is None else f'{median} / {number_text(bar.tick)}'


def bar_parts(bar, scale, y):
    colour = COLOURS[bar.regime]
    end = LABEL_WIDTH + bar.spread.median * scale
    low, high = (LABEL_WIDTH + value * scale for value in (bar.spread.low, bar.spread.high))
    furthest = max(high, LABEL_WIDTH + (bar.tick or 0) * scale, end)
    parts = [
        text(LABEL_WIDTH - 8, y + 14, bar.label, 'end'),
        f'<rect x="{LABEL_WIDTH}" y="{y + 3}" width="{max(end - LABEL_WIDTH, 0.5):.1f}" '
        f'height="{ROW - 9}" fill="{colour}"/>',
        f'<line x1="{low:.1f}" x2="{high:.1f}" y1="{y + 10.5}" y2="{y + 10.5}" stroke="#111"/>',
        text(furthest + 6, y + 14, value_text(bar), size=11),
    ]
    if bar.tick is not None:
        x = LABEL_WIDTH + bar.tick * scale
        parts.append(f'<line x1="{x:.1f}" x2="{x:.1f}" y1="{y + 2}" y2="{y + ROW - 5}" '
                     f'stroke="{colour}" stroke-width="3"/>')
    return parts


def legend(bars, note):
    seen = sorted({bar.regime for bar in bars})
    words = '; '.join(f'{regime}: {MEANING[regime]}' for regime in seen)
    parts, x = [], 16
    for regime in seen:
        parts.append(f'<rect x="{x}" y="32" width="11" height="11" fill="{COLOURS[regime]}"/>')
        parts.append(text(x + 15, 42, regime, size=11))
        x += 52
    return parts + [text(x + 4, 42, f'{words}. {note}', size=11, colour='#555')]


def draw(bars, title, unit, note='Bar: median; line: p10 to p90.'):
    """The SVG of the bars, as text."""
    extent = max((bar.extent() for bar in bars), default=1) or 1
    scale = (WIDTH - LABEL_WIDTH - 90) / extent
    bottom = TOP + ROW * len(bars)
    parts = [f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" height="{bottom + BOTTOM}" '
             'font-family="sans-serif">', '<rect width="100%" height="100%" fill="#fff"/>',
             text(16, 22, title, size=15), *legend(bars, note), *axis(scale, extent, bottom, unit)]
    for index, bar in enumerate(bars):
        parts += bar_parts(bar, scale, TOP + ROW * index)
    return '\n'.join([*parts, '</svg>', ''])


def spoken(name):
    """WhatDoesACounterCost/threads:4 -> a counter, threads:4."""
    name, _, rest = name.removesuffix('/real_time').partition('/')
    words = re.sub(r'(?<=[a-z])(?=[A-Z0-9])|(?<=[0-9A-Z])(?=[A-Z])', ' ', name).lower()
    for opening in ('what does an ', 'what does a ', 'what does ', 'how many ', 'how much '):
        if words.startswith(opening):
            words = words[len(opening):]
    words = words.removesuffix(' cost')
    return f'{words}, {rest}' if rest else words


def bench_bars(figures, program, counter, tick=None, scale=1.0):
    bars = []
    for (of, name, regime), counters in sorted(figures.values.items()):
        if of == program and counter in counters:
            spread = Spread([value * scale for value in counters[counter]])
            high = Spread(counters[tick]).median * scale if tick in counters else None
            bars.append(Bar(spoken(name), regime, spread, high))
    return sorted(bars, key=lambda bar: (bar.regime, bar.spread.median))


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('--raw', required=True, type=pathlib.Path)
    parser.add_argument('--program', required=True)
    parser.add_argument('--counter', default='p50_ns')
    parser.add_argument('--tick', default='p99_ns', help='a counter drawn as a tick')
    parser.add_argument('--unit', default='ns per call')
    parser.add_argument('--out', required=True, type=pathlib.Path)
    options = parser.parse_args()
    figures = BenchFigures()
    for path in sorted(options.raw.glob(f'{options.program}.*.json')):
        figures.add_file(path)
    bars = bench_bars(figures, options.program, options.counter, options.tick)
    if not bars:
        parser.error(f'{options.raw} holds no {options.counter} of {options.program}')
    options.out.write_text(draw(bars, options.program, options.unit))


if __name__ == '__main__':
    main()
