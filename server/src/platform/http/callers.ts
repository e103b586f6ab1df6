/**
 * Identifies callers for limits and fair queues, once per credential and before any decision. It gives no access.
 * Unknown credentials count by network, so that made-up credentials and addresses gain nothing.
 */
import { callerNetworkOf } from "@tocsin/rules/network"
import type { Sender } from "../../models/sender.ts"

export interface Caller {
    /** What a rate limit counts: one credential, or unknown callers of one network. */
    readonly bucket: string
    /** What a fair queue counts: a partner, a staff member, or unknown callers of one network. */
    readonly name: string
}

export interface PresentedCredential {
    readonly credential: Buffer
    readonly sender: Sender
}

export type FindCaller = (presented: {
    readonly credential: Buffer | null
    readonly sender: Sender
    readonly use: string
}) => Promise<Caller>

/**
 * Makes the lookup. `ownerOf` returns the owner of a credential, or null where it is not valid for this sender. The
 * latest `cachedMax` uses are cached.
 */
export function makeFindCaller(
    ownerOf: (presented: PresentedCredential) => Promise<string | null>,
    cachedMax = 10_000,
): FindCaller {
    const namesByUse = new Map<string, string>()
    return async ({ credential, sender, use }) => {
        const network = callerNetworkOf(sender.address)
        const stranger = { bucket: network, name: network }
        if (credential === null) return stranger
        const name = namesByUse.get(use) ?? (await ownerOf({ credential, sender }))
        if (name === null) return stranger
        namesByUse.delete(use)
        namesByUse.set(use, name)
        for (const oldest of namesByUse.keys()) {
            if (namesByUse.size <= cachedMax) break
            namesByUse.delete(oldest)
        }
        return { bucket: credential.toString("hex"), name }
    }
}
