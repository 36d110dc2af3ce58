// Standard input: [{ id, file, format, isAsync }]. Loads each file and prints `result:["id","what went wrong"]`.
import { readFileSync } from 'node:fs';
import { pathToFileURL } from 'node:url';

async function faultOf({ file, format, isAsync }) {
  try {
    const loaded = await import(pathToFileURL(file).href);
    if (isAsync) await (format === 'esm' ? loaded : loaded.default).async();
    return '';
  } catch (error) {
    return String(error?.stack ?? error) || 'threw nothing';
  }
}

for (const each of JSON.parse(readFileSync(0, 'utf8'))) {
  console.log(`result:${JSON.stringify([each.id, await faultOf(each)])}`);
}
