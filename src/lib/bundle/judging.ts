/**
 * Judges the bundle of an inquiry: that its leaves stand under the signed head, that each thing it tells is what a leaf tells,
 * that no leaf it carries tells of a thing it is silent about, and that each finding has two hands.
 */
import { sha256 } from "@noble/hashes/sha2.js"
import { bytesToHex, hexToBytes } from "@noble/hashes/utils.js"
import { type Bundle, type Leaf, bundleFormat, toldKinds } from "../bundle.ts"
import { type Json, canonical, canonicalBytes } from "../canonical.ts"
import type { Checkpoint } from "../checkpoint.ts"
import { noncesOf } from "../code.ts"
import { type ExpertDocument, type ExpertFile, committedKind, nameOf } from "../expert.ts"
import { parseInstant } from "../instant.ts"
import { provesInclusion } from "../merkle.ts"
import { leafOf } from "../record.ts"
import { refuse } from "../refusal.ts"
import { type Signed, type Trust, commit, judgeHead } from "../signed.ts"

export interface AcceptedBundle extends Signed {
    readonly ok: true
    readonly format: typeof bundleFormat
    readonly inquiry: string
    readonly case: string
    readonly madeAt: string
    /** Of the record at that head. */
    readonly size: number
    readonly root: string
    readonly leaves: number
    readonly evidence: number
    readonly attributions: number
    readonly questions: number
    readonly findings: number
    /** By two. */
    readonly confirmed: number
    /** Findings that were proposed before the signature covered their words in a way that others can check. */
    readonly wordsUnproven: number
    /** Expert files beside it that open what it states, and state the same. */
    readonly opened: number
}

/** Throws `bundle.…`, and what a head throws. */
export function judgeBundle(its: Bundle, trust: Trust): AcceptedBundle {
    const { head, who } = judgeHead(its as unknown as Record<string, Json>, trust)
    mustStand(its.leaves, head)
    const claims = claimsOf(its)
    for (const one of claims) mustBeOnRecord(its.leaves, one)
    for (const kind of toldKinds) mustBeWhole(its.leaves, claims, kind)
    for (const one of its.explanations) mustBeLastWeighed(its, one)
    for (const one of its.attributions) mustNameWhoItNames(its, one)
    for (const one of its.findings) mustBeSigned(its, one)
    return {
        ...{ ok: true, format: bundleFormat, ...who, inquiry: its.inquiry, case: its.case, madeAt: its.madeAt },
        ...{ size: head.size, root: bytesToHex(head.root), leaves: its.leaves.length },
        ...{ evidence: its.evidence.length, attributions: its.attributions.length, questions: its.questions.length },
        findings: its.findings.length,
        confirmed: its.findings.filter(({ confirmedAt }) => confirmedAt !== null).length,
        wordsUnproven: its.findings.filter((one) => one.salt === null).length,
        opened: 0,
    }
}

function mustStand(leaves: readonly Leaf[], { size, root }: Checkpoint): void {
    let before = -1
    for (const { index, at, kind, sealed, salt, body, path } of leaves) {
        if (!(index > before)) refuse("invalid", "bundle.out_of_place", `leaf \`${index}\` stands out of place`)
        before = index
        const shown = body as { [name: string]: Json }
        const commitment = bytesToHex(commit(hexToBytes(salt), sealed ? { kind, body: shown } : shown))
        const hash = leafOf({ at, kind: sealed ? "sealed" : kind, commitment })
        if (provesInclusion(path.map(hexToBytes), hash, index, size, root)) continue
        refuse("invalid", "bundle.altered", `leaf \`${index}\` is not what was signed`)
    }
}

/** What a leaf has to say. */
interface Claim {
    readonly kind: string
    /** Null: whenever. */
    readonly at: string | null
    readonly body: Readonly<Record<string, Json>>
}

