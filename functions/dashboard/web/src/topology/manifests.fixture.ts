import { existsSync, readdirSync, readFileSync } from 'node:fs';
import type { MeshFunction, Topology, Trigger } from './topology';

/** Reads the manifests as they stand, as far as these tests ask: each trigger is one line of them. */
export function manifests(): Topology {
  const functions = new URL('../../../../', import.meta.url);
  const files = readdirSync(functions).map((name) => new URL(`${name}/function.yaml`, functions));
  return { functions: files.filter((file) => existsSync(file)).map((file) => read(readFileSync(file, 'utf8'))) };
}

function read(text: string): MeshFunction {
  const word = (name: string): string => text.match(new RegExp(`^${name}:\\s*(.*)`, 'm'))?.[1] ?? '';
  const list = (written: string): string[] => written.replace(/[[\]"]/g, '').split(',').map((one) => one.trim()).filter(Boolean);
  const triggers = [...text.matchAll(/^ {2}([\w-]+):\s*\{ (http|firestore|pubsub|schedule): (.*)$/gm)].map(([, id = '', kind, of = '']): Trigger => {
    const member = (name: string): string => of.match(new RegExp(`${name}: (\\[[^\\]]*\\]|"[^"]*"|[\\w-]+)`))?.[1]?.replace(/"/g, '') ?? '';
    switch (kind) {
      case 'http':
        return { id, kind, callers: list(member('callers')) as ('users' | 'services' | 'public')[] };
      case 'firestore':
        return { id, kind, event: member('event'), document: member('document') };
      case 'pubsub':
        return { id, kind, topic: member('topic') };
      default:
        return { id, kind: 'schedule', cron: member('cron') };
    }
  });
  return { name: word('name'), summary: word('summary'), triggers, calls: list(word('calls')), publishes: list(word('publishes')) };
}
