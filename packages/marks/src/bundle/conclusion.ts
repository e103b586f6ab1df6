/** Checks what a bundle says for or against a recipient: each statement must be in a leaf. */
import { sha256 } from "@noble/hashes/sha2.js"
import { bytesToHex } from "@noble/hashes/utils.js"
import type { Bundle } from "./bundle.ts"
import { canonicalBytes } from "@tocsin/base/canonical"
import { documentName } from "../expert.ts"
import { refuse } from "@tocsin/base/refusal"
import { priorHypotheses } from "./fixed-texts.ts"
import { assertRecorded, refuseUnrecorded, equalJson, hasFields, textCommitment } from "./leaves.ts"

/** Checks the hypotheses against the last leaf of each. A hypothesis without a leaf has no text and no weight. */
export function assertHypotheses(bundle: Bundle): void {
    const stated = bundle.hypotheses.map(({ key, title }) => ({ key, title }))
    if (!equalJson(stated, priorHypotheses)) refuseUnrecorded("its hypotheses are not those of every inquiry")
    for (const { key, for: pro, against, salt, weight } of bundle.hypotheses) {
        const about = { inquiry: bundle.inquiry, hypothesis: key }
        const last = bundle.leaves.findLast(
            (leaf) => leaf.kind === "inquiry.hypothesis_weighted" && hasFields(leaf, about),
        )
        const statement = { for: pro, against, ...(weight !== undefined && { weight }) }
        const isEmpty = last === undefined && weight === undefined && pro + against === ""
        const isProven = salt === null ? isEmpty : last?.body["text"] === textCommitment(salt, statement)
        if (!isProven) {
            refuseUnrecorded(`the texts and weight of hypothesis \`${key}\` differ from the last recorded ones`)
        }
    }
}

/**
 * Checks the identified recipients of each document and the quoted canaries against the leaf. The best-fitting version
 * comes first.
 */
export function assertIdentified({ leaves, evidence }: Bundle, attribution: Bundle["attributions"][number]): void {
    const about = { attribution: attribution.id }
    const { body } =
        leaves.find((leaf) => leaf.kind === "attribution.created" && hasFields(leaf, about)) ??
        refuseUnrecorded(`attribution \`${attribution.id}\` has no leaf`)
    if (!evidence.some(({ id }) => id === attribution.evidence))
        refuseUnrecorded(`attribution \`${attribution.id}\` belongs to evidence that is not in the bundle`)
    if (!equalJson(attribution.quoted.toSorted(), stringsIn(body["quoted"]).toSorted())) refuseIdentified(attribution)
    const identified = stringsIn(body["identified"])
    const identifiedElsewhere = stringsIn(body["identifiedElsewhere"])
    const best = `${String(body["artifact"])}:${String(body["version"])}`
    const place = attribution.documents.findIndex((document) => documentName(document) === best)
    if (identified.length > 0 && place !== 0) refuseIdentified(attribution)
    const byNumber = new Map(attribution.numbers.map(({ number, recipient }) => [number, recipient]))
    for (const [i, document] of attribution.documents.entries()) {
        const { stated } = document
        const named = stated.identified.map((value) => byNumber.get(value) ?? "").toSorted()
        if (i === place && stated.verdict !== attribution.verdict) refuseIdentified(attribution)
        const proven = i === place ? identified : identifiedOfVersion(identifiedElsewhere, documentName(document))
        if (!equalJson(named, proven.toSorted())) refuseIdentified(attribution)
    }
}

const stringsIn = (input: unknown): string[] => (Array.isArray(input) ? input.map(String) : [])

/** Lists the recipients that a leaf names for another version, as version, space, recipient. */
const identifiedOfVersion = (list: readonly string[], version: string): string[] =>
    list.filter((item) => item.startsWith(`${version} `)).map((item) => item.slice(version.length + 1))

function refuseIdentified({ id }: { readonly id: string }): never {
    refuse(
        "invalid",
        "bundle.identified_mismatch",
        `attribution \`${id}\` identifies other recipients than the audit log says`,
    )
}

/** Refuses unless one person requested the finding and another signed it, over effects that contain this text. */
export function assertFindingSigned({ inquiry, leaves }: Bundle, finding: Bundle["findings"][number]): void {
    const { approval, proposedBy, signedBy, confirmedAt, effects } = finding
    const effectsHash = bytesToHex(sha256(canonicalBytes(effects)))
    const signed = { approval, action: "finding.confirm", effectsHash }
    assertRecorded(leaves, { kind: "approval.requested", at: null, body: { ...signed, by: proposedBy } })
    if (!matchesSignedEffects(inquiry, finding)) {
        refuse("invalid", "bundle.text_mismatch", `the text of finding \`${finding.id}\` differs from the signed text`)
    }
    if (confirmedAt === null) {
        if (signedBy === null && finding.confirmedWithoutAnswer === null) return
        refuseUnrecorded(`finding \`${finding.id}\` is not confirmed, but has a signature or a reason`)
    }
    if (signedBy === null || signedBy === proposedBy) {
        refuse("invalid", "bundle.finding_not_signed", `finding \`${finding.id}\` was not signed by a second person`)
    }
    assertRecorded(leaves, { kind: "approval.signed", at: null, body: { ...signed, by: signedBy } })
    assertRecorded(leaves, { kind: "approval.applied", at: null, body: { approval } })
}

/** Compares a finding with its signed effects. */
function matchesSignedEffects(inquiry: string, statedFinding: Bundle["findings"][number]): boolean {
    const { id: finding, partner, conclusion, confidence, obligation, salt } = statedFinding
    const detail = (statedFinding.effects["detail"] ?? {}) as Readonly<Record<string, unknown>>
    if (detail["finding"] !== finding || detail["inquiry"] !== inquiry) return false
    return detail["digest"] === textCommitment(salt, { finding, partner, conclusion, confidence, obligation })
}

/** Checks an attestation against its leaf. Attestations under the agreement have no leaf in an inquiry. */
export function assertAttestation(
    bundle: Bundle,
    { partner, kind, at, about, affirmed }: Bundle["attestations"][number],
): void {
    if (kind === "agreement") return
    if (kind === "recall" && affirmed) {
        assertRecorded(bundle.leaves, {
            kind: "deletion.confirmed",
            at,
            body: { case: bundle.case, artifact: about, partner },
        })
        return
    }
    const question = bundle.questions.find(({ id }) => id === about)
    const { answer } = question ?? { answer: null }
    if (kind === "question" && question?.partner === partner && answer?.at === at && answer.deleted === affirmed) return
    refuseUnrecorded(`an attestation differs from the answer of the partner`)
}
