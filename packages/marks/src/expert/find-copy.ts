/**
 * Where an exported record proves an expert file: that its keys and slots were committed to before any copy was handed out,
 * that everybody who had one by then was weighed, and that the copies it tells of are those that were handed out.
 */
import { bytesToHex, hexToBytes } from "@noble/hashes/utils.js"
import { noncesOf } from "../code.ts"
import { type ExpertDocument, type ExpertFile, committedKind, nameOf } from "../expert.ts"
import { type AcceptedRecord, type Entry, verifyLines } from "@tocsin/audit-log/export"
import { nameOfPerson } from "../recipient.ts"
import { Refusal, refuse } from "@tocsin/base/refusal"
import { type Lines, type Trust, commit, isObject } from "@tocsin/audit-log/signed-note"

/** The kinds of leaf that tell of a copy: of a partner's, and of the own copy of a person of the operator, who caused it. */
const copyKind = "copy.delivered"
const ownCopyKind = "artifact.read"

/** Of one version. */
export interface Placed {
    /** The leaf of the record that commits to the key, the slots and the master. */
    readonly leaf: number
    /** The first leaf that tells of a copy of this version. */
    readonly firstCopy: number
    /** Of each copy that was handed out, the leaf that tells of it. */
    readonly copies: readonly { readonly number: number; readonly leaf: number }[]
}

export interface PlacedExpert {
    readonly ok: true
    /** In the file's order. */
    readonly documents: readonly Placed[]
}

export interface MisplacedExpert {
    readonly ok: false
    readonly code: string
    readonly why: string
}

/**
 * Where an accepted record proves the file. Refused where it does not: `expert.not_recorded`, `expert.commitment_too_late`,
 * `expert.recipients_mismatch`, `expert.copies_mismatch`.
 */
export async function placeExpert(
    record: AcceptedRecord,
    open: () => Lines,
    file: ExpertFile,
    trust: Trust,
): Promise<PlacedExpert | MisplacedExpert> {
    const looking = file.documents.map((document) => lookingFor(document, file))
    const verdict = await verifyLines(open(), trust, (entry) => look(entry, looking, file.attributedAt))
    const same = verdict.ok && verdict.format === record.format && verdict.root === record.root
    if (!same) throw new Error("the record has changed while it was read")
    try {
        return { ok: true, documents: looking.map(placed) }
    } catch (error) {
        if (!(error instanceof Refusal)) throw error
        return { ok: false, code: error.code, why: error.message }
    }
}

/** What is looked for of one version, and what was seen of it. */
interface Looking {
    readonly name: string
    readonly at: string
    readonly commitment: string
    /** The number of each copy that the file tells of, by nonce and salted hash. */
    readonly copies: ReadonlyMap<string, number>
    readonly nonces: ReadonlySet<string>
    leaf: number | null
    firstCopy: number | null
    readonly found: Map<string, number>
    /** Who had a copy by then and was not weighed; and how many copies of those who were the file keeps silent about. */
    readonly left: Set<string>
    silent: number
}

function lookingFor({ artifact, version, committed, copies }: ExpertDocument, { recipients }: ExpertFile): Looking {
    const { salt, body, at } = committed
    const leaf = commit(hexToBytes(salt), { body: body as Record<string, never>, kind: committedKind })
    const nonceOf = (number: number): string => recipients[number - 1]?.nonce ?? ""
    return {
        ...{ name: nameOf({ artifact, version }), at, commitment: bytesToHex(leaf) },
        copies: new Map(
            copies.flatMap(({ number, delivered }) =>
                delivered.map(({ copy }) => [`${nonceOf(number)} ${copy}`, number] as const),
            ),
        ),
        nonces: new Set(copies.map(({ number }) => nonceOf(number))),
        ...{ leaf: null, firstCopy: null, found: new Map(), left: new Set(), silent: 0 },
    }
}

function look(
    { index, at, kind, commitment, opening }: Entry,
    looking: readonly Looking[],
    attributedAt: string,
): void {
    if (kind === "sealed") {
        for (const item of looking) if (at === item.at && commitment === item.commitment) item.leaf ??= index
        return
    }
    if (opening === null || !isObject(opening.body)) return
    const { artifact, version, copy } = opening.body
    const recipient = recipientOf(kind, opening.body)
    if (recipient === null) return
    if (typeof artifact !== "string" || typeof version !== "number") return
    const input = looking.find(({ name }) => name === nameOf({ artifact, version }))
    if (input === undefined) return
    input.firstCopy ??= index
    const nonce = bytesToHex(noncesOf([recipient]))
    const known = `${nonce} ${typeof copy === "string" ? copy : ""}`
    if (input.copies.has(known)) input.found.set(known, index)
    else if (!(inOrder(at) < inOrder(attributedAt))) return
    else if (input.nonces.has(nonce)) input.silent += 1
    else input.left.add(nonce)
}

/** Null of a leaf that tells of no copy; where the master was read, no copy is named. */
function recipientOf(kind: string, { partner, by, copy }: Readonly<Record<string, unknown>>): string | null {
    if (kind === copyKind) return typeof partner === "string" ? partner : ""
    const isOwn = kind === ownCopyKind && typeof copy === "string" && typeof by === "string"
    return isOwn ? nameOfPerson(by) : null
}

/** Without the Z, instants stand in the order of their texts, whether or not they have milliseconds. */
const inOrder = (at: string): string => at.replace(/Z$/, "")

function placed({ leaf, firstCopy, copies, found, left, silent }: Looking): Placed {
    if (leaf === null || firstCopy === null)
        refuse("conflict", "expert.not_recorded", "the record commits to nothing of the kind, or is an older one")
    if (firstCopy < leaf)
        refuse(
            "conflict",
            "expert.commitment_too_late",
            `a copy was handed out at leaf \`${firstCopy}\`, before the commitment`,
        )
    if (left.size > 0)
        refuse(
            "conflict",
            "expert.recipients_mismatch",
            `the record names \`${left.size}\` more who had a copy by then`,
        )
    const made = copies.size - found.size
    if (silent > 0 || made > 0) {
        const text = `the record tells of \`${silent}\` copies that it does not, and of \`${made}\` of its own nothing`
        refuse("conflict", "expert.copies_mismatch", text)
    }
    const leaves = [...found].map(([known, at]) => ({ number: copies.get(known) ?? 0, leaf: at }))
    return { leaf, firstCopy, copies: leaves.toSorted((a, b) => a.leaf - b.leaf) }
}
