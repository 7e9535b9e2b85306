export type Theme = 'system' | 'light' | 'dark';
export type Density = 'comfortable' | 'compact';

const THEMES: readonly Theme[] = ['system', 'light', 'dark'];
const DENSITIES: readonly Density[] = ['comfortable', 'compact'];

/** How the page looks to this reader, remembered by this browser. */
class Appearance {
  theme: Theme = $state(remembered('theme', THEMES));
  density: Density = $state(remembered('density', DENSITIES));

  set(theme: Theme, density: Density): void {
    this.theme = theme;
    this.density = density;
    remember('theme', theme);
    remember('density', density);
    this.apply();
  }

  apply(): void {
    const { dataset } = document.documentElement;
    if (this.theme === 'system') delete dataset['theme'];
    else dataset['theme'] = this.theme;
    dataset['density'] = this.density;
  }
}

export const appearance = new Appearance();

function remembered<T extends string>(name: string, choices: readonly T[]): T {
  const first = choices[0] as T;
  try {
    return choices.find((choice) => choice === localStorage.getItem(name)) ?? first;
  } catch {
    return first;
  }
}

/** A browser may refuse to remember; then the choice holds until the page is left. */
function remember(name: string, value: string): void {
  try {
    localStorage.setItem(name, value);
  } catch {
    /* nothing depends on it */
  }
}
