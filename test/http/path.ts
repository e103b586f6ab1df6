/**
 * Paths into JSON: `$.a.b`, `$.a[0]`, `$.a[*].b`, `$.a[*].b[*]` (as one list), `$.a.length`, and the only match:
 * `$.a[class=poc].b`, `$.a[class=poc,tier=entry].b`. Several matches are an error, because the choice would be random.
 */

const pathStep = /\.([A-Za-z0-9_-]+)|\[([^\]]*)\]/gy

/** Undefined: no such value. */
export function valueAt(value: unknown, path: string): unknown {
    pathStep.lastIndex = 1
    let current = value
    for (let match = pathStep.exec(path); match !== null; match = pathStep.exec(path)) {
        const [whole, name, inside] = match
        const rest = path.slice(match.index + whole.length)
        if (inside === "*") {
            const each = (current as unknown[]).map((item) => valueAt(item, `$${rest}`))
            return rest.includes("[*]") ? each.flat() : each
        }
        current = name === undefined ? chooseItem(current, inside ?? "") : fieldOf(current, name)
        if (rest === "") return current
    }
    if (path !== "$") throw new Error(`\`${path}\` is no path`)
    return current
}

function fieldOf(value: unknown, name: string): unknown {
    if (value === null || typeof value !== "object") return undefined
    if (Array.isArray(value)) return name === "length" ? value.length : undefined
    return (value as Record<string, unknown>)[name]
}

function chooseItem(value: unknown, inside: string): unknown {
    if (!Array.isArray(value)) return undefined
    if (!inside.includes("=")) return (value as unknown[]).at(Number(inside))
    const wanted = inside.split(",").map((part) => part.split("="))
    const values = (value as unknown[]).filter((item) =>
        wanted.every(([field = "", expected]) => String(fieldOf(item, field)) === expected),
    )
    if (values.length > 1) throw new Error(`${values.length} have [${inside}]`)
    return values[0]
}
