// A command line with subcommands, help and mistakes.
import { Command, InvalidArgumentError, Option } from 'commander';

const make = () => {
  const program = new Command('tool').version('1.2.3').exitOverride().configureOutput({ writeOut: (text) => console.log('out', text), writeErr: (text) => console.log('err', text) });
  program.option('-v, --verbose', 'talk').addOption(new Option('-l, --level <n>', 'how much').choices(['1', '2']).default('1').env('LEVEL'));
  program.command('copy <from> [to...]').description('copies').option('--no-links').argument('[n]', 'number', (text) => { if (Number.isNaN(+text)) throw new InvalidArgumentError('no number'); return +text; }).action((...args) => console.log(args.slice(0, -1), program.opts()));
  return program;
};
for (const line of ['-v copy a b c', '-l 3 copy a', 'cpoy a', 'copy', 'help copy', '--help', '--version', 'copy --no-links x']) {
  try { make().parse(line.split(' '), { from: 'user' }); } catch (error) { console.log(error.code, error.exitCode); }
}
