// The page of a running router. It asks for /status.json and /history.json every second, while it is
// seen, and draws what came. All texts become text nodes, never markup.

const main = document.querySelector('main');
const sections = new Map();
const asText = value => JSON.stringify(value);
const whole = new Intl.NumberFormat('en', {maximumFractionDigits: 0});
const count = value => whole.format(value + 0);  // -0 is 0
const rate = value => value > 0 && value < 10 ? value.toFixed(1) : count(value);
const clock = text => new Date(text).toLocaleTimeString();
const moment = text => new Date(text).toDateString() === new Date().toDateString()
  ? clock(text) : new Date(text).toLocaleString();

function bytes(value) {
  const unit = ['B', 'KiB', 'MiB', 'GiB'].findIndex((_, i, all) =>
    value < 1024 ** (i + 1) || i === all.length - 1);
  return `${+(value / 1024 ** unit).toPrecision(3)} ${['B', 'KiB', 'MiB', 'GiB'][unit]}`;
}

function duration(seconds) {
  if (seconds < 1e-3) return `${+(seconds * 1e6).toPrecision(3)} us`;
  if (seconds < 1) return `${+(seconds * 1e3).toPrecision(3)} ms`;
  return `${+seconds.toPrecision(3)} s`;
}

function ago(text, now) {
  const seconds = Math.max(0, Math.round((new Date(now) - new Date(text)) / 1000));
  if (seconds < 120) return `${seconds} s ago`;
  if (seconds < 7200) return `${Math.round(seconds / 60)} min ago`;
  return seconds < 172800 ? `${Math.round(seconds / 3600)} h ago`
    : `${Math.round(seconds / 86400)} days ago`;
}

// Shows a section; what it shows is made again only when `data` has changed.
function show(name, data, make) {
  const key = asText(data);
  let section = sections.get(name);
  if (section === undefined) {
    section = {element: html('section', {id: name}), key: null};
    sections.set(name, section);
    main.append(section.element);
  }
  if (section.key === key) return;
  section.key = key;
  const wide = section.element.querySelector('.wide');
  const scrolled = wide === null ? 0 : wide.scrollLeft;
  section.element.replaceChildren(...make().flat().filter(node => node !== null));
  const after = section.element.querySelector('.wide');
  if (after !== null) after.scrollLeft = scrolled;
}

const heading = (text, note) => html('h2', {}, text, note ? html('span', {class: 'dim'}, ' ', note)
  : null);

// What a reason of the ledger means, for who reads it for the first time.
const reasons = {
  queue_full: 'its queue was full: the destination is slower than what comes',
  no_receiver: 'nobody was there to take it',
  refused: 'the destination refused it',
  too_long: 'longer than the destination takes',
  expired: 'not sent within the time at the end',
  formatter_failed: 'the output\'s format has no form of it',
  kernel_drops: 'the kernel had no room: it came faster than it was read',
  lost_on_way: 'sent by the program, and never received',
  undecided: 'missing: lost on the way, or by the program',
  lost_by_clients: 'lost in the program, as it says itself',
  ring_full: 'the program logged faster than it sent',
  not_json: 'not JSON', missing_key: 'a key of the envelope is missing',
  bad_timestamp: 'its time stamp is none', too_deep: 'nested too deeply',
};

function losses(status) {
  const rows = status.losses;
  if (rows.length === 0) {
    return [html('p', {class: 'verdict good'}, 'Nothing was lost since ',
      moment(status.started), '.')];
  }
  const sum = rows.reduce((total, row) => total + row.count, 0);
  const newest = rows[0];
  return [
    html('p', {class: 'verdict bad'}, `${count(sum)} lost or rejected, most recently `,
      `${ago(newest.last, status.time)}: ${newest.where}, ${newest.why}.`),
    table('What was lost', ['Where and why', 'How many', 'Since', 'Last'], rows.map(row => [
      html('div', {}, row.where,
        html('div', {class: 'fault'}, row.why, reasons[row.why] ? `: ${reasons[row.why]}` : null),
        row.detail ? html('div', {class: 'dim'}, row.detail) : null),
      count(row.count), moment(row.since), ago(row.last, status.time)])),
  ];
}

function outputs(ledger, now) {
  const rows = ledger.outputs.map(output => {
    const share = output.queue_limit_bytes ? output.queue_bytes / output.queue_limit_bytes : 0;
    const name = (output.name || output.url) + (output.removed ? ' (removed)' : '');
    return [
      html('div', {title: output.url}, name, output.last_error
        ? html('div', {class: 'fault'}, output.last_error, html('span', {class: 'dim'},
          `, ${ago(output.last_error_time, now)}`)) : null),
      count(output.written), html('span', {class: output.lost ? 'fault' : ''}, count(output.lost)),
      count(output.pending),
      html('span', {}, html('meter', {min: 0, max: 1, high: 0.8, value: Math.min(share, 1)}), ' ',
        bytes(output.queue_bytes)),
    ];
  });
  return [heading('Outputs'), table('Outputs',
    ['Output, last error', 'Written', 'Lost', 'Waiting', 'Queue'], rows)];
}

const inputs = ledger => [heading('Inputs'), table('Inputs',
  ['Input', 'Frames', 'Dropped by the kernel', 'Errors'], ledger.inputs.map(input => [
    input.endpoint + (input.removed ? ' (removed)' : ''), count(input.frames),
    html('span', {class: input.kernel_drops ? 'fault' : ''}, count(input.kernel_drops)),
    count(input.errors)]))];

const severities = ['emergency', 'alert', 'critical', 'error', 'warning', 'notice', 'info', 'debug'];

