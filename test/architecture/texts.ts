/**
 * The law of resolved texts: what an author wrote, slots and all, never reaches a reader that is not its author.
 *
 * A master is opaque, and what renders asks for a `ResolvedText`: the compiler sees to that. What holds the compiler
 * are closed lists of who may take a master's raw text, and who may call a text resolved. Whoever needs either adds
 * it where a reviewer sees it.
 */
import { takenBy } from "./channels.ts"
import { type House, at, nameOf, product } from "./source.ts"

const resolving = "packages/marks/src/carriers/resolved-text.ts"

/** By name: where what `resolved.ts` gives of masters may be taken, as the beginnings of paths. */
const takers: Readonly<Record<string, readonly string[]>> = {
    // Slots are found and copies are made of it; its author reads it; a leak is held against it; it is checked before a
    // release.
    rawText: [
        "server/src/share/marking/actions/mark-copy.ts",
        "server/src/share/marking/actions/",
        "server/src/share/artifacts/actions/validate-artifact.ts",
        "server/src/trace/attribution/actions/attribute-leak.ts",
        "server/src/trace/attribution/actions/load-attributions.ts",
    ],
    // Of a text whose reader has it already.
    resolveSlots: [
        "server/src/share/artifacts/",
        "server/src/share/marking/actions/find-slots.ts",
        "server/src/share/marking/actions/check-draft.ts",
        "server/src/share/publication/actions/preview-correction.ts",
    ],
    copyText: ["server/src/share/marking/actions/mark-copy.ts"],
    MasterText: ["server/src/share/artifacts/actions/load-artifacts.ts"],
}

export function textLaw(house: House): string[] {
    return product(house).flatMap((source) => {
        const taken = takenBy(source).flatMap(({ to, name }) => {
            const isAll = name === "*" && to === resolving
            const taker = to === resolving ? takers[name] : undefined
            const isKept =
                isAll || (taker !== undefined && !taker.some((beginning) => source.file.startsWith(beginning)))
            return isKept ? [`${source.file} takes ${name}: the raw text of a master is for marking alone`] : []
        })
        const called = source.nodes.flatMap((node) => {
            const type = node.type === "TSAsExpression" || node.type === "TSTypeAssertion" ? node.typeAnnotation : null
            const isResolved = type?.type === "TSTypeReference" && nameOf(type.typeName) === "ResolvedText"
            return isResolved && source.file !== resolving
                ? [`${at(source, node)}: only ${resolving} says that a text is resolved`]
                : []
        })
        return [...taken, ...called]
    })
}
