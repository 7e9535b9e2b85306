/** Long enough for the browser to have begun, in milliseconds. */
const FORGET_MS = 10_000;

/** Gives a text to the person, as a file. */
export function saveText(content: string, name: string): void {
  const address = URL.createObjectURL(new Blob([content], { type: 'text/plain;charset=utf-8' }));
  const link = document.createElement('a');
  link.href = address;
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(address), FORGET_MS);
}