const traffic = rows => rows.length === 0 ? [] : [heading('Traffic', 'messages a second, busiest first'),
  table('Traffic', ['Type', 'Logger', 'Severity', 'Per second', 'In all'], rows.map(row => [
    row.type || '-', row.logger || '-', severities[row.severity] || String(row.severity),
    rate(row.per_second), count(row.total)]))];

function metrics(sources) {
  return sources.flatMap(source => {
    const timers = source.rows.filter(row => row.timer);
    const counters = source.rows.filter(row => !row.timer);
    return [
      timers.length === 0 ? null : heading('Timers', `of output ${source.output}`),
      timers.length === 0 ? null : table('Timers',
        ['Timer', 'Labels', 'Calls', 'Half within', '95 % within', '99 % within', 'Longest'],
        timers.map(row => [row.name, row.labels, count(row.count), duration(row.p50),
          duration(row.p95), duration(row.p99), duration(row.max)])),
      counters.length === 0 ? null : heading('Counters', `of output ${source.output}`),
      counters.length === 0 ? null : table('Counters', ['Counter', 'Labels', 'Sum'],
        counters.map(row => [row.name, row.labels, count(row.count)])),
    ];
  });
}

function sessions(ledger) {
  if (ledger.sessions === 0) return [];
  const known = value => value === null ? 'not known' : count(value);
  return [heading('Programs', 'that account for what they send'),
    table('Programs', ['Program', 'Host', 'State', 'Lost by itself', 'Lost on the way', 'Undecided'],
      ledger.worst.slice(0, 50).map(session => [
        html('span', {title: session.session}, `${session.program} (${session.pid})`),
        session.hostname, [...new Set(session.clients.map(client => client.state))].join(', '),
        count(session.lost_by_clients),
        html('span', {title: session.unknown_because || ''}, known(session.lost_on_way)),
        count(session.undecided)]))];
}

// At most 300 points: of each part of the time the highest value, so that no peak is left out.
function thinned(points, column) {
  const step = Math.max(1, Math.ceil(points.length / 300));
  const thin = [];
  for (let i = 0; i < points.length; i += step) {
    const part = points.slice(i, i + step);
    thin.push([part[0][0], Math.max(...part.map(point => point[column]))]);
  }
  return thin;
}

function chart(points) {
  if (points.length < 2) return [];
  const names = ['received', 'written', 'rejected', 'lost'];
  const first = points[0][0];
  const last = points[points.length - 1][0];
  const ticks = [0, 1, 2, 3, 4].map(i => first + (last - first) * i / 4);
  const series = names.map((name, i) => ({name, points: thinned(points, i + 1)}));
  pictures.length = 0;
  return [html('div', {}, linePlot({
    title: 'Messages a second', note: 'within the last hour', series, startX: last,
    xTicks: ticks.map(at => [at, new Date(at).toLocaleTimeString()]), yLabel: 'messages a second',
    format: rate, formatX: at => new Date(at).toLocaleTimeString()}))];
}

let points = [];
let next = 0;
let drawn = 0;
let silentSince = null;
let started = null;

function banner(status) {
  const ledger = status.ledger;
  return [html('h1', {}, 'metlogd'),
    html('p', {}, `${count(ledger.received)} messages received, ${rate(status.received_per_second)} `
      + `a second; ${count(ledger.accepted)} accepted, ${count(ledger.rejected)} rejected. `,
    html('span', {class: 'dim'}, `Version ${status.version}, since ${moment(status.started)}.`)),
    status.state === 'running' ? null
      : html('p', {class: 'verdict bad'}, `The router does not answer since ${clock(status.time)}.`)];
}

function draw(status) {
  const ledger = status.ledger;
  show('banner', [ledger.received, status.received_per_second, status.state, ledger.rejected],
    () => banner(status));
  const tens = status.time.slice(0, 18);  // of seconds: for what says how long ago it was
  show('losses', [status.losses, tens], () => losses(status));
  const seconds = Math.max(5, points.length / 600);
  const busy = document.querySelector('#chart figure:hover, #chart figure:focus-within') !== null;
  if (!busy && (drawn === 0 || Date.now() - drawn >= seconds * 1000) && points.length > 1) {
    drawn = Date.now();
    show('chart', [next], () => chart(points));
    drawPictures();
  } else {
    show('chart', sections.get('chart') ? JSON.parse(sections.get('chart').key) : [], () => []);
  }
  show('outputs', [ledger.outputs, tens], () => outputs(ledger, status.time));
  show('metrics', status.metrics, () => metrics(status.metrics));
  show('traffic', status.traffic, () => traffic(status.traffic));
  show('sessions', ledger.sessions, () => sessions(ledger.sessions));
  show('inputs', ledger.inputs, () => inputs(ledger));
  document.title = status.losses.length === 0 ? 'metlogd' : 'metlogd: lost messages';
}

async function ask(path) {
  const answer = await fetch(path, {cache: 'no-store'});
  if (!answer.ok) throw new Error(await answer.text());
  return answer.json();
}

async function update() {
  try {
    const [status, history] = await Promise.all([ask('status.json'), ask(`history.json?after=${next}`)]);
    if (started !== null && started !== status.started) {  // another router is there now
      points = [];
      next = 0;
      drawn = 0;
      started = status.started;
      return;
    }
    started = status.started;
    next = history.next;
    points = points.concat(history.points).slice(-3600);
    silentSince = null;
    draw(status);
    show('silence', [], () => []);
  } catch (error) {
    silentSince = silentSince || new Date().toLocaleTimeString();
    show('silence', [silentSince, String(error)], () => [html('p', {class: 'verdict bad silence'},
      `metlogd has not answered since ${silentSince}: ${error.message}. What is shown is older.`)]);
  }
}

async function run() {
  if (!document.hidden) await update();
  setTimeout(run, 1000);
}
run();
