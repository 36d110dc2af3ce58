// Runs cases of Rollup's function tests, whose names it reads from its input, one after the other: a case says with `process.chdir`
// where it is. Prints a line a case.
const assert = require('node:assert');
const { Module } = require('node:module');
const path = require('node:path');

const PATIENCE_MS = 20_000;
const ours = require('node:url').pathToFileURL(path.join(__dirname, '../../js/rollup/index.js')).href;
const print = (result) => process.stdout.write(`result:${JSON.stringify(result)}\n`);
globalThis.defineTest = (config) => config;

/** What helpers of the suite load and the cases have no use for: anything can be done with it. */
const nothing = new Proxy(function () {}, { get: (_, name) => (name === Symbol.toPrimitive ? () => '' : nothing), apply: () => nothing, construct: () => nothing });
const UNUSED = /^(?:acorn.*|fixturify|magic-string|source-map)$/;

let text = '';
process.stdin.on('data', (data) => (text += data));
process.stdin.on('end', async () => {
  const { root, names, packages } = JSON.parse(text);
  const rollup = require(path.join(packages, 'rollup'));
  const load = Module._load;
  Module._load = function (request, ...rest) {
    if (/\/dist\/rollup(?:\.js)?$/.test(request)) return rollup;
    if (!UNUSED.test(request)) return load.call(this, request, ...rest);
    try {
      return load.call(this, request, ...rest);
    } catch {
      return nothing;
    }
  };
  // Cases print, and what nobody catches is part of a few.
  for (const name of ['log', 'warn', 'error', 'group', 'groupEnd', 'info', 'debug']) console[name] = () => {};
  process.on('unhandledRejection', () => {});
  const { default: cloudpack } = await import(ours);
  for (const id of names) print({ id, ...(await timed(() => judge(rollup, cloudpack, path.join(root, id)))) });
  process.exit(0);
});

async function timed(work) {
  let timer;
  const late = new Promise((resolve) => (timer = setTimeout(() => resolve({ group: 'runs', detail: 'the time ran out' }), PATIENCE_MS)));
  try {
    return await Promise.race([work(), late]);
  } catch (error) {
    return { group: 'runs', detail: shown(error) };
  } finally {
    clearTimeout(timer);
  }
}

async function judge(rollup, cloudpack, folder) {
  const config = require(path.join(folder, '_config.js'));
  const group = config.error || config.generateError ? 'refused' : 'runs';
  if (config.skip || config.onlyWindows || config.minNodeVersion > Number(process.versions.node.split('.')[0])) return { group, detail: 'not for this machine', kinds: ['machine'] };
  const { detail, left } = await attempt(rollup, config, folder, (plugins) => [plugins, cloudpack({ cache: false })]);
  if (left !== undefined) return { group, detail: left, kinds: ['left'] };
  if (detail === undefined) return { group };
  const kinds = [];
  if (/syntheticNamedExports/i.test(detail)) kinds.push('synthetic');
  if (/implicitlyLoadedAfterOneOf/.test(detail)) kinds.push('implicit');
  if (/\bast:|loaded incorrect module/.test(detail)) kinds.push('ast');
  if (kinds.length === 0 && !/Hook state/.test(detail) && (await attempt(rollup, config, folder, (plugins) => plugins)).detail !== undefined) kinds.push('alone');
  return { group, detail, kinds };
}

/** `detail`: what went wrong. */
async function attempt(rollup, config, folder, withOurs) {
  await config.before?.();
  process.chdir(folder);
  const warnings = [];
  const logs = [];
  let left;
  const isLeft = (log) => (log.code === 'LEFT_TO_HOST' || log.pluginCode === 'LEFT_TO_HOST') && ((left = log.message), true);
  const given = config.options ?? {};
  let bundle;
  let output;
  let failed;
  try {
    bundle = await rollup.rollup({
      input: path.join(folder, 'main.js'),
      strictDeprecations: true,
      ...given,
      onLog(level, log, handle) {
        if (isLeft(log)) return;
        if (given.onLog) return given.onLog(level, log, handle);
        logs.push({ level, ...log });
        if (level === 'warn') warnings.push(log);
      },
      plugins: withOurs(given.plugins),
    });
    ({ output } = await bundle.generate({ exports: 'auto', format: 'cjs', ...given.output }));
  } catch (error) {
    failed = error;
  }
  const wanted = config.error ?? config.generateError;
  const fault = wanted ? faultOfError(failed, wanted) : failed ? `the build says: ${shown(failed)}` : await faultOfOutput(config, bundle, output);
  const detail = fault ?? (await laterFault(config, warnings, logs));
  return { detail, left };
}

function faultOfError(failed, wanted) {
  if (!failed) return `no error, but ${wanted.code}: ${wanted.message}`;
  for (const field of ['code', 'plugin', 'pluginCode', 'hook']) {
    if (wanted[field] !== undefined && failed[field] !== wanted[field]) return `${field} is ${failed[field]} and should be ${wanted[field]}: ${failed.message}`;
  }
  return undefined;
}

async function faultOfOutput(config, bundle, output) {
  const files = Object.fromEntries(output.map((file) => [file.fileName, file.code]));
  const entry = output.length === 1 ? output[0].fileName : 'main.js';
  if (!(entry in files)) return `there is no ${entry} among ${Object.keys(files).join(', ')}`;
  const { exports, error } = runFiles(files, entry, config.context);
  const isWanted = (thrown) => {
    if (!config.runtimeError) return shown(thrown);
    try {
      config.runtimeError(thrown);
      return undefined;
    } catch (wrong) {
      return shown(wrong);
    }
  };
  if (error) return isWanted(error);
  try {
    await config.exports?.(exports);
    await config.bundle?.(bundle);
  } catch (thrown) {
    return isWanted(thrown);
  }
  return config.runtimeError && !config.exports ? 'nothing is thrown' : undefined;
}

async function laterFault(config, warnings, logs) {
  try {
    await config.after?.();
    if (typeof config.warnings === 'function') config.warnings(warnings);
  } catch (error) {
    return shown(error);
  }
  if (typeof config.warnings === 'function' || config.error || config.generateError) return undefined;
  const codes = (list) => list.map(({ code, level = 'warn' }) => `${level} ${code}`).sort().join(', ');
  const [has, wants] = config.logs ? [logs, config.logs] : [warnings.map(({ code }) => ({ code })), (config.warnings ?? []).map(({ code }) => ({ code }))];
  return codes(has) === codes(wants) ? undefined : `warnings are [${codes(has)}] and should be [${codes(wants)}]`;
}

/** As the suite loads what was built: functions with the case's own globals. */
function runFiles(files, entry, given) {
  const loaded = Object.create(null);
  const context = { assert, ...given };
  const requireFrom = (importer) => (specifier) => {
    const name = path.posix.join(path.posix.dirname(importer), specifier);
    if (name in loaded) return loaded[name].exports;
    if (files[name] === undefined) return require(specifier);
    const module = (loaded[name] = { exports: {} });
    const scope = { __filename: path.resolve(name), __dirname: path.dirname(path.resolve(name)), require: requireFrom(name), ...context, module, exports: module.exports };
    new Function(Object.keys(scope), files[name]).apply({}, Object.values(scope));
    return module.exports;
  };
  try {
    return { exports: requireFrom(entry)(entry) };
  } catch (error) {
    return { error: Object.assign(error instanceof Error ? error : new Error(String(error)), { exports: loaded[entry]?.exports }) };
  }
}

const shown = (error) => String(error?.stack ?? error).replaceAll(/\u001b\[\d+m/g, '');
