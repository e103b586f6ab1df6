/** Decides which people a provider may sign in, and with which roles. */
import type { OperatorRole, PartnerRole } from "../../../../kernel/actor.ts"
import type { Side } from "../../../../kernel/route.ts"
import type { ProviderSettings } from "../../../../platform/single-sign-on/identity-provider.ts"
import type { Person } from "../../person.ts"

export const isForSide = ({ for: audience }: ProviderSettings, side: Side): boolean =>
    (audience === "staff") === (side === "console")

/** Whether a provider may sign in this person: staff, or a partner's person with an address in its domains. */
export function isForPerson({ for: audience }: ProviderSettings, { partner, mail }: Pick<Person, "partner" | "mail">) {
    if (audience === "staff") return partner === null
    const host = mail.slice(mail.lastIndexOf("@") + 1).toLowerCase()
    return partner !== null && audience.domains.some((domain) => domain.toLowerCase() === host)
}

/** The roles of a person that its groups allow; null: no limit. A provider never adds a role. */
export function roleLimitOf(
    { roles: map }: ProviderSettings,
    roles: readonly (OperatorRole | PartnerRole)[],
    groups: readonly string[],
): (OperatorRole | PartnerRole)[] | null {
    if (map === null) return null
    const allowed = groups.flatMap((group) => (Object.hasOwn(map, group) ? (map[group] ?? []) : []))
    return roles.filter((role) => allowed.includes(role))
}
