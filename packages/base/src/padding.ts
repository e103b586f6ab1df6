/**
 * Copies of one version are as long as the longest of them, so that a length names nobody: they end in newlines, which
 * hold no mark. Whoever shows a copy leaves them out; what is hashed, sealed and saved keeps them.
 */
export function withoutPadding(text: string): string {
    let end = text.length
    while (text[end - 1] === "\n") end -= 1
    return text.slice(0, end)
}

/** Padmé (https://arxiv.org/abs/1806.03160, 4.2): keeps of a length only as many leading bits as it has digits in its exponent. */
export function bucketOf(bytes: number): number {
    if (bytes < 2) return bytes
    const exponent = Math.floor(Math.log2(bytes))
    const step = 2 ** (exponent - Math.floor(Math.log2(exponent)) - 1)
    return step > 1 ? Math.ceil(bytes / step) * step : bytes
}
