import '@fontsource-variable/inter/index.css';
import './tokens.css';
import './base.css';
import { mount } from 'svelte';
import App from './App.svelte';
import { loadConfig } from './config';
import { session } from './session/session.svelte';
import { appearance } from './app/appearance.svelte';
import NoConfig from './app/NoConfig.svelte';

appearance.apply();
const target = document.getElementById('app');
if (!target) throw new Error('index.html has no place for the page');

try {
  session.start(await loadConfig());
  mount(App, { target });
} catch (error) {
  mount(NoConfig, { target, props: { reason: error instanceof Error ? error.message : String(error) } });
}
