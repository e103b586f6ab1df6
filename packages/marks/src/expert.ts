/**
 * Reads and writes the expert file for an outside expert. For each version that a leak was recognised as, it has the
 * disclosed key, the slots, and all codewords by number. It also has the commitments to copies, the symbols read, and
 * the conclusions. It names no recipient. docs/reference/formats/marks.md says how to compute everything again.
 *
 * This module checks the file against itself. `expert/find-copy.ts` finds it in an audit log; `expert/copies.ts` makes
 * its copies again.
 */
import { sha256 } from "@noble/hashes/sha2.js"
import { bytesToHex, hexToBytes } from "@noble/hashes/utils.js"
import { type Static, Type } from "typebox"
import { Check } from "typebox/value"
import { manifestOf } from "./manifest.ts"
import { refuse } from "@tocsin/base/refusal"

/** The format identifier. */
export const expertFormat = "tocsin-expert-file/1"
/** The kind of the confidential leaf that commits to everything that decides the copies of a version. */
export const commitmentKind = "marks.committed"

const closed = { additionalProperties: false }
const hex = (bytes: number) => Type.String({ pattern: `^[0-9a-f]{${2 * bytes}}$` })
const count = Type.Integer({ minimum: 0 })
const numbers = Type.Array(Type.Integer({ minimum: 1 }))
const edit = Type.Object(
    { start: count, end: count, text: Type.String(), from: Type.Optional(Type.Tuple([count, count])) },
    closed,
)
const slot = Type.Object(
    {
        id: Type.String(),
        kind: Type.String(),
        robustness: Type.String(),
        variants: Type.Array(Type.Array(edit), { minItems: 2, maxItems: 256 }),
    },
    closed,
)

/** A copy that was handed out, as in its leaf: `copy` is SHA-256 of the salt and the copy. */
const delivered = Type.Object({ salt: hex(16), copy: hex(32) }, closed)

/** The symbols read of one version, and the conclusion. */
export const conclusionFields = {
    /** The version's part of the file's α, from 0 to 1. Default: an equal part for each version. */
    share: Type.Optional(Type.Number()),
    /** For a later try on one leak: log10 of each recipient's result from earlier tries, which `log10e` includes. */
    before: Type.Optional(Type.Array(Type.Tuple([Type.Integer({ minimum: 1 }), Type.Number()]))),
    /** The form read at each slot; `mixed`; or null if it was erased, or counted by an earlier try. */
    read: Type.Array(Type.Union([count, Type.Literal("mixed"), Type.Null()])),
    stated: Type.Object(
        {
            verdict: Type.String(),
            slots: Type.Object({ total: count, read: count, erased: count, mixed: count }, closed),
            /** log10 of the threshold, and of all e-values by number. */
            threshold: Type.Number(),
            log10e: Type.Array(Type.Tuple([Type.Integer({ minimum: 1 }), Type.Number()])),
            identified: numbers,
            together: Type.Array(Type.Object({ recipients: numbers, log10e: Type.Number() }, closed)),
            unmarked: Type.Object({ fits: count, log10lr: Type.Number(), explains: Type.Boolean() }, closed),
        },
        closed,
    ),
}

/** One version that the leak was recognised as, with everything needed to compute its result. */
const document = Type.Object(
    {
        artifact: Type.String(),
        version: Type.Integer(),
        epoch: Type.Integer(),
        colluders: Type.Union([Type.Literal(2), Type.Literal(4), Type.Literal(8)]),
        /** The key K_doc. */
        key: hex(32),
        /** SHA-256 of the master in UTF-8. */
        master: hex(32),
        manifest: hex(32),
        /** Present if copies have canaries: the zone of their hosts, null if no canary is a host. */
        canaries: Type.Optional(Type.Object({ zone: Type.Union([Type.String(), Type.Null()]) }, closed)),
        /** Opens the confidential leaf of the audit log that commits to the manifest. */
        committed: Type.Object(
            { at: Type.String(), salt: hex(16), body: Type.Record(Type.String(), Type.Unknown()) },
            closed,
        ),
        slots: Type.Array(slot),
        /** The copies of all recipients that had this version by then, in the order of their numbers. */
        copies: Type.Array(
            Type.Object(
                {
                    number: Type.Integer({ minimum: 1 }),
                    word: Type.Array(count),
                    delivered: Type.Array(delivered),
                },
                closed,
            ),
        ),
        ...conclusionFields,
    },
    closed,
)

