// A small ray marcher for thrown pottery. A vessel is a profile curve turned around the y axis; its distance field is
// tabulated once in (radius, height), so that a lookup costs four reads however fine the curve is. Handles and spouts are
// round tubes along a curve. Light: one soft key light, a sky, a strip of window in the reflections. One unit is a decimetre.

const GRID = 0.008;
const RADIUS = 2.4;
const LOW = -0.4;
const HIGH = 3.6;

export const mix = (a, b, t) => a + (b - a) * t;
export const mix3 = (a, b, t) => [mix(a[0], b[0], t), mix(a[1], b[1], t), mix(a[2], b[2], t)];
export const clamp = (x, low = 0, high = 1) => Math.min(high, Math.max(low, x));
export const smooth = (a, b, x) => {
  const t = clamp((x - a) / (b - a));
  return t * t * (3 - 2 * t);
};
const length = (x, y, z) => Math.sqrt(x * x + y * y + z * z);
const unit = (v) => {
  const l = length(v[0], v[1], v[2]);
  return [v[0] / l, v[1] / l, v[2] / l];
};
const dot = (a, b) => a[0] * b[0] + a[1] * b[1] + a[2] * b[2];

/** '#rrggbb' to linear light. */
export const colour = (hex) => [1, 3, 5].map((i) => (parseInt(hex.slice(i, i + 2), 16) / 255) ** 2.2);

function hash(x, y, z) {
  let h = Math.imul(x, 374761393) ^ Math.imul(y, 668265263) ^ Math.imul(z, 2147483647 ^ 0x5bd1e995);
  h = Math.imul(h ^ (h >>> 13), 1274126177);
  return ((h ^ (h >>> 16)) >>> 0) / 4294967296;
}

export function noise(x, y, z) {
  const [i, j, k] = [Math.floor(x), Math.floor(y), Math.floor(z)];
  const [u, v, w] = [x - i, y - j, z - k].map((t) => t * t * (3 - 2 * t));
  let sum = 0;
  for (let c = 0; c < 8; c++) {
    const [a, b, d] = [c & 1, (c >> 1) & 1, c >> 2];
    sum += hash(i + a, j + b, k + d) * (a ? u : 1 - u) * (b ? v : 1 - v) * (d ? w : 1 - w);
  }
  return sum;
}

export const fbm = (x, y, z) => noise(x, y, z) * 0.55 + noise(x * 2.1, y * 2.1, z * 2.1) * 0.29 + noise(x * 4.3, y * 4.3, z * 4.3) * 0.16;

/** Points on a Catmull-Rom curve through `points`. */
export function curve(points, pieces = 14) {
  const out = [];
  for (let i = 0; i < points.length - 1; i++) {
    const [a, b, c, d] = [points[Math.max(0, i - 1)], points[i], points[i + 1], points[Math.min(points.length - 1, i + 2)]];
    for (let s = 0; s < pieces; s++) {
      const t = s / pieces;
      out.push(b.map((_, k) => 0.5 * (2 * b[k] + (c[k] - a[k]) * t + (2 * a[k] - 5 * b[k] + 4 * c[k] - d[k]) * t * t + (3 * b[k] - a[k] - 3 * c[k] + d[k]) * t ** 3)));
    }
  }
  out.push(points.at(-1));
  return out;
}

