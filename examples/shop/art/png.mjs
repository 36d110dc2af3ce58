// Writes PNG files with nothing but zlib. Pictures of one vessel on a plain ground use few hues, so a palette of 256
// colours chosen by median cut, with error diffusion, is a third of the size of true colour and looks the same.
import { deflateSync } from 'node:zlib';

const CRC = new Int32Array(256).map((_, n) => {
  let c = n;
  for (let k = 0; k < 8; k++) c = c & 1 ? (c >>> 1) ^ 0xedb88320 : c >>> 1;
  return c;
});

function crc32(bytes) {
  let c = -1;
  for (const b of bytes) c = CRC[(c ^ b) & 255] ^ (c >>> 8);
  return ~c >>> 0;
}

function chunk(type, data) {
  const out = Buffer.alloc(12 + data.length);
  out.writeUInt32BE(data.length, 0);
  out.write(type, 4, 'latin1');
  data.copy(out, 8);
  out.writeUInt32BE(crc32(out.subarray(4, 8 + data.length)), 8 + data.length);
  return out;
}

function header(width, height, colourType) {
  const ihdr = Buffer.alloc(13);
  ihdr.writeUInt32BE(width, 0);
  ihdr.writeUInt32BE(height, 4);
  ihdr.set([8, colourType, 0, 0, 0], 8);
  return [Buffer.from([137, 80, 78, 71, 13, 10, 26, 10]), chunk('IHDR', ihdr)];
}

/** Palette of at most `count` colours for `rgb` (floats 0..255, three a pixel): median cut, then three rounds of k-means. */
function choosePalette(rgb, count) {
  const samples = [];
  const step = Math.max(1, Math.floor(rgb.length / 3 / 60000));
  for (let i = 0; i < rgb.length; i += 3 * step) samples.push([rgb[i], rgb[i + 1], rgb[i + 2]]);
  let boxes = [samples];
  while (boxes.length < count) {
    let best = -1;
    let bestScore = 0;
    let bestAxis = 0;
    boxes.forEach((box, index) => {
      if (box.length < 2) return;
      for (let axis = 0; axis < 3; axis++) {
        let low = 255;
        let high = 0;
        for (const s of box) {
          low = Math.min(low, s[axis]);
          high = Math.max(high, s[axis]);
        }
        const score = (high - low) * Math.sqrt(box.length);
        if (score > bestScore) [best, bestScore, bestAxis] = [index, score, axis];
      }
    });
    if (best < 0) break;
    const box = boxes[best].sort((a, b) => a[bestAxis] - b[bestAxis]);
    boxes[best] = box.slice(0, box.length >> 1);
    boxes.push(box.slice(box.length >> 1));
  }
  let palette = boxes.map((box) => [0, 1, 2].map((k) => box.reduce((sum, s) => sum + s[k], 0) / box.length));
  for (let round = 0; round < 3; round++) {
    const sums = palette.map(() => [0, 0, 0, 0]);
    for (const s of samples) {
      const sum = sums[nearest(palette, s[0], s[1], s[2])];
      sum[0] += s[0];
      sum[1] += s[1];
      sum[2] += s[2];
      sum[3]++;
    }
    palette = palette.map((old, i) => (sums[i][3] ? [0, 1, 2].map((k) => sums[i][k] / sums[i][3]) : old));
  }
  return palette.map((c) => c.map(Math.round));
}

function nearest(palette, r, g, b) {
  let best = 0;
  let distance = Infinity;
  for (let i = 0; i < palette.length; i++) {
    const p = palette[i];
    const d = (p[0] - r) ** 2 * 0.6 + (p[1] - g) ** 2 + (p[2] - b) ** 2 * 0.4;
    if (d < distance) [best, distance] = [i, d];
  }
  return best;
}

/** `rgb`: floats 0..255, three a pixel, rows from the top. */
export function encodeIndexed(width, height, rgb, colours = 256) {
  const palette = choosePalette(rgb, colours);
  const work = Float32Array.from(rgb);
  const raw = Buffer.alloc((width + 1) * height);
  const cache = new Map();
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const at = (y * width + x) * 3;
      const [r, g, b] = [0, 1, 2].map((k) => Math.max(0, Math.min(255, work[at + k])));
      const key = ((r | 0) << 16) | ((g | 0) << 8) | (b | 0);
      let index = cache.get(key);
      if (index === undefined) cache.set(key, (index = nearest(palette, r, g, b)));
      raw[y * (width + 1) + 1 + x] = index;
      const error = [r - palette[index][0], g - palette[index][1], b - palette[index][2]];
      for (let k = 0; k < 3; k++) {
        // A little less than the whole error is passed on: flat grounds stay flat, and flat grounds compress.
        const e = error[k] * 0.82;
        if (x + 1 < width) work[at + 3 + k] += (e * 7) / 16;
        if (y + 1 < height) {
          if (x > 0) work[at + (width - 1) * 3 + k] += (e * 3) / 16;
          work[at + width * 3 + k] += (e * 5) / 16;
          if (x + 1 < width) work[at + (width + 1) * 3 + k] += e / 16;
        }
      }
    }
  }
  return Buffer.concat([
    ...header(width, height, 3),
    chunk('PLTE', Buffer.from(palette.flat())),
    chunk('IDAT', deflateSync(raw, { level: 9 })),
    chunk('IEND', Buffer.alloc(0)),
  ]);
}

/** Grey with alpha: `pixels` holds two bytes a pixel. */
export function encodeGreyAlpha(width, height, pixels) {
  const raw = Buffer.alloc((width * 2 + 1) * height);
  for (let y = 0; y < height; y++) raw.set(pixels.subarray(y * width * 2, (y + 1) * width * 2), y * (width * 2 + 1) + 1);
  return Buffer.concat([...header(width, height, 4), chunk('IDAT', deflateSync(raw, { level: 9 })), chunk('IEND', Buffer.alloc(0))]);
}
