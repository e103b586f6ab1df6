/** HTTP routes of the operator for the embargo's history and open proposals. */
import { Type } from "typebox"
import { formatInstant, hourMs, parseInstant } from "@tocsin/base/instant"
import { refuse } from "@tocsin/base/refusal"
import { route } from "../../../kernel/action-context.ts"
import { caseFile } from "../actions.ts"
import * as actions from "../actions/negotiate-embargo.ts"
import { triggers } from "../embargo.ts"
import {
    byId,
    caseAnswer,
    closed,
    id,
    presented,
    presentProposal,
    proposalAnswer,
    text,
    formatOrNull,
} from "./present.ts"

const turnBody = Type.Object(
    {
        act: Type.Enum(["propose", "agree", "accept", "reject", "move"]),
        endsAt: Type.Optional(Type.String()),
        why: Type.Optional(text(2000)),
        /** The index of the accepted or rejected proposal in the history. */
        proposal: Type.Optional(Type.Integer({ minimum: 0, maximum: 100_000 })),
    },
    closed,
)
const console = { side: "console" as const }
const orNull = Type.Union([Type.String(), Type.Null()])

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
            body: Type.Object(
                {
                    trigger: Type.Enum([...triggers]),
                    owner: Type.Optional(id),
                    withinHours: Type.Optional(Type.Integer({ minimum: 1, maximum: 336 })),
                },
                closed,
            ),
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
            answer: Type.Object({
                now: Type.String(),
                decisions: Type.Array(
                    Type.Object({ ...proposalAnswer, case: id, lapsesAt: Type.String(), lapsesTo: orNull }),
                ),
            }),
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
