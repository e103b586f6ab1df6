/** Checks the touched canaries of a bundle: each is in the audit log, and its error rate follows from the decoys. */
import { bytesToHex, hexToBytes } from "@noble/hashes/utils.js"
import type { Bundle } from "./bundle.ts"
import { canaryKinds, digestOf, nameOfCanary as canaryName } from "../canary.ts"
import { noncesOf } from "../code.ts"
import { type ExpertFile, documentName } from "../expert.ts"
import { refuse } from "@tocsin/base/refusal"
import { upperBound } from "./error-rate.ts"
import { type Claim, assertRecorded, refuseUnrecorded } from "./leaves.ts"

type Touch = NonNullable<Bundle["touches"]>[number]

const rateTolerance = 1e-9

/** Lists what the leaf of a touch must contain. */
export function claimOfTouch({ touch, artifact, version, channel, likelySource, recipient, ...rest }: Touch): Claim {
    const body = { touch, case: rest.case, artifact, version, channel, likelySource, decoy: recipient === null }
    return { kind: "canary.touched", at: null, body }
}

/** Checks the error rate, and whether the audit log says which name it was. Older leaves do not. */
export function isNameProven({ leaves, evidence }: Bundle, stated: Touch): boolean {
    const { decoys, touched, upTo } = stated.background
    if (touched > decoys || Math.abs(upperBound(touched, decoys) - upTo) > rateTolerance) {
        refuse(
            "invalid",
            "bundle.rate_mismatch",
            `the error rate of touch \`${stated.touch}\` does not follow from its decoys`,
        )
    }
    const evidenceOfTouch = evidence.find(({ id }) => id === stated.evidence)
    if (evidenceOfTouch?.kind !== "canary_touched")
        refuseUnrecorded(`touch \`${stated.touch}\` is no evidence of the inquiry`)
    const { body } = assertRecorded(leaves, claimOfTouch(stated))
    if (body["name"] === undefined) return false
    return (
        body["name"] === stated.name ||
        refuseUnrecorded(`touch \`${stated.touch}\` is of another name than the record says`)
    )
}

/** Checks that the name is that of the recipient's copy, if the version's key is disclosed. */
export function assertNameMatches(touch: Touch, { documents }: ExpertFile): void {
    const document = documents.find((document) => documentName(document) === documentName(touch))
    const kind = canaryKinds.find((canaryKind) => canaryKind === touch.kind)
    if (touch.recipient === null || document?.canaries === undefined) return
    const nonce = noncesOf([touch.recipient])
    const zone = document.canaries.zone
    if (kind !== undefined) {
        const { core } = canaryName({ kind, what: touch.what }, hexToBytes(document.key), nonce, zone)
        if (bytesToHex(digestOf(core)) === touch.name) return
    }
    refuse(
        "conflict",
        "bundle.holder_mismatch",
        `touch \`${touch.touch}\` is of a name that the copy it says does not hold`,
    )
}
