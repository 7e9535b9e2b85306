/** Numbers that are missing among the records of one process. */
export interface Gap {
  instance: string;
  ranges: string[];
}

/** Groups what a replay says of missing numbers, such as `` `i-1`: records 4 to 6 ``, by the process. */
export function gapsOf(lines: readonly string[]): Gap[] {
  const found = new Map<string, string[]>();
  for (const line of lines) {
    const [, instance, range] = /^`(.+)`: records? (.+)$/.exec(line) ?? ['', '', line];
    const ranges = found.get(instance ?? '') ?? [];
    found.set(instance ?? '', [...ranges, range ?? '']);
  }
  return [...found].map(([instance, ranges]) => ({ instance, ranges }));
}
