/** Verifies expert files for `tocsin verify`. Each file must be valid, and one of the exports must commit to it. */
import { documentsOf, madeAgain } from "../expert/copies.ts"
import { type MisplacedExpert, type Placed, placeExpert } from "../expert/find-copy.ts"
import { type ExpertDocument, type ExpertFile, expertFormat, readExpert } from "../expert.ts"
import type { AcceptedRecord, Rejected } from "@tocsin/audit-log/export"
import { refuse } from "@tocsin/base/refusal"
import type { Lines, Trust } from "@tocsin/audit-log/signed-note"
import { cipherOf } from "./files-and-keys.ts"
import { rejected, wholeOf } from "./whole-file.ts"

/** The result for one version in the file; `leaf` is null if no export was given. */
export interface AcceptedDocument {
    readonly artifact: string
    readonly version: number
    readonly manifest: string
    readonly verdict: string
    readonly identified: readonly number[]
    /** The leaf that commits to the key and the slots, and the first leaf of a copy. */
    readonly leaf: number | null
    readonly firstCopy: number | null
    /** The leaves of the copies that were handed out; null if no export was given. */
    readonly copies: readonly { readonly number: number; readonly leaf: number }[] | null
    /** The number of copies that were made again and match; null if the master was not given. */
    readonly madeAgain: number | null
}

/** The result for a file that is valid in itself. */
export interface AcceptedExpert {
    readonly ok: true
    readonly format: typeof expertFormat
    readonly attribution: string
    readonly recipients: number
    readonly documents: readonly AcceptedDocument[]
    readonly record: string | null
}

/** An expert file that is valid in itself. */
export interface SoundExpert {
    readonly ok: true
    readonly file: ExpertFile
}

const expertStart = /^\s*\{\s*"format"\s*:\s*"tocsin-expert-file\/1"/

/** Reads and verifies an expert file; null if the file begins as something else. */
export async function judgeExpert(chunks: AsyncIterable<Uint8Array>): Promise<SoundExpert | Rejected | null> {
    try {
        const text = await wholeOf(chunks, expertStart, () =>
            refuse("invalid", "expert.too_long", "it is longer than any expert file"),
        )
        return text === null ? null : { ok: true, file: readExpert(text) }
    } catch (error) {
        return rejected(error)
    }
}

/** An accepted export with its path. */
export interface NamedRecord {
    readonly path: string
    readonly record: AcceptedRecord
    readonly open: () => Lines
}

/**
 * Checks a file against exports: the first that proves it counts, and the last one's reason if none does. Makes the
 * copies of given masters again. Refuses `expert.master_mismatch` if no master belongs to the file.
 */
export async function expertIn(
    records: readonly NamedRecord[],
    { file }: SoundExpert,
    trust: Trust,
    masters: readonly Uint8Array[],
): Promise<AcceptedExpert | Rejected> {
    try {
        const made = remade(file, masters)
        const found = await placedIn(records, file, trust)
        return found.ok ? known(file, made, found) : { ...found, index: null }
    } catch (error) {
        return rejected(error)
    }
}

interface Found {
    readonly ok: true
    readonly documents: readonly Placed[]
    readonly record: string | null
}

function known(file: ExpertFile, made: ReadonlyMap<ExpertDocument, number>, found: Found): AcceptedExpert {
    const documents = file.documents.map((document, i) => {
        const { artifact, version, manifest, stated } = document
        const { leaf, firstCopy, copies } = found.documents[i] ?? { leaf: null, firstCopy: null, copies: null }
        return {
            artifact,
            version,
            manifest,
            verdict: stated.verdict,
            identified: stated.identified,
            leaf,
            firstCopy,
            copies,
            madeAgain: made.get(document) ?? null,
        }
    })
    const { attribution, recipients } = file
    return {
        ok: true,
        format: expertFormat,
        attribution,
        recipients: recipients.length,
        documents,
        record: found.record,
    }
}

function remade(file: ExpertFile, masters: readonly Uint8Array[]): Map<ExpertDocument, number> {
    const made = new Map<ExpertDocument, number>()
    for (const master of masters) {
        for (const document of documentsOf(file, master))
            made.set(document, madeAgain(document, file, master, cipherOf))
    }
    if (masters.length > 0 && made.size === 0)
        refuse("conflict", "expert.master_mismatch", "no master that was given is one of its versions'")
    return made
}

/** Finds the file in an export; without exports, in none. */
async function placedIn(
    records: readonly NamedRecord[],
    file: ExpertFile,
    trust: Trust,
): Promise<Found | MisplacedExpert> {
    let reason: MisplacedExpert | null = null
    for (const { path, record, open } of records) {
        const answer = await placeExpert(record, open, file, trust)
        if (answer.ok) return { ...answer, record: path }
        reason = answer
    }
    return reason ?? { ok: true, documents: [], record: null }
}

/** Describes an accepted expert file in words. */
export function expertInWords(acceptedExpert: AcceptedExpert): string {
    const many = acceptedExpert.documents.length === 1 ? "" : ` of ${acceptedExpert.documents.length} versions`
    const message = acceptedExpert.documents
        .map((acceptedDocument) => documentInWords(acceptedDocument, acceptedExpert.record))
        .join("; ")
    return `accepted: expert file${many}: ${acceptedExpert.recipients} weighed; ${message}`
}

function documentInWords(acceptedDocument: AcceptedDocument, record: string | null): string {
    const { artifact, version, identified, leaf, firstCopy, copies, madeAgain: made } = acceptedDocument
    const whom = identified.length === 0 ? "nobody" : identified.map((value) => `number ${value}`).join(", ")
    const again = made === null ? "" : `; ${made} copies made again, each the one that was handed out`
    const kind = `artifact ${artifact}, version ${version}, identified: ${whom}`
    if (leaf === null) return `${kind}; sound in itself, and in no record that was given${again}`
    const before = `before the first copy at leaf ${firstCopy}`
    const held = `${copies?.length ?? 0} copies, as it tells of them`
    return `${kind}; committed to at leaf ${leaf} of the record ${record}, ${before}; ${held}${again}`
}
