/** Escapes control, format and bidirectional characters in a text from outside, for a terminal. */
export function escapeForTerminal(text: string): string {
    return text.replace(/[\p{C}\p{Zl}\p{Zp}]/gu, (char) => `\\u{${char.codePointAt(0)?.toString(16)}}`)
}
