"""Reads the results of the benchmarks and the outside harness; medians within one regime."""
import collections
import json
import pathlib
import statistics

REGIMES = ('smt', 'ccx', 'far')


def quantile(values, share):
    """Returns the quantile by nearest rank."""
    ordered = sorted(values)
    rank = max(1, -(-len(ordered) * share // 1))
    return ordered[min(len(ordered), int(rank)) - 1]


class Spread:
    """A figure that was taken several times: its median, and the range of the middle 80 %."""

    def __init__(self, values):
        self.count = len(values)
        self.median = statistics.median(values)
        self.low = quantile(values, 0.1)
        self.high = quantile(values, 0.9)

    def text(self, scale=1.0):
        if self.count == 1:
            return number_text(self.median * scale)
        low, high = number_text(self.low * scale), number_text(self.high * scale)
        return f'{number_text(self.median * scale)} ({low}-{high})'


def number_text(value):
    """Formats a number with about three significant digits."""
    magnitude = abs(value)
    if magnitude >= 100:
        return f'{value:.0f}'
    return f'{value:.1f}' if magnitude >= 10 else f'{value:.2f}'


class BenchFigures:
    """Runs of Google Benchmark: (program, name, regime) -> counter -> values, one per run."""

    def __init__(self):
        self.values = collections.defaultdict(lambda: collections.defaultdict(list))
        self.refused = {}
        self.context = {}

    def add_file(self, path):
        document = json.loads(path.read_text())
        self.context = document['context']
        for run in document['benchmarks']:
            if run.get('run_type') == 'iteration':
                self._add_run(path.name.split('.')[0], run)

    def _add_run(self, program, run):
        name = run['name'].split('/iterations:')[0]
        if run.get('error_occurred'):
            self.refused[program, name] = run.get('error_message', '')
            return
        label = run.get('label', '').split(' ')[0]
        regime = label if label in REGIMES else 'any'
        figures = self.values[program, name, regime]
        for counter, value in run.items():
            if isinstance(value, (int, float)) and not isinstance(value, bool):
                figures[counter].append(value)

    def find(self, program, name, counter):
        """The spread in the regime with most runs, as (regime, spread); None if never measured."""
        found = [(len(figures[counter]), regime, figures[counter])
                 for (of, called, regime), figures in self.values.items()
                 if of == program and name in called and figures.get(counter)]
        if not found:
            return None
        _, regime, values = max(found, key=lambda item: item[0])
        return regime, Spread(values)


class HarnessFigures:
    """JSON lines of the outside harness, one per run: L1, L4 (latency), T, TJ (throughput), D."""

    def __init__(self, directory):
        self.runs = collections.defaultdict(list)
        for path in sorted(pathlib.Path(directory).glob('*.jsonl')):
            for line in path.read_text().splitlines():
                if line.startswith('{'):
                    self._add(path.stem, json.loads(line))

    def _add(self, work, run):
        self.runs[work, 'any', run['peer'], False].append(run)
        for is_burst, key in ((True, 'burst_regime'), (False, 'regime')):
            if key in run:
                self.runs[work, run[key], run['peer'], is_burst].append(run)

    def find(self, work, regime, peer, key):
        runs = self.runs.get((work, regime, peer, regime != 'any' and key.startswith('burst_')), [])
        values = [run[key] for run in runs if key in run]
        return Spread(values) if len(values) >= 3 else None

    def peers(self, work):
        return sorted({peer for of, _, peer, _ in self.runs if of == work})

    def dropped(self, work, peer):
        runs = self.runs[work, 'any', peer, False]
        return max((run.get('dropped') or 0 for run in runs), default=0)
