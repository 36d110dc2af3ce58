// Runs whole processes: wall time, processor time and peak memory of a process and of all that it starts. The last two are
// read from /proc while it runs (Linux), 50 times a second; elsewhere they are not known.
import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';

// Node reads these certificates whenever it starts: tens of milliseconds that no tool that is measured here is about.
delete process.env.NODE_EXTRA_CA_CERTS;

const TICK = 10; // Milliseconds of /proc's clock: USER_HZ is 100 on every Linux that Node runs on.

/**
 * @typedef {{ ms: number, cpu: number | null, peak: number | null, code: number | null, output: string, timedOut: boolean }} Ran
 * @param {string[]} words
 * @param {{ cwd?: string, timeout?: number, env?: Record<string, string> }} [options]
 * @returns {Promise<Ran>}
 */
export function runProcess([command, ...args], { cwd, timeout = 600_000, env = {} } = {}) {
  return new Promise((resolve) => {
    const start = performance.now();
    const child = spawn(command, args, { cwd, env: { ...process.env, NODE_ENV: 'production', ...env }, stdio: ['ignore', 'pipe', 'pipe'], detached: process.platform !== 'win32' });
    let output = '';
    let timedOut = false;
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => { output = (output + chunk).slice(-20_000); });
    const usage = watchUsage(child.pid);
    const end = setTimeout(() => { timedOut = true; stop(child); }, timeout);
    let ms = 0;
    child.on('error', (error) => { output += error.message; });
    child.on('exit', () => { ms = performance.now() - start; usage.stop(); clearTimeout(end); });
    child.on('close', (code) => resolve({ ms: ms || performance.now() - start, cpu: usage.cpu(), peak: usage.peak(), code, output, timedOut }));
  });
}

/** The group of a process that was started with `detached`. */
export function stop(child) {
  try {
    if (process.platform === 'win32') child.kill();
    else process.kill(-child.pid, 'SIGKILL');
  } catch {
    // It is gone already.
  }
}

/** @param {number | undefined} pid */
export function watchUsage(pid) {
  if (process.platform !== 'linux' || !pid) return { stop() {}, cpu: () => null, peak: () => null };
  /** @type {Map<number, { cpu: number, peak: number }>} */
  const known = new Map();
  const look = () => {
    const queue = [pid];
    for (const id of queue) {
      try {
        const fields = readFileSync(`/proc/${id}/stat`, 'utf8').replace(/^.*\) /s, '').split(' ');
        const high = /VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${id}/status`, 'utf8'));
        const before = known.get(id);
        known.set(id, {
          cpu: (Number(fields[11]) + Number(fields[12])) * TICK,
          peak: Math.max(before?.peak ?? 0, Number(high?.[1] ?? 0) * 1024),
        });
        queue.push(...readFileSync(`/proc/${id}/task/${id}/children`, 'utf8').trim().split(' ').filter(Boolean).map(Number));
      } catch {
        // Ended between two reads: what was seen last stays.
      }
    }
  };
  const timer = setInterval(look, 20);
  look();
  const sum = (/** @type {'cpu' | 'peak'} */ field) => [...known.values()].reduce((total, one) => total + one[field], 0);
  return { stop: () => { look(); clearInterval(timer); }, cpu: () => sum('cpu'), peak: () => sum('peak') };
}
