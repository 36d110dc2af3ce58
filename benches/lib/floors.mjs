// What any bundler has to do at least, measured in the same run: Node's start-up; stat, read + SHA-256, read + parse +
// semantic + print (oxc, all cores) of all sources, the same with types stripped, compressed and mangled; writing the sources' bytes to one file for every twentieth module.
import { closeSync, mkdirSync, openSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { appFolder, call } from './apps.mjs';
import { discard, home } from './places.mjs';
import { runProcess } from './process.mjs';
import { bytesBelow } from './output.mjs';
import { series } from './series.mjs';

export async function measureFloors(modules, { runs }) {
  const source = join(appFolder(modules), 'src');
  const node = [];
  for (let index = 0; index < runs; index++) node.push((await runProcess([process.execPath, '--eval', ''])).ms);
  const floors = Array.from({ length: runs }, () => call(['floor', source]));
  const write = Array.from({ length: runs }, () => writeFloor(bytesBelow(source), Math.ceil(modules / 20)));
  return {
    node: series(node),
    stat: series(floors.map((floor) => floor.stat.wall)),
    readAndHash: series(floors.map((floor) => floor.readAndHash.wall)),
    readParsePrint: series(floors.map((floor) => floor.readParsePrint.wall)),
    readParsePrintCpu: series(floors.map((floor) => floor.readParsePrint.cpu)),
    readMinify: series(floors.map((floor) => floor.readMinify.wall)),
    readMinifyCpu: series(floors.map((floor) => floor.readMinify.cpu)),
    write: series(write),
  };
}

function writeFloor(bytes, files) {
  const folder = join(home, 'write-floor');
  discard(folder);
  mkdirSync(folder, { recursive: true });
  const piece = Buffer.alloc(Math.max(1, Math.floor(bytes / files)), 'x');
  const start = performance.now();
  for (let index = 0; index < files; index++) {
    const file = openSync(join(folder, `${index}.js`), 'w');
    writeSync(file, piece);
    closeSync(file);
  }
  const ms = performance.now() - start;
  discard(folder);
  return ms;
}
