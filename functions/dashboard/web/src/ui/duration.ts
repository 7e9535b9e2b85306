/** Durations as people write them: `45m`, `2h`, `1h 30m`, `1.5 hours`, `90` (minutes). */

const SECONDS: Record<string, number> = { s: 1, m: 60, h: 3600, d: 86_400, w: 604_800 };
const PART = /(\d+(?:\.\d+)?)\s*(s(?:ec(?:ond)?s?)?|m(?:in(?:ute)?s?)?|h(?:(?:ou)?rs?)?|d(?:ays?)?|w(?:eeks?)?)?/giy;

/** Reads a duration in whole seconds, or `null` where it is not one. */
export function parseDuration(written: string): number | null {
  const source = written.trim();
  if (!source) return null;
  let seconds = 0;
  let at = 0;
  while (at < source.length) {
    PART.lastIndex = at;
    const part = PART.exec(source);
    if (!part) return null;
    const unit = part[2]?.[0]?.toLowerCase();
    // A bare number means minutes only when it is all there is: `1h 30` could be anything.
    if (!unit && part[0].trim() !== source) return null;
    seconds += Number(part[1]) * (SECONDS[unit ?? 'm'] ?? 60);
    at = PART.lastIndex;
    while (/[\s,]/.test(source[at] ?? '')) at += 1;
  }
  return Number.isFinite(seconds) && seconds > 0 ? Math.round(seconds) : null;
}

/** Writes a duration with its two largest units: `1 h 30 min`. */
export function writeDuration(seconds: number): string {
  const units: [number, string][] = [
    [86_400, 'd'],
    [3600, 'h'],
    [60, 'min'],
    [1, 's'],
  ];
  let rest = Math.max(0, Math.round(seconds));
  const parts: string[] = [];
  for (const [size, word] of units) {
    const whole = Math.floor(rest / size);
    rest -= whole * size;
    if (whole > 0) parts.push(`${whole} ${word}`);
    else if (parts.length > 0) break;
    if (parts.length === 2) break;
  }
  return parts.join(' ') || '0 s';
}
