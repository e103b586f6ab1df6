/** Routes of the exposure query. */
import { formatInstant, parseInstant } from "@tocsin/base/instant"

import { route } from "../../../kernel/action-context.ts"
import { readExposure } from "../actions/read-exposure.ts"
import type { CaseExposure, Contact, CaseTimeline, PartnerExposure } from "../exposure.ts"
import { formatOrNull } from "./present.ts"
import { exposureAnswer, exposureQuery } from "../schemas.ts"

export const exposureRoute = route(
    {
        side: "console",
        method: "GET",
        path: "/api/exposure",
        permission: "exposure:read",
        summary:
            "Lists who could have had, was notified of, fetched and acknowledged content of a case before " +
            "an instant, and records the read",
        query: exposureQuery,
        answer: exposureAnswer,
    },
    async ({ query, ...ctx }) => {
        const { cases, before, ...filter } = await readExposure(ctx, { ...query, before: parseInstant(query.before) })
        return { ...filter, before: formatInstant(before), cases: cases.map(presentCase) }
    },
)

function presentCase(caseExposure: CaseExposure) {
    return {
        ...caseExposure,
        partners: caseExposure.partners.map(presentPartner),
        staff: [...caseExposure.staff],
        timeline: presentTimeline(caseExposure.timeline),
    }
}

function presentPartner({ entitledFrom, people, held, ...rest }: PartnerExposure) {
    return {
        partner: rest.partner,
        entitledFrom: formatOrNull(entitledFrom),
        readers: [...rest.readers],
        ...presentContact(rest),
        people: people.map((person) => ({ person: person.person, ...presentContact(person) })),
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

function presentTimeline({ waves, embargoEnds, exploitedAt, touched }: CaseTimeline) {
    return {
        waves: waves.map(({ tier, at, releasedAt }) => ({
            tier,
            at: formatOrNull(at),
            releasedAt: formatOrNull(releasedAt),
        })),
        embargoEnds: formatOrNull(embargoEnds),
        exploitedAt: formatOrNull(exploitedAt),
        touched: touched && { at: formatInstant(touched.at), likelySource: touched.likelySource },
    }
}
