/**
 * The expert file: a document's opened key, its slots, everybody's word by number, what was read from a leak, and what was
 * concluded from it. It names nobody. docs/formats/marks.md tells how all of it is computed again.
 *
 * Here it is judged against itself and against an exported record: that the key and the slots were committed to before any
 * copy was handed out, and that everybody who had one by then was weighed.
 */
import { sha256 } from "@noble/hashes/sha2.js"
import { bytesToHex, hexToBytes } from "@noble/hashes/utils.js"
import { type Static, Type } from "typebox"
import { Check } from "typebox/value"
import { noncesOf } from "./code.ts"
import { manifestOf } from "./manifest.ts"
import { type AcceptedRecord, type Entry, verifyLines } from "./record.ts"
import { Refusal, refuse } from "./refusal.ts"
import { type Lines, type Trust, commit, isObject } from "./signed.ts"

export const expertFormat = "tocsin-expert/1"
/** The kind of leaf, sealed in the record, that commits to what makes every copy of a version. */
export const committedKind = "marks.committed"
/** The kind of leaf that tells of a copy. */
const copyKind = "copy.delivered"

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

const expertFile = Type.Object(
    {
        format: Type.Literal(expertFormat),
        attribution: Type.String(),
        /** When it was attributed, and so whose copies were weighed. */
        attributedAt: Type.String(),
        document: Type.Object(
            {
                ...{ artifact: Type.String(), version: Type.Integer(), epoch: Type.Integer() },
                colluders: Type.Union([Type.Literal(2), Type.Literal(4), Type.Literal(8)]),
                /** K_doc. */
                key: hex(32),
                /** SHA-256 of the master in UTF-8. */
                master: hex(32),
                manifest: hex(32),
            },
            closed,
        ),
        /** What opens the sealed leaf of the record that commits to the manifest. */
        committed: Type.Object(
            { at: Type.String(), salt: hex(16), body: Type.Record(Type.String(), Type.Unknown()) },
            closed,
        ),
        slots: Type.Array(slot),
        /** In the order of their names, which stand elsewhere: 1, 2, 3 … */
        recipients: Type.Array(
            Type.Object({ number: Type.Integer({ minimum: 1 }), nonce: hex(12), word: Type.Array(count) }, closed),
        ),
        /** Of each slot: the form that was read, `mixed`, or null where it was erased. */
        read: Type.Array(Type.Union([count, Type.Literal("mixed"), Type.Null()])),
        error: Type.Object(
            {
                /** Over all versions that the leak was held against, of which each has an equal part. */
                alpha: Type.Number(),
                versions: Type.Integer({ minimum: 1 }),
                shares: Type.Object({ whole: Type.Number(), joint: Type.Number(), parts: Type.Number() }, closed),
            },
            closed,
        ),
        stated: Type.Object(
            {
                verdict: Type.String(),
                slots: Type.Object({ total: count, read: count, erased: count, mixed: count }, closed),
                /** log10 of the e-value from which on somebody is accused, and of everybody's, by number. */
                bar: Type.Number(),
                log10e: Type.Array(Type.Tuple([Type.Integer({ minimum: 1 }), Type.Number()])),
                accused: numbers,
                together: Type.Array(Type.Object({ recipients: numbers, log10e: Type.Number() }, closed)),
                unmarked: Type.Object({ fits: count, log10lr: Type.Number(), explains: Type.Boolean() }, closed),
            },
            closed,
        ),
    },
    closed,
)

export type ExpertFile = Static<typeof expertFile>

/** As it is handed out: one line. */
export function writeExpert(file: ExpertFile): string {
    return `${JSON.stringify(file)}\n`
}

// --- Judging. Everything from here on is in the hands of whoever made the file.

/** Throws `expert.malformed`; `expert.other_manifest`, `expert.other_commitment` where the file contradicts itself. */
export function readExpert(text: string): ExpertFile {
    const file = parsed(text)
    const { artifact, version, epoch, colluders, key, master, manifest } = file.document
    const slots = sha256(new TextEncoder().encode(JSON.stringify(file.slots.map(asKept))))
    const copied = { artifact, version, colluders, slots, master: hexToBytes(master), key: hexToBytes(key) }
    if (bytesToHex(manifestOf(copied)) !== manifest) {
        refuse("invalid", "expert.other_manifest", "its key, its slots and its master do not give its manifest")
    }
    const { body } = file.committed
    const fits = body["artifact"] === artifact && body["version"] === version && body["epoch"] === epoch
    if (!fits || body["manifest"] !== manifest) {
        refuse("invalid", "expert.other_commitment", "what it says was committed is not what it holds")
    }
    return file
}

