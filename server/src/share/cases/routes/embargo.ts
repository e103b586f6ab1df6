/** HTTP routes of the operator for the embargo's history and open proposals. */
import { formatInstant, hourMs, parseInstant } from "@tocsin/base/instant"
import { refuse } from "@tocsin/base/refusal"
import { route } from "../../../kernel/action-context.ts"
import { caseFile } from "../actions.ts"
import * as actions from "../actions/negotiate-embargo.ts"

import { presented, presentProposal, formatOrNull } from "./present.ts"
import { byId } from "../../../kernel/schemas.ts"
import { caseAnswer, embargoProposalsAnswer, proposeTerminationCaseBody, turnBody } from "../schemas.ts"

const console = { side: "console" as const }

const missing = (): never =>
    refuse("conflict", "embargo.proposal_not_found", "the proposal is missing: enter its number")

export const embargoRoutes = [
    route(
        {
            ...console,
            method: "POST",
            path: "/api/cases/{id}/embargo-entries",
            permission: "case:write",
            summary:
                "Adds an embargo entry: propose, agree, accept, reject or move; for a termination use the " +
                "emergency release",
            params: byId,
            body: turnBody,
            answer: caseAnswer,
        },
        async (ask) => {
            const { act: verb, why = "", proposal } = ask.body
            const value = ask.params.id
            const endsAt = () => parseInstant(ask.body.endsAt ?? "")
            const agreed = ask.body.endsAt === undefined ? null : endsAt
            if (verb === "propose") await actions.proposeEmbargo(ask, value, endsAt())
            else if (verb === "agree") await actions.agreeEmbargo(ask, value, agreed && agreed())
            else if (verb === "accept") await actions.acceptProposal(ask, value, proposal ?? missing())
            else if (verb === "reject") await actions.rejectProposal(ask, value, proposal ?? missing(), why)
            else await actions.moveEmbargo(ask, value, endsAt(), why)
            return presented(await caseFile(ask, value), ask.now)
        },
    ),
    route(
        {
            ...console,
            method: "POST",
            path: "/api/cases/{id}/propose-termination",
            permission: "case:write",
            summary:
                "Proposes an early end; the decision is due within 48 hours by default, and nothing ends without it",
            params: byId,
            body: proposeTerminationCaseBody,
            answer: caseAnswer,
        },
        async (ask) => {
            const { trigger, owner, withinHours } = ask.body
            const withinMs = withinHours === undefined ? undefined : withinHours * hourMs
            await actions.proposeTeardown(ask, ask.params.id, { trigger, owner, withinMs })
            return presented(await caseFile(ask, ask.params.id), ask.now)
        },
    ),
    route(
        {
            ...console,
            method: "GET",
            path: "/api/embargo-proposals",
            permission: "case:read",
            summary:
                "Lists the open embargo proposals: deadline, proposer, and the end that remains without a decision",
            answer: embargoProposalsAnswer,
        },
        async (ask) => ({
            now: formatInstant(ask.now),
            decisions: (await actions.embargoDecisions(ask)).map((decision) => ({
                ...presentProposal(decision),
                case: decision.case,
                lapsesAt: formatInstant(decision.lapsesAt),
                lapsesTo: formatOrNull(decision.lapsesTo),
            })),
        }),
    ),
]
