// Names pages.

/** Returns a name that cannot be guessed: servers recognize the page by it after a reconnect. */
export function randomName() {
  return crypto.getRandomValues(new Uint32Array(4)).join("");
}
