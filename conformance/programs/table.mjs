// One row a program: which variants did the program's work, and how large the minified bundle is.

export function table(rows) {
  const bundlers = [...new Set(rows.map((row) => row.bundler))];
  const lines = [
    '# Real programs',
    '',
    'Written by `node conformance/programs/run.mjs --peers --write`. A variant counts when the bundle prints what the unbundled program prints in Node.',
    'Sizes: all scripts of the minified bundle for the first platform, gzip, in kB.',
    '',
    `| program | ${bundlers.map((name) => `${name}: variants | kB`).join(' | ')} |`,
    `|---|${bundlers.map(() => '---|---|').join('')}`,
  ];
  for (const program of new Set(rows.map((row) => row.program))) {
    const cells = bundlers.flatMap((bundler) => {
      const own = rows.filter((row) => row.program === program && row.bundler === bundler);
      const size = own.find((row) => row.variant.endsWith('-min'))?.gzip;
      return [score(own), size === undefined ? '–' : (size / 1000).toFixed(1)];
    });
    lines.push(`| ${program} | ${cells.join(' | ')} |`);
  }
  lines.push(`| all | ${bundlers.map((bundler) => `${score(rows.filter((row) => row.bundler === bundler))} | `).join(' | ')} |`, '');
  const reasons = rows.filter((row) => row.reason !== undefined && row.fault !== undefined);
  if (reasons.length > 0) lines.push('Known:', '', ...reasons.map((row) => `- ${row.program} ${row.variant}: ${row.reason}`), '');
  return lines.join('\n');
}

const score = (rows) => `${rows.filter((row) => row.fault === undefined).length} of ${rows.length}`;
