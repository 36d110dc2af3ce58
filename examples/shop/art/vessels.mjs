// The shop's pieces: their profiles, their glazes and the ground they stand on. Heights and radii in decimetres.
import { glaze, piece, tube, turned } from './scene.mjs';

export const glazes = {
  tide: glaze({ body: '#2c5f6b', second: '#86aaa5', secondAt: 0.72, specks: 0.35, gloss: 0.9 }),
  celadon: glaze({ body: '#9fb7a1', rim: '#8a7350', specks: 0.25, gloss: 0.95 }),
  oat: glaze({ body: '#e9dfcb', rim: '#9a6b3f', specks: 0.95, gloss: 0.7 }),
  ember: glaze({ body: '#9f4128', second: '#c4713f', secondAt: 0.66, rim: '#3a1e14', specks: 0.4, gloss: 0.9 }),
  ink: glaze({ body: '#22303f', rim: '#7d5a38', specks: 0.2, gloss: 1, second: '#31475c', secondAt: 0.6 }),
  blush: glaze({ body: '#dfb2a0', rim: '#a8694c', specks: 0.7, gloss: 0.75 }),
  snow: glaze({ body: '#cdc6b6', rim: '#b9ad98', rimWidth: 0.04, specks: 0.12, gloss: 0.85, dip: 0.02 }),
  moss: glaze({ body: '#59613a', second: '#83834f', secondAt: 0.75, rim: '#4a3a22', specks: 0.5, gloss: 0.85 }),
  raw: glaze({ body: '#b98a62', clay: '#b98a62', rim: '#b98a62', specks: 0.55, gloss: 0.08, dip: 0, rings: 1.6 }),
  paper: glaze({ body: '#f3e3c4', clay: '#f3e3c4', rim: '#f3e3c4', specks: 0, gloss: 0.05, dip: 0, rings: 0.2 }),
};

const mugBody = [[0, 0], [0.5, 0], [0.58, 0.05], [0.62, 0.4], [0.61, 0.9], [0.63, 1.2]];
const shapes = {
  mug: () => [turned(mugBody, 0.04), tube([[0.6, 0.98, 0], [0.9, 1.02, 0], [1.02, 0.72, 0], [0.88, 0.36, 0], [0.6, 0.3, 0]], [0.075, 0.06])],
  tumbler: () => turned([[0, 0], [0.42, 0], [0.5, 0.05], [0.56, 0.5], [0.62, 1.0], [0.66, 1.36]], 0.035),
  espresso: () => [turned([[0, 0], [0.3, 0], [0.4, 0.06], [0.5, 0.3], [0.52, 0.62]], 0.035), tube([[0.5, 0.5, 0], [0.72, 0.52, 0], [0.76, 0.32, 0], [0.5, 0.2, 0]], [0.05, 0.045])],
  saucer: () => turned([[0, 0], [0.5, 0], [0.6, 0.03], [0.85, 0.1], [0.96, 0.17]], 0.032),
  bowl: () => turned([[0, 0.02], [0.42, 0], [0.5, 0.06], [0.86, 0.34], [1.1, 0.72], [1.18, 0.98]], 0.042),
  serving: () => turned([[0, 0.03], [0.62, 0], [0.72, 0.07], [1.15, 0.24], [1.48, 0.5], [1.62, 0.74]], 0.05),
  pinch: () => turned([[0, 0], [0.24, 0], [0.32, 0.05], [0.46, 0.22], [0.5, 0.42]], 0.04),
  bottle: () => turned([[0, 0], [0.5, 0], [0.62, 0.06], [0.86, 0.5], [0.8, 1.0], [0.42, 1.4], [0.22, 1.72], [0.22, 2.05], [0.34, 2.22]], 0.042),
  heron: () => turned([[0, 0], [0.4, 0], [0.48, 0.06], [0.56, 0.7], [0.5, 1.4], [0.32, 2.0], [0.26, 2.4], [0.38, 2.66]], 0.042),
  moon: () => turned([[0, 0], [0.42, 0], [0.5, 0.05], [0.92, 0.42], [1.08, 0.95], [0.92, 1.48], [0.52, 1.8], [0.46, 1.86], [0.48, 1.96]], 0.045),
  bud: () => turned([[0, 0], [0.26, 0], [0.36, 0.05], [0.46, 0.34], [0.34, 0.66], [0.13, 0.86], [0.11, 1.08], [0.16, 1.18]], 0.03),
  budTall: () => turned([[0, 0], [0.22, 0], [0.28, 0.05], [0.32, 0.5], [0.26, 0.95], [0.13, 1.25], [0.11, 1.5], [0.17, 1.62]], 0.03),
  plate: () => turned([[0, 0.02], [0.9, 0], [1.05, 0.03], [1.3, 0.12], [1.52, 0.2]], 0.04),
  sidePlate: () => turned([[0, 0.02], [0.6, 0], [0.75, 0.03], [0.98, 0.12], [1.1, 0.2]], 0.036),
  teapot: () => [
    turned([[0, 0], [0.5, 0], [0.62, 0.05], [0.9, 0.4], [0.9, 0.78], [0.6, 1.12], [0.4, 1.18], [0.36, 1.22], [0.2, 1.3], [0.08, 1.33], [0.1, 1.42], [0, 1.48]], 0.04),
    tube([[-0.72, 0.5, 0], [-1.05, 0.66, 0], [-1.2, 0.95, 0], [-1.36, 1.16, 0]], [0.2, 0.075]),
    tube([[0.78, 0.9, 0], [1.14, 1.06, 0], [1.32, 0.76, 0], [1.16, 0.44, 0], [0.82, 0.4, 0]], [0.075, 0.07]),
  ],
  lampBase: () => turned([[0, 0], [0.44, 0], [0.54, 0.06], [0.62, 0.36], [0.5, 0.72], [0.22, 0.92], [0.12, 1.02], [0.1, 1.3]], 0.042),
  lampShade: () => turned([[0.86, 1.18], [0.7, 1.7], [0.54, 2.12]], 0.03),
  candle: () => turned([[0, 0], [0.52, 0], [0.62, 0.05], [0.64, 0.1], [0.3, 0.2], [0.17, 0.42], [0.16, 0.68], [0.24, 0.76], [0.25, 0.86]], 0.04),
  taper: () => tube([[0, 0.6, 0], [0, 1.3, 0], [0, 2.1, 0]], [0.115, 0.095]),
  planter: () => turned([[0, 0], [0.62, 0], [0.7, 0.06], [0.84, 0.5], [0.9, 1.0], [0.84, 1.36], [0.9, 1.48]], 0.05),
  jar: () => turned([[0, 0], [0.52, 0], [0.62, 0.05], [0.78, 0.45], [0.74, 0.95], [0.6, 1.16], [0.66, 1.2], [0.62, 1.26], [0.3, 1.36], [0.1, 1.38], [0.14, 1.5], [0, 1.54]], 0.04),
};

