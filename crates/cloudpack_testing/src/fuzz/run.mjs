// Runs programs one after the other in this process and prints what each did, a line of JSON a program.
//
// node run.mjs < [{ mode: "import" | "require", entries: [path], commonjs: [bool] }]

import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { pathToFileURL } from 'node:url'

let events = []
let waiting = []

const show = (value) => {
  if (typeof value === 'function') return 'kind' in value ? `class ${value.kind}` : 'function'
  if (Array.isArray(value)) return JSON.stringify(value)
  return value !== null && typeof value === 'object' ? keys(value) : String(value)
}
// Of a namespace whose bindings are not there yet, Object.keys() throws and this does not. `__esModule` and
// "module.exports" are Node's own, of CommonJS modules.
const isExport = (name) => typeof name === 'string' && name !== 'default' && name !== 'module.exports' && name !== '__esModule'
const keys = (value) => `{${Reflect.ownKeys(value).filter(isExport).sort()}}`
const nameOf = (error) => (error instanceof Error && error.constructor === Error ? error.message : error?.constructor?.name)

globalThis.log = (...words) => events.push(words.join(' '))
globalThis.later = (work) => waiting.push(work)
globalThis.keys = keys
globalThis.read = (get) => {
  try {
    return show(get())
  } catch (error) {
    return nameOf(error)
  }
}

// Nothing else keeps the process alive while a program waits for itself.
const settle = async (work) => {
  let timer
  const patience = new Promise((resolve) => (timer = setTimeout(resolve, 1500, 'hangs')))
  try {
    return await Promise.race([work(), patience])
  } catch (error) {
    return { error: nameOf(error), isLink: error instanceof SyntaxError || /^ERR_REQUIRE/.test(error?.code) }
  } finally {
    clearTimeout(timer)
  }
}
// A CommonJS module that throws while it is imported leaves a second rejection behind in Node, some turns later.
process.on('unhandledRejection', () => {})

for (const { mode, entries, commonjs } of JSON.parse(readFileSync(0, 'utf8'))) {
  events = []
  waiting = []
  let isLink = false
  const found = []
  for (const path of entries) {
    const result = await settle(() => (mode === 'import' ? import(pathToFileURL(path).href) : createRequire(path)(path)))
    events.push(`entry ${entries.indexOf(path)}: ${result === 'hangs' ? 'hangs' : result.error ?? 'loaded'}`)
    isLink ||= result.isLink === true
    found.push(result)
  }
  // Twice: what changes a binding must be seen by who reads it afterwards.
  for (let round = 0; round < 2; round++) {
    for (const work of waiting.splice(0)) {
      const result = await settle(async () => void (await work()))
      isLink ||= result?.isLink === true
      if (result !== undefined) events.push(`later: ${result === 'hangs' ? result : result.error}`)
    }
  }
  for (const [at, result] of found.entries()) {
    if (result === 'hangs' || result.error) continue
    // An ES module can only hand on the object of a CommonJS entry, whose names nobody knows before it runs.
    const whole = commonjs[at] && mode === 'import' ? result.default : result
    for (const name of Object.keys(whole).filter(isExport).sort()) events.push(`export ${name} = ${read(() => whole[name])}`)
  }
  console.log(JSON.stringify({ isLink, events }))
}