/** A thin wall along `profile` ([radius, height] from the centre of the foot to the lip), turned around the y axis. */
export function turned(profile, wall = 0.045) {
  const line = curve(profile).map(([r, y]) => [Math.max(0, r), y]);
  const columns = Math.ceil(RADIUS / GRID) + 2;
  const rows = Math.ceil((HIGH - LOW) / GRID) + 2;
  const field = new Float32Array(columns * rows);
  for (let j = 0; j < rows; j++) {
    for (let i = 0; i < columns; i++) {
      const [px, py] = [i * GRID, LOW + j * GRID];
      let best = Infinity;
      for (let s = 0; s + 1 < line.length; s++) {
        const [ax, ay] = line[s];
        const [bx, by] = [line[s + 1][0] - ax, line[s + 1][1] - ay];
        const t = clamp(((px - ax) * bx + (py - ay) * by) / (bx * bx + by * by || 1));
        best = Math.min(best, (px - ax - bx * t) ** 2 + (py - ay - by * t) ** 2);
      }
      field[j * columns + i] = Math.sqrt(best) - wall;
    }
  }
  const top = Math.max(...line.map((p) => p[1])) + wall;
  const reach = Math.max(...line.map((p) => p[0])) + wall;
  return {
    top,
    reach,
    distance(x, y, z) {
      const r = Math.sqrt(x * x + z * z);
      if (r > RADIUS || y < LOW || y > HIGH) return Math.max(r - reach, y - top, LOW - y, 0.05);
      const [gi, gj] = [r / GRID, (y - LOW) / GRID];
      const [i, j] = [gi | 0, gj | 0];
      const [u, v] = [gi - i, gj - j];
      const at = j * columns + i;
      return mix(mix(field[at], field[at + 1], u), mix(field[at + columns], field[at + columns + 1], u), v);
    },
  };
}

/** A round tube through `points`; `width` is [radius at the start, at the end]. */
export function tube(points, width) {
  const line = curve(points, 8);
  const last = line.length - 1;
  const top = Math.max(...line.map((p) => p[1])) + 0.2;
  const reach = Math.max(...line.map((p) => Math.hypot(p[0], p[2]))) + 0.2;
  return {
    top,
    reach,
    distance(x, y, z) {
      let best = Infinity;
      for (let s = 0; s < last; s++) {
        const [a, b] = [line[s], line[s + 1]];
        const d = [b[0] - a[0], b[1] - a[1], b[2] - a[2]];
        const t = clamp(((x - a[0]) * d[0] + (y - a[1]) * d[1] + (z - a[2]) * d[2]) / dot(d, d));
        const r = mix(width[0], width[1], (s + t) / last);
        best = Math.min(best, length(x - a[0] - d[0] * t, y - a[1] - d[1] * t, z - a[2] - d[2] * t) - r);
      }
      return best;
    },
  };
}

/** Several shapes melted together by `blend`, one glaze, at a place. */
export function piece(shapes, glaze, { at = [0, 0], blend = 0.05, lift = 0.045, scale = 1, turn = 0, glow = null } = {}) {
  const list = Array.isArray(shapes) ? shapes : [shapes];
  const top = Math.max(...list.map((s) => s.top));
  const reach = Math.max(...list.map((s) => s.reach));
  const bound = { y: (top / 2 + lift) * scale, r: Math.hypot(reach, top / 2 + 0.1) * scale };
  const [cos, sin] = [Math.cos(turn), Math.sin(turn)];
  return {
    at,
    glaze,
    glow,
    top,
    local(x, y, z) {
      const [px, pz] = [(x - at[0]) / scale, (z - at[1]) / scale];
      return [px * cos - pz * sin, y / scale - lift, px * sin + pz * cos];
    },
    distance(x, y, z) {
      const far = length(x - at[0], y - bound.y, z - at[1]) - bound.r;
      if (far > 0.4) return far;
      const [px, py, pz] = this.local(x, y, z);
      let d = list[0].distance(px, py, pz);
      for (let i = 1; i < list.length; i++) {
        const e = list[i].distance(px, py, pz);
        const h = clamp(0.5 + (0.5 * (e - d)) / blend);
        d = mix(e, d, h) - blend * h * (1 - h);
      }
      return d * scale;
    },
  };
}

/**
 * A glaze: `body` dipped down to `dip` (a share of the height), bare `clay` under it, `rim` where the glaze runs thin at the lip,
 * iron `specks` from 0 to 1, `gloss` from 0 to 1, `rings` for the marks of the throwing.
 */
