/**
 * Decides where an author may use canaries: in prose and code for people.
 *
 * Rules, indicators and polled or published texts must not have them. There a canary would cause false alerts in
 * products, or belong to no partner.
 */
import { canaryBraces, canariesMax, needsZone } from "@tocsin/marks/canary"
import { endingOf, markedEndings } from "@tocsin/marks/carriers/registry"
import { type Issue, error, placesOf, quote } from "@tocsin/base/issue"
import type { ArtifactClass } from "./artifact.ts"

export const canaryClasses: readonly ArtifactClass[] = ["technical", "repro", "poc"]
/** Rule and data files are not prose, whatever their class. */
const notProseEndings: readonly string[] = ["yml", "yaml", "json", "yar", "yara", "rules"]

/** An artifact as an author writes it. */
export interface CanaryText {
    readonly class: ArtifactClass
    readonly name: string
    readonly content: string
}

/** Whether copies of the artifact may have canaries. */
export function mayHaveCanaries(artifact: Pick<CanaryText, "class" | "name">): boolean {
    const ending = endingOf(artifact.name)
    return canaryClasses.includes(artifact.class) && markedEndings.includes(ending) && !notProseEndings.includes(ending)
}

/**
 * Lists the issues of a text's canaries. Codes: `canary.not_here`, `canary.malformed`, `canary.no_zone`,
 * `canary.too_many`.
 */
export function canaryIssues(artifact: CanaryText, hasZone: boolean): Issue[] {
    const braces = canaryBraces(artifact.content)
    const at = placesOf(artifact.content)
    const issues = braces.flatMap(({ start, end, canary }): Issue[] => {
        const quotedText = quote(artifact.content.slice(start, end))
        if (!mayHaveCanaries(artifact)) return [error(at(start), "canary.not_here", `${quotedText} ${notHere}`)]
        if (canary === null) return [error(at(start), "canary.malformed", `${quotedText} ${malformed}`)]
        return needsZone(canary) && !hasZone ? [error(at(start), "canary.no_zone", `${quotedText} ${noZone}`)] : []
    })
    const different = new Set(braces.flatMap(({ canary }) => canary?.what ?? []))
    const last = braces.at(-1)
    if (different.size <= canariesMax || last === undefined) return issues
    return [...issues, error(at(last.start), "canary.too_many", `a text has \`${canariesMax}\` canaries at most`)]
}

const notHere =
    "is in a machine-readable text: use canaries in prose and code of technical details, steps and proofs of concept"
const malformed =
    "is not a canary: write `{{canary:host}}`, url, address, credential or hash, with `:name` for a second one"
const noZone = "needs a canary zone: set `canaryZone`"
