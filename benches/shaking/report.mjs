// Rows of a run -> `docs/benchmarks/shaking.md`.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

export function report(rows, chosen, directory) {
  const peers = chosen.slice(1);
  const lines = [
    '# One thing from each library',
    '',
    `Written by \`npm run bench:shaking\` on ${new Date().toISOString().slice(0, 10)}, Node ${process.version}. Bytes of the minified output, gzip level 9; every output was`,
    'run. A peer whose output does not print what the unbundled program prints is marked and not the best of a row. Bar: 1.02.',
    '',
    `| | version | ${chosen.map(({ name }) => name).join(' | ')} | of the best peer | of Rolldown |`,
    `|---|---|${chosen.map(() => '---').join('|')}|---|---|`,
  ];
  const ratios = { best: [], rolldown: [] };
  for (const row of rows) {
    const own = row.sizes.cloudpack;
    const sizes = peers.filter(({ name }) => !row.sizes[name].fault).map(({ name }) => row.sizes[name].gzip);
    const best = ratio(own, Math.min(...sizes));
    const thin = ratio(own, row.sizes.rolldown?.gzip);
    if (best !== undefined) ratios.best.push(best);
    if (thin !== undefined) ratios.rolldown.push(thin);
    const cells = chosen.map(({ name }) => `${row.sizes[name].gzip ?? '–'}${row.sizes[name].fault ? ' (fails)' : ''}`);
    lines.push(`| ${row.what} | ${versionOf(row, directory)} | ${cells.join(' | ')} | ${best?.toFixed(3) ?? '–'} | ${thin?.toFixed(3) ?? '–'} |`);
  }
  const within = (list) => `${list.filter((value) => value <= 1.02).length} of ${list.length}`;
  lines.push('', `At most 1.02 of the best peer: ${within(ratios.best)}; of Rolldown: ${within(ratios.rolldown)}. Geometric mean of the best peer: ${mean(ratios.best)}; of Rolldown: ${mean(ratios.rolldown)}.`, '');
  lines.push(`Peers: ${peers.map(({ name, version }) => `${name} ${version}`).join(', ')}.`, '');
  const faults = rows.flatMap((row) => chosen.filter(({ name }) => row.sizes[name].fault).map(({ name }) => `- ${row.what}, ${name}: ${row.sizes[name].fault}`));
  if (faults.length > 0) lines.push('Fails:', '', ...faults, '');
  return lines.join('\n');
}

const ratio = (own, best) => (own?.gzip !== undefined && !own.fault && Number.isFinite(best) ? own.gzip / best : undefined);
const mean = (list) => Math.exp(list.reduce((sum, value) => sum + Math.log(value), 0) / Math.max(1, list.length)).toFixed(3);
const versionOf = ({ package: name }, directory) => (name ? JSON.parse(readFileSync(join(directory, 'node_modules', name, 'package.json'), 'utf8')).version : '');
