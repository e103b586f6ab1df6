/**
 * Returns a function that gives the offset of a value by its path from the root, such as `["objects", 0, "name"]`.
 * The text must be valid JSON.
 */
export function jsonPositions(text: string): (path: readonly (string | number)[]) => number {
    const found = new Map<string, number>()
    const open: { list: boolean; key: string; index: number }[] = []
    const path = () => open.map((item) => `/${item.list ? item.index : item.key}`).join("")
    let expectsKey = false
    const token = /[{}[\],:]|"(?:[^"\\]|\\.)*"|[^\s{}[\],:"]+/gs
    for (const { 0: word, index } of text.matchAll(token)) {
        const inside = open.at(-1)
        if (word === "}" || word === "]") open.pop()
        else if (word === ",") {
            if (inside?.list) inside.index++
            expectsKey = inside?.list === false
        } else if (word === ":") expectsKey = false
        else if (expectsKey && inside) inside.key = keyOf(word)
        else {
            found.set(path(), index)
            if (word === "{" || word === "[") open.push({ list: word === "[", key: "", index: 0 })
            expectsKey = word === "{"
        }
    }
    return (keys) => {
        for (let length = keys.length; length >= 0; length--) {
            const at = found.get(
                keys
                    .slice(0, length)
                    .map((key) => `/${key}`)
                    .join(""),
            )
            if (at !== undefined) return at
        }
        return 0
    }
}

function keyOf(word: string): string {
    try {
        return String(JSON.parse(word))
    } catch {
        return word
    }
}
