/** Measures over HTTP for the operator, and a partner's letters, which stay open to it in every standing. */
import { Type } from "typebox"
import { type Instant, formatInstant } from "../../lib/instant.ts"
import { refuse } from "../../lib/refusal.ts"
import { artifactClasses } from "../../share/artifacts/artifact.ts"
import { type Act, route } from "../../trust/audit/actions.ts"
import { has } from "../../trust/identity/access.ts"
import { liftRestriction, reinstate, requestLift, requestReinstatement } from "./actions/giving.ts"
import { measureOf, measuresOf } from "./actions/keeping.ts"
import { answerLetter, lettersAbout, ownLetter, ownLetters } from "./actions/letters.ts"
import { restrictByDuty, restrictPartner, suspend } from "./actions/taking.ts"
import type { Letter, LetterText } from "./letter.ts"
import type { Measure } from "./measure.ts"

const closed = { additionalProperties: false }
const id = Type.String({ format: "uuid" })
const byId = Type.Object({ id }, closed)
const orNull = <T extends Type.TSchema>(schema: T) => Type.Union([schema, Type.Null()])
const reason = Type.String()
const letter = Type.Optional(Type.Object({ subject: Type.String(), text: Type.String() }, closed))
const approval = Type.Optional(id)

const measureAnswer = {
    id,
    kind: Type.String(),
    partner: orNull(id),
    policy: orNull(Type.Integer()),
    restriction: orNull(
        Type.Object({
            withhold: Type.Array(Type.String()),
            notBeforePublication: Type.Boolean(),
            cases: orNull(Type.Array(id)),
        }),
    ),
    reason,
    takenBy: id,
    takenAt: Type.String(),
    reviewBy: orNull(Type.String()),
    approval: orNull(id),
    endedAt: orNull(Type.String()),
}
const letterAnswer = {
    id,
    subject: Type.String(),
    text: Type.String(),
    sentAt: Type.String(),
    answer: orNull(Type.String()),
    answeredAt: orNull(Type.String()),
}
/** What a letter is about, as its partner may see it: not the reason, and not who decided. */
const aboutAnswer = Type.Object({
    kind: Type.String(),
    takenAt: Type.String(),
    reviewBy: orNull(Type.String()),
    endedAt: orNull(Type.String()),
})
const ownAnswer = Type.Object({ ...letterAnswer, about: aboutAnswer })
const taken = Type.Object({ measure: orNull(id) })
const given = Type.Object({ done: Type.Boolean(), approval: orNull(id), measure: orNull(id) })

const told = (instant: Instant | null) => (instant === null ? null : formatInstant(instant))

function presented(measure: Measure) {
    const { takenAt, reviewBy, endedAt } = measure
    return { ...measure, takenAt: formatInstant(takenAt), reviewBy: told(reviewBy), endedAt: told(endedAt) }
}

function presentedLetter({ id: letterId, subject, text, sentAt, answer, answeredAt }: Letter) {
    return { id: letterId, subject, text, sentAt: formatInstant(sentAt), answer, answeredAt: told(answeredAt) }
}

async function presentOwn(act: Act, its: Letter) {
    const { kind, takenAt, reviewBy, endedAt } = presented(await measureOf(act, its.measure))
    return { ...presentedLetter(its), about: { kind, takenAt, reviewBy, endedAt } }
}

const console = { side: "console" as const }
const portal = { side: "portal" as const }

