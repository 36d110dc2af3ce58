// Standard input: [[entry, bundle], ...]. For each a line: the traces of both, as JSON.
import { readFileSync } from 'node:fs';
import { pathToFileURL } from 'node:url';

async function traceOf(file) {
  const trace = [];
  globalThis.tlaTrace = (text) => trace.push(text);
  try {
    await import(pathToFileURL(file).href);
  } catch (error) {
    trace.push(String(error));
  }
  return trace.join(', ');
}

for (const [entry, bundle] of JSON.parse(readFileSync(0, 'utf8'))) {
  console.log(JSON.stringify([await traceOf(entry), await traceOf(bundle)]));
}
