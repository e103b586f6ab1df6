/** Presents facts, keys and agreements of partners. */
import { type Instant, formatInstant } from "@tocsin/base/instant"
import { requestApproval } from "../../approvals/actions/request-approval.ts"
import type { Effects } from "../../approvals/approval.ts"
import type { ActionContext } from "../../../kernel/action-context.ts"
import { type Person, isPartnerRole } from "../../identity/person.ts"

import type { Acceptance, Agreement } from "../agreements/agreement.ts"

import type { PartnerFacts } from "../facts.ts"
import { type PartnerKey, type PartnerMailKey } from "../keys/key.ts"

export function presentFacts(facts: PartnerFacts) {
    const { partner, tier, status, duties, reporting: reportsBeforePublication, agreement, overdue } = facts
    return { id: partner, tier, status, duties, reportsBeforePublication, agreement, overdue }
}

export function presentPerson(person: Person) {
    return {
        id: person.id,
        name: person.name,
        mail: person.mail,
        roles: person.roles.filter(isPartnerRole),
        left: person.leftAt !== null,
    }
}

export function presentKey({ id: key, recipient, addedBy, addedAt, usableFrom, ...ends }: PartnerKey) {
    const at = { addedAt: formatInstant(addedAt), usableFrom: formatInstantOrNull(usableFrom) }
    const until = { expiresAt: formatInstant(ends.expiresAt), revokedAt: formatInstantOrNull(ends.revokedAt) }
    return {
        id: key,
        recipient,
        addedBy,
        ...at,
        ...until,
        testedAt: formatInstantOrNull(ends.testedAt),
        confirmedBy: ends.confirmedBy,
        confirmedAt: formatInstantOrNull(ends.confirmedAt),
        acceptedAt: formatInstantOrNull(ends.acceptedAt),
    }
}

export function presentMailKey({ id: key, fingerprint, addedBy, failedAt, ...times }: PartnerMailKey) {
    const at = { addedAt: formatInstant(times.addedAt), usableFrom: formatInstant(times.usableFrom) }
    const until = { expiresAt: formatInstant(times.expiresAt), revokedAt: formatInstantOrNull(times.revokedAt) }
    return { id: key, fingerprint, addedBy, ...at, ...until, failedAt: formatInstantOrNull(failedAt) }
}

export function presentAcceptance({ version, person, at, endsAt }: Acceptance) {
    return { version, person, at: formatInstant(at), endsAt: formatInstantOrNull(endsAt) }
}

export function presentAgreement({ since, appliesAt, ...rest }: Agreement) {
    return { ...rest, since: formatInstant(since), appliesAt: formatInstant(appliesAt) }
}

const formatInstantOrNull = (at: Instant | null): string | null => (at === null ? null : formatInstant(at))

/**
 * Runs an action that one person may do, or that is signed (`approval`). If a signature is needed and missing,
 * requests it and does nothing else. The rest of the body goes with the request, for the signer to read and for the
 * call with the signature.
 */
export async function applyOrRequest<Result extends object>(
    ctx: ActionContext,
    effects: Effects | null,
    body: Record<string, unknown> & { readonly approval?: string | undefined },
    work: () => Promise<Result | void>,
    details: object = {},
) {
    const { approval, ...text } = body
    if (effects === null || approval !== undefined) {
        const done = await work()
        return { done: true, approval: effects && approval !== undefined ? approval : null, ...done }
    }
    return { done: false, approval: await requestApproval(ctx, effects, { ...text, ...details }) }
}
