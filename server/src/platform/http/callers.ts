/**
 * Who asks, as far as limits and turns go: learned once of each credential, before anything is decided. It grants
 * nothing. A stranger with unknown credentials counts by network, so that made-up credentials and addresses gain nothing.
 */
import { callerNetworkOf } from "@tocsin/rules/network"

export interface Asker {
    /** Whose requests are counted together: those of one credential, or of strangers in one network. */
    readonly bucket: string
    /** Who takes turns: a partner, a person of the operator, or strangers in one network. */
    readonly name: string
}

export type AskerOf = (credential: Buffer | null, address: string) => Promise<Asker>

/** `nameBehind` tells whose credential it is, null for nobody's. Of the credentials met last so many are remembered. */
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
