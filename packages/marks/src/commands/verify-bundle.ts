/** Bundles of inquiries for `tocsin verify`; an expert file beside one must state what it states. */
import { type Bundle, bundleFormat, readBundle } from "../bundle/bundle.ts"
import { type AcceptedBundle, judgeBundle, opensWhatIsStated } from "../bundle/verify.ts"
import type { ExpertFile } from "../expert.ts"
import type { Rejected } from "@tocsin/audit-log/export"
import { refuse } from "@tocsin/base/refusal"
import type { Trust } from "@tocsin/audit-log/signed-note"
import { rejected, wholeOf } from "./whole-file.ts"

export interface SoundBundle {
    readonly ok: true
    readonly bundle: Bundle
    readonly accepted: AcceptedBundle
}

/** Canonical JSON has its names in order, so a bundle begins with another name than `format`; no other file so begins. */
const bundleStart = /^\{"attestations":/

/** Null where the file begins as something else. */
export async function judgeBundleIn(
    chunks: AsyncIterable<Uint8Array>,
    trust: Trust,
): Promise<SoundBundle | Rejected | null> {
    try {
        const text = await wholeOf(chunks, bundleStart, () =>
            refuse("invalid", "bundle.too_long", "it is longer than any bundle"),
        )
        if (text === null) return null
        const bundle = readBundle(text)
        return { ok: true, bundle, accepted: judgeBundle(bundle, trust) }
    } catch (error) {
        return rejected(error)
    }
}

/** With the expert files beside it. */
export function bundleBeside(
    { bundle, accepted }: SoundBundle,
    files: readonly ExpertFile[],
): AcceptedBundle | Rejected {
    try {
        return { ...accepted, opened: files.filter((file) => opensWhatIsStated(bundle, file)).length }
    } catch (error) {
        return rejected(error)
    }
}

export const isBundle = (input: object): input is AcceptedBundle => "format" in input && input.format === bundleFormat

export function bundleInWords(acceptedBundle: AcceptedBundle): string {
    const { evidence, attributions, questions, findings, confirmed, touches, provisions, opened } = acceptedBundle
    const { wordsUnproven, identifiedUnproven, namesUnproven } = acceptedBundle
    const signed = `signed by ${acceptedBundle.keyKnown ? "the key you gave" : "the key it names itself"}`
    const older = "older than what would prove it"
    const text =
        wordsUnproven === 0 ? "" : `. NOT proven, ${older}: the words of ${wordsUnproven} findings or explanations`
    const others =
        identifiedUnproven === 0 ? "" : `. NOT proven, ${older}: whom ${identifiedUnproven} other documents accuse`
    const names = namesUnproven === 0 ? "" : `. NOT proven, ${older}: which name ${namesUnproven} touches were of`
    const expert = opened === 0 ? "" : `; ${opened} expert files beside it open what it states`
    const kind = `${evidence} pieces of evidence, ${attributions} attributions, ${questions} questions, ${touches} touched canaries, ${provisions} provisions`
    return (
        `accepted: bundle of inquiry ${acceptedBundle.inquiry}, made ${acceptedBundle.madeAt}: ${kind}, ${findings} findings, ` +
        `${confirmed} of them confirmed by two; ${acceptedBundle.leaves} leaves of ${acceptedBundle.size} of ${acceptedBundle.origin}, ${signed}` +
        `${expert}${text}${others}${names}. It names copies, not culprits.`
    )
}
