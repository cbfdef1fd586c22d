// Names pages.

/** Returns a name that cannot be guessed: servers recognize the page by it after a reconnect. */
export function randomName() {
  const bytes = crypto.getRandomValues(new Uint8Array(12));
  return [...bytes].map((byte) => byte.toString(36).padStart(2, "0")).join("");
}
