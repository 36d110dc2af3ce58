import { defineConfig } from 'cloudpack';

export default defineConfig({
  input: 'index.html',
  output: { dir: 'dist', sourcemap: true, minify: true },
});
