/** Checks the touched canaries of a bundle: each is in the audit log, and its error rate follows from the decoys. */
import { bytesToHex, hexToBytes } from "@noble/hashes/utils.js"
import type { Bundle } from "./bundle.ts"
import { canaryKinds, digestOf, nameOf as canaryName } from "../canary.ts"
import { noncesOf } from "../code.ts"
import { type ExpertFile, nameOf } from "../expert.ts"
import { refuse } from "@tocsin/base/refusal"
import { upperBound } from "./error-rate.ts"
import { type Claim, assertRecorded, notOnRecord } from "./leaves.ts"

type Touch = NonNullable<Bundle["touches"]>[number]

const toleranceOfRates = 1e-9

/** Lists what the leaf of a touch must contain. */
export function claimOfTouch({ touch, artifact, version, channel, likelySource, recipient, ...rest }: Touch): Claim {
    const body = { touch, case: rest.case, artifact, version, channel, likelySource, decoy: recipient === null }
    return { kind: "canary.touched", at: null, body }
}

/** Checks the error rate, and whether the audit log says which name it was. Older leaves do not. */
export function isNamed({ leaves, evidence }: Bundle, input: Touch): boolean {
    const { decoys, touched, upTo } = input.background
    if (touched > decoys || Math.abs(upperBound(touched, decoys) - upTo) > toleranceOfRates) {
        refuse(
            "invalid",
            "bundle.rate_mismatch",
            `the error rate of touch \`${input.touch}\` does not follow from its decoys`,
        )
    }
    const filed = evidence.find(({ id }) => id === input.evidence)
    if (filed?.kind !== "canary_touched") notOnRecord(`touch \`${input.touch}\` is no evidence of the inquiry`)
    const { body } = assertRecorded(leaves, claimOfTouch(input))
    if (body["name"] === undefined) return false
    return (
        body["name"] === input.name || notOnRecord(`touch \`${input.touch}\` is of another name than the record says`)
    )
}

/** Checks that the name is that of the recipient's copy, if the version's key is disclosed. */
export function assertNameMatches(input: Touch, { documents }: ExpertFile): void {
    const document = documents.find((document) => nameOf(document) === nameOf(input))
    const kind = canaryKinds.find((canaryKind) => canaryKind === input.kind)
    if (input.recipient === null || document?.canaries === undefined) return
    const nonce = noncesOf([input.recipient])
    const zone = document.canaries.zone
    if (kind !== undefined) {
        const { core } = canaryName({ kind, what: input.what }, hexToBytes(document.key), nonce, zone)
        if (bytesToHex(digestOf(core)) === input.name) return
    }
    refuse(
        "conflict",
        "bundle.holder_mismatch",
        `touch \`${input.touch}\` is of a name that the copy it says does not hold`,
    )
}
