/** Verifies bundles of inquiries for `tocsin verify`. An expert file given with a bundle must state the same. */
import { type Bundle, bundleFormat, readBundle } from "../bundle/bundle.ts"
import { type AcceptedBundle, verifyBundle, matchesExpertFile } from "../bundle/verify.ts"
import type { ExpertFile } from "../expert.ts"
import type { Rejection } from "@tocsin/audit-log/export"
import { refuse } from "@tocsin/base/refusal"
import type { Trust } from "@tocsin/audit-log/signed-note"
import { rejectionOf, readWhole } from "./whole-file.ts"

/** A bundle that is valid in itself. */
export interface ValidBundle {
    readonly ok: true
    readonly bundle: Bundle
    readonly accepted: AcceptedBundle
}

/**
 * The start of a bundle. Canonical JSON sorts its names, so a bundle does not begin with `format`. No other file begins
 * like this.
 */
const bundleStart = /^\{"attestations":/

/** Reads and verifies a bundle; null if the file begins as something else. */
export async function verifyBundleFile(
    chunks: AsyncIterable<Uint8Array>,
    trust: Trust,
): Promise<ValidBundle | Rejection | null> {
    try {
        const text = await readWhole(chunks, bundleStart, () =>
            refuse("invalid", "bundle.too_long", "the file is too long to be a bundle"),
        )
        if (text === null) return null
        const bundle = readBundle(text)
        return { ok: true, bundle, accepted: verifyBundle(bundle, trust) }
    } catch (error) {
        return rejectionOf(error)
    }
}

/** Compares a bundle with the expert files given. */
export function checkBundleWithExperts(
    { bundle, accepted }: ValidBundle,
    files: readonly ExpertFile[],
): AcceptedBundle | Rejection {
    try {
        return { ...accepted, opened: files.filter((file) => matchesExpertFile(bundle, file)).length }
    } catch (error) {
        return rejectionOf(error)
    }
}

/** Checks whether an accepted file is a bundle. */
export const isBundle = (file: object): file is AcceptedBundle => "format" in file && file.format === bundleFormat

/** Describes an accepted bundle in words. */
export function bundleText(acceptedBundle: AcceptedBundle): string {
    const { evidence, attributions, questions, findings, confirmed, touches, tracingInstructions, opened } =
        acceptedBundle
    const signed = `signed by ${acceptedBundle.keyKnown ? "the key that you gave" : "the key that it names"}`
    const expert = opened === 0 ? "" : `; ${opened} expert files confirm its results`
    const counts =
        `${evidence} pieces of evidence, ${attributions} attributions, ${questions} questions, ${touches} touched ` +
        `canaries, ${tracingInstructions} tracing instructions`
    return (
        `accepted: bundle of inquiry ${acceptedBundle.inquiry}, made ${acceptedBundle.createdAt}: ${counts}, ` +
        `${findings} findings, ` +
        `${confirmed} of them confirmed by two people; ${acceptedBundle.leaves} of ${acceptedBundle.size} leaves of ` +
        `${acceptedBundle.origin}, ${signed}` +
        `${expert}. It identifies copies, not culprits.`
    )
}
