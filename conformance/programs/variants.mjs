// What is asked for each program, and how a bundle is judged: it must print what the unbundled entry prints, with exit code 0.
import { spawn } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';

/** Entries with top-level await cannot be CommonJS. */
const awaits = /^(?:const .* = |for )?await |^console\.log\(.*await |^  console\.log\(await /m;

/** @returns {{ name: string, check: Function }[]} */
export function variantsOf(entry, { platforms }) {
  const variants = [];
  for (const platform of platforms) {
    variants.push({ platform, format: 'es', minify: false, sourcemap: true }, { platform, format: 'es', minify: true, sourcemap: false });
  }
  if (platforms.includes('node') && !awaits.test(readFileSync(entry, 'utf8'))) {
    variants.push({ platform: 'node', format: 'cjs', minify: false, sourcemap: false });
  }
  return variants.map((options) => ({
    name: `${options.platform}-${options.format}${options.minify ? '-min' : ''}`,
    check: (bundler, ...rest) => check(bundler, options, ...rest),
  }));
}

async function check({ bundle }, options, entry, out, expected, packages) {
  rmSync(out, { recursive: true, force: true });
  mkdirSync(out, { recursive: true });
  const started = performance.now();
  try {
    const main = await bundle({ entry, out, ...options });
    const ms = performance.now() - started;
    const result = await runEntry(main, packages);
    return { ms, ...sizes(out), fault: difference(result, expected) };
  } catch (error) {
    return { ms: performance.now() - started, fault: `not bundled: ${error.message}` };
  }
}

/** Runs a file in Node. Packages that it asks for by their directory are found in `PACKAGES`. */
export function runEntry(file, packages) {
  return new Promise((resolve) => {
    const child = spawn(process.execPath, ['--no-warnings', '--stack-size=4000', file], {
      cwd: join(file, '..'), stdio: ['ignore', 'pipe', 'pipe'], timeout: 120_000,
      env: { PATH: process.env.PATH, NODE_ENV: 'production', TZ: 'UTC', LANG: 'en_GB.UTF-8', PACKAGES: join(packages, 'node_modules') },
    });
    let stdout = '';
    let stderr = '';
    child.stdout.on('data', (data) => { stdout += data; });
    child.stderr.on('data', (data) => { stderr += data; });
    child.on('close', (code, signal) => resolve({ code: code ?? signal, stdout, stderr }));
  });
}

function difference({ code, stdout, stderr }, expected) {
  if (code !== 0) return `exit code ${code}\n${stderr.split('\n').map((line) => line.slice(0, 300)).slice(0, 12).join('\n')}`;
  if (stdout === expected) return undefined;
  const got = stdout.split('\n');
  const line = expected.split('\n').findIndex((text, index) => text !== got[index]);
  return `line ${line + 1} differs\n  unbundled ${excerpt(expected, line)}\n  bundled   ${excerpt(stdout, line)}`;
}

const excerpt = (text, line) => (text.split('\n')[line] ?? '(nothing)').slice(0, 300);

/** Bytes of all scripts, gzip. */
function sizes(out) {
  const scripts = readdirSync(out, { recursive: true }).filter((file) => /\.[mc]js$/.test(file));
  return { files: scripts.length, gzip: scripts.reduce((sum, file) => sum + gzipSync(readFileSync(join(out, file))).length, 0) };
}