function parsed(text: string): ExpertFile {
    let value: unknown = null
    try {
        value = JSON.parse(text)
    } catch {
        malformed()
    }
    if (!Check(expertFile, value)) malformed()
    const { slots, recipients, read } = value
    const fits = read.length === slots.length && recipients.every(({ word }) => word.length === slots.length)
    return fits && recipients.every(({ number }, i) => number === i + 1) ? value : malformed()
}

function malformed(): never {
    refuse("invalid", "expert.malformed", "this is no expert file, or not a whole one")
}

/** In the order in which it was hashed. */
function asKept({ id, kind, robustness, variants }: ExpertFile["slots"][number]) {
    const edits = variants.map((all) => all.map(({ start, end, text, from }) => ({ start, end, text, from })))
    return { id, kind, robustness, variants: edits }
}

export interface PlacedExpert {
    readonly ok: true
    /** The leaf of the record that commits to the key, the slots and the master. */
    readonly leaf: number
    /** The first leaf that tells of a copy of this version. */
    readonly firstCopy: number
}

export interface MisplacedExpert {
    readonly ok: false
    readonly code: string
    readonly why: string
}

/**
 * Where an accepted record proves the file. Refused where it does not: `expert.not_in_record`, `expert.after_copy`,
 * `expert.other_recipients`.
 */
export async function placeExpert(
    record: AcceptedRecord,
    open: () => Lines,
    file: ExpertFile,
    trust: Trust,
): Promise<PlacedExpert | MisplacedExpert> {
    const seen: Seen = { leaf: null, firstCopy: null, partners: new Set() }
    const verdict = await verifyLines(open(), trust, (entry) => look(entry, file, seen))
    const same = verdict.ok && verdict.format === record.format && verdict.root === record.root
    if (!same) throw new Error("the record has changed while it was read")
    try {
        return { ok: true, ...placed(file, seen) }
    } catch (error) {
        if (!(error instanceof Refusal)) throw error
        return { ok: false, code: error.code, why: error.message }
    }
}

interface Seen {
    leaf: number | null
    firstCopy: number | null
    /** Who had a copy of this version before it was attributed. */
    readonly partners: Set<string>
}

function look(entry: Entry, { committed, document, attributedAt }: ExpertFile, seen: Seen): void {
    const { index, at, kind, commitment, opening } = entry
    if (kind === "sealed" && at === committed.at && commitment === commitmentOf(committed)) seen.leaf ??= index
    if (kind !== copyKind || opening === null || !isObject(opening.body)) return
    const { artifact, version, partner } = opening.body
    if (artifact !== document.artifact || version !== document.version) return
    seen.firstCopy ??= index
    if (typeof partner === "string" && inOrder(at) < inOrder(attributedAt)) seen.partners.add(partner)
}

/** Without the Z, instants stand in the order of their texts, whether or not they have milliseconds. */
const inOrder = (at: string): string => at.replace(/Z$/, "")

function commitmentOf({ salt, body }: ExpertFile["committed"]): string {
    return bytesToHex(commit(hexToBytes(salt), { body: body as Record<string, never>, kind: committedKind }))
}

function placed({ recipients }: ExpertFile, { leaf, firstCopy, partners }: Seen): Omit<PlacedExpert, "ok"> {
    if (leaf === null || firstCopy === null)
        refuse("conflict", "expert.not_in_record", "the record commits to nothing of the kind, or is an older one")
    if (firstCopy < leaf)
        refuse("conflict", "expert.after_copy", `a copy was handed out at leaf \`${firstCopy}\`, before the commitment`)
    const weighed = new Set(recipients.map(({ nonce }) => nonce))
    const left = [...partners].filter((one) => !weighed.has(bytesToHex(noncesOf([one]))))
    if (left.length > 0)
        refuse("conflict", "expert.other_recipients", `the record names \`${left.length}\` more who had a copy by then`)
    return { leaf, firstCopy }
}
