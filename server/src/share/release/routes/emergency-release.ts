/** HTTP routes of the operator for emergency releases, by two people, and for closing cases, by one. */
import { route } from "../../../kernel/action-context.ts"
import {
    runEmergencyRelease,
    loadEmergencyRelease,
    closeCaseWithWaves,
    requestEmergencyRelease,
} from "../actions/emergency-release.ts"
import { byId } from "../../../kernel/schemas.ts"
import {
    closeCaseBody,
    emergencyReleaseAnswer,
    emergencyReleaseCaseAnswer,
    emergencyReleaseCaseBody,
} from "../schemas.ts"

const console = { side: "console" as const }

export const emergencyReleaseRoutes = [
    route(
        {
            ...console,
            method: "GET",
            path: "/api/cases/{id}/emergency-release",
            permission: "wave:read",
            summary: "Previews an emergency release: what each wave would open, and for which partners",
            params: byId,
            answer: emergencyReleaseAnswer,
        },
        async (ctx) => {
            const { waves } = await loadEmergencyRelease(ctx, ctx.params.id)
            return {
                waves: waves.map(({ wave, recipients, artifacts }) => ({
                    wave: wave.id,
                    tier: wave.tier,
                    frozen: wave.frozenAt !== null,
                    recipients: [...recipients],
                    artifacts: [...artifacts],
                })),
            }
        },
    ),
    route(
        {
            ...console,
            method: "POST",
            path: "/api/cases/{id}/emergency-release",
            permission: "wave:write",
            summary:
                "Requests a second signature for an emergency release, with a reason; with the signed " +
                "approval, releases everything",
            params: byId,
            body: emergencyReleaseCaseBody,
            answer: emergencyReleaseCaseAnswer,
        },
        async (ctx) => {
            const { body } = ctx
            if ("reason" in body)
                return { done: false, approval: await requestEmergencyRelease(ctx, ctx.params.id, body.reason) }
            await runEmergencyRelease(ctx, ctx.params.id, body.approval)
            return { done: true, approval: body.approval }
        },
    ),
    route(
        {
            ...console,
            method: "POST",
            path: "/api/cases/{id}/close",
            permission: "case:write",
            summary: "Closes a case that will not be published; it opens nothing more and cannot be reopened",
            params: byId,
            body: closeCaseBody,
        },
        async (ctx) => {
            await closeCaseWithWaves(ctx, ctx.params.id, ctx.body.reason)
            return {}
        },
    ),
]
