/**
 * The expert file: of each version that a leak was recognised as, the opened key, the slots, everybody's word by number, what
 * commits to the copies that were handed out, what was read, and what was concluded. It names nobody.
 * docs/reference/formats/marks.md tells how all of it is computed again.
 *
 * Here it is judged against itself; `expert/placing.ts` looks for it in a record, `expert/copies.ts` makes its copies again.
 */
import { sha256 } from "@noble/hashes/sha2.js"
import { bytesToHex, hexToBytes } from "@noble/hashes/utils.js"
import { type Static, Type } from "typebox"
import { Check } from "typebox/value"
import { manifestOf } from "./manifest.ts"
import { refuse } from "@tocsin/base/refusal"

export const expertFormat = "tocsin-expert-file/1"
/** The kind of leaf, sealed in the record, that commits to what makes every copy of a version. */
export const committedKind = "marks.committed"

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
        ...{ id: Type.String(), kind: Type.String(), robustness: Type.String() },
        variants: Type.Array(Type.Array(edit), { minItems: 2, maxItems: 256 }),
    },
    closed,
)

/** A copy that was handed out: as in the leaf that tells of it, `copy` is SHA-256 of the salt and the copy. */
const delivered = Type.Object({ salt: hex(16), copy: hex(32) }, closed)

/** What was read of one version, and what was concluded from it. */
export const concluded = {
    /** Its part of the file's α, from 0 to 1; where it is missing, an equal part for each version. */
    share: Type.Optional(Type.Number()),
    /** Of a later try on one leak: log10 of what earlier tries brought each recipient, which `log10e` adds to. */
    before: Type.Optional(Type.Array(Type.Tuple([Type.Integer({ minimum: 1 }), Type.Number()]))),
    /** Of each slot: the form that was read, `mixed`, or null where it was erased, or counted by an earlier try. */
    read: Type.Array(Type.Union([count, Type.Literal("mixed"), Type.Null()])),
    stated: Type.Object(
        {
            verdict: Type.String(),
            slots: Type.Object({ total: count, read: count, erased: count, mixed: count }, closed),
            /** log10 of the e-value from which on somebody is identified, and of everybody's, by number. */
            bar: Type.Number(),
            log10e: Type.Array(Type.Tuple([Type.Integer({ minimum: 1 }), Type.Number()])),
            identified: numbers,
            together: Type.Array(Type.Object({ recipients: numbers, log10e: Type.Number() }, closed)),
            unmarked: Type.Object({ fits: count, log10lr: Type.Number(), explains: Type.Boolean() }, closed),
        },
        closed,
    ),
}

/** One version that the leak was recognised as, and all that follows from it. */
const document = Type.Object(
    {
        ...{ artifact: Type.String(), version: Type.Integer(), epoch: Type.Integer() },
        colluders: Type.Union([Type.Literal(2), Type.Literal(4), Type.Literal(8)]),
        /** K_doc. */
        key: hex(32),
        /** SHA-256 of the master in UTF-8. */
        master: hex(32),
        manifest: hex(32),
        /** Where copies have canaries: the zone of their hosts, null where none of them is one. */
        canaries: Type.Optional(Type.Object({ zone: Type.Union([Type.String(), Type.Null()]) }, closed)),
        /** What opens the sealed leaf of the record that commits to the manifest. */
        committed: Type.Object(
            { at: Type.String(), salt: hex(16), body: Type.Record(Type.String(), Type.Unknown()) },
            closed,
        ),
        slots: Type.Array(slot),
        /** Of everybody who had this version by then, in the order of their numbers. */
        copies: Type.Array(
            Type.Object(
                {
                    ...{ number: Type.Integer({ minimum: 1 }), word: Type.Array(count) },
                    delivered: Type.Array(delivered),
                },
                closed,
            ),
        ),
        ...concluded,
    },
    closed,
)

