// Draws into a recorder instead of a canvas.
import { Chart, registerables, defaults, Interaction } from 'chart.js';
import { getHoverColor, toFont, valueOrDefault } from 'chart.js/helpers';

const calls = {};
const context = new Proxy({ measureText: (text) => ({ width: text.length * 6 }), canvas: null }, {
  get: (target, key) => (key in target ? target[key] : (...args) => { calls[key] = (calls[key] ?? 0) + 1; return args.length ? undefined : {}; }),
  set: (target, key, value) => { target[key] = value; return true; },
});
const canvas = { getContext: () => context, width: 400, height: 300, style: {}, getAttribute: () => null, setAttribute() {}, removeAttribute() {}, addEventListener() {}, removeEventListener() {}, ownerDocument: null };
context.canvas = canvas;
Chart.register(...registerables);
defaults.animation = false;
for (const type of ['bar', 'line', 'pie', 'radar', 'polarArea', 'scatter']) {
  const data = type === 'scatter' ? [{ x: 1, y: 2 }, { x: 3, y: 1 }] : [3, 1, 2];
  const chart = new Chart(canvas, { type, data: { labels: ['a', 'b', 'c'], datasets: [{ label: 'set', data, fill: true }] }, options: { responsive: false, devicePixelRatio: 1, plugins: { title: { display: true, text: type } } } });
  console.log(type, chart.getDatasetMeta(0).data.map((one) => [Math.round(one.x), Math.round(one.y)]), Object.keys(chart.scales), JSON.stringify(chart.chartArea));
  chart.destroy();
}
console.log(calls, Object.keys(Interaction.modes), toFont({ size: 10 }).string, valueOrDefault(undefined, 3), getHoverColor('#336699'), Chart.version);
