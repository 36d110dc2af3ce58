// Two charts as SVG, for light and dark pages: growth with modules on logarithmic axes, and bars of one size.
const COLORS = ['#d03b3b', '#2a78d6', '#1baf7a', '#8a5cd0', '#c98500', '#0d8f9c', '#a0497e', '#5a7d2a', '#7a6a5a', '#4a5ac0', '#c05a2a', '#3f3f3f'];
const STYLE = '<style>text{font:12px system-ui,sans-serif;fill:#52514e}.t{font-size:15px;font-weight:600;fill:#0b0b0b}.g{stroke:#d8d7d2}@media(prefers-color-scheme:dark){text{fill:#c3c2b7}.t{fill:#fff}.g{stroke:#44443f}}</style>';

/**
 * @param {string} title
 * @param {{ title: string, median: number, lowest: number, highest: number }[]} bars milliseconds
 */
export function barChart(title, bars) {
  const sorted = [...bars].sort((left, right) => left.median - right.median);
  const [width, left, row] = [760, 190, 26];
  const most = Math.max(...sorted.map((bar) => bar.highest), 1);
  const x = (/** @type {number} */ ms) => left + (ms / most) * (width - left - 110);
  const rows = sorted.map((bar, index) => {
    const y = 44 + index * row;
    const color = bar.title === 'Cloudpack' ? COLORS[0] : COLORS[1];
    return `<text x="${left - 8}" y="${y + 12}" text-anchor="end">${escape(bar.title)}</text>`
      + `<rect x="${left}" y="${y}" width="${(x(bar.median) - left).toFixed(1)}" height="16" rx="2" fill="${color}"/>`
      + `<line x1="${x(bar.lowest).toFixed(1)}" x2="${x(bar.highest).toFixed(1)}" y1="${y + 8}" y2="${y + 8}" stroke="currentColor" class="g" stroke-width="2"/>`
      + `<text x="${(x(bar.highest) + 6).toFixed(1)}" y="${y + 12}">${duration(bar.median)}</text>`;
  });
  return frame(width, 60 + sorted.length * row, title, rows);
}

/**
 * @param {string} title
 * @param {{ title: string, points: [number, number][] }[]} lines modules, milliseconds
 */
export function growthChart(title, lines) {
  const points = lines.flatMap((line) => line.points);
  if (points.length === 0) return frame(760, 60, title, []);
  const [width, height, left, right, top, bottom] = [760, 440, 70, 190, 40, 50];
  const range = (/** @type {number[]} */ values) => [10 ** Math.floor(Math.log10(Math.min(...values))), 10 ** Math.ceil(Math.log10(Math.max(...values) * 1.01))];
  const sizes = [...new Set(points.map(([modules]) => modules))].sort((one, other) => one - other);
  const [x0, x1] = [sizes[0], sizes.at(-1)];
  const [y0, y1] = range(points.map(([, ms]) => ms));
  const scale = (value, low, high, from, to) => from + (Math.log10(value / low) / Math.max(Math.log10(high / low), 1e-9)) * (to - from);
  const x = (modules) => scale(modules, x0, x1, left, width - right);
  const y = (ms) => scale(ms, y0, y1, height - bottom, top);
  const grid = [];
  for (const modules of sizes) {
    grid.push(`<line class="g" x1="${x(modules).toFixed(1)}" x2="${x(modules).toFixed(1)}" y1="${top}" y2="${height - bottom}"/><text x="${x(modules).toFixed(1)}" y="${height - bottom + 18}" text-anchor="middle">${modules.toLocaleString('en-US')}</text>`);
  }
  for (let ms = y0; ms <= y1; ms *= 10) {
    grid.push(`<line class="g" x1="${left}" x2="${width - right}" y1="${y(ms).toFixed(1)}" y2="${y(ms).toFixed(1)}"/><text x="${left - 8}" y="${(y(ms) + 4).toFixed(1)}" text-anchor="end">${duration(ms)}</text>`);
  }
  // Names stand where lines end, kept apart.
  const ends = lines.map((line, index) => ({ line, color: COLORS[index % COLORS.length], at: y(line.points.at(-1)?.[1] ?? y0) })).sort((one, other) => one.at - other.at);
  /** @type {Map<number, number>} the lowest name at each end */
  const below = new Map();
  const drawn = ends.map(({ line, color, at }) => {
    const end = x(line.points.at(-1)?.[0] ?? x0);
    const text = Math.max(at + 4, (below.get(end) ?? -Infinity) + 14);
    below.set(end, text);
    const path = line.points.map(([modules, ms], index) => `${index ? 'L' : 'M'}${x(modules).toFixed(1)} ${y(ms).toFixed(1)}`).join('');
    const dots = line.points.map(([modules, ms]) => `<circle cx="${x(modules).toFixed(1)}" cy="${y(ms).toFixed(1)}" r="3" fill="${color}"/>`).join('');
    return `<path d="${path}" fill="none" stroke="${color}" stroke-width="2"/>${dots}<text x="${(end + 8).toFixed(1)}" y="${text.toFixed(1)}" style="fill:${color}">${escape(line.title)}</text>`;
  });
  return frame(width, height, title, [...grid, `<text x="${(left + width - right) / 2}" y="${height - 12}" text-anchor="middle">modules</text>`, ...drawn]);
}

function frame(width, height, title, parts) {
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}">${STYLE}<text class="t" x="12" y="24">${escape(title)}</text>\n${parts.join('\n')}\n</svg>\n`;
}

const duration = (/** @type {number} */ ms) => (ms >= 1000 ? `${+(ms / 1000).toPrecision(3)} s` : `${+ms.toPrecision(3)} ms`);
const escape = (/** @type {string} */ text) => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;');
