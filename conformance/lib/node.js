// Runs Node on a file, with an end to its patience.
import { spawn } from 'node:child_process';
import { availableParallelism } from 'node:os';

const PATIENCE_MS = 20_000;

/** `code` is the exit code, `null` after a signal; never throws. */
export function runNode(args, { cwd, input, patience = PATIENCE_MS, env } = {}) {
  return new Promise((resolve) => {
    const child = spawn(process.execPath, args, { cwd, env: env ?? process.env, stdio: ['pipe', 'pipe', 'pipe'] });
    let stdout = '';
    let stderr = '';
    let timedOut = false;
    const timer = setTimeout(() => {
      timedOut = true;
      child.kill('SIGKILL');
    }, patience);
    child.stdout.setEncoding('utf8').on('data', (text) => (stdout += text));
    child.stderr.setEncoding('utf8').on('data', (text) => (stderr += text));
    child.stdin.on('error', () => {});
    child.stdin.end(input);
    child.on('close', (code) => {
      clearTimeout(timer);
      resolve({ code, stdout, stderr, timedOut });
    });
  });
}

/** `work` on each item, as many at a time as the machine has cores; results in the order of the items. */
export async function* inParallel(items, work) {
  const running = [];
  for (const item of items) {
    running.push(work(item));
    if (running.length >= availableParallelism()) yield await running.shift();
  }
  for (const result of running) yield await result;
}
