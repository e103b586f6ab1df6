/** Verifies expert files for `tocsin verify`. Each file must be valid, and one of the exports must commit to it. */
import { documentsOf, countReproducedCopies } from "../expert/copies.ts"
import { type MissingExpert, type DocumentLeaves, findExpertInExport } from "../expert/find-copy.ts"
import { type ExpertDocument, type ExpertFile, expertFormat, readExpert } from "../expert.ts"
import type { AcceptedExport, Rejection } from "@tocsin/audit-log/export"
import { refuse } from "@tocsin/base/refusal"
import type { Lines, Trust } from "@tocsin/audit-log/signed-note"
import { cipherOf } from "./files-and-keys.ts"
import { rejectionOf, readWhole } from "./whole-file.ts"

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
    readonly reproduced: number | null
}

/** The result for a file that is valid in itself. */
export interface AcceptedExpert {
    readonly ok: true
    readonly format: typeof expertFormat
    readonly attribution: string
    readonly recipients: number
    readonly documents: readonly AcceptedDocument[]
    /** The path of the export that commits to the file; null if no export was given. */
    readonly auditLog: string | null
}

/** An expert file that is valid in itself. */
export interface ValidExpert {
    readonly ok: true
    readonly file: ExpertFile
}

const expertStart = /^\s*\{\s*"format"\s*:\s*"tocsin-expert-file\/1"/

/** Reads and verifies an expert file; null if the file begins as something else. */
export async function verifyExpertFile(chunks: AsyncIterable<Uint8Array>): Promise<ValidExpert | Rejection | null> {
    try {
        const text = await readWhole(chunks, expertStart, () =>
            refuse("invalid", "expert.too_long", "the file is too long to be an expert file"),
        )
        return text === null ? null : { ok: true, file: readExpert(text) }
    } catch (error) {
        return rejectionOf(error)
    }
}

/** An accepted export with its path. */
export interface NamedExport {
    readonly path: string
    readonly accepted: AcceptedExport
    readonly open: () => Lines
}

/**
 * Checks a file against exports: the first that proves it counts, and the last one's reason if none does. Makes the
 * copies of given masters again. Refuses `expert.master_mismatch` if no master belongs to the file.
 */
export async function checkExpertInExports(
    exports: readonly NamedExport[],
    { file }: ValidExpert,
    trust: Trust,
    masters: readonly Uint8Array[],
): Promise<AcceptedExpert | Rejection> {
    try {
        const reproduced = reproduceCopies(file, masters)
        const found = await findInExports(exports, file, trust)
        return found.ok ? acceptedExpert(file, reproduced, found) : { ...found, index: null }
    } catch (error) {
        return rejectionOf(error)
    }
}

interface FoundExpert {
    readonly ok: true
    readonly documents: readonly DocumentLeaves[]
    readonly auditLog: string | null
}

function acceptedExpert(
    file: ExpertFile,
    reproduced: ReadonlyMap<ExpertDocument, number>,
    found: FoundExpert,
): AcceptedExpert {
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
            reproduced: reproduced.get(document) ?? null,
        }
    })
    const { attribution, recipients } = file
    return {
        ok: true,
        format: expertFormat,
        attribution,
        recipients: recipients.length,
        documents,
        auditLog: found.auditLog,
    }
}

function reproduceCopies(file: ExpertFile, masters: readonly Uint8Array[]): Map<ExpertDocument, number> {
    const reproduced = new Map<ExpertDocument, number>()
    for (const master of masters) {
        for (const document of documentsOf(file, master))
            reproduced.set(document, countReproducedCopies(document, file, master, cipherOf))
    }
    if (masters.length > 0 && reproduced.size === 0)
        refuse(
            "conflict",
            "expert.master_mismatch",
            "no given master belongs to a version in the expert file: give the right master",
        )
    return reproduced
}

/** Finds the file in an export; without exports, in none. */
async function findInExports(
    exports: readonly NamedExport[],
    file: ExpertFile,
    trust: Trust,
): Promise<FoundExpert | MissingExpert> {
    let reason: MissingExpert | null = null
    for (const { path, accepted, open } of exports) {
        const answer = await findExpertInExport(accepted, open, file, trust)
        if (answer.ok) return { ...answer, auditLog: path }
        reason = answer
    }
    return reason ?? { ok: true, documents: [], auditLog: null }
}

/** Describes an accepted expert file in words. */
export function expertText(acceptedExpert: AcceptedExpert): string {
    const many = acceptedExpert.documents.length === 1 ? "" : ` of ${acceptedExpert.documents.length} versions`
    const message = acceptedExpert.documents
        .map((acceptedDocument) => documentText(acceptedDocument, acceptedExpert.auditLog))
        .join("; ")
    return `accepted: expert file${many}: ${acceptedExpert.recipients} weighed; ${message}`
}

function documentText(acceptedDocument: AcceptedDocument, auditLog: string | null): string {
    const { artifact, version, identified, leaf, firstCopy, copies, reproduced } = acceptedDocument
    const identifiedText = identified.length === 0 ? "no copy" : identified.map((value) => `number ${value}`).join(", ")
    const again =
        reproduced === null ? "" : `; ${reproduced} copies reproduced, and each matches the one that was handed out`
    const heading = `artifact ${artifact}, version ${version}, identified: ${identifiedText}`
    if (leaf === null) return `${heading}; consistent in itself, but not compared with an audit log${again}`
    const before = `before the first copy at leaf ${firstCopy}`
    const held = `${copies?.length ?? 0} copies as in the audit log`
    return `${heading}; committed to at leaf ${leaf} of the audit log ${auditLog}, ${before}; ${held}${again}`
}
