// One tool on one application: cold builds, a no-op build and edits as whole processes; the same edits in a session; then
// what it wrote. Tools without a store build everything each time: their no-op and edits are not run, a cold build says it.
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { appFolder, changesOf, edit, generate, makeChange } from './apps.mjs';
import { bytesBelow, measureOutput, runOutput } from './output.mjs';
import { discard, home, root } from './places.mjs';
import { runProcess, stop, watchUsage } from './process.mjs';
import { series } from './series.mjs';

const child = fileURLToPath(new URL('./child.mjs', import.meta.url));
/** A session is done when nothing was said for so long. */
const QUIET = 300;

export async function toolFacts(name) {
  const { code, output } = await runProcess([process.execPath, child, name, 'facts'], { timeout: 60_000 });
  const said = output.split('\n').filter((line) => line.startsWith('{')).map((line) => JSON.parse(line)).at(-1);
  if (code === 0 && said?.event === 'facts') return said;
  return { title: name, version: '', cache: false, session: false, fault: `not installed: ${said?.message ?? output}` };
}

export async function measureTool(name, facts, modules, options) {
  const application = generate(modules, options);
  const job = { app: appFolder(modules), out: join(home, 'out', name), cache: facts.cache ? join(home, 'store', name) : '', minify: options.minify };
  const { default: tool } = await import(`../tools/${name}.mjs`);
  const words = tool.command ? tool.command(job) : [process.execPath, child, name, 'build', JSON.stringify(job)];
  const build = () => runProcess(words, { cwd: tool.command ? job.app : root, timeout: options.timeout });

  const cold = [];
  for (let index = 0; index < options.runs; index++) {
    clear(job);
    const ran = await build();
    const fault = faultOf(ran, job);
    if (fault) return { fault, cold: series([]) };
    cold.push(ran);
    // One slow build says enough.
    if (ran.ms > options.timeout / 5) break;
  }
  const output = measureOutput(job.out);
  const verdict = await runOutput(job.out, application.checksum);
  const measured = {
    cold: series(cold.map((ran) => ran.ms)),
    cpu: known(cold.map((ran) => ran.cpu)),
    peak: known(cold.map((ran) => ran.peak)),
    output,
    verdict,
    store: facts.cache ? bytesBelow(job.cache) : null,
    noOp: null,
    warmPeak: null,
    edits: {},
    session: null,
  };
  if (facts.cache) await measureWarm(measured, build, job, modules, options);
  if (facts.session && modules <= options.sessionUpTo) {
    generate(modules, options);
    clear(job);
    measured.session = await measureSession(name, facts, { ...job, cache: '' }, modules, options);
  }
  clear(job);
  return measured;
}

/** Edits follow each other, as in work; each build finds the store of the one before. */
async function measureWarm(measured, build, job, modules, options) {
  const noOp = [];
  const peaks = [];
  for (let index = 0; index < options.runs; index++) noOp.push((await build()).ms);
  measured.noOp = series(noOp);
  for (const kind of options.edits) {
    const times = [];
    let verdict = 'ok';
    for (let turn = 1; turn <= options.runs; turn++) {
      const checksum = edit(modules, kind, turn);
      const ran = await build();
      const fault = faultOf(ran, job);
      if (fault) verdict = fault;
      times.push(ran.ms);
      peaks.push(ran.peak);
      if (turn === options.runs && !fault) verdict = await runOutput(job.out, checksum);
    }
    measured.edits[kind] = { ...series(times), verdict };
  }
  measured.warmPeak = known(peaks);
}

