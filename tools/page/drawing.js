'use strict';
// Plots as SVG, drawn from plain values; knows nothing of what they mean. A plot is a <figure> that
// draws itself again when its width changes, so that letters keep their size on a phone. Every
// figure that matters is text beside its mark: nothing needs a mouse. All texts become text nodes,
// never markup.

// The name space is asked of the parser, so that the page has no address in it.
const svgSpace = (() => {
  const template = document.createElement('template');
  template.innerHTML = '<svg></svg>';
  return template.content.firstChild.namespaceURI;
})();

function fill(element, attributes, children) {
  for (const [name, value] of Object.entries(attributes || {})) {
    if (value !== undefined && value !== null) element.setAttribute(name, value);
  }
  for (const child of children.flat()) {
    if (child !== null && child !== undefined) element.append(child);
  }
  return element;
}
const html = (name, attributes, ...children) =>
  fill(document.createElement(name), attributes, children);
const svg = (name, attributes, ...children) =>
  fill(document.createElementNS(svgSpace, name), attributes, children);
const label = (x, y, anchor, style, text) =>
  svg('text', {x, y, 'text-anchor': anchor, class: style}, text);
const line = (x1, y1, x2, y2, style) => svg('line', {x1, y1, x2, y2, class: style});

const letterPx = 12;
const measuring = document.createElement('canvas').getContext('2d');
function textWidth(text) {
  measuring.font = `600 ${letterPx}px ${getComputedStyle(document.body).fontFamily}`;
  return Math.ceil(measuring.measureText(text).width);
}
function cutTo(text, width) {
  if (textWidth(text) <= width) return text;
  let end = text.length;
  while (end > 1 && textWidth(text.slice(0, end) + '\u2026') > width) --end;
  return text.slice(0, end) + '\u2026';
}

// Scales: at() maps a value to a place, values beyond the range to its ends; ticks() are round
// values within it.

function linearScale(low, high, from, to) {
  const top = high > low ? high : low + 1;
  return {
    at: value => from + (Math.min(Math.max(value, low), top) - low) / (top - low) * (to - from),
    ticks(most) {
      const wanted = (top - low) / Math.max(most, 1);
      const power = 10 ** Math.floor(Math.log10(wanted));
      const step = [1, 2, 5, 10].map(factor => factor * power).find(each => each >= wanted * 0.999);
      const ticks = [];
      for (let i = Math.ceil(low / step - 1e-9); i * step <= top * (1 + 1e-9); ++i) {
        ticks.push(i * step);
      }
      return ticks;
    },
  };
}

function logScale(low, high, from, to) {
  const bottom = Math.log10(Math.max(low, 1e-9));
  const top = Math.max(Math.log10(Math.max(high, 1e-9)), bottom + 0.1);
  return {
    at(value) {
      const power = Math.log10(Math.max(value, 1e-9));
      return from + (Math.min(Math.max(power, bottom), top) - bottom) / (top - bottom) * (to - from);
    },
    ticks() {
      const factors = top - bottom <= 2 ? [1, 2, 5] : [1];
      const ticks = [];
      for (let power = Math.floor(bottom); power <= top; ++power) {
        ticks.push(...factors.map(factor => factor * 10 ** power));
      }
      return ticks.filter(tick => Math.log10(tick) >= bottom - 1e-9 && Math.log10(tick) <= top + 1e-9);
    },
  };
}

// A range of whole decades, or of 1, 2 and 5 in them when they are few.
function logRange(values) {
  const known = values.filter(value => value > 0);
  if (known.length === 0) return [1, 10];
  const round = (value, away) => {
    const power = 10 ** Math.floor(Math.log10(value));
    const steps = [1, 2, 5, 10].map(factor => factor * power);
    return away > 0 ? steps.find(step => step >= value * 0.999)
      : steps.reverse().find(step => step <= value * 1.001);
  };
  const low = round(Math.min(...known), -1);
  const high = round(Math.max(...known), 1);
  return high / low < 10 ? [low, low * 10] : [low, high];
}

// A horizontal axis with its grid; labels that would touch their neighbour are left out.
function xAxis(scale, ticks, format, top, bottom, left, right) {
  const nodes = [];
  let end = -Infinity;
  for (const tick of ticks) {
    const at = scale.at(tick);
    nodes.push(line(at, top, at, bottom, 'grid'));
    const text = format(tick);
    const half = textWidth(text) / 2;
    const middle = Math.min(Math.max(at, left + half), right - half);
    if (middle - half < end + 8) continue;
    nodes.push(label(middle, bottom + 16, 'middle', 'tick', text));
    end = middle + half;
  }
  return nodes;
}

