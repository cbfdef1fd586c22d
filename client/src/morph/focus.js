// Keeps the focus, the caret, the selection and scroll positions while a morph changes the page.

/**
 * Remembers the focus, and the caret if a field has it.
 *
 * @returns {() => void} restores them
 */
export function holdFocus() {
  const field = /** @type {HTMLInputElement | null} */ (document.activeElement);
  const caret = caretOf(field);
  return () => {
    if (!field?.isConnected) return;
    if (document.activeElement !== field) field.focus?.({ preventScroll: true });
    const now = caretOf(field); // undefined if the field has changed its type
    if (caret && now && String(caret) !== String(now)) field.setSelectionRange(...caret);
  };
}

/**
 * @param {HTMLInputElement | null} field
 * @returns {[number, number, "forward" | "backward" | "none"] | undefined} undefined if the field has no caret that can be set
 */
function caretOf(field) {
  if (typeof field?.selectionStart !== "number") return undefined;
  const { selectionStart, selectionEnd, selectionDirection } = field;
  return [selectionStart, selectionEnd ?? selectionStart, selectionDirection ?? "none"];
}

/**
 * Remembers the selection outside fields and all scroll positions. It reads the layout and visits every element, so only
 * moves of nodes use it: other changes leave both alone.
 *
 * @returns {() => void} restores them
 */
export function holdView() {
  const selection = /** @type {Selection} */ (document.getSelection());
  const { anchorNode, anchorOffset, focusNode, focusOffset } = selection;
  const scrolled = [...document.querySelectorAll("*")]
    .filter((element) => element.scrollTop || element.scrollLeft)
    .map((element) => /** @type {const} */ ([element, element.scrollLeft, element.scrollTop]));
  return () => {
    for (const [element, left, top] of scrolled) element.scrollTo({ left, top, behavior: "instant" });
    if (!anchorNode?.isConnected || !focusNode?.isConnected) return;
    if (selection.anchorNode === anchorNode && selection.focusNode === focusNode) return;
    selection.setBaseAndExtent(anchorNode, within(anchorNode, anchorOffset), focusNode, within(focusNode, focusOffset));
  };
}

/**
 * @param {Node} node
 * @param {number} offset
 */
function within(node, offset) {
  return Math.min(offset, (node.nodeValue ?? node.childNodes).length);
}
