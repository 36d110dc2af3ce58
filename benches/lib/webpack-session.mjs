// What webpack and Rspack have in common: options, one build, a watcher.
import { join } from 'node:path';

/** Options of both. `loader`: what turns TypeScript and JSX into JavaScript. */
export function webpackOptions({ app, out, minify, sourcemap = false }, loader, { experiments = {}, ...rest }) {
  return {
    mode: 'production',
    context: app,
    entry: { main: './src/main.ts' },
    target: 'node20',
    devtool: sourcemap ? 'source-map' : false,
    output: { path: out, filename: '[name].js', chunkFilename: '[name]-[contenthash].js', module: true, chunkFormat: 'module', chunkLoading: 'import', library: { type: 'module' } },
    experiments: { outputModule: true, ...experiments },
    resolve: { extensions: ['.ts', '.tsx', '.js', '.jsx', '.json'] },
    module: {
      rules: [
        // Requests without extension, although the application says `"type": "module"`: bundlers' way, not Node's.
        { test: /\.[cm]?[jt]sx?$/, exclude: /node_modules/, resolve: { fullySpecified: false }, ...loader },
        { test: /\.css$/, type: 'css/auto' },
      ],
    },
    optimization: { minimize: minify },
    performance: false,
    stats: 'none',
    infrastructureLogging: { level: 'none' },
    ...rest,
  };
}

function check(error, stats) {
  if (error) throw error;
  if (stats.hasErrors()) throw new Error(stats.toString({ all: false, errors: true, errorsCount: true }).slice(0, 2000));
}

/** Resolves to what `look` makes of the finished build. */
export function buildOnce(make, options, look = (/** @type {any} */ _) => undefined) {
  return new Promise((resolve, reject) => {
    const compiler = make(options);
    compiler.run((error, stats) => {
      let seen;
      try {
        check(error, stats);
        seen = look(stats);
      } catch (fault) {
        reject(fault);
      }
      // The store is written while it closes.
      compiler.close(() => resolve(seen));
    });
  });
}

export function webpackSession(make, options) {
  const compiler = make(options);
  const session = { onStart: () => {}, onBuilt: () => {}, ready: Promise.resolve(), close: () => new Promise((done) => watching.close(done)) };
  compiler.hooks.watchRun.tap('bench', () => session.onStart());
  let watching;
  session.ready = new Promise((resolve, reject) => {
    watching = compiler.watch({ aggregateTimeout: 5 }, (error, stats) => {
      try {
        check(error, stats);
        resolve(undefined);
        session.onBuilt();
      } catch (fault) {
        reject(fault);
      }
    });
  });
  return session;
}
