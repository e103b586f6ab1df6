/** Each address that the browser names is a route of the server, with the method of a write. */
import { type House, type Law, type Source, product } from "./source.ts"

export interface RouteAddress {
    readonly method: string
    readonly path: string
}

interface Named {
    /** Null: a read, or a part of other addresses. */
    readonly method: string | null
    readonly path: string
}

/** A parameter of a route (`{id}`) and an expression of an address are the same slot. A query is left out. */
const slotted = (path: string): string => path.replaceAll(/\$?\{[^}]*\}/g, "{}").replace(/\?.*/, "")

/** Returns the law about these routes. */
export function addressLaw(routes: readonly RouteAddress[]): Law {
    const known = routes.map(({ method, path }) => ({ method, parts: slotted(path).split("/") }))
    const isRoute = ({ method, path }: Named): boolean => {
        const parts = slotted(path).split("/")
        const isAt = (route: string, named = ""): boolean =>
            // An expression can also stand for a part of a segment, and for one of several words.
            route === "{}" || new RegExp(`^${named.replaceAll("{}", "[^/]*")}$`).test(route)
        return known.some(
            (route) =>
                (method === null || route.method === method) &&
                route.parts.length === parts.length &&
                route.parts.every((part, n) => isAt(part, parts[n])),
        )
    }
    return (house: House) =>
        product(house)
            .filter(({ file }) => file.startsWith("web/"))
            .flatMap((source) =>
                addressesIn(source)
                    .filter((named) => !isRoute(named))
                    .map(({ method, path }) => `${source.file}: no route is at ${method ?? "any"} ${path}`),
            )
}

/** The addresses in a file. A template that begins with a name of the file is joined to it. */
function addressesIn({ text }: Source): Named[] {
    const base = /\bconst (\w+) = (?:\([^)]*\)[^=\n]*=>\s*)?`(\/api\/[^`]*)`/g
    const bases = new Map([...text.matchAll(base)].map(([, name = "", path = ""]) => [name, path]))
    const method = String.raw`(?:method: "(\w+)",\s*path:\s*)?`
    const whole = new RegExp(`${method}(?:"(/api/[^"\`$]*)"|\`(/api/[^\`]*)\`)`, "g")
    const joined = new RegExp(`${method}\`\\$\\{(\\w+)(?:\\([^)]*\\))?\\}(/[^\`]*)\``, "g")
    const longer = [...text.matchAll(joined)].flatMap(([, verb = null, name = "", rest = ""]) => {
        const path = bases.get(name)
        return path === undefined ? [] : [{ method: verb, path: path + rest }]
    })
    const extended = (path: string): boolean => longer.some((named) => named.path.startsWith(`${path}/`))
    return [...text.matchAll(whole)]
        .map(([, verb = null, plain, template = ""]) => ({ method: verb, path: plain ?? template }))
        .filter(({ path }) => !extended(path))
        .concat(longer)
        .flatMap(({ method: verb, path }) => alternatives(path).map((one) => ({ method: verb, path: one })))
}

/** An address that chooses between two words, as both. */
function alternatives(path: string): string[] {
    const choice = /\$\{[^}]*\? "([^"]*)" : "([^"]*)"\}/
    const [found, first = "", second = ""] = choice.exec(path) ?? []
    if (found === undefined) return [path]
    return [first, second].flatMap((word) => alternatives(path.replace(found, word)))
}
