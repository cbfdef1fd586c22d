/**
 * Keeps the focus, and the caret in a field, over a change of the page.
 *
 * @returns {() => void} puts them back
 */
export function holdFocus() {
  const field = /** @type {HTMLInputElement | null} */ (document.activeElement);
  const caret = caretOf(field);
  return () => {
    if (!field?.isConnected) return;
    if (document.activeElement !== field) field.focus?.({ preventScroll: true });
    const now = caretOf(field); // none, if it has become a field of another type
    if (caret && now && String(caret) !== String(now)) field.setSelectionRange(...caret);
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
 * Keeps what is selected outside of fields, and everything where it was scrolled to. It needs the layout and looks at every
 * element, so it is for the rare case: in place both stay by themselves.
 *
 * @returns {() => void} puts it back
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
