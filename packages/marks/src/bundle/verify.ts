/**
 * Verifies the bundle of an inquiry.
 *
 * Its leaves must be below the signed checkpoint. Each thing in the bundle must be in a leaf, and no leaf may be
 * about a thing that the bundle omits. Each finding needs two people.
 */
import { bytesToHex } from "@noble/hashes/utils.js"
import { type Bundle, bundleFormat, providedKinds, toldKinds, touchedKind } from "./bundle.ts"
import type { Json } from "@tocsin/base/canonical"
import { noncesOf } from "../code.ts"
import { type ExpertDocument, type ExpertFile, committedKind, nameOf } from "../expert.ts"
import { parseInstant } from "@tocsin/base/instant"
import { refuse } from "@tocsin/base/refusal"
import { type Signed, type Trust, judgeHead } from "@tocsin/audit-log/signed-note"
import { identifiedUnproven, assertAttested, assertSigned, assertWeighed } from "./conclusion.ts"
import { claimOfTurn, assertEvidenceOfInquiry, assertMembers, assertCourse } from "./history.ts"
import { type Claim, assertRecorded, assertUnique, assertComplete, assertValid, same, words } from "./leaves.ts"
import { claimsOfProvisions, assertInstructed } from "./instruction.ts"
import { assertTimed } from "./timing-check.ts"
import { claimOfTouch, isNamed, assertNameMatches } from "./touches.ts"

/** The result for a valid bundle. */
export interface AcceptedBundle extends Signed {
    readonly ok: true
    readonly format: typeof bundleFormat
    readonly inquiry: string
    readonly case: string
    readonly createdAt: string
    /** The number of leaves of the audit log at the head. */
    readonly size: number
    readonly root: string
    readonly leaves: number
    readonly evidence: number
    readonly attributions: number
    readonly questions: number
    readonly findings: number
    /** Findings that two people confirmed. */
    readonly confirmed: number
    /** Findings and hypotheses whose texts are older than such commitments: the texts may be wrong. */
    readonly wordsUnproven: number
    readonly touches: number
    readonly tracingInstructions: number
    /** Touches whose names are older than such commitments: the names may be wrong. */
    readonly namesUnproven: number
    /**
     * Documents other than the best one that identify a recipient and are older than such commitments: they may be
     * wrong.
     */
    readonly identifiedUnproven: number
    /** Expert files given with the bundle that open its statements and agree with them. */
    readonly opened: number
}

/** Verifies a bundle. Refuses codes `bundle.…`, and the codes of `judgeHead`. */
export function judgeBundle(input: Bundle, trust: Trust): AcceptedBundle {
    const { head, who: person } = judgeHead(input as unknown as Record<string, Json>, trust)
    assertValid(input.leaves, head)
    assertTellsOnce(input)
    const claims = claimsOf(input)
    for (const claim of claims) assertRecorded(input.leaves, claim)
    const deleted = new Set(input.evidence.flatMap(({ id, deletedAt }) => (deletedAt === null ? [] : id)))
    const leaves = input.leaves.filter(({ kind, body }) => kind !== "attribution.created" || !deleted.has(idIn(body)))
    for (const kind of kindsToldBy(input)) assertComplete(leaves, claims, kind)
    assertCourse(input)
    assertMembers(input)
    assertEvidenceOfInquiry(input)
    const weighed = assertWeighed(input)
    const identified = input.attributions.map((attribution) => identifiedUnproven(input, attribution))
    assertTimed(input)
    for (const finding of input.findings) assertSigned(input, finding)
    for (const tracingInstruction of input.tracingInstructions ?? []) assertInstructed(input, tracingInstruction)
    for (const attestation of input.attestations) assertAttested(input, attestation)
    return {
        ok: true,
        format: bundleFormat,
        ...person,
        inquiry: input.inquiry,
        case: input.case,
        createdAt: input.createdAt,
        size: head.size,
        root: bytesToHex(head.root),
        leaves: input.leaves.length,

        evidence: input.evidence.length,
        attributions: input.attributions.length,
        questions: input.questions.length,
        touches: input.touches?.length ?? 0,
        tracingInstructions: input.tracingInstructions?.length ?? 0,
        namesUnproven: (input.touches ?? []).filter((touch) => !isNamed(input, touch)).length,
        findings: input.findings.length,
        confirmed: input.findings.filter(({ confirmedAt }) => confirmedAt !== null).length,
        wordsUnproven: input.findings.filter((finding) => finding.salt === null).length + weighed,
        identifiedUnproven: identified.reduce((total, value) => total + value, 0),
        opened: 0,
    }
}

/** Lists the kinds of things that a bundle of its age must contain. */
const kindsToldBy = ({ touches, tracingInstructions }: Bundle): string[] => [
    ...toldKinds,
    ...(touches === undefined ? [] : [touchedKind]),
    ...(tracingInstructions === undefined ? [] : providedKinds),
]

const idIn = (body: Readonly<Record<string, unknown>>): string => String(body["evidence"])

