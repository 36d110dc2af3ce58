// What can be seen of a build, without hashes: style sheets, names of files, and what a page is and becomes when its buttons are clicked.
import { withPage } from './chromium.mjs';
import { serve } from './server.mjs';

export const withoutHashes = (text) => text.replace(/-[\w-]{8}(?=\.\w+)/g, '-HASH').replace(/http:\/\/127\.0\.0\.1:\d+/g, '');

export function styles(files) {
  return Object.entries(files).filter(([file]) => file.endsWith('.css')).map(([file, text]) => [withoutHashes(file), withoutHashes(text)]);
}

export function namesOf(files) {
  return Object.keys(files).map(withoutHashes).sort();
}

/** What a page is, and becomes when its buttons are clicked. */
export async function facts(dist) {
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
