// Starts the system's Chromium with an empty profile, and listens for everything that must not happen on a page.
import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { chromium } from 'playwright-core';

const flags = ['--headless', '--no-sandbox', '--disable-gpu', '--disable-background-networking', '--disable-quic', '--no-first-run', '--disable-component-update', '--disable-sync'];

/** `run(page, problems)` gets a fresh page; `problems` fills with one sentence for each fault seen. */
export async function withPage(origin, run) {
  const executablePath = process.env.CHROMIUM || '/usr/bin/chromium';
  if (!existsSync(executablePath)) throw new Error(`There is no browser at ${executablePath}. Install Debian's chromium, or name another one in CHROMIUM.`);
  const profile = await mkdtemp(join(tmpdir(), 'shop-profile-'));
  const context = await chromium.launchPersistentContext(profile, {
    executablePath,
    args: flags,
    viewport: { width: 1360, height: 900 },
    colorScheme: 'light',
    locale: 'en-GB',
    timezoneId: 'UTC',
  });
  try {
    // What is waited for comes, or never does. An animation of 200 frames takes a busy machine half a minute.
    context.setDefaultTimeout(90_000);
    const page = context.pages()[0] ?? (await context.newPage());
    const problems = [];
    watch(page, origin, problems);
    return await run(page, problems);
  } finally {
    await context.close();
    await rm(profile, { recursive: true, force: true, maxRetries: 5 });
  }
}

function watch(page, origin, problems) {
  page.on('console', (message) => {
    const where = message.location().url;
    if (['error', 'warning', 'assert'].includes(message.type())) problems.push(`console ${message.type()}: ${message.text()}${where ? ` (${where})` : ''}`);
  });
  page.on('pageerror', (error) => problems.push(`uncaught: ${error.stack ?? error}`));
  page.on('crash', () => problems.push('the page crashed'));
  page.on('requestfailed', (request) => problems.push(`request failed: ${request.url()} ${request.failure()?.errorText ?? ''}`));
  page.on('response', (response) => {
    if (response.status() >= 400) problems.push(`${response.status()}: ${response.url()}`);
  });
  page.on('request', (request) => {
    const url = request.url();
    if (!/^(data|blob):/.test(url) && new URL(url).origin !== origin) problems.push(`asks another host: ${url}`);
  });
}
