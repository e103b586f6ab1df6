/**
 * Encrypts the error budget that tries on a version have spent, for the high-water file: under the key file alone,
 * because a restored database lacks newer data keys. An entry has the forms that were read, and no result.
 */
import { createHmac } from "node:crypto"
import { deflateRawSync, inflateRawSync } from "node:zlib"
import { type Budget, spentOf } from "@tocsin/marks/evidence/incident"
import { type Keys, decrypt, encrypt, keyBytes } from "../../../platform/crypto/keys.ts"

/** An entry: a pseudonym of the version, and a ciphertext. */
export interface SpentBudget {
    readonly id: string
    readonly state: string
}

/** The error budget that the tries on one version have spent. */
export interface SpentVersion {
    readonly case: string
    readonly artifact: string
    readonly version: number
    readonly budget: Budget
}

/** Encrypts the spent budget of a version. Only a reader with the key file can find the version of a pseudonym. */
export function sealSpent(keys: Keys, { budget, ...caseVersion }: SpentVersion): SpentBudget {
    const { artifact, version } = caseVersion
    const id = createHmac("sha256", keys.derive("spent-budget-id", keyBytes)).update(`${artifact}:${version}`)
    const place = id.digest("hex")
    const plain = deflateRawSync(JSON.stringify({ ...caseVersion, budget: spentOf(budget) }))
    return { id: place, state: encrypt(keys.derive("spent-budget", keyBytes), place, plain).toString("base64url") }
}

/** Decrypts a spent budget. Throws for another key file. */
export function openSpent(keys: Keys, { id, state }: SpentBudget): SpentVersion {
    const plain = decrypt(keys.derive("spent-budget", keyBytes), id, Buffer.from(state, "base64url"))
    return JSON.parse(inflateRawSync(plain).toString("utf8")) as SpentVersion
}
