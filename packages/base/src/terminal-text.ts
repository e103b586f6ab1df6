/** Text of others on a terminal: control, format and bidi characters are written out. */
export function shown(text: string): string {
    return text.replace(/[\p{C}\p{Zl}\p{Zp}]/gu, (char) => `\\u{${char.codePointAt(0)?.toString(16)}}`)
}
