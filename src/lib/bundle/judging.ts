/**
 * Judges the bundle of an inquiry: that its leaves stand under the signed head, that each thing it tells is what a leaf tells,
 * that no leaf it carries tells of a thing it is silent about, and that each finding has two hands.
 */
import { bytesToHex } from "@noble/hashes/utils.js"
import { type Bundle, bundleFormat, providedKinds, toldKinds, touchedKind } from "../bundle.ts"
import type { Json } from "../canonical.ts"
import { noncesOf } from "../code.ts"
import { type ExpertDocument, type ExpertFile, committedKind, nameOf } from "../expert.ts"
import { parseInstant } from "../instant.ts"
import { refuse } from "../refusal.ts"
import { type Signed, type Trust, judgeHead } from "../signed.ts"
import { identifiedUnproven, mustBeAttested, mustBeSigned, mustBeWeighed } from "./concluded.ts"
import { claimOfTurn, mustBeItsEvidence, mustBeMembers, mustHaveGone } from "./course.ts"
import { type Claim, mustBeOnRecord, mustBeOnce, mustBeWhole, mustStand, same, words } from "./leaves.ts"
import { claimsOfProvisions, mustBeProvided } from "./provided.ts"
import { mustBeTimed } from "./timed.ts"
import { claimOfTouch, isNamed, mustBeItsName } from "./touched.ts"

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
    /** Findings and explanations whose words are older than what proves words: these may be anybody's. */
    readonly wordsUnproven: number
    readonly touches: number
    readonly provisions: number
    /** Touches whose name is older than what proves names: it may be anybody's. */
    readonly namesUnproven: number
    /** Documents besides the best one that hold something against somebody, older than what proves that: so may these. */
    readonly identifiedUnproven: number
    /** Expert files beside it that open what it states, and state the same. */
    readonly opened: number
}

/** Throws `bundle.…`, and what a head throws. */
export function judgeBundle(its: Bundle, trust: Trust): AcceptedBundle {
    const { head, who } = judgeHead(its as unknown as Record<string, Json>, trust)
    mustStand(its.leaves, head)
    mustTellOnce(its)
    const claims = claimsOf(its)
    for (const one of claims) mustBeOnRecord(its.leaves, one)
    const deleted = new Set(its.evidence.flatMap(({ id, deletedAt }) => (deletedAt === null ? [] : id)))
    const told = its.leaves.filter(({ kind, body }) => kind !== "attribution.created" || !deleted.has(idIn(body)))
    for (const kind of kindsToldBy(its)) mustBeWhole(told, claims, kind)
    mustHaveGone(its)
    mustBeMembers(its)
    mustBeItsEvidence(its)
    const weighed = mustBeWeighed(its)
    const identified = its.attributions.map((one) => identifiedUnproven(its, one))
    mustBeTimed(its)
    for (const one of its.findings) mustBeSigned(its, one)
    for (const one of its.provisions ?? []) mustBeProvided(its, one)
    for (const one of its.attestations) mustBeAttested(its, one)
    return {
        ...{ ok: true, format: bundleFormat, ...who, inquiry: its.inquiry, case: its.case, madeAt: its.madeAt },
        ...{ size: head.size, root: bytesToHex(head.root), leaves: its.leaves.length },
        ...{ evidence: its.evidence.length, attributions: its.attributions.length, questions: its.questions.length },
        ...{ touches: its.touches?.length ?? 0, provisions: its.provisions?.length ?? 0 },
        namesUnproven: (its.touches ?? []).filter((one) => !isNamed(its, one)).length,
        findings: its.findings.length,
        confirmed: its.findings.filter(({ confirmedAt }) => confirmedAt !== null).length,
        wordsUnproven: its.findings.filter((one) => one.salt === null).length + weighed,
        identifiedUnproven: identified.reduce((all, one) => all + one, 0),
        opened: 0,
    }
}

/** What the bundle is old enough to be silent about is not asked for. */
const kindsToldBy = ({ touches, provisions }: Bundle): string[] => [
    ...toldKinds,
    ...(touches === undefined ? [] : [touchedKind]),
    ...(provisions === undefined ? [] : providedKinds),
]

const idIn = (body: Readonly<Record<string, unknown>>): string => String(body["evidence"])

function mustTellOnce({ evidence, attributions, questions, findings, touches = [], provisions = [] }: Bundle): void {
    const carryings = provisions.flatMap((one) => one.carryings)
    mustBeOnce(
        "touches",
        touches.map(({ touch }) => touch),
    )
    for (const [what, all] of Object.entries({ evidence, attributions, questions, findings, provisions, carryings })) {
        mustBeOnce(
            what,
            all.map(({ id }) => id),
        )
    }
    for (const { numbers, documents } of attributions) {
        mustBeOnce("documents", documents.map(nameOf))
        mustBeOnce(
            "numbers",
            numbers.map(({ number }) => number),
        )
        mustBeOnce(
            "recipients",
            numbers.map(({ recipient }) => recipient),
        )
    }
}

function claimsOf(its: Bundle): Claim[] {
    const { inquiry } = its
    const opened = { inquiry, case: its.case, by: its.openedBy }
    return [
        { kind: "inquiry.opened", at: its.openedAt, body: opened },
        ...its.excluded.map(({ person, wasMember, reason, salt, by, at }) => ({
            ...{ kind: "inquiry.person_excluded", at },
            body: { inquiry, person, wasMember, by, words: words(salt, { reason }) },
        })),
        ...its.turns.map((one) => claimOfTurn(one, inquiry)),
        ...its.evidence.flatMap(claimsOfEvidence),
        ...its.attributions.flatMap(claimsOfAttribution),
        ...its.questions.flatMap((one) => claimsOfQuestion(one, inquiry)),
        ...its.findings.flatMap((one) => claimsOfFinding(one, inquiry)),
        ...(its.touches ?? []).map(claimOfTouch),
        ...claimsOfProvisions(its),
    ]
}

function claimsOfEvidence(its: Bundle["evidence"][number]): Claim[] {
    const { id, kind, sha256, clock, filedBy, filedAt, deletedAt } = its
    const filed = { evidence: id, what: kind, sha256, seenAt: parseInstant(its.seenAt), clock, by: filedBy }
    const claims: Claim[] = [{ kind: "evidence.added", at: filedAt, body: filed }]
    if (deletedAt === null) return claims
    return [...claims, { kind: "evidence.deleted", at: deletedAt, body: { evidence: id, sha256 } }]
}

function claimsOfAttribution({ id, evidence, verdict, alpha, at, documents }: Bundle["attributions"][number]): Claim[] {
    const made = { attribution: id, evidence, verdict, alpha }
    return [
        { kind: "attribution.created", at, body: made },
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

/**
 * Whether an expert file opens what the bundle states: false where it is of no attribution of it. Throws
 * `bundle.expert_mismatch` where the two do not state the same.
 */
export function opensWhatIsStated(its: Bundle, expert: ExpertFile): boolean {
    const { attribution, recipients, documents } = expert
    for (const one of its.touches ?? []) mustBeItsName(one, expert)
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
    refuse("conflict", "bundle.expert_mismatch", "the expert file of one of its attributions does not state the same")
}

type Concluded = Pick<ExpertDocument, "manifest" | "read" | "stated" | "share" | "before">

const concludedOf = ({ manifest, read, stated, share = 0, before = [] }: Concluded) => ({
    ...{ manifest, read, stated, share, before },
})
