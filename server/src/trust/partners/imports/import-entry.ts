/** Defines an entry of a file to import: a partner, a person of it or both, as written. */
import { Refusal, type RefusalValues } from "@tocsin/base/refusal"
import type { NameAndMail, PartnerStatus } from "../partner.ts"

/** Why an entry adds nothing, as a refusal. */
export interface Reason {
    readonly code: string
    readonly message: string
    readonly values: RefusalValues
}

/** A partner in the directory. */
export interface KnownPartner extends NameAndMail {
    readonly id: string
    readonly status: PartnerStatus
}

export interface PartnerCells {
    readonly name: string
    /** Empty in later lines of a partner. Null: a new partner gets the address of its first accepted person. */
    readonly mail: string | null
    /** Null: the file has no tiers. */
    readonly tier: string | null
    readonly status: string | null
    readonly duties: string | null
}

export interface PersonCells {
    readonly name: string
    readonly mail: string
    readonly role: string
}

export interface ImportEntry {
    /** The line of the file, or the number of the key, from 1. */
    readonly line: number
    readonly partner: PartnerCells
    readonly person: PersonCells | null
    /** The partner of the directory because of which the reader refuses the entry. */
    readonly knownPartner?: KnownPartner
    /** Why the reader cannot use it; null: it can. */
    readonly reason: Reason | null
}

export const reasonOf = ({ code, message, values }: Refusal): Reason => ({ code, message, values })

/** Runs a check and returns why it refuses; null: it does not. */
export function reasonIn(check: () => void): Reason | null {
    try {
        check()
        return null
    } catch (error) {
        if (error instanceof Refusal) return reasonOf(error)
        throw error
    }
}

/** A name for an address of which the file gives no name: the part before the at sign. */
export const nameOfMail = (mail: string): string => mail.slice(0, Math.max(mail.lastIndexOf("@"), 0))
