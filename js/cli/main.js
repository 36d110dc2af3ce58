#!/usr/bin/env node
/**
 * The command line: reads arguments, runs a command, decides the exit code. 0: built; 1: the build has errors, all of them on
 * stderr; 2: the command line itself is wrong.
 */
import { parseCommandLine, UsageError } from './arguments.js';

try {
  const command = parseCommandLine(process.argv.slice(2));
  if (command.name === 'build') {
    const { runBuildCommand } = await import('./build-command.js');
    process.exitCode = await runBuildCommand(command.flags);
  } else if (command.name === 'watch') {
    const { runWatchCommand } = await import('./watch-command.js');
    process.exitCode = await runWatchCommand(command.flags);
  } else if (command.name === 'why') {
    const { runWhyCommand } = await import('./why-command.js');
    process.exitCode = await runWhyCommand(command.file, command.flags);
  } else if (command.name === 'cache') {
    const { runCacheCommand } = await import('./cache-command.js');
    process.exitCode = await runCacheCommand(command.action, command.dir, command.flags);
  } else if (command.name === 'help') {
    const { helpText } = await import('./help.js');
    console.log(helpText());
  } else {
    const { VERSION } = await import('../index.js');
    console.log(VERSION);
  }
} catch (error) {
  if (!(error instanceof UsageError)) throw error;
  console.error(`${error.message}\nRun \`cloudpack --help\` for what there is.`);
  process.exitCode = 2;
}