/** Times from the first changed file to the last event; every edit is taken back, which is a build too, not timed. */
async function measureSession(name, facts, job, modules, options) {
  const started = spawn(process.execPath, [child, name, 'session', JSON.stringify(job)], { cwd: root, stdio: ['pipe', 'pipe', 'pipe'], detached: process.platform !== 'win32' });
  const usage = watchUsage(started.pid);
  const events = new Events(started);
  const begin = performance.now();
  try {
    await events.wait('ready', options.timeout);
    const measured = { first: performance.now() - begin, edits: {}, peak: null };
    await events.quiet(2 * QUIET, options.timeout);
    for (const kind of options.edits) {
      const times = [];
      let verdict = 'ok';
      for (let turn = 1; turn <= options.runs; turn++) {
        const change = changesOf(modules, [kind], turn)[kind];
        const back = inverse(modules, change);
        times.push(await step(change));
        if (turn === options.runs) verdict = await runOutput(job.out, change.checksum);
        await step(back);
      }
      measured.edits[kind] = { ...series(times), verdict };
    }
    measured.peak = usage.peak();
    return measured;
  } catch (error) {
    return { fault: String(error.message).slice(0, 300), edits: {} };
  } finally {
    usage.stop();
    stop(started);
  }

  async function step(change) {
    events.clear();
    const start = performance.now();
    const { files } = makeChange(modules, change);
    if (facts.session === 'rebuild') started.stdin.write(`${JSON.stringify({ rebuild: files })}\n`);
    await events.wait('built', options.timeout);
    await events.quiet(QUIET, options.timeout);
    return events.lastBuilt - start;
  }
}

class Events {
  constructor(started) {
    this.clear();
    this.waiting = [];
    started.on('exit', () => this.say({ event: 'failed', message: 'the session ended' }));
    started.stderr.on('data', () => {});
    createInterface({ input: started.stdout }).on('line', (line) => {
      if (line.startsWith('{"event"')) this.say(JSON.parse(line));
    });
  }

  clear() {
    this.seen = [];
    this.lastBuilt = 0;
    this.lastSaid = performance.now();
    this.running = 0;
  }

  say(message) {
    this.lastSaid = performance.now();
    if (message.event === 'built') this.lastBuilt = this.lastSaid;
    if (message.event === 'start') this.running = 1;
    if (message.event === 'built') this.running = 0;
    this.seen.push(message);
    this.waiting.splice(0).forEach((wake) => wake());
  }

  async wait(event, timeout) {
    const end = performance.now() + timeout;
    for (;;) {
      const failed = this.seen.find((message) => message.event === 'failed');
      if (failed) throw new Error(failed.message);
      if (this.seen.some((message) => message.event === event)) return;
      const left = end - performance.now();
      if (left <= 0) throw new Error(`nothing was built within ${timeout / 1000} s`);
      await new Promise((resolve) => {
        const timer = setTimeout(resolve, left);
        this.waiting.push(() => { clearTimeout(timer); resolve(undefined); });
      });
    }
  }

  async quiet(length, timeout) {
    const end = performance.now() + timeout;
    while ((this.running || performance.now() - this.lastSaid < length) && performance.now() < end) {
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }
}

/** What takes a change back. */
function inverse(modules, change) {
  const folder = appFolder(modules);
  /** @type {{ write: Record<string, string>, delete: string[] }} */
  const back = { write: {}, delete: [] };
  for (const path of [...Object.keys(change.write), ...change.delete]) {
    const file = join(folder, path);
    if (existsSync(file)) back.write[path] = readFileSync(file, 'utf8');
    else back.delete.push(path);
  }
  return back;
}

function faultOf(ran, job) {
  if (ran.timedOut) return 'timed out';
  if (ran.code !== 0) return `fails: ${firstLine(ran.output)}`;
  return measureOutput(job.out).files === 0 ? 'writes nothing' : '';
}

function firstLine(output) {
  const failed = output.split('\n').find((line) => line.startsWith('{"event":"failed"'));
  const text = failed ? JSON.parse(failed).message : output;
  return text.split('\n').map((line) => line.trim()).find((line) => line) ?? 'without a message';
}

function known(values) {
  const numbers = values.filter((value) => value !== null);
  return numbers.length ? series(numbers) : null;
}

function clear({ out, cache }) {
  discard(out);
  if (cache) discard(cache);
}