function yAxis(scale, ticks, format, left, right) {
  return ticks.flatMap(tick => [
    line(left, scale.at(tick), right, scale.at(tick), 'grid'),
    label(left - 6, scale.at(tick) + 4, 'end', 'tick', format(tick)),
  ]);
}

// The pictures of the page. It draws them once they are in their places, and each draws itself when
// its width changes.
const pictures = [];
const drawPictures = () => pictures.forEach(draw => draw());

// A figure whose picture `paint(width)` returns as {height, nodes}.
function plot(title, note, paint) {
  const picture = svg('svg', {role: 'img', 'aria-label': title});
  const figure = html('figure', {}, html('figcaption', {}, title,
    note ? html('span', {class: 'dim'}, ' ', note) : null), picture);
  let drawn = 0;
  const draw = () => {
    const width = Math.floor(picture.getBoundingClientRect().width);
    if (width < 50 || width === drawn) return;
    drawn = width;
    const {height, nodes} = paint(width);
    picture.setAttribute('viewBox', `0 0 ${width} ${height}`);
    picture.setAttribute('height', height);
    picture.replaceChildren(...nodes);
  };
  pictures.push(draw);
  new ResizeObserver(draw).observe(figure);
  return figure;
}

// Rows of one thing each: a name, marks on a common scale, and figures as text. On a narrow page
// the texts have a line of their own above the marks.
// rows: {name, text, isChosen, fault} and what `mark(row, scale, y)` draws.
function rowPlot({title, note, rows, scaleOf, format, mark}) {
  return plot(title, note, width => {
    const widest = Math.max(...rows.map(row => textWidth(row.name)), 0);
    const texts = Math.max(...rows.map(row => textWidth(row.fault ? '' : row.text)), 0);
    const stacks = width < widest + texts + 220;
    const left = stacks ? 4 : widest + 12;
    const right = stacks ? width - 4 : width - texts - 12;
    const step = stacks ? 42 : 26;
    const bottom = 6 + rows.length * step;
    const scale = scaleOf(left, right);
    const most = Math.max(2, Math.floor((right - left) / 70));
    const nodes = xAxis(scale, scale.ticks(most), format, 2, bottom, 0, width);
    rows.forEach((row, i) => {
      const top = 6 + i * step;
      const y = stacks ? top + 27 : top + 11;
      const name = row.isChosen ? 'name chosen' : 'name';
      nodes.push(stacks ? label(left, top + 12, 'start', name, cutTo(row.name, width / 2))
        : label(left - 8, y + 4, 'end', name, row.name));
      if (row.fault) {
        const room = stacks ? width / 2 - 16 : width - left - 8;
        nodes.push(label(stacks ? width - 4 : left + 8, stacks ? top + 12 : y + 4,
          stacks ? 'end' : 'start', 'fault', cutTo(row.fault, room)));
        return;
      }
      nodes.push(label(width - 4, stacks ? top + 12 : y + 4, 'end', 'figure', row.text));
      nodes.push(...mark(row, scale, y, left));
    });
    return {height: bottom + 24, nodes};
  });
}

// Bars from 0. rows: also {value}. `high` is the end of the scale where it is known, as 100 %.
function barPlot({title, note, rows, high, format}) {
  const most = high || Math.max(...rows.map(row => row.fault ? 0 : row.value), 1e-9) * 1.02;
  return rowPlot({
    title, note, rows, format,
    scaleOf: (left, right) => linearScale(0, most, left, right),
    mark: (row, scale, y, left) => [svg('rect', {
      x: left, y: y - 7, height: 14, rx: 2, width: Math.max(scale.at(row.value) - left, 1),
      class: row.isChosen ? 'bar chosen' : 'bar'})],
  });
}

// Points of one quantity on a logarithmic scale, joined. rows: also {points}, each {value, shape}:
// 'dot', 'ring' or 'tick'.
function rangePlot({title, note, rows, format}) {
  const values = rows.flatMap(row => row.fault ? [] : row.points.map(point => point.value));
  const [low, high] = logRange(values);
  const shapes = {
    dot: (x, y) => svg('circle', {cx: x, cy: y, r: 4.5, class: 'dot'}),
    ring: (x, y) => svg('circle', {cx: x, cy: y, r: 4.5, class: 'ring'}),
    tick: (x, y) => line(x, y - 6, x, y + 6, 'stem'),
  };
  return rowPlot({
    title, note, rows, format,
    scaleOf: (left, right) => logScale(low, high, left + 8, right - 8),
    mark(row, scale, y) {
      const places = row.points.map(point => scale.at(point.value));
      return [line(Math.min(...places), y, Math.max(...places), y, 'stem'),
        ...row.points.map((point, i) => shapes[point.shape](places[i], y))];
    },
  });
}

