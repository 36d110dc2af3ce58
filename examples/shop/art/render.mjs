// Draws the shop's pictures into src/assets. Only someone who changes the art runs it: `node art/render.mjs [name ...] [--draft]`.
import { mkdirSync, writeFileSync } from 'node:fs';
import { encodeGreyAlpha, encodeIndexed } from './png.mjs';
import { noise, render } from './scene.mjs';
import { hero, kiln, products } from './vessels.mjs';

const assets = new URL('../src/assets/', import.meta.url);
const draft = process.argv.includes('--draft');
const wanted = process.argv.slice(2).filter((a) => !a.startsWith('--'));
const asked = (name) => wanted.length === 0 || wanted.includes(name);

function draw(path, scene, width, height) {
  const started = performance.now();
  const [w, h] = draft ? [width >> 1, height >> 1] : [width, height];
  const png = encodeIndexed(w, h, render(scene, w, h, draft ? 1 : 3));
  writeFileSync(new URL(path, assets), png);
  console.log(`${path}  ${w} x ${h}  ${(png.length / 1024).toFixed(0)} kB  ${((performance.now() - started) / 1000).toFixed(1)} s`);
}

mkdirSync(new URL('products/', assets), { recursive: true });
for (const [slug, scene] of Object.entries(products)) if (asked(slug)) draw(`products/${slug}.png`, scene(), 560, 700);
if (asked('hero')) draw('hero.png', hero(), 1600, 900);
if (asked('kiln')) draw('kiln.png', kiln(), 1200, 600);

// Paper grain: small enough to be inlined, tiled over the page's ground.
if (asked('grain')) {
  const side = 64;
  const pixels = Buffer.alloc(side * side * 2);
  for (let i = 0; i < side * side; i++) {
    // Noise at whole numbers is its bare lattice: no pattern shows when the tile repeats.
    pixels[i * 2] = 60;
    pixels[i * 2 + 1] = Math.round(20 * noise(i % side, Math.floor(i / side), 9) ** 3);
  }
  writeFileSync(new URL('grain.png', assets), encodeGreyAlpha(side, side, pixels));
}
