import { svelte } from '@sveltejs/vite-plugin-svelte';
import { defineConfig } from 'vitest/config';
import { development } from './development.ts';
import { packing } from './packing.ts';

export default defineConfig({
  plugins: [svelte(), development(), packing()],
  build: {
    // A file is a file: nothing becomes part of a page or style as `data:`, which the content security policy refuses.
    assetsInlineLimit: 0,
    target: 'es2022',
    modulePreload: { polyfill: false },
    reportCompressedSize: false,
  },
  server: { host: '127.0.0.1', port: 5173, strictPort: true },
  preview: { host: '127.0.0.1' },
  test: { include: ['src/**/*.test.ts'] },
});
