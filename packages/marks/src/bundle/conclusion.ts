/** Checks what a bundle says for or against a recipient: each statement is proven, or counted as not proven. */
import { sha256 } from "@noble/hashes/sha2.js"
import { bytesToHex } from "@noble/hashes/utils.js"
import type { Bundle } from "./bundle.ts"
import { canonicalBytes } from "@tocsin/base/canonical"
import { nameOf } from "../expert.ts"
import { refuse } from "@tocsin/base/refusal"
import { explanations } from "./fixed-texts.ts"
import { assertRecorded, notOnRecord, same, says, words } from "./leaves.ts"

/** Checks the hypotheses against the last leaf of each. Returns the number that is older than such commitments. */
export function assertWeighed(input: Bundle): number {
    const notified = input.explanations.map(({ key, title }) => ({ key, title }))
    if (!same(notified, explanations)) notOnRecord("it weighs other explanations than every inquiry does")
    let unproven = 0
    for (const { key, for: pro, against, salt, weight } of input.explanations) {
        const about = { inquiry: input.inquiry, hypothesis: key }
        const last = input.leaves.findLast((leaf) => leaf.kind === "inquiry.hypothesis_weighted" && says(leaf, about))
        const committed = last?.body["text"] ?? null
        const item = { for: pro, against, ...(weight !== undefined && { weight }) }
        const isOlder = last !== undefined && committed === null
        const fits = salt === null ? committed === null : committed === words(salt, item)
        const isSilent = weight === undefined && pro + against === ""
        if (!fits || (last === undefined && !isSilent) || (isOlder && weight !== undefined)) {
            notOnRecord(`what speaks for and against \`${key}\` is not what was last written`)
        }
        if (isOlder) unproven += 1
    }
    return unproven
}

/**
 * Checks the identified recipients of each document and the quoted canaries against the leaf. The best-fitting version
 * comes first. Returns the number of other documents that identify a recipient and are older than such leaves.
 */
export function identifiedUnproven({ leaves, evidence }: Bundle, attribution: Bundle["attributions"][number]): number {
    const about = { attribution: attribution.id }
    const { body } =
        leaves.find((leaf) => leaf.kind === "attribution.created" && says(leaf, about)) ?? notOnRecord("none")
    if (!evidence.some(({ id }) => id === attribution.evidence))
        notOnRecord(`attribution \`${attribution.id}\` is of other evidence`)
    if (!same(attribution.quoted.toSorted(), (textsIn(body["quoted"]) ?? []).toSorted()))
        identifiedMismatch(attribution)
    const identified = textsIn(body["identified"]) ?? []
    const identifiedElsewhere = textsIn(body["identifiedElsewhere"])
    const best = `${String(body["artifact"])}:${String(body["version"])}`
    const place = attribution.documents.findIndex((document) => nameOf(document) === best)
    if (identified.length > 0 && place !== 0) identifiedMismatch(attribution)
    const byNumber = new Map(attribution.numbers.map(({ number, recipient }) => [number, recipient]))
    let unproven = 0
    for (const [i, document] of attribution.documents.entries()) {
        const { stated } = document
        const named = stated.identified.map((value) => byNumber.get(value) ?? "").toSorted()
        if (i === place && stated.verdict !== attribution.verdict) identifiedMismatch(attribution)
        const proven =
            i === place ? identified : identifiedElsewhere && identifiedIn(identifiedElsewhere, nameOf(document))
        if (proven !== undefined && !same(named, proven.toSorted())) identifiedMismatch(attribution)
        if (proven === undefined && named.length > 0) unproven += 1
    }
    return unproven
}

const textsIn = (input: unknown): string[] | undefined => (Array.isArray(input) ? input.map(String) : undefined)

/** Lists the recipients that a leaf names for another version, as version, space, recipient. Older leaves have none. */
const identifiedIn = (list: readonly string[], version: string): string[] =>
    list.filter((item) => item.startsWith(`${version} `)).map((item) => item.slice(version.length + 1))

function identifiedMismatch({ id }: { readonly id: string }): never {
    refuse("invalid", "bundle.identified_mismatch", `attribution \`${id}\` names others than the record says`)
}

/** Refuses unless one person requested the finding and another signed it, over effects that contain this text. */
export function assertSigned({ inquiry, leaves }: Bundle, finding: Bundle["findings"][number]): void {
    const { approval, proposedBy, signedBy, confirmedAt, effects } = finding
    const effectsHash = bytesToHex(sha256(canonicalBytes(effects)))
    const signed = { approval, action: "finding.confirm", effectsHash }
    assertRecorded(leaves, { kind: "approval.requested", at: null, body: { ...signed, by: proposedBy } })
    if (!isWhatWasSigned(inquiry, finding)) {
        refuse("invalid", "bundle.text_mismatch", `finding \`${finding.id}\` says other words than were signed`)
    }
    if (confirmedAt === null) {
        if (signedBy === null && finding.confirmedWithoutAnswer === null) return
        notOnRecord(`finding \`${finding.id}\` is not confirmed, and tells how it was`)
    }
    if (signedBy === null || signedBy === proposedBy) {
        refuse("invalid", "bundle.finding_not_signed", `finding \`${finding.id}\` was not signed by a second person`)
    }
    assertRecorded(leaves, { kind: "approval.signed", at: null, body: { ...signed, by: signedBy } })
    assertRecorded(leaves, { kind: "approval.applied", at: null, body: { approval } })
}

/**
 * Compares a finding with its signed effects. Only a finding without a signed text has no salt; its text is not proven.
 */
function isWhatWasSigned(inquiry: string, input: Bundle["findings"][number]): boolean {
    const { id: finding, partner, conclusion, confidence, obligation, salt } = input
    const detail = (input.effects["detail"] ?? {}) as Readonly<Record<string, unknown>>
    if (detail["finding"] !== finding || detail["inquiry"] !== inquiry) return false
    if (salt === null) return detail["salted"] !== true
    return detail["digest"] === words(salt, { finding, partner, conclusion, confidence, obligation })
}

/** Checks an attestation against its leaf. Attestations under the agreement have no leaf in an inquiry. */
export function assertAttested(
    input: Bundle,
    { partner, of: subject, at, about, affirmed }: Bundle["attestations"][number],
): void {
    if (subject === "agreement") return
    if (subject === "recall" && affirmed) {
        assertRecorded(input.leaves, {
            kind: "deletion.confirmed",
            at,
            body: { case: input.case, artifact: about, partner },
        })
        return
    }
    const question = input.questions.find(({ id }) => id === about)
    const { answer } = question ?? { answer: null }
    if (subject === "question" && question?.partner === partner && answer?.at === at && answer.deleted === affirmed)
        return
    notOnRecord(`an attestation of a partner is not what it answered`)
}