function mustBeOnRecord(leaves: readonly Leaf[], { kind, at, body }: Claim): Leaf {
    const found = leaves.find((leaf) => leaf.kind === kind && (at === null || leaf.at === at) && says(leaf, body))
    return found ?? refuse("invalid", "bundle.not_on_record", `no leaf says \`${kind}\` as the bundle tells it`)
}

function says(leaf: Leaf, body: Readonly<Record<string, Json>>): boolean {
    return Object.entries(body).every(([name, value]) => same(leaf.body[name] ?? null, value))
}

const same = (a: unknown, b: unknown): boolean => canonical(a) === canonical(b)

function mustBeWhole(leaves: readonly Leaf[], claims: readonly Claim[], kind: string): void {
    const told = new Set(claims.filter((one) => one.kind === kind).map((one) => canonical(one.body)))
    if (leaves.filter((leaf) => leaf.kind === kind).length === told.size) return
    refuse("invalid", "bundle.left_out", `its leaves say \`${kind}\` more or less often than the bundle tells of it`)
}

const words = (salt: string, its: Json): string => bytesToHex(commit(hexToBytes(salt), its))

function claimsOf(its: Bundle): Claim[] {
    const { inquiry } = its
    const opened = { inquiry, case: its.case, by: its.openedBy }
    return [
        { kind: "inquiry.opened", at: its.openedAt, body: opened },
        ...its.keptOut.map(({ person, wasMember, reason, salt, by, at }) => ({
            ...{ kind: "inquiry.kept_out", at },
            body: { inquiry, person, wasMember, by, words: words(salt, { reason }) },
        })),
        ...its.turns.map(({ kind, outcome, reason, salt, by, at }) => ({
            ...{ kind: `inquiry.${kind}`, at },
            body: { inquiry, by, words: words(salt, { outcome, reason }) },
        })),
        ...its.evidence.map(({ id, kind, sha256: hash, seenAt, filedBy, filedAt }) => ({
            ...{ kind: "evidence.filed", at: filedAt },
            body: { evidence: id, what: kind, sha256: hash, seenAt: parseInstant(seenAt), by: filedBy },
        })),
        ...its.attributions.flatMap(claimsOfAttribution),
        ...its.questions.flatMap((one) => claimsOfQuestion(one, inquiry)),
        ...its.findings.flatMap((one) => claimsOfFinding(one, inquiry)),
    ]
}

function claimsOfAttribution({ id, evidence, verdict, alpha, at, documents }: Bundle["attributions"][number]): Claim[] {
    const made = { attribution: id, evidence, verdict, alpha }
    return [
        { kind: "attribution.made", at, body: made },
        ...documents.map(({ artifact, version, epoch, manifest }) => ({
            ...{ kind: committedKind, at: null },
            body: { artifact, version, epoch, manifest },
        })),
    ]
}

function claimsOfQuestion(its: Bundle["questions"][number], inquiry: string): Claim[] {
    const { id, kind, partner, finding, text, salt, askedBy, askedAt, answer } = its
    const about = { question: id, inquiry, partner }
    const asked = {
        asks: kind,
        finding,
        answerBy: parseInstant(its.answerBy),
        by: askedBy,
        words: words(salt, { text }),
    }
    const claims = [{ kind: "question.asked", at: askedAt, body: { ...about, ...asked } }]
    if (answer === null) return claims
    const { by, at, deleted } = answer
    const said = { by, words: words(answer.salt, { deleted, text: answer.text }) }
    return [...claims, { kind: "question.answered", at, body: { ...about, ...said } }]
}

function claimsOfFinding(its: Bundle["findings"][number], inquiry: string): Claim[] {
    const { id: finding, partner, approval, proposedBy, proposedAt, confirmedAt, unheard } = its
    const about = { finding, inquiry, partner }
    const proposed = { ...about, approval, by: proposedBy }
    const claims: Claim[] = [{ kind: "finding.proposed", at: proposedAt, body: proposed }]
    if (confirmedAt === null) return claims
    const confirmed = { ...about, words: unheard && words(unheard.salt, { reason: unheard.reason }) }
    return [...claims, { kind: "finding.confirmed", at: confirmedAt, body: confirmed }]
}

