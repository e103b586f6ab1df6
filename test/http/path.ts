/**
 * Paths into JSON: `$.a.b`, `$.a[0]`, `$.a[*].b`, `$.a[*].b[*]` (as one list), `$.a.length`, and the only match:
 * `$.a[class=poc].b`, `$.a[class=poc,tier=entry].b`. Several matches are an error, because the choice would be random.
 */

const step = /\.([A-Za-z0-9_-]+)|\[([^\]]*)\]/gy

/** Undefined: no such value. */
export function at(value: unknown, path: string): unknown {
    step.lastIndex = 1
    let found = value
    for (let match = step.exec(path); match !== null; match = step.exec(path)) {
        const [whole, name, inside] = match
        const rest = path.slice(match.index + whole.length)
        if (inside === "*") {
            const each = (found as unknown[]).map((item) => at(item, `$${rest}`))
            return rest.includes("[*]") ? each.flat() : each
        }
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
    if (!inside.includes("=")) return (value as unknown[]).at(Number(inside))
    const wanted = inside.split(",").map((part) => part.split("="))
    const values = (value as unknown[]).filter((item) =>
        wanted.every(([field = "", is]) => String(named(item, field)) === is),
    )
    if (values.length > 1) throw new Error(`${values.length} have [${inside}]`)
    return values[0]
}
