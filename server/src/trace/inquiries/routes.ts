/** Routes of inquiries and exposure. Non-members get the answer of an unknown inquiry. */
import { Type } from "typebox"
import { formatInstant } from "@tocsin/base/instant"
import { whose } from "@tocsin/marks/recipient"
import { route } from "../../kernel/action-context.ts"
import { custodyOfEvidence } from "./actions/load-custody.ts"
import { conclude, confirmFinding } from "./actions/propose-finding.ts"
import { addToInquiry, openInquiry, ownInquiries, readInquiry, weighHypothesis } from "./actions/open-inquiry.ts"
import { openFor } from "./actions/disclose-to-expert.ts"
import { leaksTogether } from "./actions/combine-leaks.ts"
import { inWords } from "@tocsin/marks/evidence/hypotheses"
import { courseRoutes } from "./routes/history.ts"
import { exposureRoute } from "./routes/exposure.ts"
import { reportRoute } from "./routes/report.ts"
import { timingRoute } from "./routes/timing.ts"
import { ownQuestionRoutes, questionRoutes } from "./routes/questions.ts"
import { confidences } from "./inquiry.ts"
import {
    byId,
    closed,
    id,
    inquiryAnswer,
    maybe,
    nothing,
    openedAnswer,
    orNull,
    presented,
    presentOpened,
} from "./routes/present.ts"

const ids = Type.Array(id, { maxItems: 100 })

const console = { side: "console" as const }

const inquiryRoutes = [
    route(
        {
            ...console,
            method: "POST",
            path: "/api/inquiries",
            permission: "inquiry:write",
            summary: "Opens an inquiry with the competing hypotheses; only members see it",
            creates: true,
            body: Type.Object(
                {
                    case: id,
                    title: Type.String(),
                    evidence: Type.Optional(ids),
                    members: Type.Optional(ids),
                    /** People with a stake, excluded permanently. */
                    excluded: Type.Optional(
                        Type.Array(Type.Object({ person: id, reason: Type.String() }, closed), { maxItems: 100 }),
                    ),
                },
                closed,
            ),
            answer: Type.Object({ inquiry: id }),
        },
        async ({ body, ...ctx }) => {
            const { case: caseId, title, evidence = [], members = [], excluded = [] } = body
            return { inquiry: await openInquiry(ctx, { case: caseId, title, evidence, members, excluded }) }
        },
    ),
    route(
        {
            ...console,
            method: "GET",
            path: "/api/inquiries",
            permission: "inquiry:read",
            summary: "Lists the inquiries of the acting member, newest first, and records the look",
            answer: Type.Object({ inquiries: Type.Array(Type.Object(inquiryAnswer)) }),
        },
        async (ask) => ({ inquiries: (await ownInquiries(ask)).map(presented) }),
    ),
    route(
        {
            ...console,
            method: "GET",
            path: "/api/inquiries/{id}",
            permission: "inquiry:read",
            summary: "Returns one inquiry with its findings to members, and records the look",
            params: byId,
            answer: openedAnswer,
        },
        async (ask) => presentOpened(await readInquiry(ask, ask.params.id), ask.now),
    ),
    route(
        {
            ...console,
            method: "GET",
            path: "/api/inquiries/{id}/leaks",
            permission: "inquiry:read",
            summary: "Weighs the inquiry's leaks together for members, and records the look",
            params: byId,
            answer: Type.Object({
                alpha: Type.Number(),
                /** The number of leaks with weight. */
                leaks: Type.Integer(),
                /** log10 of the e-value from which a recipient is identified. */
                bar: Type.Number(),
                ranking: Type.Array(
                    Type.Object({
                        partner: orNull(id),
                        person: orNull(id),
                        log10e: Type.Number(),
                        words: Type.String(),
                        /** The number of versions behind this e-value. */
                        documents: Type.Integer(),
                        identified: Type.Boolean(),
                    }),
                ),
            }),
        },
        async (ask) => {
            const { ranking, ...rest } = await leaksTogether(ask, ask.params.id)
            const shown = ranking.map(({ recipient, ...rest }) => ({
                ...whose(recipient),
                words: inWords(rest.log10e),
                ...rest,
            }))
            return { ...rest, ranking: shown }
        },
    ),
    route(
        {
            ...console,
            method: "POST",
            path: "/api/inquiries/{id}/expand",
            permission: "inquiry:write",
            summary: "Adds members and evidence",
            params: byId,
            body: Type.Object({ evidence: Type.Optional(ids), members: Type.Optional(ids) }, closed),
            answer: nothing,
        },
        async ({ body: { evidence = [], members = [] }, params, ...ctx }) => {
            await addToInquiry(ctx, params.id, { evidence, members })
            return {}
        },
    ),
    route(
        {
            ...console,
            method: "PUT",
            path: "/api/inquiries/{id}/hypotheses/{key}",
            permission: "inquiry:write",
            summary: "Sets the arguments for and against a hypothesis, and its prior weight",
            params: Type.Object({ id, key: Type.String() }, closed),
            body: Type.Object(
                { for: Type.String(), against: Type.String(), weight: Type.Optional(Type.Integer()) },
                closed,
            ),
            answer: nothing,
        },
        async ({ body, params, ...ctx }) => {
            await weighHypothesis(ctx, params.id, params.key, body)
            return {}
        },
    ),
    route(
        {
            ...console,
            method: "POST",
            path: "/api/inquiries/{id}/propose-finding",
            permission: "inquiry:write",
            summary: "Proposes a finding; needs a second member's signature",
            params: byId,
            body: Type.Object(
                {
                    partner: orNull(id),
                    conclusion: Type.String(),
                    confidence: Type.Enum([...confidences]),
                    obligation: maybe,
                },
                closed,
            ),
            answer: Type.Object({ finding: id, approval: id }),
        },
        async ({ body, params, ...ctx }) => await conclude(ctx, params.id, body),
    ),
    route(
        {
            ...console,
            method: "POST",
            path: "/api/inquiries/{id}/confirm-finding",
            permission: "inquiry:write",
            summary: "Confirms a finding that a second member has signed",
            params: byId,
            body: Type.Object(
                {
                    finding: id,
                    /** The reason for confirmation without the partner's answer. */
                    reason: Type.Optional(maybe),
                },
                closed,
            ),
            answer: nothing,
        },
        async ({ body: { finding, reason = null }, params, ...ctx }) => {
            await confirmFinding(ctx, params.id, finding, reason)
            return {}
        },
    ),
]

