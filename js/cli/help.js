/** The text of `cloudpack --help`, made from the table of flags. */
import { VERSION } from '../index.js';
import { FLAGS } from './arguments.js';

export function helpText() {
  const rows = Object.entries(FLAGS).map(([name, flag]) => {
    const value = flag.takes ? (flag.optional ? `[=${flag.takes}]` : ` <${flag.takes}>`) : '';
    const long = flag.negatable ? `--[no-]${name}${value}` : `--${name}${value}`;
    return [`  ${flag.short ? `-${flag.short}, ` : '    '}${long}`, flag.help];
  });
  const width = Math.max(...rows.map(([left]) => left.length));
  return [
    `cloudpack ${VERSION}`,
    '',
    'Usage: cloudpack build [entry ...] [options]',
    '       cloudpack watch [entry ...] [options]',
    '       cloudpack why file [entry ...] [options]',
    '       cloudpack cache info|verify|clear [directory] [--config file] [--json]',
    '',
    'Without entries: those of the configuration file, else index.html.',
    '',
    'Options:',
    ...rows.map(([left, right]) => `${left.padEnd(width)}  ${right}`),
  ].join('\n');
}
