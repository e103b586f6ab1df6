/** Expert files for `tocsin verify`: each must be sound in itself, and one of the records must have committed to it. */
import { type ExpertFile, expertFormat, placeExpert, readExpert } from "../lib/expert.ts"
import type { AcceptedRecord, Rejected } from "../lib/record.ts"
import { Refusal, refuse } from "../lib/refusal.ts"
import type { Lines, Trust } from "../lib/signed.ts"

/** What is known of a file that is sound in itself; `leaf` null where no record was given. */
export interface AcceptedExpert {
    readonly ok: true
    readonly format: typeof expertFormat
    readonly attribution: string
    readonly artifact: string
    readonly version: number
    readonly manifest: string
    readonly recipients: number
    readonly verdict: string
    readonly accused: readonly number[]
    /** The leaf of the record that commits to its key and slots, and the first that tells of a copy. */
    readonly leaf: number | null
    readonly firstCopy: number | null
    readonly record: string | null
}

export interface SoundExpert {
    readonly ok: true
    readonly file: ExpertFile
}

const expertStart = /^\s*\{\s*"format"\s*:\s*"tocsin-expert\/1"/
const expertBytesMax = 256 * 1024 * 1024

/** Null where the file begins as something else. */
export async function judgeExpert(chunks: AsyncIterable<Uint8Array>): Promise<SoundExpert | Rejected | null> {
    const kept: Uint8Array[] = []
    let bytes = 0
    try {
        for await (const chunk of chunks) {
            if (kept.length === 0 && !expertStart.test(Buffer.from(chunk.subarray(0, 200)).toString("latin1"))) {
                return null
            }
            kept.push(chunk)
            bytes += chunk.length
            if (bytes > expertBytesMax) refuse("invalid", "expert.too_long", "it is longer than any expert file")
        }
        return kept.length === 0 ? null : { ok: true, file: readExpert(Buffer.concat(kept).toString("utf8")) }
    } catch (error) {
        if (!(error instanceof Refusal)) throw error
        return { ok: false, index: null, code: error.code, why: error.message }
    }
}

export interface NamedRecord {
    readonly path: string
    readonly record: AcceptedRecord
    readonly open: () => Lines
}

/** By the first record that proves it; the last of them says why none does. */
export async function expertIn(
    records: readonly NamedRecord[],
    { file }: SoundExpert,
    trust: Trust,
): Promise<AcceptedExpert | Rejected> {
    const { artifact, version, manifest } = file.document
    const known = {
        ...({ ok: true, format: expertFormat, attribution: file.attribution, artifact, version, manifest } as const),
        ...{ recipients: file.recipients.length, verdict: file.stated.verdict, accused: file.stated.accused },
    }
    let why: Rejected | null = null
    for (const { path, record, open } of records) {
        const answer = await placeExpert(record, open, file, trust)
        if (answer.ok) return { ...known, leaf: answer.leaf, firstCopy: answer.firstCopy, record: path }
        why = { ...answer, index: null }
    }
    return why ?? { ...known, leaf: null, firstCopy: null, record: null }
}

export function expertInWords(its: AcceptedExpert): string {
    const { artifact, version, recipients, accused } = its
    const whom = accused.length === 0 ? "nobody" : accused.map((one) => `number ${one}`).join(", ")
    const what = `expert file of artifact ${artifact}, version ${version}: ${recipients} weighed, accused: ${whom}`
    if (its.leaf === null) return `accepted: ${what}; sound in itself, and in no record that was given`
    const before = `, before the first copy at leaf ${its.firstCopy}`
    return `accepted: ${what}; committed to at leaf ${its.leaf} of the record ${its.record}${before}`
}
