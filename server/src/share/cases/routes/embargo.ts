/** HTTP routes of the operator for the embargo's history and open proposals. */
import { formatInstant, hourMs, parseInstant } from "@tocsin/base/instant"
import { refuse } from "@tocsin/base/refusal"
import { route } from "../../../kernel/action-context.ts"
import { loadCaseFile } from "../actions/load-case.ts"
import * as actions from "../actions/negotiate-embargo.ts"

import { presentCase, presentProposal, formatOrNull } from "./present.ts"
import { byId } from "../../../kernel/schemas.ts"
import { caseAnswer, embargoProposalsAnswer, proposeTerminationCaseBody, embargoEntryBody } from "../schemas.ts"

const console = { side: "console" as const }

const refuseMissingProposal = (): never =>
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
            body: embargoEntryBody,
            answer: caseAnswer,
        },
        async (ask) => {
            const { action, reason = "", proposal } = ask.body
            const id = ask.params.id
            const endsAt = () => parseInstant(ask.body.endsAt ?? "")
            const agreed = ask.body.endsAt === undefined ? null : endsAt
            if (action === "propose") await actions.proposeEmbargo(ask, id, endsAt())
            else if (action === "agree") await actions.agreeEmbargo(ask, id, agreed && agreed())
            else if (action === "accept") await actions.acceptProposal(ask, id, proposal ?? refuseMissingProposal())
            else if (action === "reject")
                await actions.rejectProposal(ask, id, proposal ?? refuseMissingProposal(), reason)
            else await actions.moveEmbargo(ask, id, endsAt(), reason)
            return presentCase(await loadCaseFile(ask, id), ask.now)
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
            await actions.proposeTermination(ask, ask.params.id, { trigger, owner, withinMs })
            return presentCase(await loadCaseFile(ask, ask.params.id), ask.now)
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
            decisions: (await actions.listEmbargoDecisions(ask)).map((decision) => ({
                ...presentProposal(decision),
                case: decision.case,
                expiresAt: formatInstant(decision.expiresAt),
                endIfExpired: formatOrNull(decision.endIfExpired),
            })),
        }),
    ),
]
