/**
 * Checks an expert file against an exported audit log. The log must commit to keys and slots before any copy was handed
 * out. All recipients that had a copy by then must have been weighed. The copies in the file must be those that were
 * handed out.
 */
import { bytesToHex, hexToBytes } from "@noble/hashes/utils.js"
import { noncesOf } from "../code.ts"
import { type ExpertDocument, type ExpertFile, committedKind, nameOf } from "../expert.ts"
import { type AcceptedRecord, type Entry, verifyLines } from "@tocsin/audit-log/export"
import { nameOfPerson } from "../recipient.ts"
import { Refusal, refuse } from "@tocsin/base/refusal"
import { type Lines, type Trust, commit, isObject } from "@tocsin/audit-log/signed-note"

/** The kinds of leaves for copies: partners' copies, and staff copies by the person who caused them. */
const copyKind = "copy.delivered"
const ownCopyKind = "artifact.read"

/** The leaves of one version. */
export interface Placed {
    /** The leaf that commits to the key, the slots and the master. */
    readonly leaf: number
    /** The first leaf of a copy of this version. */
    readonly firstCopy: number
    /** The leaf of each copy that was handed out. */
    readonly copies: readonly { readonly number: number; readonly leaf: number }[]
}

/** An expert file that the audit log proves. */
export interface PlacedExpert {
    readonly ok: true
    /** The versions in the file's order. */
    readonly documents: readonly Placed[]
}

/** The reason why the audit log does not prove the file. */
export interface MisplacedExpert {
    readonly ok: false
    readonly code: string
    readonly reason: string
}

/**
 * Finds the leaves that prove the file in an accepted export. The codes of failure are `expert.not_recorded`,
 * `expert.commitment_too_late`, `expert.recipients_mismatch` and `expert.copies_mismatch`.
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
        return { ok: false, code: error.code, reason: error.message }
    }
}

/** The search for one version, and what it found so far. */
interface Looking {
    readonly name: string
    readonly at: string
    readonly commitment: string
    /** The number of each copy in the file, by nonce and salted hash. */
    readonly copies: ReadonlyMap<string, number>
    readonly nonces: ReadonlySet<string>
    leaf: number | null
    firstCopy: number | null
    readonly found: Map<string, number>
    /** Recipients that had a copy by then and were not weighed; and the number of copies that the file omits. */
    readonly left: Set<string>
    silent: number
}

function lookingFor({ artifact, version, committed, copies }: ExpertDocument, { recipients }: ExpertFile): Looking {
    const { salt, body, at } = committed
    const leaf = commit(hexToBytes(salt), { body: body as Record<string, never>, kind: committedKind })
    const nonceOf = (number: number): string => recipients[number - 1]?.nonce ?? ""
    return {
        name: nameOf({ artifact, version }),
        at,
        commitment: bytesToHex(leaf),
        copies: new Map(
            copies.flatMap(({ number, delivered }) =>
                delivered.map(({ copy }) => [`${nonceOf(number)} ${copy}`, number] as const),
            ),
        ),
        nonces: new Set(copies.map(({ number }) => nonceOf(number))),
        leaf: null,
        firstCopy: null,
        found: new Map(),
        left: new Set(),
        silent: 0,
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

/** Reads the recipient of a leaf; null if the leaf is not about a copy. A reading of the master names no copy. */
function recipientOf(kind: string, { partner, by, copy }: Readonly<Record<string, unknown>>): string | null {
    if (kind === copyKind) return typeof partner === "string" ? partner : ""
    const isOwn = kind === ownCopyKind && typeof copy === "string" && typeof by === "string"
    return isOwn ? nameOfPerson(by) : null
}

/** Without the Z, instants sort like their texts, with or without milliseconds. */
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
