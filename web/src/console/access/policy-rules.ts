/** Splits a policy's Cedar text into its rules, and compares the rules of two versions. Pure. */
import { t } from "../../messages/message.ts"

export interface PolicyRule {
    readonly id: string
    /** The rule in words; empty if the text has none. */
    readonly title: string
    /** The rule without its annotations. */
    readonly cedar: string
}

const annotation = /@(\w+)\("((?:[^"\\]|\\.)*)"\)\s*/g

/** Returns the rules in the order of the text. A statement ends with a semicolon outside strings and comments. */
export function rulesOf(text: string): readonly PolicyRule[] {
    return statementsOf(text).map((statement, n) => {
        const annotations = new Map(
            [...statement.matchAll(annotation)].map(([, name = "", value = ""]) => [name, value]),
        )
        return {
            id: annotations.get("id") ?? t("rule {number}", { number: n + 1 }),
            title: annotations.get("title") ?? "",
            cedar: statement.replaceAll(annotation, "").trim(),
        }
    })
}

function statementsOf(text: string): readonly string[] {
    const statements: string[] = []
    let statement = ""
    for (const [token] of text.matchAll(/"(?:[^"\\]|\\.)*"|\/\/[^\n]*|;|[^";/]+|\/|"/g)) {
        if (token.startsWith("//")) continue
        statement += token
        if (token !== ";") continue
        statements.push(statement.trim())
        statement = ""
    }
    return statements
}

export interface RuleChange {
    readonly kind: "added" | "changed" | "removed" | "unchanged"
    readonly rule: PolicyRule
}

/** Compares the rules of a version with those of the active one, by id. Removed rules come last. */
export function compareRules(before: readonly PolicyRule[], after: readonly PolicyRule[]): readonly RuleChange[] {
    const old = new Map(before.map((rule) => [rule.id, rule]))
    const kept = new Set(after.map(({ id }) => id))
    const changes = after.map((rule): RuleChange => {
        const former = old.get(rule.id)
        if (former === undefined) return { kind: "added", rule }
        const isSame = former.cedar === rule.cedar && former.title === rule.title
        return { kind: isSame ? "unchanged" : "changed", rule }
    })
    return [...changes, ...before.filter(({ id }) => !kept.has(id)).map((rule) => ({ kind: "removed" as const, rule }))]
}
