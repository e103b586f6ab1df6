/**
 * Finds slots in the names of locals, with up to sixteen names each.
 *
 * A name has the same alternatives everywhere in the file, and no two names share one. So a copy never merges two
 * names, and a leaked name leads back to one name of the master.
 */
import type { Edit } from "../carrier.ts"
import { type Draft, type SourceCode, rank, textOf } from "./drafts.ts"
import { type NameStyle, otherNames } from "./name-lexicon.ts"
import { reservedIn } from "./reserved.ts"
import { type RenamableName, type ScopeTable, renamableNames } from "./languages/scopes.ts"

const variantsMax = 16
/** The minimum number of variants. A name with fewer is not worth a slot. */
const variantsMin = 2

/** Returns slots for the local names of a program. `more` are names that scopes do not show. */
export function nameDrafts(source: SourceCode, table: ScopeTable, more: readonly RenamableName[] = []): Draft[] {
    const found = [...renamableNames(table), ...more].toSorted((a, b) => firstPlace(a) - firstPlace(b))
    const taken = everyWord(source)
    const alternatives = new Map<string, readonly string[]>()
    for (const local of found) {
        const { name } = local
        if (alternatives.has(name)) continue
        const others = otherNames(spellingOf(source, local), styleOf(source, taken), variantsMax - 1)
        for (const other of others) taken.add(fold(source, other))
        alternatives.set(name, others)
    }
    return found.flatMap((local) => {
        const names = alternatives.get(local.name) ?? []
        return names.length + 1 < variantsMin ? [] : [draft(local, names)]
    })
}

function draft({ name, scope, uses }: RenamableName, names: readonly string[]): Draft {
    const variants = names.map((other): Edit[] =>
        uses.map(({ node, isProperty: labelled }) => ({
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

function firstPlace(local: RenamableName): number {
    return Math.min(...local.uses.map(({ node }) => node.start))
}

/** Returns every word of the file, whatever it means there. */
function everyWord(source: SourceCode): Set<string> {
    return new Set([...source.text.matchAll(/[A-Za-z_]\w*/g)].map(([word]) => fold(source, word)))
}

/** PowerShell does not tell capitals apart. */
function fold(source: SourceCode, word: string): string {
    return source.language === "powershell" ? word.toLowerCase() : word
}

function styleOf(source: SourceCode, taken: ReadonlySet<string>): NameStyle {
    const { language } = source
    const own = reservedIn(language)
    return {
        snake: /^(python|ruby|bash|c)$/.test(language),
        isTaken: (name) => taken.has(fold(source, name)) || own.has(fold(source, name)),
    }
}

function spellingOf(source: SourceCode, { uses }: RenamableName): string {
    const [first] = uses
    return first === undefined ? "" : textOf(source, first.node)
}
