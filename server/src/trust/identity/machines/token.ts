/** Defines the settings of a token that a person chooses: name, lifetime, scopes and limits. */
import { dayMs, hourMs } from "@tocsin/base/instant"
import { hasHiddenCharacters } from "@tocsin/base/visible-text"
import { refuse } from "@tocsin/base/refusal"
import type { Scope } from "../../../models/scopes.ts"

/** Of RFC 7523. */
export const assertionType = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
/** Of RFC 8693. */
export const exchangeGrant = "urn:ietf:params:oauth:grant-type:token-exchange"
export const accessTokenType = "urn:ietf:params:oauth:token-type:access_token"

/** Where machine clients and exchanges get tokens (RFC 6749). */
export const tokenPath = "/oauth/token"

export const tokenNameMax = 60
/** Valid tokens of one person. */
export const tokensMax = 20
/** Lifetime in days: minimum, maximum and default. */
export const tokenDays = { min: 1, max: 365, initial: 90 }
/** How long the old token remains valid after a rotation, in hours. */
export const overlapHours = { max: 72, initial: 24 }

export interface NewToken {
    readonly name: string
    readonly days: number
    readonly scopes: readonly Scope[]
    readonly networks: readonly string[]
    /** Thumbprint (RFC 7638) of the key that must sign each request. */
    readonly key: string | null
    /** SHA-256 of the client certificate, in base64url. */
    readonly certificate: string | null
}

export const lifetimeMsOf = (days: number): number => days * dayMs

export const overlapMsOf = (hours: number): number => hours * hourMs

/** Refuses `identity.bad_token_name`. Returns the name without spaces at its ends. */
export function tokenName(name: string): string {
    const isName = name.trim().length > 0 && name.length <= tokenNameMax && !hasHiddenCharacters(name)
    if (isName) return name.trim()
    refuse("invalid", "identity.bad_token_name", `bad name: use 1 to ${tokenNameMax} visible characters`, {
        max: tokenNameMax,
    })
}
