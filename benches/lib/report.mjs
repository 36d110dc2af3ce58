// Results -> docs/benchmarks: `results.json`, `report.md`, `cold.svg` (growth) and `bars-N.svg` (one bar a tool). Ratios first.
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { barChart, growthChart } from './chart.mjs';

/** Of the original announcement of the idea, in milliseconds; 50,000 was projected there, not measured. */
const ANNOUNCED = {
  analysis: { 10000: { cold: 1363, warm: 604, graph: 84 } },
  full: { 10000: { cold: 2770, warm: 1845 } },
};

/**
 * @param {any} results
 * @param {string} folder
 */
export function writeReport(results, folder) {
  mkdirSync(folder, { recursive: true });
  // Where things lie on one machine is nobody's business.
  const { report: _, ...options } = results.options;
  writeFileSync(join(folder, 'results.json'), `${JSON.stringify({ ...results, options }, rounded, 1)}\n`);
  writeFileSync(join(folder, 'report.md'), markdown(results));
  const title = (/** @type {string} */ name) => results.tools[name].title;
  const lines = results.options.tools.map((/** @type {string} */ name) => ({
    title: title(name),
    points: results.applications.map((app) => [app.modules, app.tools[name]?.cold?.median]).filter(([, ms]) => ms),
  })).filter((line) => line.points.length > 0);
  writeFileSync(join(folder, 'cold.svg'), growthChart('Cold build, whole process', lines));
  for (const app of results.applications) {
    const bars = results.options.tools.map((name) => ({ title: title(name), ...app.tools[name]?.cold })).filter((bar) => bar.median);
    writeFileSync(join(folder, `bars-${app.modules}.svg`), barChart(`Cold build of ${app.modules} modules, whole process`, bars));
  }
}

function rounded(_key, value) {
  return typeof value === 'number' && !Number.isInteger(value) ? Math.round(value * 100) / 100 : value;
}

function markdown(results) {
  const { machine, options, load } = results;
  const parts = [
    '# Report',
    `Made by \`npm run bench\`; how to read it: [README.md](README.md). Raw figures: [results.json](results.json).`,
    list([
      `${results.date.slice(0, 16).replace('T', ' ')} UTC; ${machine.processor}, ${machine.cores} cores, ${(machine.memory / 2 ** 30).toFixed(0)} GiB, ${machine.system}, Node ${machine.node}`,
      `**load ${load.before.toFixed(1)} before and ${load.after.toFixed(1)} after on ${machine.cores} cores**${busy(results) ? ': other programs ran at the same time, so these figures are provisional. Wall times are several times those of a quiet machine and differ between tools by luck; processor times and sizes are sounder' : ''}`,
      `${options.runs} runs, medians with the lowest and the highest; fingerprint \`${options.fingerprint}\`, seed ${options.seed}, ${options.averageBytes || 'its own'} bytes a module asked for; ${options.minify ? 'minified' : 'not minified'}; a process that takes longer than ${options.timeout / 1000} s is stopped ("timed out")`,
      ...(options.note ? [options.note] : []),
      `versions: ${Object.values(results.tools).map((tool) => `${tool.title} ${tool.version}`).join(', ')}`,
    ]),
    ...notes(results),
    ...results.applications.flatMap((app) => application(results, app)),
    ...announcement(results),
    '![growth](cold.svg)',
  ];
  return `${parts.join('\n\n')}\n`;
}

const busy = ({ load, machine }) => Math.max(load.before, load.after) > machine.cores / 2;

function notes(results) {
  const said = Object.values(results.tools).flatMap((tool) => [tool.notes && `${tool.title}: ${tool.notes}`, tool.fault && `${tool.title}: ${tool.fault.split('\n')[0].slice(0, 200)}`]).filter(Boolean);
  return said.length ? [list(said)] : [];
}

function application(results, app) {
  const tools = results.options.tools.filter((name) => app.tools[name]);
  const own = app.tools.cloudpack;
  const ratio = (value, base) => (value && base ? `${(value / base).toFixed(2)}x` : '-');
  const floor = app.floors.readParsePrint.median;
  const cold = tools.map((name) => {
    const { cold: time, cpu, peak, output, verdict, fault, store, load } = app.tools[name];
    const title = results.tools[name].title;
    if (fault) return [title, fault.slice(0, 120), ...Array.from({ length: 12 }, () => '')];
    return [
      title, ratio(time.median, own?.cold?.median), ratio(cpu?.median, own?.cpu?.median), ratio(time.median, floor), spread(time), ms(cpu?.median), megabytes(peak?.median),
      store == null ? 'none' : megabytes(store), String(output.files), megabytes(output.bytes), kilobytes(output.gzip), styleSheets(output), verdict, load.toFixed(1),
    ];
  });
  const head = ['tool', 'of Cloudpack', 'the same, processors', 'of the floor', 'cold ms', 'processor ms', 'peak MB', 'store MB', 'scripts', 'MB', 'gzip kB', 'style sheets, gzip kB', 'output', 'load'];
  return [
    `## ${app.modules} modules, ${(app.bytes / 1e6).toFixed(1)} MB`,
    `### Cold\n\n${table(head, cold)}`,
    `Output: \`ok\` means that running it prints the generator's checksum.`,
    `![bars](bars-${app.modules}.svg)`,
    `### Floors of the same run, ms\n\n${table(['Node starts', 'stat', 'read + SHA-256', 'read + parse + semantic + print', 'the same, processors', 'with oxc\'s minifier, file by file', 'the same, processors', 'write the bytes'],
      [[app.floors.node, app.floors.stat, app.floors.readAndHash, app.floors.readParsePrint, app.floors.readParsePrintCpu, app.floors.readMinify, app.floors.readMinifyCpu, app.floors.write].map(spread)])}`,
    ...warm(results, app, tools),
    ...sessions(results, app, tools),
  ];
}

