/** HTTP routes of the operator for a case's waves: schedule, release request, freeze and unfreeze. */
import { route } from "../../../kernel/action-context.ts"
import { freezeWave, moveWave, planWaves } from "../../waves/actions.ts"
import { requestRelease } from "../actions/release-wave.ts"
import { unfreezeWave } from "../actions/unfreeze-wave.ts"
import { byId } from "../../../kernel/schemas.ts"
import { releaseWaveAnswer, setWaveBody, unfreezeWaveAnswer, unfreezeWaveBody } from "../schemas.ts"

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
        async (ctx) => {
            await planWaves(ctx, ctx.params.id)
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
        async (ctx) => {
            await moveWave(ctx, ctx.params.id, ctx.body.hoursBefore)
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
        async (ctx) => ({ approval: await requestRelease(ctx, ctx.params.id) }),
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
        async (ctx) => {
            await freezeWave(ctx, ctx.params.id)
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
        async (ctx) => await unfreezeWave(ctx, ctx.params.id, ctx.body.approval),
    ),
]