const expertFile = Type.Object(
    {
        format: Type.Literal(expertFormat),
        attribution: Type.String(),
        /** When the leak was attributed. Copies up to then were weighed. */
        attributedAt: Type.String(),
        /** Numbers 1, 2, 3 … in the order of the recipients' names, which are not in this file. */
        recipients: Type.Array(Type.Object({ number: Type.Integer({ minimum: 1 }), nonce: hex(12) }, closed)),
        /** The versions, best fit first. */
        documents: Type.Array(document, { minItems: 1 }),
        error: Type.Object(
            {
                /** The error over all versions that the leak was compared with. Each has an equal part. */
                alpha: Type.Number(),
                /** The number of versions compared, including those whose keys stay closed. */
                versions: Type.Integer({ minimum: 1 }),
                shares: Type.Object({ whole: Type.Number(), joint: Type.Number(), parts: Type.Number() }, closed),
            },
            closed,
        ),
    },
    closed,
)

/** The content of an expert file. */
export type ExpertFile = Static<typeof expertFile>
/** One version in an expert file. */
export type ExpertDocument = ExpertFile["documents"][number]

/** Writes an expert file as one line. */
export function writeExpert(file: ExpertFile): string {
    return `${JSON.stringify(file)}\n`
}

// --- Verification. From here on, the input comes from the file's author and is not trusted.

/**
 * Reads an expert file. Refuses `expert.malformed`, and `expert.manifest_mismatch` or `expert.commitment_mismatch` if
 * the file contradicts itself.
 */
export function readExpert(text: string): ExpertFile {
    const file = parseExpert(text)
    for (const document of file.documents) validateCommitment(document)
    return file
}

function validateCommitment(expertDocument: ExpertDocument): void {
    const { artifact, version, epoch, colluders, key, master, manifest, canaries } = expertDocument
    const { body } = expertDocument.committed
    const slots = sha256(new TextEncoder().encode(JSON.stringify(expertDocument.slots.map(asStored))))
    const manifestInput = {
        artifact,
        version,
        colluders,
        slots,
        master: hexToBytes(master),
        key: hexToBytes(key),
        canaries,
    }
    if (bytesToHex(manifestOf(manifestInput)) !== manifest) {
        refuse("invalid", "expert.manifest_mismatch", "its manifest does not follow from its key, slots and master")
    }
    const isSameVersion = body["artifact"] === artifact && body["version"] === version && body["epoch"] === epoch
    if (!isSameVersion || body["manifest"] !== manifest) {
        refuse("invalid", "expert.commitment_mismatch", "its commitment differs from its content")
    }
}

function parseExpert(text: string): ExpertFile {
    let value: unknown = null
    try {
        value = JSON.parse(text)
    } catch {
        refuseMalformed()
    }
    if (!Check(expertFile, value)) refuseMalformed()
    const { recipients, documents, error } = value
    const names = documents.map(documentName)
    const isComplete =
        recipients.every(({ number }, i) => number === i + 1) &&
        documents.every((document) => isConsistent(document, recipients.length)) &&
        new Set(names).size === names.length &&
        names.length <= error.versions
    return isComplete ? value : refuseMalformed()
}

/**
 * Checks that codewords and readings have one entry for each slot, and that copies belong to distinct, listed
 * recipients.
 */
function isConsistent({ slots, copies, read }: ExpertDocument, recipients: number): boolean {
    const { length } = slots
    const rises = copies.every(({ number }, i) => number > (copies[i - 1]?.number ?? 0))
    const known = (copies.at(-1)?.number ?? 0) <= recipients
    const isNamed = new Set(slots.map(({ id }) => id)).size === length
    return isNamed && rises && known && read.length === length && copies.every(({ word }) => word.length === length)
}

/** Names a version uniquely. */
export function documentName({ artifact, version }: Pick<ExpertDocument, "artifact" | "version">): string {
    return `${artifact}:${version}`
}

function refuseMalformed(): never {
    refuse("invalid", "expert.malformed", "the file is not a valid expert file")
}

/** Writes a slot in the field order of its hash. */
function asStored({ id, kind, robustness, variants }: ExpertDocument["slots"][number]) {
    const edits = variants.map((variant) => variant.map(({ start, end, text, from }) => ({ start, end, text, from })))
    return { id, kind, robustness, variants: edits }
}