// Lines over a common x. series: {name, points: [[x, y], ...]}; xTicks: [[x, text], ...]. Arrow
// keys, a finger or a pointer move a cursor, which begins at startX; below it stand its figures: of
// each line the last point up to there.
function linePlot({title, note, series, xTicks, startX, yLabel, isLog, format, formatX}) {
  const points = series.flatMap(each => each.points);
  const xs = [...new Set(points.map(point => point[0]))].sort((a, b) => a - b);
  const ys = points.map(point => point[1]);
  const readout = html('p', {class: 'readout', 'aria-live': 'polite'});
  const cursor = line(0, 0, 0, 0, 'cursor');
  let place = Math.max(xs.findIndex(x => x >= startX), 0);
  let xScale = null;
  const read = () => {
    if (xScale === null || xs.length === 0) return;
    const at = xScale.at(xs[place]);
    cursor.setAttribute('x1', at);
    cursor.setAttribute('x2', at);
    const found = series.map(each => [each.name, each.points.filter(p => p[0] <= xs[place]).pop()]);
    readout.textContent = `${formatX(xs[place])}: ` +
      found.filter(([, p]) => p).map(([name, p]) => `${name} ${format(p[1])}`).join(', ');
  };
  const figure = plot(title, note, width => {
    const [low, high] = isLog ? logRange(ys) : [0, Math.max(...ys, 1e-9)];
    const top = 12;
    const bottom = 232;
    const yScale = (isLog ? logScale : linearScale)(low, high, bottom, top);
    const yTicks = yScale.ticks(6);
    const left = Math.max(...yTicks.map(tick => textWidth(format(tick))), 20) + 12;
    const right = width - 12;
    const lowest = Math.min(...xTicks.map(tick => tick[0]));
    xScale = linearScale(lowest, Math.max(...xTicks.map(tick => tick[0])), left, right);
    const named = new Map(xTicks);
    const nodes = [...yAxis(yScale, yTicks, format, left, right),
      ...xAxis(xScale, xTicks.map(tick => tick[0]), x => named.get(x), top, bottom, 0, width)];
    series.forEach((each, i) => {
      const path = each.points.map(([x, y], n) =>
        `${n === 0 ? 'M' : 'L'}${xScale.at(x).toFixed(1)} ${yScale.at(y).toFixed(1)}`).join('');
      nodes.push(svg('path', {d: path, class: `line s${i % 4}`}));
    });
    cursor.setAttribute('y1', top);
    cursor.setAttribute('y2', bottom);
    nodes.push(cursor);
    read();
    return {height: bottom + 24, nodes};
  });
  const legend = html('div', {class: 'legend'}, series.map((each, i) => html('span', {},
    svg('svg', {width: 26, height: 10, 'aria-hidden': 'true'},
      svg('path', {d: 'M1 5L25 5', class: `line s${i % 4}`})), ' ', each.name)));
  const picture = figure.querySelector('svg');
  picture.setAttribute('tabindex', 0);
  picture.setAttribute('aria-label', `${title}; ${yLabel}; left and right arrows move the cursor`);
  const move = to => {
    place = Math.min(Math.max(to, 0), xs.length - 1);
    read();
  };
  picture.addEventListener('keydown', event => {
    const to = {ArrowLeft: place - 1, ArrowRight: place + 1, Home: 0, End: xs.length - 1}[event.key];
    if (to === undefined) return;
    event.preventDefault();
    move(to);
  });
  const follow = event => {
    const at = event.clientX - picture.getBoundingClientRect().left;
    const distances = xs.map(x => Math.abs(xScale.at(x) - at));
    move(distances.indexOf(Math.min(...distances)));
  };
  picture.addEventListener('pointermove', follow);
  picture.addEventListener('pointerdown', follow);
  figure.append(legend, readout);
  return figure;
}

// A table that scrolls in itself on a narrow page, also by the keyboard. rows: lists of cells, each
// text or a node; a row of one cell is a heading.
function table(title, headings, rows) {
  const width = headings.length;
  const body = rows.map(row => row.length === 1
    ? html('tr', {class: 'head'}, html('th', {colspan: width, scope: 'rowgroup'}, row[0]))
    : html('tr', {}, row.map((cell, i) =>
      html(i === 0 ? 'th' : 'td', i === 0 ? {scope: 'row'} : {}, cell))));
  return html('div', {class: 'wide', tabindex: 0, role: 'region', 'aria-label': title},
    html('table', {},
      html('thead', {}, html('tr', {}, headings.map(text => html('th', {scope: 'col'}, text)))),
      html('tbody', {}, body)));
}
