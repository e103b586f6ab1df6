/**
 * Slots in the names of locals: sixteen ways to call a thing that only its own function knows.
 *
 * One name has the same alternatives wherever in the file it stands, and no two names share any, so that a copy cannot
 * bring two names together and a name found in a leak points back to one name of the master.
 */
import type { Edit } from "../carrier.ts"
import { walk } from "../syntax.ts"
import { type Draft, type Source, rank, textOf } from "./draft.ts"
import { otherNames } from "./lexicon.ts"
import { type Renamable, type ScopeTable, renamable } from "./scopes.ts"

const variantsMax = 16
/** Fewer than this are too few places to be worth a name that somebody may rename. */
const variantsMin = 2

export function nameDrafts(source: Source, table: ScopeTable): Draft[] {
    const found = renamable(table).toSorted((a, b) => firstPlace(a) - firstPlace(b))
    const taken = everyWord(source)
    const alternatives = new Map<string, readonly string[]>()
    for (const { name } of found) {
        if (alternatives.has(name)) continue
        const others = otherNames(name, source.language === "python", taken, variantsMax - 1)
        for (const other of others) taken.add(other)
        alternatives.set(name, others)
    }
    return found.flatMap((local) => {
        const names = alternatives.get(local.name) ?? []
        return names.length + 1 < variantsMin ? [] : [draft(local, names)]
    })
}

function draft({ name, scope, uses }: Renamable, names: readonly string[]): Draft {
    const variants = names.map((other): Edit[] =>
        uses.map(({ node, labelled }) => ({
            start: node.start,
            end: node.end,
            text: labelled ? `${name}: ${other}` : other,
        })),
    )
    return {
        kind: "local-name",
        robustness: "wording",
        scope: scope.path,
        about: name,
        variants: [[], ...variants],
        rank: rank.name,
    }
}

function firstPlace(local: Renamable): number {
    return Math.min(...local.uses.map(({ node }) => node.start))
}

/** Every word that stands in the file as code, whatever it is there. */
function everyWord(source: Source): Set<string> {
    const words = new Set<string>()
    walk(source.root, (node) => {
        if (/identifier|^name$|word$/.test(node.type)) words.add(textOf(source, node))
        if (/string|comment|content|fragment/.test(node.type) && node.children.length === 0) {
            for (const [word] of textOf(source, node).matchAll(/[A-Za-z_]\w*/g)) words.add(word)
        }
    })
    return words
}
