// Rows of a run -> `conformance/scores/maps.md`.
import { packages } from './list.mjs';

export function report(rows) {
  const lines = [
    '# Source maps',
    '',
    'Written by `npm run conformance -- maps --peers --write`: of every identifier, string and number of an output, whether the map leads to the',
    'same token of the source, or, of one that was renamed, to the name that the map\'s `names` says. Bar: 100 %.',
    '',
    '| package | | tokens | same | renamed | added by the bundler | made of other tokens | wrong | right |',
    '|---|---|---|---|---|---|---|---|---|',
  ];
  const own = rows.filter((row) => row.bundler === 'cloudpack');
  for (const row of own) {
    const title = row.minify ? 'minified' : `plain`;
    const name = row.minify ? '' : `${row.package} (${packages[row.package].about})`;
    lines.push(`| ${name} | ${title} | ${row.fault === undefined ? numbers(row) : `${row.fault} | | | | | |`} |`);
  }
  lines.push(`| all | | ${numbers(sum(own))} |`, '');
  lines.push('"Added" has no source and says so: runtime helpers, wrappers, import and export lists. "Made" stands where the source has other', 'tokens, by these rules of `maps/rules.mjs`:', '');
  const made = Object.entries(sum(own).made).sort(([, one], [, other]) => other - one);
  lines.push('| rule | tokens |', '|---|---|', ...made.map(([rule, count]) => `| ${rule} | ${count} |`), '');
  const peers = [...new Set(rows.map((row) => row.bundler))].filter((name) => name !== 'cloudpack');
  if (peers.length > 0) {
    lines.push('The same checks put to others, on the same packages:', '', '| bundler | packages bundled | tokens | wrong | right |', '|---|---|---|---|---|');
    for (const name of peers) {
      const theirs = rows.filter((row) => row.bundler === name);
      const all = sum(theirs);
      lines.push(`| ${name} | ${theirs.filter((row) => row.fault === undefined).length} of ${theirs.length} | ${all.tokens} | ${all.wrong.length} | ${right(all)} |`);
    }
    lines.push('');
  }
  return lines.join('\n');
}

function sum(rows) {
  const all = { tokens: 0, same: 0, renamed: 0, added: 0, made: {}, wrong: [] };
  for (const row of rows.filter((each) => each.fault === undefined)) {
    for (const field of ['tokens', 'same', 'renamed', 'added']) all[field] += row[field];
    for (const [rule, count] of Object.entries(row.made)) all.made[rule] = (all.made[rule] ?? 0) + count;
    all.wrong.push(...row.wrong);
  }
  return all;
}

const right = (row) => {
  const percent = (100 * (row.tokens - row.wrong.length)) / Math.max(1, row.tokens);
  return row.wrong.length === 0 ? '100 %' : `${Math.min(99.99, percent).toFixed(2)} %`;
};
const numbers = (row) => [row.tokens, row.same, row.renamed, row.added, Object.values(row.made).reduce((total, count) => total + count, 0), row.wrong.length, right(row)].join(' | ');
