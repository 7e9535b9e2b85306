import { svelte } from '@sveltejs/vite-plugin-svelte';
import { defineConfig } from 'vitest/config';
import { budget } from './budget.ts';
import { chunks } from './chunks.ts';
import { development } from './development.ts';
import { packing } from './packing.ts';
import { withoutPipelines } from './without-pipelines.ts';

export default defineConfig({
  plugins: [svelte(), development(), withoutPipelines(), packing(), budget()],
  build: {
    // A file is a file: nothing becomes part of a page or style as `data:`, which the content security policy refuses.
    assetsInlineLimit: 0,
    target: 'es2022',
    modulePreload: { polyfill: false },
    reportCompressedSize: false,
    rolldownOptions: { output: { codeSplitting: { groups: chunks } } },
  },
  server: { host: '127.0.0.1', port: 5173, strictPort: true },
  preview: { host: '127.0.0.1' },
  test: { include: ['src/**/*.test.ts'] },
});
