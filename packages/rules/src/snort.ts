/**
 * Checks Snort rules by what versions 2.9 and 3 share: heads, quoted options, contents and patterns, and unique ids. It
 * uses the grammar of Suricata where both are the same. Keywords differ between versions. So an unknown or misplaced
 * keyword is only a warning. No engine gives a second opinion.
 */
import { type Issue, type Place, error, sortIssues, placesOf, quote, textStart, warning } from "@tocsin/base/issue"
import { knownKeywords, modifiers, ruleSyntax, services } from "./snort/keywords.ts"
import { splitHead, readHeader } from "./suricata/header.ts"
import { type Option, contentLength, pcreFault, readOptions, unquoted } from "./suricata/options.ts"
import { valueFault } from "./suricata/rule.ts"

/** The result of reading a file of rules. */
export interface SnortResult {
    /** The number of rules in the text, valid or not. */
    readonly rules: number
    readonly issues: readonly Issue[]
}

/** A rule with its place. */
export interface SnortRule {
    /** The rule in one line, as long as in the file, so that offsets stay the same. */
    readonly text: string
    readonly from: number
}

/**
 * Checks for a Snort file. Rules of Snort and Suricata have the same ending, so authors mark Snort rules by a second
 * one.
 */
export const isSnortFile = (name: string): boolean => /\.snort\.rules$/i.test(name)

const charsMax = 1_000_000
const ruleCharsMax = 32_768
const rulesMax = 20_000

/** Reads a file of rules. All codes begin with `snort.`. */
export function readSnort(text: string): SnortResult {
    if (!(text.length <= charsMax)) {
        return {
            rules: 0,
            issues: [fault(textStart, "too_large", `a file may have \`${charsMax}\` characters at most`)],
        }
    }
    const at = placesOf(text)
    const rules = snortRules(text)
    if (rules.length === 0) return { rules: 0, issues: [fault(textStart, "empty", "there is no rule here")] }
    if (!(rules.length <= rulesMax)) {
        return { rules: rules.length, issues: [fault(textStart, "too_large", `\`${rulesMax}\` rules at most`)] }
    }
    const ids = new Map<string, Place>()
    const issues = rules.flatMap((snortRule) => ruleIssues(snortRule, (offset) => at(snortRule.from + offset), ids))
    return { rules: rules.length, issues: sortIssues(issues) }
}

/** Splits a text into rules. A rule continues after `\` and, as in Snort 3, until its bracket closes. */
export function snortRules(text: string): SnortRule[] {
    const rules: SnortRule[] = []
    let lines: string[] = []
    let [from, at, hasOptions] = [0, 0, false]
    const end = () => {
        if (lines.length > 0) rules.push({ text: lines.join(" ").trimEnd(), from })
        lines = []
        hasOptions = false
    }
    for (const written of text.split("\n")) {
        const line = /^\s*#/.test(written) ? " ".repeat(written.length) : written.replace(/\r$/, " ")
        const joined = line.replace(/\\(\s*)$/, " $1")
        if (ruleSyntax.ruleStart.test(line)) end()
        if (lines.length === 0) from = at
        if (lines.length > 0 || line.trim() !== "") lines.push(joined)
        at += written.length + 1
        hasOptions ||= line.includes("(")
        if (isClosed(line) || (joined === line && !hasOptions)) end()
    }
    end()
    return rules
}

