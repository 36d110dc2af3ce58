// The templates of create-vite with one line added: in a browser they are what they are without it, from the store too, and after an edit.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { TEMPLATES, template } from '../hosts/templates.js';
import { facts, namesOf, styles } from './facts.mjs';

const sizeOf = (files) => Object.entries(files).reduce((sum, [file, text]) => sum + (file.endsWith('.js') ? gzipSync(Buffer.from(text, 'latin1'), { level: 9 }).length : 0), 0);

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
        assert.deepEqual(namesOf(cold), namesOf(alone));
        const [size, wanted] = [cold, alone].map(sizeOf);
        assert.ok(size <= wanted * 1.04, `${size} bytes of code, minified and packed, against ${wanted}`);
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