export function glaze({ body, clay = '#a5704a', dip = 0.18, rim = '#7b5a3c', rimWidth = 0.06, specks = 0.5, gloss = 0.8, second = null, secondAt = 0.6, rings = 1 }) {
  const [bodyC, clayC, rimC, secondC] = [body, clay, rim, second ?? body].map(colour);
  const speckC = colour('#2a1d14');
  return {
    rings,
    surface([x, y, z], top, outer) {
      const angle = Math.atan2(z, x);
      const wobble = (noise(Math.cos(angle) * 1.6 + 7, Math.sin(angle) * 1.6, 3) - 0.5) * 0.12;
      const share = y / top;
      let c = bodyC;
      if (second) c = mix3(c, secondC, smooth(-0.05, 0.05, share - secondAt + wobble * 1.4 + (noise(angle * 9, y * 3, 1) - 0.5) * 0.05));
      const cloud = fbm(x * 2.2 + 11, y * 2.2, z * 2.2);
      c = c.map((v) => v * mix(0.84, 1.16, cloud));
      c = mix3(c, rimC, smooth(rimWidth, 0, top - y + (noise(angle * 6, 0, 5) - 0.5) * 0.03) * 0.75);
      const edge = share - dip + wobble * 0.5;
      const glazed = 1 - (1 - smooth(-0.006, 0.012, edge)) * outer;
      // Just above the line the glaze stands thick and is a little deeper in colour.
      c = c.map((v) => v * mix(1, mix(0.8, 1, smooth(0, 0.07, edge)), outer));
      const grit = noise(x * 46, y * 46, z * 46);
      const bare = clayC.map((v) => v * mix(0.8, 1.12, noise(x * 9, y * 30, z * 9)) * mix(0.92, 1.06, grit));
      c = mix3(bare, c, glazed);
      const speck = smooth(0.8, 0.86, noise(x * 30 + 3, y * 30, z * 30)) * smooth(0.3, 0.55, noise(x * 3, y * 3 + 9, z * 3));
      c = mix3(c, speckC, speck * specks * 0.8);
      return { c, gloss: gloss * glazed, grit: mix(0.35, 0.05, glazed) };
    },
  };
}

const KEY = unit([-0.62, 0.78, 0.52]);

