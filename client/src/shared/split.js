// Splits the values of attributes that hold lists.

/**
 * Splits at commas or blanks, except inside brackets and parentheses.
 *
 * @param {string} text
 * @param {"," | " "} separator
 */
export function split(text, separator) {
  const parts = [""];
  let depth = 0;
  for (const char of text.replace(/\s/g, " ")) {
    if (char === "[" || char === "(") depth++;
    if (char === "]" || char === ")") depth--;
    if (char === separator && depth <= 0) parts.push("");
    else parts[parts.length - 1] += char;
  }
  return parts.map((part) => part.trim()).filter(Boolean);
}
