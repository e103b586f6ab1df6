/** Defines the schemas of partner routes, and presents facts, keys and agreements. */
import { Type } from "typebox"
import type { Json } from "@tocsin/base/canonical"
import { type Instant, formatInstant } from "@tocsin/base/instant"
import { requestApproval } from "../../approvals/actions.ts"
import type { Effects } from "../../approvals/approval.ts"
import type { ActionContext } from "../../../kernel/action-context.ts"
import { partnerRoles, type Person } from "../../identity/person.ts"
import { fates } from "../../mail/bounce.ts"
import type { Acceptance, Agreement } from "../agreements/agreement.ts"
import { dueKinds } from "../requirements/requirement.ts"
import { dutyShape, reportings } from "../reporting-duties/reporting-duties.ts"
import type { PartnerFacts } from "../facts.ts"
import { type PartnerKey, type PartnerMailKey, readinesses } from "../keys/key.ts"
import { obligationShape } from "../agreements/obligation.ts"
import { standings, tiers } from "../partner.ts"

export const id = Type.String({ format: "uuid" })
export const byId = Type.Object({ id }, { additionalProperties: false })
export const nameField = Type.String({ minLength: 1, maxLength: 120 })
export const mailField = Type.String({ minLength: 3, maxLength: 254 })
export const tierField = Type.Enum([...tiers])
export const rolesField = Type.Array(Type.Enum([...partnerRoles]), {
    minItems: 1,
    maxItems: 2,
})
const orNull = <Of extends Parameters<typeof Type.Union>[0][number]>(subject: Of) => Type.Union([subject, Type.Null()])
const instant = Type.String()

const agreementStates = ["accepted", "lapsed", "none"] as const

/** Facts of a partner that the partner may see. */
export const factsAnswer = {
    id: Type.String(),
    name: Type.String(),
    mail: Type.String(),
    tier: tierField,
    standing: Type.Enum([...standings]),
    duties: Type.Array(dutyShape),
    reportsBeforePublication: Type.Enum([...reportings]),
    agreement: Type.Enum([...agreementStates]),
    /** Overdue requirements. Content is withheld until they are met. */
    overdue: Type.Array(Type.Enum([...dueKinds])),
}

/** For staff only: a letter explains the restriction to the partner. */
export const restrictionAnswer = orNull(
    Type.Object({
        withhold: Type.Array(Type.String()),
        notBeforePublication: Type.Boolean(),
        cases: orNull(Type.Array(Type.String())),
    }),
)

export const personAnswer = Type.Object({
    id: Type.String(),
    name: Type.String(),
    mail: Type.String(),
    roles: Type.Array(Type.String()),
    left: Type.Boolean(),
})

export const readinessField = Type.Enum([...readinesses])

export const keyAnswer = Type.Object({
    id: Type.String(),
    recipient: Type.String(),
    addedBy: Type.String(),
    addedAt: instant,
    usableFrom: instant,
    /** From then on nothing is sealed to it. */
    expiresAt: instant,
    revokedAt: orNull(instant),
    /** When a test copy was opened with it, first. */
    testedAt: orNull(instant),
    /** When two persons of the program let it off the rest of its day. */
    activatedEarlyAt: orNull(instant),
})

export const mailKeyAnswer = Type.Object({
    id: Type.String(),
    fingerprint: Type.String(),
    addedBy: Type.String(),
    addedAt: instant,
    usableFrom: instant,
    /** From then on nothing is encrypted to it. */
    expiresAt: instant,
    revokedAt: orNull(instant),
    /** When it could not be encrypted to, first. */
    failedAt: orNull(instant),
})

/** An address that bounced since the last mailbox proof. */
export const bouncingAnswer = Type.Object({
    /** Null: the partner's own. */
    person: orNull(Type.String()),
    times: Type.Integer(),
    since: instant,
    /** Nothing more is sent there until the next mailbox proof. */
    givenUp: Type.Boolean(),
})

/** Mail that bounced after delivery, by address and fate, since the last mailbox proof. */
export const returnedAnswer = Type.Object({
    /** Null: the partner's own. */
    person: orNull(Type.String()),
    fate: Type.Enum([...fates]),
    times: Type.Integer(),
    since: instant,
})

export const acceptanceAnswer = Type.Object({
    version: Type.Integer(),
    person: Type.String(),
    at: instant,
    endsAt: orNull(instant),
})

export const agreementAnswer = Type.Object({
    version: Type.Integer(),
    text: Type.String(),
    termDays: orNull(Type.Integer()),
    obligations: Type.Array(obligationShape),
    longestEmbargoDays: Type.Integer(),
    since: instant,
    appliesAt: instant,
})

export function presentFacts(facts: PartnerFacts) {
    const { partner, tier, standing, duties, reporting: reportsBeforePublication, agreement, overdue } = facts
    return { id: partner, tier, standing, duties, reportsBeforePublication, agreement, overdue }
}

export function presentPerson(person: Person) {
    return { id: person.id, name: person.name, mail: person.mail, roles: person.roles, left: person.leftAt !== null }
}

export function presentKey({ id: key, recipient, addedBy, addedAt, usableFrom, ...ends }: PartnerKey) {
    const at = { addedAt: formatInstant(addedAt), usableFrom: formatInstant(usableFrom) }
    const until = { expiresAt: formatInstant(ends.expiresAt), revokedAt: written(ends.revokedAt) }
    return {
        id: key,
        recipient,
        addedBy,
        ...at,
        ...until,
        testedAt: written(ends.testedAt),
        activatedEarlyAt: written(ends.activatedEarlyAt),
    }
}

export function presentMailKey({ id: key, fingerprint, addedBy, failedAt, ...times }: PartnerMailKey) {
    const at = { addedAt: formatInstant(times.addedAt), usableFrom: formatInstant(times.usableFrom) }
    const until = { expiresAt: formatInstant(times.expiresAt), revokedAt: written(times.revokedAt) }
    return { id: key, fingerprint, addedBy, ...at, ...until, failedAt: written(failedAt) }
}

export function presentAcceptance({ version, person, at, endsAt }: Acceptance) {
    return { version, person, at: formatInstant(at), endsAt: written(endsAt) }
}

export function presentAgreement({ since, appliesAt, ...rest }: Agreement) {
    return { ...rest, since: formatInstant(since), appliesAt: formatInstant(appliesAt) }
}

const written = (at: Instant | null): string | null => (at === null ? null : formatInstant(at))

/** Whether the action was done, or which approval waits for a second person. */
export const doneAnswer = Type.Object({ done: Type.Boolean(), approval: orNull(Type.String()) })

/**
 * Runs an action that one person may do, or that is signed (`approval`). If a signature is needed and missing,
 * requests it and does nothing else. The rest of the body goes with the request, for the signer to read and for the
 * call with the signature.
 */
export async function doOrAsk<Done extends object>(
    ctx: ActionContext,
    effects: Effects | null,
    body: Record<string, unknown> & { readonly approval?: string | undefined },
    work: () => Promise<Done | void>,
    named: object = {},
) {
    const { approval, ...words } = body
    if (effects === null || approval !== undefined) {
        const done = await work()
        return { done: true, approval: effects && approval !== undefined ? approval : null, ...done }
    }
    return { done: false, approval: await requestApproval(ctx, effects, { ...words, ...named } as Json) }
}
