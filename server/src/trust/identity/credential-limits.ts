/** Decides whether a credential is valid for a sender and a scope. */
import { contains, hasHostBits, networkOf, peerOf, withoutMapping } from "@tocsin/rules/network"
import { refuse } from "@tocsin/base/refusal"
import type { Scope } from "../../models/scopes.ts"
import type { Sender } from "../../models/sender.ts"
import type { CredentialKind } from "./person.ts"

/** The scopes of a credential, and the senders for which it is valid. They never change. */
export interface CredentialLimits {
    readonly kind: CredentialKind
    /** Empty for sessions and links, which have no scopes. */
    readonly scopes: readonly Scope[]
    /** Networks from which it counts; empty: any. */
    readonly networks: readonly string[]
    /** Thumbprint (RFC 7638) of the key that must sign each request; null: none. */
    readonly key: string | null
    /** SHA-256 of the client certificate that each connection must have, in base64url; null: none. */
    readonly certificate: string | null
}

/**
 * Whether this sender may use the credential. A credential without a key does not count with a proof: its client
 * believes that it is bound.
 */
export function fitsSender(limits: Omit<CredentialLimits, "kind" | "scopes">, sender: Sender): boolean {
    const { key, certificate, networks } = limits
    if (sender.hasBadProof || key !== sender.key) return false
    if (certificate !== null && certificate !== sender.certificate) return false
    return isInside(networks, sender.address)
}

/** Whether the address is in one of these networks, or there are none. */
export function isInside(networks: readonly string[], address: string): boolean {
    if (networks.length === 0) return true
    const peer = peerOf(address)
    if (peer === null) return false
    return networks.some((text) => {
        const network = networkOf(text)
        return network !== null && contains(withoutMapping(network), peer)
    })
}

/** Refuses `identity.scope_missing` for a token without the scope of a route. Null: the route needs none. */
export function assertScope({ kind, scopes }: Pick<CredentialLimits, "kind" | "scopes">, scope: Scope | null): void {
    if (scope === null || kind !== "token" || scopes.includes(scope)) return
    refuse("forbidden", "identity.scope_missing", `the token lacks the scope \`${scope}\`: use another token`, {
        scope,
    })
}

export const networksMax = 20

/** Refuses `identity.bad_network` for what is not an address or a network such as `192.0.2.0/24`. */
export function assertNetworks(networks: readonly string[]): void {
    for (const text of networks) {
        const network = networkOf(text)
        if (network !== null && !hasHostBits(network)) continue
        refuse("invalid", "identity.bad_network", `\`${text}\` is not a network: write one like \`192.0.2.0/24\``, {
            network: text,
        })
    }
}
