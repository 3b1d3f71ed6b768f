// The report of `metlog tune`: `data` is what --json prints.

const digits = value => value < 9.995 ? value.toFixed(2)
  : value < 99.95 ? value.toFixed(1) : value.toFixed(0);
const scaled = (value, units) => {
  const [size, unit] = units.find(each => value >= each[0] * 0.9995) || units[units.length - 1];
  return `${value === 0 ? '0' : digits(value / size)}${unit}`;
};
const time = ns => scaled(ns, [[1e9, ' s'], [1e6, ' ms'], [1e3, ' us'], [1, ' ns']]);
const count = value => value < 999.5 ? value.toFixed(0) : scaled(value, [[1e6, ' M'], [1e3, ' k']]);
const percent = value => `${value.toFixed(1)} %`;
// On an axis: without trailing zeros.
const round = format => value =>
  format(value).replace(/(\.\d*?)0+(?= |$)/, '$1').replace(/\.(?= |$)/, '');

const settingKeys = {poll: 'poll_us', max_poll: 'max_poll_us', quiet: 'idle_us', wake: 'wakes',
  batch: 'batch_bytes', ring: 'ring_bytes', pool: 'pool_size'};
const ok = phase => phase.status === 'ok';
const hasTimes = row => ok(row.latency) && row.burst_ns.samples > 0;
const hasKept = row => ok(row.units) && row.kept !== null;

function isChosen(row) {
  const key = settingKeys[row.axis] || row.axis;
  return data.chosen !== null && row.setting[key] === data.chosen.setting[key];
}
const barRow = (row, known, value, text, phase) => ({
  name: row.value, isChosen: isChosen(row), value, text,
  fault: known ? '' : row[phase].remark || 'not measured',
});

function keptPlot(rows) {
  return barPlot({
    title: 'Work that busy workers keep', note: 'beside logging', high: 100, format: round(percent),
    rows: rows.map(row => barRow(row, hasKept(row), hasKept(row) ? row.kept.percent : 0,
      hasKept(row) ? `${percent(row.kept.percent)} \u00b1${row.kept.error.toFixed(1)}` : '', 'units')),
  });
}

function cpuPlot(rows) {
  return barPlot({
    title: 'CPU of a message', note: 'of all threads, beside busy workers',
    format: round(value => `${digits(value)} us`),
    rows: rows.map(row => barRow(row, hasKept(row), hasKept(row) ? row.kept.cpu_us_per_message : 0,
      hasKept(row) ? `${row.kept.cpu_us_per_message.toFixed(2)} us` : '', 'units')),
  });
}

function idlePlot(rows) {
  return barPlot({
    title: 'CPU of the idle process', note: 'of one processor', format: round(percent),
    rows: rows.map(row => barRow(row, hasKept(row), hasKept(row) ? row.kept.idle_cpu_percent : 0,
      hasKept(row) ? percent(row.kept.idle_cpu_percent) : '', 'units')),
  });
}

function throughputPlot(rows) {
  return barPlot({
    title: 'Delivered', note: data.rate ? 'a second, at the rate given' : 'a second, flat out',
    format: round(count),
    rows: rows.map(row => barRow(row, ok(row.throughput), row.throughput.per_second || 0,
      `${count(row.throughput.per_second || 0)}/s`, 'throughput')),
  });
}

function timesPlot(title, rows, timesOf) {
  return rangePlot({
    title, note: '\u25cf p50  \u25cb p99', format: round(time),
    rows: rows.map(row => {
      const times = timesOf(row);
      return {
        name: row.value, isChosen: isChosen(row),
        text: `${time(times.p50)} \u00b7 ${time(times.p99)}`,
        points: [{value: times.p50, shape: 'dot'}, {value: times.p99, shape: 'ring'}],
        fault: hasTimes(row) ? '' : row.latency.remark || 'not measured',
      };
    }),
  });
}

function section(title, ...content) {
  if (content.flat().every(each => each === null)) return null;
  return html('section', {}, html('h2', {}, title), ...content);
}
const paragraph = (text, style) => html('p', style ? {class: style} : {}, text);

