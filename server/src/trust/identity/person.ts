/** Defines people of the operator or of one partner, with their roles and credentials. */
import { type Instant, dayMs, hourMs } from "@tocsin/base/instant"
import { hasHiddenCharacters } from "@tocsin/base/visible-text"
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

export const isOperatorRole = (role: OperatorRole | PartnerRole): role is OperatorRole =>
    operatorRoles.some((operatorRole) => operatorRole === role)
export const isPartnerRole = (role: OperatorRole | PartnerRole): role is PartnerRole => !isOperatorRole(role)

/** A staff member or a partner's person. */
export interface Person {
    readonly id: string
    readonly partner: string | null
    readonly name: string
    readonly mail: string
    readonly roles: readonly (OperatorRole | PartnerRole)[]
    readonly leftAt: Instant | null
    /** The person who added this one; null for people added at the program's creation. */
    readonly addedBy: string | null
}

/** The kind of a credential. */
export type CredentialKind = "token" | "session" | "link"

/** Lifetime of each credential, in milliseconds of wall-clock time. */
export const lifetimeMs: Readonly<Record<CredentialKind, number>> = {
    token: 365 * dayMs,
    session: 12 * hourMs,
    link: 3 * dayMs,
}

/**
 * Whether these roles are auditor alone: it reads the audit log and no content. One person may add such an account.
 */
export function hasOnlyAuditorRole(roles: readonly string[]): boolean {
    return roles.every((role) => role === "auditor")
}

const nameMax = 120
const mailMax = 254

/**
 * Refuses `identity.bad_roles`, `identity.bad_name`, and `identity.bad_mail` for an address that could inject a
 * header.
 */
export function validatePerson(person: Pick<Person, "partner" | "name" | "mail" | "roles">): void {
    const allowed: readonly string[] = person.partner === null ? operatorRoles : partnerRoles
    if (!(person.roles.length > 0 && person.roles.every((role) => allowed.includes(role)))) {
        refuse("invalid", "identity.bad_roles", `roles must be some of \`${allowed.join(", ")}\``, {
            allowed: allowed.join(", "),
        })
    }
    if (!(person.name.trim().length > 0 && person.name.length <= nameMax && !hasHiddenCharacters(person.name))) {
        refuse(
            "invalid",
            "identity.bad_name",
            `the name is not valid: use 1 to ${nameMax} characters without control characters`,
            { max: nameMax },
        )
    }
    if (!isMailAddress(person.mail)) {
        refuse(
            "invalid",
            "identity.bad_mail",
            "this is not a mail address: enter one like `name@example.org`, in ASCII (`xn--…` for other domains)",
        )
    }
}

/** Whether a text is one ASCII address, which cannot inject a header or look like another one. */
export function isMailAddress(text: string): boolean {
    return text.length <= mailMax && /^(?=[!-~]+$)[^\s@<>,;:"()[\]\\]+@[^\s@<>,;:"()[\]\\]+$/.test(text)
}

/** Whether both addresses are one mailbox, ignoring case and `+tag`. */
export function isSameMailbox(mail: string, other: string): boolean {
    return mailboxOf(mail) === mailboxOf(other)
}

/** The mailbox of an address: without case and `+tag`. */
export const mailboxOf = (mail: string): string =>
    mail
        .normalize("NFKC")
        .toLowerCase()
        .replace(/\+[^@]*(?=@)/, "")
        .replace(/\.$/, "")
