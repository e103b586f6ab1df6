/** HTTP routes of the operator for a case's waves: schedule, release request, freeze and unfreeze. */
import { route } from "../../kernel/action-context.ts"
import { freezeWave, moveWave, planWaves } from "../waves/actions.ts"
import { requestRelease } from "./actions.ts"
import { thaw } from "./actions/unfreeze-wave.ts"
import { byId } from "../../kernel/schemas.ts"
import { releaseWaveAnswer, setWaveBody, unfreezeWaveAnswer, unfreezeWaveBody } from "./schemas.ts"

const console = { side: "console" as const }

export const routes = [
    route(
        {
            ...console,
            method: "POST",
            path: "/api/cases/{id}/waves",
            permission: "wave:write",
            summary: "Plans the waves of the default schedule for a case",
            params: byId,
        },
        async (ask) => {
            await planWaves(ask, ask.params.id)
            return {}
        },
    ),
    route(
        {
            ...console,
            method: "PUT",
            path: "/api/waves/{id}",
            permission: "wave:write",
            summary: "Moves an unreleased wave; an earlier instant needs a new signature",
            params: byId,
            body: setWaveBody,
        },
        async (ask) => {
            await moveWave(ask, ask.params.id, ask.body.hoursBefore)
            return {}
        },
    ),
    route(
        {
            ...console,
            method: "POST",
            path: "/api/waves/{id}/release",
            permission: "wave:write",
            summary: "Requests a second signature for a wave's effects",
            params: byId,
            answer: releaseWaveAnswer,
        },
        async (ask) => ({ approval: await requestRelease(ask, ask.params.id) }),
    ),
    route(
        {
            ...console,
            method: "POST",
            path: "/api/waves/{id}/freeze",
            permission: "wave:freeze",
            summary: "Freezes a wave: it is not released, or gives and sends nothing more; takes one person",
            params: byId,
        },
        async (ask) => {
            await freezeWave(ask, ask.params.id)
            return {}
        },
    ),
    route(
        {
            ...console,
            method: "POST",
            path: "/api/waves/{id}/unfreeze",
            permission: "wave:write",
            summary: "Requests a second signature to unfreeze a released wave; with the signed approval, unfreezes it",
            params: byId,
            body: unfreezeWaveBody,
            answer: unfreezeWaveAnswer,
        },
        async (ask) => await thaw(ask, ask.params.id, ask.body.approval),
    ),
]