function forms() {
  const form = (name, text, isOpen) => html('details', isOpen ? {open: ''} : {},
    html('summary', {}, name), html('pre', {tabindex: 0, 'aria-label': name}, text));
  const chosen = data.chosen;
  return [form('C++', chosen.code, true), form('INI', chosen.ini),
    form('JSON', JSON.stringify(chosen.config, null, 2)),
    chosen.only_in_code ? paragraph(`INI and JSON: ${chosen.only_in_code}.`, 'dim') : null];
}

function choice() {
  if (data.chosen === null) {
    return section('The choice',
      paragraph('No row was clean: nothing can be recommended.', 'fault'));
  }
  return section('The choice', html('p', {}, html('b', {}, data.chosen.text)), forms(),
    paragraph(`Settings that cost the host more are out. The goal, ${data.goal}, decides among the ` +
      `rest: ${data.goal_meaning}.`),
    html('ul', {}, data.reasons.map(reason => html('li', {}, reason))));
}

// The clean round whose time of a burst is the middle one.
function middleOf(rows) {
  const clean = rows.filter(row => row.status === 'ok' && hasTimes(row))
    .sort((a, b) => a.burst_ns.p50 - b.burst_ns.p50);
  return clean[Math.floor(clean.length / 2)];
}

const nines = share => Math.min(-Math.log10(Math.max(1 - share, 1e-12)), 12);
function curvesPlot(title, sides, timesOf) {
  const series = sides.filter(([, row]) => row !== undefined).map(([name, row]) => {
    const times = timesOf(row);
    // The slowest of n calls stands where the n-th part of them is slower.
    const last = nines(1 - 1 / Math.max(times.samples, 2));
    const points = times.curve.map((ns, i) => [Math.min(nines(data.curve_shares[i]), last), ns]);
    return {name, points: points.filter(([x], i) => i === points.length - 1 || x < last)};
  });
  if (series.length === 0) return null;
  const most = Math.max(...series.flatMap(each => each.points.map(point => point[0])));
  const shares = [[0, '0 %'], [nines(0.5), '50 %'], [1, '90 %'], [2, '99 %'], [3, '99.9 %'],
    [4, '99.99 %'], [5, '99.999 %'], [6, '99.9999 %']];
  return linePlot({
    title, note: 'by the share of calls that were no slower', series, isLog: true,
    startX: 1.999, format: round(time), xTicks: shares.filter(([x]) => x < most + 1), yLabel: 'time of a call',
    formatX: x => `${+(100 * (1 - 10 ** -x)).toFixed(4)} %`,
  });
}

function comparison() {
  const compared = data.confirmation;
  if (compared.defaults.length === 0) return null;
  const format = {ns: time, '/s': value => `${count(value)}/s`, '%': percent,
    us: value => `${digits(value)} us`, MB: value => `${value.toFixed(1)} MB`};
  const cell = (spread, unit) => spread === null ? '-'
    : `${format[unit](spread.median)} \u00b1 ${format[unit](spread.half_width)}`;
  const differs = compared.chosen.length > 0;
  const rows = compared.figures.map(figure => [figure.name, cell(figure.defaults, figure.unit),
    ...differs ? [cell(figure.chosen, figure.unit)] : []]);
  const sides = [['defaults', middleOf(compared.defaults)], ['choice', middleOf(compared.chosen)]];
  return section('Defaults and choice',
    html('div', {class: 'plots'},
      curvesPlot('Calls in bursts of 20', sides, row => row.burst_ns),
      curvesPlot('Calls alone', sides, row => row.single_ns)),
    table('Defaults and choice', ['', 'defaults', ...differs ? ['choice'] : []], rows),
    paragraph(`Measured in turn, ${compared.defaults.length} rounds; median and half the distance ` +
      `of the quartiles. Cores: ${compared.regimes}.`, 'dim'));
}

