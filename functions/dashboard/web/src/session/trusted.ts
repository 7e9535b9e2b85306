/** Where Firebase gets the script from with which the window of a sign-in reports back. */
const SCRIPT = 'https://apis.google.com/js/api.js';

/** The part of Trusted Types that is needed here; browsers without them refuse nothing. */
interface TrustedTypes {
  createPolicy(name: string, rules: { createScriptURL: (address: string) => string | null }): unknown;
}

let allowed = false;

/** Whether an address is that of the one script; a query may follow it. */
export function isOfGoogle(address: string): boolean {
  return URL.canParse(address) && address.split(/[?#]/, 1)[0] === SCRIPT;
}

/**
 * Lets Firebase load Google's script, whose address it gives as plain text. The content security policy takes that only
 * through the policy `default`, and this one knows no other address; it is made when somebody signs in with Google.
 */
export function allowScriptOfGoogle(): void {
  if (allowed) return;
  const { trustedTypes } = globalThis as { trustedTypes?: TrustedTypes };
  trustedTypes?.createPolicy('default', { createScriptURL: (address) => (isOfGoogle(address) ? address : null) });
  allowed = true;
}