const openingRoute = route(
    {
        ...console,
        method: "POST",
        path: "/api/attributions/{id}/disclose-keys",
        permission: "marks:disclose",
        summary: "Discloses the mark keys of a leak's version to an expert, once; needs a second signature",
        params: byId,
        body: Type.Object(
            {
                /** The inquiry of the disclosure, visible to its members only. */
                inquiry: Type.Optional(orNull(id)),
                approval: Type.Optional(id),
            },
            closed,
        ),
        answer: Type.Object({
            done: Type.Boolean(),
            approval: id,
            /** Null while a signature is missing. */
            given: orNull(
                Type.Object({
                    /** The whole expert file. */
                    file: Type.String(),
                    /** The recipients behind the numbers. */
                    numbers: Type.Array(
                        Type.Object({ number: Type.Integer(), partner: orNull(id), person: orNull(id) }),
                    ),
                }),
            ),
        }),
    },
    async ({ params, body: { inquiry = null, approval }, ...ctx }) => {
        const { given, ...rest } = await openFor(ctx, params.id, inquiry, approval)
        return { ...rest, given: given && { ...given, numbers: [...given.numbers] } }
    },
)

const custodyRoute = route(
    {
        ...console,
        method: "GET",
        path: "/api/evidence/{id}/chain-of-custody",
        permission: "evidence:read",
        summary:
            "Lists the custody events of evidence, with those of inquiries for their members, and records the look",
        params: byId,
        answer: Type.Object({
            custody: Type.Array(
                Type.Object({
                    at: Type.String(),
                    kind: Type.String(),
                    by: orNull(id),
                    /** The index of the leaf; null until it is sequenced. */
                    leaf: orNull(Type.Integer()),
                    detail: maybe,
                    inquiry: orNull(id),
                    approval: orNull(id),
                }),
            ),
        }),
    },
    async (ask) => {
        const custody = await custodyOfEvidence(ask, ask.params.id)
        return { custody: custody.map((happened) => ({ ...happened, at: formatInstant(happened.at) })) }
    },
)

export const routes = [
    ...[
        ...inquiryRoutes,
        ...questionRoutes,
        ...courseRoutes,
        reportRoute,
        timingRoute,
        openingRoute,
        exposureRoute,
        custodyRoute,
    ],
    ...ownQuestionRoutes,
]