/** Checks that quotes close within the line. */
const isClosed = (line: string): boolean =>
    /\)\s*$/.test(line) && [...line.matchAll(/(?<!\\)(?:\\\\)*"/g)].length % 2 === 0

function ruleIssues({ text }: SnortRule, place: (at: number) => Place, ids: Map<string, Place>): Issue[] {
    if (!(text.length <= ruleCharsMax)) {
        return [fault(place(0), "too_large", `a rule may have \`${ruleCharsMax}\` characters at most`)]
    }
    const { opens, issues } = readHead(text, place)
    if (opens === null) return issues
    const read = readOptions(text, opens)
    if (read.fault !== null) return [...issues, fault(place(read.fault.at), "bad_options", read.fault.message)]
    return [...issues, ...optionIssues(read.options, place), ...idIssues(read.options, place, ids)]
}

/** Reads the head: addresses and ports on both sides; or, as in Snort 3, only a service, or only an action. */
function readHead(text: string, place: (at: number) => Place): { opens: number | null; issues: Issue[] } {
    const { opens, issues } = readHeader(text, place)
    const own = issues.filter(({ code }) => !/\.bad_(?:action|protocol|direction|header)$/.test(code)).map(asSnortIssue)
    if (opens === null) return { opens, issues: own }
    const [action, protocol, , , direction, ...rest] = splitHead(text.slice(0, opens))
    if (!action || !ruleSyntax.actions.has(action.text)) {
        own.push(fault(place(action?.at ?? 0), "bad_action", `${quote(action?.text ?? "")} is no action`))
    }
    const isShort = direction === undefined && splitHead(text.slice(0, opens)).length <= 2
    if (!isShort && rest.length !== 2) {
        const message = "a head has an action, a protocol, an address and port, a direction, an address and port"
        own.push(fault(place(0), "bad_header", message))
    } else if (direction && direction.text !== "->" && direction.text !== "<>") {
        own.push(fault(place(direction.at), "bad_direction", `${quote(direction.text)} is no direction`))
    }
    if (protocol && !services.has(protocol.text)) {
        const message = `${quote(protocol.text)} is no protocol and no service that is known here`
        own.push(warning(place(protocol.at), "snort.unknown_protocol", message))
    }
    return { opens, issues: own }
}

const atMostOnce = ["msg", "sid", "rev", "gid", "classtype", "priority"]
/** Options whose values are written as in Suricata. */
const sharedOptions = ["sid", "rev", "gid", "priority", "msg", "flow", "reference"]

function optionIssues(options: readonly Option[], place: (at: number) => Place): Issue[] {
    const issues: Issue[] = []
    const seen = new Set<string>()
    if (!options.some(({ name }) => name === "sid")) issues.push(fault(place(0), "no_sid", "`sid` is missing"))
    for (const name of ["msg", "rev"].filter((item) => !options.some((option) => option.name === item))) {
        issues.push(warning(place(0), `snort.no_${name}`, `\`${name}\` is missing`))
    }
    for (const { name, value, at } of options) {
        const report = (code: string, message: string) => issues.push(fault(place(at), code, message))
        if (seen.has(name) && atMostOnce.includes(name)) report("duplicate_option", `\`${name}\` stands twice`)
        if (modifiers.has(name) && !(seen.has("content") || seen.has("uricontent"))) {
            report("no_content", `\`${name}\` is about a content, and none stands before it`)
        }
        seen.add(name)
        const problem = optionFault(name, value)
        if (problem !== null) report("bad_value", problem)
        if (!knownKeywords.has(name)) {
            issues.push(warning(place(at), "snort.unknown_keyword", `${quote(name)} is no keyword known here`))
        }
    }
    return issues
}

/** Finds what is wrong with a value; null if it is valid or depends on the version. */
function optionFault(name: string, value: string | null): string | null {
    if (name === "content" || name === "uricontent") {
        // In Snort 3, modifiers follow the content in the same value.
        const [, text] = /^!?\s*"((?:[^"\\]|\\.)*)"\s*(?:,.*)?$/s.exec(value ?? "") ?? []
        if (text === undefined) return `the value of \`${name}\` stands in quotes`
        const length = contentLength(text)
        return typeof length === "string" ? length : null
    }
    if (name === "pcre") {
        const text = unquoted(value ?? "")
        if (text === null) return "the value of `pcre` stands in quotes"
        // A pattern with another delimiter is left to the engine.
        return text.startsWith("m") ? null : pcreFault(text)
    }
    if (!sharedOptions.includes(name)) return null
    return value === null || value === "" ? `\`${name}\` needs a value` : valueFault(name, value)
}

function idIssues(options: readonly Option[], place: (at: number) => Place, ids: Map<string, Place>): Issue[] {
    const sid = options.find(({ name }) => name === "sid")
    if (!sid?.value || valueFault("sid", sid.value) !== null) return []
    const key = `${options.find(({ name }) => name === "gid")?.value ?? "1"}:${Number(sid.value)}`
    const before = ids.get(key)
    ids.set(key, before ?? place(sid.at))
    if (before) {
        const message = `the sid ${quote(sid.value)} stands in line \`${before.line}\` already`
        return [fault(place(sid.at), "duplicate_sid", message)]
    }
    if (Number(sid.value) >= 1_000_000) return []
    return [warning(place(sid.at), "snort.sid_reserved", "sids below `1000000` belong to others")]
}

const fault = (place: Place, code: string, message: string): Issue => error(place, `snort.${code}`, message)
const asSnortIssue = (issue: Issue): Issue => ({ ...issue, code: issue.code.replace(/^suricata\./, "snort.") })