const built = new Map();
const shape = (name) => {
  if (!built.has(name)) built.set(name, shapes[name]());
  return built.get(name);
};
const put = (name, glazeName, options) => piece(shape(name), glazes[glazeName], options);

const view = (height, distance = 7.2, lift = 1.5) => ({ from: [0, height + lift, distance], to: [0, height, 0], fov: 27 });

/** slug -> scene; the shop's data names pictures by slug. */
export const products = {
  'skerry-mug': () => ({ pieces: [put('mug', 'tide', { turn: 0.5, at: [-0.16, 0] })], ground: '#e3d9c9', wall: '#efe8dc', camera: view(0.66, 6.6, 1.15) }),
  'eddy-tumbler': () => ({ pieces: [put('tumbler', 'oat', { at: [-0.48, 0.2] }), put('tumbler', 'celadon', { at: [0.72, -0.5] })], ground: '#cdbfae', wall: '#dccfbe', camera: view(0.66, 8.6, 1.3) }),
  'lantern-espresso': () => ({ pieces: [put('saucer', 'ember'), put('espresso', 'ember', { lift: 0.13, turn: 0.7 })], ground: '#e9d4c1', wall: '#f1e0cf', camera: view(0.36, 6.1, 1.6) }),
  'drift-bowl': () => ({ pieces: [put('bowl', 'celadon')], ground: '#dcdccb', wall: '#e9e9dc', camera: view(0.46, 7.6, 2.2) }),
  'marram-serving-bowl': () => ({ pieces: [put('serving', 'oat')], ground: '#c3ad94', wall: '#d6c3ac', camera: view(0.36, 9.8, 3.3) }),
  'pebble-pinch-pots': () => ({ pieces: [put('pinch', 'blush', { at: [-0.62, 0.25] }), put('pinch', 'snow', { at: [0.46, 0.55] }), put('pinch', 'ink', { at: [0.1, -0.75] })], ground: '#e6d8cb', wall: '#efe4d8', camera: view(0.24, 6.6, 2.4) }),
  'saltmarsh-bottle': () => ({ pieces: [put('bottle', 'moss')], ground: '#d9d6bf', wall: '#e7e4d0', camera: view(1.1, 8) }),
  'heron-vase': () => ({ pieces: [put('heron', 'ink')], ground: '#c9d1d3', wall: '#dbe1e1', camera: view(1.3, 8.8) }),
  'moon-jar': () => ({ pieces: [put('moon', 'snow')], ground: '#b9b2a6', wall: '#c9c2b6', camera: view(0.98, 8.2, 1.2) }),
  'bud-vase-trio': () => ({ pieces: [put('bud', 'ember', { at: [-0.68, 0.25] }), put('budTall', 'oat', { at: [0.02, -0.35] }), put('bud', 'tide', { at: [0.68, 0.2], scale: 0.86 })], ground: '#e5dbcd', wall: '#eee6da', camera: view(0.72, 7.8, 1.1) }),
  'tidal-plate': () => ({ pieces: [put('plate', 'tide')], ground: '#d4dcd8', wall: '#e2e8e4', camera: view(0.1, 8.8, 5.2) }),
  'shoal-side-plates': () => ({ pieces: [put('sidePlate', 'blush'), put('sidePlate', 'oat', { lift: 0.19 }), put('sidePlate', 'celadon', { lift: 0.34 }), put('sidePlate', 'ink', { lift: 0.49 })], ground: '#e7d6cc', wall: '#f0e3da', camera: view(0.32, 7.2, 2.2) }),
  'harbour-teapot': () => ({ pieces: [put('teapot', 'ink', { turn: -0.3, blend: 0.09 })], ground: '#d8c8b4', wall: '#e5d8c6', camera: view(0.7, 8.7, 1.7) }),
  'beacon-lamp': () => ({
    pieces: [put('lampBase', 'raw'), put('lampShade', 'paper', { glow: { at: [0, 1.35, 0.2], power: 0.42, shade: 1.1 } })],
    ground: '#8f7f70', wall: '#6f6259', camera: view(1.06, 8.4, 1),
  }),
  'pier-candlestick': () => ({ pieces: [put('candle', 'celadon', { at: [-0.36, 0.2] }), put('taper', 'snow', { at: [-0.36, 0.2] }), put('candle', 'ink', { at: [0.6, -0.35], scale: 0.8 }), put('taper', 'blush', { at: [0.6, -0.35], scale: 0.8 })], ground: '#dcd2c2', wall: '#e8dfd1', camera: view(1.0, 8.8, 1.3) }),
  'kelp-planter': () => ({ pieces: [put('planter', 'moss')], ground: '#cfd3c0', wall: '#dee1d0', camera: view(0.76, 7.6, 1.7) }),
  'larder-jar': () => ({ pieces: [put('jar', 'blush')], ground: '#d9c9bd', wall: '#e7dacf', camera: view(0.76, 7.2, 1.2) }),
  'cove-dinner-bowl': () => ({ pieces: [put('bowl', 'ink'), put('bowl', 'tide', { lift: 0.27, scale: 0.98 })], ground: '#cfc4b6', wall: '#ded4c7', camera: view(0.55, 7.8, 2.2) }),
};