/** New processes, with the store of the build before. */
function warm(results, app, tools) {
  const kinds = results.options.edits;
  const rows = tools.map((name) => {
    const { cold, noOp, edits, warmPeak, fault } = app.tools[name];
    const title = results.tools[name].title;
    if (fault) return null;
    if (!results.tools[name].cache) return [title, ...Array.from({ length: kinds.length + 2 }, (_, index) => (index === 0 ? 'no store: a cold build' : ''))];
    return [title, part(noOp, cold), ...kinds.map((kind) => (edits[kind] ? `${part(edits[kind], cold)}${wrong(edits[kind])}` : '-')), megabytes(warmPeak?.median)];
  }).filter(Boolean);
  return rows.length ? [`### Warm, in a new process: share of the tool's own cold build, ms\n\n${table(['tool', 'no-op', ...kinds, 'peak MB'], rows)}`] : [];
}

/** Within one process that stays. */
function sessions(results, app, tools) {
  const kinds = results.options.edits;
  const rows = tools.map((name) => {
    const { session } = app.tools[name];
    const title = results.tools[name].title;
    if (!session) return [title, results.tools[name].session ? 'not run' : 'no session', ...kinds.map(() => ''), ''];
    if (session.fault) return [title, session.fault.slice(0, 80), ...kinds.map(() => ''), ''];
    return [title, ms(session.first), ...kinds.map((kind) => (session.edits[kind] ? `${spread(session.edits[kind])}${wrong(session.edits[kind])}` : '-')), megabytes(session.peak)];
  });
  return rows.some((row) => row[1] !== 'no session') ? [`### In a session: from the first changed file to the last event, ms\n\n${table(['tool', 'first build', ...kinds, 'peak MB'], rows)}`] : [];
}

function announcement(results) {
  if (results.phases.length === 0) return [];
  const analysis = results.phases.map(({ modules, ms: phases, load }) => {
    const said = ANNOUNCED.analysis[modules];
    return [count(modules), spread(phases.scan), 'not measured', spread(phases.analyze), said ? `${said.cold} / ${said.warm} / ${said.graph}` : modules === 50000 ? '- / 604 projected / -' : '-', load.toFixed(1)];
  });
  const full = results.phases.map(({ modules, total, peak, load }) => {
    const said = ANNOUNCED.full[modules];
    return [count(modules), spread(total.wall), 'not measured', ms(total.cpu.median), megabytes(peak), said ? `${said.cold} / ${said.warm}` : '-', load.toFixed(1)];
  });
  return [
    '## The tables of the announcement',
    'In process, without Node and without a store, each build with a new session; warm builds are in the tables above. The announced figures come from another machine and other applications.',
    `### Analysis, ms\n\n${table(['modules', 'cold (read, summarize, resolve)', 'warm', 'graph', 'announced cold / warm / graph', 'load'], analysis)}`,
    `### Full pipeline, ms\n\n${table(['modules', 'cold', 'warm, 1 change', 'processors', 'peak MB', 'announced cold / warm + 1 change', 'load'], full)}`,
  ];
}

const list = (/** @type {string[]} */ items) => items.map((item) => `- ${item}`).join('\n');
const wrong = (edit) => (edit.verdict && edit.verdict !== 'ok' ? ` (${edit.verdict.slice(0, 60)})` : '');
const count = (/** @type {number} */ number) => number.toLocaleString('en-US');
const ms = (value) => (value == null ? 'n/a' : value < 10 ? value.toFixed(1) : count(Math.round(value)));
const megabytes = (value) => (value == null ? 'n/a' : (value / 1e6).toFixed(value < 1e7 ? 1 : 0));
const kilobytes = (value) => (value == null ? 'n/a' : count(Math.round(value / 1e3)));
const spread = (series) => (series?.median == null ? '-' : series.runs === 1 ? ms(series.median) : `${ms(series.median)} (${ms(series.lowest)} to ${ms(series.highest)})`);
/** Reports made before style sheets were counted apart have them in `gzip`. */
const styleSheets = ({ css }) => (css === undefined ? 'in gzip' : css.files ? kilobytes(css.gzip) : 'none');
const part = (series, cold) => (series?.median == null ? '-' : `${(series.median / cold.median).toFixed(2)}x, ${ms(series.median)}`);

function table(head, rows) {
  const line = (cells) => `| ${cells.map((cell) => String(cell).replaceAll('|', '\\|').replaceAll('\n', ' ')).join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n');
}
