/**
 * Checks an expert file against an exported audit log. The log must commit to keys and slots before any copy was handed
 * out. All recipients that had a copy by then must have been weighed. The copies in the file must be those that were
 * handed out.
 */
import { bytesToHex, hexToBytes } from "@noble/hashes/utils.js"
import { noncesOf } from "../code.ts"
import { type ExpertDocument, type ExpertFile, commitmentKind, documentName } from "../expert.ts"
import { type AcceptedExport, type Entry, verifyLines } from "@tocsin/audit-log/export"
import { nameOfPerson } from "../recipient.ts"
import { Refusal, refuse } from "@tocsin/base/refusal"
import { type Lines, type Trust, commit, isObject } from "@tocsin/audit-log/signed-note"

/** The kinds of leaves for copies: partners' copies, and staff copies by the person who caused them. */
const copyKind = "copy.delivered"
const staffCopyKind = "artifact.read"

/** The leaves of one version. */
export interface DocumentLeaves {
    /** The leaf that commits to the key, the slots and the master. */
    readonly leaf: number
    /** The first leaf of a copy of this version. */
    readonly firstCopy: number
    /** The leaf of each copy that was handed out. */
    readonly copies: readonly { readonly number: number; readonly leaf: number }[]
}

/** An expert file that the audit log proves. */
export interface FoundExpert {
    readonly ok: true
    /** The versions in the file's order. */
    readonly documents: readonly DocumentLeaves[]
}

/** The reason why the audit log does not prove the file. */
export interface MissingExpert {
    readonly ok: false
    readonly code: string
    readonly reason: string
}

/**
 * Finds the leaves that prove the file in an accepted export. The codes of failure are `expert.not_recorded`,
 * `expert.commitment_too_late`, `expert.recipients_mismatch` and `expert.copies_mismatch`.
 */
export async function findExpertInExport(
    exported: AcceptedExport,
    openExport: () => Lines,
    file: ExpertFile,
    trust: Trust,
): Promise<FoundExpert | MissingExpert> {
    const searches = file.documents.map((document) => searchFor(document, file))
    const verdict = await verifyLines(openExport(), trust, (entry) => matchEntry(entry, searches, file.attributedAt))
    const isSame = verdict.ok && verdict.format === exported.format && verdict.root === exported.root
    if (!isSame) throw new Error("the export changed while it was read: verify it again")
    try {
        return { ok: true, documents: searches.map(leavesFound) }
    } catch (error) {
        if (!(error instanceof Refusal)) throw error
        return { ok: false, code: error.code, reason: error.message }
    }
}

/** The search for one version, and what it found so far. */
interface DocumentSearch {
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
    readonly unweighed: Set<string>
    omittedCopies: number
}

function searchFor(
    { artifact, version, committed, copies }: ExpertDocument,
    { recipients }: ExpertFile,
): DocumentSearch {
    const { salt, body, at } = committed
    const leaf = commit(hexToBytes(salt), { body: body as Record<string, never>, kind: commitmentKind })
    const nonceOf = (number: number): string => recipients[number - 1]?.nonce ?? ""
    return {
        name: documentName({ artifact, version }),
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
        unweighed: new Set(),
        omittedCopies: 0,
    }
}

function matchEntry(
    { index, at, kind, commitment, opening }: Entry,
    searches: readonly DocumentSearch[],
    attributedAt: string,
): void {
    if (kind === "confidential") {
        for (const item of searches) if (at === item.at && commitment === item.commitment) item.leaf ??= index
        return
    }
    if (opening === null || !isObject(opening.body)) return
    const { artifact, version, copy } = opening.body
    const recipient = recipientOf(kind, opening.body)
    if (recipient === null) return
    if (typeof artifact !== "string" || typeof version !== "number") return
    const search = searches.find(({ name }) => name === documentName({ artifact, version }))
    if (search === undefined) return
    search.firstCopy ??= index
    const nonce = bytesToHex(noncesOf([recipient]))
    const copyKey = `${nonce} ${typeof copy === "string" ? copy : ""}`
    if (search.copies.has(copyKey)) search.found.set(copyKey, index)
    else if (!(sortableInstant(at) < sortableInstant(attributedAt))) return
    else if (search.nonces.has(nonce)) search.omittedCopies += 1
    else search.unweighed.add(nonce)
}

/** Reads the recipient of a leaf; null if the leaf is not about a copy. A reading of the master names no copy. */
function recipientOf(kind: string, { partner, by, copy }: Readonly<Record<string, unknown>>): string | null {
    if (kind === copyKind) return typeof partner === "string" ? partner : ""
    const isOwn = kind === staffCopyKind && typeof copy === "string" && typeof by === "string"
    return isOwn ? nameOfPerson(by) : null
}

/** Without the Z, instants sort like their texts, with or without milliseconds. */
const sortableInstant = (at: string): string => at.replace(/Z$/, "")

function leavesFound({ leaf, firstCopy, copies, found, unweighed, omittedCopies }: DocumentSearch): DocumentLeaves {
    if (leaf === null || firstCopy === null)
        refuse(
            "conflict",
            "expert.not_recorded",
            "the audit log has no commitment to this file: use an export made after the attribution",
        )
    if (firstCopy < leaf)
        refuse(
            "conflict",
            "expert.commitment_too_late",
            `a copy was handed out at leaf \`${firstCopy}\`, before the commitment`,
        )
    if (unweighed.size > 0)
        refuse(
            "conflict",
            "expert.recipients_mismatch",
            `the audit log names \`${unweighed.size}\` other recipients that had a copy by then`,
        )
    const unmatched = copies.size - found.size
    if (omittedCopies > 0 || unmatched > 0) {
        const text =
            `the file omits \`${omittedCopies}\` copies of the audit log, ` +
            `and has \`${unmatched}\` that the log lacks`
        refuse("conflict", "expert.copies_mismatch", text)
    }
    const leaves = [...found].map(([known, at]) => ({ number: copies.get(known) ?? 0, leaf: at }))
    return { leaf, firstCopy, copies: leaves.toSorted((a, b) => a.leaf - b.leaf) }
}
