/** Checks the touched canaries of a bundle: each is in the audit log, and its error rate follows from the decoys. */
import { bytesToHex, hexToBytes } from "@noble/hashes/utils.js"
import { type Bundle, touchKind } from "./bundle.ts"
import { canaryKinds, digestOf, nameOfCanary as canaryName } from "../canary.ts"
import { noncesOf } from "../code.ts"
import { type ExpertFile, documentName } from "../expert.ts"
import { refuse } from "@tocsin/base/refusal"
import { upperBound } from "./error-rate.ts"
import { type Claim, refuseUnrecorded } from "./leaves.ts"

type Touch = Bundle["touches"][number]

const rateTolerance = 1e-9

/** Lists what the leaf of a touch must contain. */
export function claimOfTouch({ touch, name, artifact, version, channel, likelySource, ...rest }: Touch): Claim {
    const decoy = rest.recipient === null
    const body = { touch, case: rest.case, artifact, version, channel, likelySource, decoy, name }
    return { kind: touchKind, at: null, body }
}

/** Refuses unless the error rate of a touch follows from its decoys and its evidence is in the bundle. */
export function assertTouch({ evidence }: Bundle, stated: Touch): void {
    const { decoys, touched, rateMax } = stated.background
    if (touched > decoys || Math.abs(upperBound(touched, decoys) - rateMax) > rateTolerance) {
        refuse(
            "invalid",
            "bundle.rate_mismatch",
            `the error rate of touch \`${stated.touch}\` does not follow from the touched decoys`,
        )
    }
    const evidenceOfTouch = evidence.find(({ id }) => id === stated.evidence)
    if (evidenceOfTouch?.kind !== "canary_touched")
        refuseUnrecorded(`touch \`${stated.touch}\` is not evidence of this inquiry`)
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
    refuse("conflict", "bundle.holder_mismatch", `the name of touch \`${touch.touch}\` is not in the stated copy`)
}
