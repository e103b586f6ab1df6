/** Routes of inquiries and exposure. Non-members get the answer of an unknown inquiry. */
import { formatInstant } from "@tocsin/base/instant"
import { ownerOf } from "@tocsin/marks/recipient"
import { route } from "../../../kernel/action-context.ts"
import { readCustody } from "../actions/load-custody.ts"
import { proposeFinding, confirmFinding } from "../actions/propose-finding.ts"
import {
    addToInquiry,
    openInquiry,
    listMemberInquiries,
    readInquiry,
    weighHypothesis,
} from "../actions/open-inquiry.ts"
import { discloseKeysToExpert } from "../actions/disclose-to-expert.ts"
import { combineLeaks } from "../actions/combine-leaks.ts"
import { supportOf } from "@tocsin/marks/evidence/hypotheses"
import { statusRoutes } from "./history.ts"
import { deleteEvidenceRoute } from "./delete-evidence.ts"
import { exposureRoute } from "./exposure.ts"
import { reportRoute } from "./report.ts"
import { timingRoute } from "./timing.ts"
import { partnerQuestionRoutes, questionRoutes } from "./questions.ts"

import { presentInquiry, presentFullInquiry } from "./present.ts"
import { byId, emptyAnswer } from "../../../kernel/schemas.ts"
import {
    chainOfCustodyAnswer,
    confirmFindingInquiryBody,
    discloseKeysAttributionAnswer,
    discloseKeysAttributionBody,
    expandInquiryBody,
    inquiriesAnswer,
    leaksAnswer,
    newInquiryAnswer,
    newInquiryBody,
    fullInquiryAnswer,
    proposeFindingInquiryAnswer,
    proposeFindingInquiryBody,
    setHypothesisBody,
    setHypothesisParams,
} from "../schemas.ts"

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
            body: newInquiryBody,
            answer: newInquiryAnswer,
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
            summary: "Lists the inquiries of the acting member, newest first, and records the read",
            answer: inquiriesAnswer,
        },
        async (ctx) => ({ inquiries: (await listMemberInquiries(ctx)).map(presentInquiry) }),
    ),
    route(
        {
            ...console,
            method: "GET",
            path: "/api/inquiries/{id}",
            permission: "inquiry:read",
            summary: "Returns one inquiry with its findings to members, and records the read",
            params: byId,
            answer: fullInquiryAnswer,
        },
        async (ctx) => presentFullInquiry(await readInquiry(ctx, ctx.params.id), ctx.now),
    ),
    route(
        {
            ...console,
            method: "GET",
            path: "/api/inquiries/{id}/leaks",
            permission: "inquiry:read",
            summary: "Weighs the inquiry's leaks together for members, and records the read",
            params: byId,
            answer: leaksAnswer,
        },
        async (ctx) => {
            const { ranking, ...rest } = await combineLeaks(ctx, ctx.params.id)
            const ranked = ranking.map(({ recipient, ...rest }) => ({
                ...ownerOf(recipient),
                support: supportOf(rest.log10e),
                ...rest,
            }))
            return { ...rest, ranking: ranked }
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
            body: expandInquiryBody,
            answer: emptyAnswer,
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
            params: setHypothesisParams,
            body: setHypothesisBody,
            answer: emptyAnswer,
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
            body: proposeFindingInquiryBody,
            answer: proposeFindingInquiryAnswer,
        },
        async ({ body, params, ...ctx }) => await proposeFinding(ctx, params.id, body),
    ),
    route(
        {
            ...console,
            method: "POST",
            path: "/api/inquiries/{id}/confirm-finding",
            permission: "inquiry:write",
            summary: "Confirms a finding that a second member has signed",
            params: byId,
            body: confirmFindingInquiryBody,
            answer: emptyAnswer,
        },
        async ({ body: { finding, reason = null }, params, ...ctx }) => {
            await confirmFinding(ctx, params.id, finding, reason)
            return {}
        },
    ),
]

const discloseKeysRoute = route(
    {
        ...console,
        method: "POST",
        path: "/api/attributions/{id}/disclose-keys",
        permission: "marks:disclose",
        needsConfirmation: true,
        summary: "Discloses the mark keys of a leak's version to an expert, once; needs a second signature",
        params: byId,
        body: discloseKeysAttributionBody,
        answer: discloseKeysAttributionAnswer,
    },
    async ({ params, body: { inquiry = null, approval }, ...ctx }) => {
        const { disclosed, ...rest } = await discloseKeysToExpert(ctx, params.id, inquiry, approval)
        return { ...rest, disclosed: disclosed && { ...disclosed, numbers: [...disclosed.numbers] } }
    },
)

const custodyRoute = route(
    {
        ...console,
        method: "GET",
        path: "/api/evidence/{id}/chain-of-custody",
        permission: "evidence:read",
        summary:
            "Lists the custody events of evidence, with those of inquiries for their members, and records the read",
        params: byId,
        answer: chainOfCustodyAnswer,
    },
    async (ctx) => {
        const custody = await readCustody(ctx, ctx.params.id)
        return { custody: custody.map((event) => ({ ...event, at: formatInstant(event.at) })) }
    },
)

export const routes = [
    ...[
        ...inquiryRoutes,
        ...questionRoutes,
        ...statusRoutes,
        reportRoute,
        timingRoute,
        discloseKeysRoute,
        exposureRoute,
        custodyRoute,
        deleteEvidenceRoute,
    ],
    ...partnerQuestionRoutes,
]
