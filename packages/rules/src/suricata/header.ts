/** Reads the head of a Suricata rule: action, protocol, addresses and ports on both sides, and direction. */
import { type Issue, type Place, error, quote } from "@tocsin/base/issue"
import { networkOf } from "../network.ts"
import { actions, protocols } from "./keywords.ts"

const depthMax = 8

interface HeadPart {
    readonly text: string
    /** The offset in the rule, from 0. */
    readonly at: number
}

/**
 * Reads the head and finds the offset of `(`, where the options begin. Null, with an issue, if the head cannot be read.
 */
export function readHeader(rule: string, place: (at: number) => Place): { opens: number | null; issues: Issue[] } {
    const opens = rule.indexOf("(")
    const head = opens === -1 ? rule : rule.slice(0, opens)
    const fault = (at: number, code: string, message: string) => error(place(at), code, message)
    if (opens === -1) {
        return { opens: null, issues: [fault(0, "suricata.no_options", "a rule has its options in brackets")] }
    }
    const parts = splitHead(head)
    const [action, protocol, from, fromPort, direction, to, toPort, ...more] = parts
    if (!action || !protocol || !from || !fromPort || !direction || !to || !toPort || more.length > 0) {
        const message = "a head has an action, a protocol, an address and port, a direction, an address and port"
        return { opens, issues: [fault(0, "suricata.bad_header", message)] }
    }
    const issues: Issue[] = []
    if (!actions.includes(action.text)) {
        issues.push(fault(action.at, "suricata.bad_action", `${quote(action.text)} is no action`))
    }
    if (!protocols.has(protocol.text)) {
        issues.push(fault(protocol.at, "suricata.bad_protocol", `${quote(protocol.text)} is no protocol`))
    }
    if (!["->", "<>", "=>"].includes(direction.text)) {
        issues.push(fault(direction.at, "suricata.bad_direction", `${quote(direction.text)} is no direction`))
    }
    for (const [part, code, check] of [
        [from, "suricata.bad_address", isAddress],
        [to, "suricata.bad_address", isAddress],
        [fromPort, "suricata.bad_port", isPort],
        [toPort, "suricata.bad_port", isPort],
    ] as const) {
        const message = listFault(part.text, check, 0)
        if (message !== null) issues.push(fault(part.at, code, message))
    }
    return { opens, issues }
}

/** Splits a head at blanks, but not within brackets. */
export function splitHead(head: string): HeadPart[] {
    const parts: HeadPart[] = []
    let depth = 0
    let [text, at] = ["", 0]
    for (let n = 0; n <= head.length; n++) {
        const char = head[n] ?? " "
        if (char === "[") depth++
        if (char === "]") depth--
        if (/\s/.test(char)) {
            if (depth > 0) continue
            if (text !== "") parts.push({ text, at })
            text = ""
        } else {
            if (text === "") at = n
            text += char
        }
    }
    if (text !== "") parts.push({ text, at })
    return parts
}

/**
 * Checks a list: `any`, a negation of anything but `any`, a list in brackets, or an entry that `check` accepts. Null if
 * it is valid.
 */
function listFault(text: string, check: (item: string) => boolean, depth: number): string | null {
    if (depth > depthMax) return `lists may be nested \`${depthMax}\` deep at most`
    const negated = text.startsWith("!")
    const bare = negated ? text.slice(1) : text
    if (bare === "any") return negated ? "`!any` is nothing at all" : null
    if (!bare.startsWith("[")) return check(bare) ? null : `${quote(text)} is not understood here`
    if (!bare.endsWith("]")) return `a \`[\` is never closed in ${quote(text)}`
    const items = itemsOf(bare.slice(1, -1))
    if (items === null) return `the brackets of ${quote(text)} do not match`
    for (const item of items) {
        const fault = listFault(item, check, depth + 1)
        if (fault !== null) return fault
    }
    if (items.length > 0 && items.every((item) => item.startsWith("!")) && depth > 0 && negated) {
        return `${quote(text)} excludes everything`
    }
    return null
}

function itemsOf(text: string): string[] | null {
    const items: string[] = []
    let depth = 0
    let item = ""
    for (const char of text) {
        if (char === "[") depth++
        if (char === "]" && --depth < 0) return null
        if (char === "," && depth === 0) {
            items.push(item)
            item = ""
        } else item += char
    }
    items.push(item)
    return depth === 0 ? items : null
}

function isVariable(text: string): boolean {
    return /^\$[A-Za-z_][A-Za-z0-9_-]*$/.test(text)
}

function isAddress(text: string): boolean {
    if (isVariable(text)) return true
    const [low = "", high, ...more] = text.split("-")
    if (high === undefined) return networkOf(text) !== null
    const [first, last] = [networkOf(low)?.address, networkOf(high)?.address]
    if (more.length > 0 || first === undefined || first.kind() !== last?.kind()) return false
    const [from, to] = [first.toByteArray(), last.toByteArray()]
    const at = from.findIndex((byte, n) => byte !== to[n])
    return (from[at] ?? 0) <= (to[at] ?? 0)
}

function isPort(text: string): boolean {
    if (isVariable(text)) return true
    const found = /^(\d{1,5})?(:)?(\d{1,5})?$/.exec(text)
    if (found === null || text === "" || text === ":") return false
    const [low, high] = [Number(found[1] ?? 0), Number(found[3] ?? 65_535)]
    return low <= 65_535 && high <= 65_535 && (found[2] === undefined || low <= high)
}
