/** Paths into JSON: `$.a.b`, `$.a[0]`, `$.a[*].b`, `$.a[class=poc].b` (the first that has it), `$.a.length`. */

const step = /\.([A-Za-z0-9_-]+)|\[([^\]]*)\]/gy

/** Undefined where there is no such thing. */
export function at(value: unknown, path: string): unknown {
    step.lastIndex = 1
    let found = value
    for (let match = step.exec(path); match !== null; match = step.exec(path)) {
        const [whole, name, inside] = match
        const rest = path.slice(match.index + whole.length)
        if (inside === "*") return (found as unknown[]).map((one) => at(one, `$${rest}`))
        found = name === undefined ? chosen(found, inside ?? "") : named(found, name)
        if (rest === "") return found
    }
    if (path !== "$") throw new Error(`\`${path}\` is no path`)
    return found
}

function named(value: unknown, name: string): unknown {
    if (value === null || typeof value !== "object") return undefined
    if (Array.isArray(value)) return name === "length" ? value.length : undefined
    return (value as Record<string, unknown>)[name]
}

function chosen(value: unknown, inside: string): unknown {
    if (!Array.isArray(value)) return undefined
    const [field, wanted] = inside.split("=")
    if (wanted === undefined) return (value as unknown[]).at(Number(field))
    return (value as unknown[]).find((one) => String(named(one, field ?? "")) === wanted)
}
