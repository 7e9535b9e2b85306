import type { Plugin } from 'vite';

/** The port base of the local stack that the development server works with. */
const PORT_BASE = Number(process.env.MESH_PORT_BASE ?? 8080);

/**
 * Gives the development server what the dashboard's own server gives in production: `/config.json` for a local stack
 * that runs, and `/api` of that stack.
 */
export function development(): Plugin {
  const config = {
    project: process.env.MESH_PROJECT ?? 'demo-mesh',
    apiKey: 'local',
    authDomain: '127.0.0.1',
    api: '/api/v1',
    emulators: { auth: `http://127.0.0.1:${PORT_BASE + 4}`, firestore: `http://127.0.0.1:${PORT_BASE + 1}` },
    version: 'development',
    environment: 'local',
  };
  return {
    name: 'mesh-development',
    apply: 'serve',
    config: () => ({ server: { proxy: proxied('/api', '/topology.json') } }),
    configureServer(server) {
      server.middlewares.use('/config.json', (_, answer) => {
        answer.setHeader('content-type', 'application/json');
        answer.end(JSON.stringify(config));
      });
    },
  };
}

const proxied = (...paths: string[]): Record<string, string> =>
  Object.fromEntries(paths.map((path) => [path, `http://127.0.0.1:${PORT_BASE}`]));