/** Renders `scene` to floats 0..255. `scene`: pieces, ground, wall, camera {from, to, fov}, gobo?(a, b) -> light 0..1, aspect. */
export function render(scene, width, height, samples = 3) {
  const { pieces, camera, gobo } = scene;
  const ground = colour(scene.ground);
  const wall = colour(scene.wall);
  const wallZ = scene.wallZ ?? -6;
  const forward = unit([camera.to[0] - camera.from[0], camera.to[1] - camera.from[1], camera.to[2] - camera.from[2]]);
  const right = unit([-forward[2], 0, forward[0]]);
  const up = [right[1] * forward[2] - right[2] * forward[1], right[2] * forward[0] - right[0] * forward[2], right[0] * forward[1] - right[1] * forward[0]];
  const zoom = Math.tan((camera.fov * Math.PI) / 360);

  const nearestPiece = (x, y, z) => {
    let best = null;
    let d = Infinity;
    for (const p of pieces) {
      const e = p.distance(x, y, z);
      if (e < d) [best, d] = [p, e];
    }
    return [d, best];
  };
  const field = (x, y, z) => {
    let d = Infinity;
    for (const p of pieces) d = Math.min(d, p.distance(x, y, z));
    return d;
  };
  const shadow = (p, n) => {
    let t = 0.03;
    let lit = 1;
    const o = [p[0] + n[0] * 0.02, p[1] + n[1] * 0.02, p[2] + n[2] * 0.02];
    for (let i = 0; i < 48 && t < 6; i++) {
      const d = field(o[0] + KEY[0] * t, o[1] + KEY[1] * t, o[2] + KEY[2] * t);
      lit = Math.min(lit, 0.5 + (0.5 * d * 7) / t);
      if (lit < 0) break;
      t += clamp(d, 0.02, 0.25);
    }
    lit = clamp(lit);
    lit = lit * lit * (3 - 2 * lit);
    if (gobo) {
      // Where the ray to the lamp passes the window plane.
      const s = (4 - p[1]) / KEY[1];
      lit *= gobo(p[0] + KEY[0] * s, p[2] + KEY[2] * s);
    }
    return lit;
  };
  const openness = (p, n) => {
    let hidden = 0;
    let weight = 1;
    for (let i = 1; i <= 6; i++) {
      const t = 0.03 + i * i * 0.022;
      hidden += (t - Math.min(t, Math.max(0, field(p[0] + n[0] * t, p[1] + n[1] * t, p[2] + n[2] * t)))) * weight;
      weight *= 0.72;
    }
    return clamp(1 - 1.5 * hidden);
  };
  const glow = (p) => {
    let sum = 0;
    for (const g of pieces) if (g.glow) sum += g.glow.power / (0.25 + (p[0] - g.glow.at[0]) ** 2 + (p[1] - g.glow.at[1]) ** 2 + (p[2] - g.glow.at[2]) ** 2);
    return sum;
  };
  const light = (p, n, albedo, key, open) => {
    const lambert = Math.max(0, dot(n, KEY));
    const sky = 0.5 + 0.5 * n[1];
    const floor = open * (1 - sky) * smooth(1.8, 0, p[1]);
    const lamp = glow(p);
    return albedo.map((a, k) => a * (key * lambert * [2.3, 2.12, 1.88][k] + open * mix(0.34, 0.72, sky) * [0.92, 0.98, 1.08][k] + floor * ground[k] * 1.1 + lamp * [1.0, 0.72, 0.42][k]));
  };

  /** What a mirror would show in direction `d`: a pale room, one tall window with a cross, a bright card to the right. */
  const room = (d) => {
    const a = Math.atan2(d[0], d[2]);
    const e = d[1];
    const window = smooth(-1.32, -1.22, a) * smooth(-0.42, -0.52, a) * smooth(0.08, 0.16, e) * smooth(0.9, 0.84, e);
    const bar = Math.min(smooth(0.012, 0.035, Math.abs(a + 0.87)), smooth(0.012, 0.03, Math.abs(e - 0.5)));
    const card = smooth(0.9, 1.05, a) * smooth(1.6, 1.4, a) * smooth(-0.1, 0.1, e) * smooth(0.95, 0.75, e);
    const base = mix(0.16, 0.5, smooth(-0.4, 0.9, e));
    return base + window * bar * 6 + card * 0.9;
  };

  const trace = (o, d) => {
    let t = 0;
    let hit = null;
    const end = Math.min(d[1] < -1e-4 ? -o[1] / d[1] : Infinity, d[2] < -1e-4 ? (wallZ - o[2]) / d[2] : Infinity, 40);
    for (let i = 0; i < 160 && t < end; i++) {
      const [e, p] = nearestPiece(o[0] + d[0] * t, o[1] + d[1] * t, o[2] + d[2] * t);
      if (e < 0.0016) {
        hit = p;
        break;
      }
      t += e * 0.86;
    }
    const at = Math.min(t, end);
    const p = [o[0] + d[0] * at, o[1] + d[1] * at, o[2] + d[2] * at];
    if (!hit) {
      // Floor runs into wall in one soft bend, as in a photographer's cove.
      const bend = smooth(wallZ + 3.4, wallZ + 0.2, p[2]);
      const n = unit([0, 1 - bend, bend * 0.9]);
      const c = mix3(ground, wall, smooth(wallZ + 3.6, wallZ, p[2]) * 0.999);
      const grain = scene.grain ? mix(0.9, 1.05, fbm(p[0] * 0.8, p[1] * 0.8, p[2] * 9)) : 1;
      return light(p, n, c.map((v) => v * 0.84 * grain), shadow(p, n), openness(p, n));
    }
    const h = 0.003;
    let n = unit([
      hit.distance(p[0] + h, p[1], p[2]) - hit.distance(p[0] - h, p[1], p[2]),
      hit.distance(p[0], p[1] + h, p[2]) - hit.distance(p[0], p[1] - h, p[2]),
      hit.distance(p[0], p[1], p[2] + h) - hit.distance(p[0], p[1], p[2] - h),
    ]);
    const local = hit.local(p[0], p[1], p[2]);
    // Only the outside is dipped: the inside of a bowl is glazed to the bottom.
    const away = Math.hypot(p[0] - hit.at[0], p[2] - hit.at[1]) || 1;
    const outer = smooth(-0.1, 0.15, (n[0] * (p[0] - hit.at[0]) + n[2] * (p[2] - hit.at[1])) / away) * smooth(0.8, 0.5, n[1]);
    const s = hit.glaze.surface(local, hit.top, outer);
    const ring = Math.sin(local[1] * 62 + noise(local[0] * 2, local[1] * 3, local[2] * 2) * 5) * 0.028 * hit.glaze.rings;
    const rough = (noise(local[0] * 60, local[1] * 60, local[2] * 60) - 0.5) * s.grit + (noise(local[0] * 7, local[1] * 7, local[2] * 7) - 0.5) * 0.07;
    n = unit([n[0] + rough * 0.5, n[1] + ring + rough, n[2] + rough * 0.5]);
    const key = shadow(p, n);
    const open = openness(p, n);
    const out = light(p, n, s.c, key, open);
    const facing = -dot(d, n);
    const r = [d[0] + 2 * facing * n[0], d[1] + 2 * facing * n[1], d[2] + 2 * facing * n[2]];
    const fresnel = 0.045 + 0.75 * (1 - clamp(facing)) ** 5;
    const shine = room(r) * fresnel * s.gloss * mix(0.25, 1, open);
    const soft = Math.max(0, dot(unit([KEY[0] - d[0], KEY[1] - d[1], KEY[2] - d[2]]), n)) ** 26 * 0.16 * key * (0.3 + s.gloss);
    if (hit.glow?.shade && local[1] > hit.glow.shade) {
      const warm = mix(0.9, 2.1, smooth(hit.top, hit.glow.shade, local[1])) * mix(0.55, 1, clamp(facing));
      return out.map((v, k) => v * 0.5 + warm * s.c[k] * [1.25, 0.86, 0.5][k]);
    }
    return out.map((v) => v + shine + soft);
  };

  /** Mean of `side` x `side` rays through a pixel. Tone-mapped before averaging: a bright reflection must not make stairs of an edge. */
  const pixel = (x, y, side) => {
    const sum = [0, 0, 0];
    for (let s = 0; s < side * side; s++) {
      const u = ((x + ((s % side) + 0.5) / side) / width - 0.5) * 2 * zoom * (width / height);
      const v = (0.5 - (y + (((s / side) | 0) + 0.5) / side) / height) * 2 * zoom;
      const d = unit([0, 1, 2].map((k) => forward[k] + right[k] * u + up[k] * v));
      const c = trace(camera.from, d);
      const grey = c[0] * 0.25 + c[1] * 0.6 + c[2] * 0.15;
      for (let k = 0; k < 3; k++) sum[k] += tone(mix(grey, c[k], 0.82));
    }
    const vignette = 1 - 0.05 * (((x / width - 0.5) * 2) ** 2 + ((y / height - 0.5) * 2) ** 2);
    return sum.map((v) => (v / (side * side)) * 255 * vignette);
  };

  const first = new Float32Array(width * height * 3);
  for (let i = 0; i < width * height; i++) first.set(pixel(i % width, (i / width) | 0, 1), i * 3);
  if (samples === 1) return first;
  // More rays only where a pixel differs from a neighbour: edges, specks, highlights.
  const rgb = Float32Array.from(first);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      let contrast = 0;
      for (const [nx, ny] of [[x - 1, y], [x + 1, y], [x, y - 1], [x, y + 1]]) {
        if (nx < 0 || ny < 0 || nx >= width || ny >= height) continue;
        for (let k = 0; k < 3; k++) contrast = Math.max(contrast, Math.abs(first[(y * width + x) * 3 + k] - first[(ny * width + nx) * 3 + k]));
      }
      if (contrast > 7) rgb.set(pixel(x, y, samples), (y * width + x) * 3);
    }
  }
  return rgb;
}

function tone(x) {
  const e = x * 0.7;
  return clamp((e * (2.51 * e + 0.03)) / (e * (2.43 * e + 0.59) + 0.14)) ** (1 / 2.2);
}
