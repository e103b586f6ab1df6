/**
 * Identifies callers for limits and fair queues, once per credential and before any decision. It gives no access.
 * Unknown credentials count by network, so that made-up credentials and addresses gain nothing.
 */
import { callerNetworkOf } from "@tocsin/rules/network"

export interface Caller {
    /** What a rate limit counts: one credential, or unknown callers of one network. */
    readonly bucket: string
    /** What a fair queue counts: a partner, a staff member, or unknown callers of one network. */
    readonly name: string
}

export type FindCaller = (credential: Buffer | null, address: string) => Promise<Caller>

/**
 * Makes the lookup. `ownerOf` returns the owner of a credential, or null. The latest `rememberedMax` credentials are
 * cached.
 */
export function makeFindCaller(
    ownerOf: (credential: Buffer) => Promise<string | null>,
    cachedMax = 10_000,
): FindCaller {
    const namesByCredential = new Map<string, string>()
    return async (credential, address) => {
        const network = callerNetworkOf(address)
        const stranger = { bucket: network, name: network }
        if (credential === null) return stranger
        const bucket = credential.toString("hex")
        const name = namesByCredential.get(bucket) ?? (await ownerOf(credential))
        if (name === null) return stranger
        namesByCredential.delete(bucket)
        namesByCredential.set(bucket, name)
        for (const oldest of namesByCredential.keys()) {
            if (namesByCredential.size <= cachedMax) break
            namesByCredential.delete(oldest)
        }
        return { bucket, name }
    }
}
