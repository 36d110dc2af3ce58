// Rows of a run -> `docs/benchmarks/shaking.md`.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

export function report(rows, chosen, directory) {
  const [own, peers] = [chosen.filter(({ isOwn }) => isOwn), chosen.filter(({ isOwn }) => !isOwn)];
  const lines = [
    '# One thing from each library',
    '',
    `Written by \`npm run bench:shaking\` on ${new Date().toISOString().slice(0, 10)}, Node ${process.version}. Bytes of the minified output, gzip level 9; every output was`,
    'run. A peer whose output does not print what the unbundled program prints is marked and not the best of a row. The last columns are',
    'ratios of `minify: true` and of `minify: "full"`. Bar: 1.02.',
    '',
    `| | version | ${chosen.map(({ name }) => name).join(' | ')} | ${own.map(({ name }) => `${name} of the best peer | of Rolldown`).join(' | ')} |`,
    `|---|---|${chosen.map(() => '---').join('|')}|${own.map(() => '---|---|').join('')}`,
  ];
  const ratios = own.map(() => ({ best: /** @type {number[]} */ ([]), rolldown: /** @type {number[]} */ ([]) }));
  for (const row of rows) {
    const sizes = peers.filter(({ name }) => !row.sizes[name].fault).map(({ name }) => row.sizes[name].gzip);
    const compared = own.map(({ name }, at) => {
      const best = ratio(row.sizes[name], Math.min(...sizes));
      const rolldown = ratio(row.sizes[name], row.sizes.rolldown?.gzip);
      if (best !== undefined) ratios[at].best.push(best);
      if (rolldown !== undefined) ratios[at].rolldown.push(rolldown);
      return `${best?.toFixed(3) ?? '–'} | ${rolldown?.toFixed(3) ?? '–'}`;
    });
    const cells = chosen.map(({ name }) => `${row.sizes[name].gzip ?? '–'}${row.sizes[name].fault ? ' (fails)' : ''}`);
    lines.push(`| ${row.what} | ${versionOf(row, directory)} | ${cells.join(' | ')} | ${compared.join(' | ')} |`);
  }
  const within = (list) => `${list.filter((value) => value <= 1.02).length} of ${list.length}`;
  for (const [at, { name }] of own.entries()) {
    const { best, rolldown } = ratios[at];
    lines.push('', `${name}: at most 1.02 of the best peer in ${within(best)}, of Rolldown in ${within(rolldown)}. Geometric mean of the best peer: ${mean(best)}; of Rolldown: ${mean(rolldown)}.`);
  }
  lines.push('');
  lines.push(`Peers: ${peers.map(({ name, version }) => `${name} ${version}`).join(', ')}.`, '');
  const faults = rows.flatMap((row) => chosen.filter(({ name }) => row.sizes[name].fault).map(({ name }) => `- ${row.what}, ${name}: ${row.sizes[name].fault}`));
  if (faults.length > 0) lines.push('Fails:', '', ...faults, '');
  return lines.join('\n');
}

const ratio = (own, best) => (own?.gzip !== undefined && !own.fault && Number.isFinite(best) ? own.gzip / best : undefined);
const mean = (list) => Math.exp(list.reduce((sum, value) => sum + Math.log(value), 0) / Math.max(1, list.length)).toFixed(3);
const versionOf = ({ package: name }, directory) => (name ? JSON.parse(readFileSync(join(directory, 'node_modules', name, 'package.json'), 'utf8')).version : '');
