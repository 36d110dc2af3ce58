// The process that is measured: `node child.mjs TOOL build|session JOB`. `session` speaks lines of JSON: it says
// {"event":"ready"|"start"|"built"|"failed"}, and builds again when it reads {"rebuild":[files]}.
import { createInterface } from 'node:readline';

const [name, what, text] = process.argv.slice(2);
const job = JSON.parse(text ?? '{}');
const say = (event, more = {}) => process.stdout.write(`${JSON.stringify({ event, ...more })}\n`);

try {
  const { default: tool } = await import(`../tools/${name}.mjs`);
  if (what === 'facts') {
    const { title, cache, session, notes = '' } = tool;
    say('facts', { title, version: tool.version(), cache, session, notes });
  } else if (what === 'build') {
    await tool.build(job);
  } else {
    await session(tool);
  }
} catch (error) {
  say('failed', { message: String(error?.stack ?? error).slice(0, 2000) });
  process.exit(1);
}

async function session(tool) {
  const opened = await tool.open(job);
  await opened.ready;
  opened.onStart = () => say('start');
  opened.onBuilt = () => say('built');
  say('ready');
  for await (const line of createInterface({ input: process.stdin })) {
    const message = JSON.parse(line);
    if (message.close) break;
    if (!opened.rebuild) continue;
    say('start');
    await opened.rebuild(message.rebuild);
    say('built');
  }
  await opened.close?.();
  process.exit(0);
}
