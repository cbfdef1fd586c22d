package strictjson

import (
	"unicode/utf16"
	"unicode/utf8"
)

// The scanners take the position where a value must begin and return the position after it. None of
// them reads past the end of data: at returns 0 there, which is invalid JSON outside of a string.

func at(data []byte, i int) byte {
	if i < len(data) {
		return data[i]
	}
	return 0
}

func skipSpace(data []byte, i int) int {
	for i < len(data) && (data[i] == ' ' || data[i] == '\n' || data[i] == '\r' || data[i] == '\t') {
		i++
	}
	return i
}

// scanValue reads any value. depth is how many more arrays and objects may be opened. It bounds the
// recursion too, so hostile input can't exhaust the stack.
func scanValue(data []byte, i, depth int) (next int, err error) {
	switch c := at(data, i); c {
	case '"':
		next, _, err = scanString(data, i)
		return next, err
	case '{':
		return scanObject(data, i, depth)
	case '[':
		return scanArray(data, i, depth)
	case 't':
		return scanWord(data, i, "true")
	case 'f':
		return scanWord(data, i, "false")
	case 'n':
		return scanWord(data, i, "null")
	default:
		return scanNumber(data, i)
	}
}

func scanObject(data []byte, i, depth int) (next int, err error) {
	if depth < 1 {
		return 0, ErrDepth
	}
	i = skipSpace(data, i+1)
	if at(data, i) == '}' {
		return i + 1, nil
	}
	for {
		if i, _, err = scanString(data, i); err != nil {
			return 0, err
		}
		i = skipSpace(data, i)
		if at(data, i) != ':' {
			return 0, ErrSyntax
		}
		if i, err = scanValue(data, skipSpace(data, i+1), depth-1); err != nil {
			return 0, err
		}
		i = skipSpace(data, i)
		switch at(data, i) {
		case ',':
			i = skipSpace(data, i+1)
		case '}':
			return i + 1, nil
		default:
			return 0, ErrSyntax
		}
	}
}

func scanArray(data []byte, i, depth int) (next int, err error) {
	if depth < 1 {
		return 0, ErrDepth
	}
	i = skipSpace(data, i+1)
	if at(data, i) == ']' {
		return i + 1, nil
	}
	for {
		if i, err = scanValue(data, i, depth-1); err != nil {
			return 0, err
		}
		i = skipSpace(data, i)
		switch at(data, i) {
		case ',':
			i = skipSpace(data, i+1)
		case ']':
			return i + 1, nil
		default:
			return 0, ErrSyntax
		}
	}
}

func scanWord(data []byte, i int, word string) (next int, err error) {
	next = i + len(word)
	if next > len(data) || string(data[i:next]) != word {
		return 0, ErrSyntax
	}
	return next, nil
}

// scanNumber reads a number as in RFC 8259, section 6: without a plus sign or leading zeros, and
// with digits on both sides of the point.
func scanNumber(data []byte, i int) (next int, err error) {
	if at(data, i) == '-' {
		i++
	}
	if at(data, i) == '0' {
		i++
	} else if i, err = scanDigits(data, i); err != nil {
		return 0, err
	}
	if at(data, i) == '.' {
		if i, err = scanDigits(data, i+1); err != nil {
			return 0, err
		}
	}
	if c := at(data, i); c == 'e' || c == 'E' {
		i++
		if c := at(data, i); c == '+' || c == '-' {
			i++
		}
		if i, err = scanDigits(data, i); err != nil {
			return 0, err
		}
	}
	return i, nil
}

// scanDigits reads one or more digits.
func scanDigits(data []byte, i int) (next int, err error) {
	start := i
	for i < len(data) && '0' <= data[i] && data[i] <= '9' {
		i++
	}
	if i == start {
		return 0, ErrSyntax
	}
	return i, nil
}

// scanString reads a string with its quotes. escaped reports whether it contains a backslash, so
// that callers needn't look again.
func scanString(data []byte, i int) (next int, escaped bool, err error) {
	if at(data, i) != '"' {
		return 0, false, ErrSyntax
	}
	for i++; i < len(data); i++ {
		switch c := data[i]; {
		case c == '"':
			return i + 1, escaped, nil
		case c < ' ':
			return 0, false, ErrSyntax
		case c == '\\':
			escaped = true
			i++
			if at(data, i) == 'u' {
				if _, ok := hex4(data, i+1); !ok {
					return 0, false, ErrSyntax
				}
				i += 4
			} else if escapes[at(data, i)] == 0 {
				return 0, false, ErrSyntax
			}
		}
	}
	return 0, false, ErrSyntax
}

// escapes maps the character after a backslash to what it stands for (RFC 8259, section 7). hex4
// reads the digits after u.
var escapes = [256]byte{
	'"': '"', '\\': '\\', '/': '/', 'b': '\b', 'f': '\f', 'n': '\n', 'r': '\r', 't': '\t',
}

// hex4 reads the four digits of \uXXXX. ok reports whether there are four.
func hex4(data []byte, i int) (r rune, ok bool) {
	if i+4 > len(data) {
		return 0, false
	}
	for _, c := range data[i : i+4] {
		switch {
		case '0' <= c && c <= '9':
			c -= '0'
		case 'a' <= c && c <= 'f':
			c -= 'a' - 10
		case 'A' <= c && c <= 'F':
			c -= 'A' - 10
		default:
			return 0, false
		}
		r = r<<4 | rune(c)
	}
	return r, true
}

// unescape returns the text of a string without its quotes, which scanString has checked. The
// result is never longer than the input.
func unescape(text []byte) []byte {
	out := make([]byte, 0, len(text))
	for i := 0; i < len(text); {
		switch {
		case text[i] != '\\':
			out = append(out, text[i])
			i++
		case text[i+1] != 'u':
			out = append(out, escapes[text[i+1]])
			i += 2
		default:
			var r rune
			r, i = unescapeRune(text, i)
			out = utf8.AppendRune(out, r)
		}
	}
	return out
}

// unescapeRune reads the \uXXXX at i, and a second one if the two are a surrogate pair. A lone
// surrogate becomes U+FFFD, and what follows it is read on its own.
func unescapeRune(text []byte, i int) (r rune, next int) {
	r, _ = hex4(text, i+2)
	i += 6
	if !utf16.IsSurrogate(r) {
		return r, i
	}
	if at(text, i) == '\\' && at(text, i+1) == 'u' {
		low, _ := hex4(text, i+2)
		if pair := utf16.DecodeRune(r, low); pair != utf8.RuneError {
			return pair, i + 6
		}
	}
	return utf8.RuneError, i
}
