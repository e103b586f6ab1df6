/** What a bundle tells of touched canaries: each on record, with an error rate that follows from the decoys that it counts. */
import { bytesToHex, hexToBytes } from "@noble/hashes/utils.js"
import type { Bundle } from "../bundle.ts"
import { canaryKinds, digestOf, nameOf as canaryName } from "../canary.ts"
import { noncesOf } from "../code.ts"
import { type ExpertFile, nameOf } from "../expert.ts"
import { refuse } from "../refusal.ts"
import { upperBound } from "./error-rate.ts"
import { type Claim, mustBeOnRecord, notOnRecord } from "./leaves.ts"

type Touch = NonNullable<Bundle["touches"]>[number]

const toleranceOfRates = 1e-9

export function claimOfTouch({ touch, artifact, version, channel, grade, recipient, ...its }: Touch): Claim {
    const body = { touch, case: its.case, artifact, version, channel, grade, decoy: recipient === null }
    return { kind: "canary.touched", at: null, body }
}

/** Whether the record says which name it was: leaves of before do not. */
export function isNamed({ leaves, evidence }: Bundle, its: Touch): boolean {
    const { decoys, touched, upTo } = its.background
    if (touched > decoys || Math.abs(upperBound(touched, decoys) - upTo) > toleranceOfRates) {
        refuse(
            "invalid",
            "bundle.rate_mismatch",
            `the error rate of touch \`${its.touch}\` does not follow from its decoys`,
        )
    }
    const filed = evidence.find(({ id }) => id === its.evidence)
    if (filed?.kind !== "canary touched") notOnRecord(`touch \`${its.touch}\` is no evidence of the inquiry`)
    const { body } = mustBeOnRecord(leaves, claimOfTouch(its))
    if (body["name"] === undefined) return false
    return body["name"] === its.name || notOnRecord(`touch \`${its.touch}\` is of another name than the record says`)
}

/** Where the key of its version is open: whether the name is the one of that recipient's copy. */
export function mustBeItsName(its: Touch, { documents }: ExpertFile): void {
    const document = documents.find((one) => nameOf(one) === nameOf(its))
    const kind = canaryKinds.find((one) => one === its.kind)
    if (its.recipient === null || document?.canaries === undefined) return
    const nonce = noncesOf([its.recipient])
    const zone = document.canaries.zone
    if (kind !== undefined) {
        const { core } = canaryName({ kind, what: its.what }, hexToBytes(document.key), nonce, zone)
        if (bytesToHex(digestOf(core)) === its.name) return
    }
    refuse(
        "conflict",
        "bundle.holder_mismatch",
        `touch \`${its.touch}\` is of a name that the copy it says does not hold`,
    )
}
