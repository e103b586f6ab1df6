/** The lexicon as it is looked up: every line of its tables, under each form by which it is found. */
import type { Robustness } from "../carrier.ts"
import { fragile } from "./fragile.ts"
import { idioms } from "../../lexicon/idioms.ts"
import { classes } from "../../lexicon/lexicon.ts"
import { phrases } from "../../lexicon/phrases.ts"
import { collocations } from "../../lexicon/collocations.ts"
import { expandLine } from "../../lexicon/nouns.ts"
import { verbs } from "../../lexicon/verbs.ts"
import { phraseVariants } from "../../lexicon/variants.ts"

/** An entry of the lexicon: forms that mean the same, and the contexts in which each fits. */
export interface Entry {
    readonly forms: readonly string[]
    readonly conditions: Readonly<Record<string, ReadonlySet<string>>>
    readonly robustness: Robustness
    /**
     * The word that each form begins with, where one decision covers all places in a document, also those of other
     * entries with the same words. Null: each place is a decision.
     */
    readonly stems: readonly string[] | null
}

function conditionsOf(clauses: readonly string[]): Entry["conditions"] {
    const conditions: Record<string, ReadonlySet<string>> = {}
    for (const clause of clauses) {
        const [kind = "", ...names] = clause.trim().split(/\s+/)
        conditions[kind] = new Set(names.flatMap((name) => classes[name]?.trim().split(/\s+/) ?? [name]))
    }
    return conditions
}

/** The lines of a table, one for each thing that a line with `$` speaks of. */
export function linesOf(table: string): string[] {
    return table.trim().split("\n").flatMap(expandLine)
}

function splitForms(forms: string, by: string): string[] {
    return forms
        .split(by)
        .map((form) => form.trim())
        .filter((form) => form !== "")
}

function buildEntries(): Map<string, Entry[]> {
    const entriesByForm = new Map<string, Entry[]>()
    const addEntry = (
        sources: readonly string[],
        others: readonly string[],
        { clauses, robustness }: { clauses: readonly string[]; robustness: Robustness },
    ): void => {
        const { whole, ...conditions } = conditionsOf(clauses)
        const entry: Entry = {
            forms: [...sources, ...others],
            conditions,
            robustness,
            stems: whole === undefined ? null : [...whole],
        }
        for (const source of sources) entriesByForm.set(source, [...(entriesByForm.get(source) ?? []), entry])
    }
    const addLines = (table: string, robustness: Robustness): void => {
        for (const line of linesOf(table)) {
            const [forms = "", ...clauses] = line.split(" / ")
            const [sources = "", others = ""] = forms.split(">")
            addEntry(splitForms(sources, "|"), splitForms(others, "|"), { clauses, robustness })
        }
    }
    for (const table of [phraseVariants, phrases, collocations, idioms]) addLines(table, "wording")
    for (const line of linesOf(verbs)) {
        const [forms = "", ...clauses] = line.split(" / ")
        const [sources = [], others = []] = forms
            .split(">")
            .map((side) => splitForms(side, "=").map((verb) => verb.split(/\s+/)))
        for (let column = 0; column < (sources[0]?.length ?? 0); column++) {
            const [from, to] = [sources, others].map((side) =>
                side.map((verb) => (verb[column] ?? "").replaceAll("-", " ")),
            )
            addEntry(from ?? [], to ?? [], { clauses, robustness: "wording" })
        }
    }
    addLines(fragile, "fragile")
    return entriesByForm
}

/** Each entry under every form by which it is found. */
export const entries: ReadonlyMap<string, readonly Entry[]> = buildEntries()
export const firstWords: ReadonlySet<string> = new Set([...entries.keys()].map((form) => form.split(" ")[0] ?? ""))