const expertFile = Type.Object(
    {
        format: Type.Literal(expertFormat),
        attribution: Type.String(),
        /** When it was attributed, and so whose copies were weighed. */
        attributedAt: Type.String(),
        /** In the order of their names, which stand elsewhere: 1, 2, 3 … */
        recipients: Type.Array(Type.Object({ number: Type.Integer({ minimum: 1 }), nonce: hex(12) }, closed)),
        /** First the version that it fits best. */
        documents: Type.Array(document, { minItems: 1 }),
        error: Type.Object(
            {
                /** Over all versions that the leak was held against, of which each has an equal part. */
                alpha: Type.Number(),
                /** Those too that it was not recognised as, which stay closed. */
                versions: Type.Integer({ minimum: 1 }),
                shares: Type.Object({ whole: Type.Number(), joint: Type.Number(), parts: Type.Number() }, closed),
            },
            closed,
        ),
    },
    closed,
)

export type ExpertFile = Static<typeof expertFile>
export type ExpertDocument = ExpertFile["documents"][number]

/** As it is handed out: one line. */
export function writeExpert(file: ExpertFile): string {
    return `${JSON.stringify(file)}\n`
}

// --- Judging. Everything from here on is in the hands of whoever made the file.

/** Throws `expert.malformed`; `expert.manifest_mismatch`, `expert.commitment_mismatch` where the file contradicts itself. */
export function readExpert(text: string): ExpertFile {
    const file = parsed(text)
    for (const document of file.documents) validateCommitted(document)
    return file
}

function validateCommitted(input: ExpertDocument): void {
    const { artifact, version, epoch, colluders, key, master, manifest, canaries } = input
    const { body } = input.committed
    const slots = sha256(new TextEncoder().encode(JSON.stringify(input.slots.map(asKept))))
    const copied = { artifact, version, colluders, slots, master: hexToBytes(master), key: hexToBytes(key), canaries }
    if (bytesToHex(manifestOf(copied)) !== manifest) {
        refuse("invalid", "expert.manifest_mismatch", "its key, its slots and its master do not give its manifest")
    }
    const fits = body["artifact"] === artifact && body["version"] === version && body["epoch"] === epoch
    if (!fits || body["manifest"] !== manifest) {
        refuse("invalid", "expert.commitment_mismatch", "what it says was committed is not what it holds")
    }
}

function parsed(text: string): ExpertFile {
    let value: unknown = null
    try {
        value = JSON.parse(text)
    } catch {
        malformed()
    }
    if (!Check(expertFile, value)) malformed()
    const { recipients, documents, error } = value
    const names = documents.map(nameOf)
    const fits =
        recipients.every(({ number }, i) => number === i + 1) &&
        documents.every((document) => isWhole(document, recipients.length)) &&
        new Set(names).size === names.length &&
        names.length <= error.versions
    return fits ? value : malformed()
}

/** A word and what was read are as long as there are slots, and whoever had a copy is one of the recipients, once. */
function isWhole({ slots, copies, read }: ExpertDocument, recipients: number): boolean {
    const { length } = slots
    const rises = copies.every(({ number }, i) => number > (copies[i - 1]?.number ?? 0))
    const known = (copies.at(-1)?.number ?? 0) <= recipients
    const isNamed = new Set(slots.map(({ id }) => id)).size === length
    return isNamed && rises && known && read.length === length && copies.every(({ word }) => word.length === length)
}

/** What tells a version from all others. */
export function nameOf({ artifact, version }: Pick<ExpertDocument, "artifact" | "version">): string {
    return `${artifact}:${version}`
}

function malformed(): never {
    refuse("invalid", "expert.malformed", "this is no expert file, or not a whole one")
}

/** In the order in which it was hashed. */
function asKept({ id, kind, robustness, variants }: ExpertDocument["slots"][number]) {
    const edits = variants.map((variant) => variant.map(({ start, end, text, from }) => ({ start, end, text, from })))
    return { id, kind, robustness, variants: edits }
}
