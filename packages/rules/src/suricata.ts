/**
 * Checks Suricata rules with a grammar of our own, because the engine may not be installed.
 *
 * It follows the manual of Suricata 7: heads, quoted options, texts and patterns, sticky buffers and their keywords,
 * modifiers that need a content, and unique ids. `suricata -T` gives a second opinion.
 */
import { type Issue, type Place, error, sortIssues, placesOf, quote, textStart, warning } from "@tocsin/base/issue"
import { readHeader } from "./suricata/header.ts"
import { readOptions } from "./suricata/options.ts"
import { RuleCheck } from "./suricata/rule.ts"

/** The result of reading a file of rules. */
export interface SuricataResult {
    /** The number of rules in the text, valid or not. */
    readonly rules: number
    readonly issues: readonly Issue[]
}

const charsMax = 1_000_000
/** The limit of Suricata itself. */
const ruleCharsMax = 8192

/** A rule in one line, with its place. */
export interface RuleLine {
    readonly text: string
    readonly from: number
}

/** Reads a file of rules. All codes begin with `suricata.`. */
export function readSuricata(text: string): SuricataResult {
    if (!(text.length <= charsMax)) {
        const message = `a file may have \`${charsMax}\` characters at most`
        return { rules: 0, issues: [error(textStart, "suricata.too_large", message)] }
    }
    const at = placesOf(text)
    const rules = ruleLines(text).filter((line) => !/^\s*(#|$)/.test(line.text))
    if (rules.length === 0) return { rules: 0, issues: [error(textStart, "suricata.empty", "there is no rule here")] }
    const ids = new Map<string, Place>()
    const issues = rules.flatMap((line) => ruleIssues(line, at, ids))
    return { rules: rules.length, issues: sortIssues(issues) }
}

/**
 * Splits a text into lines; a line that ends in `\` continues in the next. Joins become blanks, so that offsets stay
 * the same.
 */
export function ruleLines(text: string): RuleLine[] {
    const lines: RuleLine[] = []
    let pending: { text: string; from: number } | null = null
    let from = 0
    for (const written of text.split("\n")) {
        const line: string = written.endsWith("\r") ? `${written.slice(0, -1)} ` : written
        const continues: boolean = /\\\s*$/.test(line) && !/^\s*#/.test(pending?.text ?? line)
        const part: string = continues ? line.replace(/\\(\s*)$/, " $1") : line
        pending = pending === null ? { text: part, from } : { text: `${pending.text} ${part}`, from: pending.from }
        from += written.length + 1
        if (continues) continue
        lines.push(pending)
        pending = null
    }
    if (pending !== null) lines.push(pending)
    return lines
}

function ruleIssues({ text, from }: RuleLine, at: (offset: number) => Place, ids: Map<string, Place>): Issue[] {
    const place = (offset: number) => at(from + offset)
    if (!(text.length <= ruleCharsMax)) {
        return [error(place(0), "suricata.too_large", `a rule may have \`${ruleCharsMax}\` characters at most`)]
    }
    const { opens, issues } = readHeader(text, place)
    if (opens === null) return issues
    const { options, fault } = readOptions(text, opens)
    if (fault !== null) return [...issues, error(place(fault.at), "suricata.bad_options", fault.message)]
    const check = new RuleCheck(options, place)
    issues.push(...check.issues())
    const id = check.id()
    if (id === null) return issues
    const before = ids.get(id.key)
    if (before) {
        const message = `the sid ${quote(id.sid)} stands in line \`${before.line}\` already`
        issues.push(error(place(id.at), "suricata.duplicate_sid", message))
    } else ids.set(id.key, place(id.at))
    if (Number(id.sid) < 1_000_000) {
        issues.push(warning(place(id.at), "suricata.sid_reserved", "sids below `1000000` belong to others"))
    }
    return issues
}