function axisSection({name, title}) {
  const rows = data.rows.filter(row => row.axis === name);
  if (rows.length === 0) return null;
  return section(title[0].toUpperCase() + title.slice(1), html('div', {class: 'plots'},
    keptPlot(rows), cpuPlot(rows), idlePlot(rows), throughputPlot(rows),
    timesPlot('A call in bursts of 20', rows, row => row.burst_ns),
    timesPlot('A call alone', rows, row => row.single_ns)));
}

function losses() {
  const share = phase => phase.emitted > 0 ? 100 * phase.lost / phase.emitted : 0;
  const rows = data.rows.map(row => {
    const worst = [row.throughput, row.latency, row.units]
      .reduce((one, other) => share(other) > share(one) ? other : one);
    return {name: `${row.axis} ${row.value}`, value: share(worst), text: percent(share(worst))};
  }).filter(row => row.value > 0);
  if (rows.length === 0) return section('Losses', paragraph('No row lost a message.'));
  return section('Losses', html('div', {class: 'plots'}, barPlot({
    title: 'Lost messages', note: 'of those emitted', rows, format: round(percent)})));
}

function allRows() {
  const headings = ['', 'kept', 'CPU/message', 'idle CPU', 'delivered/s', 'burst p50', 'p99', 'p99.9',
    'single p50', 'p99', 'p99.9', 'max', 'memory', 'cores', 'remark'];
  const lines = [];
  data.rows.forEach((row, i) => {
    const axis = data.axes.find(each => each.name === row.axis);
    if (i === 0 || data.rows[i - 1].axis !== row.axis) lines.push([axis.title]);
    const times = (...values) => values.map(ns => hasTimes(row) && ns !== null ? time(ns) : '-');
    const remarks = [row.throughput, row.latency, row.units].map(phase => phase.remark);
    lines.push([row.value,
      ...hasKept(row) ? [percent(row.kept.percent), `${row.kept.cpu_us_per_message.toFixed(2)} us`,
        percent(row.kept.idle_cpu_percent)] : ['-', '-', '-'],
      ok(row.throughput) ? count(row.throughput.per_second) : '-',
      ...times(row.burst_ns.p50, row.burst_ns.p99, row.burst_ns.p999, row.single_ns.p50,
        row.single_ns.p99, row.single_ns.p999, row.single_ns.max),
      ok(row.throughput) ? `${(row.throughput.peak_rss_bytes / 1e6).toFixed(1)} MB` : '-',
      row.regime, [...new Set(remarks)].filter(text => text !== '').join('; ')]);
  });
  const element = table('All rows', headings, lines);
  for (const cell of element.querySelectorAll('td:nth-child(15)')) cell.className = 'remark';
  return section('All rows', element);
}

function method() {
  const load = data.rate ? `${data.rate} times a second` : 'as fast as possible';
  const empty = data.rows.length > 0 ? data.rows[0].empty_ns.toFixed(0) : 0;
  return section('Machine and method', paragraph(
    `Each row is measured by three processes of ${data.phase_ms} ms: one calls infrequently and ` +
    `times each call; one calls ${load}; in one, workers on all processors compute for 20 us and ` +
    'log one message, in turn with slices without logging: "kept" is the share of their work a ' +
    'second of CPU time that remains. Receivers count what arrives. The cost of an empty ' +
    `measurement (${empty} ns) is subtracted from times. "Cores" is the distance of the first two ` +
    'processors before and after: smt, ccx (one cache), far, or mixed. Compare only rows with the ' +
    'same distance.'), html('p', {}, 'Command: ', html('code', {}, data.command)));
}

document.querySelector('main').append(...[
  html('h1', {}, 'metlog tune'),
  paragraph(`metlog ${data.version}, ${data.date.replace('T', ' ').replace('Z', ' UTC')}; ` +
    `${data.machine.cpu}, ${data.machine.processors} processors, ${data.machine.kernel}; ` +
    `${data.seconds.toFixed(0)} s`, 'dim'),
  data.remarks.map(text => paragraph(text, 'fault')),
  choice(), comparison(),
  data.chosen ? paragraph('In the plots below, the values of the choice stand out in bold.', 'dim') : null,
  data.axes.map(axisSection), losses(), allRows(), method(),
].flat().filter(each => each !== null));
