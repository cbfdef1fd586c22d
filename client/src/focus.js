/**
 * Keeps the focus and the caret over a change of the page.
 *
 * @returns {() => void} puts them back
 */
export function holdFocus() {
  const { activeElement } = document;
  const field = /** @type {HTMLInputElement} */ (activeElement);
  const caret = caretOf(field);
  return () => {
    if (!field?.isConnected) return;
    if (document.activeElement !== field) field.focus?.({ preventScroll: true });
    if (caret && String(caret) !== String(caretOf(field))) field.setSelectionRange(...caret);
  };
}

/**
 * @param {HTMLInputElement | null} field
 * @returns {[number, number, "forward" | "backward" | "none"] | undefined} undefined where there is none to be set
 */
function caretOf(field) {
  if (typeof field?.selectionStart !== "number") return undefined;
  const { selectionStart, selectionEnd, selectionDirection } = field;
  return [selectionStart, selectionEnd ?? selectionStart, selectionDirection ?? "none"];
}
