/**
 * Verifies the bundle of an inquiry.
 *
 * Its leaves must be below the signed checkpoint. Each thing in the bundle must be in a leaf, and no leaf may be
 * about a thing that the bundle omits. Each finding needs two people.
 */
import { bytesToHex } from "@noble/hashes/utils.js"
import { type Bundle, bundleFormat, statedKinds } from "./bundle.ts"
import type { Json } from "@tocsin/base/canonical"
import { noncesOf } from "../code.ts"
import { type ExpertDocument, type ExpertFile, commitmentKind, documentName } from "../expert.ts"
import { parseInstant } from "@tocsin/base/instant"
import { refuse } from "@tocsin/base/refusal"
import { type FileOrigin, type Trust, verifySignedCheckpoint } from "@tocsin/audit-log/signed-note"
import { assertAttestation, assertIdentified, assertFindingSigned, assertHypotheses } from "./conclusion.ts"
import { claimOfEntry, assertEvidenceOfInquiry, assertMembers, assertHistory } from "./history.ts"
import {
    type Claim,
    assertRecorded,
    assertUnique,
    assertComplete,
    assertLeaves,
    equalJson,
    textCommitment,
} from "./leaves.ts"
import { claimsOfInstructions, assertInstruction } from "./instruction.ts"
import { assertTiming } from "./timing-check.ts"
import { assertNameMatches, assertTouch, claimOfTouch } from "./touches.ts"

/** The result for a valid bundle. */
export interface AcceptedBundle extends FileOrigin {
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
    readonly touches: number
    readonly tracingInstructions: number
    /** Expert files given with the bundle that open its statements and agree with them. */
    readonly opened: number
}

/** Verifies a bundle. Refuses codes `bundle.…`, and the codes of `verifySignedCheckpoint`. */
export function verifyBundle(bundle: Bundle, trust: Trust): AcceptedBundle {
    const { checkpoint, signer } = verifySignedCheckpoint(bundle as unknown as Record<string, Json>, trust)
    assertLeaves(bundle.leaves, checkpoint)
    assertNoDuplicates(bundle)
    const claims = claimsOf(bundle)
    for (const claim of claims) assertRecorded(bundle.leaves, claim)
    const deleted = new Set(bundle.evidence.flatMap(({ id, deletedAt }) => (deletedAt === null ? [] : id)))
    const leaves = bundle.leaves.filter(
        ({ kind, body }) => kind !== "attribution.created" || !deleted.has(evidenceIdOf(body)),
    )
    for (const kind of statedKinds) assertComplete(leaves, claims, kind)
    assertHistory(bundle)
    assertMembers(bundle)
    assertEvidenceOfInquiry(bundle)
    assertHypotheses(bundle)
    for (const attribution of bundle.attributions) assertIdentified(bundle, attribution)
    for (const touch of bundle.touches) assertTouch(bundle, touch)
    assertTiming(bundle)
    for (const finding of bundle.findings) assertFindingSigned(bundle, finding)
    for (const tracingInstruction of bundle.tracingInstructions) assertInstruction(bundle, tracingInstruction)
    for (const attestation of bundle.attestations) assertAttestation(bundle, attestation)
    return {
        ok: true,
        format: bundleFormat,
        ...signer,
        inquiry: bundle.inquiry,
        case: bundle.case,
        createdAt: bundle.createdAt,
        size: checkpoint.size,
        root: bytesToHex(checkpoint.root),
        leaves: bundle.leaves.length,

        evidence: bundle.evidence.length,
        attributions: bundle.attributions.length,
        questions: bundle.questions.length,
        touches: bundle.touches.length,
        tracingInstructions: bundle.tracingInstructions.length,
        findings: bundle.findings.length,
        confirmed: bundle.findings.filter(({ confirmedAt }) => confirmedAt !== null).length,
        opened: 0,
    }
}

const evidenceIdOf = (body: Readonly<Record<string, unknown>>): string => String(body["evidence"])

