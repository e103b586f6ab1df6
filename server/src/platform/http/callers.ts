/**
 * Identifies callers for limits and fair queues, once per credential and before any decision. It gives no access.
 * Unknown credentials count by network, so that made-up credentials and addresses gain nothing.
 */
import { callerNetworkOf } from "@tocsin/rules/network"

export interface Asker {
    /** What a rate limit counts: one credential, or unknown callers of one network. */
    readonly bucket: string
    /** What a fair queue counts: a partner, a staff member, or unknown callers of one network. */
    readonly name: string
}

export type AskerOf = (credential: Buffer | null, address: string) => Promise<Asker>

/**
 * Makes the lookup. `nameBehind` gives the owner of a credential, or null. The latest `rememberedMax` credentials are
 * cached.
 */
export function askers(nameBehind: (credential: Buffer) => Promise<string | null>, rememberedMax = 10_000): AskerOf {
    const known = new Map<string, string>()
    return async (credential, address) => {
        const network = callerNetworkOf(address)
        const stranger = { bucket: network, name: network }
        if (credential === null) return stranger
        const bucket = credential.toString("hex")
        const name = known.get(bucket) ?? (await nameBehind(credential))
        if (name === null) return stranger
        known.delete(bucket)
        known.set(bucket, name)
        for (const oldest of known.keys()) {
            if (known.size <= rememberedMax) break
            known.delete(oldest)
        }
        return { bucket, name }
    }
}
