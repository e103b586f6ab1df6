/**
 * Copies of one version are as long as the longest of them, so that a length names nobody: they end in newlines, which
 * hold no mark. Whoever shows a copy leaves them out; what is hashed, sealed and saved keeps them.
 */
export function withoutPadding(text: string): string {
    let end = text.length
    while (text[end - 1] === "\n") end -= 1
    return text.slice(0, end)
}
