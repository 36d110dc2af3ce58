// Runs the entry points of one program, bundled or not, in this process, and writes down what can be observed of it:
// each entry's exports and thrown error, errors that nobody caught, and the exit code (13: a top-level await that never
// settles). Standard output is the caller's to read. The caller compares two such observations; nothing here knows
// which of them is the bundle.
//
// node run.mjs job.json
//   { mode: "import" | "require" | "script", entries: [path], result: path, global?: name,
//     test?: path, variant: string, dir: path, files: [name] }

import { readFileSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { inspect } from 'node:util'
import vm from 'node:vm'

const job = JSON.parse(readFileSync(process.argv[2], 'utf8'))
const observed = { entries: [], uncaught: [], testError: null, exit: null }
const loaded = []
let stdout = ''

const write = process.stdout.write.bind(process.stdout)
process.stdout.write = (chunk, ...rest) => {
  stdout += chunk
  return write(chunk, ...rest)
}
process.on('uncaughtException', (error) => observed.uncaught.push(describeError(error)))
process.on('exit', (code) => {
  observed.exit = code
  for (const entry of loaded) {
    const whole = entry.value()
    observed.entries[entry.at].whole = show(whole)
    if (whole !== null && (typeof whole === 'object' || typeof whole === 'function')) {
      observed.entries[entry.at].values = listExports(whole)
    }
  }
  writeFileSync(job.result, JSON.stringify(observed))
})

for (const path of job.entries) {
  const at = observed.entries.push({ error: null, commonjs: false, whole: null, values: null }) - 1
  try {
    const value = await load(path)
    observed.entries[at].commonjs = job.mode === 'import' && path in createRequire(path).cache
    loaded.push({ at, value: () => value })
  } catch (error) {
    observed.entries[at].error = describeError(error)
  }
}

if (job.test) {
  try {
    const { default: test } = await import(pathToFileURL(job.test).href)
    await test({
      variant: job.variant,
      dir: job.dir,
      files: job.files,
      modules: loaded.map((entry) => entry.value()),
      stdout: () => stdout,
      text: (name) => readFileSync(join(job.dir, name), 'utf8'),
      find: (pattern) => job.files.find((name) => pattern.test(name)),
      import: (name) => import(pathToFileURL(join(job.dir, name)).href),
    })
  } catch (error) {
    observed.testError = error?.stack ?? String(error)
  }
}

async function load(path) {
  if (job.mode === 'import') return await import(pathToFileURL(path).href)
  if (job.mode === 'require') return createRequire(path)(path)
  // A classic script, as in a page: sloppy unless it says otherwise, `this` is the global object, no `require`.
  new vm.Script(readFileSync(path, 'utf8'), { filename: path }).runInThisContext()
  return job.global ? globalThis[job.global] : {}
}

function listExports(whole) {
  const values = {}
  for (const name of Object.keys(whole).sort()) {
    if (name === '__esModule') continue
    // Not a plain assignment: `__proto__` may be the name.
    Object.defineProperty(values, name, { value: read(whole, name), enumerable: true })
  }
  return Object.entries(values)
}

function read(object, name, seen, depth) {
  try {
    return show(object[name], seen, depth)
  } catch (error) {
    return `<throws ${describeError(error)}>`
  }
}

// Functions lose their names, which minifying may change.
function show(value, seen = [], depth = 0) {
  if (typeof value === 'function') return 'function'
  if (value === null || typeof value !== 'object') return inspect(value)
  if (value instanceof Error) return describeError(value)
  if (seen.includes(value)) return '<circular>'
  if (depth > 4) return '...'
  const inside = [...seen, value]
  if (Array.isArray(value)) return `[${value.map((item) => show(item, inside, depth + 1)).join(', ')}]`
  if (value instanceof Map || value instanceof Set || value instanceof URL || value instanceof RegExp) return inspect(value)
  const fields = Object.keys(value).map((name) => `${name}: ${read(value, name, inside, depth + 1)}`)
  const tag = value[Symbol.toStringTag]
  return `${typeof tag === 'string' ? `${tag} ` : ''}{ ${fields.join(', ')} }`
}

// Engines write the variable's name into some messages; a bundle may have renamed it.
function describeError(error) {
  if (!(error instanceof Error) && typeof error?.message !== 'string') return `thrown ${show(error)}`
  const message = error.message
    .replace(/^Cannot access '.*' before initialization$/, 'Cannot access a binding before initialization')
    .replace(/^(\S+) is not a function$/, 'not a function')
    .replace(/^Class constructor \S+ cannot/, 'Class constructor cannot')
    .split('\n')[0]
  return `${error.name}: ${message}`
}