/** Morning light through a window with two bars, and a branch in front of it. */
function window(a, b) {
  const soft = (x, from, to, edge) => Math.min(1, Math.max(0, (x - from) / edge)) * Math.min(1, Math.max(0, (to - x) / edge));
  const [u, v] = [a + 3.1, b - 2.4];
  let lit = Math.max(soft(u, -4.2, -0.9, 0.35), soft(u, -0.6, 2.6, 0.35), soft(u, 2.9, 6.2, 0.35)) * Math.max(soft(v, -6, -0.4, 0.3), soft(v, -0.1, 6, 0.3));
  for (let i = 0; i < 9; i++) {
    const [cx, cy, turn] = [-2.2 + i * 0.62, -1.5 + Math.sin(i * 1.7) * 0.9, 0.6 + Math.sin(i * 2.3)];
    const [x, y] = [(u - cx) * Math.cos(turn) + (v - cy) * Math.sin(turn), -(u - cx) * Math.sin(turn) + (v - cy) * Math.cos(turn)];
    const leaf = (x / 0.62) ** 2 + (y / (0.2 * (1 - 0.5 * Math.abs(x / 0.62)) + 0.02)) ** 2;
    lit *= 1 - 0.62 * Math.min(1, Math.max(0, 1.5 - leaf));
  }
  return 0.1 + 0.9 * lit;
}

export const hero = () => ({
  pieces: [
    put('moon', 'snow', { at: [-1.75, -0.9] }),
    put('heron', 'ink', { at: [0.2, -1.1] }),
    put('teapot', 'tide', { at: [1.9, -0.15], turn: 0.35, blend: 0.09 }),
    put('bowl', 'celadon', { at: [-0.35, 0.72], scale: 0.74 }),
    put('budTall', 'ember', { at: [-3.05, -0.1] }),
    put('tumbler', 'oat', { at: [3.62, 0.35], scale: 0.86 }),
    put('pinch', 'blush', { at: [1.0, 1.25], scale: 0.84 }),
    put('bottle', 'moss', { at: [4.3, -1.3], scale: 0.94 }),
  ],
  ground: '#d6bfa4',
  wall: '#e6d5be',
  wallZ: -4.2,
  grain: true,
  gobo: window,
  camera: { from: [0.6, 2.5, 10.2], to: [0.6, 1.08, 0], fov: 24 },
});

export const kiln = () => ({
  pieces: ['bottle', 'bud', 'jar', 'mug', 'budTall', 'bowl', 'heron'].map((name, i) =>
    put(name, ['moss', 'raw', 'celadon', 'tide', 'raw', 'ember', 'snow'][i], { at: [-4.1 + i * 1.42 + (i > 4 ? 0.25 : 0), Math.sin(i * 2.1) * 0.4 - 0.3], scale: [0.95, 0.9, 0.95, 1, 0.95, 0.82, 0.9][i], turn: 0.5 }),
  ),
  ground: '#6b5344',
  wall: '#57443a',
  wallZ: -3.4,
  grain: true,
  gobo: (a, b) => 0.25 + 0.75 * window(a * 0.8 + 0.6, b),
  camera: { from: [0.2, 2.2, 10.4], to: [0.2, 1.1, 0], fov: 23 },
});
