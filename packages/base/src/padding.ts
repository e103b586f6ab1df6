/**
 * Removes the padding of a copy. All copies of a version are as long as the longest, so that the length identifies
 * none. They end in newlines, which contain no mark. Views of a copy omit the newlines; hashes, sealed files and saved
 * files include them.
 */
export function withoutPadding(text: string): string {
    let end = text.length
    while (text[end - 1] === "\n") end -= 1
    return text.slice(0, end)
}

/**
 * Rounds a length up by Padmé (https://arxiv.org/abs/1806.03160, 4.2): it keeps as many leading bits as its exponent
 * has digits.
 */
export function padmeLength(bytes: number): number {
    if (bytes < 2) return bytes
    const exponent = Math.floor(Math.log2(bytes))
    const step = 2 ** (exponent - Math.floor(Math.log2(exponent)) - 1)
    return step > 1 ? Math.ceil(bytes / step) * step : bytes
}