const measureRoutes = [
    route(
        {
            ...console,
            method: "GET",
            path: "/api/measures",
            needs: "measure:read",
            does: "All measures, or those about one partner, newest first",
            query: Type.Object({ partner: Type.Optional(id) }, closed),
            answer: Type.Object({ measures: Type.Array(Type.Object(measureAnswer)) }),
        },
        async (ask) => ({ measures: (await measuresOf(ask, ask.query.partner ?? null)).map(presented) }),
    ),
    route(
        {
            ...console,
            method: "GET",
            path: "/api/measures/{id}",
            needs: "measure:read",
            does: "One measure, with its letters and the partner's answers",
            params: byId,
            answer: Type.Object({ ...measureAnswer, letters: Type.Array(Type.Object(letterAnswer)) }),
        },
        async (ask) => ({
            ...presented(await measureOf(ask, ask.params.id)),
            letters: (await lettersAbout(ask, ask.params.id)).map(presentedLetter),
        }),
    ),
    route(
        {
            ...console,
            method: "POST",
            path: "/api/measures",
            needs: "measure:suspend",
            does: "Takes away at once: an interim suspension, a restriction of one partner, a restriction by duty",
            creates: true,
            body: Type.Object(
                {
                    kind: Type.Union(
                        (["interim suspension", "restrict", "restrict by duty"] as const).map((one) =>
                            Type.Literal(one),
                        ),
                    ),
                    reason,
                    partner: Type.Optional(id),
                    policy: Type.Optional(Type.Integer({ minimum: 1 })),
                    withhold: Type.Optional(Type.Array(Type.String(), { maxItems: artifactClasses.length })),
                    notBeforePublication: Type.Optional(Type.Boolean()),
                    cases: Type.Optional(orNull(Type.Array(id, { maxItems: 100 }))),
                    approval,
                    letter,
                },
                closed,
            ),
            answer: taken,
        },
        async ({ body, ...act }) => ({ measure: await take(act, body) }),
    ),
    route(
        {
            ...console,
            method: "POST",
            path: "/api/measures/reinstatement",
            needs: "measure:reinstate",
            does: "Ends a suspension: without an approval it asks a second person, with a signed one it is done",
            body: Type.Object({ partner: id, reason: Type.Optional(reason), approval, letter }, closed),
            answer: given,
        },
        async ({ body, ...act }) => await give(act, body, requestReinstatement, reinstate),
    ),
    route(
        {
            ...console,
            method: "POST",
            path: "/api/measures/lift",
            needs: "measure:reinstate",
            does: "Lifts the restriction of one partner: without an approval it asks a second person",
            body: Type.Object({ partner: id, reason: Type.Optional(reason), approval, letter }, closed),
            answer: given,
        },
        async ({ body, ...act }) => await give(act, body, requestLift, liftRestriction),
    ),
]

interface TakeBody {
    readonly kind: string
    readonly reason: string
    readonly partner?: string | undefined
    readonly policy?: number | undefined
    readonly withhold?: readonly string[] | undefined
    readonly notBeforePublication?: boolean | undefined
    readonly cases?: readonly string[] | null | undefined
    readonly approval?: string | undefined
    readonly letter?: LetterText | undefined
}

async function take(act: Act, body: TakeBody): Promise<string | null> {
    const { kind, reason: why, approval: signed, letter: text } = body
    if (kind !== "interim suspension" && !has(act.actor, "measure:restrict")) {
        refuse("forbidden", "measure.managers_only", "this needs `measure:restrict`")
    }
    if (kind === "restrict by duty") {
        const policy =
            body.policy ?? refuse("invalid", "measure.needs_policy", "say which policy version holds the rule")
        return await restrictByDuty(act, { policy, reason: why, approval: signed })
    }
    const partner = body.partner ?? refuse("invalid", "measure.needs_partner", "say which partner")
    if (kind === "interim suspension") return await suspend(act, { partner, reason: why, letter: text })
    const { withhold = [], notBeforePublication = false, cases = null } = body
    const what = { withhold, notBeforePublication, cases }
    return await restrictPartner(act, { partner, ...what, reason: why, approval: signed, letter: text })
}

interface GiveBody {
    readonly partner: string
    readonly reason?: string | undefined
    readonly approval?: string | undefined
    readonly letter?: LetterText | undefined
}

async function give(
    act: Act,
    { partner, reason: why = "", approval: signed, letter: text }: GiveBody,
    request: typeof requestReinstatement,
    work: typeof reinstate,
) {
    if (signed === undefined) return { done: false, approval: await request(act, partner), measure: null }
    const measure = await work(act, { partner, approval: signed, reason: why, letter: text })
    return { done: true, approval: signed, measure }
}

const letterRoutes = [
    route(
        {
            ...portal,
            method: "GET",
            path: "/api/letters",
            needs: "letter:read",
            does: "The letters to this partner, newest first; in every standing",
            answer: Type.Object({ letters: Type.Array(ownAnswer) }),
        },
        async (ask) => {
            const letters = []
            for (const one of await ownLetters(ask)) letters.push(await presentOwn(ask, one))
            return { letters }
        },
    ),
    route(
        {
            ...portal,
            method: "GET",
            path: "/api/letters/{id}",
            needs: "letter:read",
            does: "One letter to this partner",
            params: byId,
            answer: ownAnswer,
        },
        async (ask) => await presentOwn(ask, await ownLetter(ask, ask.params.id)),
    ),
    route(
        {
            ...portal,
            method: "POST",
            path: "/api/letters/{id}/answer",
            needs: "letter:answer",
            does: "The lead's answer to a letter; there is one",
            params: byId,
            body: Type.Object({ text: Type.String() }, closed),
            answer: Type.Object({ answered: Type.Literal(true) }),
        },
        async (ask) => {
            await answerLetter(ask, ask.params.id, ask.body.text)
            return { answered: true }
        },
    ),
]

export const routes = [...measureRoutes, ...letterRoutes]
