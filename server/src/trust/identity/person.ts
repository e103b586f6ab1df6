/** Persons: named humans, of the operator or of exactly one partner; their roles and how they sign in. */
import { type Instant, dayMs, hourMs } from "@tocsin/base/instant"
import { hasHidden } from "@tocsin/base/visible-text"
import { refuse } from "@tocsin/base/refusal"
import type { OperatorRole, PartnerRole } from "../../kernel/actor.ts"

export const operatorRoles: readonly OperatorRole[] = [
    "author",
    "manager",
    "investigator",
    "approver",
    "auditor",
    "admin",
]
export const partnerRoles: readonly PartnerRole[] = ["lead", "analyst"]

export interface Person {
    readonly id: string
    readonly partner: string | null
    readonly name: string
    readonly mail: string
    readonly roles: readonly (OperatorRole | PartnerRole)[]
    readonly leftAt: Instant | null
    /** Whoever added this person; null for those whom the founding did. */
    readonly addedBy: string | null
}

export type CredentialKind = "token" | "session" | "link"

/** How long each lives, in real time. */
export const lifetimeMs: Readonly<Record<CredentialKind, number>> = {
    token: 365 * dayMs,
    session: 12 * hourMs,
    link: 3 * dayMs,
}

/** Reads the record, and neither content nor what partners are given: the one account that a single person makes. */
export function isAuditorAlone(roles: readonly string[]): boolean {
    return roles.every((role) => role === "auditor")
}

const nameMax = 120
const mailMax = 254

/** Refuses what could not be a person: no roles, roles of the other side, an address that could inject a header. */
export function validatePerson(person: Pick<Person, "partner" | "name" | "mail" | "roles">): void {
    const allowed: readonly string[] = person.partner === null ? operatorRoles : partnerRoles
    if (!(person.roles.length > 0 && person.roles.every((role) => allowed.includes(role)))) {
        refuse("invalid", "identity.bad_roles", `roles must be some of \`${allowed.join(", ")}\``)
    }
    if (!(person.name.trim().length > 0 && person.name.length <= nameMax && !hasHidden(person.name))) {
        refuse("invalid", "identity.bad_name", `a name has 1 to ${nameMax} characters, and no control characters`)
    }
    if (!(person.mail.length <= mailMax && /^[^\s@<>,;:"()[\]\\]+@[^\s@<>,;:"()[\]\\]+$/.test(person.mail))) {
        refuse("invalid", "identity.bad_mail", "that is no mail address")
    }
}

/** Whether mail to both arrives in one mailbox, as far as the addresses show it: neither case nor a `+tag` makes another. */
export function isSameMailbox(item: string, other: string): boolean {
    return mailboxOf(item) === mailboxOf(other)
}

const mailboxOf = (mail: string): string =>
    mail
        .normalize("NFKC")
        .toLowerCase()
        .replace(/\+[^@]*(?=@)/, "")
        .replace(/\.$/, "")
