/** A case's waves, the request for their release, and the freeze. */
import { Type } from "typebox"
import { formatInstant } from "../../lib/instant.ts"
import { type Act, route } from "../../trust/audit/actions.ts"
import { approval } from "../../trust/approvals/actions.ts"
import { stateOf } from "../../trust/approvals/approval.ts"
import { caseFile } from "../cases/actions.ts"
import { freezeWave, planWaves, waveOf, wavesOf } from "../waves/actions.ts"
import { type Wave, plannedAt } from "../waves/wave.ts"
import { effectsOfWave, requestRelease } from "./actions.ts"

const closed = { additionalProperties: false }
const id = Type.String({ format: "uuid" })
const byId = Type.Object({ id }, closed)
const maybe = Type.Union([Type.String(), Type.Null()])
const shown = Type.Object({
    id,
    tier: Type.String(),
    at: maybe,
    state: Type.String(),
    approval: maybe,
    releasedAt: maybe,
})

/** `due`: its instant has come, and it still waits for a signature. */
async function presented(act: Act, wave: Wave, publication: number | null) {
    const at = plannedAt(wave, publication)
    const its = wave.approval === null ? null : stateOf(await approval(act, wave.approval), act.now)
    const waiting = at !== null && at <= act.now ? "due" : "planned"
    const state =
        wave.releasedAt !== null
            ? "released"
            : wave.frozenAt !== null
              ? "frozen"
              : its === "signed"
                ? "armed"
                : its === "requested"
                  ? "requested"
                  : waiting
    return {
        id: wave.id,
        tier: wave.tier,
        at: at === null ? null : formatInstant(at),
        state,
        approval: wave.approval,
        releasedAt: wave.releasedAt === null ? null : formatInstant(wave.releasedAt),
    }
}

const console = { side: "console" as const }

export const routes = [
    route(
        {
            ...console,
            method: "GET",
            path: "/api/cases/{id}/waves",
            needs: "wave:read",
            does: "A case's waves: when each falls, and what it waits for",
            params: byId,
            answer: Type.Object({ waves: Type.Array(shown) }),
        },
        async (ask) => {
            const { publication } = await caseFile(ask, ask.params.id)
            const waves = []
            for (const wave of await wavesOf(ask, ask.params.id)) waves.push(await presented(ask, wave, publication))
            return { waves }
        },
    ),
    route(
        {
            ...console,
            method: "POST",
            path: "/api/cases/{id}/waves",
            needs: "wave:write",
            does: "Plans the shipped waves of a case",
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
            method: "GET",
            path: "/api/waves/{id}/effects",
            needs: "wave:read",
            does: "What a wave would open as everything stands: recipients, artifact versions, instant",
            params: byId,
        },
        async (ask) => await effectsOfWave(ask, await waveOf(ask, ask.params.id)),
    ),
    route(
        {
            ...console,
            method: "POST",
            path: "/api/waves/{id}/release",
            needs: "wave:write",
            does: "Asks a second person to sign a wave's effects",
            params: byId,
            answer: Type.Object({ approval: id }),
        },
        async (ask) => ({ approval: await requestRelease(ask, ask.params.id) }),
    ),
    route(
        {
            ...console,
            method: "POST",
            path: "/api/waves/{id}/freeze",
            needs: "wave:freeze",
            does: "Stops a wave that has not fallen; one person suffices",
            params: byId,
        },
        async (ask) => {
            await freezeWave(ask, ask.params.id)
            return {}
        },
    ),
]
