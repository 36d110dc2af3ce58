// Layouts, scales, shapes, geography, and numbers of all kinds.
import * as d3 from 'd3';

console.log(d3.scaleTime([new Date(Date.UTC(2020, 0, 1)), new Date(Date.UTC(2021, 0, 1))], [0, 100])(new Date(Date.UTC(2020, 6, 1))), d3.scaleLog().domain([1, 1000]).ticks(4), d3.scaleOrdinal(d3.schemeTableau10)('a'));
const root = d3.hierarchy({ name: 'r', children: [{ name: 'a', value: 3 }, { name: 'b', children: [{ name: 'c', value: 2 }] }] }).sum((d) => d.value ?? 0);
console.log(d3.treemap().size([10, 10])(root).leaves().map(({ x0, x1, y0, y1 }) => [x0, x1, y0, y1]), d3.tree()(root).descendants().map(({ x, y }) => [x, y]));
console.log(d3.line().curve(d3.curveCatmullRom)([[0, 0], [1, 2], [3, 1]]), d3.arc()({ innerRadius: 1, outerRadius: 2, startAngle: 0, endAngle: 1 }), d3.pie()([1, 2, 3]).map((x) => x.endAngle.toFixed(3)));
console.log(d3.geoPath(d3.geoMercator())({ type: 'LineString', coordinates: [[0, 0], [10, 20]] }), d3.geoArea({ type: 'Sphere' }));
console.log(d3.format('$,.2f')(12345.678), d3.utcFormat('%A %d %B %Y')(new Date(0)), d3.csvParse('a,b\n1,"x,y"').columns, d3.interpolateViridis(0.4), d3.hsl('steelblue').brighter().formatHex());
console.log(...d3.rollup([{ k: 1, v: 2 }, { k: 1, v: 3 }], (list) => d3.sum(list, (d) => d.v), (d) => d.k), d3.bin()([1, 2, 2, 3, 9]).map((b) => b.length), d3.quantile([1, 2, 3, 4], 0.3), d3.contours().size([2, 2])([0, 1, 1, 0]).length);
const simulation = d3.forceSimulation([{ id: 0 }, { id: 1 }, { id: 2 }]).force('charge', d3.forceManyBody()).force('link', d3.forceLink([{ source: 0, target: 1 }])).stop();
simulation.tick(20);
console.log(simulation.nodes().map(({ x, y }) => [x.toFixed(6), y.toFixed(6)]), d3.Delaunay.from([[0, 0], [1, 0], [0, 1], [1, 1]]).voronoi([0, 0, 1, 1]).render(), Object.keys(d3).length);