function assertNoDuplicates({
    evidence,
    attributions,
    questions,
    findings,
    touches,
    tracingInstructions,
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
        assertUnique("documents", documents.map(documentName))
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

function claimsOf(bundle: Bundle): Claim[] {
    const { inquiry } = bundle
    const opened = { inquiry, case: bundle.case, by: bundle.openedBy }
    return [
        { kind: "inquiry.opened", at: bundle.openedAt, body: opened },
        ...bundle.excluded.map(({ person, wasMember, reason, salt, by, at }) => ({
            kind: "inquiry.person_excluded",
            at,
            body: { inquiry, person, wasMember, by, text: textCommitment(salt, { reason }) },
        })),
        ...bundle.history.map((entry) => claimOfEntry(entry, inquiry)),
        ...bundle.evidence.flatMap(claimsOfEvidence),
        ...bundle.attributions.flatMap(claimsOfAttribution),
        ...bundle.questions.flatMap((question) => claimsOfQuestion(question, inquiry)),
        ...bundle.findings.flatMap((finding) => claimsOfFinding(finding, inquiry)),
        ...bundle.touches.map(claimOfTouch),
        ...claimsOfInstructions(bundle),
    ]
}

function claimsOfEvidence(evidence: Bundle["evidence"][number]): Claim[] {
    const { id, kind, sha256, clock, addedBy, addedAt, deletedAt } = evidence
    const body = {
        evidence: id,
        evidenceKind: kind,
        sha256,
        observedAt: parseInstant(evidence.observedAt),
        clock,
        by: addedBy,
    }
    const claims: Claim[] = [{ kind: "evidence.added", at: addedAt, body }]
    if (deletedAt === null) return claims
    return [...claims, { kind: "evidence.deleted", at: deletedAt, body: { evidence: id, sha256 } }]
}

function claimsOfAttribution({ id, evidence, verdict, alpha, at, documents }: Bundle["attributions"][number]): Claim[] {
    const body = { attribution: id, evidence, verdict, alpha }
    return [
        { kind: "attribution.created", at, body },
        ...documents.map(({ artifact, version, epoch, manifest }) => ({
            kind: commitmentKind,
            at: null,
            body: { artifact, version, epoch, manifest },
        })),
    ]
}

function claimsOfQuestion(question: Bundle["questions"][number], inquiry: string): Claim[] {
    const { id, kind, partner, finding, text, salt, askedBy, askedAt, answer } = question
    const about = { question: id, inquiry, partner }
    const questionFields = {
        asks: kind,
        finding,
        answerBy: parseInstant(question.answerBy),
        by: askedBy,
        text: textCommitment(salt, { text }),
    }
    const claims = [{ kind: "question.asked", at: askedAt, body: { ...about, ...questionFields } }]
    if (answer === null) return claims
    const { by, at, deleted } = answer
    const answered = { by, text: textCommitment(answer.salt, { deleted, text: answer.text }) }
    return [...claims, { kind: "question.answered", at, body: { ...about, ...answered } }]
}

function claimsOfFinding(statedFinding: Bundle["findings"][number], inquiry: string): Claim[] {
    const {
        id: finding,
        partner,
        approval,
        proposedBy,
        proposedAt,
        confirmedAt,
        confirmedWithoutAnswer,
    } = statedFinding
    const about = { finding, inquiry, partner }
    const proposed = { ...about, approval, by: proposedBy }
    const claims: Claim[] = [{ kind: "finding.proposed", at: proposedAt, body: proposed }]
    if (confirmedAt === null) return claims
    const confirmed = {
        ...about,
        text:
            confirmedWithoutAnswer &&
            textCommitment(confirmedWithoutAnswer.salt, { reason: confirmedWithoutAnswer.reason }),
    }
    return [...claims, { kind: "finding.confirmed", at: confirmedAt, body: confirmed }]
}

/**
 * Checks an expert file against the bundle's statements; false if it is of no attribution in the bundle. Refuses
 * `bundle.expert_mismatch` if they disagree.
 */
export function matchesExpertFile(bundle: Bundle, expert: ExpertFile): boolean {
    const { attribution, recipients, documents } = expert
    for (const touch of bundle.touches) assertNameMatches(touch, expert)
    const stated = bundle.attributions.find(({ id }) => id === attribution)
    if (stated === undefined) return false
    const nonces = stated.numbers.map(({ recipient }) => bytesToHex(noncesOf([recipient])))
    const isSame =
        equalJson(
            nonces,
            recipients.map(({ nonce }) => nonce),
        ) &&
        documents.length === stated.documents.length &&
        stated.documents.every((document) => {
            const open = documents.find((other) => documentName(other) === documentName(document))
            return open !== undefined && equalJson(conclusionOf(open), conclusionOf(document))
        })
    if (isSame) return true
    refuse(
        "conflict",
        "bundle.expert_mismatch",
        "the bundle and the expert file state different results for one attribution",
    )
}

type Conclusion = Pick<ExpertDocument, "manifest" | "read" | "stated" | "share" | "before">

const conclusionOf = ({ manifest, read, stated, share = 0, before = [] }: Conclusion) => ({
    manifest,
    read,
    stated,
    share,
    before,
})
