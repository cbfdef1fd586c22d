/**
 * Keeps the focus, the caret and what is selected over a change of the page.
 *
 * @returns {() => void} puts them back
 */
export function holdFocus() {
  const { activeElement } = document;
  const field = /** @type {HTMLInputElement} */ (activeElement);
  const caret = caretOf(field);
  const selection = /** @type {Selection} */ (document.getSelection());
  const { anchorNode, anchorOffset, focusNode, focusOffset } = selection;
  return () => {
    // In place it follows by itself; what was moved is no longer selected.
    if (!caret && anchorNode?.isConnected && focusNode?.isConnected && selection.anchorNode !== anchorNode) {
      selection.setBaseAndExtent(anchorNode, within(anchorNode, anchorOffset), focusNode, within(focusNode, focusOffset));
    }
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

/**
 * @param {Node} node
 * @param {number} offset
 */
function within(node, offset) {
  return Math.min(offset, (node instanceof CharacterData ? node : node.childNodes).length);
}
