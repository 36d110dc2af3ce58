// Results -> a table on the terminal and `scores/SUITE.md`. A result is { id, group, status: pass | fail | skip, detail }.
import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { isSkippedBy } from './reasons.js';

/** Rows of the table: one a group, in the order of their first case, and one for all of them. */
function tally(results) {
  const groups = new Map();
  for (const result of results) {
    const name = result.group ?? 'all';
    if (!groups.has(name)) groups.set(name, { name, pass: 0, fail: 0, skip: 0 });
    groups.get(name)[result.status] += 1;
  }
  const rows = [...groups.values()];
  if (rows.length < 2) return rows;
  const sum = (field) => rows.reduce((total, row) => total + row[field], 0);
  return [...rows, { name: 'all', pass: sum('pass'), fail: sum('fail'), skip: sum('skip') }];
}

const percent = ({ pass, fail }) => (pass + fail === 0 ? '-' : `${((100 * pass) / (pass + fail)).toFixed(1)} %`);

export function printSummary(suite, results, seconds) {
  console.log(`${suite.name} (${seconds.toFixed(0)} s)`);
  for (const row of tally(results)) {
    console.log(`  ${row.name}: ${row.pass} of ${row.pass + row.fail} (${percent(row)}), ${row.skip} skipped`);
  }
}

/** The path of the written file, from the repository's root. */
export function writeScore(suite, checkout, results, reasons) {
  const lines = [
    `# ${suite.name}`,
    '',
    `${suite.about} Bar: ${suite.bar}.`,
    '',
    `Source: ${suite.repository} at ${checkout.commit ?? 'an unknown commit'}. Node ${process.version}.`,
    '',
    '| cases | pass | of | | skipped |',
    '|---|---|---|---|---|',
    ...tally(results).map((row) => `| ${row.name} | ${row.pass} | ${row.pass + row.fail} | ${percent(row)} | ${row.skip} |`),
    '',
    ...listFailures(results),
    ...listSkips(results, reasons),
  ];
  const file = new URL(`../scores/${suite.name}.md`, import.meta.url);
  writeFileSync(fileURLToPath(file), `${lines.join('\n').trimEnd()}\n`);
  return `conformance/scores/${suite.name}.md`;
}

function listFailures(results) {
  const failed = results.filter((result) => result.status === 'fail');
  if (failed.length === 0) return [];
  return ['## Fails', '', ...failed.map((result) => `- ${result.id}: ${firstLine(result.detail)}`), ''];
}

function listSkips(results, reasons) {
  const skipped = results.filter((result) => result.status === 'skip');
  if (skipped.length === 0) return [];
  const rows = reasons.map((reason) => {
    const count = skipped.filter((result) => isSkippedBy(reason, result)).length;
    return `| ${count} | ${reason.match.replaceAll('|', '\\|')} | ${reason.reason} |`;
  });
  return ['## Skipped', '', '| cases | which | why |', '|---|---|---|', ...rows, ''];
}

/** Without the folder of the run, which is another one each time. */
const firstLine = (text) => {
  const line = (text ?? '').split('\n').find((each) => each.trim())?.trim() ?? '';
  return line.replaceAll(/\S*cloudpack-[\w-]+[/\\]/g, '').slice(0, 200);
};
