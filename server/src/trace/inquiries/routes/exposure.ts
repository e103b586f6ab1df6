/** Routes of the exposure query. */
import { Type } from "typebox"
import { formatInstant, parseInstant } from "@tocsin/base/instant"
import { artifactClasses } from "../../../share/artifacts/artifact.ts"
import { route } from "../../../kernel/action-context.ts"
import { exposure } from "../actions/ask-exposure.ts"
import type { CaseExposure, Contact, Course, Exposed } from "../exposure.ts"
import { closed, id, maybe, orNull, formatOrNull } from "./present.ts"

const contact = { notifiedAt: maybe, fetchedAt: maybe, acknowledgedAt: maybe }

const exposedAnswer = Type.Object({
    partner: id,
    entitledFrom: maybe,
    readers: Type.Array(id),
    ...contact,
    /** The partner's people who were notified, fetched or acknowledged. */
    persons: Type.Array(Type.Object({ person: id, ...contact })),
    held: Type.Array(
        Type.Object({
            artifact: id,
            version: Type.Integer(),
            at: Type.String(),
            /**
             * The person who fetched it, and the channel. `copy` is a copy sealed to the partner; the other channels
             * are polled.
             */
            person: id,
            channel: Type.String(),
        }),
    ),
    /** Regimes. */
    duties: Type.Array(Type.String()),
    reportsBeforePublication: Type.Boolean(),
})

const courseAnswer = Type.Object({
    waves: Type.Array(Type.Object({ tier: Type.String(), at: maybe, releasedAt: maybe })),
    embargoEnds: maybe,
    exploitedAt: maybe,
    touched: orNull(Type.Object({ at: Type.String(), grade: Type.String() })),
})

export const exposureRoute = route(
    {
        side: "console",
        method: "GET",
        path: "/api/exposure",
        permission: "exposure:read",
        summary:
            "Lists who could have had, was notified of, fetched and acknowledged content of a case before " +
            "an instant, and records the look",
        query: Type.Object(
            {
                /** The id of a case, or a CVE id. */
                case: Type.String({ maxLength: 60 }),
                before: Type.String({ maxLength: 40 }),
                /** Filters of the answer. */
                class: Type.Optional(Type.Enum([...artifactClasses])),
                partner: Type.Optional(id),
                person: Type.Optional(id),
                /** A regime. */
                duty: Type.Optional(Type.String({ maxLength: 40 })),
            },
            closed,
        ),
        answer: Type.Object({
            class: maybe,
            partner: orNull(id),
            person: orNull(id),
            duty: maybe,
            before: Type.String(),
            cases: Type.Array(
                Type.Object({
                    case: id,
                    asked: Type.Boolean(),
                    partners: Type.Array(exposedAnswer),
                    /** Staff who wrote or read it, in a staff copy or a leak view too. */
                    own: Type.Array(id),
                    /** The events of the case as they are known now. */
                    course: courseAnswer,
                }),
            ),
        }),
    },
    async ({ query, ...ctx }) => {
        const { cases, before, ...narrowed } = await exposure(ctx, { ...query, before: parseInstant(query.before) })
        return { ...narrowed, before: formatInstant(before), cases: cases.map(presentCase) }
    },
)

function presentCase(caseExposure: CaseExposure) {
    return {
        ...caseExposure,
        partners: caseExposure.partners.map(presentExposed),
        own: [...caseExposure.own],
        course: presentCourse(caseExposure.course),
    }
}

function presentExposed({ entitledFrom, persons, held, ...rest }: Exposed) {
    return {
        partner: rest.partner,
        entitledFrom: formatOrNull(entitledFrom),
        readers: [...rest.readers],
        ...presentContact(rest),
        persons: persons.map((person) => ({ person: person.person, ...presentContact(person) })),
        held: held.map((holding) => ({ ...holding, at: formatInstant(holding.at) })),
        duties: [...rest.duties],
        reportsBeforePublication: rest.reportsBeforePublication,
    }
}

function presentContact({ notifiedAt, fetchedAt, acknowledgedAt }: Contact) {
    return {
        notifiedAt: formatOrNull(notifiedAt),
        fetchedAt: formatOrNull(fetchedAt),
        acknowledgedAt: formatOrNull(acknowledgedAt),
    }
}

function presentCourse({ waves, embargoEnds, exploitedAt, touched }: Course) {
    return {
        waves: waves.map(({ tier, at, releasedAt }) => ({
            tier,
            at: formatOrNull(at),
            releasedAt: formatOrNull(releasedAt),
        })),
        embargoEnds: formatOrNull(embargoEnds),
        exploitedAt: formatOrNull(exploitedAt),
        touched: touched && { at: formatInstant(touched.at), grade: touched.grade },
    }
}