function assertTellsOnce({
    evidence,
    attributions,
    questions,
    findings,
    touches = [],
    tracingInstructions = [],
}: Bundle): void {
    const extensions = tracingInstructions.flatMap((tracingInstruction) => tracingInstruction.extensions)
    assertUnique(
        "touches",
        touches.map(({ touch }) => touch),
    )
    for (const [kind, values] of Object.entries({
        evidence,
        attributions,
        questions,
        findings,
        tracingInstructions,
        extensions,
    })) {
        assertUnique(
            kind,
            values.map(({ id }) => id),
        )
    }
    for (const { numbers, documents } of attributions) {
        assertUnique("documents", documents.map(nameOf))
        assertUnique(
            "numbers",
            numbers.map(({ number }) => number),
        )
        assertUnique(
            "recipients",
            numbers.map(({ recipient }) => recipient),
        )
    }
}

function claimsOf(input: Bundle): Claim[] {
    const { inquiry } = input
    const opened = { inquiry, case: input.case, by: input.openedBy }
    return [
        { kind: "inquiry.opened", at: input.openedAt, body: opened },
        ...input.excluded.map(({ person, wasMember, reason, salt, by, at }) => ({
            kind: "inquiry.person_excluded",
            at,
            body: { inquiry, person, wasMember, by, text: words(salt, { reason }) },
        })),
        ...input.history.map((turn) => claimOfTurn(turn, inquiry)),
        ...input.evidence.flatMap(claimsOfEvidence),
        ...input.attributions.flatMap(claimsOfAttribution),
        ...input.questions.flatMap((question) => claimsOfQuestion(question, inquiry)),
        ...input.findings.flatMap((finding) => claimsOfFinding(finding, inquiry)),
        ...(input.touches ?? []).map(claimOfTouch),
        ...claimsOfProvisions(input),
    ]
}

function claimsOfEvidence(input: Bundle["evidence"][number]): Claim[] {
    const { id, kind, sha256, clock, filedBy, filedAt, deletedAt } = input
    const filed = { evidence: id, what: kind, sha256, seenAt: parseInstant(input.seenAt), clock, by: filedBy }
    const claims: Claim[] = [{ kind: "evidence.added", at: filedAt, body: filed }]
    if (deletedAt === null) return claims
    return [...claims, { kind: "evidence.deleted", at: deletedAt, body: { evidence: id, sha256 } }]
}

function claimsOfAttribution({ id, evidence, verdict, alpha, at, documents }: Bundle["attributions"][number]): Claim[] {
    const made = { attribution: id, evidence, verdict, alpha }
    return [
        { kind: "attribution.created", at, body: made },
        ...documents.map(({ artifact, version, epoch, manifest }) => ({
            kind: committedKind,
            at: null,
            body: { artifact, version, epoch, manifest },
        })),
    ]
}

function claimsOfQuestion(question: Bundle["questions"][number], inquiry: string): Claim[] {
    const { id, kind, partner, finding, text, salt, askedBy, askedAt, answer } = question
    const about = { question: id, inquiry, partner }
    const request = {
        asks: kind,
        finding,
        answerBy: parseInstant(question.answerBy),
        by: askedBy,
        text: words(salt, { text }),
    }
    const claims = [{ kind: "question.asked", at: askedAt, body: { ...about, ...request } }]
    if (answer === null) return claims
    const { by, at, deleted } = answer
    const input = { by, text: words(answer.salt, { deleted, text: answer.text }) }
    return [...claims, { kind: "question.answered", at, body: { ...about, ...input } }]
}

function claimsOfFinding(input: Bundle["findings"][number], inquiry: string): Claim[] {
    const { id: finding, partner, approval, proposedBy, proposedAt, confirmedAt, confirmedWithoutAnswer } = input
    const about = { finding, inquiry, partner }
    const proposed = { ...about, approval, by: proposedBy }
    const claims: Claim[] = [{ kind: "finding.proposed", at: proposedAt, body: proposed }]
    if (confirmedAt === null) return claims
    const confirmed = {
        ...about,
        text: confirmedWithoutAnswer && words(confirmedWithoutAnswer.salt, { reason: confirmedWithoutAnswer.reason }),
    }
    return [...claims, { kind: "finding.confirmed", at: confirmedAt, body: confirmed }]
}

/**
 * Checks an expert file against the bundle's statements; false if it is of no attribution in the bundle. Refuses
 * `bundle.expert_mismatch` if they disagree.
 */
export function opensWhatIsStated(input: Bundle, expert: ExpertFile): boolean {
    const { attribution, recipients, documents } = expert
    for (const touch of input.touches ?? []) assertNameMatches(touch, expert)
    const stated = input.attributions.find(({ id }) => id === attribution)
    if (stated === undefined) return false
    const nonces = stated.numbers.map(({ recipient }) => bytesToHex(noncesOf([recipient])))
    const isSame =
        same(
            nonces,
            recipients.map(({ nonce }) => nonce),
        ) &&
        documents.length === stated.documents.length &&
        stated.documents.every((document) => {
            const open = documents.find((other) => nameOf(other) === nameOf(document))
            return open !== undefined && same(concludedOf(open), concludedOf(document))
        })
    if (isSame) return true
    refuse("conflict", "bundle.expert_mismatch", "the expert file of one of its attributions does not state the same")
}

type Concluded = Pick<ExpertDocument, "manifest" | "read" | "stated" | "share" | "before">

const concludedOf = ({ manifest, read, stated, share = 0, before = [] }: Concluded) => ({
    manifest,
    read,
    stated,
    share,
    before,
})
