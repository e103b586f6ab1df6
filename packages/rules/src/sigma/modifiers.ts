/** Lists the modifiers of Sigma's appendix 2.1, and which of them may be combined. */
import { quote } from "@tocsin/base/issue"

const anchors = ["contains", "startswith", "endswith"]
const wides = ["wide", "utf16le", "utf16be", "utf16"]
const bases = ["base64", "base64offset"]
const compares = ["lt", "lte", "gt", "gte"]
const times = ["minute", "hour", "day", "week", "month", "year"]
const flags = ["i", "m", "s"]
const others = ["all", "exists", "cased", "neq", "windash", "re", "cidr", "expand", "fieldref"]

const known = new Set([...anchors, ...wides, ...bases, ...compares, ...times, ...flags, ...others])

/** The modifiers that each kind of test permits. `all` and `neq` apply to the values and go with most. */
const combinable: Readonly<Record<string, readonly string[]>> = {
    exists: [],
    re: [...flags, "all", "neq"],
    cidr: ["all", "neq"],
    fieldref: [...anchors, "all", "neq", "cased"],
    lt: times,
    lte: times,
    gt: times,
    gte: times,
    expand: [...anchors, "all", "neq", "cased", "windash"],
}

/** Lists what is wrong with the modifiers of one field, one line each; empty if they may be combined. */
export function modifierFaults(modifiers: readonly string[]): string[] {
    const unknown = modifiers.filter((modifier) => !known.has(modifier))
    if (unknown.length > 0) return unknown.map((item) => `${quote(item)} is no modifier of Sigma`)
    const faults = modifiers
        .filter((modifier, at) => modifiers.indexOf(modifier) !== at)
        .map((modifier) => `\`${modifier}\` stands twice`)
    for (const [kind, allowed] of Object.entries(combinable)) {
        if (!modifiers.includes(kind)) continue
        for (const modifier of modifiers) {
            if (modifier !== kind && !allowed.includes(modifier))
                faults.push(`\`${modifier}\` does not go with \`${kind}\``)
        }
    }
    for (const group of [anchors, wides, bases, compares, times]) {
        const found = modifiers.filter((modifier) => group.includes(modifier))
        if (found.length > 1) faults.push(`\`${found.join("` and `")}\` do not go together`)
    }
    return [...faults, ...orderFaults(modifiers)]
}

function orderFaults(modifiers: readonly string[]): string[] {
    const faults: string[] = []
    const at = (group: readonly string[]) => modifiers.findIndex((modifier) => group.includes(modifier))
    for (const flag of flags) {
        if (modifiers.includes(flag) && !(at(["re"]) !== -1 && at(["re"]) < at([flag]))) {
            faults.push(`\`${flag}\` stands after \`re\``)
        }
    }
    const [wide, base, place] = [at(wides), at(bases), at(anchors)]
    if (wide !== -1 && !(base > wide))
        faults.push(`\`${modifiers[wide]}\` stands before \`base64\` or \`base64offset\``)
    if (base !== -1 && place !== -1 && place < base) faults.push("a value is encoded before it is sought")
    if (at(["base64offset"]) !== -1 && at(["contains"]) === -1) {
        faults.push("`base64offset` is sought somewhere in a value: it needs `contains`")
    }
    const [time, compare] = [at(times), at(compares)]
    if (time !== -1 && compare !== -1 && compare < time) faults.push("a time's part is taken before it is compared")
    return faults
}

/** Checks for a modifier that takes a part of a time. */
export const isTime = (item: string): boolean => times.includes(item)
/** Checks for a modifier that compares. */
export const isCompare = (item: string): boolean => compares.includes(item)
