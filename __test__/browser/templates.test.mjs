// The templates of create-vite with one line added: in a browser they are what they are without it, from the store too, and after an edit.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { TEMPLATES, template } from '../hosts/templates.js';
import { withPage } from './chromium.mjs';
import { serve } from './server.mjs';

const withoutHashes = (text) => text.replace(/-[\w-]{8}(?=\.\w+)/g, '-HASH').replace(/http:\/\/127\.0\.0\.1:\d+/g, '');

describe('a template of create-vite', { concurrency: false }, () => {
  for (const name of TEMPLATES) {
    test(`${name} is the same with Cloudpack`, async () => {
      const app = template(name);
      try {
        const alone = await app.build('alone', []);
        const cold = await app.build('ours');
        assert.deepEqual(await app.build('ours'), cold, 'from the store');
        const [theirs, ours] = [await facts(app.at('alone')), await facts(app.at('ours'))];
        assert.deepEqual(ours, theirs);
        assert.ok(theirs.elements > 10);
        assert.deepEqual(styles(cold), styles(alone));
        assert.deepEqual(Object.keys(cold).map(withoutHashes).sort(), Object.keys(alone).map(withoutHashes).sort());
        assert.ok(app.edit('Explore', 'Discover') + app.edit('Get started', 'Begin here') > 0, 'there is something to edit');
        const edited = await app.build('ours');
        assert.notDeepEqual(edited, cold);
        assert.deepEqual(await app.build('verified', undefined, { CLOUDPACK_VERIFY: '1' }), edited, 'with plugins asked again');
      } finally {
        app.remove();
      }
    });
  }
});

function styles(files) {
  return Object.entries(files).filter(([file]) => file.endsWith('.css')).map(([file, text]) => [withoutHashes(file), withoutHashes(text)]);
}

/** What a page is, and becomes when its buttons are clicked. */
async function facts(dist) {
  const server = await serve(dist);
  try {
    return await withPage(server.origin, async (page, problems) => {
      await page.goto(server.origin, { waitUntil: 'networkidle' });
      const snapshot = () => page.evaluate(() => {
        const all = (root) => [...root.querySelectorAll('*')].flatMap((element) => [element, ...(element.shadowRoot ? all(element.shadowRoot) : [])]);
        const elements = all(document);
        const looks = elements.map((element) => {
          const style = getComputedStyle(element);
          return [element.tagName, style.color, style.fontSize, style.display, style.backgroundImage, style.width, style.height].join('|');
        });
        return { html: document.documentElement.outerHTML, text: elements.map((element) => element.shadowRoot?.innerHTML ?? '').join(''), looks, elements: elements.length };
      });
      const before = await snapshot();
      for (const button of await page.locator('button').all()) await button.click();
      const after = await snapshot();
      // Lit marks its places by a random number.
      const tell = (text) => withoutHashes(JSON.stringify(text)).replace(/lit\$\d+\$/g, 'lit$');
      return { before: tell(before), after: tell(after), reacts: before.html !== after.html || before.text !== after.text, problems: problems.map(withoutHashes), elements: before.elements };
    });
  } finally {
    await server.close();
  }
}