/** Each was written over until its last words: those are what the last leaf of it commits to. */
function mustBeLastWeighed({ leaves }: Bundle, its: Bundle["explanations"][number]): void {
    const last = leaves.findLast((leaf) => leaf.kind === "inquiry.weighed" && leaf.body["hypothesis"] === its.key)
    const told = its.salt === null ? null : words(its.salt, { for: its.for, against: its.against })
    if (same(last?.body["words"] ?? null, told)) return
    refuse("invalid", "bundle.not_on_record", `what speaks for and against \`${its.key}\` is not what was last written`)
}

/** By the version that it fits best. */
function mustNameWhoItNames({ leaves }: Bundle, its: Bundle["attributions"][number]): void {
    const byNumber = new Map(its.numbers.map(({ number, recipient }) => [number, recipient]))
    const made = leaves.find((leaf) => leaf.kind === "attribution.made" && leaf.body["attribution"] === its.id)
    const [best] = its.documents
    const isBest = best?.artifact === made?.body["artifact"] && best?.version === made?.body["version"]
    if (best === undefined || !isBest) return
    const named = best.stated.accused.map((one) => byNumber.get(one) ?? "").toSorted()
    if (same(named, [...((made?.body["accused"] ?? []) as string[])].toSorted())) return
    refuse("invalid", "bundle.other_accused", `attribution \`${its.id}\` names others than the record says`)
}

/** Asked by one and signed by another over the same effects, which hold these words. */
function mustBeSigned({ inquiry, leaves }: Bundle, its: Bundle["findings"][number]): void {
    const { approval, proposedBy, signedBy, confirmedAt, effects } = its
    const effectsHash = bytesToHex(sha256(canonicalBytes(effects)))
    const signed = { approval, act: "inquiry.finding", effectsHash }
    mustBeOnRecord(leaves, { kind: "approval.requested", at: null, body: { ...signed, by: proposedBy } })
    const { id: finding, partner, conclusion, confidence, obligation, salt } = its
    const detail = effects["detail"] as Record<string, unknown>
    const digest = salt === null ? null : words(salt, { finding, partner, conclusion, confidence, obligation })
    const fits = detail["finding"] === finding && detail["inquiry"] === inquiry
    if (!fits || (digest !== null && detail["digest"] !== digest)) {
        refuse("invalid", "bundle.other_words", `finding \`${finding}\` says other words than were signed`)
    }
    if (confirmedAt === null) return
    if (signedBy === null || signedBy === proposedBy) {
        refuse("invalid", "bundle.one_hand", `finding \`${finding}\` was not signed by a second person`)
    }
    mustBeOnRecord(leaves, { kind: "approval.signed", at: null, body: { ...signed, by: signedBy } })
    mustBeOnRecord(leaves, { kind: "approval.used", at: null, body: { approval } })
}

/**
 * Whether an expert file opens what the bundle states: false where it is of no attribution of it. Throws
 * `bundle.other_expert` where the two do not state the same.
 */
export function opensWhatIsStated(its: Bundle, { attribution, recipients, documents }: ExpertFile): boolean {
    const stated = its.attributions.find(({ id }) => id === attribution)
    if (stated === undefined) return false
    const nonces = stated.numbers.map(({ recipient }) => bytesToHex(noncesOf([recipient])))
    const isSame =
        same(
            nonces,
            recipients.map(({ nonce }) => nonce),
        ) &&
        documents.length === stated.documents.length &&
        stated.documents.every((one) => {
            const open = documents.find((other) => nameOf(other) === nameOf(one))
            return open !== undefined && same(concludedOf(open), concludedOf(one))
        })
    if (isSame) return true
    refuse("conflict", "bundle.other_expert", "the expert file of one of its attributions does not state the same")
}

const concludedOf = ({ manifest, read, stated }: Pick<ExpertDocument, "manifest" | "read" | "stated">) => ({
    ...{ manifest, read, stated },
})
