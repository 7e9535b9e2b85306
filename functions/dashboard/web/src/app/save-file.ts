/** Long enough for the browser to have begun, in milliseconds. */
const FORGET_MS = 10_000;

/** Gives a file to the person. */
export function saveFile(file: Blob, name: string): void {
  const address = URL.createObjectURL(file);
  const link = document.createElement('a');
  link.href = address;
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(address), FORGET_MS);
}

/** Gives a text to the person, as a file. */
export const saveText = (content: string, name: string): void =>
  saveFile(new Blob([content], { type: 'text/plain;charset=utf-8' }), name);
