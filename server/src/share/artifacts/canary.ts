/**
 * Decides where an author may use canaries: in prose and code for people.
 *
 * Rules, indicators and polled or published texts must not have them. There a canary would cause false alerts in
 * products, or belong to no partner.
 */
import { bracesLike, canariesMax, needsZone } from "@tocsin/marks/canary"
import { endingOf, endings } from "@tocsin/marks/carriers/registry"
import { type Finding, error, placesOf, quoted } from "@tocsin/base/issue"
import type { ArtifactClass } from "./artifact.ts"

export const canaryClasses: readonly ArtifactClass[] = ["technical", "repro", "poc"]
/** Rule and data files are not prose, whatever their class. */
const notProse: readonly string[] = ["yml", "yaml", "json", "yar", "yara", "rules"]

/** An artifact as an author writes it. */
export interface Written {
    readonly class: ArtifactClass
    readonly name: string
    readonly content: string
}

/** Whether copies of the artifact may have canaries. */
export function bearsCanaries(input: Pick<Written, "class" | "name">): boolean {
    const ending = endingOf(input.name)
    return canaryClasses.includes(input.class) && endings.includes(ending) && !notProse.includes(ending)
}

/**
 * Lists the issues of a text's canaries. Codes: `canary.not_here`, `canary.malformed`, `canary.no_zone`,
 * `canary.too_many`.
 */
export function canaryFindings(input: Written, hasZone: boolean): Finding[] {
    const found = bracesLike(input.content)
    const at = placesOf(input.content)
    const findings = found.flatMap(({ start, end, canary }): Finding[] => {
        const otherQuoted = quoted(input.content.slice(start, end))
        if (!bearsCanaries(input)) return [error(at(start), "canary.not_here", `${otherQuoted} ${notHere}`)]
        if (canary === null) return [error(at(start), "canary.malformed", `${otherQuoted} ${malformed}`)]
        return needsZone(canary) && !hasZone ? [error(at(start), "canary.no_zone", `${otherQuoted} ${noZone}`)] : []
    })
    const different = new Set(found.flatMap(({ canary }) => canary?.what ?? []))
    const last = found.at(-1)
    if (different.size <= canariesMax || last === undefined) return findings
    return [...findings, error(at(last.start), "canary.too_many", `a text has \`${canariesMax}\` canaries at most`)]
}

const notHere = "stands in what machines read: canaries are for prose and code of technical detail, steps and proofs"
const malformed =
    "is no canary: write `{{canary:host}}`, url, address, credential or hash, with `:name` for a second one"
const noZone = "needs a zone of yours: set `canaryZone`"
